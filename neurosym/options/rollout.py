"""What a batch of worlds went through between two updates: preallocated, time-major arrays. numpy only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.options.features import Features, FeatureSpec

__all__ = ["Rollout"]


class Rollout:
    """T steps of N worlds, filled step by step and then handed to the learner; used again for the next one.

    Args:
        allocate: makes an array of zeros of this shape and dtype; for memory that another process shares.

    Attributes:
        sparse, dense: int32[T, N, K] and float32[T, N, D], what was seen before each step.
        action, log_prob: int64[T, N] and float32[T, N], what was done and how likely it was then.
        value: float32[T + 1, N]; the last row is of the states after the last step, see `close`.
        reward, discount: float32[T, N], as `PayRule.pay` gives them.
        valid: bool[T, N], False until paid; False leaves a step out of the loss, for one the policy did not
            decide. Advantages still run through it as its reward and discount say.
    """

    def __init__(
        self, spec: FeatureSpec, steps: int, worlds: int, allocate: Callable[..., NDArray[Any]] = np.zeros
    ) -> None:
        self.spec, self.steps, self.worlds = spec, steps, worlds
        shape = (steps, worlds)
        self.sparse = allocate((*shape, spec.width), np.int32)
        self.dense = allocate((*shape, spec.dense), np.float32)
        self.action = allocate(shape, np.int64)
        self.log_prob = allocate(shape, np.float32)
        self.value = allocate((steps + 1, worlds), np.float32)
        self.reward = allocate(shape, np.float32)
        self.discount = allocate(shape, np.float32)
        self.valid = allocate(shape, np.bool_)

    def features(self, t: int) -> Features:
        """The features of step t, as views: a belief may write them in place."""
        return Features(self.sparse[t], self.dense[t])

    def decide(
        self,
        t: int,
        features: Features,
        action: NDArray[np.int64],
        log_prob: NDArray[np.float32],
        value: NDArray[np.float32],
    ) -> None:
        """Records what was seen before step t and what `NetworkController.act_with_values` made of it.

        Args:
            features: copied, unless they are the views that `features(t)` gives, filled in place.

        Raises:
            ValueError: the features do not fit, or are not of N states.
        """
        self.spec.check(features)
        if len(features) != self.worlds:
            raise ValueError(f"{len(features)} states for a rollout of {self.worlds} worlds")
        _put(features.sparse, self.sparse[t])
        _put(features.dense, self.dense[t])
        self.action[t], self.log_prob[t], self.value[t] = action, log_prob, value

    def pay(
        self,
        t: int,
        reward: NDArray[np.float32],
        discount: NDArray[np.float32],
        valid: NDArray[np.bool_] | bool = True,
    ) -> None:
        """Records what step t brought."""
        self.reward[t], self.discount[t], self.valid[t] = reward, discount, valid

    def close(self, value: NDArray[np.float32]) -> None:
        """Records the values, float32[N], of the states after the last step."""
        self.value[-1] = value


def _put(array: NDArray[Any], place: NDArray[Any]) -> None:
    """Copies, unless `array` is that very memory already."""
    if (
        array.strides != place.strides
        or array.__array_interface__["data"] != place.__array_interface__["data"]
    ):
        place[...] = array
