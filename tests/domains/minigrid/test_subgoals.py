"""When a subgoal is achieved, by the simulator; and which subgoal a step of a plan becomes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.symbols import Operator
from tests.domains.minigrid.diary import Diary, moments
from tests.domains.minigrid.play import OUT_OF_DATE, codes, front, maps, subgoals
from tests.domains.minigrid.test_survey import Seen, bars_nothing
from tests.domains.minigrid.test_survey import read as read_cells

Kind = subgoals.Kind
TASKS = (
    "MiniGrid-ObstructedMaze-1Dlhb-v0",
    "MiniGrid-BlockedUnlockPickup-v0",
    "MiniGrid-KeyCorridorS3R3-v0",
    "MiniGrid-DoorKey-8x8-v0",
    "BabyAI-PutNextLocal-v0",
    "BabyAI-MiniBossLevel-v0",
)


def row(kind: int, *, thing: int = 0, cell: int = -1, item: int = 0, baseline: int = 0) -> NDArray[np.int32]:
    """A subgoal; things and items are 1 + their number."""
    made = np.zeros(subgoals.COLUMNS, dtype=np.int32)
    made[subgoals.KIND], made[subgoals.THING], made[subgoals.CELL] = kind, thing, cell
    made[subgoals.ITEM], made[subgoals.BASELINE], made[subgoals.NEXT_CELL] = item, baseline, -1
    return made


def places_of(diary: Diary) -> dict[int, tuple[int, int]]:
    """Where each of the simulator's objects lies, by `id`."""
    env = diary.env
    every = ((x, y) for x in range(env.width) for y in range(env.height))
    return {id(env.grid.get(*place)): place for place in every if env.grid.get(*place) is not None}


def cases(world: Any, diary: Diary) -> list[tuple[NDArray[np.int32], bool, str]]:
    """Subgoals about everything that is known, and whether the simulator says that they are achieved."""
    found = []
    held, places, seen = diary.env.carrying, places_of(diary), read_cells(world)
    for number, thing in enumerate(diary.objects):
        place = places.get(id(thing))
        found.append((row(Kind.FACE, thing=number + 1), front(diary.env) is thing, "FACE"))
        found.append((row(Kind.UNBOX, thing=number + 1), place is None and held is not thing, "UNBOX"))
        on_it = place is not None and place == tuple(diary.env.agent_pos)
        found.append((row(Kind.STAND, thing=number + 1), on_it, "STAND"))
        if thing.type == "door":
            found.append((row(Kind.OPEN, thing=number + 1), thing.is_open, "OPEN"))
            found.append(
                (row(Kind.SHUT, thing=number + 1), not thing.is_open and not thing.is_locked, "SHUT")
            )
        elif thing.type != "goal":
            found.append((row(Kind.HOLD, thing=number + 1), held is thing, "HOLD"))
            found += drops(seen, diary, number, places)
    x, y = (int(value) for value in diary.env.agent_pos)
    for dx, dy in ((0, 0), (1, 0), (0, -1)):
        cell = diary.frame.cell(x + dx, y + dy)
        found.append((row(Kind.STAND, cell=cell), (dx, dy) == (0, 0), "STAND"))
    found.append((row(Kind.DECLARE), diary.declared, "DECLARE"))
    return found + looks(diary)


def drops(
    seen: Seen, diary: Diary, number: int, places: dict[int, tuple[int, int]]
) -> list[tuple[NDArray[np.int32], bool, str]]:
    place = places.get(id(diary.objects[number]))
    good = bool(place) and bars_nothing(seen, (place[0] - diary.frame.x, place[1] - diary.frame.y))
    found = []
    for anywhere, name in ((0, "DROP_AWAY"), (1, "DROP_AWAY anywhere")):
        away = row(Kind.DROP_AWAY, item=number + 1, baseline=anywhere)
        found.append((away, good or bool(place and anywhere), name))
        if place:  # back where it was, and most likely in the way
            away = away.copy()
            away[subgoals.CELL] = diary.frame.cell(*place)
            found.append((away, False, f"{name}, where it was"))
    for other, thing in enumerate(diary.objects):
        there = places.get(id(thing))
        apart = abs(place[0] - there[0]) + abs(place[1] - there[1]) if place and there else 0
        found.append((row(Kind.DROP_BESIDE, item=number + 1, thing=other + 1), apart == 1, "DROP_BESIDE"))
    return found


def looks(diary: Diary) -> list[tuple[NDArray[np.int32], bool, str]]:
    found = []
    count = len(diary.objects)
    for x, y in ((0, 0), (3, 4), (diary.env.width - 1, diary.env.height // 2), (2, 1)):
        known = (x, y) in diary.seen
        cell = diary.frame.cell(x, y)
        found.append((row(Kind.LOOK, cell=cell, baseline=count), known, "LOOK"))
        found.append((row(Kind.LOOK, cell=cell, baseline=count - 1), True, "LOOK, something new"))
        door = count > 0 and diary.objects[-1].type == "door"
        looking = row(Kind.LOOK, cell=cell, baseline=count - 1, item=subgoals.sort_code("unseen_door"))
        found.append((looking, known or door, "LOOK, for a door"))
    return found


@OUT_OF_DATE
def test_achieved_is_what_the_simulator_says() -> None:
    answers: Counter[tuple[str, bool]] = Counter()
    for task in TASKS:
        for seed in range(3):
            for player, diary, told in moments(task, seed, wandering=0.4, steps=120, every=6):
                belief = player.executive.belief
                for subgoal, truth, name in cases(belief.map, diary):
                    assert belief.achieved(subgoal[None])[0] == truth, f"{told}: {name} {subgoal}"
                    answers[name, bool(truth)] += 1
    names = {name for name, _ in answers}
    for name in sorted(names):
        never = name.endswith("where it was")
        assert (answers[name, True] > 10) != never, f"{name} was hardly ever achieved, or was"
        assert answers[name, False] > 10 or "new" in name, f"{name} was hardly ever open"


def test_no_subgoal_is_never_achieved() -> None:
    for player, _, _ in moments("MiniGrid-DoorKey-8x8-v0", 0, 0.2, steps=30):
        assert not player.executive.belief.achieved(np.zeros((1, subgoals.COLUMNS), dtype=np.int32))[0]


def test_subgoals_of_a_batch_are_each_their_own_worlds() -> None:
    world = maps.BeliefMap(3)
    world.agent[:, maps.CARRIED] = 1, 2, 0
    rows = np.stack([row(Kind.HOLD, thing=2)] * 3)
    assert subgoals.achieved(world, rows).tolist() == [False, True, False]


# From a step of a plan to a subgoal. ---------------------------------------------------------------------------

AIMS = {
    "go-to": Kind.FACE,
    "go-to-match": Kind.FACE,
    "pick-up": Kind.HOLD,
    "clear-away": Kind.HOLD,
    "make-way": Kind.HOLD,
    "clear-doorway": Kind.HOLD,
    "open-door": Kind.OPEN,
    "unlock-door": Kind.OPEN,
    "close-door": Kind.SHUT,
    "open-box": Kind.UNBOX,
}


def check_row(step: Operator, subgoal: NDArray[np.int32], view: Any, diary: Diary, told: str) -> None:
    kind, thing, cell = (int(subgoal[column]) for column in (subgoals.KIND, subgoals.THING, subgoals.CELL))
    if step.name in AIMS:
        assert kind == AIMS[step.name], told
        assert thing == 1 + view.things[step.args[0]], f"{told}: {step} aims at another thing"
    elif step.name == "step-on":
        assert (kind, thing) == (Kind.STAND, 1 + view.things[step.args[0]]), told
    elif step.name in ("put-down", "put-beside"):
        assert kind == (Kind.DROP_AWAY if step.name == "put-down" else Kind.DROP_BESIDE), told
        assert subgoal[subgoals.ITEM] == 1 + view.things[step.args[0]], told
        assert thing == (0 if step.name == "put-down" else 1 + view.things[step.args[1]]), told
        if step.name == "put-down":
            check_place_to_drop(subgoal, view, diary, told)
    elif step.name == "declare":
        assert (kind, thing, cell) == (Kind.DECLARE, 0, subgoals.NOWHERE), told
    elif step.name == "pass-door":
        check_threshold(step, kind, cell, view, diary, told)
    else:
        room = view.rooms[step.args[0]]
        x, y = diary.frame.place(cell)
        assert kind == Kind.LOOK, told
        sort = subgoals.sort_code(step.args[1]) if step.name == "explore" else 0
        assert subgoal[subgoals.ITEM] == sort, f"{told}: {step} ends when something else is found"
        assert (x, y) not in diary.seen, f"{told}: {step} looks at what was seen"
        sides = ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1))
        assert room in {int(view.survey.rooms[diary.frame.cell(*side)]) for side in sides}, told


def check_place_to_drop(subgoal: NDArray[np.int32], view: Any, diary: Diary, told: str) -> None:
    """Anywhere if the room has no place where it bars nothing; but not where the thing was taken from."""
    seen, frame = read_cells(view.world), diary.frame
    here = [place for place in seen.cells if seen.kind(place) == codes.EMPTY]
    here = [place for place in here if view.survey.rooms[maps.cell_of(*place)] == view.survey.here]
    roomy = any(bars_nothing(seen, place) for place in here)
    assert subgoal[subgoals.BASELINE] == (not roomy), f"{told}: the room is roomy: {roomy}"
    taken = subgoals.NOWHERE if diary.taken_from is None else frame.cell(*diary.taken_from)
    assert subgoal[subgoals.CELL] == taken, f"{told}: it was taken from {diary.taken_from}"


def check_threshold(step: Operator, kind: int, cell: int, view: Any, diary: Diary, told: str) -> None:
    """Beyond the door, on the side away from where it is entered; a thing that lies there is looked at instead."""
    door = places_of(diary)[id(diary.objects[view.things[step.args[0]]])]
    x, y = diary.frame.place(cell)
    if kind == Kind.STAND and (x, y) == door:
        return  # a thing lies behind it
    assert abs(x - door[0]) + abs(y - door[1]) == 1, f"{told}: {step} ends at {x, y}, far from {door}"
    near = (2 * door[0] - x, 2 * door[1] - y)
    assert view.survey.rooms[diary.frame.cell(*near)] == view.rooms[step.args[1]], (
        f"{told}: entered from {near}"
    )


@OUT_OF_DATE
def test_the_subgoal_of_each_step_says_what_the_step_means() -> None:
    met: Counter[str] = Counter()
    tasks = (*TASKS, "MiniGrid-ObstructedMaze-Full-v1", "BabyAI-BossLevel-v0", "MiniGrid-MultiRoom-N6-v0")
    tasks += ("MiniGrid-MemoryS9-v0", "MiniGrid-GoToObject-6x6-N2-v0")
    for task in tasks:
        for seed in range(3):
            for player, diary, told in moments(task, seed, wandering=0.1, steps=120, every=1):
                step, subgoal = player.executive.threads[0].step, player.executive.subgoals[0]
                if step is None or player.executive._age[0] > 0:
                    continue  # not chosen just now
                view = player.executive.belief.scene(0)
                assert player.executive.belief.aim(0, step, None) is not None, told
                check_row(step, subgoal, view, diary, f"{told}: {step}")
                assert 24 <= player.executive._budget[0] <= 3 * 120, told
                met[step.name] += 1
    expected = {*AIMS, "step-on", "put-down", "put-beside", "pass-door", "explore", "declare"}
    expected -= {"close-door", "make-way", "clear-doorway"}  # see test_predicaments.py
    assert expected <= set(met), f"never met: {expected - set(met)}"


def test_a_step_about_what_is_not_there_becomes_no_subgoal() -> None:
    player, _, _ = next(moments("MiniGrid-DoorKey-8x8-v0", 0, 0.0))
    belief = player.executive.belief
    seen = next(iter(belief.scene(0).things))
    for name, args in (
        ("go-to", ("unseen_red_key", "room_1")),
        ("pick-up", ("unseen_ball", "room_1")),
        ("pass-door", ("unseen_door", "room_1", "room_2")),
        ("put-down", ("unseen_key", "room_1")),
        ("put-beside", ("unseen_key", seen, "room_1")),
        ("put-beside", (seen, "unseen_key", "room_1")),
        ("explore", ("room_77", "unseen_ball")),
    ):
        assert belief.aim(0, Operator(name, args), None) is None, name


def test_what_comes_next_is_told_too() -> None:
    player, _, _ = next(moments("MiniGrid-DoorKey-8x8-v0", 0, 0.0))
    belief, view = player.executive.belief, player.executive.belief.scene(0)
    name, number = next(iter(view.things.items()))
    first, second = Operator("explore", ("room_1", "x")), Operator("go-to", (name, "room_1"))
    aims = np.stack([belief.aim(0, first, None), belief.aim(0, first, second)])
    (alone, followed), _ = belief.subgoals(np.zeros(2, dtype=np.int64), aims)
    assert alone[subgoals.NEXT_KIND] == Kind.NONE
    assert (followed[subgoals.NEXT_KIND], followed[subgoals.NEXT_THING]) == (Kind.FACE, 1 + number)
    assert np.array_equal(alone[:5], followed[:5]), "what is to be done now does not change"
