"""What PDDL is read, and what is refused by its name and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosym.errors import PddlError
from neurosym.pddlworld import read_world
from neurosym.pddlworld.formula import Junction, Quantified
from neurosym.symbols import Atom, Literal, TypedName
from tests.pddlworld.files import write_files

DECLARED = """(:types thing)
(:predicates (a ?x - thing) (b) (c))
(:functions (total-cost) - number (fuel ?x - thing) - number)
"""
PROBLEM = "(:objects t u - thing) (:init (b)) (:goal (c)))"


def action(precondition: str = "()", effect: str = "(c)") -> str:
    return f"(:action go :parameters (?x - thing)\n:precondition {precondition}\n:effect {effect}))"


def refusal(folder: Path, domain: str, problem: str = PROBLEM) -> PddlError:
    with pytest.raises(PddlError) as caught:
        read_world(*write_files(folder, domain, problem))
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("domain", "said", "line", "column"),
    [
        ("(:requirements :strips :durative-actions))", ":durative-actions", 2, 24),
        ("(:requirements :derived-predicates))", ":derived-predicates", 2, 16),
        ("(:requirements :timed-initial-literals))", ":timed-initial-literals", 2, 16),
        ("(:requirements :constraints))", ":constraints", 2, 16),
        ("(:requirements :preferences))", ":preferences", 2, 16),
        (DECLARED + "(:durative-action go :parameters ()))", ":durative-action is not supported", 5, 1),
        (DECLARED + "(:derived (c) (b)))", ":derived is not supported", 5, 1),
        (DECLARED + "(:constraints (always (b))))", ":constraints is not supported", 5, 1),
        ("(:types t) (:functions (place ?x - t) - t))", "an object fluent", 2, 41),
        (DECLARED + action("(< (fuel ?x) 3)"), "(< ...), a numeric condition,", 6, 15),
        (DECLARED + action("(and (b) (= (fuel ?x) 3))"), "a condition on a fluent's value", 6, 24),
        (DECLARED + action("(preference p (b))"), "(preference ...), a preference,", 6, 15),
        (DECLARED + action(effect="(decrease (fuel ?x) 1)"), "(decrease ...), a numeric effect,", 7, 9),
        (DECLARED + action(effect="(assign (fuel ?x) 1)"), "(assign ...), a numeric effect,", 7, 9),
        (DECLARED + action(effect="(increase (fuel ?x) 1)"), "other fluents are not supported", 7, 9),
        (DECLARED + action(effect="(when (b) (increase (total-cost) 1))"), "inside another effect", 7, 19),
        (DECLARED + action(effect="(when (b) (forall (?y - thing) (a ?y)))"), "inside (when ...)", 7, 19),
        (DECLARED + action(effect="(oneof (b) (c))"), "(oneof ...), an effect by chance,", 7, 9),
        (DECLARED + action(effect="(or (b) (c))"), "(or ...) is not an effect", 7, 9),
        (DECLARED + action("(forall (?y - thin) (a ?y))"), "unknown type 'thin'", 6, 29),
        (DECLARED + action("(exists (?y - thing) (a ?z))"), "unknown variable '?z'", 6, 39),
        (DECLARED + action("(imply (b))"), "(imply ...) takes 2 parts, got 1", 6, 15),
        (DECLARED + action("(not (and (b) (d)))"), "unknown predicate 'd'", 6, 30),
        (DECLARED + action("(a ?x ?x)"), "a takes 1 arguments, got 2", 6, 15),
        (DECLARED + action()[:-1], "never closed", 1, 1),
    ],
)
def test_the_domain_is_refused_by_name_and_place(
    tmp_path: Path, domain: str, said: str, line: int, column: int
) -> None:
    error = refusal(tmp_path, domain)
    assert said in str(error)
    assert (error.path, error.line, error.column) == (str(tmp_path / "domain.pddl"), line, column)


@pytest.mark.parametrize(
    ("problem", "said", "line", "column"),
    [
        ("(:init (at 5 (b))) (:goal (c)))", "(at TIME ...), a timed initial literal,", 2, 8),
        ("(:init) (:goal (preference p (c))))", "(preference ...), a preference,", 2, 16),
        ("(:init) (:goal (sometime (c))))", "(sometime ...), a trajectory constraint,", 2, 16),
        ("(:init) (:goal (>= (total-cost) 3)))", "(>= ...), a numeric condition,", 2, 16),
        ("(:init) (:goal (c)) (:constraints (always (b))))", ":constraints is not supported", 2, 21),
        ("(:init) (:goal (c)) (:metric maximize (total-cost)))", "no other is supported", 2, 21),
        ("(:init) (:goal (c)) (:metric minimize (total-time)))", "no other is supported", 2, 21),
        ("(:init (= (fuel v) 3)) (:goal (c)))", "unknown object 'v'", 2, 17),
        (
            "(:objects t - thing) (:init) (:goal (exists (?x - thing) (a ?y))))",
            "unknown variable '?y'",
            2,
            61,
        ),
        ("(:init))", "the problem has no (:goal ...)", 1, 1),
    ],
)
def test_the_problem_is_refused_by_name_and_place(
    tmp_path: Path, problem: str, said: str, line: int, column: int
) -> None:
    error = refusal(tmp_path, DECLARED + action(), problem)
    assert said in str(error)
    assert (error.path, error.line, error.column) == (str(tmp_path / "problem.pddl"), line, column)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PddlError, match="cannot be read"):
        read_world(tmp_path / "domain.pddl", tmp_path / "problem.pddl")


def test_negations_are_pushed_inwards(tmp_path: Path) -> None:
    precondition = "(not (or (b) (exists (?y - thing) (and (a ?y) (not (= ?x ?y))))))"
    world = read_world(*write_files(tmp_path, DECLARED + action(precondition), PROBLEM))
    either = Junction(False, (Literal(Atom("a", ("?y",)), False), Literal(Atom("=", ("?x", "?y")))))
    none = Quantified(True, (TypedName("?y", "thing"),), either)
    assert world.actions[0].precondition == Junction(True, (Literal(Atom("b"), False), none))


def test_costs(tmp_path: Path) -> None:
    costly = action(effect="(and (c) (increase (total-cost) (fuel ?x)))")[:-1]
    free = "(:action rest :effect (b)))"
    problem = "(:objects t - thing) (:init (= (fuel t) 2.5) (= (total-cost) 0)) (:goal (c)))"
    world = read_world(*write_files(tmp_path, DECLARED + costly + free, problem))
    assert [entry.cost for entry in world.actions] == [Atom("fuel", ("?x",)), 0.0]
    assert world.costs == {Atom("fuel", ("t",)): 2.5}
    world = read_world(*write_files(tmp_path, DECLARED + action(), PROBLEM))
    assert [entry.cost for entry in world.actions] == [1.0], "where nothing says what it costs, each costs 1"
