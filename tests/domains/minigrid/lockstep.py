"""`minigrid` and the compiled world side by side, under the same actions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.domains.minigrid.play import bank, codes, engine, make, snapshots


class Pair:
    """An environment and the compiled world that was started in its state; they must agree in all that can be seen.

    Attributes:
        env: the original, bare.
        worlds: one compiled world.
        steps: taken together.
        reward: of the last step.
        over: the episode has ended.
    """

    def __init__(self, env: Any, observation: dict[str, Any], told: str) -> None:
        self.env, self.told, self.steps = env, told, 0
        self.reward, self.over = 0.0, False
        self.worlds = engine.Worlds(snapshots.snapshot(env), 1)
        self.agree(observation, told)

    def step(self, action: int) -> None:
        """The same action in both."""
        balls = [ball.cur_pos for ball in getattr(self.env, "obstacles", ())]
        observation, reward, terminated, truncated, _ = self.env.step(action)
        self.steps += 1
        told = f"{self.told}, step {self.steps}, {codes.ACTION_NAMES[action]}"
        moves = self.moves(balls) if balls else engine.BY_CHANCE
        mine = [value[0] for value in self.worlds.step(np.array([action], dtype=np.int64), moves)]
        assert mine == [reward, terminated, truncated], (
            f"{told}: {mine} and not {[reward, terminated, truncated]}"
        )
        self.agree(observation, told)
        self.reward, self.over = float(reward), bool(terminated or truncated)

    def agree(self, observation: dict[str, Any], told: str) -> None:
        seen = self.worlds.observation()
        assert np.array_equal(seen["image"][0], observation["image"]), f"{told}: another view"
        assert seen["direction"].tolist() == [observation["direction"]], f"{told}: another heading"
        assert seen["mission"] == [observation["mission"]], f"{told}: another mission"

    def moves(self, before: list[Any]) -> Any:
        """Where the original's balls went, having seen that the compiled world would have let each go there."""
        moves = np.full((1, bank.PLACES), -1, dtype=np.int64)
        for number, (old, ball) in enumerate(zip(before, self.env.obstacles, strict=True)):
            dx, dy = ball.cur_pos[0] - old[0], ball.cur_pos[1] - old[1]
            if (dx, dy) != (0, 0):
                moves[0, number] = 3 * (dx + 1) + dy + 1
        return moves


def pair(task: str, seed: int) -> Pair:
    """A task's level, just begun in both."""
    return Pair(*make(task, seed), f"{task}, seed {seed}")


def faces_the_outside(env: Any) -> bool:
    """One can walk out of a world whose outer wall has doors; `minigrid` itself fails there."""
    x, y = env.front_pos
    return not (0 <= x < env.width and 0 <= y < env.height)
