"""OfficeWorld as its authors measure it: reward per step over that of the optimal policy, both acting with epsilon."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import cache
from itertools import product

import numpy as np

from benchmarks.small.model import Model, Outcome, solve, wander
from benchmarks.small.qlearning import Episode
from domains.officeworld.world import HEIGHT, MOVES, PLANTS, START, STEP_LIMIT, TASKS, WIDTH, Task, neighbour

__all__ = ["EPSILON", "curve", "office_model", "optimum"]

DISCOUNT, EPSILON = 0.9, 0.1
WINDOW = 400


def office_model(task: Task) -> Model:
    """States are a cell and what is done of the task."""
    cells = list(product(range(WIDTH), range(HEIGHT)))
    progresses = [frozenset[str]()]
    for done in progresses:
        after = {task.advance(done, cell) for cell in cells}
        progresses += sorted(after - set(progresses), key=sorted)
    running = [done for done in progresses if not task.complete(done)]
    number = {state: index for index, state in enumerate(product(cells, running))}
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
    return wander(model, solve(model, DISCOUNT).argmax(axis=0), EPSILON, STEP_LIMIT)


def curve(episodes: Iterable[Episode], steps: int, every: int) -> list[float]:
    """Reward per step over the optimum's, the mean of the last 400 episodes, after every so many steps."""
    recent: deque[float] = deque(maxlen=WINDOW)
    points: list[float] = []
    for episode in episodes:
        while (len(points) + 1) * every <= min(episode.ended, steps):
            points.append(float(np.mean(recent)) if recent else 0.0)
        recent.append(episode.reward / episode.length / optimum(episode.task).rate)
    return points
