"""The compiled worlds as Gymnasium's vector API has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, Text
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from .bank import RULE, Levels
from .batch import draw_seeds
from .codes import ACTION_NAMES, FORWARD, VIEW
from .engine import Worlds
from .rules import BALLS

Reset = tuple[dict[str, Any], dict[str, Any]]
Step = tuple[dict[str, Any], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]


class VectorWorlds(VectorEnv):
    """N MiniGrid worlds behind Gymnasium's vector API. Where an episode ends, the next begins in the same step.

    Observations are those of `minigrid`: image uint8[N, 7, 7, 3], direction int64[N], mission, N strings. Episodes
    begin in levels drawn at random, each world by its own seed. What was seen last of an episode is in
    `infos["final_obs"]`, as with Gymnasium's own AutoresetMode.SAME_STEP.

    Args:
        levels: where episodes begin.
        num_envs: N.

    Attributes:
        worlds: the worlds themselves.
    """

    def __init__(self, levels: Levels, num_envs: int) -> None:
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": []}
        self.worlds = Worlds(levels, num_envs, int(np.random.default_rng().integers(1 << 63)))
        self.num_envs = num_envs
        # `minigrid` leaves only three actions where balls move
        moving = bool((levels.start[:, RULE] == BALLS).all())
        self.single_action_space = Discrete(FORWARD + 1 if moving else len(ACTION_NAMES))
        self.single_observation_space = Dict(
            {
                "image": Box(0, 255, (VIEW, VIEW, 3), np.uint8),
                "direction": Discrete(4),
                "mission": Text(
                    min_length=0,
                    max_length=max(map(len, levels.missions)),
                    charset=frozenset().union(*set(levels.missions)) or frozenset(" "),
                ),
            }
        )
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> Reset:
        """Begin new episodes.

        Args:
            seed: of all worlds, or one of each, None leaving a world's random numbers as they are.
            options: `reset_mask`, bool[N], the worlds to begin anew, all if absent; `level`, int64[N], the levels to
                begin, drawn at random if absent.

        Raises:
            ValueError: a seed, mask or level for some worlds only.
            IndexError: no such level.
        """
        options = options or {}
        mask = np.asarray(options.get("reset_mask", np.ones(self.num_envs, dtype=np.bool_)))
        level = options.get("level")
        self._reseed(seed)
        for what, given in (("reset_mask", mask), ("level", level)):
            if given is not None and np.shape(given) != (self.num_envs,):
                raise ValueError(f"{what} has shape {(self.num_envs,)}, got {np.shape(given)}")
        chosen = np.flatnonzero(mask)
        self.worlds.start(chosen, None if level is None else np.asarray(level, dtype=np.int64)[chosen])
        return self._observation(), {}

    def step(self, actions: NDArray[np.integer]) -> Step:
        """Apply int[N] actions."""
        reward, terminated, truncated = self.worlds.step_and_restart(np.asarray(actions, dtype=np.int64))
        return self._observation(), reward, terminated, truncated, self._infos(terminated | truncated)

    def _reseed(self, seed: int | Sequence[int | None] | None) -> None:
        seeds = self.worlds.state.seeds
        if isinstance(seed, (int, np.integer)):
            seeds[:] = draw_seeds(int(seed), self.num_envs)
        elif seed is not None:
            if len(seed) != self.num_envs:
                raise ValueError(f"one seed for each of {self.num_envs} worlds is wanted, got {len(seed)}")
            for number, own in enumerate(seed):
                if own is not None:
                    seeds[number] = draw_seeds(own, 1)[0]

    def _observation(self) -> dict[str, Any]:
        seen = self.worlds.observation()
        return {**seen, "image": seen["image"].copy(), "mission": tuple(seen["mission"])}

    def _infos(self, over: NDArray[np.bool_]) -> dict[str, Any]:
        if not over.any():
            return {}
        final = np.full(self.num_envs, None, dtype=object)
        for number in np.flatnonzero(over):
            final[number] = self.worlds.last_observation(int(number))
        return {"final_obs": final, "_final_obs": over, "final_info": {}, "_final_info": over.copy()}


__all__ = ["VectorWorlds"]
