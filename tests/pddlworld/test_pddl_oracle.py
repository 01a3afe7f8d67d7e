"""The environment against unified-planning's reader and simulator, and its plans against its validator."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosym.pddlworld import PddlDomain, PddlEnv
from tests.pddlworld.files import FOLDER, SMALL, WORLDS, name_of

Files = tuple[Path, Path]
RICH = [(FOLDER / name / "domain.pddl", FOLDER / name / "p02.pddl") for name in ("briefcase", "elevator")]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """unified-planning warns of what it deprecates itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def read(files: Files) -> Any:
    from unified_planning.io import PDDLReader

    return PDDLReader().parse_problem(str(files[0]), str(files[1]))


class Oracle:
    """unified-planning's simulator, spoken to in names."""

    def __init__(self, files: Files) -> None:
        from unified_planning.engines.sequential_simulator import UPSequentialSimulator

        self.problem = read(files)
        # It is not sure of costs that depend on arguments, which it does not look at when it simulates.
        self.simulator: Any = UPSequentialSimulator(self.problem, error_on_failed_checks=False)
        self.state = self.simulator.get_initial_state()

    def legal(self) -> dict[str, tuple[Any, tuple[Any, ...]]]:
        found = self.simulator.get_applicable_actions(self.state)
        return {_call(action.name, args): (action, args) for action, args in found}

    def take(self, action: Any, args: tuple[Any, ...]) -> None:
        after = self.simulator.apply(self.state, action, args)
        assert after is not None
        self.state = after

    def atoms(self) -> set[str]:
        true = set()
        for fluent in self.problem.initial_values:
            value = self.state.get_value(fluent)
            if value.is_bool_constant() and value.bool_constant_value():
                true.add(_call(fluent.fluent().name, fluent.args))
        return true

    def solved(self) -> bool:
        return bool(self.simulator.is_goal(self.state))


def _call(name: str, args: Any) -> str:
    return f"({' '.join([name, *map(str, args)])})"


def walk(files: Files, steps: int, seed: int) -> int:
    """A random walk in both at once; how many actions there were to choose from in all."""
    env, oracle, rng = PddlEnv(*files, max_steps=None), Oracle(files), np.random.default_rng(seed)
    observation, info = env.reset()
    choices = 0
    for _ in range(steps):
        legal = oracle.legal()
        ours = {env.action_names[number] for number in np.flatnonzero(info["action_mask"])}
        assert ours == set(legal), "the same actions are legal"
        assert {str(atom) for atom in env.state()} == oracle.atoms(), "the same atoms hold"
        seen = {name for name, value in zip(env.fluent_names, observation, strict=True) if value}
        assert seen <= oracle.atoms(), "what is observed is true"
        assert env.goal_holds() == oracle.solved(), "both agree on the goal"
        if env.goal_holds() or not legal:
            break
        choices += len(legal)
        name = sorted(legal)[int(rng.integers(len(legal)))]
        oracle.take(*legal[name])
        observation, reward, reached, _, info = env.step(env.action_names.index(name))
        assert info["legal"]
        assert (reward, reached) == (float(oracle.solved()), oracle.solved())
    return choices


@pytest.mark.parametrize("files", [*SMALL, *RICH], ids=name_of)
def test_random_walks_agree_step_by_step(files: Files) -> None:
    assert sum(walk(files, 25, seed) for seed in range(3)) > 25, "the walks went somewhere"


@pytest.mark.parametrize("files", WORLDS, ids=name_of)
def test_plans_are_valid_and_cost_what_the_environment_says(files: Files) -> None:
    from unified_planning.engines.plan_validator import SequentialPlanValidator
    from unified_planning.plans import ActionInstance, SequentialPlan

    domain = PddlDomain(*files)
    plan = domain.plan(time_limit_s=20).plan
    assert plan is not None
    env, cost = PddlEnv(*files), 0.0
    env.reset()
    for number, step in enumerate(plan.steps):
        _, reward, reached, _, info = env.step(env.action_names.index(str(step)))
        cost += info["cost"]
        assert info["legal"]
        assert reached == (reward > 0) == (number + 1 == len(plan)), "the last step reaches the goal"
    assert cost == plan.cost == info["total_cost"]
    problem = read(files)
    instances = [
        ActionInstance(
            problem.action(step.name),
            tuple(problem.environment.expression_manager.ObjectExp(problem.object(arg)) for arg in step.args),
        )
        for step in plan.steps
    ]
    validator: Any = SequentialPlanValidator()
    validator.error_on_failed_checks = False  # as above
    result = validator.validate(problem, SequentialPlan(instances))
    assert result.status.name == "VALID", result.reason
    if problem.quality_metrics:
        (measured,) = result.metric_evaluations.values()
        assert float(measured) == cost
