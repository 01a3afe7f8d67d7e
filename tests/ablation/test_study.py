"""A study: its cells and their order, what all have in common, and the presets that come with the domains."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosym.ablation.methods import METHODS
from neurosym.ablation.study import Study, StudyError, find_preset, preset_names, read_study
from neurosym.domain import load_domain
from neurosym.errors import UnknownNameError

SMALL = ["MiniGrid-DoorKey-8x8-v0", "MiniGrid-KeyCorridorS3R3-v0", "MiniGrid-MultiRoom-N6-v0"]
LAPTOP = (*SMALL, "MiniGrid-ObstructedMaze-1Dlhb-v0")
PAPER = (
    *LAPTOP,
    "MiniGrid-DoorKey-16x16-v0",
    "MiniGrid-KeyCorridorS6R3-v0",
    "MiniGrid-BlockedUnlockPickup-v0",
    "MiniGrid-ObstructedMaze-Full-v1",
    "BabyAI-BossLevel-v0",
)


def test_cells_come_seed_after_seed() -> None:
    study = Study(tasks=("a", "b"), methods=("full", "flat", "hand"), seeds=2, frames=10, flat_frames=50)
    orders = list(study.orders({"full": "plan", "flat": "flat", "hand": "none"}, {"a": "here", "b": "there"}))
    assert [order.key.seed for order in orders] == [0] * 6 + [1] * 6
    assert [(order.key.task, order.domain) for order in orders[:6]] == [("a", "here")] * 3 + [
        ("b", "there")
    ] * 3
    assert [order.frames for order in orders[:3]] == [10, 50, 0]


def test_all_stands_for_every_method() -> None:
    study = Study(methods=("all",)).with_methods(["full", "flat", "hand"], {})
    assert study.methods == ("full", "flat", "hand")
    assert study.baseline == "flat"


def test_one_method_is_its_own_baseline() -> None:
    assert Study(methods=("full",)).with_methods(["full", "flat"], {}).baseline == "full"


def test_a_method_nobody_knows() -> None:
    with pytest.raises(StudyError, match="here: unknown method 'ful'; nearest: full"):
        Study(methods=("ful",)).with_methods(["full", "flat"], {"methods": "here"})


def test_what_is_named_twice_is_played_once() -> None:
    assert Study().with_values({"tasks": ("a", "b", "a")}, {}).tasks == ("a", "b")


def test_folders_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text('domain = "world"\nmethods_from = ["mine.py"]')
    values, places = read_study(path)
    assert values == {"domain": str(tmp_path / "world"), "methods_from": (str(tmp_path / "mine.py"),)}
    assert places["domain"] == f"{path}:domain"
    path.write_text('domain = "minigrid"')
    assert read_study(path)[0] == {"domain": "minigrid"}


@pytest.mark.parametrize(
    ("name", "tasks", "methods", "seeds", "flat_frames"),
    [("laptop", LAPTOP, 8, 5, 5_000_000), ("paper", PAPER, len(METHODS), 10, 50_000_000)],
)
def test_presets(name: str, tasks: tuple[str, ...], methods: int, seeds: int, flat_frames: int) -> None:
    study = preset(name)
    assert study.tasks == tasks
    assert len(study.methods) == methods
    assert (study.seeds, study.frames, study.flat_frames) == (seeds, 1_000_000, flat_frames)


@pytest.mark.parametrize("name", preset_names([load_domain("minigrid")]))
def test_a_preset_can_be_played(name: str) -> None:
    study, domain = preset(name), load_domain("minigrid")
    assert set(study.tasks) <= {task.id for task in domain.tasks() if task.available}
    assert study.baseline in study.methods


def preset(name: str) -> Study:
    values, places = read_study(find_preset(name, [load_domain("minigrid")]))
    return Study().with_values(values, places).with_methods(list(METHODS), places)


def test_a_preset_nobody_has() -> None:
    with pytest.raises(UnknownNameError, match="unknown preset 'quik'; nearest: quick"):
        find_preset("quik", [load_domain("minigrid")])
