"""Small worlds for tests, in folders like those of `domains/`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from neurosym.agent import Agent
from neurosym.domain import load_domain

ALLEY_FOLDER = Path(__file__).parent / "alley"
ALLEY = load_domain(ALLEY_FOLDER)
alley: Any = sys.modules[f"{type(ALLEY).__module__.rpartition('.')[0]}.world"]

Mischief = Callable[[int, Any], None]


@dataclass
class Course:
    """An episode that was played.

    Attributes:
        instructions: what the controller was told, each once in a row.
        ended: the world said so.
    """

    actions: list[int] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    ended: bool = False


def play(
    agent: Agent, level: Any, steps: int = alley.STEP_LIMIT, mischief: Mischief = lambda t, world: None
) -> Course:
    """Play a level, the agent being handed copies of the observation's two keys; `mischief` meddles before step t."""
    world, course = alley.Alleys([level], 1), Course()
    observation = look(world)
    agent.reset(observation)
    for t in range(steps):
        course.actions.append(agent.act(observation))
        told = agent.instruction.text if agent.instruction else "(nothing)"
        if course.instructions[-1:] != [told]:
            course.instructions.append(told)
        mischief(t, world)
        _, ended, _ = world.step(np.array(course.actions[-1:]))
        observation = look(world)
        if ended[0]:
            course.ended = True
            break
    agent.observe(observation)
    return course


def look(world: Any, index: int = 0) -> Mapping[str, Any]:
    seen = world.observation()
    return {"image": seen["image"][index].copy(), "mission": seen["mission"][index]}


def kinds(agent: Agent) -> list[str]:
    return [event.kind for event in agent.events]


def options(agent: Agent) -> Iterator[tuple[str, int, int]]:
    """Each operator with how often it was achieved and how often it failed."""
    counts = agent.counters.options
    for name in sorted({name for name, _ in counts}):
        yield name, counts[name, True], counts[name, False]


def untaught(folder: Path) -> Path:
    """`folder` with the weights of a network that has learned nothing."""
    from neurosym.options import OptionNetwork, save_checkpoint

    save_checkpoint(folder, OptionNetwork(ALLEY.feature_spec, (8,), seed=0))
    return folder
