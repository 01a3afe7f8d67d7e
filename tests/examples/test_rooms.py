"""Another system's PDDL, bound to MiniGrid by tables: `examples/rooms`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosym.agent import Agent, load
from neurosym.domain import load_domain
from neurosym.errors import UnknownNameError
from neurosym.evaluation import run_episode
from neurosym.planning import EmbeddedPlanner, format_plan, read_domain, read_plan, read_problem, validate
from neurosym.symbols import Atom, Problem

FOLDER = Path(__file__).parents[2] / "examples" / "rooms"
ROOMS = load_domain(FOLDER)
TASKS = (
    "MiniGrid-DoorKey-8x8-v0",
    "MiniGrid-MultiRoom-N4-S5-v0",
    "MiniGrid-Unlock-v0",
    "MiniGrid-UnlockPickup-v0",
    "MiniGrid-KeyCorridorS3R1-v0",  # a key right behind a door: it is taken from the doorway
    "MiniGrid-KeyCorridorS3R3-v0",
    "BabyAI-PickupLoc-v0",
)


@pytest.fixture(scope="module")
def problem() -> Problem:
    return read_problem(FOLDER / "p01.pddl", read_domain(FOLDER / "domain.pddl"))


def test_the_plan_is_valid_and_the_cheapest(problem: Problem) -> None:
    plan = read_plan(FOLDER / "p01.plan", problem)
    verdict = validate(problem, plan)
    assert verdict, verdict.reason
    assert format_plan(plan) == (FOLDER / "p01.plan").read_text()
    found = EmbeddedPlanner(search="astar").plan(problem, time_limit_s=10.0).plan
    assert found is not None
    assert found.cost == verdict.cost


def test_the_invalid_plan_fails_at_its_wrong_step(problem: Problem) -> None:
    verdict = validate(problem, read_plan(FOLDER / "p01_invalid.plan", problem))
    assert verdict.step == 1
    assert [str(literal) for literal in verdict.failed] == ["(unlocked yellow_door)"]


def test_it_is_what_an_agent_believes_in_that_episode(problem: Problem) -> None:
    agent, env = Agent(ROOMS, ROOMS.scripted_controller()), ROOMS.make_env("MiniGrid-DoorKey-8x8-v0")
    observation, _ = env.reset(seed=1_000_000)
    agent.reset(observation)
    believed = [believe(agent)]
    for _ in range(6):
        observation, *_ = env.step(agent.act(observation))
        agent.observe(observation)
        believed.append(believe(agent))
    assert problem.init in [other.init for other in believed]
    same = next(other for other in believed if other.init == problem.init)
    assert set(same.objects) == set(problem.objects)
    assert same.goal == problem.goal


def believe(agent: Agent) -> Problem:
    return agent.executive.belief.problem(0, agent.executive.threads[0].stage.wanted, {})


def test_the_pddl_is_unchanged_but_for_prices() -> None:
    agent, env = Agent(ROOMS, ROOMS.scripted_controller()), ROOMS.make_env("MiniGrid-DoorKey-5x5-v0")
    agent.reset(env.reset(seed=1_000_000)[0])
    bound = believe(agent).domain
    assert bound.predicates == ROOMS.model.predicates
    assert bound.types == ROOMS.model.types
    for ours, theirs in zip(bound.actions, ROOMS.model.actions, strict=True):
        assert (ours.name, ours.parameters) == (theirs.name, theirs.parameters)
        assert (ours.precondition, ours.add, ours.delete) == (theirs.precondition, theirs.add, theirs.delete)
        assert ours.cost == Atom("effort", (theirs.parameters[0].name,))


@pytest.mark.parametrize("task", TASKS)
def test_it_solves_real_tasks(task: str) -> None:
    agent, env = Agent(ROOMS, ROOMS.scripted_controller()), ROOMS.make_env(task)
    for seed in range(1_000_000, 1_000_003):
        result = run_episode(agent, env, task, seed)
        assert result.success, (seed, result.cause, result.error, agent.events[-2:])
        told = [event.text for event in agent.events if event.kind == "replan"]
        assert not any("expected (in-room room" in text for text in told), (
            "half of a step was taken for all of it"
        )


def test_it_solves_tasks_with_the_weights_that_ship_with_minigrid() -> None:
    if not (ROOMS.weights / "checkpoint.json").is_file():
        pytest.skip("no weights ship with minigrid yet")
    agent, env = load(ROOMS), ROOMS.make_env("MiniGrid-DoorKey-6x6-v0")
    results = [
        run_episode(agent, env, "MiniGrid-DoorKey-6x6-v0", seed) for seed in range(1_000_000, 1_000_003)
    ]
    assert all(result.success for result in results)


def test_every_door_is_locked_or_unlocked_and_the_robot_is_in_one_room() -> None:
    seen = Counter[str]()
    for state, objects in states("MiniGrid-DoorKey-6x6-v0"):
        doors = {name for name, kind in objects.items() if kind == "door"}
        locked, unlocked = ({a.args[0] for a in state if a.predicate == p} for p in ("locked", "unlocked"))
        assert locked.isdisjoint(unlocked)
        assert locked | unlocked == doors
        assert sum(atom.predicate == "in-room" for atom in state) == 1
        assert sum(atom.predicate in ("holding", "handempty") for atom in state) == 1
        seen.update(atom.predicate for atom in state)
    assert {"locked", "unlocked", "matches", "holding", "handempty", "item-in", "connects"} <= set(seen)


def states(task: str) -> Any:
    """What is believed on the way to the goal, and the type of each object."""
    agent, env = Agent(ROOMS, ROOMS.scripted_controller()), ROOMS.make_env(task)
    observation, _ = env.reset(seed=1_000_002)
    agent.reset(observation)
    over = False
    while not over:
        problem = believe(agent)
        yield problem.init, {entry.name: entry.type for entry in problem.objects}
        observation, _, terminated, truncated, _ = env.step(agent.act(observation))
        over = terminated or truncated
        if not over:
            agent.observe(observation)


def test_a_step_of_several_is_news_when_the_first_is_done() -> None:
    """A closed door is opened, and then one goes through it: between the two it is decided anew."""
    task, seed = "MiniGrid-MultiRoom-N2-S4-v0", 1_000_000
    agent, env = Agent(ROOMS, ROOMS.scripted_controller()), ROOMS.make_env(task)
    observation, _ = env.reset(seed=seed)
    agent.reset(observation)
    belief, halfway = agent.executive.belief, 0
    for _ in range(40):
        observation, _, terminated, _, _ = env.step(agent.act(observation))
        if terminated:
            break
        agent.observe(observation)
        opened = any(atom.predicate == "open" for atom in belief.inner.state(0))
        halfway += bool(belief.surprised()[0])
        assert not belief.surprised()[0] or opened
    assert terminated
    assert halfway == 1


def test_a_fresh_episode_is_not_halfway_through_anything() -> None:
    belief = ROOMS.belief(2)
    belief._on_the_way[:] = True  # pyright: ignore
    env = ROOMS.make_env("MiniGrid-DoorKey-5x5-v0")
    belief.begin(np.array([True, False]), ROOMS.stack([env.reset(seed=seed)[0] for seed in (1, 2)]))
    assert belief.surprised().tolist() == [False, True]


def test_tasks_that_its_words_do_not_cover_are_none_of_its_own() -> None:
    with pytest.raises(UnknownNameError):
        ROOMS.make_env("MiniGrid-PutNear-6x6-N2-v0")


def test_every_task_has_a_mission_that_it_understands() -> None:
    for task in ROOMS.tasks():
        env = ROOMS.make_env(task.id)
        for seed in range(5):
            assert ROOMS.goal(env.reset(seed=seed)[0]["mission"]).stages
