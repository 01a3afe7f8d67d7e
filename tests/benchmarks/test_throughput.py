"""The throughput benchmark measures what it says, keeps what it has, and writes its page; sizes here are tiny."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import throughput
from benchmarks.speed import clock, engine, scaling, start, success, tables, training
from benchmarks.speed.belief import measure_belief
from benchmarks.speed.jobs import Job, Settings, Store, run_jobs
from benchmarks.speed.plots import draw_scaling
from benchmarks.speed.summary import PARTS, summarise
from neurosym.domain import load_domain
from neurosym.training import TrainingConfig
from tests.benchmarks.held import grow

TINY = replace(throughput.QUICK, worlds=8, steps=12, warm_up=2, levels=3, frames=256)
TASK = TINY.practice_task
PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
ISSUE_KEYS = {
    "engine_vs_minigrid",
    "engine_vs_envpool",
    "belief_worlds_per_second",
    "training_vs_sb3",
    "planner_share",
}


@pytest.fixture
def no_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "pool_is_installed", lambda: False)


def results() -> dict[str, dict[str, Any]]:
    """One result of every kind, as its job gives it."""
    rate = {"median": 4e6, "least": 3e6, "most": 5e6}
    scale = {"engine": 4e6, "belief": 4e5, "training": 8e4, "planning_share": 0.1, "peak_memory_mib": 900.0}
    ours = {"frames_per_second": 9e4, "planning_share": 0.125, "peak_memory_mib": 900.0}
    return {
        "engine/A": {
            "steps_per_second": {
                "engine": rate,
                "engine, vector API": rate,
                "minigrid": {"median": 8e3},
                "envpool 64": {"median": 2e5},
            },
            "vs_minigrid": 500.0,
            "vs_envpool": 20.0,
        },
        "engine/B": {
            "steps_per_second": {"engine": rate, "engine, vector API": rate, "minigrid": {"median": 5e3}},
            "vs_minigrid": 800.0,
            "vs_envpool": None,
        },
        "belief/random/A": {
            "worlds_per_second": 410_000.0,
            "microseconds_of_a_world": {"update": 1.0, "achieved": 0.1, "features": 1.3},
            "rows_named_in_a_state": 40.0,
        },
        "training/ours/0": {**ours, "whole_run": {"frames_per_second": 7e4, "planning_share": 0.2}},
        "training/sb3/0": {"frames_per_second": 4e3, "core_share": 0.99, "peak_memory_mib": 500.0},
        "start/warm": {"seconds": 12.0},
        "start/first-compile": {"seconds": 90.0},
        "start/memory": {**ours, "worlds": 2048},
        "scaling/worlds/64": scale,
        "scaling/worlds/128": scale,
        "scaling/grid/8": scale,
        "scaling/tasks/1": scale,
        "time-to-success/ours/A": {
            "reached": True,
            "seconds": 12.0,
            "frames": 900_000,
            "success_rate_on_unseen_levels": 0.97,
        },
        "time-to-success/sb3/A": {
            "reached": False,
            "seconds": 600.0,
            "frames": 2_400_000,
            "success_rate_of_recent_episodes": 0.25,
        },
    }


def full_store() -> Store:
    store = Store()
    for name, result in results().items():
        store.keep(name, result, 1.0)
    return store


def test_the_engine_beside_the_original(no_peers: None) -> None:
    result = engine.compare(TASK, TINY)
    assert set(result["steps_per_second"]) == {"engine", "engine, vector API", "minigrid"}
    rates = {name: rate["median"] for name, rate in result["steps_per_second"].items()}
    assert result["vs_minigrid"] == pytest.approx(rates["engine"] / rates["minigrid"])
    assert result["vs_envpool"] is None
    assert "pip install" in result["without_envpool"]


@pytest.mark.parametrize("skilled", [False, True])
def test_the_belief_of_worlds_that_are_played(skilled: bool) -> None:
    result = measure_belief(load_domain("minigrid"), [TASK], 8, TINY, skilled)
    parts = result["microseconds_of_a_world"]
    assert all(micro > 0 for micro in parts.values()), parts
    assert 1e6 / sum(parts.values()) == pytest.approx(result["worlds_per_second"], rel=0.5)
    assert result["rows_named_in_a_state"] > 1


def test_the_training_loop_on_a_grid_of_its_own_size() -> None:
    domain = scaling.door_key_domain(11)
    config = TrainingConfig(worlds=8, steps=4, levels=2, hidden=(8,))
    result = training.frames_per_second_of(domain, (TASK,), 96, config)
    assert result["frames_per_second"] > 0
    assert 0 <= result["planning_share"] < 1
    worlds = scaling.start_worlds(domain, [TASK], 2, levels=2)
    assert worlds.levels.size.max() == 11


def test_shares_and_rates_are_slopes() -> None:
    assert training.slope((100, 1.0, 0.5), (300, 2.0, 0.75)) == (200.0, 0.25)
    assert training.slope((100, 1.0, 0.5), (100, 1.0, 0.5)) == (None, None)
    third = 1.0 / 3.0
    assert training.slope((100, 1.0, third), (300, 2.0, math.nextafter(third, 0.0))) == (200.0, 0.0)


def test_more_tasks_hold_fewer() -> None:
    domain = load_domain("minigrid")
    few, many = (scaling.some_tasks(domain, count, TASK) for count in (3, 171))
    assert few[0] == TASK
    assert few == many[:3]
    assert len(set(many)) == 171


def test_ours_goes_on_where_unseen_levels_were_not_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    def pretend(domain: Any, task: str, folder: str, frames: int, limit_s: float) -> tuple[float, int, bool]:
        limits.append(limit_s)
        return 10.0, frames + 1000, True

    limits: list[float] = []
    rates = iter([0.5, 0.95])
    monkeypatch.setattr(success, "train_until", pretend)
    monkeypatch.setattr(success, "confirm", lambda *_: next(rates))
    result = success.run_ours(TASK, cap_s=60.0, episodes=5)
    assert (result["reached"], result["seconds"], result["frames"]) == (True, 20.0, 2000)
    assert result["rates_of_earlier_tries"] == [0.5]
    assert limits == [60.0, 50.0]


def test_nine_of_the_last_hundred_episodes() -> None:
    recent = success.RecentEpisodes()
    won, lost, done = np.float32([1]), np.float32([0]), np.array([True])
    for _ in range(99):
        recent.take(won, done)
        recent.take(lost, ~done)
    assert (recent.rate, recent.good) == (1.0, False), "too few to judge by"
    for _ in range(11):
        recent.take(lost, done)
    assert (recent.rate, recent.good) == (0.89, False)
    recent.take(np.float32([0.5, -1]), np.array([True, False]))
    assert recent.good is False
    for _ in range(89):
        recent.take(won, done)
    assert json.dumps([recent.rate, recent.good]) == "[0.9, true]"


class Turns:
    """A contender that writes down when it plays; it gets nowhere the first time."""

    def __init__(self, name: str, diary: list[str]) -> None:
        self.name, self.diary = name, diary

    def play(self) -> int:
        warm = self.name in self.diary
        self.diary.append(self.name)
        return sum(1 for _ in range(1000)) if warm else 0


def test_contenders_take_turns() -> None:
    diary: list[str] = []
    rates = clock.rates_in_turn({name: Turns(name, diary) for name in "AB"}, repeats=2)
    assert diary == ["A", "B"] * 3, "a round to warm up, then two that count"
    assert all(0 < rate["least"] <= rate["median"] <= rate["most"] for rate in rates.values())


def test_waiting_for_others_is_not_charged() -> None:
    watch = clock.Stopwatch()
    for _ in range(2):
        with watch:
            time.sleep(0.1)
    assert watch.seconds < 0.1
    with watch:
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
    assert 0.1 <= watch.seconds < 0.2


def test_memory_of_a_process_and_its_children() -> None:
    result = clock.apart(grow, 64, 3 * clock.LOOK_EVERY_S)
    if result["peak_memory_mib"] is None:
        pytest.skip("no /proc here")
    assert 2 * 64 < result["peak_memory_mib"] < 4096
    assert result["grown"] == 64


def test_an_update_is_read_off_the_run(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    assert not start.has_updated(path)
    path.write_text('{"frames": 1}\n')
    assert not start.has_updated(path)
    path.write_text('{"frames": 1}\n{"frames": 2, "policy_loss": 0.5}\n')
    assert start.has_updated(path)


def test_results_are_kept_and_not_measured_again(tmp_path: Path) -> None:
    def measure(name: str) -> dict[str, Any]:
        measured.append(name)
        return {"figure": len(measured)}

    measured: list[str] = []
    names = ("engine/A", "engine/AB", "belief/random/A")
    jobs = [Job(name, lambda name=name: measure(name)) for name in names]
    path = tmp_path / "deep" / "results.json"
    run_jobs(jobs, Store(path), ["engine/A"])
    assert measured == ["engine/A"]
    run_jobs(jobs, Store(path), ["engine", "belief"])
    assert measured == ["engine/A", "engine/AB", "belief/random/A"]
    store = Store(path)
    assert store.results("engine") == {"A": {"figure": 1}, "AB": {"figure": 2}}
    assert [file.name for file in path.parent.iterdir()] == ["results.json"]


def test_jobs_are_named_by_their_part() -> None:
    names = [job.name for job in throughput.all_jobs(Settings())]
    assert len(set(names)) == len(names)
    assert {name.partition("/")[0] for name in names} == set(PARTS)


def test_a_started_process_imports_little() -> None:
    code = "import sys, benchmarks.throughput; print('torch' in sys.modules, 'numba' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PAGE.parents[1], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "False"]


def test_what_is_chosen() -> None:
    assert throughput.choose("") == ("engine", "belief", "training", "start")
    assert throughput.choose("all") == PARTS
    assert throughput.choose("none") == ()
    assert throughput.choose("belief, time-to-success/ours") == ("belief", "time-to-success/ours")
    with pytest.raises(SystemExit, match="no part 'motor'"):
        throughput.choose("engine,motor")


def test_the_figures_asked_for() -> None:
    summary = summarise(full_store())
    assert {key: summary[key] for key in ISSUE_KEYS} == {
        "engine_vs_minigrid": 500.0,
        "engine_vs_envpool": 20.0,
        "belief_worlds_per_second": 410_000.0,
        "training_vs_sb3": 22.5,
        "planner_share": 0.125,
    }


def test_nothing_measured_is_nothing_claimed() -> None:
    summary = summarise(Store())
    assert all(summary[key] is None for key in ISSUE_KEYS)
    assert "not measured" in tables.describe(summary)


def test_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    throughput.main(["--json", "--only", "none"])
    record = json.loads(capsys.readouterr().out)
    assert set(record) >= ISSUE_KEYS | {"command", "commit", "details", "machine"}


def test_every_table_has_its_place_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Path] = []
    monkeypatch.setattr(tables, "draw_scaling", lambda details, path: drawn.append(path))
    page = tmp_path / "performance.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    summary = summarise(full_store())
    for _ in range(2):
        tables.update_page(page, summary)
    text = page.read_text(encoding="utf-8")
    assert text.count("| A | 4,000,000 | 4,000,000 | 8,000 | 200,000 | 500 × | 20 × |") == 1
    assert "not in 600 s (25.0%)" in text
    assert "`python -m benchmarks.throughput --only engine`" in text
    assert drawn == [tmp_path / "images" / "scaling.svg"] * 2


def test_the_plot_is_the_same_each_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="drawn with the extra `bench`")
    details = full_store().results("scaling")
    for name in ("one.svg", "two.svg"):
        draw_scaling(details, tmp_path / name)
    one, two = ((tmp_path / name).read_text(encoding="utf-8") for name in ("one.svg", "two.svg"))
    assert one == two
    assert "<svg" in one


def test_the_page_has_markers_for_every_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in ("plot", *tables.tables(summarise(full_store()))):
        assert f"<!-- begin {name} -->" in text, name


def test_a_page_without_a_place_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here")
    with pytest.raises(ValueError, match="<!-- begin summary --> and <!-- end summary --> are wanted"):
        tables.update_page(page, summarise(Store()))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.1234, "0.123"),
        (22.46, "22.5"),
        (489.4, "489"),
        (4_123_456, "4,120,000"),
        (999.6, "1,000"),
    ],
)
def test_three_digits(value: float | None, shown: str) -> None:
    assert tables.number(value) == shown
