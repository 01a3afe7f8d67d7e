"""A controller written by hand, for tests and ablations: what the learned one must match, never a part of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurosym.options.features import Features

from .codes import DONE, DROP, FORWARD, LEFT, PICK_UP, RIGHT, TOGGLE
from .subgoals import (
    AREA,
    CONTENTS,
    FRONTIER,
    GOAL_SQUARE,
    HAZARD,
    KINDS,
    LAYERS,
    OPEN_DOOR,
    RADIUS,
    SHUT_DOOR,
    SOLID,
    SPAN,
    THING_IN_WAY,
    Kind,
)

_AHEAD = (
    (0, 1),
    (1, 0),
    (0, -1),
    (-1, 0),
)  # (aside, ahead) steps by heading relative to now: 0 ahead, then clockwise
_NEVER = frozenset({SOLID, THING_IN_WAY, SHUT_DOOR, HAZARD, GOAL_SQUARE})


class ScriptedController:
    """Breadth-first search over the features a learned controller sees; acts at the target as its kind asks."""

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        """int64[N], one action for each state."""
        rows = zip(features.sparse, features.dense, strict=True)
        return np.array([self._act_one(sparse, dense, rng) for sparse, dense in rows], dtype=np.int64)

    def _act_one(
        self, sparse: NDArray[np.int32], dense: NDArray[np.float32], rng: np.random.Generator
    ) -> int:
        kind = Kind(int(np.argmax(dense[:KINDS])))
        cells, target = _decode(sparse)
        if kind is Kind.DROP_AWAY:
            return self._drop_away(cells, target, bool(dense[-2]), bool(dense[-1]), rng)
        if kind is Kind.DECLARE:
            return DONE
        if kind is Kind.NONE or target is None:
            return int(rng.choice((LEFT, RIGHT, FORWARD)))
        if kind is Kind.DROP_BESIDE:
            return self._drop_beside(cells, target, bool(dense[-2]), rng)
        if kind is Kind.STAND:
            step = _walk(cells, {target}, rng, standing=True)
            return LEFT if step is None else step
        step = _walk(cells, {target}, rng, standing=False)
        if step is not None:
            return step
        return {Kind.HOLD: PICK_UP, Kind.OPEN: TOGGLE, Kind.SHUT: TOGGLE, Kind.UNBOX: TOGGLE}.get(kind, LEFT)

    def _drop_beside(
        self, cells: dict, target: tuple[int, int], holding: bool, rng: np.random.Generator
    ) -> int:
        around = {(target[0] + dx, target[1] + dy) for dx, dy in _AHEAD}
        if not holding:
            return PICK_UP if cells.get((0, 1)) == THING_IN_WAY else int(rng.choice((LEFT, RIGHT, FORWARD)))
        places = {cell for cell in around if cell not in cells and cell != (0, 0)}
        step = _walk(cells, places, rng, standing=False) if places else FORWARD
        return DROP if step is None else step

    def _drop_away(
        self,
        cells: dict,
        taken_from: tuple[int, int] | None,
        holding: bool,
        anywhere: bool,
        rng: np.random.Generator,
    ) -> int:
        if not holding:
            return PICK_UP if cells.get((0, 1)) == THING_IN_WAY else int(rng.choice((LEFT, RIGHT, FORWARD)))
        span = range(-RADIUS, RADIUS + 1)
        free = {(x, y) for x in span for y in span if (x, y) not in cells and (x, y) != (0, 0)}
        places = {cell for cell in free if cell != taken_from and (anywhere or _bars_nothing(cells, cell))}
        step = _walk(cells, places, rng, standing=False)
        return DROP if step is None else step


def _decode(sparse: NDArray[np.int32]) -> tuple[dict[tuple[int, int], int], tuple[int, int] | None]:
    """The window as {(aside, ahead): content}, and the target's cell."""
    cells: dict[tuple[int, int], int] = {}
    target = None
    for row in sparse[sparse > 0] - 1:
        place, layer = divmod(int(row), LAYERS)
        assert place < AREA
        ahead, aside = divmod(place, SPAN)
        where = (aside - RADIUS, ahead - RADIUS)
        if layer < CONTENTS:
            cells[where] = layer
        elif layer < CONTENTS + KINDS - 1:
            target = where
    return cells, target


def _bars_nothing(cells: dict[tuple[int, int], int], place: tuple[int, int]) -> bool:
    x, y = place
    ring = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
    contents = [cells.get((x + dx, y + dy)) for dx, dy in ring]
    if any(contents[k] in (SHUT_DOOR, OPEN_DOOR, GOAL_SQUARE) for k in range(0, 8, 2)):
        return False
    for dx, dy in ring[::2]:
        sides = [(x + 2 * dx, y + 2 * dy), (x + dx + dy, y + dy + dx), (x + dx - dy, y + dy - dx)]
        if cells.get((x + dx, y + dy)) == THING_IN_WAY and all(side in cells for side in sides):
            return False
    free = [content is None for content in contents]
    return sum(free[k] and not (free[(k + 1) % 8] and free[(k + 2) % 8]) for k in range(0, 8, 2)) <= 1


def _walk(
    cells: dict[tuple[int, int], int],
    goals: set[tuple[int, int]],
    rng: np.random.Generator,
    *,
    standing: bool,
) -> int | None:
    """The first move of a shortest way onto a goal cell, or to face one; None when it is reached already."""

    def reached(x: int, y: int, heading: int) -> bool:
        if standing:
            return (x, y) in goals
        return (x + _AHEAD[heading][0], y + _AHEAD[heading][1]) in goals

    if reached(0, 0, 0):
        return None
    queue: list[tuple[int, int, int, int]] = []
    seen = {(0, 0, 0)}
    frontier = [(0, 0, 0, -1)]
    while frontier:
        for x, y, heading, first in frontier:
            turns = ((LEFT, x, y, (heading + 3) % 4), (RIGHT, x, y, (heading + 1) % 4))
            dx, dy = _AHEAD[heading]
            for action, nx, ny, nh in (*turns, (FORWARD, x + dx, y + dy, heading)):
                content = cells.get((nx, ny))
                barred = action == FORWARD and (content in _NEVER or content == FRONTIER)
                if (barred and not (standing and (nx, ny) in goals)) or (nx, ny, nh) in seen:
                    continue
                if max(abs(nx), abs(ny)) > RADIUS:
                    continue
                seen.add((nx, ny, nh))
                move = action if first < 0 else first
                if reached(nx, ny, nh):
                    return move
                queue.append((nx, ny, nh, move))
        frontier, queue = queue, []
    return int(rng.choice((LEFT, RIGHT, FORWARD)))
