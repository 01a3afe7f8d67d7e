"""A tabular controller: Q-learning over discrete features, behind the same contract as the network.

The value of a state under a subgoal is the chance that the option brings it about, discounted by the steps that takes:
1 is paid where it is achieved, nothing anywhere else. Values begin at 1, the most there can be, so that what was never
tried is tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.errors import CheckpointError
from neurosym.options.config import TableConfig
from neurosym.options.features import Features, FeatureSpec

__all__ = ["QTable", "load_table", "save_table"]

OPTIMISTIC = 1.0
HOPELESS = 1e-6  # values below it count as this much


class QTable:
    """Values of actions for each state that was met, and the controller that goes by them.

    Args:
        spec: what the features look like; their dense part must be empty.
        epsilon: share of actions drawn at random; 0 always takes the best, ties broken at random.

    Attributes:
        visits: how often each action was learned from in each state, int32[capacity, A].
        remembered: expected primitive steps of options by their label, for states other than the present one.
        learning: whether `remember` takes anything in.

    Raises:
        ValueError: the features have a dense part.
    """

    def __init__(self, spec: FeatureSpec, config: TableConfig | None = None, epsilon: float = 0.0) -> None:
        if spec.dense:
            raise ValueError(f"a table needs discrete features alone, and {spec.dense} of these are numbers")
        self.spec, self.config, self.epsilon = spec, config or TableConfig(), epsilon
        self.values_of = np.full((256, spec.actions), OPTIMISTIC)
        self.visits = np.zeros((256, spec.actions), dtype=np.int32)
        self.remembered: dict[str, float] = {}
        self.learning = False
        self._rows: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def knows(self, sparse: NDArray[np.int32]) -> bool:
        """Whether something was learned in the one state of int32[1, K] features."""
        return np.ascontiguousarray(sparse).tobytes() in self._rows

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        """int64[N]: the best action, or with chance epsilon any."""
        values = self._look_up(features)
        best = values >= values.max(1, keepdims=True)
        actions = (best * (1.0 + rng.random(values.shape))).argmax(1)
        if self.epsilon > 0:
            wander = rng.random(len(actions)) < self.epsilon
            actions[wander] = rng.integers(self.spec.actions, size=int(wander.sum()))
        return actions

    def efforts(self, features: tuple[NDArray[np.int32], NDArray[np.float32]]) -> NDArray[np.float64]:
        """float64[N], at least 1: primitive steps the options would take, a chance of failure counted as delay.

        log V / log gamma: that many steps, sure to end well, have the value V. Added up along a plan they are the
        logarithm of the plan's discounted chance of success.
        """
        worth = np.clip(self._look_up(Features(*features)).max(1), HOPELESS, 1.0)
        return np.maximum(1.0, 1.0 + np.log(worth) / np.log(self.config.gamma))

    def remember(self, label: str, effort: float) -> None:
        """Keep what an option was expected to take where it could be begun; while learning alone."""
        if self.learning:
            self.remembered[label] = effort

    def learn(
        self,
        features: Features,
        actions: NDArray[np.int64],
        reward: NDArray[np.float64],
        discount: NDArray[np.float64],
        following: Features,
    ) -> None:
        """One step of Q-learning (Watkins & Dayan 1992) for each of N transitions, one after the other.

        Args:
            reward, discount: float64[N]; the discount is 0 where nothing follows.
        """
        rate, decay = self.config.learning_rate, self.config.decay
        ahead = np.where(discount > 0, self._look_up(following).max(1), 0.0)
        targets = reward + discount * ahead
        for n, row in enumerate(self._number(features)):
            action = actions[n]
            self.visits[row, action] += 1
            step = rate / self.visits[row, action] ** decay if decay else rate
            self.values_of[row, action] += step * (targets[n] - self.values_of[row, action])

    def tables(self) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32]]:
        """The states met, int32[S, K], their values, float64[S, A], and visits, int32[S, A]."""
        keys = np.frombuffer(b"".join(self._rows), dtype=np.int32).reshape(-1, self.spec.width)
        return keys, self.values_of[: len(self)], self.visits[: len(self)]

    def fill(self, keys: NDArray[np.int32], values: NDArray[np.float64], visits: NDArray[np.int32]) -> None:
        """Take over what `tables` gave."""
        self._rows = {np.ascontiguousarray(key).tobytes(): number for number, key in enumerate(keys)}
        self.values_of, self.visits = np.array(values, dtype=np.float64), np.array(visits, dtype=np.int32)
        self._grow()

    def _look_up(self, features: Features) -> NDArray[np.float64]:
        """float64[N, A]; states that were never met are worth everything."""
        rows = [self._rows.get(key, -1) for key in _keys(features)]
        values = self.values_of[rows]
        values[np.array(rows) < 0] = OPTIMISTIC
        return values

    def _number(self, features: Features) -> list[int]:
        rows = [self._rows.setdefault(key, len(self._rows)) for key in _keys(features)]
        self._grow()
        return rows

    def _grow(self) -> None:
        """Room for a state more than there are."""
        while len(self.values_of) <= len(self._rows):
            room = max(256, len(self.values_of))
            self.values_of = np.vstack([self.values_of, np.full((room, self.spec.actions), OPTIMISTIC)])
            self.visits = np.vstack([self.visits, np.zeros((room, self.spec.actions), np.int32)])


def _keys(features: Features) -> list[bytes]:
    rows = np.ascontiguousarray(features.sparse)
    data, size = rows.tobytes(), rows.itemsize * rows.shape[1]
    return [data[start : start + size] for start in range(0, len(data), size)]


def save_table(directory: Path | str, table: QTable, meta: Mapping[str, Any] | None = None) -> None:
    """Write a table into `directory`, made if missing, in place of the checkpoint that may be there.

    Raises:
        CheckpointError: `meta` is not JSON, or the disk refuses; the old checkpoint stands.
    """
    from dataclasses import asdict

    import torch

    from neurosym.options.store import write_store

    names = ("keys", "values", "visits")
    part = {name: torch.from_numpy(array.copy()) for name, array in zip(names, table.tables(), strict=True)}
    entries = {"spec": asdict(table.spec), "config": asdict(table.config), "meta": dict(meta or {})}
    write_store(Path(directory), {"table": part}, {**entries, "remembered": dict(table.remembered)})


def load_table(directory: Path | str, spec: FeatureSpec | None = None) -> tuple[QTable, dict[str, Any]]:
    """The table in `directory`, and the `meta` it was saved with.

    Args:
        spec: the features it must be for; any if None.

    Raises:
        CheckpointError: there is none, or it is corrupt, foreign, or for other features; one line says which.
    """
    from neurosym.options.store import mapping_in, read_index, read_spec, read_tensors

    folder = Path(directory)
    index = read_index(folder)
    found = read_spec(folder, index, spec)
    try:
        table = QTable(found, TableConfig(**mapping_in(folder, index, "config")))
        part = read_tensors(folder, index, "table")
        keys, values, visits = (part[name].numpy() for name in ("keys", "values", "visits"))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder}: not a table of this package: {error}") from error
    if (keys.shape, values.shape) != ((len(values), found.width), (len(keys), found.actions)):
        raise CheckpointError(f"{folder}: the table is {keys.shape} and {values.shape}, not as its sizes say")
    if visits.shape != values.shape or not np.isfinite(values).all():
        raise CheckpointError(f"{folder}: values of the table are missing or not finite")
    table.fill(keys, values, visits)
    table.remembered = {str(k): float(v) for k, v in mapping_in(folder, index, "remembered").items()}
    return table, mapping_in(folder, index, "meta")
