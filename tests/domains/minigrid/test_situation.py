"""Situations are what problems depend on: equal facts and costs mean equal problems, whatever world they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from neurosym.symbols import Problem
from tests.domains.minigrid.play import DOMAIN, agent, codes, episode, make, maps, situation, survey

TASKS = (
    "MiniGrid-DoorKey-8x8-v0",
    "MiniGrid-ObstructedMaze-1Dlhb-v0",
    "MiniGrid-KeyCorridorS3R3-v0",
    "MiniGrid-Empty-Random-6x6-v0",
    "BabyAI-PickupLoc-v0",
    "BabyAI-PutNextLocal-v0",
    "BabyAI-GoToLocal-v0",
    "BabyAI-MiniBossLevel-v0",
    "MiniGrid-MemoryS9-v0",
    "MiniGrid-GoToObject-6x6-N2-v0",
    "MiniGrid-Dynamic-Obstacles-Random-5x5-v0",
)
SETBACK = {"room_1": 1}
ISLANDS = ((1, 2), (3, 2), (5, 2), (5, 5))


def situations(task: str, seeds: range, steps: int) -> Iterator[tuple[Any, Any, Any, Any]]:
    """The belief, the stage and the situation, and what is being done, at each step of a few episodes."""
    for seed in seeds:
        player = agent(0.2, seed)
        for _, _, _ in episode(task, seed, player, steps):
            executive = player.executive
            thread, belief = executive.threads[0], executive.belief
            stage, later = thread.stage.wanted, thread.stage.later
            yield belief, stage, belief.situations(np.zeros(1, dtype=np.int64), [stage], [later])[0], thread


def contents(problem: Problem) -> tuple[Any, ...]:
    return frozenset(problem.objects), problem.init, problem.goal


@pytest.mark.parametrize("task", TASKS)
def test_equal_situations_have_equal_problems(task: str) -> None:
    said: dict[Any, Any] = {}
    priced: dict[Any, Any] = {}
    seen = 0
    for belief, stage, here, thread in situations(task, range(12), 60):
        seen += 1
        later = thread.stage.later
        problem, failed = (belief.problem(0, stage, setbacks, later) for setbacks in ({}, SETBACK))
        told = contents(problem)
        assert contents(failed) == told, "a setback makes things dearer, and nothing else"
        assert said.setdefault((stage, later, here.facts), told) == told, "equal facts"
        costs = frozenset(problem.costs), frozenset(failed.costs)
        assert priced.setdefault((stage, later, here), (told, costs)) == (told, costs), "equal costs"
    assert len(said) < seen, "no situation ever recurred, so nothing was compared"


@pytest.mark.slow
@pytest.mark.parametrize("task", [task.id for task in DOMAIN.tasks() if task.available])
def test_equal_situations_have_equal_problems_everywhere(task: str) -> None:
    """All tasks, longer: `pytest -m slow tests/domains/minigrid/test_situation.py`."""
    test_equal_situations_have_equal_problems(task)


@pytest.mark.parametrize("task", TASKS)
def test_aims_depend_on_facts_alone(task: str) -> None:
    aims: dict[Any, Any] = {}
    seen = 0
    for belief, stage, here, thread in situations(task, range(12), 60):
        if thread.intention is None:
            continue
        seen += 1
        step, then = thread.intention.step, thread.intention.then
        aim = belief.aim(0, step, then.step if then else None)
        said = None if aim is None else aim.tobytes()
        key = (stage, here.facts, str(step), str(then and then.step))
        assert aims.setdefault(key, said) == said, f"{step}: another aim in the same situation"
    assert len(aims) < seen, "no situation ever recurred, so nothing was compared"


def test_a_batch_reads_what_each_world_alone_would() -> None:
    players = [agent(0.3, seed) for seed in range(6)]
    courses = [
        [(action, seen) for _, action, seen in episode("BabyAI-MiniBossLevel-v0", seed, player, 40)]
        for seed, player in enumerate(players)
    ]
    length = min(len(course) for course in courses)
    stages = [player.executive.threads[0].stages[0].wanted for player in players]
    together, alone = DOMAIN.belief(6), [DOMAIN.belief(1) for _ in players]
    for t in range(length):
        seen = DOMAIN.stack([course[t][1] for course in courses])
        if t == 0:
            together.begin(np.ones(6, dtype=np.bool_), seen)
        else:
            together.update(np.array([course[t][0] for course in courses]), seen)
        which = np.array([5, 0, 3])
        found = together.situations(which, [stages[n] for n in which])
        for n, belief in enumerate(alone):
            one = DOMAIN.stack([courses[n][t][1]])
            if t == 0:
                belief.begin(np.ones(1, dtype=np.bool_), one)
            else:
                belief.update(np.array([courses[n][t][0]]), one)
        for n, here in zip(which, found, strict=True):
            assert alone[n].situations(np.zeros(1, dtype=np.int64), [stages[n]])[0] == here, (t, n)


def test_what_was_done_counts_only_if_the_mission_asks_for_it() -> None:
    """A mission that asks to pick something up does not care what one has stood before."""
    facts = set()
    for belief, stage, here, _ in situations("BabyAI-PickupLoc-v0", range(1), 20):
        if stage == DOMAIN.closing:
            continue
        world = belief.map
        before = world.marks[0].copy()
        world.marks[0, : world.agent[0, maps.THINGS]] ^= maps.VISITED | maps.OPENED
        facts.add(belief.situations(np.zeros(1, dtype=np.int64), [stage])[0] == here)
        world.marks[0, : world.agent[0, maps.THINGS]] ^= maps.HELD
        facts.add(belief.situations(np.zeros(1, dtype=np.int64), [stage])[0] != here)
        world.marks[0] = before
        agent = world.agent[0].copy()
        world.pairs[0, 0], world.agent[0, [maps.PAIRS, maps.DECLARED]] = (1, 2), 1
        facts.add(belief.situations(np.zeros(1, dtype=np.int64), [stage])[0] == here)
        world.agent[0] = agent
    assert facts == {True}


@pytest.mark.parametrize(
    ("mission", "column"),
    [("put the red ball next to the blue box", maps.PAIRS), (None, maps.DECLARED)],
)
def test_what_was_put_next_to_what_and_what_was_said_count_where_they_are_asked_about(
    mission: str | None, column: int
) -> None:
    stage = DOMAIN.goal(mission).stages[0] if mission else DOMAIN.closing
    for belief, _, _, _ in situations("BabyAI-PickupLoc-v0", range(3), 2):
        world, which = belief.map, np.zeros(1, dtype=np.int64)
        before = belief.situations(which, [stage])[0]
        world.pairs[0, 0], world.agent[0, column] = (1, 2), 1
        after = belief.situations(which, [stage])[0]
        world.agent[0, column] = 0
        assert before.facts != after.facts
        assert before.costs == after.costs


def test_boxes_that_were_empty_make_others_dearer_and_change_no_fact() -> None:
    for belief, stage, before, _ in situations("MiniGrid-ObstructedMaze-1Dlhb-v0", range(3), 2):
        world, which = belief.map, np.zeros(1, dtype=np.int64)
        costs = []
        for count in range(5):
            world.agent[0, maps.EMPTY_BOXES] = count
            here = belief.situations(which, [stage])[0]
            assert here.facts == before.facts
            costs.append(here.costs)
        world.agent[0, maps.EMPTY_BOXES] = 0
        assert len(set(costs[:4])) == 4, "the first three are told apart"
        assert costs[4] == costs[3]


def test_where_things_lay_counts_only_if_the_mission_speaks_of_it() -> None:
    told = {True: 0, False: 0}
    for belief, stage, here, _ in situations("BabyAI-PickupLoc-v0", range(20), 1):
        located = any(argument.get("location") for wanted in stage for argument in wanted.arguments)
        other = DOMAIN.goal("pick up the red ball" if located else "pick up the red ball behind you").stages[
            0
        ]
        lengths = len(here.facts), len(belief.situations(np.zeros(1, dtype=np.int64), [other])[0].facts)
        assert (lengths[0] > lengths[1]) is located
        told[located] += 1
    assert min(told.values()) > 0


def test_where_things_lay_counts_where_a_later_stage_speaks_of_it() -> None:
    """A box that is wanted later is not looked into now, so it matters which box that is."""
    told = {}
    first, later = DOMAIN.goal("pick up the blue ball, then pick up the purple box on your left").stages
    for side in (1, -1):
        belief = DOMAIN.belief(1)
        belief.begin(np.ones(1, dtype=np.bool_), DOMAIN.stack([make("BabyAI-PickupLoc-v0", 0)[1]]))
        world = belief.map
        number, heading = int(world.agent[0, maps.THINGS]), int(world.agent[0, maps.HEADING])
        ahead_x, ahead_y = int(codes.HEADING_X[heading]), int(codes.HEADING_Y[heading])
        world.agent[0, maps.THINGS] += 1
        world.codes[0, number] = codes.BOX | codes.COLOUR_NAMES.index("purple") << 4
        world.place[0, number] = maps.cell_of(2 * ahead_x, 2 * ahead_y)
        world.ids[0, world.place[0, number]] = number + 1
        world.home[0, number] = maps.cell_of(ahead_x - side * ahead_y, ahead_y + side * ahead_x)
        here = belief.situations(np.zeros(1, dtype=np.int64), [first], [later])[0]
        hidden = {atom for atom in belief.problem(0, first, {}, later).init if atom.predicate == "hides"}
        told[side] = here.facts, bool(hidden)
    assert (told[1][1], told[-1][1]) == (True, False), "on the right it may hold the ball"
    assert told[1][0] != told[-1][0]


def test_rooms_keep_their_names_and_free_names_are_given_again() -> None:
    """Islands seen one after the other; then two of them turn out to be one room, and another is seen."""
    world, names, found = maps.BeliefMap(1), situation.RoomNames.blank(1), survey.Survey.blank()

    def named(*places: tuple[int, int]) -> list[int]:
        for place in places:
            world.cells[0, maps.cell_of(*place)] = codes.EMPTY
        situation.survey_and_name(0, world.tables, found, names)
        return [int(names.name_of[found.rooms[maps.cell_of(*place)]]) for place in ISLANDS]

    assert named(ISLANDS[0]) == [1, 0, 0, 0]
    assert named(ISLANDS[2]) == [1, 0, 2, 0]
    assert named(ISLANDS[1]) == [1, 3, 2, 0], "names are given in the order of seeing"
    assert named((2, 2)) == [1, 1, 2, 0], "the older name of two stays"
    assert named(ISLANDS[3]) == [1, 1, 2, 3], "and the other is free for another room"
    assert [int(names.room_of[name]) for name in (1, 2, 3)] == [
        int(found.rooms[maps.cell_of(*ISLANDS[n])]) for n in (0, 2, 3)
    ]


def test_distances_are_graded() -> None:
    graded = [situation.graded(distance) for distance in range(70)]
    assert graded[:9] == [1, 1, 2, 3, 4, 6, 6, 8, 8]
    assert graded[64:66] == [64, 96]
    assert all(grade >= distance for distance, grade in enumerate(graded))


def test_nothing_to_read() -> None:
    assert DOMAIN.belief(2).situations(np.zeros(0, dtype=np.int64), []) == []


@pytest.mark.filterwarnings("ignore:.*is out of date")
@pytest.mark.parametrize("words", ["go to the door you started from", "pick up the ball where you started"])
def test_equal_situations_have_equal_problems_about_the_start(words: str) -> None:
    """What lies nearest to the start depends on how far things lay from it."""
    said: dict[Any, Any] = {}
    (stage,) = DOMAIN.goal(words).stages
    seen = 0
    for task in ("BabyAI-MiniBossLevel-v0", "BabyAI-PutNextLocal-v0", "MiniGrid-GoToDoor-5x5-v0"):
        for belief, _, _, _ in situations(task, range(12), 40):
            seen += 1
            here = belief.situations(np.zeros(1, dtype=np.int64), [stage])[0]
            told = contents(belief.problem(0, stage, {}))
            assert said.setdefault(here.facts, told) == told, "equal facts"
    assert len(said) < seen, "no situation ever recurred, so nothing was compared"
