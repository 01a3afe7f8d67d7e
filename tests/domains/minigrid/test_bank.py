"""Levels as arrays: there and back, joined, and refused where they do not fit together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.domains.minigrid.play import bank, codes, engine, make, snapshots, tiles

TASKS = ("MiniGrid-ObstructedMaze-1Dlhb-v0", "BabyAI-BossLevel-v0", "MiniGrid-Empty-5x5-v0")


def some_levels() -> Any:
    return engine.Levels.join([snapshots.snapshot(make(task, 0)[0]) for task in TASKS])


def same(one: Any, other: Any) -> bool:
    arrays = other.arrays()
    return (one.missions, one.tasks) == (other.missions, other.tasks) and all(
        array.dtype == arrays[name].dtype and np.array_equal(array, arrays[name])
        for name, array in one.arrays().items()
    )


def test_arrays_and_texts_are_all_there_is() -> None:
    levels = some_levels()
    again = engine.Levels.from_arrays(levels.arrays(), list(levels.missions), list(levels.tasks))
    assert same(levels, again)
    assert levels.tasks == TASKS
    assert all(
        isinstance(array, np.ndarray) and array.dtype.kind in "iu" for array in levels.arrays().values()
    )


def test_joining_keeps_the_order() -> None:
    levels = some_levels()
    twice = engine.Levels.join([levels, levels])
    assert len(twice) == 6
    assert same(
        twice, engine.Levels.join([*[snapshots.snapshot(make(task, 0)[0]) for task in TASKS], levels])
    )
    with pytest.raises(ValueError):
        engine.Levels.join([])


def test_a_level_takes_little_room() -> None:
    """All tasks with 2,000 levels each fit in a few hundred megabytes."""
    levels = some_levels()
    largest = snapshots.snapshot(make("BabyAI-BossLevel-v0", 0)[0])
    assert sum(array.nbytes for array in largest.arrays().values()) < 22 * 22 + 150
    assert sum(array.nbytes for array in levels.arrays().values()) < 1200


@pytest.mark.parametrize("name", ["tiles", "size", "start", "places", "marked", "mark_cells", "marks"])
def test_arrays_that_do_not_fit_together_are_refused(name: str) -> None:
    levels = some_levels()
    short = {**levels.arrays(), name: levels.arrays()[name][:-1]}
    with pytest.raises(ValueError, match=r"wanted for every level|tiles for|marks for"):
        engine.Levels.from_arrays(short, levels.missions, levels.tasks)
    del short[name]
    with pytest.raises(KeyError, match=name):
        engine.Levels.from_arrays(short, levels.missions, levels.tasks)


@pytest.mark.parametrize(
    ("name", "index", "value"),
    [
        ("tiles", 0, 255),
        ("start", (0, bank.PLACE), 10_000),
        ("start", (0, bank.HEADING), 4),
        ("start", (0, bank.CARRIED), -1),
        ("start", (0, bank.SHOWN_AT), 10_000),
        ("places", (2, 0), 25),
        ("mark_cells", 0, -1),
    ],
)
def test_numbers_that_would_lead_out_of_the_level_are_refused(name: str, index: Any, value: int) -> None:
    levels = some_levels()
    arrays = {**levels.arrays(), name: levels.arrays()[name].copy()}
    arrays[name][index] = value
    with pytest.raises(ValueError, match="out of range"):
        engine.Levels.from_arrays(arrays, levels.missions, levels.tasks)


def test_numbers_of_another_type_are_refused() -> None:
    levels = some_levels()
    arrays = {**levels.arrays(), "size": levels.size.astype(np.int64)}
    with pytest.raises(ValueError, match=r"size is of type .*int16.*, got int64"):
        engine.Levels.from_arrays(arrays, levels.missions, levels.tasks)


def test_tiles_look_like_what_they_are() -> None:
    """Every thing of `minigrid` has a tile of its own, and every tile the code of its thing."""
    seen = set()
    for kind, colour in np.ndindex(10, len(codes.COLOUR_NAMES)):
        if kind == codes.UNSEEN or (kind == codes.EMPTY and colour) or (kind == codes.LAVA and colour):
            continue
        for state in range(3 if kind == codes.DOOR else 1):
            insides = tiles.BOX_CONTENTS if kind == codes.BOX else [tiles.EMPTY_TILE]
            for inside in insides:
                tile = tiles.tile_of(kind, colour, state, inside)
                assert tiles.TILE_CODES[tile] == kind | colour << 4 | state << 8
                opaque = kind == codes.WALL or (kind == codes.DOOR and state != codes.OPEN)
                assert (tile >= tiles.FIRST_OPAQUE) == opaque
                seen.add(tile)
    assert seen == set(range(tiles.TILES))


def test_what_no_tile_can_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no tile for type 4, colour 0, state 3"):
        tiles.tile_of(codes.DOOR, 0, 3)
    with pytest.raises(ValueError, match="holding tile 1"):
        tiles.tile_of(codes.KEY, 0, 0, tiles.FLOOR_TILES)
    with pytest.raises(ValueError, match="no tile for type 7"):
        tiles.tile_of(codes.BOX, 0, 0, tiles.GREY_WALL_TILE)
