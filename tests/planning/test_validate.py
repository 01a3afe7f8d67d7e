"""The validator: right plans pass, and each way of being wrong is named."""

from __future__ import annotations

import ast
import inspect
import random
import re
import sys
from dataclasses import replace

import pytest

from neurosym.planning import EmbeddedPlanner, parse_plan, validate
from neurosym.symbols import Atom, Condition, Literal, Operator, Plan, Problem
from tests.planning.families import FAMILIES, all_operators, make_problem


def _walk(rng: random.Random, problem: Problem) -> Plan:
    """Steps that can be applied one after the other, at random."""
    state, steps, operators = problem.init, [], all_operators(problem)
    for _ in range(6):
        possible = [operator for operator in operators if operator.applicable(state)]
        if not possible:
            break
        steps.append(rng.choice(possible))
        state = steps[-1].apply(state)
    return Plan(tuple(steps))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(20))
def test_against_the_symbols_own_semantics(family: str, seed: int) -> None:
    problem, rng = make_problem(family, seed), random.Random(seed)
    plan = _walk(rng, problem)
    state = problem.init
    for step in plan.steps:
        state = step.apply(state)
    verdict = validate(problem, plan)
    assert bool(verdict) is problem.goal.holds(state)
    assert verdict.cost == plan.cost
    if not verdict:
        assert verdict.step == len(plan)
        assert verdict.failed
        assert not any(literal.holds(state) for literal in verdict.failed)


@pytest.mark.parametrize("seed", range(20))
def test_a_step_left_out_or_put_in_is_noticed_as_it_must_be(seed: int) -> None:
    problem, rng = make_problem("travel", seed), random.Random(seed)
    steps = list(_walk(rng, problem).steps)
    steps.insert(rng.randint(0, len(steps)), rng.choice(all_operators(problem)))
    state, first = problem.init, None
    for number, step in enumerate(steps):
        if not step.applicable(state):
            first = number
            break
        state = step.apply(state)
    verdict = validate(problem, Plan(tuple(steps)))
    if first is None:
        assert bool(verdict) is problem.goal.holds(state)
    else:
        assert verdict.step == first
        assert verdict.operator == steps[first]
        assert set(verdict.failed) == {item for item in steps[first].precondition if not item.holds(state)}


def test_the_first_failing_precondition_is_named() -> None:
    problem = make_problem("travel", 0)
    verdict = validate(problem, parse_plan("(buy)\n(buy)", problem))
    assert verdict.step == 1
    assert verdict.failed == (Literal(Atom("ticket"), False),)
    assert verdict.reason == "step 2, (buy): the precondition (not (ticket)) does not hold"


def test_the_unmet_goal_is_named() -> None:
    problem = replace(make_problem("travel", 0), goal=Condition.all_of(Atom("ticket"), Atom("at", ("home",))))
    verdict = validate(problem, Plan())
    assert verdict.failed == (Literal(Atom("ticket")),)
    assert verdict.reason == "after the last step the goal (ticket) does not hold"


def test_of_several_alternatives_the_closest_is_named() -> None:
    far = frozenset([Literal(Atom("ticket")), Literal(Atom("seen", ("home",)))])
    near = frozenset([Literal(Atom("ticket")), Literal(Atom("at", ("home",)))])
    problem = replace(make_problem("travel", 0), goal=Condition((far, near)))
    assert validate(problem, Plan()).failed == (Literal(Atom("ticket")),)


def test_a_goal_without_alternatives_is_never_met() -> None:
    assert (
        "nothing can meet it"
        in validate(replace(make_problem("travel", 0), goal=Condition(())), Plan()).reason
    )


def test_what_a_plan_claims_is_not_believed() -> None:
    problem = replace(make_problem("travel", 0), goal=Condition.all_of(Atom("seen", ("home",))))
    honest = parse_plan("(look home)", problem).steps[0]
    assert validate(problem, Plan((honest,)))
    liar = replace(honest, name="buy", args=(), precondition=frozenset(), cost=0.0)
    verdict = validate(problem, Plan((liar,)))
    assert not verdict
    assert verdict.cost == 2.0
    unneeded = replace(parse_plan("(look town0)", problem).steps[0], precondition=frozenset())
    assert validate(problem, Plan((unneeded,))).failed == (Literal(Atom("at", ("town0",))),)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (Operator("fly"), "the domain has no action 'fly'"),
        (Operator("buy", ("home",)), "buy takes 0 arguments, got 1"),
        (Operator("look", ("nowhere",)), "there is no object 'nowhere'"),
        (Operator("walk", ("town0", "town0")), r"no value for \(length town0 town0\)"),
    ],
)
def test_steps_that_cannot_be(step: Operator, reason: str) -> None:
    verdict = validate(make_problem("travel", 0), Plan((step,)))
    assert verdict.step == 0
    assert re.search(reason, verdict.reason)


def test_types_are_checked() -> None:
    problem = make_problem("logistics", 0)
    verdict = validate(problem, Plan((Operator("fly", ("truck0", "airport0", "airport1")),)))
    assert "truck0 is a truck, and ?v must be a plane" in verdict.reason


def test_it_shares_no_code_with_the_planner() -> None:
    tree = ast.parse(inspect.getsource(sys.modules["neurosym.planning.validate"]))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "dataclasses", "neurosym.symbols"}


def test_plans_of_the_planner_pass() -> None:
    for family in FAMILIES:
        for seed in range(10):
            problem = make_problem(family, seed)
            plan = EmbeddedPlanner().plan(problem, time_limit_s=10).plan
            if plan is not None:
                assert validate(problem, plan)
