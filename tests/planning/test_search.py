"""The embedded planner against a plain Dijkstra, and how its searches end."""

from __future__ import annotations

import time

import pytest

from benchmarks.lockkey import make_world
from neurosym.errors import PlanningError, UnknownNameError
from neurosym.planning import EmbeddedPlanner, validate
from neurosym.symbols import (
    ActionSchema,
    Atom,
    Condition,
    Literal,
    PlanningDomain,
    PlanStatus,
    Problem,
    Signature,
    TypedName,
)
from tests.planning.families import FAMILIES, cheapest_cost, make_problem

CASES = [(family, seed) for family in FAMILIES for seed in range(30)]
OPTIMAL = [EmbeddedPlanner("astar", heuristic) for heuristic in ("blind", "hmax", "lmcut")]
OTHERS = [
    EmbeddedPlanner("gbfs"),
    EmbeddedPlanner("gbfs", "hadd"),
    EmbeddedPlanner("gbfs", "hmax"),
    EmbeddedPlanner("gbfs", "blind"),
    EmbeddedPlanner("wastar"),
    EmbeddedPlanner("wastar", "hadd"),
    EmbeddedPlanner("auto", effort=0),
]


@pytest.mark.parametrize(("family", "seed"), CASES)
def test_against_dijkstra(family: str, seed: int) -> None:
    problem = make_problem(family, seed)
    best = cheapest_cost(problem)
    for planner in [*OPTIMAL, *OTHERS, EmbeddedPlanner()]:
        label = f"{planner.search} {planner.heuristic}"
        result = planner.plan(problem, time_limit_s=20)
        if best is None:
            assert result.status is PlanStatus.UNSOLVABLE, label
            assert result.reason, label
            assert result.plan is None, label
            continue
        assert result.status is PlanStatus.SOLVED, label
        assert result.plan is not None, label
        assert validate(problem, result.plan), label
        assert result.plan.cost >= best, label
        if planner in OPTIMAL:
            assert result.plan.cost == best, label


def test_families_hold_both_kinds() -> None:
    for family in FAMILIES:
        solvable = [cheapest_cost(make_problem(family, seed)) is not None for seed in range(30)]
        assert any(solvable), family
    assert not all(cheapest_cost(make_problem("lights", seed)) is not None for seed in range(30))


@pytest.mark.parametrize("seed", range(4))
def test_the_default_is_optimal_on_small_worlds(seed: int) -> None:
    problem = make_world(9, seed)
    found, best = (
        p.plan(problem, time_limit_s=20).plan for p in (EmbeddedPlanner(), EmbeddedPlanner("astar"))
    )
    assert found is not None
    assert best is not None
    assert found.cost == best.cost


def test_the_same_problem_gets_the_same_plan() -> None:
    problem = make_world(25, 1)
    assert (
        EmbeddedPlanner().plan(problem, time_limit_s=20).plan
        == EmbeddedPlanner().plan(problem, time_limit_s=20).plan
    )


def _switch(*, goal: Condition, cost: float = 1.0) -> Problem:
    flip = ActionSchema("flip", (), (Literal(Atom("on"), False),), (Atom("on"),), (), cost)
    domain = PlanningDomain("switch", predicates=(Signature("on"), Signature("never")), actions=(flip,))
    return Problem(domain, (), frozenset(), goal)


@pytest.mark.parametrize("search", ["astar", "gbfs", "wastar", "auto"])
@pytest.mark.parametrize(
    ("goal", "steps"),
    [
        (Condition.all_of(), 0),
        (Condition.all_of(Literal(Atom("on"), False)), 0),
        (Condition.all_of(Literal(Atom("never"), False)), 0),
        (Condition.all_of(Literal(Atom("=", ("a", "a")))), 0),
        (Condition.all_of(Atom("on")), 1),
        (Condition((frozenset([Literal(Atom("never"))]), frozenset([Literal(Atom("on"))]))), 1),
    ],
)
def test_goals_that_need_little(search: str, goal: Condition, steps: int) -> None:
    for cost in (0.0, 1.0, 2.5):
        result = EmbeddedPlanner(search).plan(_switch(goal=goal, cost=cost), time_limit_s=5)
        assert result.status is PlanStatus.SOLVED
        assert result.plan is not None
        assert [step.name for step in result.plan.steps] == ["flip"] * steps
        assert result.plan.cost == steps * cost


@pytest.mark.parametrize("search", ["astar", "gbfs", "wastar", "auto"])
@pytest.mark.parametrize(
    "goal",
    [
        Condition(()),
        Condition.all_of(Atom("never")),
        Condition.all_of(Literal(Atom("=", ("a", "a")), False)),
        Condition.all_of(Atom("on"), Literal(Atom("on"), False)),
    ],
)
def test_goals_out_of_reach_are_proven_so(search: str, goal: Condition) -> None:
    result = EmbeddedPlanner(search).plan(_switch(goal=goal), time_limit_s=5)
    assert result.status is PlanStatus.UNSOLVABLE
    assert result.reason


def test_what_can_never_hold_is_named() -> None:
    result = EmbeddedPlanner().plan(_switch(goal=Condition.all_of(Atom("never"))), time_limit_s=5)
    assert "(never)" in result.reason


def _hard() -> Problem:
    """Lights out on a 6 by 6 board, far too much for blind search."""
    names = [f"c{x}{y}" for x in range(6) for y in range(6)]
    objects = tuple(TypedName(name, "cell") for name in names)
    flips = []
    for on in (True, False):
        lamp = Atom("lit", ("?c",))
        changes = ((), (lamp,)) if on else ((lamp,), ())
        flips.append(
            ActionSchema(f"turn-{on}".lower(), (TypedName("?c", "cell"),), (Literal(lamp, on),), *changes)
        )
    domain = PlanningDomain(
        "board", (TypedName("cell"),), (), (Signature("lit", (TypedName("?c", "cell"),)),), (), tuple(flips)
    )
    goal = Condition.all_of(*(Atom("lit", (name,)) for name in names))
    return Problem(domain, objects, frozenset(), goal)


@pytest.mark.parametrize("limit", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("search", ["astar", "gbfs"])
def test_time_limits_are_kept(search: str, limit: float) -> None:
    planner = EmbeddedPlanner(search, "blind")
    planner.plan(_switch(goal=Condition.all_of(Atom("on"))), time_limit_s=5)
    start = time.perf_counter()
    result = planner.plan(_hard(), time_limit_s=limit)
    assert result.status is PlanStatus.TIMED_OUT
    assert result.plan is None
    assert time.perf_counter() - start < limit + 0.1, "10 ms are meant; the rest is for a busy machine"
    assert f"{limit:g} s" in result.reason


def test_time_limits_are_kept_while_grounding() -> None:
    problem = make_world(400, 0)
    EmbeddedPlanner().plan(_switch(goal=Condition.all_of(Atom("on"))), time_limit_s=5)
    result = EmbeddedPlanner("gbfs").plan(problem, time_limit_s=0.02)
    assert result.status is PlanStatus.TIMED_OUT
    assert result.seconds < 0.3


def test_memory_limits_are_kept() -> None:
    result = EmbeddedPlanner("astar", "blind", memory_mb=4).plan(_hard(), time_limit_s=60)
    assert result.status is PlanStatus.GAVE_UP
    assert "4 MiB" in result.reason


def test_bad_options_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="nearest: astar"):
        EmbeddedPlanner("a-star")
    with pytest.raises(UnknownNameError, match="nearest: lmcut"):
        EmbeddedPlanner("astar", "lm-cut")
    with pytest.raises(PlanningError, match="not admissible"):
        EmbeddedPlanner("astar", "ff")
    with pytest.raises(PlanningError, match="weight"):
        EmbeddedPlanner("wastar", weight=0.5)


def test_large_worlds_are_solved() -> None:
    problem = make_world(100, 0)
    result = EmbeddedPlanner().plan(problem, time_limit_s=20)
    assert result.plan is not None
    assert validate(problem, result.plan)
