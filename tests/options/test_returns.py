from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neurosym.options import PayRule, gae
from neurosym.options.returns import normalise

SHARE = st.floats(0.0, 1.0)


def slow_gae(reward, discount, value_t, value_tp1, lam, t, n):
    """The definition: temporal differences, each weighted by all the discounts before it."""
    total, weight = 0.0, 1.0
    for later in range(t, len(reward)):
        bootstrap = value_tp1[later, n] if discount[later, n] > 0 else 0.0
        total += weight * (reward[later, n] + discount[later, n] * bootstrap - value_t[later, n])
        weight *= discount[later, n] * lam
    return total


@st.composite
def rollouts(draw):
    shape = (draw(st.integers(1, 7)), draw(st.integers(1, 3)))
    numbers = hnp.arrays(np.float32, shape, elements=st.floats(-2, 2, width=32))
    discounts = hnp.arrays(np.float32, shape, elements=st.sampled_from([0.0, 0.5, 0.9, 1.0]))
    return draw(numbers), draw(discounts), draw(numbers), draw(numbers), draw(SHARE)


@settings(deadline=None)
@given(rollouts())
def test_gae_agrees_with_its_definition(rollout):
    reward, discount, value_t, value_tp1, lam = rollout
    expected = [
        [slow_gae(reward, discount, value_t, value_tp1, lam, t, n) for n in range(reward.shape[1])]
        for t in range(len(reward))
    ]
    advantage = gae(reward, discount, value_t, value_tp1, lam)
    assert advantage.dtype == np.float32
    np.testing.assert_allclose(advantage, expected, atol=1e-4)


@settings(deadline=None)
@given(rollouts())
def test_gae_leaves_its_inputs_alone(rollout):
    arrays, lam = rollout[:4], rollout[4]
    copies = [array.copy() for array in arrays]
    gae(*arrays, lam)
    assert all(np.array_equal(array, copy) for array, copy in zip(arrays, copies, strict=True))


def column(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)[:, None]


def test_lambda_one_gives_the_discounted_return_and_lambda_zero_one_difference():
    reward, discount = column(1, 2, 4), column(0.5, 0.5, 0.0)
    value_t, value_tp1 = column(10, 20, 30), column(20, 30, 99)
    assert gae(reward, discount, value_t, value_tp1, 1.0)[0, 0] == 1 + 0.5 * 2 + 0.25 * 4 - 10
    assert gae(reward, discount, value_t, value_tp1, 0.0)[0, 0] == 1 + 0.5 * 20 - 10


def test_nothing_leaks_through_a_discount_of_zero_not_even_garbage():
    reward, discount = column(1, 1), column(0.0, 0.9)
    advantage = gae(reward, discount, column(0.25, 0), column(np.nan, 2), 0.95)
    assert advantage[0, 0] == 0.75


@pytest.mark.parametrize("wrong", range(4))
def test_gae_refuses_unequal_shapes(wrong):
    arrays = [np.zeros((3, 2), np.float32) for _ in range(4)]
    arrays[wrong] = np.zeros((3, 1), np.float32)
    with pytest.raises(ValueError, match="one shape"):
        gae(*arrays, 0.9)


def test_gae_refuses_one_axis_and_a_lambda_out_of_range():
    flat, square = np.zeros(3, np.float32), np.zeros((3, 2), np.float32)
    with pytest.raises(ValueError, match=r"\[T, N\]"):
        gae(flat, flat, flat, flat, 0.9)
    with pytest.raises(ValueError, match="lambda"):
        gae(square, square, square, square, 1.5)


def test_advantages_are_normalised_over_valid_rows():
    rows = np.array([0, 2, 3])
    normal = normalise(np.array([1, 1e6, 2, 3], np.float32), valid=rows)
    assert normal.dtype == np.float32
    assert normal[rows].mean() == pytest.approx(0, abs=1e-6)
    assert normal[rows].std() == pytest.approx(1, abs=1e-6)


def test_equal_advantages_do_not_divide_by_zero():
    assert normalise(np.full((3, 2), 2, np.float32)).tolist() == [[0, 0]] * 3


def test_small_advantages_stay_small_where_a_least_deviation_is_set():
    errors = np.array([-0.01, 0.01], np.float32)
    assert normalise(errors, 0.1) == pytest.approx([-0.1, 0.1])
    assert normalise(100 * errors, 0.1) == pytest.approx([-1, 1])


@pytest.mark.parametrize(
    ("gamma", "kappa"), [(0.0, 0.5), (1.01, 0.5), (0.9, -0.1), (0.9, 1.1), (np.nan, 0.5)]
)
def test_pay_rule_refuses_numbers_out_of_range(gamma, kappa):
    with pytest.raises(ValueError, match="must lie in"):
        PayRule(gamma, kappa)


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan])
def test_pay_rule_refuses_scales_that_are_not_positive(scale):
    with pytest.raises(ValueError, match="reward_scale must be positive"):
        PayRule(reward_scale=scale)


GAMMA, KAPPA = 0.5, 0.75
OUTCOMES = {
    # achieved, finished, failed, truncated -> reward, discount, where the final value is 0.8
    (0, 0, 0, 0): (0.0, GAMMA),
    (1, 0, 0, 0): (1 - KAPPA, KAPPA * GAMMA),
    (0, 1, 0, 0): (1.0, 0.0),
    (1, 1, 0, 0): (1.0, 0.0),
    (0, 0, 1, 0): (0.0, 0.0),
    (1, 0, 1, 0): (0.0, 0.0),
    (1, 1, 1, 0): (1.0, 0.0),
    (0, 0, 0, 1): (GAMMA * 0.8, 0.0),
    (1, 0, 0, 1): (1 - KAPPA + KAPPA * GAMMA * 0.8, 0.0),
    (0, 1, 0, 1): (1.0, 0.0),
    (0, 0, 1, 1): (0.0, 0.0),
}


@pytest.mark.parametrize(("outcome", "expected"), OUTCOMES.items())
def test_every_outcome_is_paid_as_written(outcome, expected):
    masks = [np.array([bool(part)]) for part in outcome]
    reward, discount = PayRule(GAMMA, KAPPA).pay(*masks, np.array([0.8], np.float32))
    assert reward.dtype == discount.dtype == np.float32
    assert (reward[0], discount[0]) == pytest.approx(expected)


def test_the_final_value_is_looked_at_only_where_truncated():
    no, some = np.array([False, False]), np.array([False, True])
    reward, _ = PayRule().pay(no, no, no, some, np.array([np.nan, 1.0], np.float32))
    assert reward.tolist() == pytest.approx([0.0, 0.99])
    reward, _ = PayRule().pay(no, no, some, np.array([False, True]), np.array([np.nan, np.nan], np.float32))
    assert reward.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_scale_makes_all_values_larger_alike(outcome):
    """What follows a cut is a value, and has the scale already."""
    masks = [np.array([bool(part)]) for part in outcome]
    final = np.array([0.8], np.float32)
    reward, discount = PayRule(GAMMA, KAPPA).pay(*masks, final)
    scaled, same = PayRule(GAMMA, KAPPA, 10.0).pay(*masks, 10 * final)
    assert scaled == pytest.approx(10 * reward)
    assert same == discount


def single_steps(rule, k, outcome, final):
    """The return of k single steps, the last with this outcome, backed up one by one."""
    none = np.zeros(1, np.bool_)
    value = final
    for step in reversed(range(k)):
        masks = outcome if step == k - 1 else (none,) * 4
        reward, discount = rule.pay(*masks, np.array([final], np.float32))
        value = reward[0] + discount[0] * value
    return value


@settings(deadline=None)
@given(
    outcome=st.sampled_from(list(OUTCOMES)),
    k=st.integers(1, 12),
    gamma=st.floats(0.5, 1.0),
    kappa=SHARE,
    final=SHARE,
)
def test_a_transition_of_k_steps_is_worth_k_single_steps(outcome, k, gamma, kappa, final):
    rule = PayRule(gamma, kappa)
    masks = tuple(np.array([bool(part)]) for part in outcome)
    reward, discount = rule.pay(*masks, np.array([final], np.float32), np.array([k]))
    assert reward[0] + discount[0] * final == pytest.approx(single_steps(rule, k, masks, final), abs=1e-5)


@settings(deadline=None)
@given(outcome=st.sampled_from(list(OUTCOMES)), k=st.integers(1, 50), gamma=st.floats(0.01, 1.0), kappa=SHARE)
def test_values_stay_between_0_and_1(outcome, k, gamma, kappa):
    """The backup maps [0, 1] into itself: it is affine and monotone, so its ends tell."""
    masks = [np.array([bool(part)]) for part in outcome]
    for value in (0.0, 1.0):
        reward, discount = PayRule(gamma, kappa).pay(*masks, np.array([value], np.float32), k)
        assert 0.0 <= reward[0] + discount[0] * value <= 1.0 + 1e-6
