from __future__ import annotations

import pytest

from neurosym.errors import MissionError
from neurosym.planning import planner, validate
from neurosym.showing.sample import Look, Sample, plan_for
from neurosym.symbols import Atom, PlanStatus
from tests.worlds import ALLEY


def test_the_plan_is_valid(sample: Sample) -> None:
    assert sample.result.plan
    assert validate(sample.look.problem, sample.result.plan)
    assert tuple(step.operator for step in sample.steps) == sample.result.plan.steps


def test_each_step_says_what_it_changes(sample: Sample) -> None:
    first, second = sample.steps
    assert first.instruction == "open the second box to look for the coin"
    assert first.added == {Atom("lies", ("coin", "z1"))}
    assert first.deleted == {Atom("lies", ("box_2", "z1")), Atom("may-hold", ("box_2", "coin"))}
    assert second.deleted == {Atom("lies", ("coin", "z1"))}


def test_the_changes_lead_to_the_goal(sample: Sample) -> None:
    state = sample.look.problem.init
    for step in sample.steps:
        assert step.deleted <= state
        assert not step.added & state
        state = (state - step.deleted) | step.added
    assert sample.look.problem.goal.holds(state)


def test_other_words() -> None:
    look = Look.at(ALLEY, "Alley-Open-v0", 3, "ring the bell, then fetch the coin")
    assert (look.stage, len(look.goal.stages)) == (0, 2)
    assert dict(plan_for(ALLEY, look, planner("neurosym")).told)["stage"].startswith("1 of 2")
    with pytest.raises(MissionError):
        Look.at(ALLEY, "Alley-Open-v0", 3, "paint the bell")


def test_no_plan_is_no_error(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurosym.showing.sample.TIME_LIMIT_S", 0.0)
    unplanned = plan_for(ALLEY, sample.look, planner("neurosym"))
    assert unplanned.steps == ()
    assert unplanned.result.status is PlanStatus.TIMED_OUT
    assert unplanned.record()["plan"] is None
    assert "timed out" in dict(unplanned.told)["neurosym"]
