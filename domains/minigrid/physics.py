"""What an action does to a world, as in `MiniGridEnv.step`, and how balls move by chance. Compiled."""

from __future__ import annotations

import numpy as np

from neurosym.jit import inner

from .bank import CARRIED, CARRIED_MARKS, HEADING, MARKS, PLACE, PLACES, STALE, STEPS
from .batch import draw
from .codes import DROP, FORWARD, LEFT, PICK_UP, RIGHT, TOGGLE
from .tiles import (
    CARRIABLE,
    COLOURS,
    EMPTY_TILE,
    KEY_TILES,
    LOCKED_DOOR_TILES,
    OPEN_DOOR_TILES,
    TILE_TRAITS,
    TOGGLED,
    WALKABLE,
)
from .view import ahead_of

OF_THINGS = (1 << MARKS) - 1  # the bits of a cell's marks that go where the thing goes
TRIES = 101  # `MiniGridEnv.place_obj` gives up after that many


@inner
def front_of(agent, stride):
    """The cell before the agent."""
    return np.int64(agent[PLACE]) + ahead_of(np.int64(agent[HEADING]), stride)


@inner
def _take_mark(state, n, place):
    """A thing leaves a cell; the marks that went with it. The instruction goes on believing it to be there."""
    if not state.marks.shape[1]:
        return 0
    mark = np.int64(state.marks[n, place]) & OF_THINGS
    if mark:
        state.marks[n, place] -= mark
        state.agent[n, STALE] = 1
    return mark


@inner
def _pick_up(state, n, front):
    agent = state.agent[n]
    tile = state.tiles[n, front]
    if TILE_TRAITS[tile] & CARRIABLE and agent[CARRIED] == EMPTY_TILE:
        agent[CARRIED], agent[CARRIED_MARKS] = tile, _take_mark(state, n, front)
        state.tiles[n, front] = EMPTY_TILE


@inner
def _drop(state, n, front):
    """Instructions learn where things are whenever something is to be dropped, even if there is nothing to drop."""
    agent = state.agent[n]
    if state.tiles[n, front] == EMPTY_TILE and agent[CARRIED] != EMPTY_TILE:
        state.tiles[n, front] = agent[CARRIED]
        if agent[CARRIED_MARKS]:
            state.marks[n, front] |= agent[CARRIED_MARKS]
            agent[STALE] = 1
        agent[CARRIED], agent[CARRIED_MARKS] = EMPTY_TILE, 0
    if agent[STALE]:
        for place in range(state.marks.shape[1]):
            mark = np.int64(state.marks[n, place]) & OF_THINGS
            state.marks[n, place] = mark | mark << MARKS
        agent[STALE] = 0


@inner
def _toggle(state, n, front):
    tile = np.int64(state.tiles[n, front])
    colour = tile - LOCKED_DOOR_TILES
    if 0 <= colour < COLOURS:
        if state.agent[n, CARRIED] == KEY_TILES + colour:
            state.tiles[n, front] = OPEN_DOOR_TILES + colour
        return
    state.tiles[n, front] = TOGGLED[tile]
    if TILE_TRAITS[tile] & CARRIABLE and TOGGLED[tile] != tile:
        _take_mark(state, n, front)


@inner
def act(state, n, action):
    """One action of world n; the tile that was before the agent."""
    agent = state.agent[n]
    agent[STEPS] += 1
    front = front_of(agent, state.stride[0])
    tile = np.int64(state.tiles[n, front])
    if action == FORWARD:
        if TILE_TRAITS[tile] & WALKABLE:
            agent[PLACE] = front
    elif action == LEFT:
        agent[HEADING] = (agent[HEADING] + 3) & 3
    elif action == RIGHT:
        agent[HEADING] = (agent[HEADING] + 1) & 3
    elif action == PICK_UP:
        _pick_up(state, n, front)
    elif action == DROP:
        _drop(state, n, front)
    elif action == TOGGLE:
        _toggle(state, n, front)
    return tile


@inner
def move_balls(state, n, moves):
    """Each ball that the rule names goes to a free cell around it, as in `DynamicObstaclesEnv.step`.

    `moves`, int64[N, 8], says where instead of chance: 3 (dx + 1) + dy + 1, or -1 to stay; empty for chance.
    """
    stride = state.stride[0]
    for k in range(PLACES):
        old = np.int64(state.places[n, k])
        if old < 0:
            return
        if len(moves):
            if moves[n, k] >= 0:
                _move_ball(state, n, k, old + (moves[n, k] // 3 - 1) * stride + moves[n, k] % 3 - 1)
            continue
        for _ in range(TRIES):
            around = draw(state.seeds, n, 9)
            new = old + (around // 3 - 1) * stride + around % 3 - 1
            if state.tiles[n, new] == EMPTY_TILE and new != state.agent[n, PLACE]:
                _move_ball(state, n, k, new)
                break


@inner
def _move_ball(state, n, k, new):
    old = state.places[n, k]
    state.tiles[n, new] = state.tiles[n, old]
    state.tiles[n, old] = EMPTY_TILE
    state.places[n, k] = new


__all__ = ["act", "front_of", "move_balls"]
