"""The choice among options: what a choice has brought, and that the better one is learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurosym.ablation.methods import Trial
from neurosym.ablation.methods.meta import Choice, MetaController, MetaExecutive, practise_with_choices
from neurosym.options import Features, FeatureSpec, PPOConfig, Rollout
from tests.worlds import ALLEY, alley

SPEC = FeatureSpec(rows=4, width=1, dense=0, actions=1)
ROWS = Features(np.array([[1], [2], [3]], np.int32), np.zeros((3, 0), np.float32))  # two options, and none
GAMMA = 0.9


def test_the_better_option_is_learned() -> None:
    controller, rng = MetaController(SPEC, (8,), PPOConfig(learning_rate=0.02), 0), np.random.default_rng(0)
    for _ in range(30):
        choices = [controller.choose(ROWS, rng) for _ in range(64)]
        for choice in choices:
            choice.reward, choice.last = float(choice.taken == 1), True
        controller.learn([[choice, controller.choose(ROWS, rng)] for choice in choices], 0.0)
    later = [controller.choose(ROWS, rng) for _ in range(100)]
    assert np.mean([choice.taken for choice in later]) > 0.95
    assert later[0].value == pytest.approx(1.0, abs=0.2)


def test_nothing_is_learned_from_what_is_not_over() -> None:
    controller = MetaController(SPEC, (8,), PPOConfig(), 0)
    before = controller.network.policy.weight.clone()
    controller.learn([[controller.choose(ROWS, np.random.default_rng(0))]], 0.0)
    assert controller.network.policy.weight.equal(before)


def test_what_follows_counts() -> None:
    controller = MetaController(SPEC, (8,), PPOConfig(gae_lambda=1.0), 0)
    first = Choice(ROWS, 0, 0.0, value=0.2, discount=0.5)
    second = Choice(ROWS, 0, 0.0, value=0.3, reward=1.0, last=True)
    other = Choice(ROWS, 0, 0.0, value=9.0)
    assert controller._advantages([first, second, other]) == pytest.approx([0.5 * 1.0 - 0.2, 0.7])


def guide(count: int, trial: Trial) -> MetaExecutive:
    made: Any = practise_with_choices(trial).practice.executive
    return MetaExecutive(ALLEY, count, controller=made.controller, gamma=GAMMA)


@pytest.mark.parametrize(("solved", "reward"), [(True, GAMMA**2), (False, 0.0)])
def test_the_end_is_paid_by_how_long_it_took(solved: bool, reward: float, trial: Trial) -> None:
    executive, world = guide(2, trial), alley.Alleys([alley.draw("b.......o", "ring the bell")], 2)
    executive.begin(np.ones(2, np.bool_), world.observation())
    for _ in range(3):
        world.step(np.full(2, alley.RIGHT))
        executive.update(np.full(2, alley.RIGHT), world.observation())
    over = np.array([True, False])
    executive.close(over, over & solved, ~over)
    done, going_on = (trail[-1] for trail in executive.take_trails())
    assert (done.age, done.last, done.discount) == (3, True, 0.0)
    assert done.reward == pytest.approx(reward)
    assert not going_on.last
    executive.begin(over, world.observation())
    assert [len(trail) for trail in executive.trails] == [2, 1]


def test_a_choice_that_is_followed_by_another_is_discounted_by_its_age(trial: Trial) -> None:
    practised = practise_with_choices(trial)
    executive: Any = practised.practice.executive
    practised.practice.fill(Rollout(ALLEY.feature_spec, 8, 8))
    trails = executive.take_trails()
    over = [choice for trail in trails for choice in trail[:-1]]
    assert over
    for choice in over:
        assert choice.age > 0
        if choice.last:
            assert choice.discount == 0.0
        else:
            assert choice.discount == pytest.approx(trial.config.gamma**choice.age)
            assert choice.reward == 0.0
        assert 0 <= choice.taken < len(choice.features) - 1
