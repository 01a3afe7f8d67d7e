"""N running worlds as arrays, how one of them is begun, and their random numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.jit import inner

from .bank import CARRIED_MARKS, CLAUSES, PLACE, PLACES, SHOWN_AT, START_COLUMNS, Levels
from .codes import VIEW
from .tiles import GREY_WALL_TILE

PAD = VIEW - 1  # a view reaches at most six cells past the agent
LEVEL, WIDTH, HEIGHT = range(START_COLUMNS, START_COLUMNS + 3)
AGENT_COLUMNS = 16  # one cache line
NO_LEVEL = -1


class State(NamedTuple):
    """N running worlds. Cell (x, y) of a world lies at (x + 6) * stride + y + 6; beyond its borders there is wall.

    The six walls below a column are those above the next one, so a column takes up its height and six more.

    Attributes:
        tiles: uint8[N, A].
        marks: uint16[N, A], as in `Levels.marks`; uint16[N, 0] if no level can ever have any.
        agent: int32[N, 16], the columns of `Levels.start`, PLACE and SHOWN_AT being indices into `tiles`, then level,
            width, height.
        places: int32[N, 8], indices into `tiles`.
        seeds: uint64[N], the state of each world's random numbers.
        stride: int64[1], from one x to the next.
    """

    tiles: NDArray[np.uint8]
    marks: NDArray[np.uint16]
    agent: NDArray[np.int32]
    places: NDArray[np.int32]
    seeds: NDArray[np.uint64]
    stride: NDArray[np.int64]


class Bank(NamedTuple):
    """The arrays of `Levels`, with where each level's tiles and marks begin, int64[L] each."""

    tiles: NDArray[np.uint8]
    first_tile: NDArray[np.int64]
    size: NDArray[np.int16]
    start: NDArray[np.int32]
    places: NDArray[np.int16]
    marked: NDArray[np.int16]
    first_mark: NDArray[np.int64]
    mark_cells: NDArray[np.int16]
    marks: NDArray[np.uint16]


def make_bank(levels: Levels) -> Bank:
    counts, marked = levels.cell_counts, levels.marked.astype(np.int64)
    # kernels are compiled for arrays that can be written to; others would have them compiled once more
    arrays = {name: np.require(array, requirements=["C", "W"]) for name, array in levels.arrays().items()}
    return Bank(**arrays, first_tile=np.cumsum(counts) - counts, first_mark=np.cumsum(marked) - marked)


def make_state(levels: Levels, count: int, seed: int) -> State:
    """Room for `count` worlds that fit any of the levels; none has begun."""
    width, height = (int(longest) for longest in levels.size.max(axis=0))
    stride = height + PAD
    cells = (width + 2 * PAD) * stride + PAD
    marked = len(levels.marks) or levels.start[:, [CARRIED_MARKS, CLAUSES]].any()
    agent = np.zeros((count, AGENT_COLUMNS), dtype=np.int32)
    agent[:, LEVEL] = NO_LEVEL
    return State(
        tiles=np.full((count, cells), GREY_WALL_TILE, dtype=np.uint8),
        marks=np.zeros((count, cells if marked else 0), dtype=np.uint16),
        agent=agent,
        places=np.full((count, PLACES), -1, dtype=np.int32),
        seeds=draw_seeds(seed, count),
        stride=np.array([stride], dtype=np.int64),
    )


def draw_seeds(seed: int, count: int) -> NDArray[np.uint64]:
    """`State.seeds` that follow from one seed."""
    return np.random.SeedSequence(seed).generate_state(count, np.uint64).astype(np.uint64)


@inner
def draw(seeds, n, count):
    """A number in [0, count) from world n's own sequence (SplitMix64: Steele, Lea & Flood 2014, figure 16)."""
    seeds[n] += np.uint64(0x9E3779B97F4A7C15)
    z = seeds[n]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.int64(((z >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32))


@inner
def _placed(cell, height, stride):
    """The index into a world's tiles of a level's cell; -1 stays -1."""
    return -1 if cell < 0 else (cell // height + PAD) * stride + cell % height + PAD


@inner
def begin(state, bank, n, level):
    """Put world n into the state of a level."""
    stride, agent = state.stride[0], state.agent[n]
    width, height = np.int64(bank.size[level, 0]), np.int64(bank.size[level, 1])
    if agent[WIDTH] != width or agent[HEIGHT] != height:
        state.tiles[n] = GREY_WALL_TILE
    first = bank.first_tile[level]
    for x in range(width):
        at = (x + PAD) * stride + PAD
        for y in range(height):
            state.tiles[n, at + y] = bank.tiles[first + x * height + y]
    if state.marks.shape[1]:
        state.marks[n] = 0
        for k in range(bank.first_mark[level], bank.first_mark[level] + bank.marked[level]):
            state.marks[n, _placed(np.int64(bank.mark_cells[k]), height, stride)] = bank.marks[k]
    for k in range(PLACES):
        state.places[n, k] = _placed(np.int64(bank.places[level, k]), height, stride)
    for column in range(START_COLUMNS):
        agent[column] = bank.start[level, column]
    agent[PLACE] = _placed(np.int64(agent[PLACE]), height, stride)
    agent[SHOWN_AT] = _placed(np.int64(agent[SHOWN_AT]), height, stride)
    agent[LEVEL], agent[WIDTH], agent[HEIGHT] = level, width, height


__all__ = ["AGENT_COLUMNS", "PAD", "Bank", "State", "begin", "draw", "draw_seeds", "make_bank", "make_state"]
