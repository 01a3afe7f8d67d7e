"""What to practise next: tasks that are neither mastered nor out of reach, and those where success is changing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Curriculum"]

FAST, SLOW = 1 / 16, 1 / 64  # how much one episode counts in the two running means of success
EVENLY = 0.25  # share of episodes drawn evenly, so that nothing is forgotten and news of every task comes in


class Curriculum:
    """Draws tasks to practise from how often they were solved of late; nothing in it is set for one task or domain.

    A task's weight is p (1 - p) + |p - q|: p and q are running means of its successes, q the slower one. The first term
    is largest where an episode tells most (learnability: Rutherford et al. 2024, "No Regrets: Investigating and
    Improving Regret Approximations for Curriculum Discovery", section 4), the second is learning progress in either
    direction (Kanitscheider et al. 2021, "Multi-task curriculum learning in a complex, visual, hard-exploration domain:
    Minecraft", section 3.2).

    Args:
        tasks: all that can be drawn.
        seed: of the draws.

    Attributes:
        fast, slow: float64[K], the running means, 0.5 before the first episode.

    Raises:
        ValueError: there are no tasks.
    """

    def __init__(self, tasks: Sequence[str], seed: int) -> None:
        self.tasks = tuple(dict.fromkeys(tasks))
        if not self.tasks:
            raise ValueError("there are no tasks to draw from")
        self.fast = np.full(len(self.tasks), 0.5)
        self.slow = np.full(len(self.tasks), 0.5)
        self._number = {task: number for number, task in enumerate(self.tasks)}
        self._rng = np.random.default_rng(seed)

    def note(self, task: str, solved: bool) -> None:
        """An episode of the task is over."""
        number = self._number[task]
        self.fast[number] += FAST * (solved - self.fast[number])
        self.slow[number] += SLOW * (solved - self.slow[number])

    def shares(self) -> NDArray[np.float64]:
        """float64[K], how likely each task is to be drawn next."""
        weight = self.fast * (1 - self.fast) + np.abs(self.fast - self.slow)
        even = np.full(len(weight), 1 / len(weight))
        return EVENLY * even + (1 - EVENLY) * (weight / weight.sum() if weight.sum() > 0 else even)

    def draw(self, count: int) -> list[str]:
        """The tasks of the next `count` episodes."""
        return [self.tasks[number] for number in self._rng.choice(len(self.tasks), count, p=self.shares())]
