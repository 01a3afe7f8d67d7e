"""What a report must be told beside the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["ReportFacts"]


@dataclass(frozen=True)
class ReportFacts:
    """Where the cells come from, and what was asked of them.

    Attributes:
        command: what was typed; commit: None outside a checkout.
        started: when, for people to read.
        versions: of the libraries and of Python, by name.
        question: one sentence.
        baseline: the method that the others are compared with.
        subject: the method whose comparison answers the question; if empty, the first that is not the baseline.
        changes: what each method changes, in a few words, where that is known; also the order of the methods.
        runs: command, commit and version of everything that was typed for this folder, the last one included.
    """

    command: str
    commit: str | None
    version: str
    started: str
    versions: Mapping[str, str]
    question: str
    baseline: str
    subject: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    runs: Sequence[Mapping[str, str | None]] = ()
