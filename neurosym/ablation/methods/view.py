"""What a task's environment returns, for methods that are told no more than that."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from gymnasium.wrappers.utils import RunningMeanStd
from numpy.typing import NDArray

from neurosym.belief import Observation
from neurosym.domain import Domain
from neurosym.errors import DomainError
from neurosym.kit.spaces import Path, choices, leaves, reach
from neurosym.options.features import PADDING

__all__ = ["View", "Whitening"]

MOST_DEVIATIONS = 5.0


class _Choices(NamedTuple):
    """A part of an observation with K entries, each one of so many: int64[K], how many, and the least of them."""

    path: Path
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]


class View:
    """Reads what a task's environment returns, but for the mission: choices as table rows, numbers as they are.

    Choices are what Discrete, MultiDiscrete and MultiBinary spaces hold, a row for each entry and its value. Numbers
    are what Box spaces hold. A domain's batches have the observations as they are, in a list under `observation`, or
    their parts stacked, each under its key.

    Attributes:
        rows, width, dense: sizes as of a `FeatureSpec`.

    Raises:
        DomainError: a part of the task's observations is of another space.
    """

    def __init__(self, domain: Domain, task: str) -> None:
        env = domain.make_env(task)
        space = env.observation_space
        env.close()
        self._name = f"{task}: its observation"
        parts = list(leaves(space, self._name))
        self._numbers = [(path, part) for path, part in parts if isinstance(part, spaces.Box)]
        self._choices = [
            _Choices(path, *choices(part)) for path, part in parts if not isinstance(part, spaces.Box)
        ]
        sizes = [int(size) for part in self._choices for size in part.sizes]
        self._first_rows = (1 + np.cumsum([0, *sizes])[:-1]).astype(np.int32)
        self.rows, self.width = max(2, 1 + sum(sizes)), max(1, len(sizes))
        self.dense = sum(int(np.prod(part.shape)) for _, part in self._numbers)

    def choices(self, observation: Observation) -> NDArray[np.int32]:
        """int32[N, width], the rows of what N environments show; row 0 where there is nothing to choose from.

        Raises:
            DomainError: a value is not of its space.
        """
        if not self._choices:
            return np.full((_count(observation), 1), PADDING, np.int32)
        codes = [self._codes(observation, part) for part in self._choices]
        return (np.concatenate(codes, axis=1) + self._first_rows).astype(np.int32)

    def numbers(self, observation: Observation) -> NDArray[np.float64]:
        """float64[N, dense], of what N environments show."""
        if not self._numbers:
            return np.zeros((_count(observation), 0))
        return np.concatenate(
            [_entries(observation, path) for path, _ in self._numbers], axis=1, dtype=np.float64
        )

    def _codes(self, observation: Observation, part: _Choices) -> NDArray[np.int64]:
        codes = _entries(observation, part.path).astype(np.int64) - part.starts
        if not ((codes >= 0) & (codes < part.sizes)).all():
            place = "".join(f"[{key!r}]" for key in part.path)
            raise DomainError(f"{self._name}{place} is not of its space")
        return codes


class Whitening:
    """Brings numbers to mean 0 and deviation 1 over all that were counted, and cuts them at MOST_DEVIATIONS.

    As Burda et al. 2018, "Exploration by random network distillation", section 2.4. What hardly ever varies weighs as
    much as what always does, and what never does is 0.
    """

    def __init__(self, size: int) -> None:
        self._counted = RunningMeanStd(shape=(size,))

    def count(self, numbers: NDArray[np.float64]) -> None:
        """float64[N, D], more of them."""
        if numbers.size:
            self._counted.update(numbers)

    def __call__(self, numbers: NDArray[np.float64]) -> NDArray[np.float32]:
        """float32[N, D] for float64[N, D]."""
        deviations = (numbers - self._counted.mean) / np.sqrt(self._counted.var + 1e-8)
        return np.clip(deviations, -MOST_DEVIATIONS, MOST_DEVIATIONS).astype(np.float32)


def _entries(observation: Observation, path: Path) -> NDArray[Any]:
    """[N, K], a part of what N environments show."""
    seen = observation.get("observation")
    if isinstance(seen, list):
        whole = np.array([reach(one, path) for one in seen])
    else:
        whole = np.asarray(reach(observation, path or ("observation",)))
    return whole.reshape(len(whole), -1)


def _count(observation: Observation) -> int:
    return len(next(iter(observation.values())))
