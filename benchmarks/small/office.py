"""OfficeWorld as its authors measure it: reward per step over that of the optimal policy, both acting with epsilon."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from benchmarks.small.model import Model, Outcome, solve, wander
from benchmarks.small.qlearning import Episode, QTable, Settings
from domains.officeworld.world import (
    EVENTS,
    HEIGHT,
    MOVES,
    PLANTS,
    START,
    STEP_LIMIT,
    TASKS,
    WIDTH,
    Cell,
    Task,
    neighbour,
)

__all__ = ["SETTINGS", "Counterfactual", "curve", "office_model", "optimum", "state_of"]

SETTINGS = Settings(discount=0.9, rate=0.5, epsilon=0.1, initial=2.0)
"""As published for Q-learning and CRM."""

WINDOW = 400

State = tuple[str, Cell, frozenset[str]]


def state_of(observation: Any) -> State:
    """Mission, cell and what is done: all there is to know."""
    x, y = observation["position"].tolist()
    done = frozenset(event for event, on in zip(EVENTS, observation["progress"], strict=True) if on)
    return observation["mission"], (x, y), done


@cache
def stages_of(task: Task) -> tuple[frozenset[str], ...]:
    """All that can be done of a task before it is complete."""
    cells = list(product(range(WIDTH), range(HEIGHT)))
    found = [frozenset[str]()]
    for done in found:
        found += sorted({task.advance(done, cell) for cell in cells} - set(found), key=sorted)
    return tuple(done for done in found if not task.complete(done))


def office_model(task: Task) -> Model:
    """States are a cell and what is done of the task."""
    cells = product(range(WIDTH), range(HEIGHT))
    number = {state: index for index, state in enumerate(product(cells, stages_of(task)))}
    moves, rewards = np.zeros((len(MOVES), len(number), len(number))), np.zeros((len(MOVES), len(number)))
    for (cell, done), index in number.items():
        for action in range(len(MOVES)):
            there = neighbour(cell, action)
            after = task.advance(done, there)
            if task.complete(after):
                rewards[action, index] = 1.0
            elif there not in PLANTS:
                moves[action, index, number[there, after]] = 1.0
    start = np.zeros(len(number))
    start[number[START, frozenset()]] = 1.0
    return Model(moves, rewards, start)


@cache
def optimum(task: str) -> Outcome:
    """The policy that is best without noise at their discount, acting with epsilon."""
    model = office_model(TASKS[task])
    policy = solve(model, SETTINGS.discount).argmax(axis=0)
    return wander(model, policy, SETTINGS.epsilon, STEP_LIMIT)


@dataclass
class Counterfactual(QTable):
    """CRM: each step also teaches what it would have meant at every other stage of every task.

    Toro Icarte et al., "Reward Machines", JAIR 2022, section 3.4. It is told where things are, through the tasks.
    """

    def watch(self, before: Any, action: int, reward: float, after: Any, ended: bool) -> None:
        _, here, _ = state_of(before)
        _, there, _ = state_of(after)
        for task in TASKS.values():
            for done in stages_of(task):
                following = task.advance(done, there)
                complete = task.complete(following)
                self.update(
                    (task.mission, here, done),
                    action,
                    float(complete),
                    (task.mission, there, following),
                    complete or there in PLANTS,
                )


def curve(episodes: Iterable[Episode], steps: int, every: int) -> list[float]:
    """Reward per step over the optimum's, the mean of the last 400 episodes, after every so many steps."""
    recent: deque[float] = deque(maxlen=WINDOW)
    points: list[float] = []
    for episode in episodes:
        while (len(points) + 1) * every <= min(episode.ended, steps):
            points.append(float(np.mean(recent)) if recent else 0.0)
        recent.append(episode.reward / episode.length / optimum(episode.task).rate)
    return points + [float(np.mean(recent)) if recent else 0.0] * (steps // every - len(points))
