"""What a learner must remember between two updates, beside the weights: tensors by name, and plain facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from neurosym.errors import CheckpointError
from neurosym.options.network import OptionNetwork

__all__ = ["TrainingState", "adam_state", "load_adam_state"]

_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Saved beside the weights so that a run can go on.

    Attributes:
        tensors: Adam's, named `exp_avg/policy.weight` and so on.
        facts: anything that JSON can hold.
    """

    tensors: dict[str, torch.Tensor] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def learner_facts(self) -> tuple[int, dict[str, Any]]:
        """The update counter and the state of the generator; CheckpointError if they are not to be had."""
        try:
            updates, state = int(self.facts["updates"]), dict(self.facts["rng"])
            np.random.default_rng().bit_generator.state = state
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"training state: no usable counter and generator: {error}") from error
        return updates, state


def adam_state(adam: torch.optim.Adam, network: OptionNetwork) -> dict[str, torch.Tensor]:
    """Copies of Adam's moments and step counters by parameter; empty before the first step."""
    return {
        f"{moment}/{name}": adam.state[parameter][moment].clone()
        for name, parameter in network.named_parameters()
        if parameter in adam.state
        for moment in _MOMENTS
    }


def load_adam_state(adam: torch.optim.Adam, network: OptionNetwork, tensors: dict[str, torch.Tensor]) -> None:
    """Puts what `adam_state` gave into `adam`; CheckpointError, and nothing changed, if it does not fit."""
    shapes = {
        f"{moment}/{name}": () if moment == "step" else tuple(parameter.shape)
        for name, parameter in network.named_parameters()
        for moment in _MOMENTS
    }
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if found and found != shapes:
        odd = sorted(name for name in shapes.keys() | found.keys() if shapes.get(name) != found.get(name))
        raise CheckpointError(f"training state of another network: {odd[0]} is {found.get(odd[0])}")
    adam.state.clear()
    for name, parameter in network.named_parameters() if found else ():
        adam.state[parameter] = {moment: tensors[f"{moment}/{name}"].clone() for moment in _MOMENTS}
