"""Cells as jobs, on submitit's local executor."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from neurosym.ablation.engines.slurm import SlurmEngine
from neurosym.ablation.grid import play_cells
from neurosym.ablation.records import CellRecord
from neurosym.ablation.store import Store, read_cells
from neurosym.errors import NeurosymError
from tests.ablation import players
from tests.ablation.engines.conftest import order

submitit = pytest.importorskip("submitit", reason="submitit is not installed")
FailedJobError = submitit.core.utils.FailedJobError

ROOT = Path(__file__).parents[3]
Diary = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs find the players."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Jobs are cancelled by SIGINT, to which they are deaf if this process is, as in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_cells_are_jobs(tmp_path: Path, diary: Diary) -> None:
    engine, orders = SlurmEngine({}, "local"), [order(seed) for seed in range(3)]
    with Store(tmp_path / "out", {}, {}) as store:
        stream = play_cells(store, orders, players.stumble, engine, 2)
        cells = [news for news in stream if isinstance(news, CellRecord)]
    assert sorted((cell.key.seed, cell.status) for cell in cells) == [(0, "failed"), (1, "done"), (2, "done")]
    assert len(diary()) == 4
    assert read_cells(tmp_path / "out") == sorted(cells, key=lambda cell: cell.key)
    assert list((tmp_path / "out" / orders[1].key.folder / "slurm").glob("*.out")), "the job's log is kept"


def test_a_job_that_dies_is_a_failed_cell(tmp_path: Path) -> None:
    with Store(tmp_path / "out", {}, {}) as store:
        stream = play_cells(store, [order(0)], players.drop_dead, SlurmEngine({}, "local"), 1)
        (cell,) = [news for news in stream if isinstance(news, CellRecord)]
    assert cell.status == "failed"
    assert cell.reason.startswith("its job failed: ")
    assert "\n" not in cell.reason


def test_a_site_that_takes_few_jobs_gets_them_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, taken = SlurmEngine({}, "local"), []

    def refuse(logs: Path) -> Any:
        executor = real(logs)
        submit = executor.submit

        def full(*arguments: Any) -> Any:
            if taken and not taken[-1].done():
                raise FailedJobError("sbatch: error: QOSMaxSubmitJobPerUserLimit")
            taken.append(submit(*arguments))
            return taken[-1]

        executor.submit = full
        return executor

    real = engine._executor
    monkeypatch.setattr(engine, "_executor", refuse)
    with Store(tmp_path / "out", {}, {}) as store:
        stream = play_cells(store, [order(seed) for seed in range(3)], players.play, engine, 3)
        cells = [news for news in stream if isinstance(news, CellRecord)]
    assert [cell.status for cell in cells] == ["done"] * 3


def test_a_site_that_takes_no_job_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def submit(self, *arguments: Any) -> Any:
            raise FailedJobError("sbatch: error: invalid account")

    engine = SlurmEngine({}, "local")
    monkeypatch.setattr(engine, "_executor", lambda logs: Full())
    with Store(tmp_path / "out", {}, {}) as store, pytest.raises(NeurosymError, match="invalid account"):
        list(play_cells(store, [order(0)], players.play, engine, 1))


def test_closing_cancels_the_jobs(tmp_path: Path, diary: Diary) -> None:
    with Store(tmp_path / "out", {}, {}) as store:
        stream = play_cells(store, [order()], players.play_for_ever, SlurmEngine({}, "local"), 1)
        with closing(stream):
            news = next(news for news in stream if not isinstance(news, CellRecord) and news and news.text)
            assert (news.frames, news.text) == (7, "waiting")
    deadline = time.monotonic() + 10
    while alive(int(diary()[0])):
        assert time.monotonic() < deadline, "the job goes on"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_parameter_nobody_knows() -> None:
    with pytest.raises(NeurosymError, match=r"--engine slurm: .*time_min"):
        SlurmEngine({"time_min": 3}, "local")


@pytest.mark.skipif(any(Path(place, "srun").exists() for place in os.get_exec_path()), reason="SLURM is here")
def test_there_is_no_slurm() -> None:
    with pytest.raises(NeurosymError, match=r"--engine slurm: .*srun"):
        SlurmEngine({})
