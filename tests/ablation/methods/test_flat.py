"""Methods without a plan: what they are told, and that no plan is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosym.ablation.cell import play_cell
from neurosym.ablation.methods import Trial
from neurosym.ablation.methods.bonus import COUNT_SCALE, CountBonus, DistillationBonus
from neurosym.ablation.methods.flat import FlatGuide, ViewAndWords, goal_and_words
from neurosym.ablation.methods.practised import Practised
from neurosym.ablation.methods.tellers import Goals, Words
from neurosym.ablation.methods.view import MOST_DEVIATIONS
from neurosym.domain import load_domain
from neurosym.options import Rollout
from neurosym.planning import EmbeddedPlanner
from neurosym.planning.cache import PlanCache
from tests.worlds import ALLEY, alley

BELIEF = ALLEY.feature_spec
ALL = np.ones(1, np.bool_)
KINDS = 6  # in an alley's dense features: the kind of the target, of the next one, where both lie
TAKE, RING = 2, 3


@pytest.fixture
def no_planner(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a plan was asked for")

    monkeypatch.setattr(EmbeddedPlanner, "plan", refuse)
    monkeypatch.setattr(PlanCache, "plan", refuse)


@pytest.mark.parametrize("name", ["flat", "flat-raw", "flat-count", "flat-rnd", "random-order"])
@pytest.mark.usefixtures("no_planner")
def test_no_plan_is_made(name: str, order: Any, tmp_path: Path) -> None:
    record = play_cell(order(name), tmp_path)
    assert record.status == "done"
    assert (record.spent.plans, record.spent.planning_seconds) == (0, 0.0)
    assert not any(episode.error for episode in record.episodes)


@pytest.mark.usefixtures("no_planner")
def test_the_plan_guided_agent_does_ask(order: Any, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="a plan was asked for"):
        play_cell(order("full"), tmp_path)


def told(level: Any, actions: list[int], trial: Trial, tellers: Any = goal_and_words) -> list[Any]:
    """The features before each action and after the last."""
    guide, world = FlatGuide(trial, None, tellers), alley.Alleys([level], 1)
    guide.begin(ALL, world.observation())
    seen = [guide.features()]
    for action in actions:
        world.step(np.array([action]))
        outcome = guide.update(np.array([action]), world.observation())
        assert not any((outcome.achieved, outcome.fresh, outcome.overdue, outcome.finished, outcome.meddled))
        seen.append(guide.features())
    return seen


def test_the_goal_is_told_where_a_step_would_be(trial: Trial) -> None:
    level = alley.draw("$.o", "ring the bell, then fetch the coin")
    seen = told(level, [alley.RIGHT, alley.RIGHT, alley.USE], trial)
    kinds = [features.dense[0, :KINDS].argmax() for features in seen]
    assert kinds == [RING, RING, RING, TAKE]
    assert all(features.dense[0, KINDS] == 1 for features in seen), "and nothing of what comes next"


def test_what_was_not_seen_is_not_told(trial: Trial) -> None:
    features, *_ = told(alley.draw("b..", "fetch the coin", coin=0), [], trial)
    assert features.dense[0, 0] == 1, "no target: the coin is in the box"


@pytest.mark.filterwarnings("ignore:.*is out of date")
def test_any_task_of_minigrid_can_be_told(trial: Trial) -> None:
    domain, rng = load_domain("minigrid"), np.random.default_rng(0)
    for task in (task.id for task in domain.tasks() if task.available):
        guide = FlatGuide(replace(trial, domain=domain, task=task), None, goal_and_words)
        env = domain.make_env(task)
        for seed in (0, 1):
            observation, _ = env.reset(seed=seed)
            guide.begin(ALL, domain.stack([observation]))
            for action in rng.integers(domain.feature_spec.actions, size=8).tolist():
                observation, _, terminated, truncated, _ = env.step(action)
                guide.update(np.array([action]), domain.stack([observation]))
                guide.features()
                if terminated or truncated:
                    break
        env.close()


def test_the_belief_is_told_as_the_belief_tells_it(trial: Trial) -> None:
    belief = ALLEY.belief(1)
    world = alley.Alleys([alley.draw("$.o", "fetch the coin")], 1)
    belief.begin(ALL, world.observation())
    goals = Goals(ALLEY, belief, 1)
    goals.begin(ALL, world.observation())
    features, *_ = told(world.playing[0], [], trial)
    sparse, dense = belief.features(goals.subgoals)
    np.testing.assert_array_equal(features.sparse[:, : BELIEF.width], sparse)
    np.testing.assert_array_equal(features.dense, dense)


def test_the_mission_is_told_in_words(trial: Trial) -> None:
    words = Words(2, 4)
    missions = {"mission": ["ring the bell", "fetch the coin"]}
    words.begin(np.ones(2, np.bool_), missions)
    rows, _ = words.features(np.arange(2))
    assert [np.count_nonzero(row) for row in rows] == [6, 6]
    assert len({*rows[0].tolist()} & {*rows[1].tolist()}) == 1 + 2, "nothing, `the`, and `the` as second word"
    assert rows.max() < words.spec.rows


def test_long_missions_are_cut() -> None:
    words = Words(1, 4)
    words.begin(ALL, {"mission": ["ring the bell, then " * 100]})
    assert np.count_nonzero(words.features(np.arange(1))[0]) == words.spec.width


def test_words_that_say_nothing_known_are_told_all_the_same(trial: Trial) -> None:
    features, *_ = told(alley.draw("$.o", "dance", deeds=(alley.IN_HAND,)), [], trial)
    assert features.dense[0, 0] == 1
    assert np.count_nonzero(features.sparse[0, BELIEF.width :]) == 2


def test_the_raw_view_is_what_the_environment_returns(trial: Trial) -> None:
    level = alley.draw("$.o", "fetch the coin", start=1)
    features, *_ = told(level, [], trial, ViewAndWords(trial))
    image = alley.Alleys([level], 1).observation()["image"]
    np.testing.assert_array_equal(
        features.dense, np.clip(image, 0, MOST_DEVIATIONS)
    )  # nothing was counted yet
    assert np.count_nonzero(features.sparse) == 6, "the words"


def test_who_plays_hears_of_numbers_as_who_practises(trial: Trial) -> None:
    """What is seen in practice is counted, what is seen in play is not."""
    tellers, worlds = ViewAndWords(trial), alley.Alleys([alley.draw("$.o", "fetch the coin")], 8)
    practising, playing = FlatGuide(trial, worlds, tellers), FlatGuide(trial, None, tellers)
    seen = worlds.observation()
    first = {key: value[:1] for key, value in seen.items()}
    playing.begin(ALL, first)
    before = playing.features().dense
    playing.update(np.zeros(1, np.int64), first)
    np.testing.assert_array_equal(playing.features().dense, before)
    practising.begin(np.ones(8, np.bool_), seen)
    after = playing.features().dense
    assert not np.array_equal(after, before)
    np.testing.assert_array_equal(after, practising.features().dense[:1])


def test_rare_views_are_paid_more(trial: Trial) -> None:
    bonus = CountBonus(trial)
    image = np.zeros((trial.config.worlds, alley.IMAGE), np.uint8)
    first = bonus({"image": image})
    image[0, 0] = 1
    then = bonus({"image": image})
    assert first[0] == pytest.approx(COUNT_SCALE / 8**0.5)
    assert then[:2] == pytest.approx([COUNT_SCALE, COUNT_SCALE / 15**0.5])


@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_a_bonus_is_scaled_like_a_reward(scale: float, trial: Trial) -> None:
    config = replace(trial.config, reward_scale=scale)
    worlds = config.worlds
    practised = Practised(trial, config=config, bonus=lambda _: np.full(worlds, 0.25, np.float32))
    rollout = Rollout(BELIEF, config.steps, worlds)
    practised.practice.fill(rollout)
    going_on = (rollout.discount > 0) & (rollout.reward < scale * 0.3)
    assert going_on.any()
    assert rollout.reward[going_on] == pytest.approx(scale * 0.25)


def test_what_is_seen_often_is_foretold(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurosym.ablation.methods.bonus.LEARNING_RATE", 1e-2)
    bonus = DistillationBonus(trial)
    image = np.zeros((trial.config.worlds, alley.IMAGE), np.uint8)
    for _ in range(50):
        bonus({"image": image})
    image[0] = 3
    paid = bonus({"image": image})
    assert paid[0] > 5 * paid[1] > 0
