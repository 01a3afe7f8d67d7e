"""Controllers turn features into primitive actions. Learned and random ones here, scripted in domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from neurosym.options.features import Features
from neurosym.options.hearing import HearingSpec

if TYPE_CHECKING:
    from neurosym.options.network import OptionNetwork

__all__ = ["Controller", "NetworkController", "RandomController"]


@runtime_checkable
class Controller(Protocol):
    """Chooses a primitive action for each state of a batch."""

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        """int64[N], one action for each of the N states; all chance comes from `rng`."""
        ...


class RandomController:
    """Every action equally likely, whatever the features say: the floor that a comparison needs."""

    def __init__(self, actions: int) -> None:
        self.actions = actions

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        return rng.integers(self.actions, size=len(features))


class NetworkController:
    """Acts by a network's policy.

    Args:
        temperature: divides the logits; 1 is the policy as trained, 0 takes the likeliest action.

    Raises:
        ValueError: the temperature is negative.
    """

    def __init__(self, network: OptionNetwork, temperature: float = 1.0) -> None:
        if temperature < 0:
            raise ValueError(f"temperature must not be negative, got {temperature}")
        self.network, self.temperature = network, temperature

    @property
    def hearing(self) -> HearingSpec | None:
        """What the network can take in, if it hears words; None if it goes by typed arguments."""
        return self.network.hearing

    def act(self, features: Features, rng: np.random.Generator) -> NDArray[np.int64]:
        logits, _ = self.network.evaluate(features)
        return logits.argmax(1) if self.temperature == 0 else _sample(logits / self.temperature, rng)[0]

    def act_with_values(
        self, features: Features, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
        """For training: actions [N] drawn at temperature 1, their log-probabilities [N], the values [N]."""
        logits, values = self.network.evaluate(features)
        return *_sample(logits, rng), values


def _sample(
    logits: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Draws from softmax(logits) and tells the log-probabilities of what was drawn.

    Exponential variables of rates w race, and each is first with a chance in proportion to its w; the Gumbel
    trick without its logarithms.
    """
    shifted = logits - logits.max(1, keepdims=True)
    weights = np.exp(shifted)
    noise = np.maximum(rng.standard_exponential(logits.shape, np.float32), np.finfo(np.float32).tiny)
    actions = (weights / noise).argmax(1)
    return actions, shifted[np.arange(len(actions)), actions] - np.log(weights.sum(1))
