"""What is believed of alleys: everything is in sight but what boxes hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import FeatureArrays, Foresight, Observation, Situation
from neurosym.options.hearing import HearingSpec
from neurosym.symbols import (
    Atom,
    Condition,
    Literal,
    Operator,
    PlanningDomain,
    Problem,
    State,
    TypedName,
    Wanted,
)

from .world import BARE, BELL, BOX, CELLS, COIN, IMAGE, IN_HAND, OPEN, PLACE, SHUT, SOUNDING


class Kind(IntEnum):
    """What a controller has to bring about."""

    NONE = 0
    UNBOX = 1
    TAKE = 2
    RING = 3
    OPEN_GATE = 4
    PASS = 5


KIND_OF_OPERATOR = {
    "open-box": Kind.UNBOX,
    "take": Kind.TAKE,
    "ring": Kind.RING,
    "open-gate": Kind.OPEN_GATE,
    "pass-gate": Kind.PASS,
}
KIND, CELL, NEXT_KIND, NEXT_CELL = range(4)
COLUMNS = 4
SPAN = 2 * CELLS - 1
LAYERS = OPEN + 3  # what a cell holds, the target, the next one
ROWS, WIDTH, DENSE = 1 + SPAN * LAYERS, CELLS + 2, 2 * len(Kind) + 2
TYPES = {BOX: "box", COIN: "coin", BELL: "bell", SHUT: "gate", OPEN: "gate"}
THINGS, SAID = 8, 3
DETOUR = 20.0  # cells that a setback is worth


class AlleyBelief:
    """Beliefs about N alleys; see `neurosym.belief.Belief`."""

    subgoal_columns = COLUMNS

    def __init__(self, model: PlanningDomain, count: int) -> None:
        self.model = model
        self.image = np.zeros((count, IMAGE), dtype=np.uint8)
        self.first = np.zeros((count, CELLS), dtype=np.uint8)  # names are given by what was seen first
        self.held = np.zeros(count, dtype=np.bool_)
        self.rung = np.zeros(count, dtype=np.bool_)

    def heed(self, foresight: Foresight | None) -> None:
        """Nothing to heed: distances are seen."""

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self.image[mask] = observation["image"][mask]
        self.first[mask] = self.image[mask, :CELLS]
        self.held[mask] = self.rung[mask] = False

    def update(self, actions: NDArray[np.int64], observation: Observation) -> None:
        image = observation["image"]
        self.held |= image[:, IN_HAND] > self.image[:, IN_HAND]
        self.rung |= image[:, SOUNDING] > 0
        self.image[:] = image

    def forget_accomplishments(self, index: int) -> None:
        self.held[index] = self.rung[index] = False

    def names(self, index: int) -> dict[str, int]:
        """The cell of each thing in sight; boxes and gates keep the names they were given first."""
        now, named, counts = self.image[index], {}, dict.fromkeys(TYPES.values(), 0)
        for cell, code in enumerate(self.first[index].tolist()):
            kind = TYPES.get(code)
            if kind is not None:
                counts[kind] += 1
                if TYPES.get(int(now[cell])) == kind:
                    named[kind if counts[kind] == 1 else f"{kind}_{counts[kind]}"] = cell
        coins = np.flatnonzero(now[:CELLS] == COIN)
        return {**named, "coin": int(coins[0])} if len(coins) else named

    def zone(self, index: int, cell: int) -> int:
        """How many gates lie to the left of a cell."""
        return int(np.isin(self.first[index, :cell], (SHUT, OPEN)).sum())

    def state(self, index: int) -> State:
        names, image = self.names(index), self.image[index]
        atoms = {Atom("in", (f"z{self.zone(index, int(image[PLACE]))}",))}
        atoms |= {Atom("held", ("coin",))} if self.held[index] else set()
        for name, cell in names.items():
            zone, kind = f"z{self.zone(index, cell)}", TYPES[int(image[cell])]
            if kind == "gate":
                beyond = f"z{self.zone(index, cell) + 1}"
                atoms |= {Atom("links", (name, zone, beyond)), Atom("links", (name, beyond, zone))}
                atoms |= {Atom("open", (name,))} if image[cell] == OPEN else set()
                continue
            atoms.add(Atom("lies", (name, zone)))
            if kind == "box" and "coin" not in names and not image[IN_HAND]:
                atoms.add(Atom("may-hold", (name, "coin")))
            if kind == "bell" and self.rung[index]:
                atoms.add(Atom("rung", (name,)))
        return frozenset(atoms)

    def problem(
        self,
        index: int,
        stage: tuple[Wanted, ...],
        setbacks: Mapping[str, int],
        later: tuple[Wanted, ...] = (),
    ) -> Problem:
        names, image = self.names(index), self.image[index]
        zones = self.zone(index, CELLS) + 1
        things = {name: TYPES[int(image[cell])] for name, cell in names.items()}
        things |= {wanted.arguments[0].type: wanted.arguments[0].type for wanted in stage} | {"coin": "coin"}
        far = {name: abs(cell - int(image[PLACE])) for name, cell in names.items()}
        return Problem(
            domain=self.model,
            objects=(
                *(TypedName(name, kind) for name, kind in sorted(things.items())),
                *(TypedName(f"z{zone}", "zone") for zone in range(zones)),
            ),
            init=self.state(index),
            goal=Condition.all_of(
                *(Literal(Atom(wanted.predicate, (wanted.arguments[0].type,))) for wanted in stage)
            ),
            costs=tuple(
                (Atom("reach", (name,)), 1.0 + far.get(name, 0) + DETOUR * setbacks.get(name, 0))
                for name in sorted(things)
            ),
        )

    def situations(
        self,
        which: NDArray[np.int64],
        stages: Sequence[tuple[Wanted, ...]],
        later: Sequence[tuple[Wanted, ...]] | None = None,
    ) -> list[Situation]:
        """All that is believed: alleys are so small that they recur."""
        return [
            Situation(
                (self.image[n].tobytes(), self.first[n].tobytes(), bool(self.held[n]), bool(self.rung[n])), ()
            )
            for n in which
        ]

    def aim(self, index: int, step: Operator, following: Operator | None) -> NDArray[np.int32] | None:
        row = np.zeros(COLUMNS, dtype=np.int32)
        cell = self._target(index, step)
        if cell is None:
            return None
        row[KIND], row[CELL] = KIND_OF_OPERATOR[step.name], cell
        beyond = None if following is None else self._target(index, following)
        if following is not None and beyond is not None:
            row[NEXT_KIND], row[NEXT_CELL] = KIND_OF_OPERATOR[following.name], beyond
        return row

    def _target(self, index: int, step: Operator) -> int | None:
        cell = self.names(index).get(step.args[0])
        if step.name == "pass-gate" and cell is not None:
            return cell + 1 if step.args[1] < step.args[2] else cell - 1
        return cell

    def subgoals(
        self, which: NDArray[np.int64], aims: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        return aims, 4 + 2 * np.abs(aims[:, CELL] - self.image[which, PLACE].astype(np.int64))

    def can_begin(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Everywhere: an option goes on from wherever it finds itself."""
        return subgoals[:, KIND] != 0

    def surprised(self) -> NDArray[np.bool_]:
        return np.zeros(len(self.image), dtype=np.bool_)

    def meddled(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        return np.zeros(len(subgoals), dtype=np.bool_)

    def achieved(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        kind, cell = subgoals[:, KIND], subgoals[:, CELL]
        there = self.image[np.arange(len(subgoals)), cell]
        done = np.zeros(len(subgoals), dtype=np.bool_)
        done |= (kind == Kind.UNBOX) & (there != BOX)
        done |= (kind == Kind.TAKE) & (self.image[:, IN_HAND] > 0)
        done |= (kind == Kind.RING) & (self.image[:, SOUNDING] > 0)
        done |= (kind == Kind.OPEN_GATE) & (there == OPEN)
        return done | ((kind == Kind.PASS) & (self.image[:, PLACE] == cell))

    def features(
        self,
        subgoals: NDArray[np.int32],
        which: NDArray[np.int64] | None = None,
        out: FeatureArrays | None = None,
    ) -> FeatureArrays:
        image = self.image if which is None else self.image[which]
        subgoals = subgoals if which is None else subgoals[which]
        place = image[:, PLACE].astype(np.int32)[:, None]
        offset = np.arange(CELLS, dtype=np.int32) - place + CELLS - 1
        content = image[:, :CELLS].astype(np.int32)
        around = np.where(content == BARE, 0, 1 + offset * LAYERS + content)
        aims = subgoals[:, [CELL, NEXT_CELL]] - place
        rows = 1 + (aims + CELLS - 1) * LAYERS + np.array([OPEN + 1, OPEN + 2], dtype=np.int32)
        aimed = np.where(subgoals[:, [KIND, NEXT_KIND]] > 0, rows, 0)
        kinds = np.eye(len(Kind), dtype=np.float32)
        dense = [kinds[subgoals[:, KIND]], kinds[subgoals[:, NEXT_KIND]], (aims / CELLS).astype(np.float32)]
        sparse, dense = np.hstack([around, aimed]).astype(np.int32), np.hstack(dense)
        if out is None:
            return sparse, dense
        out[0][:], out[1][:] = sparse, dense
        return out

    def surroundings(
        self,
        words: Mapping[str, int],
        which: NDArray[np.int64] | None = None,
        out: FeatureArrays | None = None,
    ) -> FeatureArrays:
        """Each thing in sight, and what lies beyond each gate, in words."""
        chosen = range(len(self.image)) if which is None else which.tolist()
        if out is None:
            empty = hearing_spec(()).features.empty(len(chosen))
            out = empty.sparse, empty.dense
        described = hearing_spec(()).described
        for m, n in enumerate(chosen):
            row = out[0][m, 1:described].reshape(THINGS, SAID + 1)
            row[:] = 0
            for entry, (said, place) in zip(row, self._told(n), strict=False):
                numbers = [words.get(word, 1) for word in said]
                entry[: len(numbers)], entry[-1] = numbers, place + CELLS - int(self.image[n, PLACE])
            out[0][m, 0] = 0
            out[1][m, 0] = self.image[n, IN_HAND] > 0
        return out

    def _told(self, n: int) -> list[tuple[list[str], int]]:
        told: list[tuple[list[str], int]] = []
        for name, cell in self.names(n).items():
            noun, _, number = name.partition("_")
            said = [noun, *(["second"] if number == "2" else [])]
            told.append((said, cell))
            if noun == "gate":
                told.append(([*said, "beyond"], cell + 1 if self.image[n, PLACE] <= cell else cell - 1))
        return told


def hearing_spec(words: Sequence[str]) -> HearingSpec:
    return HearingSpec(
        rows=2,
        width=1,
        things=THINGS,
        said=SAID,
        places=2 * CELLS + 1,
        dense=1,
        actions=4,
        words=tuple(words),
    )
