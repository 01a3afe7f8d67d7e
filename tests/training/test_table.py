"""Tables that learn options."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosym import load
from neurosym.domain import load_domain
from neurosym.errors import DomainError
from neurosym.evaluation import TaskResult, evaluate
from neurosym.kit import GymDomain
from neurosym.options import QTable, load_table
from neurosym.scaffold import write_domain_folder
from neurosym.training import TrainingConfig, train
from neurosym.training.table import TablePractice

FRAMES = 3000


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> GymDomain:
    folder = tmp_path_factory.mktemp("tables") / "lamps"
    write_domain_folder(folder)
    domain = load_domain(folder)
    assert isinstance(domain, GymDomain)
    return domain


@pytest.fixture(scope="module")
def run(lamps: GymDomain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    config = TrainingConfig(snapshots=(1000,))
    events = list(train(lamps, frames=FRAMES, out=out, config=config, provenance={"commit": "abc"}))
    assert events[-1].frames == FRAMES
    assert all(a.frames <= b.frames for a, b in pairwise(events))
    return out


def play(domain: GymDomain, weights: Path, episodes: int = 20) -> TaskResult:
    *_, result = evaluate(load(domain, weights), domain, domain.training_tasks, episodes=episodes)
    assert isinstance(result, TaskResult)
    return result


def test_options_become_optimal(lamps: GymDomain, run: Path) -> None:
    """From cell c: c steps to the lever, a pull, eight to the lamp, and a match."""
    result = play(lamps, run / "weights")
    assert result.success_rate == 1.0
    starts = [lamps.make_env("Lamps-v0").reset(seed=seed)[0][0] for seed in result.seeds]
    assert result.mean_steps == np.mean(starts) + 1 + 8 + 1


def test_it_depends_on_its_seed_alone(lamps: GymDomain, run: Path, tmp_path: Path) -> None:
    list(train(lamps, frames=FRAMES, out=tmp_path))
    for mine, theirs in zip(load_table(run)[0].tables(), load_table(tmp_path)[0].tables(), strict=True):
        assert np.array_equal(mine, theirs)


def test_what_was_done_is_written_down(lamps: GymDomain, run: Path) -> None:
    table, meta = load_table(run / "weights", lamps.feature_spec)
    assert (meta["domain"], meta["frames"], meta["commit"]) == ("lamps", FRAMES, "abc")
    assert json.loads((run / "config.json").read_text())["table"]["gamma"] == table.config.gamma
    assert load_table(run / "at-1000")[1]["frames"] == 1000
    assert table.remembered["(walk lever lamp)"] == 8.0
    assert meta["metrics"]["success_rate"] > 0.9


def test_a_run_goes_on(lamps: GymDomain, tmp_path: Path) -> None:
    list(train(lamps, frames=200, out=tmp_path))
    visits = load_table(tmp_path)[0].visits.sum()
    *_, last = train(lamps, frames=500, out=tmp_path, resume=True)
    assert last.frames == 500
    assert load_table(tmp_path)[1]["frames"] == 500
    assert load_table(tmp_path)[0].visits.sum() > visits


def test_stopping_saves(lamps: GymDomain, tmp_path: Path) -> None:
    events: Any = train(lamps, frames=10_000_000, out=tmp_path)
    while not next(events).frames:
        pass
    events.close()
    assert 0 < load_table(tmp_path / "weights")[1]["frames"] < 10_000_000


def test_a_world_without_plans_is_refused(
    lamps: GymDomain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(lamps), "atoms", lambda self, observation: ())
    with pytest.raises(DomainError, match="nothing to practise, there is no plan"):
        list(train(lamps, frames=5000, out=tmp_path))


def practise_taxi(goals: int) -> TablePractice:
    domain = load_domain("taxi")
    tasks = domain.training_tasks[:1]
    worlds = domain.training_worlds([(tasks[0], seed) for seed in range(20)], 1, seed=0)
    table = QTable(domain.feature_spec, replace(domain.table, goals=goals))
    return TablePractice(domain, worlds, table, tasks, seed=0, episode_limit=50)


def test_subgoals_that_are_forgotten_are_not_learned_from() -> None:
    practice = practise_taxi(goals=2)
    for _ in range(300):
        practice.step()
        assert len(practice._goals) <= 2
    assert practice.executive.counters.plans > 2


def test_an_option_goes_on_where_one_like_it_was_learned() -> None:
    """Else what was forgotten would be worth more than what is known, and options would run after it."""
    practice = practise_taxi(goals=2)
    tell, table, interrupted = practice._lesson, practice.table, []

    def note(goal: bytes, won: bool, lost: bool) -> Any:
        reward, discount, following = tell(goal, won, lost)
        if 0 < reward < 1:
            interrupted.append(table.knows(following))
        return reward, discount, following

    practice._lesson = note  # type: ignore[method-assign]
    for _ in range(1500):
        practice.step()
    assert interrupted, "nothing was interrupted, so nothing is shown"
    assert not any(interrupted)


def test_an_end_that_is_rewarded_is_what_the_last_step_was_for(
    lamps: GymDomain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sees that the lamp is lit, since the episode is over by then."""
    say = type(lamps).atoms
    unseen = lambda self, observation: [atom for atom in say(self, observation) if atom != ("lit",)]  # noqa: E731
    monkeypatch.setattr(type(lamps), "atoms", unseen)
    list(train(lamps, frames=FRAMES, out=tmp_path))
    assert play(lamps, tmp_path / "weights").success_rate == 1.0
