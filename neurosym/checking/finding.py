"""What a check finds: where, how bad, what is wrong and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosym.checking.codes import CODES, Severity

__all__ = ["Finding", "Sheet", "did_you_mean", "in_order"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or may be.

    Attributes:
        code: one of `CODES`.
        line, column: 1-based.
        source: the line as written; empty if there is none.
        suggestion: what to do about it, in one line; empty if there is nothing better to say than `CODES` does.
    """

    code: str
    file: Path
    line: int
    column: int
    message: str
    suggestion: str = ""
    source: str = ""

    @property
    def severity(self) -> Severity:
        return CODES[self.code].severity

    @property
    def why(self) -> str:
        """Why it matters."""
        return CODES[self.code].why

    def as_record(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "severity": self.severity.value,
            "code": self.code,
            "file": str(self.file),
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "suggestion": self.suggestion or CODES[self.code].mend,
        }


@dataclass(frozen=True, slots=True)
class Sheet:
    """A text and the file it came from."""

    path: Path
    text: str

    def find(self, code: str, offset: int, message: str, suggestion: str = "") -> Finding:
        """A finding at an offset of the text."""
        start = self.text.rfind("\n", 0, offset) + 1
        return self.find_at(code, self.line_of(offset), offset - start + 1, message, suggestion)

    def find_at(self, code: str, line: int, column: int, message: str, suggestion: str = "") -> Finding:
        """A finding at a line and column, both 1-based."""
        lines = self.text.splitlines()
        source = lines[line - 1] if 0 < line <= len(lines) else ""
        return Finding(code, self.path, line, column, message, suggestion, source)

    def line_of(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion of the names that look most like it, or of those there are."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"there are: {', '.join(names[:8])}" if names else ""


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file and place, each once."""
    rank = {"domain.pddl": 0, "missions.toml": 2, "domain.py": 3}
    return sorted(
        dict.fromkeys(findings),
        key=lambda item: (rank.get(item.file.name, 1), str(item.file), item.line, item.column, item.code),
    )
