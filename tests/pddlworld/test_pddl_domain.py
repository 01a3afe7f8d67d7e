"""The agent in PDDL worlds: plans are followed, surprises are replanned for, STRIPS says what the world does."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neurosym.pddlworld.strips as strips
from neurosym.agent import load
from neurosym.errors import DomainError, MissionError, PlanningError, UnknownNameError
from neurosym.evaluation import EpisodeResult, run_episode
from neurosym.pddlworld import PddlDomain, PddlEnv
from neurosym.planning import validate
from neurosym.symbols import Operator, PlanStatus
from tests.pddlworld.files import FOLDER, WORLDS, name_of, write_files

Files = tuple[Path, Path]
GRIPPER = (FOLDER / "gripper" / "domain.pddl", FOLDER / "gripper" / "p01.pddl")
RICH = [files for files in WORLDS if files[0].parent.name in ("briefcase", "elevator")]


@pytest.mark.parametrize("files", WORLDS, ids=name_of)
def test_the_agent_solves_every_world_as_planned(files: Files) -> None:
    domain = PddlDomain(*files)
    plan = domain.plan(time_limit_s=20).plan
    assert plan is not None
    agent = load(domain)
    result = run_episode(agent, domain.make_env(domain.task_id), domain.task_id, 0)
    assert (result.success, result.steps, result.error) == (True, len(plan), "")
    assert (result.plans, result.plan_cache_hits) == (1, 1), "the plan made first serves"


@pytest.mark.parametrize("files", WORLDS, ids=name_of)
def test_operators_do_what_the_environment_does(files: Files) -> None:
    """In states of a random walk: exactly one operator fits each action that changes something, and says what."""
    domain, rng = PddlDomain(*files), np.random.default_rng(0)
    env = domain.make_env(domain.task_id)
    by_action: dict[str, list[Operator]] = {name: [] for name in env.action_names}
    for operator in domain.strips.operators:
        by_action[str(operator)].append(operator)
    _, info = env.reset()
    for _ in range(30):
        if env.goal_holds() or not info["action_mask"].any():
            break
        number = int(rng.choice(np.flatnonzero(info["action_mask"])))
        before = env.state() - env.world.always
        foretold = {op.apply(before) for op in by_action[env.action_names[number]] if op.applicable(before)}
        *_, info = env.step(number)
        after = env.state() - env.world.always
        assert foretold == {after} or (not foretold and before == after)
        for name, operators in by_action.items():
            legal = bool(info["action_mask"][env.action_names.index(name)])
            assert legal or not any(operator.applicable(after) for operator in operators)
        assert domain.strips.goal.holds(after) == env.goal_holds()


@pytest.mark.parametrize("files", RICH, ids=name_of)
def test_the_strips_problem_is_one_that_planners_can_check(files: Files) -> None:
    from neurosym.planning import EmbeddedPlanner

    domain = PddlDomain(*files)
    problem = domain.strips.problem(domain.world.init)
    result = EmbeddedPlanner().plan(problem, time_limit_s=20)
    assert result.plan is not None
    assert validate(problem, result.plan)


@pytest.mark.parametrize("files", RICH, ids=name_of)
def test_another_engine(files: Files) -> None:
    pytest.importorskip("up_fast_downward", reason='install the "engines" extra')
    from neurosym.planning import planner

    domain = PddlDomain(*files)
    found = domain.plan(domain.planner_with(planner("fast-downward")), time_limit_s=30)
    assert found.plan is not None
    env = domain.make_env(domain.task_id)
    env.reset()
    rewards = [env.step(env.action_names.index(str(step)))[1] for step in found.plan.steps]
    assert rewards[-1] == 1.0


class Slippery(PddlEnv):
    """The first time, and the third, an action does nothing."""

    def reset(self, **kwargs: Any) -> Any:
        self.taken = 0
        return super().reset(**kwargs)

    def step(self, action: Any) -> Any:
        self.taken += 1
        if self.taken in (1, 3):
            return self._observe(), 0.0, False, False, self._info(True, 0.0)
        return super().step(action)


def test_an_action_that_fails_is_tried_once_more() -> None:
    domain = PddlDomain(*GRIPPER)
    agent = load(domain)
    result = run_episode(agent, Slippery(*GRIPPER), domain.task_id, 0)
    assert (result.success, result.steps) == (True, 7)
    assert [event.kind for event in agent.events].count("failed") == 2


class Meddled(PddlEnv):
    """After the second action somebody puts everything back."""

    def step(self, action: Any) -> Any:
        after = super().step(action)
        if self._steps != 2:
            return after
        self._values = self._initial()
        return self._observe(), 0.0, False, False, self._info(True, 0.0)


def test_a_world_that_disagrees_is_planned_for_anew() -> None:
    domain = PddlDomain(*GRIPPER)
    agent = load(domain)
    result = run_episode(agent, Meddled(*GRIPPER), domain.task_id, 0)
    assert (result.success, result.steps) == (True, 2 + 5)
    assert result.plans > 1


def test_a_setback_makes_the_actions_about_it_dearer() -> None:
    domain = PddlDomain(*GRIPPER)
    plain, dear = (domain.strips.problem(domain.world.init, setbacks) for setbacks in ({}, {"b1": 2}))
    costs = {
        schema.name: (schema.cost, other.cost)
        for schema, other in zip(plain.domain.actions, dear.domain.actions, strict=True)
    }
    assert {pair for name, pair in costs.items() if name.startswith("pick_b1")} == {(1.0, 21.0)}
    assert {pair for name, pair in costs.items() if "_b1" not in name} == {(1.0, 1.0)}
    result = domain.planner().plan(dear, time_limit_s=20)
    assert result.plan is not None
    assert all(step in domain.strips.numbers for step in result.plan.steps), "plans are in the world's terms"


def test_a_problem_that_cannot_be_solved(tmp_path: Path) -> None:
    domain = """(:predicates (p) (q) (r))
    (:action a :effect (and (p) (not (q))))
    (:action b :effect (and (q) (not (p)))))"""
    found = PddlDomain(*write_files(tmp_path, domain, "(:init) (:goal (and (p) (q))))")).plan(time_limit_s=20)
    assert (found.plan, found.status) == (None, PlanStatus.UNSOLVABLE)
    never = PddlDomain(*write_files(tmp_path, domain, "(:init) (:goal (and (p) (or (r) (and (r) (p))))))"))
    found = never.plan(time_limit_s=20)
    assert (found.status, found.engine) == (PlanStatus.UNSOLVABLE, "neurosym")
    assert found.reason == "proven without search: (or (r) (and (r) (p))) can never hold"


def test_the_agent_blames_the_model_where_there_is_no_plan(tmp_path: Path) -> None:
    domain = "(:predicates (p) (q)) (:action a :precondition (not (p)) :effect (and (p) (not (q)))))"
    world = PddlDomain(*write_files(tmp_path, domain, "(:init (q)) (:goal (and (p) (q))))"), max_steps=20)
    result = run_episode(load(world), world.make_env(world.task_id), world.task_id, 0)
    assert (result.success, result.steps, result.cause, result.error) == (False, 20, "model", "")


class Unlit(PddlEnv):
    """Begins with nothing true."""

    def _initial(self) -> Any:
        return np.zeros(len(self.world.fluents), dtype=np.bool_)


def test_an_action_that_goes_in_several_ways_is_told_apart(tmp_path: Path) -> None:
    """`flip` goes one way or the other, under one label and before the same rest of the plan."""
    domain = """(:predicates (p) (x) (done))
    (:action flip :effect (and (x) (when (p) (not (p))) (when (not (p)) (p))))
    (:action finish :precondition (x) :effect (done)))"""
    files = write_files(tmp_path, domain, "(:init (p)) (:goal (done)))")
    world = PddlDomain(*files)
    assert [str(operator) for operator in world.strips.operators] == ["(flip)", "(flip)", "(finish)"]
    agent = load(world)
    for env in (PddlEnv(*files), Unlit(*files)):
        result = run_episode(agent, env, world.task_id, 0)
        assert (result.success, result.steps, result.plans) == (True, 2, 1)
        assert "failed" not in [event.kind for event in agent.events], "what was to come of it was foretold"


MANY = " ".join(f"i{number}" for number in range(14))
SWITCHES = """(:types t) (:predicates (on ?x - t) (lit ?x - t))
    (:action turn :parameters (?x - t) :effect (and (on ?x) (not (lit ?x))))
    (:action look :parameters (?x - t) :effect (and (lit ?x) (not (on ?x))))"""


def test_conditional_effects_that_multiply_are_refused(tmp_path: Path) -> None:
    domain = SWITCHES + "(:action go :effect (forall (?x - t) (when (on ?x) (lit ?x)))))"
    files = write_files(tmp_path, domain, f"(:objects {MANY} - t) (:init) (:goal (on i0)))")
    with pytest.raises(PlanningError, match=r"p: \(go\) can go more than 4096 ways"):
        _ = PddlDomain(*files).strips


def test_a_goal_that_multiplies_is_refused(tmp_path: Path) -> None:
    goal = "(forall (?x - t) (or (on ?x) (lit ?x)))"
    files = write_files(tmp_path, SWITCHES + ")", f"(:objects {MANY} - t) (:init) (:goal {goal}))")
    with pytest.raises(PlanningError, match="p: the goal can go more than 4096 ways"):
        _ = PddlDomain(*files).strips


def test_too_many_operators_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "MOST_OPERATORS", 3)
    with pytest.raises(PlanningError, match="more than 3 STRIPS operators"):
        _ = PddlDomain(*GRIPPER).strips


def test_what_a_domain_of_files_does_not_do() -> None:
    domain = PddlDomain(*GRIPPER)
    with pytest.raises(UnknownNameError):
        domain.make_env("gripper.balls-9")
    with pytest.raises(MissionError, match="the one mission here is"):
        domain.goal("pick up the red ball")
    with pytest.raises(DomainError, match="nothing to learn"):
        next(domain.training_levels([domain.task_id], range(1)))
    with pytest.raises(DomainError, match="nothing to learn"):
        domain.training_worlds([], 1, 0)


def test_beliefs_are_what_is_observed() -> None:
    domain, rng = PddlDomain(*GRIPPER), np.random.default_rng(1)
    envs = [domain.make_env(domain.task_id) for _ in range(3)]
    belief = domain.belief(3)
    belief.begin(np.ones(3, dtype=np.bool_), domain.stack([env.reset()[0] for env in envs]))
    for _ in islice(range(100), 20):
        actions = rng.integers(len(domain.action_names), size=3)
        steps = [env.step(action) for env, action in zip(envs, actions, strict=True)]
        belief.update(actions, domain.stack([step[0] for step in steps]))
        for index, env in enumerate(envs):
            assert belief.state(index) == env.state() - env.world.always
            assert belief.problem(index, (), {}).goal.holds(belief.state(index)) == env.goal_holds()


def test_evaluation_does_not_depend_on_the_seed() -> None:
    domain = PddlDomain(*GRIPPER)
    env, agent = domain.make_env(domain.task_id), load(domain)
    results: list[EpisodeResult] = [run_episode(agent, env, domain.task_id, seed) for seed in (1, 2)]
    assert results[0].steps == results[1].steps == 5
