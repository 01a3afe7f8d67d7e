"""What can be begun in a state, against trying every operator there is."""

from __future__ import annotations

import pytest

from neurosym.planning import parse_domain
from neurosym.planning.applicable import Facts, applicable, bindings
from neurosym.symbols import Atom, Literal, Problem, TypedName
from tests.planning.families import FAMILIES, all_operators, make_problem


@pytest.mark.parametrize("family", FAMILIES)
def test_it_is_what_trying_every_operator_finds(family: str) -> None:
    found = 0
    for seed in range(40):
        problem = make_problem(family, seed)
        slow = sorted(str(step) for step in all_operators(problem) if step.applicable(problem.init))
        fast = [str(step) for step in applicable(problem)]
        assert sorted(fast) == slow
        assert fast == [str(step) for step in applicable(problem)], "in the same order again"
        found += len(slow)
    assert found > 40


MEET = parse_domain("""
(define (domain meet)
  (:requirements :strips :typing :equality)
  (:types guest - object host - guest)
  (:constants hal - host)
  (:predicates (knows ?a ?b - guest) (here ?a - guest))
  (:action greet :parameters (?a ?b - guest) :precondition (and (here ?a) (here ?b) (not (= ?a ?b)) (not (knows ?a ?b)))
    :effect (knows ?a ?b))
  (:action muse :parameters (?a - guest) :precondition (knows ?a ?a) :effect (here ?a))
  (:action invite :parameters (?h - host ?a - guest) :precondition (knows hal ?h) :effect (here ?a)))
""")


def meeting(*facts: str) -> list[str]:
    atoms = frozenset(Atom(text.split()[0], tuple(text.split()[1:])) for text in facts)
    guests = tuple(TypedName(name, "guest") for name in ("ann", "bob"))
    goal = make_problem("hanoi", 0).goal
    return [str(step) for step in applicable(Problem(MEET, guests, atoms, goal))]


def test_equality_types_constants_and_free_parameters() -> None:
    assert meeting("here ann", "here bob", "knows ann bob") == ["(greet bob ann)"]
    assert meeting("knows ann bob", "knows bob bob") == ["(muse bob)"]
    assert meeting("knows hal hal") == [
        "(muse hal)",
        "(invite hal hal)",
        "(invite hal ann)",
        "(invite hal bob)",
    ]
    assert meeting("knows hal ann") == [], "ann is no host"


def test_no_more_than_asked_for_of_each_action() -> None:
    problem = make_problem("logistics", 3)
    every, some = list(applicable(problem)), list(applicable(problem, 1))
    assert len({step.name for step in every}) == len(some) < len(every)
    assert {str(step) for step in some} <= {str(step) for step in every}


def test_a_binding_is_gone_on_from() -> None:
    facts = Facts(frozenset([Atom("on", ("a", "b")), Atom("on", ("b", "c")), Atom("on", ("c",))]))
    chain = (Literal(Atom("on", ("?x", "?y"))), Literal(Atom("on", ("?y", "?z"))))
    assert list(bindings(chain, facts, {})) == [{"?x": "a", "?y": "b", "?z": "c"}]
    assert list(bindings(chain, facts, {"?y": "c"})) == []
    assert list(bindings(chain, facts, {"?y": "b"})) == [{"?y": "b", "?x": "a", "?z": "c"}]


def test_facts_are_in_order_however_a_set_keeps_them() -> None:
    atoms = [Atom("on", (f"a{k:02}", f"b{k % 7}")) for k in range(50)]
    facts = Facts(frozenset(atoms))
    assert list(facts.find("on", 2, (), ())) == [atom.args for atom in atoms]
    assert list(facts.find("on", 2, (1,), ("b3",))) == [atom.args for atom in atoms if atom.args[1] == "b3"]


def test_a_variable_that_stands_twice_is_one_thing() -> None:
    facts = Facts(
        frozenset(Atom("near", args) for args in [("a", "b", "a"), ("a", "a", "c"), ("b", "b", "b")])
    )
    thrice, outer = Literal(Atom("near", ("?x",) * 3)), Literal(Atom("near", ("?x", "?y", "?x")))
    assert list(bindings((thrice,), facts, {})) == [{"?x": "b"}]
    assert list(bindings((outer,), facts, {})) == [{"?x": "a", "?y": "b"}, {"?x": "b", "?y": "b"}]
    assert list(bindings((outer,), facts, {"?x": "a"})) == [{"?x": "a", "?y": "b"}]
