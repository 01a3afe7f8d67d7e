"""`neurosym ablate`: a study is asked for, played, kept and reported, and goes on wherever it was stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from neurosym.ablation.attempt import attempt
from neurosym.ablation.engines import Attempt, News
from neurosym.ablation.engines.local import LocalEngine
from neurosym.ablation.made import made_with
from neurosym.ablation.store import Store, read_cells
from tests.ablation import players
from tests.ablation.players import DIARY
from tests.cli.conftest import Run, World

ROOT = Path(__file__).parents[2]
SMALL = ("--methods", "full", "flat", "--seeds", 2, "--frames", 1000, "--flat-frames", 2000, "--episodes", 10)


class Grid:
    """Stands in for methods, player and report."""

    def __init__(self, diary: Path) -> None:
        self.path = diary
        self.reported: list[tuple[list[str], Path, Any]] = []

    @property
    def diary(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    def write_report(self, cells: Any, folder: Path, facts: Any) -> Path:
        self.reported.append(([f"{cell.key.method} {cell.key.seed}" for cell in cells], folder, facts))
        (folder / "report.html").write_text("")
        return folder / "report.html"


def method(name: str, budget: str) -> SimpleNamespace:
    return SimpleNamespace(name=name, budget=budget, changed=f"what {name} changes")


METHODS = {name: method(name, kind) for name, kind in (("full", "plan"), ("flat", "flat"), ("hand", "none"))}


def play_here(
    self: LocalEngine, orders: Any, player: Any, begin: Callable[[Any], Path], jobs: int
) -> Iterator[News]:
    """What the engine does, in this process; see tests/ablation for its own."""
    for order in orders:
        begun = Attempt(order, begin(order))
        yield News(begun)
        attempt(player, order, begun.folder)
        yield News(begun, ended=True)


@pytest.fixture
def grid(monkeypatch: pytest.MonkeyPatch, walk: World, tmp_path: Path) -> Grid:
    grid = Grid(tmp_path / "diary")
    monkeypatch.setenv(DIARY, str(grid.path))
    monkeypatch.setattr(LocalEngine, "run", play_here)
    monkeypatch.setattr("neurosym.ablation.methods.METHODS", METHODS)
    monkeypatch.setattr("neurosym.ablation.cell.play_cell", players.play)
    monkeypatch.setattr("neurosym.ablation.report.write_report", grid.write_report)
    return grid


@pytest.fixture
def asked(run: Run, grid: Grid, tmp_path: Path) -> Callable[..., Any]:
    """Runs `ablate` on a folder."""
    return lambda *more: run("ablate", "--out", tmp_path / "out", *more)


def test_a_study_is_played_and_reported(asked: Run, grid: Grid, tmp_path: Path) -> None:
    said = asked("--tasks", "Walk-v0", *SMALL, "--json")
    assert said.code == 0
    record = said.record
    assert [(row["method"], row["seed"], row["status"]) for row in record["cells"]] == [
        ("full", 0, "done"),
        ("full", 1, "done"),
        ("flat", 0, "done"),
        ("flat", 1, "done"),
    ]
    assert set(record) == {
        *("out", "cells", "missing", "spent", "report", "interrupted"),
        *("version", "commit", "command"),
    }
    assert record["missing"] == 0
    assert record["spent"]["frames"] == 2 * 1000 + 2 * 2000
    assert record["spent"]["plans"] == 12
    assert record["report"] == str(tmp_path / "out" / "report.html")
    ((cells, folder, facts),) = grid.reported
    assert cells == ["full 0", "full 1", "flat 0", "flat 1"]
    assert folder == tmp_path / "out"
    assert (facts.baseline, facts.changes["flat"]) == ("flat", "what flat changes")
    assert facts.command.startswith("neurosym ablate")
    assert {cell.key.seed for cell in read_cells(tmp_path / "out")} == {0, 1}
    assert not (tmp_path / "out" / "unfinished").exists()


def test_early_cells_are_of_the_first_seed(asked: Run, grid: Grid) -> None:
    asked("--tasks", "Walk-v0", *SMALL, "--jobs", 1)
    played = [line for line in grid.diary if line.startswith("ended")]
    assert [line[-2] for line in played[4:]] == ["0", "0", "1", "1"], "two samples come first, each twice"


def test_a_study_is_played_once(asked: Run, grid: Grid) -> None:
    asked("--tasks", "Walk-v0", *SMALL)
    before = grid.diary
    said = asked("--tasks", "Walk-v0", *SMALL)
    assert said.code == 0
    assert "4 of 4 cells are there already" in said.err
    assert grid.diary == before


def test_the_same_cells_answer_for_another_baseline(asked: Run, grid: Grid) -> None:
    asked("--tasks", "Walk-v0", *SMALL)
    before = grid.diary
    assert asked("--tasks", "Walk-v0", *SMALL, "--baseline", "full").code == 0
    facts = grid.reported[-1][2]
    assert (facts.baseline, facts.subject) == ("full", "flat")
    assert grid.diary == before


def test_cells_of_other_code_are_told(asked: Run, grid: Grid, walk: World, tmp_path: Path) -> None:
    asked("--tasks", "Walk-v0", *SMALL)
    path = next((tmp_path / "out").rglob("cell.json"))
    record = json.loads(path.read_text())
    now = made_with(walk.domain)
    path.write_text(json.dumps({**record, "made": {**now, "domain": "x"}}))
    assert "1 of them were made by other code (domain)" in asked("--tasks", "Walk-v0", *SMALL).err
    path.write_text(json.dumps({**record, "made": now}))
    assert "other code" not in asked("--tasks", "Walk-v0", *SMALL).err


def test_seeds_methods_and_tasks_may_be_added(asked: Run, grid: Grid, tmp_path: Path) -> None:
    asked("--tasks", "Walk-v0", *SMALL)
    count = len(grid.diary)
    said = asked("--tasks", "Walk-v0", "Walk-v1", *SMALL[:3], "--seeds", 3, *SMALL[5:], "--json")
    assert len(said.record["cells"]) == 12
    assert len(grid.diary) - count == 2 * 8, "two lines for each of eight new cells, and no samples"


@pytest.mark.parametrize("flag", ["--frames", "--flat-frames", "--episodes"])
def test_another_study_is_refused(asked: Run, grid: Grid, flag: str) -> None:
    asked("--tasks", "Walk-v0", *SMALL)
    count = len(grid.diary)
    said = asked("--tasks", "Walk-v0", *SMALL, flag, 7)
    assert said.code == 1
    assert f"other {flag[2:].replace('-', '_')}" in said.complaint
    assert len(grid.diary) == count


def test_a_folder_of_something_else_is_refused(asked: Run, grid: Grid, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("")
    assert "holds something, but no study.json" in asked("--tasks", "Walk-v0", *SMALL).complaint


def test_a_folder_that_is_in_use_is_refused(asked: Run, grid: Grid, tmp_path: Path) -> None:
    settings = {"frames": 1000, "flat_frames": 2000, "points": 16, "curve_episodes": 20, "episodes": 10}
    with Store(tmp_path / "out", {**settings, "first_seed": 1_000_000}, {}):
        said = asked("--tasks", "Walk-v0", *SMALL)
    assert said.code == 1
    assert "another run is writing into" in said.complaint


def test_a_cell_that_failed_is_told_and_tried_again(
    asked: Run, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neurosym.ablation.cell.play_cell", players.stumble)
    said = asked("--tasks", "Walk-v0", *SMALL, "--json")
    assert said.code == 0
    assert [row["status"] for row in said.record["cells"]] == ["failed", "done"] * 2
    assert said.record["cells"][0]["reason"] == "ZeroDivisionError: division by zero"
    assert said.record["missing"] == 2
    monkeypatch.setattr("neurosym.ablation.cell.play_cell", players.play)
    said = asked("--tasks", "Walk-v0", *SMALL, "--json")
    assert [row["status"] for row in said.record["cells"]] == ["done"] * 4


def test_nothing_done_is_a_failure(asked: Run, grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurosym.ablation.cell.play_cell", players.refuse)
    said = asked("--tasks", "Walk-v0", *SMALL)
    assert said.code == 1
    assert "its map is missing" in said.err


def test_a_dry_run_leaves_nothing(asked: Run, grid: Grid, tmp_path: Path) -> None:
    said = asked("--tasks", "Walk-v0", *SMALL, "--dry-run", "--json")
    assert said.code == 0
    assert len(said.record["cells"]) == 4
    assert said.record["estimate"]["frames"] == {"plan": 2000, "flat": 4000}
    # a sample takes 3 s: it learns for 2 s from all frames that a cell has, and plays 1 + 4 of its 310 episodes in
    # 0.1 s each, so that 0.5 s are left for its start
    assert said.record["estimate"]["core_hours"] * 3600 == pytest.approx(4 * (0.5 + 2 + 310 * 0.1))
    assert not (tmp_path / "out").exists()
    out = asked("--tasks", "Walk-v0", *SMALL, "--jobs", 2, "--dry-run").out
    assert "with 2 at a time" in out
    assert "\nfull: 67 s\nflat: 67 s\n" in out


def test_a_dry_run_looks_at_the_folder_as_a_run_does(asked: Run, grid: Grid) -> None:
    asked("--tasks", "Walk-v0", *SMALL)
    again = ["--tasks", "Walk-v0", *SMALL, "--dry-run"]
    assert asked(*again, "--json").record["cells"] == []
    assert "other frames" in asked(*again, "--frames", 7).complaint


OWN = """
from neurosym.ablation.methods import METHODS
METHODS["mine"] = METHODS["full"]
"""


def test_methods_of_ones_own(asked: Run, grid: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "mine", None)
    del METHODS["mine"]
    (tmp_path / "mine.py").write_text(OWN)
    (tmp_path / "study.toml").write_text(
        'tasks = ["Walk-v0"]\nmethods = ["mine"]\nmethods_from = ["mine.py"]'
    )
    said = asked("--config", tmp_path / "study.toml", "--seeds", 1, "--json")
    assert [row["method"] for row in said.record["cells"]] == ["mine"]


@pytest.mark.parametrize(
    ("text", "words"), [("1 / 0", "mine.py: cannot be run: ZeroDivisionError"), (None, "No such file")]
)
def test_own_methods_that_cannot_be_had(
    asked: Run, grid: Grid, tmp_path: Path, text: str | None, words: str
) -> None:
    if text:
        (tmp_path / "mine.py").write_text(text)
    said = asked("--tasks", "Walk-v0", "--methods-from", tmp_path / "mine.py")
    assert said.code == 1
    assert words in said.complaint


STUDY = """
question = "Does it?"
tasks = ["Walk-v0"]
methods = ["all"]
baseline = "hand"
seeds = 1
frames = 1_000
flat_frames = 2_000
points = 2
curve_episodes = 3
episodes = 4
"""


def test_methods_of_ones_own_may_hold_dataclasses(
    asked: Run, grid: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(METHODS, "mine", None)
    del METHODS["mine"]
    fields = "from dataclasses import dataclass\n@dataclass\nclass Settings:\n    much: int = 3\n"
    (tmp_path / "mine.py").write_text("from __future__ import annotations\n" + fields + OWN)
    said = asked(
        "--tasks", "Walk-v0", "--methods-from", tmp_path / "mine.py", "--methods", "mine", *SMALL[3:]
    )
    assert said.code == 0, said.err


def test_a_baseline_that_nobody_plays_is_told_at_once(asked: Run, grid: Grid, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text('tasks = ["Walk-v0"]\nmethods = ["full"]\nbaseline = "flat"')
    said = asked("--config", tmp_path / "study.toml")
    assert said.code == 1
    assert "the baseline flat is not among the methods full" in said.complaint
    assert not grid.path.exists()


def test_a_study_in_a_file(asked: Run, grid: Grid, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(STUDY)
    said = asked("--config", tmp_path / "study.toml", "--seeds", 2, "--json")
    assert len(said.record["cells"]) == 6, "a flag goes before the file"
    cell = read_cells(tmp_path / "out")[0].order
    assert (cell.points, cell.curve_episodes, cell.episodes) == (2, 3, 4)
    facts = grid.reported[0][2]
    assert (facts.question, facts.baseline) == ("Does it?", "hand")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tasks = [", "study.toml: no TOML"),
        ("sedes = 3", "study.toml:sedes: unknown key; nearest: seeds"),
        ('seeds = "five"', "study.toml:seeds: a whole number is expected, got 'five'"),
        ("seeds = true", "study.toml:seeds: a whole number is expected, got True"),
        ("seeds = 0", "study.toml:seeds: must be at least 1, got 0"),
        ("first_seed = 5", "study.toml:first_seed: must be at least 1,000,000, got 5"),
        ('tasks = "Walk-v0"', "study.toml:tasks: a list of names is expected, got 'Walk-v0'"),
        ("tasks = []", "study.toml:tasks: names nothing"),
        ("question = 3", "study.toml:question: a text in quotes is expected, got 3"),
        ("slurm = 3", "study.toml:slurm: a table is expected, got 3"),
        ('tasks = ["Wolk-v0"]', "study.toml:tasks: unknown task or domain 'Wolk-v0'; nearest: Walk-v0"),
        (
            'tasks = ["Walk-v0"]\nmethods = ["fool"]',
            "study.toml:methods: unknown method 'fool'; nearest: full",
        ),
        (
            'tasks = ["Walk-v0"]\nbaseline = "flut"',
            "study.toml:baseline: unknown method 'flut'; nearest: flat",
        ),
    ],
)
def test_a_broken_file_is_one_line(asked: Run, grid: Grid, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "study.toml").write_text(text)
    said = asked("--config", tmp_path / "study.toml")
    assert said.code == 2
    assert words in said.complaint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name at least one task"),
        (["--config", "nowhere.toml"], "nowhere.toml: No such file"),
        (["--tasks", "Wolk-v0"], "--tasks: unknown task or domain 'Wolk-v0'"),
        (["--tasks", "Walk-v0", "--methods", "fool"], "--methods: unknown method 'fool'"),
        (["--tasks", "Walk-v0", "--seeds", "0"], "--seeds: must be at least 1"),
        (["--tasks", "Walk-v0", "--flat-frames", "0"], "--flat-frames: must be at least 1"),
        (["--tasks", "Walk-v0", "--jobs", "0"], "--jobs must be at least 1"),
        (["--tasks", "Walk-v0", "--address", "auto"], "add --engine ray"),
        (["--preset", "a", "--config", "b"], "give one of them"),
    ],
)
def test_flags_that_make_no_sense(asked: Run, grid: Grid, arguments: list[str], words: str) -> None:
    said = asked(*arguments)
    assert said.code == 2
    assert words in said.complaint


def test_a_task_that_cannot_start_is_left_out(asked: Run, grid: Grid) -> None:
    said = asked("--tasks", "walk", *SMALL, "--dry-run", "--json")
    assert {row["task"] for row in said.record["cells"]} == {"Walk-v0", "Walk-v1"}
    assert "skipping Walk-Lost-v0: its map is missing" in said.err


@pytest.mark.parametrize(("engine", "module"), [("ray", "ray"), ("slurm", "submitit")])
def test_an_extra_that_is_missing(
    asked: Run, grid: Grid, monkeypatch: pytest.MonkeyPatch, engine: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    said = asked("--tasks", "Walk-v0", *SMALL, "--engine", engine)
    assert said.code == 1
    assert f"pip install 'neurosym-rl[{engine}]'" in said.complaint


SCRIPT = """
import sys

def find_task(name):
    return SimpleNamespace(name="walk", tasks=list, folder=Path(__file__).parent), Task(name)

def write_report(cells, folder, facts):
    (folder / "report.html").write_text(str(len(cells)))
    return folder / "report.html"

if __name__ == "__main__":  # cells' processes need none of this
    import signal
    from pathlib import Path
    from types import SimpleNamespace
    import neurosym.ablation.cell, neurosym.ablation.methods, neurosym.ablation.report, neurosym.domain
    from neurosym.cli import main
    from neurosym.domain import Task
    from tests.ablation import players
    from tests.cli.test_ablate import METHODS

    signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts the tests may have it ignored
    neurosym.ablation.methods.METHODS = METHODS
    neurosym.ablation.cell.play_cell = players.play_slowly
    neurosym.ablation.report.write_report = write_report
    neurosym.domain.find_task = find_task
    sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts the command in a process of its own."""
    (tmp_path / "script.py").write_text(SCRIPT)
    arguments = [
        "ablate",
        "--tasks",
        "Walk-v0",
        *map(str, SMALL),
        "--seeds",
        "4",
        "--out",
        str(tmp_path / "out"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), DIARY: str(tmp_path / "diary")}
    running: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        running.append(
            subprocess.Popen(
                [sys.executable, tmp_path / "script.py", *arguments, "--json"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def wait_for_cells(folder: Path, count: int) -> None:
    deadline = time.monotonic() + 120
    while len(list(folder.glob("cells/*/*/*/cell.json"))) < count:
        assert time.monotonic() < deadline, "no cells"
        time.sleep(0.02)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_killed_and_run_again_it_repeats_nothing(started: Any, tmp_path: Path) -> None:
    first = started()
    wait_for_cells(tmp_path / "out", 3)
    first.kill()
    first.communicate()
    kept = {cell.key for cell in read_cells(tmp_path / "out")}
    before = (tmp_path / "diary").read_text().splitlines()
    second = started()
    out, err = second.communicate(timeout=100)
    assert second.returncode == 0, err
    record = json.loads(out)
    assert len(record["cells"]) == 8
    assert len(kept) >= 3
    assert f"{len(kept)} of 8 cells are there already" in err
    after = (tmp_path / "diary").read_text().splitlines()[len(before) :]
    again = [
        line for line in after if line.startswith("began") and any(line.endswith(str(key)) for key in kept)
    ]
    assert not again, "a cell that was kept was played again"
    assert (tmp_path / "out" / "report.html").read_text() == "8"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_keeps_what_is_done(started: Any, tmp_path: Path, number: int) -> None:
    running = started()
    wait_for_cells(tmp_path / "out", 2)
    os.killpg(running.pid, number)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    record = json.loads(out)
    assert record["interrupted"]
    assert record["missing"] == 8 - len(record["cells"])
    assert "Traceback" not in err
    assert "go on with: neurosym ablate --tasks Walk-v0" in err
    assert not (tmp_path / "out" / "unfinished").exists()
