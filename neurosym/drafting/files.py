"""The files of a draft: their names are ours, their text is a stranger's and is only ever read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neurosym.language.reply import UnfitReplyError, read_object
from neurosym.language.words import printable

__all__ = ["FILES", "SCHEMA", "read_files", "write_files"]

FILES = {"domain.pddl": 24_000, "p01.pddl": 24_000, "missions.toml": 12_000}
"""Each file with the most characters that it may have."""

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in FILES},
    "required": list(FILES),
    "additionalProperties": False,
}

_MOST_BYTES = 65_536  # of a reply
_MOST_SHOWN = 40  # characters of a name told in a message


def read_files(reply: str) -> dict[str, str]:
    """The text of each of `FILES`, from a reply that is one JSON object of them.

    Raises:
        UnfitReplyError: there is no such object, a file is missing, too long or not text, or there is another one.
    """
    found = read_object(reply, _MOST_BYTES)
    for name in found:
        if name not in FILES:
            strange = printable(name, _MOST_SHOWN)
            raise UnfitReplyError(f'there is no place for a file "{strange}"; write {", ".join(FILES)}')
    return {name: _check_text(name, found.get(name)) for name in FILES}


def _check_text(name: str, text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise UnfitReplyError(f"{name} is missing, empty or not a text")
    if len(text) > FILES[name]:
        raise UnfitReplyError(f"{name} has {len(text)} characters; at most {FILES[name]} are read")
    strange = next((letter for letter in text if not letter.isprintable() and letter not in "\n\r\t"), None)
    if strange is not None:
        raise UnfitReplyError(f"{name} holds {strange!a}, which cannot be printed")
    return "\n".join(text.splitlines()) + "\n"


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write those of `FILES` that there are, and nothing else."""
    for name in FILES:
        if name in files:
            (folder / name).write_text(files[name], encoding="utf-8")
