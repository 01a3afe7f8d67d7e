"""Settings of a training run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from neurosym.options.config import PPOConfig
from neurosym.seeds import EVALUATION_SEED

__all__ = ["TrainingConfig"]


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of a training run.

    Attributes:
        worlds: N, stepped side by side; measured here: beyond 512 an update needs more frames, not less time.
        steps: T, primitive steps of each world between two updates.
        hidden: widths of the network's layers.
        controller: what options are told: typed arguments, or the instruction's text alone.
        levels: seeds of levels for each task; at least 1, and no more than there are for training. Some seeds make the
            same level.
        episode_limit: primitive steps after which a practice episode is cut, if its task does not cut it before.
        gamma, kappa, reward_scale: see `PayRule`; a `Bonus` is scaled like a reward.
        planning_effort: of the planner while practising, see `EmbeddedPlanner`; less than when it counts, since plans
            that are a little longer give as much practice.
        snapshots: frames after which the weights are kept as they are then, in `at-FRAMES`, to see how results grow.
        checkpoint_frames: how often the run is saved. Counted in frames and not in seconds: saving waits for the
            learner, so that other weights act next, and a run should depend on its seed alone.

    Raises:
        ValueError: the number of levels is out of range, or there is no such controller.
    """

    worlds: int = 512
    steps: int = 32
    hidden: tuple[int, ...] = (256, 128)
    controller: Literal["typed", "text"] = "typed"
    levels: int = 1000
    episode_limit: int = 300
    gamma: float = 0.98
    kappa: float = 0.5
    reward_scale: float = 1.0
    planning_effort: int = 10_000
    snapshots: tuple[int, ...] = ()
    checkpoint_frames: int = 500_000
    ppo: PPOConfig = field(default_factory=PPOConfig)

    def __post_init__(self) -> None:
        if not 1 <= self.levels <= EVALUATION_SEED:
            raise ValueError(f"levels must lie between 1 and {EVALUATION_SEED}, got {self.levels}")

        if self.controller not in ("typed", "text"):
            raise ValueError(f"controller must be typed or text, got {self.controller!r}")

    def level_seeds(self, seed: int) -> range:
        """As many level seeds in a row; runs of different seeds share none while there are enough."""
        first = seed * self.levels % (EVALUATION_SEED - self.levels + 1)
        return range(first, first + self.levels)
