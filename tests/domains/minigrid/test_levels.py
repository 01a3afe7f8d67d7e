"""Levels are taken from `minigrid` as they are, and stacked without a change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurosym.evaluation import FIRST_SEED
from tests.domains.minigrid.play import code_at, codes, engine, levels, make


def rows(*tasks: str, seeds: range) -> list[tuple]:
    return [row for task in tasks for row in levels.make_levels(task, seeds)]


def test_evaluation_seeds_are_refused() -> None:
    with pytest.raises(ValueError, match="below 1000000, got 1000000"):
        rows("MiniGrid-Empty-5x5-v0", seeds=range(999_999, 1_000_001))
    assert levels.EVALUATION_SEED == FIRST_SEED
    assert len(rows("MiniGrid-Empty-5x5-v0", seeds=range(999_999, 1_000_000))) == 1


def code_of(thing: Any) -> int:
    if thing is None:
        return 0
    kind, colour, _ = thing.encode()
    return kind | colour << 4


@pytest.mark.parametrize(
    "task",
    [
        "MiniGrid-ObstructedMaze-2Dlhb-v1",
        "MiniGrid-KeyCorridorS6R3-v0",
        "MiniGrid-LavaCrossingS9N2-v0",
        "BabyAI-BossLevel-v0",
        "BabyAI-PutNextS5N2Carrying-v0",
        "MiniGrid-Fetch-5x5-N2-v0",
    ],
)
def test_a_level_is_what_the_environment_is_in(task: str) -> None:
    """Every cell, what boxes hold, the agent, what it carries, the time limit and the mission."""
    for seed, row in zip(range(40, 44), rows(task, seeds=range(40, 44)), strict=True):
        env, observation = make(task, seed)
        cells, contents, agent, max_steps, mission, name = row
        pad = engine.PAD
        for x in range(-pad, env.width + pad):
            for y in range(-pad, env.height + pad):
                assert cells[x + pad, y + pad] == code_at(env, x, y), (task, seed, x, y)
                inside = 0 <= x < env.width and 0 <= y < env.height
                box = env.grid.get(x, y) if inside else None
                assert contents[x + pad, y + pad] == code_of(getattr(box, "contains", None)), (
                    task,
                    seed,
                    x,
                    y,
                )
        x, y = env.agent_pos
        held = (code_of(env.carrying), code_of(getattr(env.carrying, "contains", None)))
        assert agent == (x + pad, y + pad, env.agent_dir, *held, env.see_through_walls)
        assert (max_steps, mission, name) == (env.max_steps, observation["mission"], task)


def test_the_spread_has_what_the_test_is_about() -> None:
    """Boxes that hold something, something in the hand, seeing through walls."""
    assert any(row[1].any() for row in rows("MiniGrid-ObstructedMaze-2Dlhb-v1", seeds=range(40, 44)))
    assert all(row[2][engine.CARRIED] for row in rows("BabyAI-PutNextS5N2Carrying-v0", seeds=range(40, 44)))
    assert all(row[2][engine.SEES_THROUGH] for row in rows("MiniGrid-Fetch-5x5-N2-v0", seeds=range(40, 44)))


def test_levels_of_different_sizes_stand_in_one_array() -> None:
    made = rows(
        "MiniGrid-DoorKey-5x5-v0", "BabyAI-BossLevel-v0", "MiniGrid-ObstructedMaze-1Dlhb-v0", seeds=range(3)
    )
    stacked = levels.stack(made)
    size = 22 + 2 * engine.PAD
    assert stacked.cells.shape == stacked.contents.shape == (9, size, size)
    assert stacked.cells.dtype == stacked.contents.dtype == np.uint16
    assert len(stacked) == 9
    for n, (cells, contents, agent, max_steps, mission, task) in enumerate(made):
        own = len(cells)
        assert np.array_equal(stacked.cells[n, :own, :own], cells)
        assert np.array_equal(stacked.contents[n, :own, :own], contents)
        around = np.ones((size, size), dtype=bool)
        around[:own, :own] = False
        assert (stacked.cells[n][around] == codes.GREY_WALL_CODE).all(), (
            "there is wall around a smaller level"
        )
        assert not stacked.contents[n][around].any()
        assert stacked.agent[n].tolist() == list(agent)
        assert stacked.max_steps[n] == max_steps
        assert (stacked.missions[n], stacked.tasks[n]) == (mission, task)


def test_making_levels_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Some of BabyAI's generators print what they reject."""
    rows("BabyAI-PutNextLocal-v0", seeds=range(30))
    assert capfd.readouterr().out == ""
