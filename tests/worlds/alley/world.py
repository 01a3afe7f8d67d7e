"""A row of cells that one walks along: boxes to open, a bell to ring, gates in between. For tests only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

CELLS = 9
BARE, BOX, COIN, BELL, SHUT, OPEN = range(6)
LETTERS = ".b$o#/"
LEFT, RIGHT, USE, PUSH = range(4)
ACTION_NAMES = ("left", "right", "use", "push")
PLACE, IN_HAND, SOUNDING = CELLS, CELLS + 1, CELLS + 2
IMAGE = CELLS + 3
STEP_LIMIT = 80
RANDOM_MISSIONS = ("fetch the coin", "ring the bell", "ring the bell, then fetch the coin")


@dataclass(frozen=True)
class Level:
    """What a world starts from.

    Attributes:
        cells: uint8[CELLS].
        coin: the cell of the box that holds the coin; -1 for none.
        deeds: what has to be done for the episode to end, each IN_HAND or SOUNDING, in this order.
        jammed: the cell of a box that does not open; -1 for none.
        worth: the reward of the end.
    """

    cells: NDArray[np.uint8]
    start: int
    mission: str
    deeds: tuple[int, ...]
    coin: int = -1
    jammed: int = -1
    task: str = "Alley-v0"
    worth: float = 1.0


def draw(text: str, mission: str, deeds: Sequence[int] = (), start: int = 0, **facts: Any) -> Level:
    """A level from a row of `LETTERS`."""
    cells = np.array([LETTERS.index(letter) for letter in text.ljust(CELLS, ".")], dtype=np.uint8)
    return Level(cells, start, mission, tuple(deeds) or deeds_of(mission), **facts)


def deeds_of(mission: str) -> tuple[int, ...]:
    return tuple(SOUNDING if "bell" in part else IN_HAND for part in mission.split(", then "))


def random_level(seed: int, gated: bool = True) -> Level:
    """Two zones of four cells, a box and something else in each."""
    rng = np.random.default_rng(seed)
    cells = np.zeros(CELLS, dtype=np.uint8)
    boxes = [int(rng.integers(0, 3)), int(rng.integers(6, 9))]
    cells[boxes] = BOX
    bare = [cell for cell in (0, 1, 2, 6, 7, 8) if cell not in boxes]
    cells[rng.choice(bare)] = BELL
    cells[4] = rng.choice((SHUT, OPEN)) if gated else BARE
    mission = str(rng.choice(RANDOM_MISSIONS))
    start = int(rng.choice((3, 5)))
    return Level(cells, start, mission, deeds_of(mission), coin=int(rng.choice(boxes)))


class Alleys:
    """N alleys side by side, started from levels drawn by `seed`; what `TrainingWorlds` asks for."""

    def __init__(self, levels: Sequence[Level], count: int, seed: int = 0) -> None:
        self.levels, self.rng = levels, np.random.default_rng(seed)
        self.playing = [levels[0]] * count
        self.image = np.zeros((count, IMAGE), dtype=np.uint8)
        self.done = np.zeros(count, dtype=np.int64)
        self.steps = np.zeros(count, dtype=np.int64)
        self.start(np.arange(count))

    def start(self, indices: NDArray[np.int64], tasks: Sequence[str] | None = None) -> None:
        for k, n in enumerate(indices):
            levels = [level for level in self.levels if tasks is None or level.task == tasks[k]]
            self.put(int(n), levels[int(self.rng.integers(len(levels)))])

    def put(self, n: int, level: Level) -> None:
        """Begin `level` in world `n`."""
        self.playing[n] = level
        self.image[n, :CELLS], self.image[n, CELLS:] = level.cells, 0
        self.image[n, PLACE] = level.start
        self.done[n] = self.steps[n] = 0

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
        ended = np.array([self._step(n, int(action)) for n, action in enumerate(actions)])
        self.steps += 1
        worth = np.array([level.worth for level in self.playing])
        return np.where(ended, worth, 0.0), ended, self.steps >= STEP_LIMIT

    def observation(self) -> dict[str, Any]:
        return {"image": self.image, "mission": [level.mission for level in self.playing]}

    def task_of(self, index: int) -> str:
        return self.playing[index].task

    def _step(self, n: int, action: int) -> bool:
        image, level, deeds = self.image[n], self.playing[n], self.playing[n].deeds
        image[SOUNDING], before = 0, int(image[IN_HAND])
        if action in (LEFT, RIGHT):
            self._walk(image, 1 if action == RIGHT else -1)
        elif action == USE:
            self._use(image, level)
        else:
            self._push(image)
        deed = SOUNDING if image[SOUNDING] else IN_HAND if image[IN_HAND] > before else None
        if deed is not None and deed == deeds[self.done[n]]:
            self.done[n] += 1
        return bool(self.done[n] == len(deeds))

    @staticmethod
    def _walk(image: NDArray[np.uint8], way: int) -> None:
        there = int(image[PLACE]) + way
        if 0 <= there < CELLS and image[there] != SHUT:
            image[PLACE] = there

    @staticmethod
    def _use(image: NDArray[np.uint8], level: Level) -> None:
        here = int(image[PLACE])
        if image[here] == BOX and here != level.jammed:
            image[here] = COIN if here == level.coin else BARE
        elif image[here] == COIN:
            image[here], image[IN_HAND] = BARE, 1
        elif image[here] == BELL:
            image[SOUNDING] = 1

    @staticmethod
    def _push(image: NDArray[np.uint8]) -> None:
        for there in (int(image[PLACE]) + 1, int(image[PLACE]) - 1):
            if 0 <= there < CELLS and image[there] == SHUT:
                image[there] = OPEN
                return


class AlleyEnv(gymnasium.Env[dict[str, Any], int]):
    """One alley as a Gymnasium environment; the seed draws the level unless one is given."""

    metadata = {"render_modes": ["rgb_array"]}

    def __init__(
        self, level: Level | None = None, gated: bool = True, render_mode: str | None = None
    ) -> None:
        self.level, self.gated, self.render_mode = level, gated, render_mode
        self.observation_space = spaces.Dict(
            {"image": spaces.Box(0, 255, (IMAGE,), np.uint8), "mission": spaces.Text(60)}
        )
        self.action_space = spaces.Discrete(len(ACTION_NAMES))

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        level = self.level or random_level(int(self.np_random.integers(1 << 30)), self.gated)
        self.alleys = Alleys([level], 1)
        return self._observe(), {}

    def step(self, action: int) -> Any:
        reward, ended, timed_out = self.alleys.step(np.array([action]))
        return self._observe(), float(reward[0]), bool(ended[0]), bool(timed_out[0]), {}

    def render(self) -> Any:
        return np.repeat(np.repeat(self.alleys.image[:, :CELLS, None] * 40, 8, 0), 8, 1).repeat(3, 2)

    def _observe(self) -> dict[str, Any]:
        seen = self.alleys.observation()
        return {"image": seen["image"][0].copy(), "mission": seen["mission"][0]}
