"""Settings of the learner, each with its origin. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PPOConfig"]


@dataclass(frozen=True, slots=True)
class PPOConfig:
    """Settings of the learner. "Huang" is Huang et al. 2022, "The 37 implementation details of PPO".

    Attributes:
        learning_rate: of Adam at the start; measured here, see docs/learning.md.
        final_learning_rate: share of it left at the end; annealing is linear (Huang, detail 4).
        epochs: passes over a rollout; measured here.
        minibatch: rows of one gradient step; measured here.
        gae_lambda: 0.95 (Schulman et al. 2017, table 5; Huang, detail 5).
        clip: 0.2 (Schulman et al. 2017, table 1).
        value_coefficient: 0.5; the value loss is not clipped (Huang, details 9 and 10).
        entropy_coefficient: 0.01 (Mnih et al. 2016, section 8; Huang, detail 10).
        max_gradient_norm: 0.5, over all parameters (Huang, detail 11).
        adam_epsilon: 1e-5 (Huang, detail 3).

    Raises:
        ValueError: a setting is out of range.
    """

    learning_rate: float = 2e-3
    final_learning_rate: float = 0.1
    epochs: int = 3
    minibatch: int = 2048
    gae_lambda: float = 0.95
    clip: float = 0.2
    value_coefficient: float = 0.5
    entropy_coefficient: float = 0.01
    max_gradient_norm: float = 0.5
    adam_epsilon: float = 1e-5

    def __post_init__(self) -> None:
        for name in ("learning_rate", "epochs", "minibatch", "clip", "max_gradient_norm", "adam_epsilon"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        for name in ("final_learning_rate", "gae_lambda"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must lie in [0, 1], got {getattr(self, name)}")
        for name in ("value_coefficient", "entropy_coefficient"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
