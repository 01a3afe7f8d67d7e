"""Formulas against truth tables."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

import pytest

from neurosym.pddlworld.formula import (
    FALSE,
    TRUE,
    Formula,
    Junction,
    Quantified,
    TooManyError,
    alternatives,
    both,
    holds,
    instantiate,
    negate,
)
from neurosym.symbols import Atom, Literal, TypedName

ATOMS = [Atom(name) for name in "pqrst"]
STATES = [
    frozenset(atom for atom, value in zip(ATOMS, row, strict=True) if value)
    for row in product((False, True), repeat=len(ATOMS))
]


def random_formula(rng: random.Random, depth: int) -> Formula:
    if depth == 0 or rng.random() < 0.2:
        return Literal(rng.choice(ATOMS), rng.random() < 0.5)
    parts = tuple(random_formula(rng, depth - 1) for _ in range(rng.randrange(4)))
    return Junction(rng.random() < 0.5, parts)


def in_state(state: frozenset[Atom]) -> Callable[[Literal], bool]:
    return lambda literal: literal.holds(state)


FORMULAS = [random_formula(random.Random(seed), 4) for seed in range(200)]


def test_the_formulas_are_of_all_kinds() -> None:
    truth = [[holds(formula, in_state(state)) for state in STATES] for formula in FORMULAS]
    assert sum(any(row) and not all(row) for row in truth) > 60
    assert any(all(row) for row in truth)
    assert any(not any(row) for row in truth)


@pytest.mark.parametrize("formula", FORMULAS)
def test_alternatives_and_negation_mean_the_same(formula: Formula) -> None:
    ways, not_ways = alternatives(formula, 1000), alternatives(negate(formula), 1000)
    for state in STATES:
        truth = holds(formula, in_state(state))
        assert any(all(literal.holds(state) for literal in way) for way in ways) is truth
        assert any(all(literal.holds(state) for literal in way) for way in not_ways) is not truth
    assert not any(one < other for one in ways for other in ways), "no way covers another"


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_is_known_is_left_out(formula: Formula) -> None:
    known = {ATOMS[0]: True, ATOMS[1]: False}

    def judge(literal: Literal) -> bool | None:
        value = known.get(literal.atom)
        return None if value is None else value is literal.positive

    short = instantiate(formula, {}, {}, judge)
    for state in STATES:
        if ATOMS[0] in state and ATOMS[1] not in state:
            assert holds(short, in_state(state)) is holds(formula, in_state(state))
    assert not {ATOMS[0], ATOMS[1]} & atoms_of(short)


def atoms_of(formula: Formula) -> set[Atom]:
    if isinstance(formula, Literal):
        return {formula.atom}
    assert isinstance(formula, Junction)
    return set[Atom]().union(*(atoms_of(part) for part in formula.parts))


def test_quantifiers_range_over_the_objects_of_their_type() -> None:
    objects = {"object": ["a", "b", "c"], "key": ["a", "b"], "none": []}
    key = (TypedName("?k", "key"),)
    body = Literal(Atom("held", ("?k", "?x")))

    def short(formula: Formula) -> Formula:
        return instantiate(formula, {"?x": "c"}, objects, lambda literal: None)

    held = [Literal(Atom("held", (name, "c"))) for name in "ab"]
    assert short(Quantified(True, key, body)) == Junction(True, tuple(held))
    assert short(Quantified(False, key, body)) == Junction(False, tuple(held))
    nothing = (TypedName("?k", "none"),)
    assert short(Quantified(True, nothing, body)) == TRUE, "all of none"
    assert short(Quantified(False, nothing, body)) == FALSE, "any of none"
    other = Literal(Atom("=", ("?k", "a")), False)
    assert short(Quantified(False, key, both(body, other))) == held[1], "equality is settled at once"


def test_an_inner_variable_hides_an_outer_one() -> None:
    body = Quantified(False, (TypedName("?x", "key"),), Literal(Atom("held", ("?x",))))
    short = instantiate(body, {"?x": "c"}, {"key": ["a"]}, lambda literal: None)
    assert short == Literal(Atom("held", ("a",)))


def test_too_many_alternatives_are_refused() -> None:
    pairs = [Junction(False, (Literal(Atom(f"a{i}")), Literal(Atom(f"b{i}")))) for i in range(12)]
    assert len(alternatives(both(*pairs[:6]), 64)) == 64
    with pytest.raises(TooManyError):
        alternatives(both(*pairs), 64)
