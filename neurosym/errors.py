"""Every error this package raises on purpose, drawn as one tree.

NeurosymError                 anything a user can put right; the message is one clear line
├── PlanningError             the symbolic half
│   ├── PddlError             broken or unsupported PDDL; carries file, line, column
│   ├── PlanTextError         a plan file that is not in the IPC form
│   └── EngineError           an unknown engine, or one that is not installed
├── MissionError              words that do not parse to a goal; carries the part not understood
├── DomainError               a world that cannot be found, loaded or bound
│   └── UnavailableTaskError  a task whose environment cannot start; carries the reason
├── UnknownNameError          a task, domain or engine nobody knows; carries the nearest names
├── LanguageModelError        a language model that gives no answer: unreachable, over its budget, not in the cache
├── CheckpointError           weights that are corrupt, foreign, or made for another network
└── DeviceError               an accelerator that is not here
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

__all__ = [
    "CheckpointError",
    "DeviceError",
    "DomainError",
    "EngineError",
    "LanguageModelError",
    "MissionError",
    "NeurosymError",
    "PddlError",
    "PlanTextError",
    "PlanningError",
    "UnavailableTaskError",
    "UnknownNameError",
]


class NeurosymError(Exception):
    """Base of every error a user can put right."""


class PlanningError(NeurosymError):
    """The symbolic half could not do what was asked."""


class PddlError(PlanningError):
    """PDDL that cannot be read.

    Args:
        message: what is wrong and what was expected, without the place.
        path: the file, or None for text that came from no file.
        line: 1-based, 0 when unknown.
        column: 1-based, 0 when unknown.
        source: the offending line as written.
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        line: int = 0,
        column: int = 0,
        source: str = "",
    ) -> None:
        self.message, self.path, self.line, self.column, self.source = message, path, line, column, source
        place = ":".join(str(part) for part in (path or "<text>", line or "", column or "") if part)
        super().__init__(f"{place}: {message}" + (f": {source.strip()}" if source.strip() else ""))


class PlanTextError(PlanningError):
    """A plan that is not written in the IPC form."""


class EngineError(PlanningError):
    """A planning engine that is unknown, missing or broken."""


class MissionError(NeurosymError):
    """Words that do not parse to a goal.

    Args:
        message: what was expected.
        mission: the whole text.
        fragment: the part that was not understood.
    """

    def __init__(self, message: str, *, mission: str = "", fragment: str = "") -> None:
        self.mission, self.fragment = mission, fragment
        super().__init__(message)


class DomainError(NeurosymError):
    """A world that cannot be found, loaded or bound to its model."""


class UnavailableTaskError(DomainError):
    """A task whose environment cannot start here; the message is the reason."""


class UnknownNameError(NeurosymError):
    """A name nobody knows.

    Args:
        kind: what was looked for, such as "task".
        name: what was given.
        known: every name that would have been right.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        folded = {known_name.lower(): known_name for known_name in names}
        close = difflib.get_close_matches(name.lower(), folded, n=3, cutoff=0.5)
        self.kind, self.name, self.nearest = kind, name, tuple(folded[match] for match in close)
        hint = f"; nearest: {', '.join(self.nearest)}" if self.nearest else f"; known: {', '.join(names[:8])}"
        super().__init__(f"unknown {kind} {name!r}{hint}")


class LanguageModelError(NeurosymError):
    """A language model that gives no answer; the message is one line and holds no key.

    Args:
        calls: requests that reached the network for this all the same.
    """

    def __init__(self, message: str, *, calls: int = 0) -> None:
        self.calls = calls
        super().__init__(message)


class CheckpointError(NeurosymError):
    """Weights that cannot be used: corrupt, foreign, or made for another network."""


class DeviceError(NeurosymError):
    """A device to compute on that is not here; the message says which are."""
