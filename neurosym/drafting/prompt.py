"""What a model is told: the task, one example, the description as data, and what is wrong with what it wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from neurosym.checking import CODES, Finding
from neurosym.drafting.files import FILES, SCHEMA
from neurosym.language import ChatRequest, Message

__all__ = ["EXAMPLE", "ask_for_draft", "ask_for_repair", "say"]

EXAMPLE = {name: (Path(__file__).parent / "example" / name).read_text(encoding="utf-8") for name in FILES}
_MOST_TOKENS = 8192

_TASK = (Path(__file__).parent / "task.txt").read_text(encoding="utf-8") + json.dumps(EXAMPLE)


def ask_for_draft(description: str) -> ChatRequest:
    """The first question."""
    return _ask({"description": description})


def ask_for_repair(
    description: str, files: Mapping[str, str], findings: Sequence[Finding], rejected: Sequence[str]
) -> ChatRequest:
    """The question after a reply that was not good.

    Args:
        files: the best draft so far; empty if no reply held one.
        findings: what is wrong with it.
        rejected: what was wrong with the last reply, if it was worse than that.
    """
    asked: dict[str, object] = {"description": description}
    if files:
        asked |= {"files": dict(files), "wrong with these files": [say(finding) for finding in findings]}
    if rejected:
        asked["wrong with your last reply, which was not taken"] = list(rejected)
    return _ask({**asked, "task": "write all three files again, with everything that is wrong put right"})


def _ask(asked: Mapping[str, object]) -> ChatRequest:
    messages = (Message("system", _TASK), Message("user", json.dumps(asked)))
    return ChatRequest(messages, schema=SCHEMA, most_tokens=_MOST_TOKENS)


def say(finding: Finding) -> str:
    """A finding on one line: its place, what is wrong, what to do."""
    mend = finding.suggestion or CODES[finding.code].mend
    place = f"{finding.file}:{finding.line}:{finding.column}"
    return f"{place}: {finding.severity.value}: {finding.message}; {mend}"
