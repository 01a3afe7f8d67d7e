"""What share of a task's levels can be solved at all: `python -m benchmarks.ceiling [--episodes 100] [--out FILE]`.

Some levels of the original `minigrid` can be solved by nobody: a key lies in the very room that it unlocks, or a
blocking ball was put where the box with the key had been. Here the whole level is known, and what could be reached in
it is worked out generously: items in the way are taken as gone, boxes as opened, a key once reached as always at hand,
hands as never full, steps as unlimited. A level in which even so the mission is out of reach is proven unsolvable;
of any other nothing is proven, so a ceiling is an upper bound. In Dynamic-Obstacles the balls count as items in the
way: whether chance lets one through is not decided.

Seeds whose level is never finished by `minigrid`'s own generator are left out, and named.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from neurosym.domain import load_domain
from neurosym.errors import NeurosymError, UnavailableTaskError, UnknownNameError
from neurosym.processes import in_processes
from neurosym.provenance import provenance
from neurosym.seeds import EVALUATION_SEED

DOMAIN = load_domain("minigrid")
bank, codes, generators, rules, tiles = (
    importlib.import_module(f"neurosym_domains.minigrid.{name}")
    for name in ("bank", "codes", "generators", "rules", "tiles")
)

T = TypeVar("T")
Cells = NDArray[np.bool_]
CLAUSES = 4  # of an instruction, at most


class Level(NamedTuple):
    """One level: what lies at each place, and what its rule speaks of.

    Attributes:
        tiles: uint8[W, H], see the domain's `tiles.py`; marks: int[W, H], see `bank.Levels.marks`.
        start: int32[12], the columns of `bank.Levels.start`.
        places: the places that the rule names, as (x, y).
    """

    tiles: NDArray[np.uint8]
    marks: NDArray[np.int64]
    start: NDArray[np.int32]
    places: tuple[tuple[int, int], ...]


class Reach(NamedTuple):
    """Where one can get to.

    Attributes:
        stood: bool[W, H], the agent may come to stand there: opened doors and places of things that were taken too.
        faced: bool[W, H], and there it may come to look at from the next place.
    """

    stood: Cells
    faced: Cells


def levels_of(levels: Any) -> Iterator[Level]:
    """Each of `bank.Levels` by itself."""
    cell, mark = 0, 0
    for number, (width, height) in enumerate(levels.size.astype(int)):
        here = slice(cell, cell + width * height)
        marked = slice(mark, mark + levels.marked[number])
        marks = np.zeros(width * height, dtype=np.int64)
        marks[levels.mark_cells[marked]] = levels.marks[marked]
        yield Level(
            levels.tiles[here].reshape(width, height),
            marks.reshape(width, height),
            levels.start[number],
            tuple(divmod(int(place), int(height)) for place in levels.places[number] if place >= 0),
        )
        cell, mark = here.stop, marked.stop


def reach_of(level: Level) -> Reach:
    """Spread from the agent's place until nothing new comes within reach."""
    kinds, colours, states = (tiles.TILE_CODES[level.tiles] >> shift & 15 for shift in (0, 4, 8))
    locked = (kinds == codes.DOOR) & (states == codes.LOCKED)
    barred = np.isin(kinds, (codes.WALL, codes.LAVA)) | immovable(level, kinds)
    stood = np.zeros(level.tiles.shape, dtype=np.bool_)
    stood.flat[level.start[bank.PLACE]] = True
    while True:
        faced = beside(stood)
        keys = key_colours([*level.tiles[faced].tolist(), int(level.start[bank.CARRIED])])
        grown = stood | faced & ~barred & ~(locked & ~np.isin(colours, keys))
        if (grown == stood).all():
            return Reach(stood, faced)
        stood = grown


def immovable(level: Level, kinds: NDArray[Any]) -> Cells:
    """Keys and balls that stay where they are: one cannot take them, or that ends the episode."""
    rule, items = level.start[bank.RULE], np.isin(kinds, (codes.KEY, codes.BALL))
    if rule == rules.FORK:
        return items
    if rule in (rules.FETCH, rules.PUT_NEAR):
        return items & (level.marks & 1 == 0)
    return np.zeros_like(items)


def beside(cells: Cells) -> Cells:
    """The neighbours of these cells."""
    found = np.zeros_like(cells)
    found[1:] |= cells[:-1]
    found[:-1] |= cells[1:]
    found[:, 1:] |= cells[:, :-1]
    found[:, :-1] |= cells[:, 1:]
    return found


def key_colours(found: Sequence[int]) -> list[int]:
    """The colours of the keys among these tiles, and in the boxes among them."""
    colours = set()
    for tile in set(found):
        while codes.type_of(tiles.TILE_CODES[tile]) == codes.BOX:
            tile = int(tiles.TOGGLED[tile])
        if codes.type_of(tiles.TILE_CODES[tile]) == codes.KEY:
            colours.add(codes.colour_of(tiles.TILE_CODES[tile]))
    return sorted(colours)


def is_proven_unsolvable(level: Level) -> bool:
    """Whether the mission stays out of reach however generously reach is meant."""
    reach = reach_of(level)
    kinds = tiles.TILE_CODES[level.tiles] & 15
    at_a_goal = bool((reach.stood & (kinds == codes.GOAL)).any())  # which is rewarded whatever the rule
    return not (at_a_goal or rule_can_be_met(level, reach))


def rule_can_be_met(level: Level, reach: Reach) -> bool:
    rule, places = level.start[bank.RULE], level.places
    if rule == rules.INSTRUCTED:
        return not defeats_itself(level) and all(clause_can_be_met(level, reach, c) for c in range(CLAUSES))
    if rule in (rules.TAKE, rules.FETCH):
        return can_take(level, reach, 0)
    if rule == rules.PUT_NEAR:
        return can_take(level, reach, 0) and any(reach.stood[near] for near in around(places[0]))
    if rule == rules.SPOT:
        return bool(reach.faced[places[0]])
    if rule == rules.FORK:
        return bool(reach.stood[places[0]])
    if rule in (rules.UNLOCK, rules.DOORS):
        return all(reach.stood[door] for door in places)
    return False  # to a goal, and there is no way


def defeats_itself(level: Level) -> bool:
    """Whether opening the first door already fails the second clause.

    In a sequence, `minigrid` asks the second part about the very action that completed the first; a strict clause to
    open another door takes that for opening a wrong one.
    """
    first, then = (int(level.start[bank.CLAUSES]) >> c * rules.CLAUSE_BITS & 15 for c in (0, 2))
    alone = not any(level.start[bank.CLAUSES] >> c * rules.CLAUSE_BITS & 15 for c in (1, 3))
    opens = first & 7 == rules.OPEN_DOOR and then == rules.OPEN_DOOR | rules.STRICT_CLAUSE
    return alone and opens and not ((level.marks & 1 == 1) & (level.marks >> 4 & 1 == 1)).any()


def clause_can_be_met(level: Level, reach: Reach, c: int) -> bool:
    """Whether clause c of an instruction can; one that it does not have can always."""
    kind = level.start[bank.CLAUSES] >> c * rules.CLAUSE_BITS & 7
    if kind == rules.GO:
        return can_face(level, reach, 2 * c)
    if kind == rules.OPEN_DOOR:
        return bool((reach.stood & (level.marks >> 2 * c & 1 == 1)).any())
    if kind == rules.PICK:
        return can_take(level, reach, 2 * c)
    if kind == rules.PUT_NEXT:
        return can_take(level, reach, 2 * c) and can_face(level, reach, 2 * c + 1)
    return True


def can_take(level: Level, reach: Reach, which: int) -> bool:
    """Whether a thing of set `which` can be had, or is in hand."""
    in_hand = level.start[bank.CARRIED_MARKS] >> which & 1
    return bool(in_hand or (reach.faced & (level.marks >> which & 1 == 1)).any())


def can_face(level: Level, reach: Reach, which: int) -> bool:
    """The same, or a place where the instruction believes one to be can be faced."""
    supposed = level.marks >> (bank.MARKS + which) & 1 == 1
    return can_take(level, reach, which) or bool((reach.faced & supposed).any())


def around(place: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """A place and the eight about it; levels have walls around them, so all of them exist where things lie."""
    x, y = place
    return ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))


def ceiling_of(task: str, seeds: range) -> dict[str, Any]:
    """What can be said of one task's levels; see `measure`."""
    levels, skipped = levels_by_seed(task, seeds)
    unsolvable = [seed for seed, level in levels.items() if is_proven_unsolvable(level)]
    return {
        "episodes": len(levels),
        "unsolvable_seeds": unsolvable,
        "seeds_without_level": skipped,
        "ceiling": 1 - len(unsolvable) / max(len(levels), 1),
    }


def levels_by_seed(task: str, seeds: range) -> tuple[dict[int, Level], list[int]]:
    """The level of each seed, and the seeds that have none."""
    made, skipped = generators.generate(task, seeds)
    begun = [seed for seed in seeds if seed not in skipped]
    return dict(zip(begun, (level for each in made for level in levels_of(each)), strict=True)), skipped


def measure(tasks: Sequence[str], seeds: range, jobs: int) -> dict[str, dict[str, Any]]:
    """For each task the levels looked at, the seeds proven unsolvable, those left out, and the share that remains."""
    return for_each({task: partial(ceiling_of, task, seeds) for task in tasks}, jobs)


def for_each(work: Mapping[str, Callable[[], T]], jobs: int) -> dict[str, T]:
    """What each task's work returns, done in `jobs` processes, and told on standard error as it is done."""
    tasks, found = list(work), dict[str, T]()
    for done in in_processes(list(work.values()), jobs):
        if done is not None:
            number, result = done
            found[tasks[number]] = result
            print(f"{len(found)}/{len(tasks)} {tasks[number]}", file=sys.stderr)
    return {task: found[task] for task in tasks}


def describe(results: dict[str, dict[str, Any]]) -> str:
    """The tasks whose ceiling is below 1, and the seeds left out, as text."""
    lines = [f"{'task':42} ceiling  unsolvable of  seeds"]
    for task, result in results.items():
        bad = result["unsolvable_seeds"]
        if bad:
            share, count = f"{result['ceiling']:.3f}", f"{len(bad)} of {result['episodes']}"
            lines.append(f"{task:42} {share:7}  {count:13}  {' '.join(map(str, bad))}")
    for task, result in results.items():
        if result["seeds_without_level"]:
            lines.append(f"{task}: no level for {' '.join(map(str, result['seeds_without_level']))}")
    return "\n".join(lines)


def choose(names: Sequence[str]) -> list[str]:
    """These tasks, or all that can start here.

    Raises:
        UnknownNameError: there is no such task.
        UnavailableTaskError: it cannot start here.
    """
    known = {task.id: task for task in DOMAIN.tasks()}
    for name in names:
        if name not in known:
            raise UnknownNameError("task", name, known)
        if not known[name].available:
            raise UnavailableTaskError(f"{name} cannot start: {known[name].reason}")
    return list(names) or [name for name, task in known.items() if task.available]


def main(given: list[str] | None = None) -> None:
    words = sys.argv[1:] if given is None else given
    options = read_options(words)
    made = provenance(words, "python -m benchmarks.ceiling")
    seeds = range(options.seed, options.seed + options.episodes)
    results = measure(choose(options.tasks), seeds, options.jobs)
    if options.out:
        record = {**made, "tasks": results}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(describe(results))


def read_options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--episodes", type=int, default=100, help="levels of each task")
    parser.add_argument("--seed", type=int, default=EVALUATION_SEED, help="of the first level")
    parser.add_argument("--tasks", nargs="+", default=[], help="all, unless some are named")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, help="JSON file that the result goes to")
    options = parser.parse_args(words)
    if options.episodes < 1 or options.jobs < 1:
        parser.error("--episodes and --jobs must be at least 1")
    return options


if __name__ == "__main__":
    try:
        main()
    except NeurosymError as error:
        raise SystemExit(f"benchmarks/ceiling.py: {error}") from None
