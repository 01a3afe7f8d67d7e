"""A problem's canonical form: what is left of it when its objects have no names."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import TypeAlias

from neurosym.symbols import PlanningDomain, Problem

__all__ = ["CanonicalForm", "canonical_form"]

Row: TypeAlias = tuple[tuple[str | float | bool, ...], tuple[str, ...]]
_APART = 1
CanonicalForm: TypeAlias = tuple["_DomainKey", tuple[str, ...], frozenset[tuple[object, ...]]]


def canonical_form(problem: Problem) -> tuple[CanonicalForm, tuple[str, ...]]:
    """The form, and the problem's objects in the form's order.

    Problems of equal form are equal once the objects are renamed position by position.
    """
    rows = list(_rows(problem))
    types = {item.name: item.type for item in problem.objects}
    shaded = [(_shade(head), args) for head, args in rows]
    colours = _refine({name: _shade((kind,)) for name, kind in types.items()}, shaded)
    while (tied := _first_tie(colours)) is not None:
        colours = _refine({**colours, tied: hash((colours[tied], _APART))}, shaded)
    order = tuple(sorted(colours, key=colours.__getitem__))
    number = {name: position for position, name in enumerate(order)}
    body = frozenset((head, *[number.get(arg, arg) for arg in args]) for head, args in rows)
    return (_DomainKey(problem.domain), tuple(types[name] for name in order), body), order


class _DomainKey:
    """A domain hashed by its name: hashing all of it would cost more than the search it saves."""

    __slots__ = ("_domain",)

    def __init__(self, domain: PlanningDomain) -> None:
        self._domain = domain

    def __hash__(self) -> int:
        return hash(self._domain.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _DomainKey) and (
            self._domain is other._domain or self._domain == other._domain
        )


def _rows(problem: Problem) -> Iterable[Row]:
    """Everything a problem says, as (what is said, of which names)."""
    for atom in problem.init:
        yield (atom.predicate,), atom.args
    for term, value in problem.costs:
        yield (term.predicate, "=", value), term.args
    for position, part in enumerate(problem.goal.alternatives):
        yield ("goal", position), ()
        for literal in part:
            yield ("goal", position, literal.atom.predicate, literal.positive), literal.atom.args


@lru_cache(maxsize=65_536)
def _shade(words: tuple[str | float | bool, ...]) -> int:
    """A number for some words. Python's own hash of a string differs from one process to the next."""
    return int.from_bytes(blake2b(repr(words).encode(), digest_size=7).digest(), "big")


def _refine(colours: dict[str, int], rows: list[tuple[int, tuple[str, ...]]]) -> dict[str, int]:
    """Tell objects apart by what is said of them and of whom they are said with, until that tells no more apart."""
    classes = len(set(colours.values()))
    while True:
        sums = dict.fromkeys(colours, 0)
        for head, args in rows:
            shades = hash((head, *[colours[arg] if arg in colours else _shade((arg,)) for arg in args]))
            for position, arg in enumerate(args):
                if arg in sums:
                    sums[arg] += hash((shades, position))
        colours = {name: hash((colour, sums[name])) for name, colour in colours.items()}
        found = len(set(colours.values()))
        if found == classes:
            return colours
        classes = found


def _first_tie(colours: dict[str, int]) -> str | None:
    """An object of the first colour that several objects have; which of them is left to chance."""
    seen: dict[int, str] = {}
    tied: dict[int, str] = {}
    for name, colour in colours.items():
        if colour in seen:
            tied[colour] = seen[colour]
        seen.setdefault(colour, name)
    return tied[min(tied)] if tied else None
