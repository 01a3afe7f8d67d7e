"""What controllers that hear words see: true to the simulator, in words of the vocabulary, and blind to the subgoal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosym.executive import Executive
from tests.domains.minigrid.diary import Diary, moments
from tests.domains.minigrid.play import DOMAIN, OUT_OF_DATE, aims, codes, maps, module, subgoals, thing_at
from tests.domains.minigrid.test_survey import made_up

surroundings = module("surroundings")
HEARING = DOMAIN.hearing
assert HEARING is not None
NUMBERS = {word: number for number, word in enumerate(HEARING.words, 2)}
WORD_OF = {number: word for word, number in NUMBERS.items()}
TASKS = (
    "MiniGrid-KeyCorridorS3R3-v0",
    "MiniGrid-ObstructedMaze-1Dlhb-v0",
    "MiniGrid-MultiRoom-N6-v0",
    "BabyAI-GoToLocal-v0",
    "BabyAI-BossLevel-v0",
)
Told = tuple[frozenset[str], int]  # words, row of the table of places


def surround(world: Any) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Of the first world; the columns of the instruction are left out."""
    out = HEARING.features.empty(1)
    scratch = surroundings.Scratch.blank(surroundings.Survey.blank())
    words = surroundings.Words.of(NUMBERS)
    surroundings.surround(world, np.zeros(1, np.int64), scratch, words, (out.sparse, out.dense))
    assert not out.sparse[:, HEARING.described :].any()
    return out.sparse[0, : HEARING.described], out.dense[0]


def told(sparse: NDArray[np.int32]) -> list[Told]:
    entries = sparse[HEARING.width :].reshape(HEARING.things, HEARING.said + 1)
    return [
        (frozenset(WORD_OF[number] for number in entry[:-1].tolist() if number), int(entry[-1]))
        for entry in entries
        if entry[:-1].any()
    ]


def offset(row: int) -> tuple[int, int]:
    """Ahead and to the right."""
    ahead, aside = divmod(row - 1, subgoals.SPAN)
    return ahead - subgoals.RADIUS, aside - subgoals.RADIUS


def place_of(diary: Diary, row: int) -> tuple[int, int]:
    ahead, aside = offset(row)
    (x, y), (fx, fy) = diary.env.agent_pos, diary.env.dir_vec
    return int(x + ahead * fx - aside * fy), int(y + ahead * fy + aside * fx)


@OUT_OF_DATE
@pytest.mark.parametrize("task", TASKS)
def test_things_are_where_they_are_told_to_be(task: str) -> None:
    checked = 0
    for player, diary, where in moments(task, 3, 0.1):
        for words, row in told(surround(player.executive.belief.map)[0]):
            if "held" in words:
                assert {diary.env.carrying.type, diary.env.carrying.color, "held"} <= words, where
            elif row <= subgoals.AREA and max(map(abs, offset(row))) < subgoals.RADIUS:
                checked += agrees(diary, words, place_of(diary, row), where)
    assert checked > 20


def agrees(diary: Diary, words: frozenset[str], place: tuple[int, int], where: str) -> bool:
    """Whether there was something to compare; it has to be what the words say."""
    if words == {"way", "room"}:
        assert place not in diary.seen, where
        return True
    if words == {"taken"} or "through" in words:
        return False
    thing = thing_at(diary.env, *place)
    if "goal" in words:
        assert thing.type == "goal", where
    elif thing is not None and place in diary.seen:
        assert {thing.type, thing.color} <= words, where
        if thing.type == "door":
            state = "locked" if thing.is_locked else "opened" if thing.is_open else "closed"
            assert thing_is_remembered(diary, place, state, words), where
    return True


def thing_is_remembered(diary: Diary, place: tuple[int, int], state: str, words: frozenset[str]) -> bool:
    """A door in sight is told as it is; one out of sight as it was seen last."""
    return state in words or not diary.env.in_view(*place)


@OUT_OF_DATE
@pytest.mark.parametrize("task", TASKS[:3])
def test_through_a_door_lies_the_cell_beyond(task: str) -> None:
    found = 0
    for player, diary, where in moments(task, 5, 0.0):
        for words, row in told(surround(player.executive.belief.map)[0]):
            if "through" not in words or row > subgoals.AREA or max(map(abs, offset(row))) >= subgoals.RADIUS:
                continue
            x, y = place_of(diary, row)
            doors = [
                thing_at(diary.env, x + dx, y + dy) for dx, dy in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
            ]
            assert any(door is not None and door.type == "door" and door.color in words for door in doors), (
                where
            )
            found += 1
    assert found


@OUT_OF_DATE
@pytest.mark.parametrize("task", TASKS)
def test_nothing_depends_on_the_subgoal(task: str) -> None:
    """Whatever thing is aimed at, what is seen is the same; with the same words, so are all inputs."""
    compared = 0
    for player, _, where in moments(task, 7, 0.2, every=9):
        belief = player.executive.belief
        world, which = belief.map, np.zeros(1, np.int64)
        seen = []
        for thing in range(int(world.agent[0, maps.THINGS])):
            aim = np.zeros((1, aims.COLUMNS), dtype=np.int32)
            aim[0, 0], aim[0, 1] = subgoals.Kind.FACE, 1 + thing
            rows, _ = aims.place_aims(world, which, aim, belief._survey, belief._names)
            belief.features(rows)
            seen.append(surround(world))
        for sparse, dense in seen:
            np.testing.assert_array_equal(sparse, seen[0][0], where)
            np.testing.assert_array_equal(dense, seen[0][1], where)
        compared += len(seen) > 1
    assert compared or "GoToLocal" not in task


def test_the_nearest_are_told_where_there_are_too_many() -> None:
    world = made_up(np.random.default_rng(1), 16)
    things = told(surround(world)[0])
    assert len(things) == HEARING.things
    assert int(world.agent[0, maps.THINGS]) > HEARING.things
    doors = [words for words, _ in things if "door" in words and "through" not in words]
    assert doors
    near = max(
        sum(map(abs, offset(row))) for words, row in things if row <= subgoals.AREA and "through" not in words
    )
    here = world.agent[0, maps.X], world.agent[0, maps.Y]
    away = sorted(
        abs((int(cell) // maps.SIZE - here[0] + 32) % 64 - 32) + abs((int(cell) - here[1] + 32) % 64 - 32)
        for cell in world.place[0, : world.agent[0, maps.THINGS]]
        if cell >= 0
    )
    assert near <= away[HEARING.things - 1]


def test_every_word_is_in_the_vocabulary() -> None:
    for words in surroundings.Words.of(NUMBERS)[:2]:
        named = words[words > 0]
        assert len(named)
    spoken = {*surroundings.MORE_WORDS, *codes.COLOUR_NAMES, "goal", "square", "key", "ball", "box", "door"}
    assert spoken <= NUMBERS.keys()
    assert {"through", "way", "room", "second", "twentieth"} <= NUMBERS.keys()


@OUT_OF_DATE
def test_the_executive_adds_the_words_of_the_instruction() -> None:
    env = DOMAIN.make_env("MiniGrid-DoorKey-8x8-v0")
    observation, _ = env.reset(seed=4)
    executive = Executive(DOMAIN, 1, hearing=HEARING)
    executive.begin(np.ones(1, dtype=np.bool_), DOMAIN.stack([observation]))
    features = executive.features()
    HEARING.features.check(features)
    instruction = executive.threads[0].instruction
    assert instruction is not None
    heard = [WORD_OF[number] for number in features.sparse[0, HEARING.described :].tolist() if number]
    assert " ".join(heard) == instruction.text
    again = HEARING.features.empty(1)
    executive.features(out=again)
    np.testing.assert_array_equal(again.sparse, features.sparse)
