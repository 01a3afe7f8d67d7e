"""What steps cost."""

from __future__ import annotations

from itertools import product

import pytest

from neurosym.kit.efforts import EFFORT, ground_steps, with_efforts
from neurosym.planning import EmbeddedPlanner, parse_domain, parse_problem, validate
from neurosym.symbols import Atom, Problem, TypedName

ROADS = """
(define (domain roads)
  (:requirements :strips :typing :negative-preconditions :equality)
  (:types town)
  (:predicates (at ?t - town) (road ?a ?b - town) (fog ?t - town))
  (:action go
    :parameters (?a ?b - town)
    :precondition (and (at ?a) (road ?a ?b) (not (= ?a ?b)) (not (fog ?b)))
    :effect (and (at ?b) (not (at ?a))))
  (:action wait :parameters () :precondition (and) :effect (and)))
"""
TOWNS = ("a", "b", "c", "d")
LINKS = {("a", "b"), ("b", "d"), ("a", "c"), ("c", "d"), ("d", "d")}


@pytest.fixture
def problem() -> Problem:
    model = parse_domain(ROADS, reader="direct")
    facts = " ".join(f"(road {a} {b})" for a, b in sorted(LINKS))
    text = f"(define (problem p) (:domain roads) (:objects {' '.join(TOWNS)} - town) "
    return parse_problem(f"{text} (:init (at a) (fog c) {facts}) (:goal (at d)))", model, reader="direct")


def test_operators_are_grounded_where_what_never_changes_permits(problem: Problem) -> None:
    steps = ground_steps(problem.domain, problem.objects, problem.init)
    expected = {("go", (a, b)) for a, b in product(TOWNS, TOWNS) if (a, b) in LINKS and a != b and b != "c"}
    assert {(one.step.name, one.step.args) for one in steps} == expected | {("wait", ())}
    assert {one.term for one in steps} >= {Atom(EFFORT + "go", ("a", "b")), Atom(EFFORT + "wait")}
    assert all(one.base == 1.0 for one in steps)


def test_plans_go_by_efforts(problem: Problem) -> None:
    model = with_efforts(problem.domain)
    clear = problem.init - {Atom("fog", ("c",))}
    for dear, way in (("b", "c"), ("c", "b")):
        costs = tuple(
            (one.term, 9.0 if dear in one.step.args else 1.0) for one in ground_steps(model, (), clear)
        )
        assert costs == (), "an operator whose cost is a function already is left alone"
        steps = ground_steps(problem.domain, problem.objects, clear)
        costs = tuple((one.term, 9.0 if dear in one.step.args else 1.0) for one in steps)
        stated = Problem(model, problem.objects, clear, problem.goal, costs)
        result = EmbeddedPlanner().plan(stated, time_limit_s=5)
        assert result.plan is not None
        assert [step.args for step in result.plan.steps] == [("a", way), (way, "d")]
        assert result.plan.cost == 2.0
        assert validate(stated, result.plan)


def test_subtypes_and_constants_are_taken_in() -> None:
    text = """(define (domain t) (:requirements :strips :typing) (:types place - object spot - place)
      (:constants home - place) (:predicates (at ?p - place))
      (:action visit :parameters (?p - place) :precondition (and) :effect (at ?p)))"""
    steps = ground_steps(parse_domain(text, reader="direct"), (TypedName("s", "spot"),), frozenset())
    assert {one.step.args for one in steps} == {("home",), ("s",)}
