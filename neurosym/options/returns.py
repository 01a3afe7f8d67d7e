"""Returns: generalised advantages over per-step discounts, and what a step inside a plan of options is paid.

Arrays are time-major, [T, N]. `discount_t` is the weight of whatever follows step t, as in dm_env and rlax:
gamma inside an option, 0 after a terminal step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PayRule", "gae", "normalise"]


def gae(
    reward_t: NDArray[np.float32],
    discount_t: NDArray[np.float32],
    value_t: NDArray[np.float32],
    value_tp1: NDArray[np.float32],
    lam: float,
) -> NDArray[np.float32]:
    """Generalised advantage estimates (Schulman et al. 2016, equation 16), with a discount for every step.

    Args:
        reward_t: float32[T, N], paid for step t.
        discount_t: float32[T, N], in [0, 1]; 0 cuts what follows, both the value and the later advantages.
        value_t: float32[T, N], of the state in which step t was taken.
        value_tp1: float32[T, N], of the state that step t led to; not looked at where the discount is 0.
        lam: lambda in [0, 1]; 0 trusts the values, 1 the rewards.

    Returns:
        float32[T, N]; added to `value_t` they are the targets of the value (TD(lambda)).

    Raises:
        ValueError: the shapes differ or lambda is out of range.
    """
    shapes = {array.shape for array in (reward_t, discount_t, value_t, value_tp1)}
    if len(shapes) != 1 or reward_t.ndim != 2:
        raise ValueError(f"reward, discount and values must share one shape [T, N], got {sorted(shapes)}")
    if not 0.0 <= lam <= 1.0:
        raise ValueError(f"lambda must lie in [0, 1], got {lam}")
    following = np.where(discount_t == 0, np.float32(0), value_tp1)
    advantage = reward_t + discount_t * following - value_t
    trace_t = discount_t * np.float32(lam)
    for t in range(len(advantage) - 2, -1, -1):
        advantage[t] += trace_t[t] * advantage[t + 1]
    return advantage


def normalise(
    advantage: NDArray[np.float32], least: float = 0.0, valid: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """Mean 0 and deviation 1 over a rollout (Huang et al. 2022, detail 7, does so by minibatch).

    Args:
        advantage: float32[...].
        least: what is divided by at least. Where nothing has been paid yet, advantages are the errors of the value
            alone; made as large as those of a reward, they teach habits instead of leaving the policy to its entropy.
        valid: int64[...], the rows, of a flat array, that mean and deviation are of; all, if None.

    Returns:
        float32[...].
    """
    chosen = advantage if valid is None else advantage[valid]
    deviation = max(chosen.std() + np.float32(1e-8), np.float32(least))
    return (advantage - chosen.mean()) / deviation


@dataclass(frozen=True, slots=True)
class PayRule:
    """What the steps of options that follow one another in a plan are paid.

    A step that ends an option well is paid 1 - kappa and its successor is discounted by kappa * gamma, so
    that the value of the option's last state looks ahead into the rest of the plan. The step that ends the
    task well is paid 1. Everything else is paid nothing. docs/learning.md derives what follows from this.

    Attributes:
        gamma: discount of one primitive step, in (0, 1].
        kappa: share of an option's success that is earned by what comes after it, in [0, 1]. 0 is the classic
            local option (Sutton, Precup & Singh 1999, section 6), which stops caring at its own subgoal; at 1
            only the end of the task is paid.
        reward_scale: what everything is paid is multiplied by. A network's first values are wrong by a few tenths,
            whatever rewards are: the larger these are, the sooner they stand out.

    Raises:
        ValueError: a number is out of range.
    """

    gamma: float = 0.99
    kappa: float = 0.9
    reward_scale: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 < self.gamma <= 1.0:
            raise ValueError(f"gamma must lie in (0, 1], got {self.gamma}")
        if not 0.0 <= self.kappa <= 1.0:
            raise ValueError(f"kappa must lie in [0, 1], got {self.kappa}")
        if not self.reward_scale > 0.0:
            raise ValueError(f"reward_scale must be positive, got {self.reward_scale}")

    def pay(
        self,
        achieved: NDArray[np.bool_],
        finished: NDArray[np.bool_],
        failed: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
        value_final: NDArray[np.float32],
        duration: NDArray[np.int64] | int = 1,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Rewards and discounts, float32 in the shape of the masks, of transitions with these outcomes.

        Where several hold, `finished` goes before `failed`, and `failed` before `achieved`.

        Args:
            achieved: the option in hand reached its subgoal and the plan goes on.
            finished: the task ended well.
            failed: an end that is nobody's time limit: the task ended badly, or the agent broke what its
                option rested on.
            truncated: a time limit cut the episode, and the next state recorded belongs to another one.
            value_final: the value of the last observation before the cut, in the step of the plan that is
                then in hand; looked at only where `truncated`.
            duration: primitive steps that the transition took, k >= 1: a semi-MDP's discount is gamma ** k,
                and what its last step is paid counts gamma ** (k - 1) at its first.
        """
        ended = finished | failed
        passed = achieved & ~ended
        reward = np.where(finished, 1.0, np.where(passed, 1.0 - self.kappa, 0.0))
        discount = np.where(ended, 0.0, np.where(passed, self.kappa * self.gamma, self.gamma))
        elapsed = self.gamma ** (np.asarray(duration) - 1.0)
        reward, discount = self.reward_scale * reward * elapsed, discount * elapsed
        cut = truncated & ~ended
        reward = reward + np.where(cut, discount * value_final, 0.0)
        return reward.astype(np.float32), np.where(cut, 0.0, discount).astype(np.float32)
