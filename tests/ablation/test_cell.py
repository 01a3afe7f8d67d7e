"""A cell's record depends on its order alone; nothing it is judged on was practised."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neurosym.ablation.cell import FLAT_REWARD_SCALE, FLAT_STEPS, MANY_FRAMES, play_cell
from neurosym.ablation.methods import METHODS, Contender, Method, Trial, method
from neurosym.ablation.records import CellKey, CellOrder, CellRecord
from neurosym.seeds import EVALUATION_SEED
from neurosym.training import TrainingConfig
from tests.ablation.conftest import untimed
from tests.worlds import ALLEY

Order = Callable[..., CellOrder]
ELSEWHERE = {"oracle"}  # alleys have nothing to reveal


@pytest.mark.parametrize("name", [name for name in METHODS if name not in ELSEWHERE])
def test_every_method_plays_a_cell(name: str, order: Order, tmp_path: Path) -> None:
    if name == "sb3":
        pytest.importorskip("stable_baselines3")
    record = play_cell(order(name), tmp_path)
    learned = METHODS[name].learned
    assert record.reason == ""
    told = [(point.frames, point.episodes) for point in record.curve]
    rollouts = [(1024, 3)] if name == "sb3" else [(64, 2), (128, 3)]  # it takes no shorter ones
    assert told == (rollouts if learned else [(0, 3)])
    assert [episode.seed - EVALUATION_SEED for episode in record.episodes] == [0, 1, 2]
    assert not any(episode.error for episode in record.episodes)
    assert record.curve[-1].success == sum(episode.success for episode in record.episodes) / 3
    assert (record.spent.frames >= 128) is learned
    assert record.replays
    assert all((tmp_path / page).read_text().startswith("<!") for page in record.replays)
    assert CellRecord.from_record(json.loads(json.dumps(record.as_record()))).curve == record.curve


@pytest.mark.parametrize(
    ("name", "budget", "steps", "worlds", "epochs", "scale"),
    [
        ("full", 10**5, TrainingConfig().steps, 32, 3, 1.0),
        ("flat", MANY_FRAMES - 1, FLAT_STEPS, 8, 10, FLAT_REWARD_SCALE),
        ("flat", MANY_FRAMES, FLAT_STEPS, 32, 3, FLAT_REWARD_SCALE),
    ],
)
def test_settings_go_by_the_budget(
    name: str, budget: int, steps: int, worlds: int, epochs: int, scale: float, tmp_path: Path
) -> None:
    key = CellKey(name, "MiniGrid-Empty-5x5-v0", 0)
    record = play_cell(CellOrder(key, "minigrid", frames=1, points=1, episodes=1, part_of=budget), tmp_path)
    assert record.settings is not None
    assert (record.settings["steps"], record.settings["worlds"]) == (steps, worlds)
    assert record.settings["ppo"]["epochs"] == epochs
    assert record.settings["reward_scale"] == scale
    assert record.spent.frames == steps * worlds


def test_the_beginning_of_a_cell_is_learned_as_the_whole_one_begins(order: Order, tmp_path: Path) -> None:
    whole = play_cell(order("full", frames=2048, points=6, curve_episodes=3), tmp_path)
    begun, alone = (
        play_cell(order("full", frames=1024, points=1, part_of=part_of), tmp_path) for part_of in (2048, None)
    )
    there = next(point for point in whole.curve if point.frames == 1024)
    assert replace(begun.curve[-1], seconds=there.seconds) == there
    assert begun.curve[-1].mean_steps != alone.curve[-1].mean_steps, "its learning rate falls sooner"


@pytest.mark.parametrize("name", ["full", "flat"])
def test_a_domains_own_rollouts_hold_for_all(name: str, order: Order, tmp_path: Path) -> None:
    record = play_cell(order(name), tmp_path)
    assert record.settings is not None
    assert record.settings["steps"] == ALLEY.training["steps"] != FLAT_STEPS


def test_points_lie_where_rollouts_end_each_once(order: Order, tmp_path: Path) -> None:
    record = play_cell(order("flat", frames=1024, points=8), tmp_path)
    # wanted at 91, 128, 181, 256, 362, 512, 724 and 1024; a rollout has 64 frames
    assert [point.frames for point in record.curve] == [64, 128, 192, 256, 384, 512, 704, 1024]
    record = play_cell(order("flat", frames=128, points=6), tmp_path)
    assert [point.frames for point in record.curve] == [64, 128], "no point for what was not learned"


@pytest.mark.parametrize("name", ["full", "flat", "random-order", "scrambled", "flat-rnd"])
def test_the_record_depends_on_the_order_alone(name: str, order: Order, tmp_path: Path) -> None:
    one, other = play_cell(order(name), tmp_path / "one"), play_cell(order(name), tmp_path / "other")
    assert untimed(one) == untimed(other)


def test_another_seed_learns_otherwise(order: Order, tmp_path: Path) -> None:
    one, other = (play_cell(order("flat", seed=seed), tmp_path / str(seed)) for seed in (0, 1))
    assert [episode.steps for episode in one.episodes] != [episode.steps for episode in other.episodes]


@pytest.mark.parametrize("moment", [1, 3, 5])
def test_a_cell_that_was_killed_starts_again(moment: int, order: Order, tmp_path: Path) -> None:
    told = []

    def give_up(frames: int, text: str) -> None:
        told.append(text)
        if len(told) == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play_cell(order("full"), tmp_path / "killed", give_up)
    again = play_cell(order("full"), tmp_path / "killed")
    assert untimed(again) == untimed(play_cell(order("full"), tmp_path / "whole"))


def test_what_is_judged_on_was_not_practised(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practised: list[range] = []
    real = type(ALLEY).training_levels

    def listen(self: Any, task_ids: Any, seeds: range) -> Any:
        practised.append(seeds)
        return real(self, task_ids, seeds)

    monkeypatch.setattr(type(ALLEY), "training_levels", listen)
    record = play_cell(order("flat", seed=999), tmp_path)
    assert practised
    assert max(practised[0]) < min(episode.seed for episode in record.episodes)
    with pytest.raises(ValueError, match="seeds below 1000000 are for learning"):
        play_cell(order("flat", first_seed=999_999), tmp_path)


@pytest.mark.parametrize("changes", [{"points": 0}, {"episodes": 0}, {"curve_episodes": 0}])
def test_an_order_for_nothing_is_refused(changes: dict[str, int], order: Order, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        play_cell(order("flat", **changes), tmp_path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("fulll", "fulll"), ("oracle", "the domain 'alley' cannot tell what was not seen")],
)
def test_a_method_that_cannot_run_says_why(name: str, reason: str, order: Order, tmp_path: Path) -> None:
    record = play_cell(order(name), tmp_path)
    assert record.status == "failed"
    assert reason in record.reason
    assert "\n" not in record.reason
    assert record.curve == ()


def test_options_that_nobody_wrote_are_not_played_at_random(tmp_path: Path) -> None:
    order = CellOrder(CellKey("scripted", "Taxi-v4", 0), "taxi", frames=1, points=1, episodes=1)
    record = play_cell(order, tmp_path)
    assert record.reason == "the domain 'taxi' has no options written by hand"


def test_what_is_not_installed_is_told(order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "stable_baselines3", None)
    record = play_cell(order("sb3"), tmp_path)
    assert record.status == "failed"
    assert "install neurosym-rl[bench]" in record.reason


def test_progress_is_told(order: Order, tmp_path: Path) -> None:
    told: list[tuple[int, str]] = []
    play_cell(order("flat"), tmp_path, lambda frames, text: told.append((frames, text)))
    assert told[-1] == (128, "judged on 3 of 3 levels")
    assert sorted(frames for frames, _ in told) == [frames for frames, _ in told]


def test_a_cell_can_be_sent_elsewhere(order: Order) -> None:
    assert pickle.loads(pickle.dumps(play_cell)) is play_cell
    assert pickle.loads(pickle.dumps(order("full"))) == order("full")


def test_a_method_that_raises_in_every_episode_has_failed(order: Order, tmp_path: Path) -> None:
    def make(trial: Trial) -> Contender:
        contender = METHODS["scripted"].make(trial)
        agent = contender.agent()
        agent.act = lambda obs: 1 // 0  # type: ignore[method-assign]
        contender.agent = lambda: agent  # type: ignore[method-assign]
        return contender

    record = play_cell(order("scripted"), tmp_path, method=Method("scripted", "broken", "none", make))
    assert record.status == "failed"
    assert "every one of the last episodes ended by an error" in record.reason
    assert "ZeroDivisionError" in record.reason


def test_a_method_is_added_in_a_few_lines(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neurosym.ablation.methods.registry.METHODS", {})

    @method("patient", "options are cut after 30 steps", "plan")
    def patient(trial: Trial) -> Contender:
        from dataclasses import replace

        from neurosym.ablation.methods.practised import Practised

        return Practised(trial, config=replace(trial.config, episode_limit=30))

    mine = Method("patient", "options are cut after 30 steps", "plan", patient)
    record = play_cell(order("patient"), tmp_path, method=mine)
    assert record.status == "done"
    assert record.settings is not None
    assert record.settings["episode_limit"] == 30
