"""The problem and the plans that lie beside the domain: read, replayed, planned anew, and met in a real episode."""

from __future__ import annotations

import pytest

from neurosym.planning import EmbeddedPlanner, format_plan, read_domain, read_plan, read_problem, validate
from neurosym.symbols import Atom, Literal, Problem
from tests.domains.minigrid.play import DOMAIN, agent, episode

FOLDER = DOMAIN.folder


@pytest.fixture(scope="module")
def problem() -> Problem:
    return read_problem(FOLDER / "p01.pddl", read_domain(FOLDER / "domain.pddl"))


def test_the_plan_is_valid_and_written_as_plans_are(problem: Problem) -> None:
    plan = read_plan(FOLDER / "p01.plan", problem)
    verdict = validate(problem, plan)
    assert verdict, verdict.reason
    assert verdict.cost == 20
    assert format_plan(plan) == (FOLDER / "p01.plan").read_text()


def test_the_invalid_plan_fails_at_its_wrong_step(problem: Problem) -> None:
    verdict = validate(problem, read_plan(FOLDER / "p01_invalid.plan", problem))
    assert not verdict
    assert verdict.step == 1
    assert verdict.failed == (Literal(Atom("locked", ("yellow_door",)), positive=False),)


def test_the_planner_finds_nothing_cheaper(problem: Problem) -> None:
    result = EmbeddedPlanner(search="astar").plan(problem, time_limit_s=10.0)
    assert result.plan is not None
    assert result.plan.cost == read_plan(FOLDER / "p01.plan", problem).cost


def test_it_is_what_an_agent_believes_in_that_episode(problem: Problem) -> None:
    player = agent()
    for step, _ in enumerate(episode("MiniGrid-DoorKey-8x8-v0", 1_000_003, player, 1)):
        believed = player.executive.belief.problem(0, player.executive.threads[0].goal.stages[0], {})
        if step == 0:
            assert believed.init != problem.init, "one look is not enough"
    assert believed.init == problem.init
    assert believed.goal == problem.goal
    assert set(believed.objects) == set(problem.objects)
