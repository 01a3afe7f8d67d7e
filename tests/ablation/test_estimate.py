"""What cells will cost, from what others have cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from neurosym.ablation.estimate import Rates, calibrate, estimate, samples
from neurosym.ablation.methods.registry import Budget
from neurosym.ablation.records import CellKey, CellOrder, CellRecord, CurvePoint, Spent
from neurosym.evaluation import EpisodeResult
from tests.ablation import players

KINDS: dict[str, Budget] = {"full": "plan", "wrong": "plan", "flat": "flat", "hand": "none"}


def order(method: str, frames: int, episodes: int = 10) -> CellOrder:
    return CellOrder(
        CellKey(method, "Walk-v0", 0), "walk", frames, points=2, curve_episodes=10, episodes=episodes
    )


def cell(method: str, frames: int, *, status: str = "done") -> CellRecord:
    """5 s to begin with, 10 ms a frame, and half a second an episode."""
    points = [CurvePoint(count, 0.5, 0.5, 9.0, 10, 5 + count / 100) for count in (frames // 2, frames)]
    learning = 5 + frames / 100
    spent = Spent(frames=frames, seconds=learning + 10, learning_seconds=learning)
    return CellRecord(order(method, frames), status, curve=tuple(points), spent=spent)  # type: ignore[arg-type]


def test_a_longer_cell_begins_but_once() -> None:
    rates = Rates(KINDS, [cell("full", 1000)])
    assert rates.seconds(order("full", 100_000)) == pytest.approx(5 + 1000 + 10)


def test_a_method_goes_by_its_own_cells_and_else_by_those_of_its_kind() -> None:
    rates = Rates(KINDS, [cell("full", 1000)])
    assert rates.seconds(order("wrong", 1000)) == rates.seconds(order("full", 1000))
    assert rates.seconds(order("flat", 1000)) is None
    slow = cell("wrong", 1000)
    rates.learn(
        CellRecord(slow.order, "done", curve=(), spent=Spent(frames=1000, seconds=100, learning_seconds=80))
    )
    assert rates.seconds(order("wrong", 1000)) == pytest.approx(80 + 20)


def test_a_cell_that_failed_tells_nothing() -> None:
    assert Rates(KINDS, [cell("full", 1000, status="failed")]).seconds(order("full", 1000)) is None


def test_what_is_neither_learning_nor_an_episode_is_the_start() -> None:
    """Of 30 s, 15 s are learning, 10 of these for 1,000 frames; 20 episodes take 4 s; 16 s are left for the start."""
    done = cell("full", 1000)
    episodes = tuple(EpisodeResult("Walk-v0", k, True, 4, 1.0, "", "", 1, 0, 0.0, 0.2) for k in range(10))
    rates = Rates(KINDS, [replace(done, episodes=episodes, spent=replace(done.spent, seconds=30.0))])
    assert rates.seconds(order("full", 1000)) == pytest.approx(30)
    assert rates.seconds(order("full", 1000, episodes=110)) == pytest.approx(30 + 100 * 0.2)
    assert rates.seconds(order("full", 101_000)) == pytest.approx(30 + 1000)


def test_what_learns_nothing_has_one_point() -> None:
    done = CellRecord(order("hand", 0), "done", spent=Spent(seconds=5.0))
    assert Rates(KINDS, [done]).seconds(order("hand", 0, episodes=100)) == pytest.approx(50)


def test_a_study_is_summed_up() -> None:
    orders = [order("full", 1000), order("flat", 4000), order("hand", 0)]
    rates = Rates(KINDS, [cell("full", 1000), cell("flat", 1000)])
    unknown = estimate(orders, KINDS, rates, 2)
    assert unknown.core_hours is None, "nobody knows about the third"
    assert unknown.methods == {
        "full": pytest.approx(25 / 3600),
        "flat": pytest.approx(55 / 3600),
        "hand": None,
    }
    cost = estimate(orders[:2], KINDS, rates, 2)
    assert cost.frames == {"plan": 1000, "flat": 4000}
    assert cost.episodes == 40
    assert cost.core_hours == pytest.approx((25 + 55) / 3600)
    assert cost.seconds == pytest.approx(55), "no sooner than the longest cell"


def test_there_is_a_sample_of_each_method_that_is_unknown() -> None:
    orders = [order(name, 10**6 if name != "hand" else 0, 100) for name in ("full", "wrong", "flat", "hand")]
    short = samples([*orders, *orders], Rates(KINDS, [cell("flat", 1000)]))
    assert [one.key.method for one in short] == ["full", "wrong", "hand"]
    assert all(one.frames < 10**5 and one.episodes < 10 for one in short)
    assert [one.part_of for one in short] == [10**6, 10**6, 0], (
        "with rollouts of the size that cells will have"
    )


def test_samples_are_played_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    diary = tmp_path / "diary"
    monkeypatch.setenv(players.DIARY, str(diary))
    told = [one for one in calibrate([order("full", 1000)], players.play, 1) if one]
    begun = [line for line in diary.read_text().splitlines() if line.startswith("began")]
    assert len(begun) == 2, "the first time it is only for what is compiled then"
    assert [one.order for one in told] == [order("full", 1000)]
    assert not [path for path in tmp_path.iterdir() if path.is_dir() and not path.name.startswith("pymp")]
