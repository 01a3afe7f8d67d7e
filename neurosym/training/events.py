"""What training tells while it goes on, whoever learns: how a run stands, and how well it goes of late."""

from __future__ import annotations

import json
from collections import Counter, defaultdict, deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from neurosym.domain import Domain

__all__ = ["EVENT_SECONDS", "Order", "Scores", "TrainingEvent", "make_levels"]

RECENT_EPISODES = 64  # of each task, over which success rates are taken
EVENT_SECONDS = 1.0


@dataclass(frozen=True)
class Order:
    """What is to be trained, on what, how long, and where it is kept; see `neurosym.training.train`."""

    domain: Domain
    tasks: Sequence[str]
    frames: int
    out: Path
    resume: bool
    seed: int
    provenance: Mapping[str, Any]

    def record(self, **settings: Any) -> dict[str, Any]:
        """The order as JSON, for `config.json` and what is saved with the weights."""
        about = {"domain": self.domain.name, "tasks": list(self.tasks), "seed": self.seed}
        return {**about, **settings, "total_frames": self.frames, **self.provenance}

    def open_folder(self, record: Mapping[str, Any]) -> None:
        """Make the run's folder, with `record` as its config.json."""
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "config.json").write_text(json.dumps(record, indent=1) + "\n")


@dataclass(frozen=True)
class TrainingEvent:
    """How a run stands.

    Attributes:
        frames: primitive steps taken, all worlds together.
        total_frames: when the run will be done.
        seconds: of training, resumed runs included; making levels is not counted.
        metrics: success_rate (of recent episodes, mean over tasks), option_success_rate, planning_share (of the
            time), frames_per_second, the learner's own, and `success/TASK` for each task.
        status: what is going on before training starts, such as "levels of Alley-v0"; empty while training.
        prepared: how far that has come, and what complete means.
    """

    frames: int
    total_frames: int
    seconds: float
    metrics: dict[str, float] = field(default_factory=dict)
    status: str = ""
    prepared: tuple[int, int] = (0, 0)


@dataclass
class Scores:
    """Successes of recent episodes, by task, and outcomes of recent options."""

    episodes: dict[str, deque[bool]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=RECENT_EPISODES))
    )
    options: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def metrics(self, outcomes: Counter[tuple[str, bool]]) -> dict[str, float]:
        """The rates; `outcomes` counts options since the run began, of which the new ones are taken."""
        rates = {f"success/{task}": float(np.mean(scores)) for task, scores in sorted(self.episodes.items())}
        fresh = outcomes - self.options
        self.options = outcomes.copy()
        achieved = sum(count for (_, good), count in fresh.items() if good)
        return {
            "success_rate": float(np.mean(list(rates.values()))) if rates else 0.0,
            "option_success_rate": achieved / max(1, fresh.total()),
            **rates,
        }


def make_levels(
    domain: Domain, tasks: Sequence[str], seeds: range, frames: int
) -> Generator[TrainingEvent, None, Any]:
    """What `training_levels` returns, and events of how far it is."""
    with closing(domain.training_levels(tasks, seeds)) as making:
        while True:
            try:
                done, total, what = next(making)
            except StopIteration as finished:
                return finished.value
            yield TrainingEvent(0, frames, 0.0, status=f"levels of {what}", prepared=(done, total))
