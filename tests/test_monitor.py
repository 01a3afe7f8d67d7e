from __future__ import annotations

import pytest

from neurosym.monitor import Cause, Discrepancy, compare_effects, still_holds
from neurosym.symbols import (
    ActionSchema,
    Atom,
    Condition,
    Literal,
    Operator,
    PlanningDomain,
    Problem,
    TypedName,
)

IN_A, IN_B, IN_C = (Atom("in", (place,)) for place in "abc")
LIT, HOME = Atom("lit"), Atom("in", ("home",))
WALK = Operator("walk", ("a", "b"), frozenset({Literal(IN_A)}), frozenset({IN_B}), frozenset({IN_A}))
ON = Operator("walk", ("b", "c"), frozenset({Literal(IN_B)}), frozenset({IN_C}), frozenset({IN_B}))


READER = ActionSchema("read", precondition=tuple(Literal(Atom(name)) for name in ("in", "lit", "tied")))


def seen(*atoms: Atom, places: str = "abc", goal: Atom = IN_C) -> Problem:
    return Problem(
        domain=PlanningDomain("walks", constants=(TypedName("home"),), actions=(READER,)),
        objects=tuple(TypedName(place) for place in places),
        init=frozenset(atoms),
        goal=Condition.all_of(goal),
    )


def test_a_step_that_did_what_it_promised() -> None:
    assert not compare_effects(WALK, seen(IN_B))
    assert compare_effects(WALK, seen(IN_B)) == Discrepancy()


def test_what_else_happened_is_nobodys_business() -> None:
    assert not compare_effects(WALK, seen(IN_B, LIT, IN_C))


def test_an_effect_that_is_missing() -> None:
    discrepancy = compare_effects(WALK, seen(LIT))
    assert discrepancy == Discrepancy(missing=frozenset({IN_B}))
    assert discrepancy
    assert str(discrepancy) == "expected (in b)"


def test_an_atom_that_lingers() -> None:
    discrepancy = compare_effects(WALK, seen(IN_A, IN_B))
    assert discrepancy == Discrepancy(lingering=frozenset({IN_A}))
    assert discrepancy
    assert str(discrepancy) == "did not expect (in a)"


def test_all_that_differs_is_said_in_order() -> None:
    step = Operator("leap", (), add=frozenset({IN_C, IN_B}), delete=frozenset({IN_A, LIT}))
    text = str(compare_effects(step, seen(IN_A, LIT)))
    assert text == "expected (in b), expected (in c), did not expect (in a), did not expect (lit)"


@pytest.mark.parametrize("places", ["a", "ac", ""])
def test_a_name_that_vanished_is_neither_confirmed_nor_refuted(places: str) -> None:
    assert IN_B not in compare_effects(WALK, seen(places=places)).missing


def test_a_lingering_atom_over_a_name_that_vanished() -> None:
    assert not compare_effects(WALK, seen(IN_A, IN_B, places="b"))


def test_one_vanished_name_among_two_is_enough() -> None:
    step = Operator("tie", ("a", "b"), add=frozenset({Atom("tied", ("a", "b"))}))
    assert not compare_effects(step, seen(places="a"))
    assert compare_effects(step, seen(places="ab"))


def test_constants_are_always_there() -> None:
    step = Operator("return", (), add=frozenset({HOME}))
    assert compare_effects(step, seen(places="")).missing == {HOME}


def test_an_atom_without_arguments_is_always_comparable() -> None:
    step = Operator("light", (), add=frozenset({LIT}))
    assert compare_effects(step, seen(places="")).missing == {LIT}


def test_what_nothing_reads_need_not_be_said() -> None:
    step = Operator("paint", (), add=frozenset({Atom("painted")}), delete=frozenset({Atom("bare")}))
    assert not compare_effects(step, seen(Atom("bare")))
    assert compare_effects(step, seen(goal=Atom("painted"))).missing == {Atom("painted")}


def test_a_plan_that_still_leads_to_the_goal() -> None:
    assert still_holds((WALK, ON), seen(IN_A))
    assert still_holds((ON,), seen(IN_B))


def test_a_broken_first_precondition() -> None:
    assert not still_holds((WALK, ON), seen(IN_B))


def test_a_broken_later_precondition() -> None:
    shut = Operator("walk", ("b", "c"), ON.precondition | {Literal(LIT)}, ON.add, ON.delete)
    assert not still_holds((WALK, shut), seen(IN_A))
    assert still_holds((WALK, shut), seen(IN_A, LIT))


def test_a_negative_precondition() -> None:
    dark = Operator("walk", ("b", "c"), ON.precondition | {Literal(LIT, positive=False)}, ON.add, ON.delete)
    assert still_holds((WALK, dark), seen(IN_A))
    assert not still_holds((WALK, dark), seen(IN_A, LIT))


def test_steps_that_all_apply_but_miss_the_goal() -> None:
    assert not still_holds((WALK,), seen(IN_A))


def test_no_steps_do_when_the_goal_holds() -> None:
    assert still_holds((), seen(IN_C))
    assert not still_holds((), seen(IN_A))


def test_the_causes_are_the_documented_ones() -> None:
    assert [cause.value for cause in Cause] == ["planner", "model", "translator", "option", "time_limit"]
