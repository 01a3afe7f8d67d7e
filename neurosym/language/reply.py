"""A model's reply, read as data: bounded before it is parsed, and nothing in it is ever run, imported or opened.

A reply is one JSON object. Words or a fence around it are passed over; more than one object is not.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from neurosym.language.words import printable

__all__ = ["UnfitReplyError", "read_object"]

DEPTH_LIMIT = 32
"""Brackets within brackets; a goal needs seven."""

_STARTS = 8  # opening braces outside an object that was read, before a reply counts as no JSON
_SHOWN = 40


class UnfitReplyError(ValueError):
    """A reply that does not say what was asked for; the message is one line that the model can be shown."""


def read_object(text: str, most_bytes: int) -> dict[str, Any]:
    """The JSON object in a reply.

    Raises:
        UnfitReplyError: it is too long, nested too deep, no JSON, several objects, or holds what JSON does not allow.
    """
    if len(text) > most_bytes or len(text.encode("utf-8", "surrogatepass")) > most_bytes:
        raise UnfitReplyError(f"the reply is longer than {most_bytes} bytes")
    if not text.strip():
        raise UnfitReplyError("the reply is empty")
    found: list[dict[str, Any]] = []
    reason = f"expected one JSON object, not {printable(text, _SHOWN)!r}"
    for stretch in _stretches(text):
        try:
            data = _parse(stretch)
        except UnfitReplyError as error:
            reason = str(error)
            continue
        if data not in found:
            found.append(data)
    if len(found) > 1:
        raise UnfitReplyError(f"expected one JSON object, not {len(found)}")
    if not found:
        raise UnfitReplyError(reason)
    return found[0]


def _stretches(text: str) -> Iterator[str]:
    """What lies between an opening brace and the one that closes it, one stretch after the other."""
    start = text.find("{")
    for _ in range(_STARTS):
        if start < 0:
            return
        end = _closing(text, start)
        if end is not None:
            yield text[start:end]
        elif start == text.find("{"):
            yield text[start:]  # cut off: let the parser say where
        start = text.find("{", start + 1 if end is None else end)


def _closing(text: str, start: int) -> int | None:
    """Behind the bracket that closes the one at `start`; None if there is none."""
    depth, quoted, escaped = 0, False, False
    for place in range(start, len(text)):
        character = text[place]
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
            if depth > DEPTH_LIMIT:
                raise UnfitReplyError(f"the reply is nested more than {DEPTH_LIMIT} deep")
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return place + 1
    return None


def _parse(text: str) -> dict[str, Any]:
    try:
        data = json.loads(
            text, object_pairs_hook=_without_twins, parse_constant=_refuse_number, parse_float=_finite
        )
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnfitReplyError:
        raise
    except UnicodeEncodeError:
        raise UnfitReplyError("the reply holds half of a surrogate pair, which is no character") from None
    except json.JSONDecodeError as error:
        raise UnfitReplyError(f"no JSON: {error.msg} at character {error.pos}") from None
    except ValueError:  # an integer of thousands of digits
        raise UnfitReplyError("the reply holds a number without end") from None
    return data


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise UnfitReplyError("the reply says the same key twice")
    return data


def _refuse_number(name: str) -> NoReturn:
    raise UnfitReplyError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise UnfitReplyError(f"{printable(text, _SHOWN)} is too large a number")
    return number
