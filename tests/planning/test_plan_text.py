"""Plans as text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import PlanTextError
from neurosym.planning import EmbeddedPlanner, format_plan, parse_plan, read_plan
from neurosym.symbols import Plan
from tests.planning.families import FAMILIES, all_operators, make_problem

PROBLEM = make_problem("travel", 0)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FAMILIES)), st.integers(0, 50), st.data())
def test_plans_read_back(family: str, seed: int, data: st.DataObject) -> None:
    problem = make_problem(family, seed)
    operators = all_operators(problem)
    steps = data.draw(st.lists(st.sampled_from(operators), max_size=6)) if operators else []
    plan = Plan(tuple(steps))
    assert parse_plan(format_plan(plan), problem) == plan


def test_the_form() -> None:
    problem = make_problem("travel", 0)
    operators = {str(operator): operator for operator in all_operators(problem)}
    text = format_plan(Plan((operators["(buy)"], operators["(look home)"])))
    assert text == "(buy)\n(look home)\n; cost = 2\n"
    assert format_plan(Plan()) == "; cost = 0\n"


def test_comments_blank_lines_and_capitals() -> None:
    plan = parse_plan("; a plan\n\n  ( BUY )  ; pay first\n(look Home)\n", PROBLEM)
    assert [str(step) for step in plan.steps] == ["(buy)", "(look home)"]


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "p.plan"
    plan = EmbeddedPlanner().plan(PROBLEM, time_limit_s=10).plan
    assert plan is not None
    path.write_text(format_plan(plan))
    assert read_plan(path, PROBLEM) == plan
    with pytest.raises(PlanTextError, match="cannot read"):
        read_plan(tmp_path / "none.plan", PROBLEM)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(buy)\nbuy", r"<plan>:2: expected one step.*: buy"),
        ("(buy", "<plan>:1: expected one step"),
        ("(buy) (buy)", "expected one step"),
        ("()", "expected one step"),
        ("(buuy)", "unknown action 'buuy'; nearest: buy"),
        ("(look hme)", "unknown object 'hme'; nearest: home"),
        ("(look)", "look takes 1 arguments, got 0"),
        ("(walk town0 town0)", r"no value for \(length town0 town0\)"),
    ],
)
def test_what_is_not_a_plan(text: str, message: str) -> None:
    with pytest.raises(PlanTextError, match=message):
        parse_plan(text, PROBLEM)


def test_types_are_checked() -> None:
    problem = make_problem("logistics", 0)
    with pytest.raises(PlanTextError, match=r"truck0 is a truck, and .v must be a plane"):
        parse_plan("(fly truck0 airport0 airport1)", problem)
