"""The compiled belief against the one in plain Python, step by step: map, things, regions, subgoals and features."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.domains.minigrid import test_survey as regions
from tests.domains.minigrid.play import (
    DOMAIN,
    OUT_OF_DATE,
    SEE_THROUGH,
    SPREAD,
    agent,
    codes,
    episode,
    make,
    maps,
    random_play,
    subgoals,
    survey,
)
from tests.domains.minigrid.reference import Aim, Reference, Thing

MORE = (
    "MiniGrid-Dynamic-Obstacles-8x8-v0",
    "MiniGrid-Dynamic-Obstacles-16x16-v0",
    "MiniGrid-Dynamic-Obstacles-Random-6x6-v0",
    "MiniGrid-LavaCrossingS11N5-v0",
    "MiniGrid-DoorKey-16x16-v0",
    "MiniGrid-ObstructedMaze-2Dlhb-v0",
    "MiniGrid-ObstructedMaze-2Dlhb-v1",
)
TASKS = (*SPREAD, *SEE_THROUGH, *MORE)
DEEDS = {"visited": maps.VISITED, "held": maps.HELD, "opened": maps.OPENED}
KINDS = [kind.name for kind in subgoals.Kind]
SORTS = (
    "",
    "door",
    "key",
    "ball",
    "goal",
    "item",
    "red_key",
    "blue_ball",
    "grey_item",
    "yellow_door",
    "green_goal",
)
Step = tuple[
    int | None, dict[str, Any], str
]  # the action (None: an episode begins), what is seen, where we are


# Play: worlds side by side, each on its own way through tasks and levels. ------------------------------------------


def lives(tasks: Sequence[str], seed: int, steps: int) -> Iterator[Step]:
    """One episode after the other without end, by turns at random and as planned."""
    for round_ in itertools.count():
        for number, task in enumerate(tasks):
            planned = (round_ + number + seed) % 2 == 1
            level = 1000 * seed + round_
            played = planned_steps(task, level, steps) if planned else random_steps(task, level, steps)
            yield from played


def random_steps(task: str, seed: int, steps: int) -> Iterator[Step]:
    env, observation = make(task, seed)
    yield None, observation, f"{task}, seed {seed}, begins"
    for step, (action, seen) in enumerate(random_play(env, np.random.default_rng(seed), steps)):
        yield action, seen, f"{task}, seed {seed}, random step {step}"
        if faces_nowhere(env):
            return


def planned_steps(task: str, seed: int, steps: int) -> Iterator[Step]:
    played = episode(task, seed, agent(wandering=0.15, seed=seed), steps)
    for step, (env, action, seen) in enumerate(played):
        yield action, seen, f"{task}, seed {seed}, planned step {step}"
        if faces_nowhere(env):
            return


def faces_nowhere(env: Any) -> bool:
    """A door in the outer wall was passed: one step more, and `minigrid` itself fails."""
    x, y = env.front_pos
    return not (0 <= x < env.width and 0 <= y < env.height)


class SideBySide:
    """The same lives, told to a batch of compiled beliefs and to references."""

    def __init__(self, tasks: Sequence[str], count: int, seed: int, steps: int) -> None:
        shares = [[*tasks[n:], *tasks[:n]] for n in range(0, len(tasks), max(1, len(tasks) // count))][:count]
        self.lives = [lives(share, seed + n, steps) for n, share in enumerate(shares)]
        self.world = maps.BeliefMap(len(self.lives))
        self.references: list[Reference] = [None] * len(self.lives)  # type: ignore[list-item]
        self.told = [""] * len(self.lives)

    def step(self) -> None:
        """One step of every life. Where an episode begins, the belief is first updated and then begins anew."""
        steps = [next(life) for life in self.lives]
        self.told = [told for _, _, told in steps]
        actions = np.array([0 if action is None else action for action, _, _ in steps], dtype=np.int64)
        begins = np.array([action is None for action, _, _ in steps])
        observation = DOMAIN.stack([seen for _, seen, _ in steps])
        self.world.update(actions, observation)
        self.world.begin(begins, observation)
        for n, (action, seen, _) in enumerate(steps):
            image, heading = seen["image"].tolist(), int(seen["direction"])
            if action is None:
                self.references[n] = Reference(image, heading)
            else:
                self.references[n].update(action, image, heading)


# The comparison. --------------------------------------------------------------------------------------------------


def compare_map(world: Any, n: int, reference: Reference, told: str) -> None:
    x, y, heading = (int(world.agent[n, column]) for column in (maps.X, maps.Y, maps.HEADING))
    assert ((x, y), heading) == (reference.here, reference.heading), f"{told}: the pose"
    walked = [int(world.agent[n, column]) for column in (maps.WEST, maps.EAST, maps.NORTH, maps.SOUTH)]
    xs, ys = zip(*reference.walked, strict=True)
    assert walked == [min(xs), max(xs), min(ys), max(ys)], f"{told}: the span walked"
    known = {int(cell): int(world.cells[n, cell]) for cell in np.flatnonzero(world.cells[n])}
    expected = {regions.index(place): code for place, code in reference.places_seen().cells.items()}
    assert known == expected, f"{told}: the map"


def compare_things(world: Any, n: int, reference: Reference, told: str) -> None:
    count = int(world.agent[n, maps.THINGS])
    assert count == len(reference.things), f"{told}: how many things there are"
    held = int(world.agent[n, maps.CARRIED])
    assert (reference.things[held - 1] if held else None) is reference.carried, f"{told}: the hand"
    for number, thing in enumerate(reference.things):
        kind, colour, state = thing.look
        assert int(world.codes[n, number]) == kind | colour << 4 | state << 8, f"{told}: the look of {number}"
        assert int(world.place[n, number]) == place_of(thing), f"{told}: where {number} is"
        assert int(world.home[n, number]) == regions.index(thing.home), f"{told}: where {number} was"
        marks = sum(DEEDS[deed] for deed in thing.deeds)
        assert int(world.marks[n, number]) == marks, f"{told}: what was done to {number}"
    ids = {int(cell): int(world.ids[n, cell]) - 1 for cell in np.flatnonzero(world.ids[n])}
    lying = {regions.index(place): reference.things.index(thing) for place, thing in reference.lying.items()}
    assert ids == lying, f"{told}: what lies where"
    compare_memories(world, n, reference, told)


def compare_memories(world: Any, n: int, reference: Reference, told: str) -> None:
    agent = world.agent[n]
    pairs = {tuple(1 + reference.things.index(thing) for thing in pair) for pair in reference.pairs[-16:]}
    assert agent[maps.PAIRS] == len(reference.pairs), f"{told}: how many pairs"
    kept = world.pairs[n, : len(reference.pairs)].tolist()
    assert {tuple(pair) for pair in kept} == pairs, f"{told}: what was put next to what"
    assert agent[maps.EMPTY_BOXES] == reference.empty_boxes, f"{told}: boxes that were empty"
    moods = tuple(bool(agent[column]) for column in (maps.RESTLESS, maps.SURPRISED, maps.DECLARED))
    assert moods == (reference.restless, reference.surprised, reference.declared), f"{told}: moods"
    taken = -1 if reference.taken_from is None else regions.index(reference.taken_from)
    assert agent[maps.TAKEN_FROM] == taken, f"{told}: where the last thing was taken from"


def place_of(thing: Thing) -> int:
    if thing.place is not None:
        return regions.index(thing.place)
    return maps.IN_HAND if thing.in_hand else maps.GONE


def compare_regions(world: Any, n: int, reference: Reference) -> None:
    alone = SimpleNamespace(
        **{name: getattr(world, name)[n : n + 1] for name in ("cells", "ids", "agent", "place")}
    )
    found = survey.Survey.blank().read(world, n)
    regions.assert_survey(found, alone, reference.places_seen())


def draw_aim(reference: Reference, rng: np.random.Generator) -> Aim:
    """A subgoal that may well be achieved: mostly about what is near, in hand or in front."""

    def draw(choices: Sequence[Any]) -> Any:
        return choices[int(rng.integers(len(choices)))]

    kind = draw(KINDS)
    near = [reference.carried, reference.lying.get(reference.front), reference.lying.get(reference.here)]
    things = [*reference.things, *(thing for thing in near if thing)]
    x, y = reference.here
    spot = (x + int(rng.integers(-14, 15)), y + int(rng.integers(-14, 15)))
    place = draw([reference.here, reference.front, draw(list(reference.seen)), spot])
    thing = draw(things) if things and rng.random() < 0.8 and kind != "LOOK" else None
    if kind in ("HOLD", "UNBOX", "DROP_BESIDE", "DROP_AWAY") and not things:
        return Aim("NONE")
    if kind in ("HOLD", "UNBOX"):
        thing = draw([thing for thing in things if thing.gone] or things)
    item = draw(things) if kind in ("DROP_BESIDE", "DROP_AWAY") else None
    before = len(reference.things) - int(rng.random() < 0.2)
    if kind == "DROP_AWAY":  # perhaps anywhere, and perhaps back where it was
        thing, place = None, draw([item.place, place])
    sort, anywhere = str(draw(SORTS)), bool(rng.random() < 0.5)
    return Aim(kind, thing, None if thing else place, item, before, anywhere, sort)


def write(reference: Reference, aim: Aim, following: Aim) -> NDArray[np.int32]:
    """A subgoal as a row of numbers."""

    def number(thing: Thing | None) -> int:
        return 0 if thing is None else 1 + reference.things.index(thing)

    def cell(goal: Aim) -> int:
        return subgoals.NOWHERE if goal.place is None else regions.index(goal.place)

    baseline = aim.things_before if aim.kind == "LOOK" else int(aim.anywhere)
    item = subgoals.sort_code(f"unseen_{aim.sort}") if aim.kind == "LOOK" else number(aim.item)
    row = [KINDS.index(aim.kind), number(aim.thing), cell(aim), item, baseline]
    return np.array([*row, KINDS.index(following.kind), number(following.thing), cell(following)], np.int32)


def read_entries(sparse: NDArray[np.int32], kind: str) -> list[tuple[int, int, str]]:
    """A row of features in words."""
    layers = {
        subgoals.CONTENTS + KINDS.index(kind) - 1: f"target of {kind}",
        subgoals.LAYERS - 1: "next target",
    }
    contents = ("SOLID", "THING_IN_WAY", "SHUT_DOOR", "OPEN_DOOR", "HAZARD", "FRONTIER", "GOAL_SQUARE")
    layers |= {getattr(subgoals, name): name for name in contents}
    entries = []
    for number in sparse[sparse > 0].tolist():
        place, layer = divmod(number - 1, subgoals.LAYERS)
        ahead, aside = divmod(place, subgoals.SPAN)
        entries.append((ahead - subgoals.RADIUS, aside - subgoals.RADIUS, layers[layer]))
    return entries


def compare_subgoals(
    play: SideBySide, rng: np.random.Generator, *, features: bool
) -> Counter[tuple[str, bool]]:
    """A subgoal for each world: is it achieved, and what is told to a controller. Returns which were, by kind."""
    aims = [(draw_aim(reference, rng), draw_aim(reference, rng)) for reference in play.references]
    rows = np.stack([write(one, *pair) for one, pair in zip(play.references, aims, strict=True)])
    done = subgoals.achieved(play.world, rows)
    answers: Counter[tuple[str, bool]] = Counter()
    for n, (reference, (aim, _)) in enumerate(zip(play.references, aims, strict=True)):
        answers[aim.kind, bool(done[n])] += 1
        assert done[n] == reference.achieved(aim), f"{play.told[n]}: achieved? {aim}"
    if features:
        sparse, dense = subgoals.describe(play.world, rows)
        for n, (reference, pair) in enumerate(zip(play.references, aims, strict=True)):
            compare_features(sparse[n], dense[n], reference, *pair, play.told[n])
    return answers


def compare_features(
    sparse: NDArray[np.int32],
    dense: NDArray[np.float32],
    reference: Reference,
    aim: Aim,
    following: Aim,
    told: str,
) -> None:
    if aim.kind != "NONE":  # no subgoal has no target
        entries, expected = read_entries(sparse, aim.kind), reference.entries(aim, following)
        assert len(set(entries)) == len(entries), f"{told}: something is told twice"
        assert set(entries) == set(expected), f"{told}: {set(entries) ^ set(expected)}"
    kinds = [float(name == aim.kind) for name in KINDS] + [float(name == following.kind) for name in KINDS]
    assert np.allclose(dense, [*kinds, *reference.summary(aim, following)]), f"{told}: the summary"


def compare(
    tasks: Sequence[str], count: int, seed: int, steps: int, *, every: int
) -> Counter[tuple[str, bool]]:
    """Play, and compare the map at every step, all the rest every few steps."""
    play, rng = SideBySide(tasks, count, seed, 60), np.random.default_rng(seed)
    answers: Counter[tuple[str, bool]] = Counter()
    for step in range(steps):
        play.step()
        for n, reference in enumerate(play.references):
            compare_map(play.world, n, reference, play.told[n])
            compare_things(play.world, n, reference, play.told[n])
        answers += compare_subgoals(play, rng, features=step % every == 0)
        if step % (5 * every) == 0:
            for n, reference in enumerate(play.references):
                compare_regions(play.world, n, reference)
    return answers


def assert_varied(answers: Counter[tuple[str, bool]], least: int) -> None:
    for kind in KINDS[1:]:
        assert answers[kind, True] >= least, f"{kind} was hardly ever achieved"
        assert answers[kind, False] >= least, f"{kind} was hardly ever open"


@OUT_OF_DATE
def test_the_compiled_belief_is_the_plain_one() -> None:
    """Every task of the spread, 9,000 steps in all."""
    assert_varied(compare(TASKS, count=len(TASKS), seed=0, steps=250, every=10), least=20)


def test_more_things_than_have_numbers() -> None:
    """Where things come and go all around, those beyond the last number stay nameless."""
    rng = np.random.default_rng(0)
    kinds = [codes.EMPTY, codes.KEY, codes.BALL, codes.BOX, codes.DOOR, codes.GOAL]
    world, references = maps.BeliefMap(3), []
    for step in range(40):
        images = np.zeros((3, 7, 7, 3), dtype=np.uint8)
        images[..., 0], images[..., 1] = rng.choice(kinds, size=(3, 7, 7)), rng.integers(6, size=(3, 7, 7))
        images[:, 3, 6] = codes.EMPTY, 0, 0
        headings, actions = rng.integers(4, size=3), rng.integers(3, size=3)
        observation = {"image": images, "direction": headings}
        if step == 0:
            world.begin(np.ones(3, dtype=bool), observation)
            references = [Reference(images[n].tolist(), int(headings[n])) for n in range(3)]
        else:
            world.update(actions, observation)
        for n, reference in enumerate(references):
            if step:
                reference.update(int(actions[n]), images[n].tolist(), int(headings[n]))
            compare_map(world, n, reference, f"world {n}, step {step}")
            compare_things(world, n, reference, f"world {n}, step {step}")
    assert [len(reference.things) for reference in references] == [maps.MOST_THINGS] * 3


def test_what_comes_into_the_hand_from_elsewhere() -> None:
    """Not what lies in front, which looks different, nor what is gone: what looks like it and lies somewhere."""
    key, box = (codes.KEY, 0, 0), (codes.BOX, 2, 0)
    views = (
        (None, 0, {(3, 0): key, (2, 1): key}),
        (codes.LEFT, 3, {(1, 0): box}),  # the first key is gone, the other one out of sight
        (codes.DONE, 3, {(0, 0): key, (1, 0): box}),
    )
    world, reference = maps.BeliefMap(1), None
    for step, (action, heading, things) in enumerate(views):
        image = np.full((7, 7, 3), (codes.EMPTY, 0, 0), dtype=np.uint8)
        for (ahead, aside), look in things.items():
            image[3 + aside, 6 - ahead] = look
        observation = {"image": image[None], "direction": np.array([heading])}
        if action is None:
            world.begin(np.ones(1, dtype=bool), observation)
            reference = Reference(image.tolist(), heading)
        else:
            assert reference is not None
            world.update(np.array([action]), observation)
            reference.update(action, image.tolist(), heading)
        compare_map(world, 0, reference, f"step {step}")
        compare_things(world, 0, reference, f"step {step}")
    assert world.place[0, :3].tolist() == [maps.GONE, maps.IN_HAND, maps.cell_of(0, -1)]
    assert world.cells[0, maps.cell_of(2, 1)] == codes.EMPTY, "it was taken from there"
    assert not world.marks[0, 1] & maps.HELD, "it was not picked up"


@OUT_OF_DATE
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_the_compiled_belief_is_the_plain_one_for_long(seed: int) -> None:
    """`pytest -m slow tests/domains/minigrid/test_reference.py`: 50,000 steps a seed."""
    assert_varied(compare(TASKS, count=len(TASKS), seed=100 * seed, steps=1400, every=7), least=100)
