"""Plan-guided training: the executive says what is to be done, the learner improves how. A generator of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from neurosym.domain import Domain
from neurosym.errors import DomainError
from neurosym.options import find_device
from neurosym.training.config import TrainingConfig
from neurosym.training.events import Order, TrainingEvent

__all__ = ["TrainingConfig", "TrainingEvent", "train"]


def train(
    domain: Domain,
    tasks: Sequence[str] = (),
    *,
    frames: int,
    out: Path | str,
    resume: bool = False,
    seed: int = 0,
    config: TrainingConfig | None = None,
    device: str = "cpu",
    provenance: Mapping[str, Any] | None = None,
) -> Iterator[TrainingEvent]:
    """Train a domain's network, or its table, for all options; yields about once a second, and when all is done.

    Closing the generator saves the run first. A resumed run goes on with its weights and its learner's state; its
    worlds start afresh.

    Args:
        tasks: ids to practise on; the domain's own choice if empty.
        frames: primitive steps in all, those before a resume included.
        out: the run's folder.
        device: where the learner works, by torch's name for it: "cpu", "cuda", "cuda:1". Acting stays on the CPU.
        provenance: what is to be recorded with the weights, such as the command and the commit.

    Raises:
        CheckpointError: `resume`, and there is nothing in `out` that can be resumed.
        DeviceError: there is no such device here.
        DomainError: there is no plan in any of the worlds, and so nothing to practise; or controllers are to hear words
            where none are told.
    """
    find_device(device)  # before levels are made for nothing
    config = config or TrainingConfig(**domain.training)
    order = Order(
        domain, tuple(tasks) or domain.training_tasks, frames, Path(out), resume, seed, provenance or {}
    )
    if domain.learner == "table":
        if config.controller == "text":
            raise DomainError(f"{domain.name} learns a table, which hears no words; train a typed one")
        from neurosym.training.table import train_table

        yield from train_table(order, config)
    else:
        from neurosym.training.network import train_network

        yield from train_network(order, config, device)
