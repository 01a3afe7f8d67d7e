"""Levels for training, made by `minigrid`'s own generators."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from typing import Any

import gymnasium as gym
import minigrid
import numpy as np

from .codes import BOX, COLOUR_NAMES, TYPE_NAMES
from .engine import PAD, Levels, pad

EVALUATION_SEED = 1_000_000  # level seeds below are for training, from here on for evaluation

assert minigrid.__version__  # importing registers the environments


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """BabyAI's generators print each rejected level; keep that off standard output."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def _code(thing: Any) -> int:
    """The code of a thing that may lie in a box or in the hand; 0 for none."""
    return 0 if thing is None else TYPE_NAMES.index(thing.type) | COLOUR_NAMES.index(thing.color) << 4


class QuietReset(gym.Wrapper):
    """The same environment, but what its level generator prints is kept off standard output."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        with quiet():
            return self.env.reset(seed=seed, options=options)


def snapshot(env: Any, size: int) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """The level an environment is in: cells uint16[size, size], contents likewise, and a row of `Levels.agent`."""
    grid = env.grid
    contents = np.zeros((size, size), dtype=np.uint16)
    for x in range(grid.width):
        for y in range(grid.height):
            thing = grid.get(x, y)
            if thing is not None and thing.type == TYPE_NAMES[BOX]:
                contents[x + PAD, y + PAD] = _code(thing.contains)
    x, y = env.agent_pos
    hand = (_code(env.carrying), _code(getattr(env.carrying, "contains", None)), int(env.see_through_walls))
    return pad(grid.encode(), size), contents, (int(x) + PAD, int(y) + PAD, int(env.agent_dir), *hand)


def make_levels(task_id: str, seeds: range) -> list[tuple]:
    """The task's level of each seed, as a row for `stack`.

    Raises:
        ValueError: a seed that belongs to evaluation.
    """
    if seeds and max(seeds) >= EVALUATION_SEED:
        raise ValueError(f"training levels have seeds below {EVALUATION_SEED}, got {max(seeds)}")
    rows = []
    with quiet():
        env: Any = gym.make(task_id, disable_env_checker=True).unwrapped
        size = max(env.width, env.height) + 2 * PAD
        for seed in seeds:
            observation, _ = env.reset(seed=seed)
            rows.append((*snapshot(env, size), env.max_steps, observation["mission"], task_id))
    return rows


def stack(rows: Sequence[tuple]) -> Levels:
    """Rows of levels of any sizes as one `Levels`, padded to the largest."""
    size = max(row[0].shape[0] for row in rows)
    cells = np.stack([np.pad(row[0], (0, size - row[0].shape[0]), mode="edge") for row in rows])
    contents = np.stack([np.pad(row[1], (0, size - row[1].shape[0])) for row in rows])
    agent = np.array([row[2] for row in rows], dtype=np.int32)
    max_steps = np.array([row[3] for row in rows], dtype=np.int32)
    return Levels(
        cells, contents, agent, max_steps, tuple(row[4] for row in rows), tuple(row[5] for row in rows)
    )
