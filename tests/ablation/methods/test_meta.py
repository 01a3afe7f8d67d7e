"""The choice among options: what a choice has brought."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurosym.ablation.methods import Trial
from neurosym.ablation.methods.meta import MetaExecutive, practise_with_choices
from neurosym.options import PayRule, Rollout
from tests.worlds import ALLEY, alley

GAMMA, SCALE = 0.9, 5.0


def guide(count: int, trial: Trial) -> MetaExecutive:
    made: Any = practise_with_choices(trial).practice.executive
    rule = PayRule(GAMMA, reward_scale=SCALE)
    return MetaExecutive(ALLEY, count, controller=made.controller, rule=rule)


@pytest.mark.parametrize(("solved", "reward"), [(True, SCALE * GAMMA**2), (False, 0.0)])
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
