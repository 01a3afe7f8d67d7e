"""Levels are made once, kept, and found again, whatever happens to the files in the meantime."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from neurosym.domain import load_domain
from neurosym.errors import UnavailableTaskError

DOMAIN = load_domain("minigrid")
REPOSITORY = Path(__file__).parents[3]
bank, generators, levels, shards, snapshots = (
    importlib.import_module(f"neurosym_domains.minigrid.{name}")
    for name in ("bank", "generators", "levels", "shards", "snapshot")
)
TASK, OTHER = "MiniGrid-DoorKey-5x5-v0", "BabyAI-GoToLocal-v0"


def same(one: Any, other: Any) -> bool:
    arrays, others = one.arrays(), other.arrays()
    return (one.missions, one.tasks) == (other.missions, other.tasks) and all(
        np.array_equal(arrays[name], others[name]) and arrays[name].dtype == others[name].dtype
        for name in arrays | others
    )


def fresh(task: str, seed: int) -> Any:
    """The level of an environment that was never used before."""
    import gymnasium

    with generators.quiet():
        env = gymnasium.make(task, disable_env_checker=True).unwrapped
        env.reset(seed=seed)
    return snapshots.snapshot(env)


def shard_of(task: str, seeds: range) -> Any:
    return shards.Shard(task, seeds, shards.version())


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes take a second to start; do their jobs here."""
    monkeypatch.setattr(levels, "in_processes", lambda jobs, *_: ((n, job()) for n, job in enumerate(jobs)))


def forbid_making(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        pytest.fail("levels are made though they are kept")

    monkeypatch.setattr(levels, "in_processes", refuse)


# Which levels. --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A folder with levels of two tasks, and the levels."""
    folder = tmp_path_factory.mktemp("levels")
    return folder, levels.load_levels([TASK, OTHER], range(498, 503), workers=2, folder=folder)


@pytest.fixture
def folder(kept: tuple[Path, Any], tmp_path: Path) -> Path:
    """A copy of that folder."""
    shutil.copytree(kept[0], tmp_path / "levels")
    return tmp_path / "levels"


def test_levels_are_those_of_fresh_environments_in_order(kept: tuple[Path, Any]) -> None:
    expected = bank.Levels.join([fresh(task, seed) for task in (TASK, OTHER) for seed in range(498, 503)])
    assert same(kept[1], expected)


def test_a_level_depends_on_its_seed_alone() -> None:
    """Not on the levels that its environment made before."""
    made, skipped = generators.generate("BabyAI-BossLevel-v0", range(20, 26))
    assert skipped == []
    assert all(same(level, fresh("BabyAI-BossLevel-v0", 20 + n)) for n, level in enumerate(made))


@pytest.mark.slow
def test_every_tasks_levels_depend_on_their_seed_alone() -> None:
    """Takes a minute: `pytest -m slow tests/domains/minigrid/test_levels.py`."""
    for task in DOMAIN.tasks():
        if task.available:
            made, _ = generators.generate(task.id, range(700, 712))
            for n, level in enumerate(made):
                assert same(level, fresh(task.id, 700 + n)), f"{task.id}, seed {700 + n}"


def test_seeds_of_evaluation_are_refused(tmp_path: Path, inline: None) -> None:
    with pytest.raises(ValueError, match="below 1000000, got 1000000"):
        levels.load_levels([TASK], range(999_999, 1_000_001), folder=tmp_path)
    assert len(levels.load_levels([TASK], range(999_999, 1_000_000), folder=tmp_path)) == 1


@pytest.mark.parametrize(
    ("seeds", "words"),
    [(range(0, 10, 2), "consecutive"), (range(-1, 3), "not negative"), (range(3, 3), "there are no levels")],
)
def test_seeds_that_cannot_be(seeds: range, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        levels.load_levels([TASK], seeds, folder=tmp_path)


def test_shards_are_cut_where_every_range_cuts_them() -> None:
    cut = shards.shards([TASK, OTHER], range(400, 1600))
    assert [(shard.task, shard.seeds) for shard in cut] == [
        (task, range(*ends))
        for task in (TASK, OTHER)
        for ends in ((400, 500), (500, 1000), (1000, 1500), (1500, 1600))
    ]
    assert shards.shards([TASK], range(500, 1000)) == [cut[1]]
    assert shards.shards([TASK], range(0)) == []


def test_it_is_told_how_far_it_is(tmp_path: Path, inline: None) -> None:
    news = list(levels.gather_levels([TASK, OTHER], range(498, 503), workers=1, folder=tmp_path))
    assert news == sorted(news, key=lambda told: told[0])
    assert {total for _, total, _ in news} == {10}
    assert [done for done in dict.fromkeys(done for done, _, _ in news) if done] == [2, 5, 7, 10]
    assert news[-1] == (10, 10, OTHER)


# Kept. ----------------------------------------------------------------------------------------------------------


def test_what_is_kept_is_not_made_again(
    folder: Path, kept: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_making(monkeypatch)
    assert same(levels.load_levels([TASK, OTHER], range(498, 503), folder=folder), kept[1])
    alone = levels.load_levels([OTHER], range(500, 503), folder=folder)
    assert (len(alone), set(alone.tasks)) == (3, {OTHER})


def test_nothing_unfinished_is_left(kept: tuple[Path, Any]) -> None:
    assert {path.suffix for path in files(kept[0])} == {".levels"}
    assert len(files(kept[0])) == 4


def test_the_folder_is_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("elsewhere").absolute()))
    if sys.platform == "linux":
        assert levels.levels_folder() == Path("elsewhere/neurosym/minigrid/levels").absolute()
    assert levels.levels_folder().parts[-2:] == ("minigrid", "levels")


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def truncate(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])


def of_another_version(path: Path) -> None:
    shard = shards.Shard(TASK, range(500, 503), "minigrid-2.0.0-0123456789ab")
    path.write_bytes(shards.encode(shard, *generators.generate(TASK, shard.seeds)))


def of_another_task(path: Path) -> None:
    shutil.copy(path.parents[1] / OTHER / path.name, path)


DAMAGES = {
    "a flipped bit in the checksum": lambda path: flip(path, 3),
    "a flipped bit in the middle": lambda path: flip(path, 700),
    "a flipped bit at the end": lambda path: flip(path, -1),
    "cut short": lambda path: truncate(path, 900),
    "empty": lambda path: truncate(path, 0),
    "something else": lambda path: path.write_text("hello"),
    "another version's": of_another_version,
    "another task's": of_another_task,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_again(
    damage: str, folder: Path, kept: tuple[Path, Any], inline: None, caplog: pytest.LogCaptureFixture
) -> None:
    """With one line that says so."""
    (path,) = (path for path in files(folder) if path.parent.name == TASK and path.stem.startswith("000500"))
    good = path.read_bytes()
    DAMAGES[damage](path)
    with caplog.at_level(logging.WARNING):
        assert same(levels.load_levels([TASK, OTHER], range(498, 503), workers=1, folder=folder), kept[1])
    (line,) = caplog.messages
    assert line.startswith(f"{path}: it")
    assert line.endswith("its levels are made again")
    assert path.read_bytes() == good


def test_every_bit_is_watched(folder: Path) -> None:
    shard = shard_of(TASK, range(500, 503))
    good = (folder / shard.file).read_bytes()
    for at in range(0, len(good), 7):
        bad = bytearray(good)
        bad[at] ^= 1 << at % 8
        with pytest.raises(shards.DamagedShardError):
            shards.decode(shard, bytes(bad))


def test_the_version_changes_with_whatever_decides_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    version = shards.version.__wrapped__
    ours = version()
    assert ours.startswith("minigrid-3.")
    monkeypatch.setattr(shards, "MINIGRID_VERSION", "9.9.9")
    assert version() == ours.replace(generators.MINIGRID_VERSION, "9.9.9")
    monkeypatch.setattr(shards, "SOURCES", ("codes.py",))
    assert version().rpartition("-")[2] != ours.rpartition("-")[2]


def imports(path: Path) -> Iterator[Path]:
    """The files of the same folder that a module imports, directly or not, and itself.

    Of `rules.py` a level holds the numbers alone, not what its kernels do with them.
    """
    import ast

    yield path
    if path.name == "rules.py":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                yield from imports(path.with_name(f"{name}.py"))


def test_all_sources_of_levels_are_watched() -> None:
    home = Path(shards.__file__).parent
    assert {path.name for path in imports(home / "shards.py")} == set(shards.SOURCES)


# Where files cannot be. -----------------------------------------------------------------------------------------


def test_where_nothing_can_be_kept_levels_are_made_all_the_same(
    kept: tuple[Path, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    found = levels.load_levels([TASK, OTHER], range(498, 503), workers=2, folder=tmp_path / "file" / "levels")
    assert same(found, kept[1])
    (line,) = caplog.messages
    assert "made for this run only" in line
    assert "Not a directory" in line


def test_a_folder_in_a_files_place_is_said_and_worked_around(
    folder: Path, kept: tuple[Path, Any], inline: None, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / shard_of(TASK, range(500, 503)).file
    path.unlink()
    path.mkdir()
    assert same(levels.load_levels([TASK, OTHER], range(498, 503), workers=1, folder=folder), kept[1])
    assert len(caplog.messages) == 2
    assert all("Is a directory" in line for line in caplog.messages)


def test_a_full_disk_leaves_nothing_behind(
    folder: Path, kept: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    shard = shard_of(TASK, range(500, 503))
    (folder / shard.file).unlink()
    monkeypatch.setattr(Path, "write_bytes", write_half)
    data, hindrance = shards.obtain(shard, folder)
    assert "No space left on device" in hindrance
    assert len(shards.decode(shard, data).levels) == 3
    assert not (folder / shard.file).exists()
    assert {path.suffix for path in files(folder)} == {".levels"}


# Seeds that have no level. --------------------------------------------------------------------------------------


def test_a_level_that_takes_too_long_is_skipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """`minigrid` looks for ever for a mission for this seed; the ones around it are as they always are."""
    monkeypatch.setattr(generators, "LEVEL_SECONDS", 0.3)
    shard = shard_of("BabyAI-SynthS5R2-v0", range(1_000_435, 1_000_438))
    content = shards.decode(shard, shards.obtain(shard, tmp_path)[0])
    assert content.skipped == (1_000_436,)
    assert same(
        content.levels, bank.Levels.join([fresh(shard.task, seed) for seed in (1_000_435, 1_000_437)])
    )


def spin(seconds: float) -> None:
    """Longer than any limit of these tests."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_an_alarm_that_was_not_heard_comes_again() -> None:
    with pytest.raises(generators.TooLongError), generators.limited(0.02):  # noqa: PT012  both are needed
        with contextlib.suppress(generators.TooLongError):
            spin(5)
        spin(5)


def test_no_alarm_comes_late() -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    with generators.limited(0.05):
        pass
    spin(0.1)
    assert signal.getsignal(signal.SIGVTALRM) is before


def test_limits_may_be_nested() -> None:
    with pytest.raises(generators.TooLongError), generators.limited(0.1):  # noqa: PT012  the outer one goes on
        with generators.limited(5):
            pass
        spin(5)


class Endless(gym.Env):
    """Its first level is never done."""

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        spin(5)


def test_a_level_that_is_never_done_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generators, "LEVEL_SECONDS", 0.05)
    with pytest.raises(UnavailableTaskError, match=r"no level of seed 7 within 0\.05 s"):
        generators.QuietReset(Endless()).reset(seed=7)


def test_elsewhere_than_in_the_main_thread_there_is_no_limit() -> None:
    with ThreadPoolExecutor(1) as pool:
        _, info = pool.submit(DOMAIN.make_env("MiniGrid-Empty-5x5-v0").reset, seed=0).result()
    assert info == {}


def skipping(shard: Any, skipped: list[int]) -> bytes:
    made = [fresh(shard.task, seed) for seed in shard.seeds if seed not in skipped]
    return shards.encode(shard, made, skipped)


def test_levels_are_fewer_by_those_that_are_skipped(
    folder: Path, kept: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seeds, skipped in ((range(498, 500), [498, 499]), (range(500, 503), [501])):
        shard = shard_of(TASK, seeds)
        (folder / shard.file).write_bytes(skipping(shard, skipped))
    forbid_making(monkeypatch)
    found = levels.load_levels([TASK], range(498, 503), folder=folder)
    assert same(found, bank.Levels.join([fresh(TASK, 500), fresh(TASK, 502)]))


def test_without_a_single_level_there_is_nothing_to_practise(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = shard_of(TASK, range(498, 500))
    (folder / shard.file).write_bytes(skipping(shard, [498, 499]))
    with pytest.raises(ValueError, match="there are no levels"):
        levels.load_levels([TASK], range(498, 500), folder=folder)


def test_skipped_seeds_are_told(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    shard = shard_of(TASK, range(500, 503))
    made = [None, (0, (skipping(shard, [501, 502]), ""))]
    monkeypatch.setattr(levels, "in_processes", lambda *_: (outcome for outcome in made))
    assert len(levels.load_levels([TASK], range(500, 503), folder=Path("nowhere"))) == 1
    assert caplog.messages == [f"{TASK}: no level with seed 501, 502, making it takes too long"]


# Several at once. -----------------------------------------------------------------------------------------------

SCRIPT = """
import hashlib, importlib, sys
from pathlib import Path
from neurosym.domain import load_domain

if __name__ == "__main__":
    load_domain("minigrid")
    levels, shards = (importlib.import_module(f"neurosym_domains.minigrid.{name}") for name in ("levels", "shards"))
    shards.SHARD_SEEDS = 100
    assert "torch" not in sys.modules
    gathering = levels.gather_levels(sys.argv[2:], range(300), workers=2, folder=Path(sys.argv[1]))
    print("begun", flush=True)
    while True:
        try:
            next(gathering)
        except StopIteration as finished:
            found = finished.value
            break
    arrays = b"".join(array.tobytes() for array in found.arrays().values())
    print(len(found), hashlib.sha256(arrays).hexdigest())
"""


def script(folder: Path, *tasks: str) -> subprocess.Popen[str]:
    """A process that gathers levels, in a process group of its own."""
    path = folder.parent / "script.py"
    path.write_text(SCRIPT)
    return subprocess.Popen(
        [sys.executable, path, folder, *tasks],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_processes_at_once_share_a_folder(tmp_path: Path) -> None:
    """Each finds what the other made, and says nothing but its answer."""
    folder = tmp_path / "levels"
    both = [script(folder, TASK), script(folder, TASK)]
    said = [running.communicate(timeout=60) for running in both]
    assert said[0] == said[1]
    assert said[0][0].split()[:2] == ["begun", "300"]
    assert said[0][1] == ""
    assert len(files(folder)) == 3


def test_a_shard_is_made_by_one_process_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    shard = shard_of(TASK, range(3))
    path = tmp_path / shard.file
    path.parent.mkdir(parents=True)
    monkeypatch.setattr(shards, "LOCK_SECONDS", 0.05)
    with FileLock(f"{path}.lock"):
        data, hindrance = shards.obtain(shard, tmp_path)
    assert "lock" in hindrance, "another process is at it, for longer than anybody waits"
    assert not path.exists()
    assert len(shards.decode(shard, data).levels) == 3


def test_what_another_process_made_in_the_meantime_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = shard_of(TASK, range(500, 503))
    monkeypatch.setattr(shards, "generate", lambda *_: pytest.fail("made twice"))
    assert shards.obtain(shard, folder) == ((folder / shard.file).read_bytes(), "")


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
@pytest.mark.parametrize("number", ["SIGINT", "SIGKILL"])
def test_an_interrupted_run_leaves_good_files_to_go_on_from(
    number: str, tmp_path: Path, inline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, tasks = tmp_path / "levels", [TASK, "MiniGrid-MultiRoom-N6-v0"]
    with script(folder, *tasks) as running:
        while not files(folder):
            assert running.poll() is None
            time.sleep(0.01)
        os.killpg(running.pid, getattr(signal, number))
        _, err = running.communicate(timeout=20)
    assert err.count("Traceback") <= 1, "the workers say nothing"
    for path in files(folder):
        if path.suffix == ".levels":
            start, end = (int(part) for part in path.stem.split("-"))
            shards.decode(shard_of(path.parent.name, range(start, end + 1)), path.read_bytes())
    if number == "SIGINT":
        assert {path.suffix for path in files(folder)} == {".levels"}
    monkeypatch.setattr(shards, "SHARD_SEEDS", 100)
    assert len(levels.load_levels(tasks, range(300), folder=folder)) == 600
    assert {path.suffix for path in files(folder)} == {".levels"}


# What a generator says. -----------------------------------------------------------------------------------------


def test_making_levels_says_nothing(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Some of BabyAI's generators print what they reject; superseded tasks say so."""
    tasks = ["BabyAI-PutNextLocal-v0", "MiniGrid-MultiRoom-N4-S5-v0"]
    levels.load_levels(tasks, range(30), workers=1, folder=tmp_path)
    assert capfd.readouterr() == ("", "")
