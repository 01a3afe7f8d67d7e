"""Domains of Gymnasium environments: what follows from what an author writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from neurosym.domain import load_domain
from neurosym.errors import DomainError, UnavailableTaskError, UnknownNameError
from neurosym.kit import GymDomain, SayMission, Subgoal
from neurosym.scaffold import write_domain_folder


class Bare(GymDomain):
    """As little as there can be."""

    missions = {"FrozenLake-v1": "solve it"}

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def atoms(self, observation: Any) -> Iterator[tuple[str, ...]]:
        yield from ()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    folder = tmp_path_factory.mktemp("bare") / "lake"
    write_domain_folder(folder, "FrozenLake-v1")
    return Bare(folder)


def test_name_and_folder_are_those_of_the_file(lamps: GymDomain) -> None:
    assert (lamps.name, lamps.folder.name) == ("lamps", "lamps")
    assert lamps.training_tasks == ("Lamps-v0",)


def test_the_controller_sees_observation_and_subgoal_by_default(bare: Bare) -> None:
    """16 cells; one operator without arguments, now and next, and 0 for none."""
    assert bare.feature_spec.width == 3
    assert bare.feature_spec.rows == 1 + 16 + 2 + 2
    assert bare.feature_spec.actions == 4
    solve = bare.model.action("solve").bind(())
    assert bare.features(5, Subgoal(solve, solve)) == (5, 1, 1)
    assert bare.features(5, Subgoal(solve)) == (5, 1, 0)


def test_actions_are_numbered_and_any_may_be_idle(bare: Bare) -> None:
    assert bare.action_names == ("action 0", "action 1", "action 2", "action 3")
    assert bare.idle_actions == (0, 1, 2, 3)


def test_the_only_mission_is_the_mission(bare: Bare) -> None:
    assert bare.mission(3) == "solve it"
    assert bare.mission({"observation": 3, "mission": "swim"}) == "swim"
    assert list(bare.stack([3, 4])["mission"]) == ["solve it", "solve it"]


def test_missions_that_differ_have_to_be_told(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bare, "missions", {"A-v0": "swim", "B-v0": "dive"})
    with pytest.raises(DomainError, match=r"write mission\(\)"):
        bare.mission(3)


def test_an_environment_can_be_made_to_say_its_mission() -> None:
    env = SayMission(gymnasium.make("FrozenLake-v1"), "cross the lake")
    observation, _ = env.reset(seed=1)
    assert observation == {"observation": 0, "mission": "cross the lake"}
    assert env.observation_space.contains(observation)


def test_tasks_that_gymnasium_does_not_know_cannot_start(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bare, "missions", {"Frozen-v9": "solve it", "nowhere_at_all:Lake-v0": "solve it"})
    assert [task.available for task in bare.tasks()] == [False, False]
    with pytest.raises(UnavailableTaskError, match="Frozen"):
        bare.make_env("Frozen-v9")
    with pytest.raises(UnknownNameError, match="unknown task 'Lake-v1'"):
        bare.make_env("Lake-v1")


def test_actions_must_be_counted(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    class Steering(gymnasium.Env[int, Any]):
        observation_space, action_space = spaces.Discrete(2), spaces.Box(-1, 1, (2,))

    domain = Bare(bare.folder)
    monkeypatch.setattr(Bare, "make", lambda self, task, mode: Steering())
    with pytest.raises(DomainError, match=r"among Discrete\(n\), counted from 0"):
        _ = domain.action_names


def test_practice_worlds_are_the_environments(lamps: GymDomain) -> None:
    """The same episode as the environment gives, from a level of the task that was asked for."""
    worlds = lamps.training_worlds([("Lamps-v0", seed) for seed in range(40)], 3, seed=1)
    first = [tuple(view) for view in worlds.observation()["observation"]]
    starts = {lamps.make_env("Lamps-v0").reset(seed=seed)[0] for seed in range(40)}
    assert set(first) <= starts
    rewards = np.zeros(3)
    for _ in range(3):
        reward, terminated, truncated = worlds.step(np.zeros(3, dtype=np.int64))
        rewards += reward
    assert [view[0] for view in worlds.observation()["observation"]] == [0, 0, 0], "as far left as one can go"
    assert not (terminated | truncated).any()
    assert [worlds.task_of(n) for n in range(3)] == ["Lamps-v0"] * 3
    with pytest.raises(DomainError, match="no levels of it"):
        worlds.start(np.array([0]), ["Else-v0"])


def test_two_folders_of_one_name_are_two_domains(lamps: GymDomain, tmp_path: Path) -> None:
    write_domain_folder(tmp_path / "lamps")
    assert load_domain(tmp_path / "lamps").folder == tmp_path / "lamps"


def test_the_reference_has_every_field() -> None:
    """What an author may set or write stands in docs/domains.md."""
    page = (Path(__file__).parents[2] / "docs" / "domains.md").read_text(encoding="utf-8")
    own = {name for name in vars(GymDomain) if not name.startswith("_")}
    follows = {
        "feature_spec", "encoder", "costed_model", "static_part", "read_state", "read_costs", "number_of", "subgoal",
        "tasks", "make_env", "stack", "belief", "training_levels", "training_worlds", "scripted_controller",
    }  # fmt: skip
    named = (own - follows) | {"missions", "learner", "table", "training", "closing"}
    assert not [name for name in sorted(named) if f"`{name}" not in page]
