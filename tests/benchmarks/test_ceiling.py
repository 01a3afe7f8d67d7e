"""What the ceiling benchmark calls unsolvable is so: made-up levels of each rule, and levels that somebody solved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from minigrid.core.world_object import Ball, Box, Key, Lava, Wall

from benchmarks import ceiling
from neurosym.errors import UnavailableTaskError, UnknownNameError
from tests.domains.minigrid.guides import play
from tests.domains.minigrid.play import make, snapshots

pytestmark = pytest.mark.filterwarnings("ignore:.*is out of date")

Change = Callable[[Any], None]
LONG_MISSION = 0  # of BabyAI-BossLevel-v0: four clauses
IMPOSSIBLE = range(1_000_037, 1_000_038)  # of BabyAI-GoToImpUnlock-v0: the key lies in the room it unlocks

# One or more of each rule, and of each kind of clause.
TASKS = (
    "MiniGrid-DoorKey-8x8-v0",
    "MiniGrid-LavaCrossingS9N2-v0",
    "MiniGrid-Dynamic-Obstacles-6x6-v0",
    "MiniGrid-GoToDoor-6x6-v0",
    "MiniGrid-GoToObject-6x6-N2-v0",
    "MiniGrid-MemoryS7-v0",
    "MiniGrid-RedBlueDoors-6x6-v0",
    "MiniGrid-Unlock-v0",
    "MiniGrid-KeyCorridorS3R3-v0",
    "MiniGrid-ObstructedMaze-1Dlhb-v0",
    "MiniGrid-Fetch-6x6-N2-v0",
    "MiniGrid-PutNear-6x6-N2-v0",
    "BabyAI-GoToLocal-v0",
    "BabyAI-OpenDoor-v0",
    "BabyAI-UnlockPickup-v0",
    "BabyAI-PutNextLocal-v0",
    "BabyAI-PutNextS5N2Carrying-v0",
    "BabyAI-MiniBossLevel-v0",
    "BabyAI-GoToImpUnlock-v0",
)


def unsolvable(env: Any) -> bool:
    (level,) = ceiling.levels_of(snapshots.snapshot(env))
    return ceiling.is_proven_unsolvable(level)


def changed(task: str, change: Change, seed: int = 0) -> bool:
    """Whether a level that nothing speaks against is proven unsolvable after a change."""
    env, _ = make(task, seed)
    assert not unsolvable(env), f"{task} begins as one that can be solved"
    change(env)
    return unsolvable(env)


def replace_all(env: Any, kind: type, thing: Any) -> None:
    for number, other in enumerate(env.grid.grid):
        if isinstance(other, kind):
            env.grid.grid[number] = thing


def places(env: Any) -> list[tuple[int, int]]:
    return [(x, y) for x in range(env.grid.width) for y in range(env.grid.height)]


def wall_in_the_agent(env: Any) -> None:
    """Walls around it, except that what lies next to it goes as well."""
    x, y = (int(value) for value in env.agent_pos)
    for place in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
        env.grid.set(*place, Wall())


def no_keys(env: Any) -> None:
    replace_all(env, Key, None)


@pytest.mark.parametrize("task", [task for task in TASKS if "Carrying" not in task])
def test_between_walls_nothing_can_be_done(task: str) -> None:
    assert changed(task, wall_in_the_agent)


@pytest.mark.parametrize(
    "task",
    [
        "MiniGrid-DoorKey-8x8-v0",
        "MiniGrid-Unlock-v0",
        "MiniGrid-KeyCorridorS3R3-v0",
        "BabyAI-UnlockPickup-v0",
    ],
)
def test_without_a_key_a_locked_door_stays_shut(task: str) -> None:
    assert changed(task, no_keys)


def test_a_key_behind_its_own_door_opens_nothing() -> None:
    def move_key(env: Any) -> None:
        replace_all(env, Key, None)
        env.grid.set(env.width - 2, 1, Key(env.door.color))

    assert changed("MiniGrid-Unlock-v0", move_key)


def test_a_key_of_another_colour_opens_nothing() -> None:
    def recolour(env: Any) -> None:
        replace_all(env, Key, Key("grey" if env.door.color != "grey" else "red"))

    assert changed("MiniGrid-Unlock-v0", recolour)


def test_a_key_in_a_box_in_a_box_will_do() -> None:
    def wrap(env: Any) -> None:
        replace_all(env, Key, Box("red", contains=Key(env.door.color)))

    assert not changed("MiniGrid-Unlock-v0", wrap)
    assert ceiling.key_colours([ceiling.tiles.tile_of(ceiling.codes.BOX, 0)]) == []


def test_an_overwritten_box_takes_the_key_with_it() -> None:
    assert not changed("MiniGrid-ObstructedMaze-1Dlhb-v0", lambda env: replace_all(env, Ball, env.obj))
    assert changed("MiniGrid-ObstructedMaze-1Dlhb-v0", lambda env: replace_all(env, Box, Ball("green")))


def test_lava_is_never_crossed_and_balls_are() -> None:
    def rim(thing: Any) -> Change:
        def change(env: Any) -> None:
            for y in range(1, env.height - 1):
                env.grid.set(3, y, thing)

        return change

    assert changed("MiniGrid-Empty-8x8-v0", rim(Lava()))
    assert not changed("MiniGrid-Empty-8x8-v0", rim(Ball("red")))


def test_what_must_not_be_taken_stays_in_the_way() -> None:
    """In Fetch, taking anything else ends the episode; in Memory nothing can be taken."""

    def fence(env: Any) -> None:
        for place in places(env):
            if env.grid.get(*place) is None and place != tuple(env.agent_pos):
                env.grid.set(*place, Ball("grey"))

    env, _ = make("MiniGrid-Fetch-6x6-N2-v0", 0)
    (x, y), wanted = env.agent_pos, {(env.targetType, env.targetColor)}
    assert wanted != {("ball", "grey")}
    things = {
        (thing.type, thing.color) for place in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1))
        if (thing := env.grid.get(*place)) is not None
    }  # fmt: skip
    assert not things & wanted, "it would be at hand"
    assert changed("MiniGrid-Fetch-6x6-N2-v0", fence)
    assert changed("MiniGrid-MemoryS7-v0", fence)


@pytest.mark.parametrize("task", ["BabyAI-PutNextLocal-v0", "BabyAI-PutNextS5N2Carrying-v0"])
def test_both_things_of_a_clause_are_needed(task: str) -> None:
    def enclose_fixed(env: Any) -> None:
        for x, y in env.instrs.desc_fixed.obj_poss:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if (dx or dy) and (x + dx, y + dy) != tuple(env.agent_pos):
                        env.grid.set(x + dx, y + dy, Wall())

    assert changed(task, enclose_fixed)


def test_one_clause_out_of_reach_is_enough() -> None:
    """Of a sequence of up to four clauses."""
    env, _ = make("BabyAI-BossLevel-v0", LONG_MISSION)
    (level,) = ceiling.levels_of(snapshots.snapshot(env))
    reach = ceiling.reach_of(level)
    used = [c for c in range(ceiling.CLAUSES) if level.start[ceiling.bank.CLAUSES] >> 4 * c & 7]
    assert len(used) == ceiling.CLAUSES
    for c in used:
        others = ~np.int64(3 << 2 * c | 3 << 2 * c + 8)
        assert not ceiling.rule_can_be_met(level._replace(marks=level.marks & others), reach)


@pytest.mark.parametrize("task", TASKS)
def test_what_somebody_solves_is_not_called_unsolvable(task: str) -> None:
    solved = 0
    for seed in (4, 8, 12, 16):  # those in which the guides do not wander
        env, _ = make(task, seed)
        verdict, actions, reward, steps = unsolvable(env), play(env, seed), 0.0, 0
        over = False
        while not over and steps < 300:
            _, reward, terminated, truncated, _ = env.step(next(actions))
            over, steps = terminated or truncated, steps + 1
        if reward > 0:
            solved += 1
            assert not verdict, f"{task}, seed {seed} was solved"
    assert solved, "nobody solved any, so nothing was compared"


def test_a_known_level_that_nobody_can_solve() -> None:
    assert ceiling.ceiling_of("BabyAI-GoToImpUnlock-v0", IMPOSSIBLE) == {
        "episodes": 1,
        "unsolvable_seeds": [1_000_037],
        "seeds_without_level": [],
        "ceiling": 0.0,
    }


def test_a_level_without_end_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceiling.generators, "LEVEL_SECONDS", 0.5)
    result = ceiling.ceiling_of("BabyAI-SynthS5R2-v0", range(1_000_435, 1_000_438))
    assert result["seeds_without_level"] == [1_000_436]
    assert result["episodes"] == 2


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "ceilings.json"
    tasks = ["BabyAI-GoToImpUnlock-v0", "MiniGrid-Empty-5x5-v0"]
    ceiling.main(
        ["--tasks", *tasks, "--seed", "1000036", "--episodes", "2", "--jobs", "1", "--out", str(out)]
    )
    record = json.loads(out.read_text())
    assert record["command"].startswith("python -m benchmarks.ceiling --tasks")
    assert {task: result["ceiling"] for task, result in record["tasks"].items()} == {
        tasks[0]: 0.5,
        tasks[1]: 1.0,
    }
    printed = capsys.readouterr().out
    assert "BabyAI-GoToImpUnlock-v0" in printed
    assert "1 of 2" in printed
    assert "Empty" not in printed


def test_tasks_that_there_are_not() -> None:
    assert len(ceiling.choose([])) == 171
    with pytest.raises(UnknownNameError):
        ceiling.choose(["MiniGrid-Nowhere-v0"])
    with pytest.raises(UnavailableTaskError):
        ceiling.choose(["MiniGrid-Playground-v0"])
