"""What a learner must remember between two updates, beside the weights: tensors by name, and plain facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from neurosym.errors import CheckpointError

__all__ = ["TrainingState"]


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
