"""What a law is, and how a broken one is reported."""

from __future__ import annotations

import traceback
import unittest
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from neurosym.errors import NeurosymError

__all__ = ["SHOWN", "BrokenLaw", "Law", "Missing", "law", "tell", "uphold"]

SHOWN = 3  # findings of one law; those after them are seldom news

S = TypeVar("S")


@dataclass(frozen=True)
class Law(Generic[S]):
    """Something that every domain keeps to.

    Attributes:
        name: as failures call it.
        meaning: one sentence or a few.
        findings: what in the samples of a domain goes against it, one line each; nothing if it is kept.
    """

    name: str
    meaning: str
    findings: Callable[[S], Iterator[str]]


def law(name: str, meaning: str) -> Callable[[Callable[[S], Iterator[str]]], Law[S]]:
    """Make a law of a function that finds what goes against it."""
    return lambda findings: Law(name, meaning, findings)


class BrokenLaw(AssertionError):  # noqa: N818  said as people say it
    """A domain does not keep to a law; one line.

    Args:
        name: of the law.
        findings: what goes against it.
    """

    def __init__(self, name: str, *findings: str) -> None:
        self.name, self.findings = name, findings
        super().__init__(f'Law "{name}" is broken: {"; and ".join(findings)}')


class Missing(Exception):  # noqa: N818
    """What several laws look at cannot be had; the law called `name` says so, the others cannot be judged."""

    def __init__(self, name: str, finding: str) -> None:
        self.name, self.finding = name, finding
        super().__init__(finding)


def uphold(law: Law[S], samples: S) -> None:
    """Nothing, if the samples keep to the law.

    Raises:
        BrokenLaw: they do not.
        unittest.SkipTest: that cannot be judged, since another law is broken that it builds on.
    """
    found: list[str] = []
    try:
        for finding in law.findings(samples):
            found += [finding] if finding not in found else []
            if len(found) == SHOWN:
                break
    except Missing as missing:
        if not found and missing.name != law.name:
            unjudged = f'Law "{law.name}" cannot be judged while law "{missing.name}" is broken'
            raise unittest.SkipTest(f"{unjudged}: {missing.finding}") from missing
        raise BrokenLaw(law.name, *(found or [missing.finding])) from missing.__cause__
    except Exception as error:
        raise BrokenLaw(law.name, *found, tell(error)) from error
    if found:
        raise BrokenLaw(law.name, *found)


def tell(error: BaseException) -> str:
    """An exception in one line; with the place that raised it, where it is not the user's mistake."""
    if isinstance(error, NeurosymError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{place}"
