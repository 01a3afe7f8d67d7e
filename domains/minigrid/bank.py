"""Many levels together, as a few compact arrays: what worlds start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .tiles import TILES

# columns of `Levels.start`, and the first ones of a running world's row
PLACE, HEADING, CARRIED, CARRIED_MARKS, STEPS, MAX_STEPS = range(6)
SEES_THROUGH, RULE, CLAUSES, PROGRESS, STALE, SHOWN_AT = range(6, 12)
START_COLUMNS = 12
PLACES = 8  # cells that a rule may name
MARKS = 8  # sets of things that a rule may name

_TYPES = {
    "tiles": np.uint8, "size": np.int16, "start": np.int32, "places": np.int16, "marked": np.int16,
    "mark_cells": np.int16, "marks": np.uint16,
}  # fmt: skip


@dataclass(frozen=True)
class Levels:
    """L states that worlds can be started in; cells of all levels follow one another, nothing is padded.

    Attributes:
        tiles: uint8[cells of all levels], see `tiles.py`; a level is indexed [x * height + y].
        size: int16[L, 2], width and height.
        start: int32[L, 12], columns above: the cell the agent is in, its heading, the tile it carries (0 for nothing)
            and that thing's marks, steps taken, step limit, whether it sees through walls, the task's rule, its
            instruction and how much of it is done (see `rules.py`), whether the instruction believes things to be where
            they are not, and the cell where a thing already in hand is still shown in the first view, or -1.
        places: int16[L, 8], cells that the rule names, as a cell's index in the level; -1 for none.
        marked: int16[L], how many cells have marks.
        mark_cells: int16[sum of marked], those cells, level after level.
        marks: uint16[sum of marked]: bit b, the thing there belongs to set b of the instruction; bit 8 + b, the
            instruction believes a thing of set b to be there.
        missions: L strings.
        tasks: L task ids.
    """

    tiles: NDArray[np.uint8]
    size: NDArray[np.int16]
    start: NDArray[np.int32]
    places: NDArray[np.int16]
    marked: NDArray[np.int16]
    mark_cells: NDArray[np.int16]
    marks: NDArray[np.uint16]
    missions: tuple[str, ...]
    tasks: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, array in self.arrays().items():
            if array.dtype != _TYPES[name]:
                raise ValueError(f"{name} is of type {_TYPES[name]}, got {array.dtype}")
        lengths = {len(self.size), len(self.start), len(self.places), len(self.marked), len(self.tasks)}
        if lengths != {len(self.missions)}:
            raise ValueError(f"one of each is wanted for every level, got lengths {sorted(lengths)}")
        if len(self.tiles) != self.cell_counts.sum():
            raise ValueError(f"{len(self.tiles)} tiles for {self.cell_counts.sum()} cells")
        if not len(self.mark_cells) == len(self.marks) == self.marked.sum():
            raise ValueError(f"{len(self.marks)} marks for {self.marked.sum()} marked cells")
        self._check_values()

    def _check_values(self) -> None:
        """Worlds trust the numbers they start from."""
        start, cells = self.start, self.cell_counts
        if self.tiles.max(initial=0) >= TILES:
            raise ValueError("tiles: a number out of range")
        for what, values, low, high in (
            ("headings", start[:, HEADING], 0, 4),
            ("things in hand", start[:, CARRIED], 0, TILES),
            ("the agents' cells", start[:, PLACE], 0, cells),
            ("cells shown first", start[:, SHOWN_AT], -1, cells),
            ("places", self.places, -1, cells[:, None]),
            ("marked cells", self.mark_cells, 0, np.repeat(cells, self.marked)),
        ):
            if ((values < low) | (values >= high)).any():
                raise ValueError(f"{what}: a number out of range")

    def __len__(self) -> int:
        return len(self.missions)

    @property
    def cell_counts(self) -> NDArray[np.int64]:
        """int64[L], how many cells each level has."""
        return self.size.astype(np.int64).prod(axis=1)

    def arrays(self) -> dict[str, NDArray]:
        """Everything but the texts, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)[:-2]}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray], missions: Sequence[str], tasks: Sequence[str]) -> Levels:
        """What `arrays` and the texts make up.

        Raises:
            KeyError: an array is missing.
            ValueError: they do not fit together.
        """
        ours = {field.name: arrays[field.name] for field in fields(cls)[:-2]}
        return cls(**ours, missions=tuple(missions), tasks=tuple(tasks))

    @classmethod
    def join(cls, parts: Sequence[Levels]) -> Levels:
        """All levels of the parts, in their order; ValueError if there are no parts."""
        ours = {
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(cls)[:-2]
        }
        return cls(
            **ours,
            missions=tuple(mission for part in parts for mission in part.missions),
            tasks=tuple(task for part in parts for task in part.tasks),
        )


__all__ = ["Levels"]
