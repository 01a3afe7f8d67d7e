"""What a controller sees: the features say what is known around the agent, and nothing about ways."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.domains.minigrid.diary import Diary, moments
from tests.domains.minigrid.play import DOMAIN, OUT_OF_DATE, code_at, codes, maps, subgoals
from tests.domains.minigrid.test_subgoals import row
from tests.domains.minigrid.test_survey import made_up

Kind, RADIUS = subgoals.Kind, subgoals.RADIUS
TASKS = (
    "MiniGrid-ObstructedMaze-Full-v1",
    "MiniGrid-LavaCrossingS9N2-v0",
    "MiniGrid-SimpleCrossingS9N3-v0",
    "MiniGrid-DoorKey-16x16-v0",
    "MiniGrid-MultiRoom-N6-v0",
    "BabyAI-BossLevel-v0",
)
Entry = tuple[int, int, int]  # ahead, aside, layer


def decode(sparse: NDArray[np.int32]) -> list[Entry]:
    """The entries of a row of features, in its order."""
    entries = []
    for number in sparse[sparse > 0].tolist():
        place, layer = divmod(number - 1, subgoals.LAYERS)
        ahead, aside = divmod(place, subgoals.SPAN)
        entries.append((ahead - RADIUS, aside - RADIUS, layer))
    return entries


def drawn(world: Any) -> Any:
    """The same world after its cells were written by hand: the sketch is made anew."""
    world.sketch[:] = 0
    for n, cell in np.argwhere(world.cells):
        maps.write_cell(n, cell, world.cells[n, cell], world.tables)
    return world


def features(world: Any, subgoal: NDArray[np.int32]) -> tuple[list[Entry], NDArray[np.float32]]:
    sparse, dense = subgoals.describe(world, subgoal[None])
    assert sparse.shape == (1, subgoals.WIDTH)
    assert dense.shape == (1, subgoals.DENSE)
    assert not sparse[0, np.count_nonzero(sparse[0]) :].any(), "padding comes last"
    return decode(sparse[0]), dense[0]


def window(entries: list[Entry]) -> set[Entry]:
    return {entry for entry in entries if entry[2] < subgoals.CONTENTS}


# Against the simulator. -----------------------------------------------------------------------------------------

MEANT = {
    codes.WALL: subgoals.SOLID,
    codes.KEY: subgoals.THING_IN_WAY,
    codes.BALL: subgoals.THING_IN_WAY,
    codes.BOX: subgoals.THING_IN_WAY,
    codes.LAVA: subgoals.HAZARD,
    codes.GOAL: subgoals.GOAL_SQUARE,
}


def content(diary: Diary, place: tuple[int, int]) -> int | None:
    """What the window should say of a place, by the simulator and the record of what was seen."""
    env = diary.env
    if place not in diary.seen:
        x, y = place
        around = ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1))
        return subgoals.FRONTIER if any(free(env, diary, other) for other in around) else None
    kind = code_at(env, *place) & 15
    if kind == codes.DOOR:
        return subgoals.OPEN_DOOR if env.grid.get(*place).is_open else subgoals.SHUT_DOOR
    return MEANT.get(kind)


def free(env: Any, diary: Diary, place: tuple[int, int]) -> bool:
    code = code_at(env, *place)
    walkable = code & 15 in (codes.EMPTY, codes.FLOOR, codes.GOAL) or (
        code & 15 == codes.DOOR and code >> 8 == 0
    )
    return place in diary.seen and walkable


@OUT_OF_DATE
def test_the_window_holds_what_is_known_around() -> None:
    counts = np.zeros(subgoals.CONTENTS, dtype=int)
    for task in TASKS:
        for player, diary, told in itertools.chain(*(moments(task, seed, 0.2, every=9) for seed in range(4))):
            entries, _ = features(player.executive.belief.map, row(Kind.NONE))
            expected = set()
            x, y = (int(value) for value in diary.env.agent_pos)
            (fx, fy), (rx, ry) = diary.env.dir_vec, diary.env.right_vec
            for ahead in range(-RADIUS, RADIUS + 1):
                for aside in range(-RADIUS, RADIUS + 1):
                    place = (int(x + ahead * fx + aside * rx), int(y + ahead * fy + aside * ry))
                    said = content(diary, place)
                    expected |= set() if said is None else {(ahead, aside, said)}
            assert_nearest(window(entries), expected, told)
            for _, _, layer in expected:
                counts[layer] += 1
    assert (counts > 5).all(), f"every kind of content occurs: {counts}"


def assert_nearest(shown: set[Entry], expected: set[Entry], told: str) -> None:
    """All of it; if there is more than a row can hold, the nearest of it."""
    if len(expected) <= subgoals.WIDTH:
        assert shown == expected, f"{told}: {shown ^ expected}"
        return
    assert shown <= expected, f"{told}: {shown - expected}"
    assert len(shown) == subgoals.WIDTH, told
    farthest = max(abs(ahead) + abs(aside) for ahead, aside, _ in shown)
    assert all(abs(ahead) + abs(aside) >= farthest for ahead, aside, _ in expected - shown), told


def test_targets_lie_where_they_are_and_far_ones_at_the_rim() -> None:
    """Both targets, in every direction and distance, in the frame of every heading."""
    rng = np.random.default_rng(0)
    rims = 0
    for _ in range(400):
        world = maps.BeliefMap(1)
        heading, (x, y) = int(rng.integers(4)), rng.integers(-9, 10, 2)
        world.agent[0, [maps.X, maps.Y, maps.HEADING]] = x, y, heading
        world.cells[0, maps.cell_of(x, y)] = codes.EMPTY
        offsets = [tuple(int(value) for value in rng.integers(-20, 21, 2)) for _ in range(2)]
        cells = [cell_ahead(world, *offset) for offset in offsets]
        kind, following = (int(value) for value in rng.integers(1, subgoals.KINDS, 2))
        subgoal = row(kind, cell=cells[0])
        subgoal[subgoals.NEXT_KIND], subgoal[subgoals.NEXT_CELL] = following, cells[1]
        entries, dense = features(world, subgoal)
        layers = (subgoals.CONTENTS + kind - 1, subgoals.LAYERS - 1)
        for (ahead, aside), layer in zip(offsets, layers, strict=True):
            rim = tuple(max(-RADIUS, min(RADIUS, value)) for value in (ahead, aside))
            assert [entry[:2] for entry in entries if entry[2] == layer] == [rim]
            rims += rim != (ahead, aside)
        assert_dense(dense, kind, following, offsets)
    assert rims > 100


def cell_ahead(world: Any, ahead: int, aside: int) -> int:
    x, y, heading = (int(world.agent[0, column]) for column in (maps.X, maps.Y, maps.HEADING))
    fx, fy = ((1, 0), (0, 1), (-1, 0), (0, -1))[heading]
    return int(maps.cell_of(x + ahead * fx - aside * fy, y + ahead * fy + aside * fx))


def assert_dense(dense: NDArray[np.float32], kind: int, following: int, offsets: list[Any]) -> None:
    expected = np.zeros(subgoals.DENSE, dtype=np.float32)
    expected[kind] = expected[subgoals.KINDS + following] = 1
    scaled = [max(-3.0, min(3.0, value / 8.0)) for offset in offsets for value in offset]
    expected[2 * subgoals.KINDS :] = [*scaled, 1, 0, 0]
    assert np.allclose(dense, expected)


def test_the_hand_and_a_tight_place_are_told() -> None:
    world = maps.BeliefMap(1)
    for carried, baseline in itertools.product((0, 3), (0, 1)):
        world.agent[0, maps.CARRIED] = carried
        _, dense = features(world, row(Kind.DROP_AWAY, item=1, baseline=baseline))
        assert dense[-2:].tolist() == [float(carried > 0), float(baseline)]
    _, dense = features(world, row(Kind.LOOK, cell=5, baseline=1))
    assert dense[-1] == 0, "how many things are known is not told"


# No ways in them. ----------------------------------------------------------------------------------------------


def moved(world: Any, move: Any, turn: Any) -> Any:
    """The same world with its places moved and its heading turned."""
    other = maps.BeliefMap(1)
    half = maps.SIZE // 2
    lookup = np.zeros(maps.SIZE**2, dtype=np.int64)
    for cell in range(maps.SIZE**2):
        x, y = divmod(cell, maps.SIZE)
        lookup[cell] = maps.cell_of(*move((x + half) % maps.SIZE - half, (y + half) % maps.SIZE - half))
    other.cells[0, lookup], other.ids[0, lookup] = world.cells[0], world.ids[0]
    other.codes[0], other.agent[0] = world.codes[0], world.agent[0]
    other.place[0] = np.where(world.place[0] >= 0, lookup[world.place[0]], world.place[0])
    x, y = move(int(world.agent[0, maps.X]), int(world.agent[0, maps.Y]))
    other.agent[0, [maps.X, maps.Y, maps.HEADING]] = x, y, turn(int(world.agent[0, maps.HEADING]))
    return drawn(other)


def sample(seed: int) -> tuple[Any, NDArray[np.int32]]:
    """A made-up world and a subgoal about two of its things."""
    rng = np.random.default_rng(seed)
    world = drawn(made_up(rng, 12))
    count = int(world.agent[0, maps.THINGS])
    subgoal = row(int(rng.integers(1, 6)), thing=1 + int(rng.integers(count)))
    subgoal[subgoals.NEXT_KIND], subgoal[subgoals.NEXT_THING] = rng.integers(1, 6), 1 + rng.integers(count)
    return world, subgoal


MOVES = {
    "turned": (lambda x, y: (-y, x), lambda heading: (heading + 1) % 4),
    "turned back": (lambda x, y: (y, -x), lambda heading: (heading + 3) % 4),
    "upside down": (lambda x, y: (-x, -y), lambda heading: (heading + 2) % 4),
    "elsewhere": (lambda x, y: (x + 29, y - 41), lambda heading: heading),
}


@pytest.mark.parametrize("how", MOVES)
def test_the_same_scene_from_another_side_looks_the_same(how: str) -> None:
    for seed in range(15):
        world, subgoal = sample(seed)
        ours, theirs = (subgoals.describe(one, subgoal[None]) for one in (world, moved(world, *MOVES[how])))
        assert np.array_equal(np.sort(ours[0]), np.sort(theirs[0])), f"seed {seed}: another window"
        assert np.array_equal(ours[1], theirs[1]), f"seed {seed}: another summary"


def test_a_mirrored_scene_looks_mirrored() -> None:
    for seed in range(15):
        world, subgoal = sample(seed)
        mirror = moved(world, lambda x, y: (x, -y), lambda heading: -heading % 4)
        (entries, dense), (seen, felt) = features(world, subgoal), features(mirror, subgoal)
        if len(entries) < subgoals.WIDTH:
            assert sorted(seen) == sorted((ahead, -aside, layer) for ahead, aside, layer in entries)
        rest = 2 * subgoals.KINDS
        dense[[rest + 1, rest + 3]] *= -1
        assert np.allclose(dense, felt)


def test_a_cell_speaks_for_itself_and_its_neighbours_alone() -> None:
    """Changing one cell changes what is said of it, and where what was not seen begins beside it: no distances."""
    rng = np.random.default_rng(1)
    for seed in range(60):
        world, subgoal = sample(seed)
        entries, dense = features(world, subgoal)
        ahead, aside = (int(value) for value in rng.integers(-6, 7, 2))
        code = rng.choice([0, 1, 2, 4, 4 | 1 << 8, 5, 9])
        maps.write_cell(0, cell_ahead(world, ahead, aside), code, world.tables)
        others, felt = features(world, subgoal)
        changed = set(entries) ^ set(others)
        if max(len(entries), len(others)) < subgoals.WIDTH:
            assert all(abs(x - ahead) + abs(y - aside) <= 1 for x, y, _ in changed), f"seed {seed}: {changed}"
        assert np.array_equal(dense, felt), "the summary speaks of the targets alone"


def test_what_lies_beyond_the_window_is_not_told() -> None:
    for seed in range(10):
        world, subgoal = sample(seed)
        before = subgoals.describe(world, subgoal[None])
        for ahead in range(-16, 17):
            for aside in range(-16, 17):
                if max(abs(ahead), abs(aside)) > RADIUS + 1:
                    maps.write_cell(0, cell_ahead(world, ahead, aside), codes.EMPTY, world.tables)
        after = subgoals.describe(world, subgoal[None])
        assert np.count_nonzero(before[0]) > 40
        assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def several(count: int) -> tuple[Any, NDArray[np.int32]]:
    """Made-up worlds side by side, and a subgoal in each."""
    worlds = maps.BeliefMap(count)
    for n in range(count):
        alone = sample(n)[0]
        for name in ("cells", "sketch", "agent", "place"):
            getattr(worlds, name)[n] = getattr(alone, name)[0]
    return worlds, np.stack([sample(n)[1] for n in range(count)])


def test_only_the_asked_for_are_described() -> None:
    worlds, rows = several(4)
    everything, some = subgoals.describe(worlds, rows), subgoals.describe(worlds, rows, np.array([2, 0]))
    for all_of_them, chosen in zip(everything, some, strict=True):
        assert not np.array_equal(all_of_them[2], all_of_them[0])
        assert np.array_equal(all_of_them[[2, 0]], chosen)


def test_features_and_answers_are_written_where_one_wants_them() -> None:
    worlds, rows = several(3)
    answers = np.ones(3, dtype=np.bool_)
    assert subgoals.achieved(worlds, rows, answers) is answers
    assert np.array_equal(answers, subgoals.achieved(worlds, rows))
    for which in (None, np.array([1, 2])):
        expected = subgoals.describe(worlds, rows, which)
        sparse, dense = (np.full_like(array, 77) for array in expected)
        subgoals.describe(worlds, rows, which, (sparse, dense))
        assert np.array_equal(sparse, expected[0]), "what was in it before is overwritten"
        assert np.array_equal(dense, expected[1])


def test_arrays_of_another_shape_are_refused() -> None:
    worlds, rows = several(3)
    sparse, dense = subgoals.describe(worlds, rows)
    for which, out in (
        (None, (sparse[:2], dense)),
        (None, (sparse, dense[:, 1:])),
        (np.array([0]), (sparse, dense)),
    ):
        with pytest.raises(ValueError, match="shape"):
            subgoals.describe(worlds, rows, which, out)
    for call in (subgoals.describe, subgoals.achieved):
        with pytest.raises(ValueError, match="shape"):
            call(worlds, rows[:2])
    with pytest.raises(ValueError, match="shape"):
        subgoals.achieved(worlds, rows, np.zeros(2, dtype=np.bool_))


def test_of_too_much_the_nearest_is_told() -> None:
    """Where there is more around than a row holds; of equally near cells, those behind come first."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        world, subgoal = maps.BeliefMap(1), row(Kind.STAND, cell=5)
        kinds = [codes.EMPTY, codes.WALL, codes.LAVA, codes.GOAL, codes.DOOR, codes.BALL]
        world.cells[0] = rng.choice(kinds, p=[0.5, 0.3, 0.05, 0.05, 0.05, 0.05], size=maps.SIZE**2)
        world.agent[0, [maps.X, maps.Y, maps.HEADING]] = *rng.integers(-30, 30, 2), rng.integers(4)
        there = [
            (ahead, aside)
            for ahead, aside in itertools.product(range(-RADIUS, RADIUS + 1), repeat=2)
            if world.cells[0, cell_ahead(world, ahead, aside)] != codes.EMPTY
        ]
        there.sort(key=lambda place: (abs(place[0]) + abs(place[1]), *place))
        assert len(there) > subgoals.WIDTH
        shown = {entry[:2] for entry in window(features(drawn(world), subgoal)[0])}
        assert shown == set(there[: subgoals.WIDTH - 1]), "one entry is the target's"


def test_the_sizes_are_as_declared() -> None:
    spec = DOMAIN.feature_spec
    assert (spec.rows, spec.width, spec.dense, spec.actions) == (
        subgoals.ROWS,
        subgoals.WIDTH,
        subgoals.DENSE,
        7,
    )
    for seed in range(20):
        sparse, dense = subgoals.describe(sample(seed)[0], sample(seed)[1][None])
        assert (sparse.dtype, dense.dtype) == (np.int32, np.float32)
        assert 0 <= sparse.min() <= sparse.max() < spec.rows
        assert np.abs(dense).max() <= 3.0
