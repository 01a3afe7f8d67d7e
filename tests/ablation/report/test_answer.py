"""The answer is one sentence with its interval, and does not say more than the runs do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from neurosym.ablation.records import CellKey, CellOrder, CellRecord, CurvePoint
from neurosym.ablation.report.answer import Answer, answer_question
from neurosym.ablation.report.summary import summarise_cells
from tests.ablation.made_up import FACTS, make_cell, make_cells

BUDGETS = {"full": 1_000_000, "flat": 5_000_000}


def cell(method: str, task: str, seed: int, reached: int | None, last: float) -> CellRecord:
    """A run that has 0.9 from `reached` thousand frames on, and `last` at the end."""
    budget = BUDGETS[method]
    frames = [(reached or 1) * 1000 / 2**0.5, (reached or 1) * 1000, budget]
    success = [0.0, 0.9 if reached else 0.0, last]
    curve = tuple(CurvePoint(round(f), s, s, 9.0, 20, 1.0) for f, s in zip(frames, success, strict=True))
    return CellRecord(CellOrder(CellKey(method, task, seed), "alley", budget), "done", curve=curve)


def nowhere(**lasts: float) -> list[CellRecord]:
    """Five runs of each method that never get there, and what they have in the end."""
    return [cell(method, "A", seed, None, last) for method, last in lasts.items() for seed in range(5)]


def answer(runs: Mapping[str, Mapping[str, Sequence[int | None]]], last: float = 0.9) -> Answer:
    """Of each method's frames by task and seed; a run that reaches nothing ends at 0.1."""
    cells = [
        cell(method, task, seed, reached, last if reached else 0.1)
        for method, tasks in runs.items()
        for task, seeds in tasks.items()
        for seed, reached in enumerate(seeds)
    ]
    return answer_question(summarise_cells(cells, FACTS))


def test_a_baseline_that_never_gets_there_is_a_bound() -> None:
    found = answer({"full": {"A": [310, 280, 360, 310, 310]}, "flat": {"A": [None] * 5}})
    assert found == Answer(
        "full reaches 90 % success on A in 310k [280k, 360k] frames; flat did not within 5M: at least 16 × as many "
        "[14, ∞).",
        True,
        (),
    )


def test_both_get_there() -> None:
    found = answer({"full": {"A": [100] * 5}, "flat": {"A": [400] * 5}})
    assert found.sentence == (
        "full reaches 90 % success on A in 100k [100k, 100k] frames; flat needs 400k [400k, 400k], "
        "4.0 × as many [2.8, 5.7]."
    ), "points lie √2 apart"


def test_the_baseline_may_win() -> None:
    found = answer({"full": {"A": [400] * 5}, "flat": {"A": [100] * 5}})
    assert found.sentence.startswith("flat reaches 90 % success on A in 100k")
    assert found.settled


def test_tasks_together() -> None:
    runs = {"full": {"A": [100] * 5, "B": [100] * 5}, "flat": {"A": [200] * 5, "B": [800] * 5}}
    found = answer(runs)
    assert found.sentence == (
        "Over 2 tasks, full reaches 90 % success in fewer frames: flat needs 4.0 × as many [2.8, 5.7]."
    )
    assert len(found.by_task) == 2


def test_a_task_that_neither_solves_is_named() -> None:
    runs = {"full": {"A": [100] * 5, "B": [None] * 5}, "flat": {"A": [200] * 5, "B": [None] * 5}}
    found = answer(runs)
    assert found.sentence == (
        "On 1 of 2 tasks, full reaches 90 % success in fewer frames: flat needs 2.0 × as many [1.4, 2.8]; "
        "on B neither gets there."
    )
    assert found.by_task[1].endswith("full > 1M; flat > 5M; the difference is not settled by these runs.")


def test_what_is_not_settled_is_said_so() -> None:
    found = answer({"full": {"A": [100, 900, 300, 200, 500]}, "flat": {"A": [300, 100, 800, 200, 600]}})
    assert not found.settled
    assert found.sentence == (
        "Final success is 0.90 [0.90, 0.90] for full, 0.90 [0.90, 0.90] for flat, apart by 0.00 [0.00, 0.00]: "
        "the difference is not settled by these runs (frames to 90 % do not settle it: 1.0 × [0.16, 5.7])."
    )


def test_final_success_answers_where_nobody_gets_there() -> None:
    found = answer_question(summarise_cells(nowhere(full=0.5, flat=0.2), FACTS))
    assert found.settled
    assert found.sentence == (
        "full ends with more success: 0.50 [0.50, 0.50] for full, 0.20 [0.20, 0.20] for flat, apart by "
        "+0.30 [+0.30, +0.30]."
    )


def test_a_task_that_was_not_run_is_no_task_that_neither_solves() -> None:
    found = answer({"full": {"A": [100] * 5, "B": [100] * 5}, "flat": {"A": [800] * 5}})
    assert "; on B one of them has no run." in found.sentence
    assert "neither" not in found.sentence


def test_fewer_than_five_seeds_settle_nothing() -> None:
    found = answer({"full": {"A": [100] * 4}, "flat": {"A": [400] * 4}})
    assert found.sentence.endswith("4.0 × as many [2.8, 5.7]. Fewer than 5 seeds settle nothing.")
    assert not found.settled


def test_who_is_early_and_ends_lower_is_not_praised_alone() -> None:
    cells = [
        cell(method, "A", seed, reached, last)
        for method, reached, last in (("full", 100, 0.5), ("flat", 800, 0.95))
        for seed in range(5)
    ]
    confirmed = [
        replace(one, curve=(*one.curve[:2], replace(one.curve[1], frames=900_000), one.curve[2]))
        for one in cells
    ]
    found = answer_question(summarise_cells(confirmed, FACTS))
    assert found.sentence.endswith(
        "8.0 × as many [5.7, 11]. In the end flat has more success: 0.50 [0.50, 0.50] for full, "
        "0.95 [0.95, 0.95] for flat."
    )


def test_a_difference_that_nobody_sees_is_not_settled() -> None:
    assert not answer_question(summarise_cells(nowhere(full=0.5, flat=0.498), FACTS)).settled


def test_what_learns_nothing_is_compared_by_success() -> None:
    found = answer_question(summarise_cells(make_cells(methods=["scripted", "flat"]), FACTS))
    assert found.sentence.startswith("scripted ends with more success")


def test_alone_there_is_no_answer() -> None:
    found = answer_question(summarise_cells([make_cell("flat", "Rooms-N6", 0)], FACTS))
    assert not found.settled
    assert "nothing to compare it with" in found.sentence
