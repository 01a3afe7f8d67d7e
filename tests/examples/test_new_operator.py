"""MiniGrid with one operator more: `examples/new_operator`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosym.agent import Agent, load
from neurosym.domain import load_domain
from neurosym.evaluation import run_episode
from neurosym.planning import EmbeddedPlanner, format_plan, read_domain, read_plan, read_problem, validate
from neurosym.symbols import Description, Operator, Wanted
from neurosym.training import TrainingConfig, train

FOLDER = Path(__file__).parents[2] / "examples" / "new_operator"
GUARD, MINIGRID = load_domain(FOLDER), load_domain("minigrid")
ONE_ROOM, TWO_ROOMS = (task.id for task in GUARD.tasks())
SEEDS = range(1_000_000, 1_000_010)


def test_the_problem_and_its_plans() -> None:
    problem = read_problem(FOLDER / "p01.pddl", read_domain(FOLDER / "domain.pddl"))
    plan = read_plan(FOLDER / "p01.plan", problem)
    assert validate(problem, plan)
    assert format_plan(plan) == (FOLDER / "p01.plan").read_text()
    assert validate(problem, read_plan(FOLDER / "p01_invalid.plan", problem)).step == 0
    assert EmbeddedPlanner().plan(problem, time_limit_s=5.0).plan == plan


def test_it_adds_to_minigrid_and_takes_nothing_away() -> None:
    known, model = MINIGRID.model, GUARD.model
    assert [action.name for action in model.actions if action not in known.actions] == ["guard"]
    assert [entry.name for entry in model.predicates if entry not in known.predicates] == ["guarded"]
    assert (model.types, model.functions) == (known.types, known.functions)
    assert set(known.actions) <= set(model.actions)


def test_it_speaks_as_minigrid_does_and_of_guarding() -> None:
    it = (Description("ball", (("colour", "red"),)),)
    assert GUARD.goal("guard the red ball").stages == ((Wanted("guarded", it),),)
    assert GUARD.goal("go to the red ball, then guard the red ball").stages[0] == (Wanted("visited", it),)
    step = Operator("guard", ("red_ball", "room_1"))
    assert GUARD.translator.instruct(step, frozenset()).text == "guard the red ball"


@pytest.mark.parametrize("task", [ONE_ROOM, TWO_ROOMS])
def test_it_is_planned_and_done(task: str) -> None:
    agent, env, plans = Agent(GUARD, GUARD.scripted_controller()), GUARD.make_env(task), []
    for seed in SEEDS:
        result = run_episode(agent, env, task, seed)
        assert result.success, (seed, result.cause, result.error, agent.events[-2:])
        plans.append(" ".join(event.text for event in agent.events if "plan" in event.kind))
    assert all("(guard " in plan for plan in plans)
    assert any("(pass-door " in plan for plan in plans) is (task == TWO_ROOMS), (
        "with what MiniGrid can already"
    )


def test_the_subgoal_is_achieved_when_the_thing_is_at_the_back_and_only_then() -> None:
    env, rng = GUARD.make_env(ONE_ROOM), np.random.default_rng(0)
    seen = {True: 0, False: 0}
    for seed in SEEDS:
        belief = GUARD.belief(1)
        observation, _ = env.reset(seed=seed)
        belief.begin(np.ones(1, dtype=bool), GUARD.stack([observation]))
        for _ in range(60):
            action = int(rng.choice(GUARD.idle_actions))
            observation, *_ = env.step(action)
            belief.update(np.array([action]), GUARD.stack([observation]))
            for name, really in at_the_back(env, belief).items():
                assert done(belief, name) is really, (seed, name)
                seen[really] += 1
    assert min(seen.values()) > 10, "both happen"


def at_the_back(env: Any, belief: Any) -> dict[str, bool]:
    """Each thing the agent knows, and whether the simulator has it behind the agent."""
    world = env.unwrapped
    behind = world.grid.get(*(np.array(world.agent_pos) - world.dir_vec))
    look = f"{behind.color}_{behind.type}" if behind is not None else ""
    return {name: name == look for name in belief.scene(0).things}


def done(belief: Any, name: str) -> bool:
    aim = belief.aim(0, Operator("guard", (name, "room_1")), None)
    rows, budgets = belief.subgoals(np.array([0]), aim[None])
    assert budgets[0] > 0
    return bool(belief.achieved(rows)[0])


def test_compiled_worlds_are_exact() -> None:
    levels = finish(GUARD.training_levels([ONE_ROOM, TWO_ROOMS], range(20)))
    worlds: Any = GUARD.training_worlds(levels, 1, 0)
    rng, endings = np.random.default_rng(0), {"terminated": 0, "truncated": 0}
    for number, task in enumerate(levels.tasks):
        env = GUARD.make_env(task)
        observation, _ = env.reset(seed=number % 20)
        worlds.start(np.array([0]), np.array([number]))
        for _ in range(100):
            shown = worlds.observation()
            assert np.array_equal(shown["image"][0], observation["image"])
            assert shown["mission"][0] == observation["mission"]
            action = int(rng.choice((0, 1, 2, 2, 2, 5)))
            observation, *verdict, _ = env.step(action)
            outcome = worlds.step(np.array([action]))
            assert [outcome.reward[0], outcome.terminated[0], outcome.truncated[0]] == pytest.approx(verdict)
            if verdict[1] or verdict[2]:
                endings["terminated" if verdict[1] else "truncated"] += 1
                break
    assert min(endings.values()) > 3, "both happen"


def finish(generator: Any) -> Any:
    while True:
        try:
            next(generator)
        except StopIteration as finished:
            return finished.value


def test_it_can_be_practised(tmp_path: Path) -> None:
    """A few updates; the weights they lead to can be used."""
    config = TrainingConfig(worlds=16, steps=16, hidden=(16,), levels=10)
    *_, last = train(GUARD, frames=1024, out=tmp_path, config=config)
    assert last.frames >= 1024
    result = run_episode(load(GUARD, tmp_path / "weights"), GUARD.make_env(ONE_ROOM), ONE_ROOM, SEEDS[0])
    assert not result.error


@pytest.mark.slow
def test_it_is_learned(tmp_path: Path) -> None:
    """`neurosym train ./examples/new_operator --frames 600000`, fewer than its README advises."""
    for _ in train(GUARD, frames=600_000, out=tmp_path):
        pass
    agent = load(GUARD, tmp_path / "weights")
    for task in (ONE_ROOM, TWO_ROOMS):
        env = GUARD.make_env(task)
        solved = [run_episode(agent, env, task, seed).success for seed in range(1_000_000, 1_000_050)]
        assert np.mean(solved) >= 0.95, task
