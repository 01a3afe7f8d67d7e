"""Oracles of the small worlds against play and against known figures; learners, measures and the page."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from benchmarks.small import page
from benchmarks.small.learners import FlatLearner, play
from benchmarks.small.measures import in_the_end, measure
from benchmarks.small.model import Model, best_success, solve, table_model, wander
from benchmarks.small.office import (
    SETTINGS,
    Counterfactual,
    curve,
    office_model,
    optimum,
    stages_of,
    state_of,
)
from benchmarks.small.qlearning import Episode, QTable
from benchmarks.small.worlds import WORLDS
from benchmarks.small_worlds import main, record
from domains.officeworld.world import STEP_LIMIT, TASKS
from neurosym.domain import load_domain

COFFEE = "OfficeWorld-Coffee-v0"


def toy(domain: str, task: str) -> tuple[gymnasium.Env, Model]:
    env = load_domain(domain).make_env(task)
    world: Any = env.unwrapped
    return env, table_model(world.P, world.initial_state_distrib)


def test_the_best_in_taxi() -> None:
    _, model = toy("taxi", load_domain("taxi").training_tasks[0])
    assert model.start @ solve(model).max(axis=0) == pytest.approx(7.93)


@pytest.mark.parametrize(
    ("task", "limit", "known"), [("FrozenLake-v1", 100, 0.744), ("FrozenLake8x8-v1", 200, 0.913)]
)
def test_the_best_on_the_lake(task: str, limit: int, known: float) -> None:
    _, model = toy("frozenlake", task)
    assert best_success(model, limit) == pytest.approx(known, abs=5e-4)
    assert best_success(model, limit) < solve(model).max(axis=0)[0] + 1e-9
    assert best_success(model, 1) == 0


def test_a_walk_of_two_steps_by_hand() -> None:
    """Action 1 moves on, action 0 stays; the second move pays."""
    moves, rewards = np.zeros((2, 2, 2)), np.zeros((2, 2))
    moves[0] = np.eye(2)
    moves[1, 0, 1] = rewards[1, 1] = 1.0
    model = Model(moves, rewards, np.array([1.0, 0.0]))
    sure = wander(model, np.array([1, 1]), 0.0, limit=10)
    assert (sure.reward, sure.length, sure.rate) == (1.0, 2.0, 0.5)
    noisy = wander(model, np.array([1, 1]), 1.0, limit=3)  # each move is made with chance 1/2
    assert noisy.reward == pytest.approx(1 / 4 + 1 / 4)
    assert noisy.rate == pytest.approx(1 / 4 / 2 + 1 / 4 / 3)
    assert noisy.length == pytest.approx(1 + 1 + 3 / 4)


@pytest.mark.parametrize("task", TASKS)
def test_the_optimum_of_the_office_is_what_playing_gives(task: str) -> None:
    model = office_model(TASKS[task])
    policy = solve(model, SETTINGS.discount).argmax(axis=0)
    table = QTable(4, replace(SETTINGS, initial=0.0), state_of, random.Random(0))
    for index, (cell, done) in enumerate(
        ((x, y), done) for x in range(12) for y in range(9) for done in stages_of(TASKS[task])
    ):
        table.of((TASKS[task].mission, cell, done))[policy[index]] = 1.0
    env = gymnasium.make(task, disable_env_checker=True)
    rng, rates = random.Random(1), []
    for seed in range(600):
        reward, length = play(env, Noisy(table, rng), seed)
        rates.append(reward / length)
    error = float(np.std(rates)) / len(rates) ** 0.5
    assert np.mean(rates) == pytest.approx(optimum(task).rate, abs=4 * error)


class Noisy:
    """Acts by a table, but now and then at random."""

    def __init__(self, table: QTable, rng: random.Random) -> None:
        self.table, self.rng = table, rng

    def reset(self, obs: Any) -> None:
        pass

    def act(self, obs: Any) -> int:
        return self.rng.randrange(4) if self.rng.random() < SETTINGS.epsilon else self.table.act(obs)


def test_published_figures_cannot_be_of_this_office() -> None:
    """No policy gets more than 1 in each shortest way, with noise or without."""
    for task, published in zip(TASKS, (0.07293, 0.03137, 0.03134, 0.02807), strict=True):
        model = office_model(TASKS[task])
        best = wander(model, solve(model, SETTINGS.discount).argmax(axis=0), 0.1, STEP_LIMIT)
        assert best.rate < published
        assert best.reward / best.length < published
    sure = wander(
        office_model(TASKS[COFFEE]), solve(office_model(TASKS[COFFEE]), 0.9).argmax(axis=0), 0.0, STEP_LIMIT
    )
    assert sure.rate == pytest.approx(1 / 15)


def test_a_time_limit_is_no_end_to_learn_from() -> None:
    table = QTable(2, SETTINGS, lambda seen: seen, random.Random(0))
    table.watch("here", 0, 0.0, "there", ended=False)
    table.watch("here", 1, 0.0, "there", ended=True)
    assert table.of("here") == [2.0 + 0.5 * (0.9 * 2.0 - 2.0), 1.0]


def test_each_step_teaches_every_stage_of_every_task() -> None:
    table = Counterfactual(4, SETTINGS, state_of, random.Random(0))
    env = gymnasium.make(COFFEE, disable_env_checker=True)
    before, _ = env.reset()
    after, *_ = env.step(0)
    table.watch(before, 0, 0.0, after, ended=False)
    learned = {(mission, done) for (mission, cell, done), values in table.values.items() if min(values) < 2.0}
    assert learned == {(task.mission, done) for task in TASKS.values() for done in stages_of(task)}


def test_a_plant_is_an_end_at_every_stage() -> None:
    table = Counterfactual(4, SETTINGS, state_of, random.Random(0))
    env = gymnasium.make(COFFEE, disable_env_checker=True)
    env.reset()
    before, *_ = env.step(1)
    plant, _, terminated, *_ = env.step(1)
    table.watch(before, 1, 0.0, plant, terminated)
    values = {values[1] for (_, cell, _), values in table.values.items() if cell == (3, 1)}
    assert values == {2.0 + 0.5 * (0.0 - 2.0)}


def test_tasks_take_turns_and_steps_are_counted() -> None:
    envs = {task: gymnasium.make(task, disable_env_checker=True) for task in TASKS}
    learner = FlatLearner("flat", envs, QTable(4, SETTINGS, state_of, random.Random(0)), seed=0)
    episodes = [*learner.learn(1000), *learner.learn(1500)]
    assert [episode.task for episode in episodes] == [list(TASKS)[n % 4] for n in range(len(episodes))]
    assert np.cumsum([episode.length for episode in episodes]).tolist() == [one.ended for one in episodes]
    assert episodes[-2].ended < 1500 <= episodes[-1].ended


def test_a_curve_has_a_point_for_every_mark() -> None:
    best = optimum(COFFEE).rate
    episodes = [Episode(COFFEE, 20, 1.0, 20), Episode(COFFEE, 25, 0.0, 45)]
    assert curve(episodes, 60, 10) == pytest.approx(
        [0, 0, 1 / 20 / best, 1 / 20 / best, 1 / 40 / best, 1 / 40 / best]
    )
    assert in_the_end(COFFEE, episodes)["success"] == 0.5


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Worlds that were hardly learned in."""
    for name, checkpoints, episodes in (("FrozenLake", (200, 400), 3), ("OfficeWorld", (200, 400), 0)):
        monkeypatch.setitem(WORLDS, name, replace(WORLDS[name], checkpoints=checkpoints, episodes=episodes))
    worlds: dict[str, Any] = {}
    for name in ("FrozenLake", "OfficeWorld"):
        players = {
            player: {0: figures}
            for who in WORLDS[name].learners
            for player, figures in measure(name, who, 0).items()
        }
        worlds[name] = {**record(WORLDS[name], players), "command": "c", "commit": "abc", "gymnasium": "1"}
    return {"worlds": worlds}


def test_everybody_is_measured_and_shown(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(small["worlds"]["OfficeWorld"]["players"]) == {"plan-guided", "flat Q-learning", "CRM"}
    assert "plan-guided, every step costs 1" in small["worlds"]["FrozenLake"]["players"]
    (tmp_path / "small.json").write_text(json.dumps(small))
    main(["--results", str(tmp_path / "small.json"), "--json"])
    assert json.loads(capsys.readouterr().out) == small
    main(["--results", str(tmp_path / "small.json")])
    shown = capsys.readouterr().out
    for word in ("plan-guided", "CRM", "HRM", "the best there is", "0.744"):
        assert word in shown


def test_the_page_has_a_place_for_every_table(small: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    copy = tmp_path / "small-worlds.md"
    copy.write_text((Path(__file__).parents[2] / "docs" / "small-worlds.md").read_text())
    page.update_page(copy, small)
    text = copy.read_text()
    assert "`c`, commit abc, Gymnasium 1." in text
    assert (tmp_path / page.PLOT).read_text().startswith("<?xml")
