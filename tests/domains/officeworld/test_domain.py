"""OfficeWorld as a domain: the laws of every domain, what missions mean, and what is shared between tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurosym.agent import Agent
from neurosym.domain import load_domain
from neurosym.kit import Subgoal
from neurosym.options import RandomController
from neurosym.symbols import Atom
from neurosym.testing import DomainConformance

DOMAIN: Any = load_domain("officeworld")
COFFEE, MAIL, BOTH, PATROL = DOMAIN.training_tasks


class TestOfficeWorld(DomainConformance):
    domain = "officeworld"


def first_plan(task: str) -> list[str]:
    env = DOMAIN.make_env(task)
    observation, _ = env.reset(seed=0)
    agent = Agent(DOMAIN, RandomController(4), 0)
    agent.reset(observation)
    return [] if agent.plan is None else [str(step) for step in agent.plan.steps]


@pytest.mark.parametrize(
    ("task", "operators"),
    [
        (COFFEE, ["fetch", "bring"]),
        (MAIL, ["fetch", "bring"]),
        (BOTH, ["fetch", "fetch", "bring-both"]),
        (PATROL, ["visit"]),
    ],
)
def test_what_is_planned_first(task: str, operators: list[str]) -> None:
    assert [step.strip("(").split()[0] for step in first_plan(task)] == operators


def test_what_is_held_and_where_one_is() -> None:
    env = DOMAIN.make_env(COFFEE)
    env.reset(seed=0)
    for action in (1, 0, 1, 1, 2, 1, 0, 1, 1):
        observation, *_ = env.step(action)
    state = DOMAIN.read_state(observation)
    assert tuple(observation["position"]) == (8, 2)
    assert {Atom("at", ("east_machine",)), Atom("has", ("coffee",))} <= state
    assert Atom("has", ("mail",)) not in state


def test_being_there_is_all_that_counts_whatever_the_task_asks_for() -> None:
    """In the mail task coffee is not given out, and the way to the machine is learned all the same."""
    coffee, mail = (DOMAIN.make_env(task).reset(seed=0)[0] for task in (COFFEE, MAIL))
    (fetch,) = (action for action in DOMAIN.model.actions if action.name == "fetch")
    subgoal = Subgoal(fetch.bind(("hall", "coffee", "east_machine")))
    assert DOMAIN.features(coffee, subgoal) == DOMAIN.features(mail, subgoal)
    there = {**mail, "position": mail["position"] + [6, 1]}
    assert DOMAIN.achieved(there, DOMAIN.read_state(there), subgoal)
    assert not DOMAIN.achieved(mail, DOMAIN.read_state(mail), subgoal)


def test_what_the_agent_sees_is_drawn_where_it_is() -> None:
    env = DOMAIN.make_env(COFFEE, render=True)
    observation, _ = env.reset(seed=0)
    assert np.array_equal(DOMAIN.view(observation), env.render())
