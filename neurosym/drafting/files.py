"""The files of a draft: their names are ours, their text is a stranger's and is only ever read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["FILES", "SCHEMA", "ReplyError", "read_files", "write_files"]

FILES = {"domain.pddl": 32_000, "p01.pddl": 32_000, "missions.toml": 16_000}
"""Each file with the most characters that it may have."""

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in FILES},
    "required": list(FILES),
    "additionalProperties": False,
}

_MOST_REPLY = 2 * sum(FILES.values())  # characters; JSON may write one as two
_MOST_SHOWN = 40  # characters of a reply told in a message


class ReplyError(ValueError):
    """A reply that does not hold the files; the message is one line for the model."""


def read_files(reply: str) -> dict[str, str]:
    """The text of each of `FILES`, from a JSON object that may stand in other text.

    Raises:
        ReplyError: there is no such object, a file is missing, too long or not text, or there is another one.
    """
    if len(reply) > _MOST_REPLY:
        raise ReplyError(f"the reply has {len(reply)} characters; at most {_MOST_REPLY} are read")
    found = _read_object(reply)
    for name in found:
        if name not in FILES:
            raise ReplyError(f"there is no place for a file {_brief(name)}; write {', '.join(FILES)}")
    return {name: _check_text(name, found.get(name)) for name in FILES}


def _read_object(reply: str) -> dict[str, Any]:
    body = reply[reply.find("{") : reply.rfind("}") + 1]
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep"
        raise ReplyError(f"the reply is not a JSON object: {why}") from None
    if not isinstance(found, dict):
        raise ReplyError("the reply is not a JSON object")
    return found


def _check_text(name: str, text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ReplyError(f"{name} is missing, empty or not a text")
    if len(text) > FILES[name]:
        raise ReplyError(f"{name} has {len(text)} characters; at most {FILES[name]} are read")
    strange = next((letter for letter in text if not letter.isprintable() and letter not in "\n\r\t"), None)
    if strange is not None:
        raise ReplyError(f"{name} holds {strange!a}, which cannot be printed")
    return "\n".join(text.splitlines()) + "\n"


def _brief(text: str) -> str:
    return f"{text[:_MOST_SHOWN]!a}" + "…" * (len(text) > _MOST_SHOWN)


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write those of `FILES` that there are, and nothing else."""
    for name in FILES:
        if name in files:
            (folder / name).write_text(files[name], encoding="utf-8")
