"""Which tasks are practised: neither the mastered nor the hopeless, but all of them now and then."""

from __future__ import annotations

import numpy as np
import pytest

from neurosym.curriculum import EVENLY, FAST, SLOW, Curriculum

TASKS = ("mastered", "hopeless", "half", "rising", "falling")


def practised(episodes: int = 600) -> Curriculum:
    """After as many episodes of each task as its name says; what is rising or falling changed at the end."""
    it = Curriculum(TASKS, 0)
    for k in range(episodes):
        it.note("mastered", True)
        it.note("hopeless", False)
        it.note("half", k % 2 == 0)
        it.note("rising", k >= episodes - 12)
        it.note("falling", k < episodes - 12)
    return it


def shares(it: Curriculum) -> dict[str, float]:
    return dict(zip(it.tasks, it.shares().tolist(), strict=True))


def test_shares_are_a_distribution() -> None:
    rng = np.random.default_rng(0)
    for count in (1, 2, 7, 170):
        names = [f"task {n}" for n in range(count)]
        it = Curriculum(names, 0)
        assert np.allclose(it.shares(), 1 / count), "nothing is known of any"
        for _ in range(300):
            number = int(rng.integers(count))
            it.note(names[number], bool(rng.random() < number / count))
            assert it.shares().sum() == pytest.approx(1)
            assert it.shares().min() >= EVENLY / count * 0.999, "each comes up now and then"


def test_what_is_mastered_or_hopeless_gets_the_even_share_and_no_more() -> None:
    share = shares(practised())
    even = EVENLY / len(TASKS)
    assert share["mastered"] == pytest.approx(even, rel=0.01)
    assert share["hopeless"] == pytest.approx(even, rel=0.01)


def test_what_is_half_solved_and_what_is_changing_gets_more() -> None:
    share = shares(practised())
    for task in ("half", "rising", "falling"):
        assert share[task] > 1.5 * share["mastered"], task
    assert share["rising"] == pytest.approx(share["falling"]), "progress in either direction"
    it = Curriculum(("half", "moved"), 0)
    it.fast[:], it.slow[:] = 0.5, (0.5, 0.3)
    assert shares(it)["moved"] > shares(it)["half"], "of two that are solved as often, the one that was not"


def test_the_weights_are_those_of_the_formula() -> None:
    it = Curriculum(("a", "b", "c"), 0)
    it.fast[:], it.slow[:] = (0.9, 0.2, 0.5), (0.6, 0.2, 0.5)
    weight = np.array([0.09 + 0.3, 0.16, 0.25])
    assert np.allclose(it.shares(), EVENLY / 3 + (1 - EVENLY) * weight / weight.sum())


def test_an_episode_moves_both_means_and_those_of_its_task_alone() -> None:
    it = Curriculum(("a", "b"), 0)
    it.note("b", True)
    assert it.fast.tolist() == [0.5, 0.5 + FAST / 2]
    assert it.slow.tolist() == [0.5, 0.5 + SLOW / 2]
    it.note("a", False)
    assert it.fast[0] == 0.5 - FAST / 2


def test_all_solved_or_all_lost_is_drawn_evenly() -> None:
    for value in (0.0, 1.0):
        it = Curriculum(("a", "b", "c"), 0)
        it.fast[:] = it.slow[:] = value
        assert np.allclose(it.shares(), 1 / 3), "there is nothing to learn anywhere, and nothing to divide by"


def test_draws_repeat_by_seed_and_follow_the_shares() -> None:
    first, second, other = (Curriculum(TASKS, seed) for seed in (3, 3, 4))
    draws = [it.draw(50) for it in (first, second, other)]
    assert draws[0] == draws[1] != draws[2]
    assert first.draw(50) != draws[0], "they go on"
    it = practised()
    drawn = it.draw(20_000)
    for task, share in shares(it).items():
        assert drawn.count(task) / len(drawn) == pytest.approx(share, abs=0.015), task
    assert it.draw(0) == []


def test_a_task_named_twice_is_one() -> None:
    it = Curriculum(("a", "b", "a"), 0)
    assert it.tasks == ("a", "b")
    assert np.allclose(it.shares(), 0.5)


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(KeyError, match="elsewhere"):
        Curriculum(("a", "b"), 0).note("elsewhere", True)


def test_there_must_be_tasks_to_draw_from() -> None:
    with pytest.raises(ValueError, match="no tasks"):
        Curriculum((), 0)
