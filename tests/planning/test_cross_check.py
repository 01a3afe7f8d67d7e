"""Seeded random problems put to the embedded planner and to planners written by others."""

from __future__ import annotations

import pytest

from neurosym.planning import EmbeddedPlanner, engines, planner, validate
from neurosym.symbols import Plan, PlanStatus, Problem
from tests.planning.families import FAMILIES, make_problem

FIRST_SEED = 1000
PER_FAMILY = 40
# pyperplan knows no negation, no equality and no costs, which leaves one family: more of it, then.
PLAIN, PER_PLAIN_FAMILY = ("logistics",), 200


@pytest.fixture(scope="module")
def missing() -> dict[str, str]:
    return {engine.name: engine.reason for engine in engines() if not engine.available}


def _need(name: str, missing: dict[str, str]) -> None:
    if name in missing:
        pytest.skip(f"{name} is not installed: {missing[name]}")


def _replayed(problem: Problem, plan: Plan | None) -> float:
    assert plan is not None
    verdict = validate(problem, plan)
    assert verdict, verdict.reason
    return verdict.cost


def _solvable(status: PlanStatus, reason: str) -> bool:
    # Fast Downward's adapter says of an exhausted search that it is incomplete, whatever the search was.
    assert status in (PlanStatus.SOLVED, PlanStatus.UNSOLVABLE) or "unsolvable incompletely" in reason, reason
    return status is PlanStatus.SOLVED


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + PER_FAMILY))
@pytest.mark.parametrize("family", FAMILIES)
def test_against_fast_downward(family: str, seed: int, missing: dict[str, str]) -> None:
    _need("fast-downward-opt", missing)
    problem = make_problem(family, seed)
    ours = EmbeddedPlanner("astar").plan(problem, time_limit_s=20)
    theirs = planner("fast-downward-opt").plan(problem, time_limit_s=20)
    assert _solvable(theirs.status, theirs.reason) == (ours.status is PlanStatus.SOLVED)
    for other in (EmbeddedPlanner(), EmbeddedPlanner("gbfs")):
        result = other.plan(problem, time_limit_s=20)
        assert result.status is ours.status
        if result.plan is not None:
            _replayed(problem, result.plan)
    if ours.plan is not None:
        assert _replayed(problem, ours.plan) == _replayed(problem, theirs.plan)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + PER_PLAIN_FAMILY))
@pytest.mark.parametrize("family", PLAIN)
def test_against_pyperplan(family: str, seed: int, missing: dict[str, str]) -> None:
    _need("pyperplan", missing)
    problem = make_problem(family, seed)
    ours = EmbeddedPlanner("astar").plan(problem, time_limit_s=20)
    theirs = planner("pyperplan", search="astar", heuristic="hmax").plan(problem, time_limit_s=20)
    assert _solvable(theirs.status, theirs.reason) == (ours.status is PlanStatus.SOLVED)
    if ours.plan is not None:
        assert _replayed(problem, ours.plan) == _replayed(problem, theirs.plan)
