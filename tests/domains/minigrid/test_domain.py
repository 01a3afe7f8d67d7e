"""What the library is told of MiniGrid: its tasks, its environments, its pictures."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

import gymnasium
import numpy as np
import pytest
from minigrid.core.constants import TILE_PIXELS

from neurosym.domain import domain_names, find_task, load_domain
from neurosym.errors import UnavailableTaskError, UnknownNameError
from tests.domains.minigrid.diary import moments
from tests.domains.minigrid.play import DOMAIN, agent, codes, make, maps, pictures

WITHOUT_PATTERNS = {
    f"MiniGrid-WFC-{name}-v0"
    for name in (
        "DungeonMazeScaled",
        "MazeSimple",
        "ObstaclesAngular",
        "ObstaclesBlackdots",
        "ObstaclesHogs3",
        "RoomsFabric",
    )
}


def test_every_environment_of_minigrid_is_a_task() -> None:
    registered = {name for name in gymnasium.registry if name.startswith(("MiniGrid-", "BabyAI-"))}
    tasks = {task.id: task for task in DOMAIN.tasks()}
    assert set(tasks) == registered
    assert len(tasks) == len(DOMAIN.tasks()) == 178
    assert sum(task.available for task in tasks.values()) == 171
    assert [task.id for task in DOMAIN.tasks()] == sorted(tasks)


@pytest.mark.filterwarnings("error:.*is out of date")
def test_a_version_that_was_asked_for_is_made_without_a_word() -> None:
    DOMAIN.make_env("MiniGrid-MultiRoom-N4-S5-v0").close()


def test_what_cannot_be_played_says_why() -> None:
    reasons = {task.id: task.reason for task in DOMAIN.tasks() if not task.available}
    assert set(reasons) == WITHOUT_PATTERNS | {"MiniGrid-Playground-v0"}
    assert all("pattern images" in reasons[name] for name in WITHOUT_PATTERNS)
    assert "no mission" in reasons["MiniGrid-Playground-v0"]
    assert not any(task.reason for task in DOMAIN.tasks() if task.available)


@pytest.mark.filterwarnings("ignore")
def test_the_reason_is_true() -> None:
    """Should a later minigrid bring the images, this test says so. Without imageio it does not get that far."""
    with pytest.raises((FileNotFoundError, gymnasium.error.DependencyNotInstalled)):
        gymnasium.make("MiniGrid-WFC-MazeSimple-v0").reset(seed=0)
    observation, _ = gymnasium.make("MiniGrid-Playground-v0").reset(seed=0)
    assert observation["mission"] == ""


def test_an_unavailable_task_is_refused_in_one_line() -> None:
    with pytest.raises(UnavailableTaskError, match="MazeSimple-v0 cannot start: minigrid's wheel") as caught:
        DOMAIN.make_env("MiniGrid-WFC-MazeSimple-v0")
    assert "\n" not in str(caught.value)
    with pytest.raises(UnavailableTaskError, match="states no mission"):
        DOMAIN.make_env("MiniGrid-Playground-v0")


def test_an_unknown_task_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=re.escape("unknown task 'MiniGrid-DoorKey-9x9-v0'")) as caught:
        DOMAIN.make_env("MiniGrid-DoorKey-9x9-v0")
    assert "MiniGrid-DoorKey-8x8-v0" in caught.value.nearest
    assert "\n" not in str(caught.value)


def test_it_is_found_by_name_by_folder_and_by_task() -> None:
    assert "minigrid" in domain_names()
    assert load_domain(DOMAIN.folder).name == "minigrid"
    domain, task = find_task("BabyAI-BossLevel-v0")
    assert (domain.name, task.available) == ("minigrid", True)


def test_every_task_that_can_be_played_is_practised() -> None:
    assert DOMAIN.training_tasks == tuple(task.id for task in DOMAIN.tasks() if task.available)
    assert len(DOMAIN.training_tasks) == 171
    assert len(DOMAIN.action_names) == DOMAIN.feature_spec.actions == 7
    assert {DOMAIN.action_names[action] for action in DOMAIN.idle_actions} == {"left", "right", "forward"}


def test_environments_draw_only_when_asked_to() -> None:
    env = DOMAIN.make_env("MiniGrid-Empty-5x5-v0", render=True)
    env.reset(seed=0)
    assert env.render().shape == (5 * TILE_PIXELS, 5 * TILE_PIXELS, 3)
    assert DOMAIN.make_env("MiniGrid-Empty-5x5-v0").render_mode is None


def test_observations_become_a_batch() -> None:
    seen = [make("BabyAI-GoToLocal-v0", seed)[1] for seed in range(3)]
    batch = DOMAIN.stack(seen)
    assert batch["image"].shape == (3, 7, 7, 3)
    assert (batch["image"].dtype, batch["direction"].dtype) == (np.uint8, np.int64)
    assert batch["mission"] == [observation["mission"] for observation in seen]


def finished(making: Generator[object, None, Any]) -> Any:
    """What a generator returns."""
    while True:
        try:
            next(making)
        except StopIteration as end:
            return end.value


def test_training_worlds_start_from_levels_of_several_tasks() -> None:
    tasks = ("MiniGrid-DoorKey-5x5-v0", "BabyAI-GoToLocal-v0")
    made = finished(DOMAIN.training_levels(tasks, range(3)))
    assert len(made) == 6
    worlds = DOMAIN.training_worlds(made, 5, 0)
    assert worlds.observation()["image"].shape == (5, 7, 7, 3)
    assert {worlds.task_of(n) for n in range(5)} <= {"MiniGrid-DoorKey-5x5-v0", "BabyAI-GoToLocal-v0"}
    reward, terminated, truncated = worlds.step(np.zeros(5, dtype=np.int64))
    assert not reward.any()
    assert not terminated.any()
    assert not truncated.any()


# Pictures. ------------------------------------------------------------------------------------------------------


def test_the_view_is_drawn_cell_by_cell() -> None:
    _, observation = make("MiniGrid-DoorKey-8x8-v0", 0)
    picture = DOMAIN.view(observation)
    assert picture is not None
    assert (picture.shape, picture.dtype) == ((7 * TILE_PIXELS, 7 * TILE_PIXELS, 3), np.uint8)
    for x, y in np.ndindex(7, 7):
        tile = picture[y * TILE_PIXELS : (y + 1) * TILE_PIXELS, x * TILE_PIXELS : (x + 1) * TILE_PIXELS]
        unseen = observation["image"][x, y, 0] == codes.UNSEEN
        assert (tile == pictures.UNSEEN_GREY).all() == unseen, f"cell {x}, {y}"


def test_the_belief_is_drawn_as_the_world_is() -> None:
    """Each seen cell looks as MiniGrid would draw it, the agent included; the rest is dark."""
    for player, diary, told in moments("MiniGrid-DoorKey-8x8-v0", 0, 0.1, every=8):
        picture, env = player.picture(), diary.env
        xs, ys = sorted({x for x, _ in diary.seen}), sorted({y for _, y in diary.seen})
        assert picture is not None
        assert picture.shape == (len(ys) * TILE_PIXELS, len(xs) * TILE_PIXELS, 3), told
        real = env.grid.render(TILE_PIXELS, env.agent_pos, env.agent_dir)
        for x in xs:
            for y in ys:
                ours = tile_of(picture, x - xs[0], y - ys[0])
                if (x, y) in diary.seen:
                    assert np.array_equal(ours, tile_of(real, x, y)), f"{told}: {x}, {y}"
                else:
                    assert ours.max() < 64, f"{told}: {x}, {y} was not seen"


def tile_of(picture: np.ndarray, x: int, y: int) -> np.ndarray:
    return picture[y * TILE_PIXELS : (y + 1) * TILE_PIXELS, x * TILE_PIXELS : (x + 1) * TILE_PIXELS]


def test_the_agents_picture_is_its_own_belief() -> None:
    player = agent()
    _, observation = make("MiniGrid-MultiRoom-N6-v0", 0)
    player.reset(observation)
    world = player.executive.belief.map
    assert np.array_equal(player.picture(), DOMAIN.picture(player.executive.belief, 0))
    assert np.count_nonzero(world.cells[0]) < maps.SIZE**2
