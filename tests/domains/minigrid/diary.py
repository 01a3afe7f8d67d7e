"""What really happened in an episode, kept without the belief."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.agent import Agent
from tests.domains.minigrid.play import Frame, agent, codes, episode, front, maps, thing_at

Place = tuple[int, int]
REMEMBERED = ("door", "goal", "key", "ball", "box")


class Diary:
    """Cells seen, and what was done to each of the world's objects.

    Attributes:
        seen: the places that an observation showed.
        objects: for each number the belief has given, the simulator's object it stood for then; homes: where it lay.
        deeds: for each object, by `id`, the marks it has earned.
        pairs: what was put next to what; declared: whether `done` was said. Both, and deeds, until `forget`.
        empty_boxes: how many boxes were opened and found empty.
        taken_from: where the thing lay that was taken last; None if nothing was.
        ahead: the way the agent looked when the episode began.
    """

    def __init__(self, env: Any, observation: dict[str, Any]) -> None:
        self.env, self.frame = env, Frame(env)
        self.seen: set[tuple[int, int]] = set()
        self.objects: list[Any] = []
        self.homes: list[Place] = []
        self.deeds: dict[int, int] = {}
        self.pairs: list[tuple[Any, Any]] = []
        self.declared, self.empty_boxes = False, 0
        self.taken_from: Place | None = None
        self.ahead: Place = tuple(int(value) for value in env.dir_vec)
        self.carried, self.faced = env.carrying, front(env)
        self._look(observation)

    def note(self, action: int, observation: dict[str, Any]) -> None:
        """Take down one step."""
        x, y = (int(value) for value in self.env.front_pos)
        if self.env.carrying is not None and self.carried is None:
            self._earn(self.env.carrying, maps.HELD)
            self.taken_from = x, y
        if self.env.carrying is None and self.carried is not None:
            near = (thing_at(self.env, x + dx, y + dy) for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)))
            self.pairs += [(self.carried, thing) for thing in near if thing and thing.type in REMEMBERED]
        self.carried = self.env.carrying
        self.declared |= action == codes.DONE
        faced = front(self.env)
        if action == codes.TOGGLE and faced is not None and faced.type == "door" and faced.is_open:
            self._earn(faced, maps.OPENED)
        if action == codes.TOGGLE and faced is None and self.faced is not None and self.faced.type == "box":
            self.empty_boxes += 1
        self.faced = faced
        self._look(observation)

    def forget(self) -> None:
        """A new stage of the mission begins."""
        self.deeds.clear()
        self.pairs.clear()
        self.declared = False

    def _look(self, observation: dict[str, Any]) -> None:
        left, top, right, bottom = (int(value) for value in self.env.get_view_exts())
        for place in itertools.product(range(left, right), range(top, bottom)):
            view = self.env.relative_coords(*place)
            if observation["image"][view][0] != codes.UNSEEN:
                self.seen.add(place)
        faced = front(self.env)
        if faced is not None and faced.type in REMEMBERED:
            self._earn(faced, maps.VISITED)

    def _earn(self, thing: Any, mark: int) -> None:
        self.deeds[id(thing)] = self.deeds.get(id(thing), 0) | mark

    def truth(self) -> NDArray[np.uint16]:
        """uint16[4096], the real world as a belief that knew everything would have it."""
        cells = np.full((maps.SIZE, maps.SIZE), codes.GREY_WALL_CODE, dtype=np.uint16)
        real = codes.pack(self.env.grid.encode())
        width, height = real.shape
        xs, ys = np.arange(width) - self.frame.x, np.arange(height) - self.frame.y
        cells[np.ix_(xs & maps.WRAP, ys & maps.WRAP)] = real
        return cells.ravel()

    def learn_numbers(self, world: Any, n: int) -> None:
        """Take down which objects the things are that a belief has numbered since the last time."""
        for number in range(len(self.objects), int(world.agent[n, maps.THINGS])):
            cell = int(world.place[n, number])
            place = self.frame.place(cell)
            real = self.env.carrying if cell == maps.IN_HAND else thing_at(self.env, *place)
            self.objects.append(real)
            self.homes.append(place)


def moments(
    task: str, seed: int, wandering: float, *, steps: int = 90, every: int = 3
) -> Iterator[tuple[Agent, Diary, str]]:
    """An agent's episode, stopped every few steps: the agent, what really happened so far, and where we are."""
    player = agent(wandering, seed)
    world, diary, forgotten = player.executive.belief.map, None, []

    def forget(n: int) -> None:
        maps.BeliefMap.forget_accomplishments(world, n)
        forgotten.append(n)

    world.forget_accomplishments = forget
    for step, (env, action, seen) in enumerate(episode(task, seed, player, steps)):
        diary = diary or Diary(env, seen)
        if action is not None:
            diary.note(action, seen)
        if forgotten:
            diary.forget()
            forgotten.clear()
        diary.learn_numbers(world, 0)
        if step % every == 0:
            yield player, diary, f"{task}, seed {seed}, step {step}"
