"""Reading and writing PDDL: both readers agree, what is written reads back, and mistakes are shown their place."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.lockkey import make_world
from neurosym.errors import PddlError, PlanningError
from neurosym.planning import (
    parse_domain,
    parse_problem,
    read_domain,
    read_problem,
    write_domain,
    write_problem,
)
from neurosym.symbols import Atom, Literal, PlanningDomain, Problem, TypedName
from tests.planning.families import FAMILIES, HANOI, LIGHTS, LOGISTICS, TRAVEL, make_problem

DOMAIN = """(define (domain doors)
  (:requirements :strips :typing)
  (:types room door)
  (:predicates (at ?r - room) (joins ?d - door ?a ?b - room))
  (:action go
    :parameters (?a ?b - room ?d - door)
    :precondition (and (at ?a) (joins ?d ?a ?b))
    :effect (and (at ?b) (not (at ?a)))))
"""
PROBLEM = """(define (problem p)
  (:domain doors)
  (:objects r1 r2 - room d - door)
  (:init (at r1) (joins d r1 r2))
  (:goal (at r2)))
"""


@pytest.mark.parametrize("text", [DOMAIN, LOGISTICS, LIGHTS, TRAVEL, HANOI])
def test_domains_read_alike_both_ways(text: str) -> None:
    assert parse_domain(text) == parse_domain(text, reader="direct")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(5))
def test_problems_read_alike_both_ways(family: str, seed: int) -> None:
    problem = make_problem(family, seed)
    domain = parse_domain(write_domain(problem.domain))
    assert domain == problem.domain
    text = write_problem(problem)
    through, direct = parse_problem(text, domain), parse_problem(text, domain, reader="direct")
    assert _plain(through) == _plain(direct)


def _plain(problem: Problem) -> tuple[object, ...]:
    """What counts in a problem; unified-planning gathers objects by type."""
    return (
        problem.name,
        problem.domain,
        frozenset(problem.objects),
        problem.init,
        frozenset(problem.goal.alternatives),
        frozenset(problem.costs),
    )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FAMILIES)), st.integers(0, 10**9))
def test_what_is_written_reads_back(family: str, seed: int) -> None:
    problem = make_problem(family, seed)
    domain = parse_domain(write_domain(problem.domain), reader="direct")
    assert domain == problem.domain
    assert parse_problem(write_problem(problem), domain, reader="direct") == problem


def test_worlds_of_the_benchmark_read_back() -> None:
    problem = make_world(9, 0)
    domain = parse_domain(write_domain(problem.domain))
    assert domain == problem.domain
    assert _plain(parse_problem(write_problem(problem), domain)) == _plain(problem)


def test_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "domain.pddl").write_text(DOMAIN)
    (tmp_path / "p.pddl").write_text(PROBLEM.upper())
    domain = read_domain(tmp_path / "domain.pddl")
    problem = read_problem(tmp_path / "p.pddl", domain)
    assert problem.init == {Atom("at", ("r1",)), Atom("joins", ("d", "r1", "r2"))}
    assert problem.objects == (TypedName("r1", "room"), TypedName("r2", "room"), TypedName("d", "door"))
    assert problem.goal.alternatives == (frozenset([Literal(Atom("at", ("r2",)))]),)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PddlError, match=r"none\.pddl: cannot be read"):
        read_domain(tmp_path / "none.pddl")


def test_the_place_of_a_mistake_is_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "domain.pddl"
    path.write_text(DOMAIN.replace("(at ?a) (joins", "(att ?a) (joins"))
    with pytest.raises(PddlError) as caught:
        read_domain(path)
    error = caught.value
    assert (error.path, error.line, error.column) == (path, 7, 25)
    assert error.source == "    :precondition (and (att ?a) (joins ?d ?a ?b))"
    assert str(error).startswith(f"{path}:7:25: unknown predicate 'att'; nearest: at")
    assert "\n" not in str(error)


BROKEN_DOMAINS = [
    ("(define (domain doors)", "(defin (domain doors)", r"expected \(define", 1, 1),
    ("(domain doors)", "(domain)", r"expected \(domain NAME\)", 1, 9),
    ("(domain doors)", "(problem doors)", r"expected \(domain NAME\)", 1, 1),
    ("(domain doors)", "(domain 2doors)", "starts with a letter", 1, 17),
    (":typing", ":durative-actions", ":durative-actions is not supported", 2, 26),
    ("(:types room door)", "(:types room door room)", "room is declared twice", 3, 21),
    ("(:types room door)", "(:types room door - thing)", "unknown type 'thing'", 3, 23),
    ("(:types room door)", "(:types room - door door - room)", "its own ancestor", 3, 11),
    ("(:types room door)", "(:types room - (either a b) door)", r"\(either \.\.\.\) as a type", 3, 18),
    ("(:types room door)", "(:types room door) (:types a)", "a second :types", 3, 22),
    ("(:types room door)", "(:types room door) (:derived (at))", ":derived is not supported", 3, 22),
    ("(at ?r - room)", "(at ?r - rooom)", "unknown type 'rooom'; nearest: room", 4, 25),
    ("(at ?r - room)", "(at r - room)", r"starts with '\?'", 4, 20),
    ("(at ?r - room)", "(at ?r - room) (at)", "at is declared twice", 4, 31),
    ("(at ?r - room)", "(at ?r -)", "expected a type after '-'", 4, 23),
    ("(:action go", "(:action", "expected an action's name", 6, 5),
    (":parameters (?a ?b - room", ":parameters (?a ?a - room", r"\?a is declared twice", 6, 21),
    (":parameters (?a ?b - room", ":parametres (?a ?b - room", "unexpected :parametres", 6, 5),
    ("(and (at ?a) (joins", "(and (at ?z) (joins", r"unknown variable '\?z'", 7, 28),
    ("(and (at ?a) (joins", "(and (at r1) (joins", "unknown object 'r1'", 7, 28),
    ("(and (at ?a) (joins", "(and (at ?d) (joins", r"\?d is a door: expected a room", 7, 28),
    ("(and (at ?a) (joins", "(and (at ?a ?b) (joins", "at takes 1 arguments, got 2", 7, 24),
    ("(and (at ?a) (joins", "(and (or (at ?a)) (joins", r"\(or \.\.\.\) is not supported here", 7, 24),
    (
        "(and (at ?a) (joins",
        "(and (forall (?x) (at ?a)) (joins",
        r"\(forall \.\.\.\) is not supported",
        7,
        24,
    ),
    ("(and (at ?a) (joins", "(and (not (and (at ?a))) (joins", r"\(and \.\.\.\) inside \(not", 7, 29),
    ("(and (at ?b) (not", "(and (when (at ?a) (at ?b)) (not", r"\(when \.\.\.\) is not supported", 8, 18),
    ("(and (at ?b) (not", "(and (= ?a ?b) (not", "is not an effect", 8, 18),
    ("(and (at ?b) (not", "(and (increase (fuel) 1) (not", r"other fluents are not supported", 8, 18),
    ("(and (at ?b) (not", "(and (increase (total-cost) -1) (not", "cost of 0 or more", 8, 41),
    ("(and (at ?b) (not", "(and (increase (total-cost) (far ?a)) (not", "unknown function 'far'", 8, 41),
    ("(and (at ?b) (not", "(and at (not", "expected an effect, found 'at'", 8, 18),
    ("(not (at ?a)))))", "(not (at ?a))))", r"this '\(' is never closed", 1, 1),
    ("(not (at ?a)))))", "(not (at ?a))))))", r"expected the end of the text, found '\)'", 8, 42),
    (
        "(joins ?d - door ?a ?b - room))",
        "(joins ?d - door ?a ?b - room)",
        r"expected '\)' before \(:action",
        5,
        3,
    ),
]


@pytest.mark.parametrize(("old", "new", "message", "line", "column"), BROKEN_DOMAINS)
def test_broken_domains(old: str, new: str, message: str, line: int, column: int) -> None:
    assert old in DOMAIN
    with pytest.raises(PddlError, match=message) as caught:
        parse_domain(DOMAIN.replace(old, new))
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.source


BROKEN_PROBLEMS = [
    ("(:domain doors)", "(:domain lamps)", "this problem is for the domain 'lamps'", 2, 3),
    ("(:goal (at r2))", "", r"has no \(:goal", 1, 1),
    ("d - door)", "d - gate)", "unknown type 'gate'", 3, 30),
    ("r1 r2 - room", "r1 r1 - room", "r1 is declared twice", 3, 16),
    ("(at r1)", "(at r9)", "unknown object 'r9'; nearest: r", 4, 14),
    ("(at r1)", "(at d)", "d is a door: expected a room", 4, 14),
    ("(at r1)", "(not (at r1))", "what is not listed is false", 4, 10),
    ("(at r1)", "(= (cost r1) 3)", "unknown function 'cost'", 4, 13),
    ("(at r1)", "(= (total-cost) x)", "expected a number", 4, 26),
    ("(at r1)", "r1", "expected a ground atom, found 'r1'", 4, 10),
    ("(:goal (at r2))", "(:goal (at r2) (at r1))", r"expected \(:goal CONDITION\)", 5, 3),
    ("(:goal (at r2))", "(:goal (exists (?r) (at ?r)))", r"\(exists \.\.\.\) is not supported", 5, 10),
    ("(:goal (at r2))", "(:goal (and (or (at r2)) (at r1)))", r"\(or \.\.\.\) is not supported here", 5, 15),
    ("(:goal (at r2))", "(:goal (at r2)) (:metric maximize (total-cost))", "no other is supported", 5, 19),
    ("(:goal (at r2))", "(:goal (at r2)) (:constraints (and))", ":constraints is not supported", 5, 19),
]


@pytest.mark.parametrize(("old", "new", "message", "line", "column"), BROKEN_PROBLEMS)
def test_broken_problems(old: str, new: str, message: str, line: int, column: int) -> None:
    assert old in PROBLEM
    with pytest.raises(PddlError, match=message) as caught:
        parse_problem(PROBLEM.replace(old, new), parse_domain(DOMAIN, reader="direct"))
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("text", ["", "  ; only a comment\n", "define", ")"])
def test_texts_that_are_no_list(text: str) -> None:
    with pytest.raises(PddlError, match="expected"):
        parse_domain(text)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_damaged_text_never_raises_anything_else(seed: int) -> None:
    rng = random.Random(seed)
    text = list(rng.choice([DOMAIN, TRAVEL, HANOI]))
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(text))
        text[place : place + rng.randint(0, 3)] = rng.choice(
            ["(", ")", "", " ", "?", "-", ":", "x", ";", "and"]
        )
    try:
        domain = parse_domain("".join(text), reader="direct")
    except PddlError as error:
        domain, message = None, str(error)
        assert message
        assert "\n" not in message
    assert domain is None or isinstance(domain, PlanningDomain)


def test_the_same_text_is_parsed_once() -> None:
    assert parse_domain(DOMAIN) is parse_domain(DOMAIN)


def test_costs_by_default() -> None:
    assert parse_domain(DOMAIN, reader="direct").action("go").cost == 1.0
    travel = parse_domain(TRAVEL, reader="direct")
    assert travel.action("look").cost == 0.0
    assert travel.action("buy").cost == 2.0
    assert travel.action("walk").cost == Atom("length", ("?a", "?b"))
    assert [function.name for function in travel.functions] == ["length"]


def test_names_that_pddl_cannot_say_are_refused() -> None:
    domain = parse_domain(DOMAIN, reader="direct")
    problem = parse_problem(PROBLEM, domain, reader="direct")
    with pytest.raises(PlanningError, match="'Room 1' cannot be written"):
        write_problem(Problem(domain, (TypedName("Room 1", "room"),), frozenset(), problem.goal))
