"""Engines by name, and ours among unified-planning's."""

from __future__ import annotations

import gc
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from unified_planning.environment import Environment, get_environment
from unified_planning.shortcuts import OneshotPlanner

from benchmarks.lockkey import make_world
from neurosym.errors import EngineError, PlanningError, UnknownNameError
from neurosym.planning import EmbeddedPlanner, UnifiedPlanner, engines, planner, validate
from neurosym.planning.engines import register
from neurosym.planning.interop import from_unified_planning, plan_from_unified_planning, to_unified_planning
from neurosym.symbols import Atom, Condition, PlanStatus, Problem
from tests.planning.families import FAMILIES, cheapest_cost, make_problem


@pytest.fixture(autouse=True)
def _no_credits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_environment(), "credits_stream", None)


def _need(name: str) -> None:
    reasons = {engine.name: engine.reason for engine in engines() if not engine.available}
    if name in reasons:
        pytest.skip(f"{name} is not installed: {reasons[name]}")


def test_ours_comes_first_and_each_missing_one_has_a_reason() -> None:
    rows = engines()
    assert rows[0] == ("neurosym", True, "")
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert row.available == (not row.reason), row.name


def test_by_name() -> None:
    found = planner("neurosym", search="astar", heuristic="hmax")
    assert isinstance(found, EmbeddedPlanner)
    assert (found.search, found.heuristic) == ("astar", "hmax")


def test_unknown_names_get_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown engine 'fast-downwrd'; nearest: fast-downward"):
        planner("fast-downwrd")


def test_missing_engines_say_how_to_get_them() -> None:
    missing = [engine for engine in engines() if not engine.available]
    if not missing:
        pytest.skip("every engine is installed")
    with pytest.raises(EngineError, match=r"is not available: .* \(pip install up-"):
        planner(missing[0].name)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("search", ["auto", "astar"])
def test_through_unified_planning(family: str, seed: int, search: str) -> None:
    problem = make_problem(family, seed)
    best = cheapest_cost(problem)
    with OneshotPlanner(name="neurosym", params={"search": search}) as engine:
        answer = engine.solve(to_unified_planning(problem), timeout=20)
    if best is None:
        assert answer.status.name == "UNSOLVABLE_PROVEN"
        return
    assert answer.status.name == ("SOLVED_OPTIMALLY" if search == "astar" else "SOLVED_SATISFICING")
    plan = plan_from_unified_planning(answer.plan, problem)
    assert validate(problem, plan)
    if search == "astar":
        assert plan.cost == best


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(5))
def test_problems_come_back_from_unified_planning(family: str, seed: int) -> None:
    problem = make_problem(family, seed)
    back = from_unified_planning(to_unified_planning(problem))
    everything = {(item.name, item.type) for item in (*problem.domain.constants, *problem.objects)}
    assert {(item.name, item.type) for item in (*back.domain.constants, *back.objects)} == everything
    assert back.init == problem.init
    assert set(back.goal.alternatives) == set(problem.goal.alternatives)
    assert cheapest_cost(back) == cheapest_cost(problem)


def test_ours_is_in_every_environment_once() -> None:
    register()
    assert Environment().factory.engines.count("neurosym") == 1
    assert get_environment().factory.engines.count("neurosym") == 1


def test_what_it_cannot_do_is_said() -> None:
    from unified_planning.shortcuts import BoolType, Fluent, InstantaneousAction, Or
    from unified_planning.shortcuts import Problem as UpProblem

    a, b = Fluent("a", BoolType()), Fluent("b", BoolType())
    action = InstantaneousAction("act")
    action.add_precondition(Or(a(), b()))
    action.add_effect(a, True)
    problem = UpProblem("disjunctive")
    problem.add_fluents([a, b])
    problem.add_action(action)
    problem.set_initial_value(a, False)
    problem.set_initial_value(b, True)
    problem.add_goal(a())
    with (
        OneshotPlanner(name="neurosym") as engine,
        pytest.warns(UserWarning, match=r"\(a or b\) is not supported"),
    ):
        answer = engine.solve(problem)
    assert answer.status.name == "UNSUPPORTED_PROBLEM"


def test_conditional_effects_are_refused() -> None:
    up_problem = to_unified_planning(make_problem("lights", 0))
    dark = up_problem.fluent("dark")()
    up_problem.action("blackout").add_effect(dark, False, condition=dark)
    with pytest.raises(PlanningError, match=r"the effect .* of blackout is not supported"):
        from_unified_planning(up_problem)


def test_true_by_default_is_understood() -> None:
    problem = make_problem("lights", 0)
    up_problem = to_unified_planning(problem)
    fluent = up_problem.fluent("dark")
    up_problem.fluents_defaults[fluent] = up_problem.environment.expression_manager.TRUE()
    up_problem.explicit_initial_values.pop(fluent(), None)
    assert Atom("dark") in from_unified_planning(up_problem).init


def test_fast_downward() -> None:
    _need("fast-downward")
    problem = make_world(4, 0)
    result = planner("fast-downward").plan(problem, time_limit_s=30)
    assert result.status is PlanStatus.SOLVED
    assert result.plan is not None
    assert validate(problem, result.plan)
    assert result.engine == "fast-downward"


def test_options_reach_the_engine() -> None:
    _need("fast-downward")
    result = planner("fast-downward", fast_downward_search_config="astar(blind())").plan(
        make_world(4, 0), time_limit_s=30
    )
    assert result.status is PlanStatus.SOLVED


def test_an_engine_says_what_it_does_not_support() -> None:
    _need("pyperplan")
    with pytest.raises(EngineError, match=r"pyperplan does not support .*negative_conditions"):
        planner("pyperplan").plan(make_world(4, 0), time_limit_s=10)


def test_an_engine_that_ignores_time_limits_is_interrupted() -> None:
    _need("pyperplan")
    gc.callbacks.append(_look_on)
    try:
        result = planner("pyperplan", search="bfs").plan(_parcels(9), time_limit_s=0.5)
    finally:
        gc.callbacks.remove(_look_on)
    assert result.status is PlanStatus.TIMED_OUT
    assert result.seconds < 5
    assert gc.isenabled()


def _look_on(phase: str, info: dict[str, int]) -> None:
    """What is raised in a collector's callback is lost; hypothesis has one, and so has this test."""
    for _ in range(50_000):
        pass


def _parcels(count: int) -> Problem:
    """So many parcels that breadth-first search takes minutes."""
    problem = next(
        p for seed in range(99) if cheapest_cost(p := make_problem("logistics", seed)) not in (None, 0)
    )
    parcel = next(item for item in problem.objects if item.type == "parcel")
    objects, init, goal = list(problem.objects), set(problem.init), set(problem.goal.alternatives[0])
    for number in range(count):
        name = f"more{number}"
        objects.append(replace(parcel, name=name))
        init |= {Atom(a.predicate, (name, *a.args[1:])) for a in problem.init if a.args[0] == parcel.name}
        goal |= {
            replace(item, atom=Atom(item.atom.predicate, (name, *item.atom.args[1:])))
            for item in problem.goal.alternatives[0]
            if item.atom.args[0] == parcel.name
        }
    return Problem(problem.domain, tuple(objects), frozenset(init), Condition((frozenset(goal),)))


def test_an_engine_that_breaks_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _need("fast-downward")

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no such\nbinary")

    monkeypatch.setattr(UnifiedPlanner, "_solve", broken)
    with pytest.raises(EngineError, match=r"^fast-downward failed: no such binary$"):
        planner("fast-downward").plan(make_world(4, 0), time_limit_s=10)


def test_importing_registers_without_importing_the_model() -> None:
    code = (
        "import sys, neurosym.planning\n"
        "heavy = [name for name in ('numba', 'unified_planning.engines', 'torch') if name in sys.modules]\n"
        "assert not heavy, heavy\n"
        "from unified_planning.shortcuts import get_environment\n"
        "assert 'neurosym' in get_environment().factory.engines\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_registering_after_the_environment_is_made() -> None:
    code = (
        "from unified_planning.shortcuts import get_environment\n"
        "factory = get_environment().factory\n"
        "assert 'neurosym' not in factory.engines\n"
        "import neurosym.planning\n"
        "assert 'neurosym' in factory.engines\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
