"""Reading a chat completion, streamed or whole, as data from a stranger: bounded, its shape not trusted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from neurosym.language.noreply import NoReplyError

__all__ = ["Heard", "read_completion", "well_formed"]

_MOST_COUNTED = 10**9


@dataclass
class Heard:
    """What was read.

    Attributes:
        texts: of each sample, well-formed Unicode, cut where it grew too long.
        prompt_tokens, completion_tokens: as the server counts them; 0 where it does not say, or says nonsense.
    """

    texts: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int


@dataclass
class _Sample:
    """One text as it grows."""

    parts: list[str] = field(default_factory=list)
    size: int = 0
    finished: bool = False
    overran: bool = False

    @property
    def ended(self) -> bool:
        return self.finished or self.overran

    def add(self, text: str, most_tokens: int, most_bytes: int) -> None:
        """One more piece; in a stream it is one token at least."""
        self.parts.append(text)
        self.size += len(text.encode("utf-8", "replace"))
        self.overran = len(self.parts) > most_tokens or self.size > most_bytes


def well_formed(text: str) -> str:
    """`text` with halves of characters put together, and a mark in the place of what is none."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_completion(blocks: Iterable[bytes], *, samples: int, most_tokens: int, most_bytes: int) -> Heard:
    """The texts in a response.

    Args:
        blocks: the body as it arrives; no more of it is read than is needed.
        samples: how many replies were asked for; others are not looked at.
        most_tokens, most_bytes: of each text; what goes on beyond is cut.

    Raises:
        NoReplyError: it is no chat completion, it ended half-way, or reading it failed.
    """
    found = [_Sample() for _ in range(samples)]
    usage: dict[str, Any] = {}
    try:
        for event in _events(blocks):
            usage = _mapping(event.get("usage")) or usage
            for choice in _mappings(event.get("choices")):
                _collect(choice, found, most_tokens, most_bytes)
            if any(sample.overran for sample in found) and all(sample.ended for sample in found):
                break
        else:
            for sample in found:
                sample.finished = True
    except NoReplyError:
        if not any(sample.ended for sample in found):
            raise
    texts = [well_formed("".join(sample.parts)) for sample in found if sample.ended and sample.parts]
    if not texts:
        raise NoReplyError("sent no text; is it a chat model?")
    cut = (text.encode()[:most_bytes].decode(errors="ignore") for text in texts)
    return Heard(tuple(cut), _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _collect(choice: dict[str, Any], found: list[_Sample], most_tokens: int, most_bytes: int) -> None:
    index = choice.get("index", 0)
    if not isinstance(index, int) or not 0 <= index < len(found):
        return
    sample = found[index]
    text = (_mapping(choice.get("delta")) or _mapping(choice.get("message"))).get("content")
    if isinstance(text, str) and text and not sample.overran:
        sample.add(text, most_tokens, most_bytes)
    sample.finished = sample.finished or bool(choice.get("finish_reason"))


def _events(blocks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Each JSON object of a stream, or the one that is the whole body.

    Raises:
        NoReplyError: something else was sent, or the stream ended before its last word.
    """
    lines = _lines(blocks)
    first = next((line for line in lines if line.strip()), b"")
    if first.startswith((b"{", b"[")):
        yield _parse(b"\n".join([first, *lines]))
        return
    if first and not first.startswith((b"data:", b"event:", b"id:", b"retry:", b":")):
        raise NoReplyError(f"sent something that is no chat completion: {_quote(first)}")
    for line in chain([first], lines):
        if line.startswith(b"data:"):
            data = line.removeprefix(b"data:").strip()
            if data == b"[DONE]":
                return
            yield _parse(data)
    raise NoReplyError("ended its reply half-way", passing=True)


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of the body, split at line feeds alone, for those cannot stand inside JSON."""
    rest = bytearray()
    for block in blocks:
        *ended, tail = block.split(b"\n")
        for part in ended:
            yield bytes(rest + part)
            rest.clear()
        rest += tail
    yield bytes(rest)


def _parse(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode("utf-8", "replace"))
    except RecursionError:
        raise NoReplyError("sent JSON that is nested too deep") from None
    except ValueError:
        raise NoReplyError(f"sent something that is not JSON: {_quote(data)}") from None
    if not isinstance(value, dict):
        raise NoReplyError(f"sent JSON that is no chat completion: {_quote(data)}")
    if value.get("error"):
        raise NoReplyError(f"reported an error: {_quote(data)}")
    return value


def _quote(data: bytes) -> str:
    return json.dumps(data.decode("utf-8", "replace"), ensure_ascii=False)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[dict[str, Any]]:
    return [_mapping(entry) for entry in value] if isinstance(value, list) else []


def _count(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value <= _MOST_COUNTED else 0
