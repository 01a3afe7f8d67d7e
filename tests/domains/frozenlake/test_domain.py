"""FrozenLake as a domain: the laws of every domain, the maps, and learned failure as cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurosym.agent import Agent
from neurosym.domain import load_domain
from neurosym.options import QTable
from neurosym.symbols import Atom
from neurosym.testing import DomainConformance
from neurosym.training.table import TablePractice

DOMAIN: Any = load_domain("frozenlake")
SMALL, LARGE = DOMAIN.missions


class TestFrozenLake(DomainConformance):
    domain = "frozenlake"


@pytest.mark.parametrize("task", [SMALL, LARGE])
def test_the_lake_is_the_environment_s_own(task: str) -> None:
    """Where one can go from each cell, by the table of the environment without its slips."""
    env = DOMAIN.make_env(task)
    observation, _ = env.reset(seed=0)
    toy = env.unwrapped
    joins, ends = set(), set()
    for cell in range(toy.nrow * toy.ncol):
        sign = toy.desc.reshape(-1)[cell]
        if sign in b"HG":
            continue
        for action in range(4):
            ahead = toy.P[cell][action][1][1]
            there = toy.desc.reshape(-1)[ahead]
            if there == b"G":
                ends.add(name(toy, cell))
            elif there != b"H" and ahead != cell:
                joins.add((name(toy, cell), name(toy, ahead)))
    state = DOMAIN.read_state(observation)
    assert {atom.args for atom in state if atom.predicate == "joins"} == joins
    assert {atom.args[0] for atom in state if atom.predicate == "ends"} == ends
    assert Atom("at", ("cell_0_0",)) in state


def name(toy: Any, cell: int) -> str:
    return f"cell_{cell // toy.ncol}_{cell % toy.ncol}"


def test_a_hole_is_nowhere() -> None:
    state = DOMAIN.read_state({"observation": 5, "mission": "cross the small lake"})
    assert not any(atom.predicate in ("at", "crossed") for atom in state)


def test_steps_that_lead_astray_become_dear() -> None:
    """Beside a hole a step costs more than its one unit, and the agent does better than one in a hundred."""
    worlds = DOMAIN.training_worlds([(SMALL, seed) for seed in range(500)], 1, seed=0)
    table = QTable(DOMAIN.feature_spec, DOMAIN.table)
    practice = TablePractice(DOMAIN, worlds, table, [SMALL], seed=0, episode_limit=100)
    for _ in range(2000):
        practice.step()
    assert max(table.remembered.values()) > 5
    table.learning, table.epsilon = False, 0.0
    agent, env = Agent(DOMAIN, table, 0), DOMAIN.make_env(SMALL)
    assert np.mean([crossed(env, agent, seed) for seed in range(1_000_000, 1_000_060)]) > 0.4


def crossed(env: Any, agent: Agent, seed: int) -> bool:
    observation, _ = env.reset(seed=seed)
    agent.reset(observation)
    reward, over = 0.0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(agent.act(observation))
        over = terminated or truncated
    return reward > 0
