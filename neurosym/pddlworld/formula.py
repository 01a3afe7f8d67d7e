"""Conditions: literals under conjunction, disjunction and quantifiers, in negation normal form.

A negation is pushed inwards where a condition is read, so that it stands before atoms only; `(imply a b)` is
`(or (not a) b)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from neurosym.symbols import Literal, TypedName

__all__ = [
    "FALSE",
    "TRUE",
    "Formula",
    "Junction",
    "Quantified",
    "TooManyError",
    "alternatives",
    "both",
    "holds",
    "instantiate",
    "negate",
]


@dataclass(frozen=True, slots=True)
class Junction:
    """All of the parts, where `every` is true, or any of them."""

    every: bool
    parts: tuple[Formula, ...] = ()

    def __str__(self) -> str:
        return f"({' '.join(['and' if self.every else 'or', *map(str, self.parts)])})"


@dataclass(frozen=True, slots=True)
class Quantified:
    """The body for every binding of the variables, where `every` is true, or for any."""

    every: bool
    variables: tuple[TypedName, ...]
    body: Formula

    def __str__(self) -> str:
        variables = " ".join(f"{variable.name} - {variable.type}" for variable in self.variables)
        return f"({'forall' if self.every else 'exists'} ({variables}) {self.body})"


Formula: TypeAlias = Literal | Junction | Quantified
TRUE, FALSE = Junction(True), Junction(False)


class TooManyError(Exception):
    """A formula has more alternatives than can be used."""


def negate(formula: Formula) -> Formula:
    """What holds exactly where `formula` does not."""
    if isinstance(formula, Literal):
        return Literal(formula.atom, not formula.positive)
    if isinstance(formula, Quantified):
        return Quantified(not formula.every, formula.variables, negate(formula.body))
    return Junction(not formula.every, tuple(negate(part) for part in formula.parts))


def both(*formulas: Formula) -> Formula:
    """The conjunction, opened where a part is one itself."""
    return _join(True, formulas)


def _join(every: bool, formulas: Iterable[Formula]) -> Formula:
    """The junction of these parts, as short as it can be said; `TRUE` and `FALSE` decide it or vanish."""
    neutral, decisive = (TRUE, FALSE) if every else (FALSE, TRUE)
    parts: dict[Formula, None] = {}
    for formula in formulas:
        if formula == decisive:
            return decisive
        opened = isinstance(formula, Junction) and formula.every is every
        parts.update(dict.fromkeys(formula.parts if opened else (formula,)))  # type: ignore[union-attr]
    if not parts:
        return neutral
    return next(iter(parts)) if len(parts) == 1 else Junction(every, tuple(parts))


def instantiate(
    formula: Formula,
    binding: Mapping[str, str],
    objects: Mapping[str, Sequence[str]],
    judge: Callable[[Literal], bool | None],
) -> Formula:
    """The formula without variables and quantifiers, simplified.

    Args:
        binding: an object for each free variable.
        objects: those of each type.
        judge: whether a ground literal always holds, never does, or None where that depends on the state.
    """
    if isinstance(formula, Literal):
        literal = formula.bind(binding)
        known = literal.holds(frozenset()) if literal.atom.predicate == "=" else judge(literal)
        return literal if known is None else TRUE if known else FALSE
    if isinstance(formula, Junction):
        return _join(formula.every, (instantiate(part, binding, objects, judge) for part in formula.parts))
    names = [variable.name for variable in formula.variables]
    rows = product(*(objects[variable.type] for variable in formula.variables))
    bindings = ({**binding, **dict(zip(names, row, strict=True))} for row in rows)
    return _join(formula.every, (instantiate(formula.body, bound, objects, judge) for bound in bindings))


def holds(formula: Formula, true: Callable[[Literal], bool]) -> bool:
    """Whether a formula without quantifiers holds where `true` says which literals do."""
    if isinstance(formula, Literal):
        return true(formula)
    assert isinstance(formula, Junction), "quantifiers are instantiated first"
    test = all if formula.every else any
    return test(holds(part, true) for part in formula.parts)


def alternatives(formula: Formula, limit: int) -> list[frozenset[Literal]]:
    """The disjunctive normal form of a formula without quantifiers; none, where it never holds.

    Raises:
        TooManyError: there are more than `limit`.
    """
    if isinstance(formula, Literal):
        return [frozenset([formula])]
    assert isinstance(formula, Junction), "quantifiers are instantiated first"
    found: dict[frozenset[Literal], None]
    if formula.every:
        found = {frozenset(): None}
        for part in sorted(formula.parts, key=lambda part: not isinstance(part, Literal)):
            pairs = product(found, alternatives(part, limit))
            found = _shortest((one | other for one, other in pairs if not _clash(one, other)), limit)
    else:
        found = _shortest((entry for part in formula.parts for entry in alternatives(part, limit)), limit)
    return list(found)


def _clash(one: frozenset[Literal], other: frozenset[Literal]) -> bool:
    return any(negate(literal) in one for literal in other)


def _shortest(entries: Iterable[frozenset[Literal]], limit: int) -> dict[frozenset[Literal], None]:
    """The entries in their order, without those that another one covers."""
    found: dict[frozenset[Literal], None] = {}
    for entry in entries:
        found[entry] = None
        if len(found) > 2 * limit:
            found = _without_covered(found, limit)
    return _without_covered(found, limit)


def _without_covered(found: dict[frozenset[Literal], None], limit: int) -> dict[frozenset[Literal], None]:
    kept: list[frozenset[Literal]] = []
    for entry in sorted(found, key=len):
        if not any(shorter <= entry for shorter in kept):
            kept.append(entry)
        if len(kept) > limit:
            raise TooManyError
    survivors = set(kept)
    return {entry: None for entry in found if entry in survivors}
