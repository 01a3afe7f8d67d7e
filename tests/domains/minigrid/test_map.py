"""The believed map against the simulator: what is known is true, what was seen is known, things stay themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.domains.minigrid.diary import REMEMBERED, Diary
from tests.domains.minigrid.play import (
    OUT_OF_DATE,
    SEE_THROUGH,
    STALE_START,
    TRUE_STARTS,
    agent,
    batch,
    codes,
    episode,
    make,
    maps,
    random_play,
    thing_at,
)

WALKED = [*TRUE_STARTS, *SEE_THROUGH]


def assert_pose(world: Any, n: int, diary: Diary, told: str) -> None:
    x, y, heading = (int(world.agent[n, column]) for column in (maps.X, maps.Y, maps.HEADING))
    assert (x + diary.frame.x, y + diary.frame.y) == tuple(diary.env.agent_pos), f"{told}: it is elsewhere"
    assert heading == diary.env.agent_dir, f"{told}: it looks elsewhere"


def assert_cells(world: Any, n: int, diary: Diary, told: str) -> None:
    known, truth = np.flatnonzero(world.cells[n]), diary.truth()
    wrong = known[world.cells[n, known] != truth[known]]
    assert not len(wrong), f"{told}: believes untrue things of {[diary.frame.place(cell) for cell in wrong]}"
    seen = {diary.frame.cell(*place) for place in diary.seen}
    assert set(known.tolist()) == seen | {0}, f"{told}: what is known is not what was seen"


def assert_sketch(world: Any, n: int, diary: Diary, told: str) -> None:
    """The cells said once more, in three bits each."""
    meant = {
        codes.EMPTY: maps.FREE,
        codes.FLOOR: maps.FREE,
        codes.WALL: maps.BLOCKED,
        codes.GOAL: maps.TARGET,
    }
    meant |= {codes.KEY: maps.OCCUPIED, codes.BALL: maps.OCCUPIED, codes.BOX: maps.OCCUPIED}
    meant |= {codes.LAVA: maps.DEADLY, codes.UNSEEN: maps.NOT_SEEN}
    bits = world.sketch[n][:, None, :] >> np.arange(maps.SIZE, dtype=np.uint64)[:, None] & np.uint64(1)
    sketch = (bits << np.arange(3, dtype=np.uint64)).sum(axis=-1).ravel()
    for cell in {*np.flatnonzero(world.cells[n]).tolist(), *np.flatnonzero(sketch).tolist()}:
        kind, state = int(world.cells[n, cell]) & 15, int(world.cells[n, cell]) >> 8
        door = maps.OPEN_WAY if state == codes.OPEN else maps.SHUT_WAY
        expected = door if kind == codes.DOOR else meant[kind]
        assert sketch[cell] == expected, f"{told}: the sketch of {diary.frame.place(cell)}"


def assert_things(world: Any, n: int, diary: Diary, told: str) -> None:
    """Each thing is the very object it was when it got its number, and every object in sight has a number."""
    count = int(world.agent[n, maps.THINGS])
    diary.learn_numbers(world, n)
    assert all(diary.objects), f"{told}: a thing is nothing"
    for number in range(count):
        cell = int(world.place[n, number])
        real = thing_at(diary.env, *diary.frame.place(cell)) if cell >= 0 else None
        real = diary.env.carrying if cell == maps.IN_HAND else real
        if cell == maps.GONE:
            remaining = [*diary.env.grid.grid, diary.env.carrying]
            assert all(diary.objects[number] is not other for other in remaining), (
                f"{told}: {number} is not gone"
            )
        else:
            assert real is diary.objects[number], f"{told}: thing {number} is another one now"
            kind, colour, state = real.encode()
            assert world.codes[n, number] == kind | colour << 4 | state << 8, (
                f"{told}: {number} looks different"
            )
    assert len({id(thing) for thing in diary.objects}) == count, f"{told}: one thing has two numbers"
    held = int(world.agent[n, maps.CARRIED])
    assert (diary.objects[held - 1] if held else None) is diary.env.carrying, (
        f"{told}: something else is in hand"
    )
    for x, y in diary.seen:
        real = thing_at(diary.env, x, y)
        number = int(world.ids[n, diary.frame.cell(x, y)])
        named = real is not None and real.type in REMEMBERED
        assert (diary.objects[number - 1] if number else None) is (real if named else None), f"{told}: {x, y}"


def assert_marks(world: Any, n: int, diary: Diary, told: str) -> None:
    for number, thing in enumerate(diary.objects):
        assert world.marks[n, number] == diary.deeds.get(id(thing), 0), f"{told}: the deeds of thing {number}"


def assert_memories(world: Any, n: int, diary: Diary, told: str) -> None:
    """What was put next to what, and what the agent has done that no thing shows. Nothing moves by itself here."""
    agent = world.agent[n]
    numbers = {id(thing): number for number, thing in enumerate(diary.objects)}
    pairs = {(numbers[id(one)] + 1, numbers[id(other)] + 1) for one, other in diary.pairs[-maps.MOST_PAIRS :]}
    assert agent[maps.PAIRS] == len(diary.pairs), f"{told}: how many pairs"
    assert {tuple(pair) for pair in world.pairs[n, : len(diary.pairs)].tolist()} == pairs, f"{told}: pairs"
    assert agent[maps.EMPTY_BOXES] == diary.empty_boxes, f"{told}: boxes that were empty"
    assert bool(agent[maps.DECLARED]) == diary.declared, f"{told}: whether `done` was said"
    taken = -1 if diary.taken_from is None else diary.frame.cell(*diary.taken_from)
    assert agent[maps.TAKEN_FROM] == taken, f"{told}: where the last thing was taken from"
    assert not agent[maps.RESTLESS], f"{told}: something moves by itself"
    assert not agent[maps.SURPRISED], f"{told}: a surprise"


def assert_true(world: Any, n: int, diary: Diary, told: str) -> None:
    for check in (assert_pose, assert_cells, assert_sketch, assert_things, assert_marks, assert_memories):
        check(world, n, diary, told)


@OUT_OF_DATE
@pytest.mark.parametrize("task", WALKED)
def test_random_steps(task: str) -> None:
    for seed in range(2):
        env, observation = make(task, seed)
        world, diary = maps.BeliefMap(1), Diary(env, observation)
        world.begin(np.ones(1, dtype=bool), batch(observation))
        assert_true(world, 0, diary, f"{task}, seed {seed}, first look")
        for step, (action, seen) in enumerate(random_play(env, np.random.default_rng(seed), 120)):
            world.update(np.array([action]), batch(seen))
            diary.note(action, seen)
            assert_true(world, 0, diary, f"{task}, seed {seed}, step {step}")
            if not (0 <= env.front_pos[0] < env.width and 0 <= env.front_pos[1] < env.height):
                break  # a door in the outer wall: one step more, and `minigrid` itself fails


@OUT_OF_DATE
@pytest.mark.parametrize("task", WALKED)
def test_planned_steps(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that now and then does anything at all; a new stage of the mission forgets what was accomplished."""
    player = agent(wandering=0.15)
    world, forgotten = player.executive.belief.map, forgetting(monkeypatch)
    for seed in range(2):
        diary: Diary | None = None
        for step, (env, action, seen) in enumerate(episode(task, seed, player, 110)):
            diary = diary or Diary(env, seen)
            if action is not None:
                diary.note(action, seen)
            if forgotten:
                diary.forget()
                forgotten.clear()
            assert_true(world, 0, diary, f"{task}, seed {seed}, step {step}")


def forgetting(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Grows whenever a belief is told to forget what was accomplished."""
    calls: list[Any] = []
    forget = maps.BeliefMap.forget_accomplishments

    def note(*arguments: Any) -> None:
        calls.append(arguments)
        forget(*arguments)

    monkeypatch.setattr(maps.BeliefMap, "forget_accomplishments", note)
    return calls


def test_beliefs_side_by_side_do_not_mix() -> None:
    """A batch of beliefs about different worlds, begun at different times, is what each would be alone."""
    tasks = ("MiniGrid-DoorKey-8x8-v0", "BabyAI-BossLevel-v0", "MiniGrid-MultiRoom-N6-v0")
    together = maps.BeliefMap(len(tasks))
    rng = np.random.default_rng(5)
    plays: list[Any] = []
    for n, task in enumerate(tasks):
        env, observation = make(task, n)
        plays.append([env, observation, Diary(env, observation)])
    mask = np.ones(len(tasks), dtype=bool)
    together.begin(mask, stacked(plays))
    for step in range(120):
        actions = rng.integers(0, 7, len(tasks))
        for play, action in zip(plays, actions, strict=True):
            play[1] = play[0].step(int(action))[0]
            play[2].note(int(action), play[1])
        together.update(actions, stacked(plays))
        if step % 40 == 39:  # one of them begins again
            n = step // 40 % len(tasks)
            env, observation = make(tasks[n], 10 + step)
            plays[n] = [env, observation, Diary(env, observation)]
            together.begin(np.arange(len(tasks)) == n, stacked(plays))
        for n, play in enumerate(plays):
            assert_true(together, n, play[2], f"{tasks[n]}, step {step}")


def test_a_new_episode_remembers_nothing() -> None:
    """A belief with a past and one without are the same once an episode begins."""
    rng = np.random.default_rng(0)
    for task in ("BabyAI-BossLevel-v0", "MiniGrid-DoorKey-8x8-v0", "MiniGrid-KeyCorridorS6R3-v0"):
        env, observation = make(task, 0)
        used, fresh = maps.BeliefMap(1), maps.BeliefMap(1)
        used.begin(np.ones(1, dtype=bool), batch(observation))
        for action, seen in random_play(env, rng, 200):
            used.update(np.array([action]), batch(seen))
        for world in (used, fresh):
            world.begin(np.ones(1, dtype=bool), batch(make(task, 1)[1]))
        for name in ("cells", "ids", "sketch", "agent", "marks"):
            assert np.array_equal(getattr(used, name), getattr(fresh, name)), f"{task}: {name}"
        count = int(fresh.agent[0, maps.THINGS])
        assert not fresh.agent[0, maps.PAIRS], f"{task}: nothing was put next to anything"
        for name in ("codes", "place", "home"):
            assert np.array_equal(getattr(used, name)[0, :count], getattr(fresh, name)[0, :count]), (
                f"{task}: {name}"
            )


def stacked(plays: list[Any]) -> dict[str, Any]:
    return {
        "image": np.stack([play[1]["image"] for play in plays]),
        "direction": np.array([play[1]["direction"] for play in plays]),
    }


def test_nothing_but_image_direction_and_actions_is_taken() -> None:
    """A mapping that would raise at any other key."""
    env, observation = make("BabyAI-BossLevel-v0", 0)
    world = maps.BeliefMap(1)
    world.begin(np.ones(1, dtype=bool), {key: batch(observation)[key] for key in ("image", "direction")})
    for action, seen in random_play(env, np.random.default_rng(0), 20):
        world.update(np.array([action]), {key: batch(seen)[key] for key in ("image", "direction")})
    assert np.count_nonzero(world.cells[0]) > 20


def test_names_tell_things_that_look_alike_apart() -> None:
    """The first red key is `red_key`, the second `red_key_2`, in the order in which they were seen."""
    player = agent()
    for task in ("BabyAI-BossLevel-v0", "BabyAI-PutNextS7N4-v0", "MiniGrid-Fetch-8x8-N3-v0"):
        for _ in episode(task, 3, player, 100):
            world = player.executive.belief.map
            count = int(world.agent[0, maps.THINGS])
            names = [world.name(0, number) for number in range(count)]
            assert len(set(names)) == count
            for number, name in enumerate(names):
                code = int(world.codes[0, number]) & 0xFF
                twins = sum((int(other) & 0xFF) == code for other in world.codes[0, :number])
                stem = f"{codes.COLOUR_NAMES[code >> 4]}_{codes.TYPE_NAMES[code & 15]}"
                assert name == (f"{stem}_{twins + 1}" if twins else stem)


def test_what_is_in_hand_at_the_start_is_known_after_a_step() -> None:
    """The environment's first observation shows the thing where it lay before it was put into the agent's hand."""
    for seed in range(100):
        env, observation = make(STALE_START, seed)
        world, diary = maps.BeliefMap(1), Diary(env, observation)
        lay = diary.frame.cell(*env.carrying.init_pos)
        world.begin(np.ones(1, dtype=bool), batch(observation))
        for step, (action, seen) in enumerate(random_play(env, np.random.default_rng(seed), 6)):
            world.update(np.array([action]), batch(seen))
            diary.note(action, seen)
            assert_pose(world, 0, diary, f"seed {seed}, step {step}")
            known, truth = world.cells[0], diary.truth()
            wrong = set(np.flatnonzero((known != 0) & (known != truth)).tolist())
            assert wrong <= {lay}, (
                f"seed {seed}, step {step}: untrue of {diary.frame.place(max(wrong, default=0))}"
            )
            held = int(world.agent[0, maps.CARRIED])
            assert bool(held) == (env.carrying is not None), f"seed {seed}, step {step}"
            if step == 0 and action != codes.PICK_UP:
                assert not any(world.marks[0] & maps.HELD), f"seed {seed}: it was not picked up"
            if held:
                kind, colour, _ = env.carrying.encode()
                assert world.codes[0, held - 1] == kind | colour << 4, (
                    f"seed {seed}, step {step}: what is in hand"
                )
            for number in range(world.agent[0, maps.THINGS]):
                cell = int(world.place[0, number])
                assert cell < 0 or world.ids[0, cell] == number + 1, (
                    f"seed {seed}, step {step}: two places at once"
                )


@pytest.mark.parametrize(
    "task", ["MiniGrid-Dynamic-Obstacles-8x8-v0", "MiniGrid-Dynamic-Obstacles-Random-6x6-v0"]
)
def test_what_moves_by_itself_does_not_lead_astray(task: str) -> None:
    """A ball may step in the way while the agent steps forward; the walls in view tell. Balls do not multiply."""
    barred = restless = 0
    for seed in range(15):
        player = agent(seed=seed)
        world, diary, before, astray = player.executive.belief.map, None, None, False
        surprises = 0
        for step, (env, action, seen) in enumerate(episode(task, seed, player, 150)):
            assert not astray, f"{task}, seed {seed}, step {step - 1}: it is elsewhere"
            diary = diary or Diary(env, seen)
            pose = (int(env.agent_pos[0]), int(env.agent_pos[1]), int(env.agent_dir))
            barred += pose == before and action == codes.FORWARD
            x, y, heading = (int(world.agent[0, column]) for column in (maps.X, maps.Y, maps.HEADING))
            before, astray = pose, (x + diary.frame.x, y + diary.frame.y, heading) != pose
            surprises += bool(player.executive.belief.surprised()[0])
            assert surprises == world.agent[0, maps.RESTLESS], (
                f"{task}, seed {seed}: surprised once, if at all"
            )
        restless += surprises
        # The last step may be a collision, after which nothing matters any more.
        assert world.agent[0, maps.THINGS] <= 4 * len(env.obstacles) + 2, (
            f"{task}, seed {seed}: too many things"
        )
    assert barred > 5, "it happened"
    assert restless > 5, "balls were seen to move"
