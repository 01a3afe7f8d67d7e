"""Settings of the learner, each with its origin. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PPOConfig", "TableConfig"]


@dataclass(frozen=True, slots=True)
class PPOConfig:
    """Settings of the learner. "Huang" is Huang et al. 2022, "The 37 implementation details of PPO".

    Attributes:
        learning_rate: of Adam at the start; measured here, see docs/learning.md.
        final_learning_rate: share of it left at the end; annealing is linear (Huang, detail 4).
        epochs: passes over a rollout; measured here.
        minibatch: rows of one gradient step; measured here.
        gae_lambda: 0.95 (Schulman et al. 2017, table 5; Huang, detail 5).
        least_deviation: advantages are divided by their deviation, and by no less than this; 0, as elsewhere. Measured
            for flat methods that learn from few frames, see docs/ablation-methods.md.
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
    least_deviation: float = 0.0
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
        for name in ("least_deviation", "value_coefficient", "entropy_coefficient"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")

    def learning_rate_at(self, progress: float) -> float:
        """The learning rate when `progress`, in [0, 1], of the training run is behind.

        Raises:
            ValueError: progress is out of range.
        """
        if not 0.0 <= progress <= 1.0:
            raise ValueError(f"progress must lie in [0, 1], got {progress}")
        return self.learning_rate * (1.0 - progress * (1.0 - self.final_learning_rate))


@dataclass(frozen=True, slots=True)
class TableConfig:
    """Settings of tabular Q-learning.

    Attributes:
        gamma: discount of one primitive step, in (0, 1).
        learning_rate: how far the first visits of a state and action move its value; 1 suits a world without chance.
        decay: the n-th visit moves it by `learning_rate` / n ** decay; 0 in a world without chance, and 0.85 is what
            Even-Dar & Mansour 2003, "Learning Rates for Q-learning", section 4, find best in one with it.
        epsilon: share of actions drawn at random while practising; 0.1 (Sutton & Barto 2018, section 2.3).
        goals: how many of the latest subgoals learn from each step, whichever of them it was taken for
            (intra-option learning: Sutton, Precup & Singh 1998, "Intra-option learning about temporally abstract
            actions").
        interruption: primitive steps that it is worth when an option has left its initiation set, so that what to do is
            planned anew; a slip is a delay where an end is a loss. Ours.

    Raises:
        ValueError: a setting is out of range.
    """

    gamma: float = 0.95
    learning_rate: float = 1.0
    decay: float = 0.0
    epsilon: float = 0.1
    goals: int = 64
    interruption: float = 4.0

    def __post_init__(self) -> None:
        if not 0.0 < self.gamma < 1.0:
            raise ValueError(f"gamma must lie in (0, 1), got {self.gamma}")
        if not 0.0 < self.learning_rate <= 1.0:
            raise ValueError(f"learning_rate must lie in (0, 1], got {self.learning_rate}")
        for name in ("decay", "epsilon"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must lie in [0, 1], got {getattr(self, name)}")
        if not self.interruption >= 0:
            raise ValueError(f"interruption must not be negative, got {self.interruption}")
        if self.goals < 1:
            raise ValueError(f"goals must be at least 1, got {self.goals}")
