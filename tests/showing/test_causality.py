from __future__ import annotations

from itertools import product

from neurosym.domain import Domain
from neurosym.showing.causality import Arc, causal_graph, changed_by, read_by
from neurosym.symbols import ActionSchema, Atom, Literal

A, B, C, D = (Atom(name, ("?x",)) for name in "abcd")


def test_an_arc_leads_from_what_is_read_to_what_is_changed() -> None:
    action = ActionSchema("act", precondition=(Literal(A), Literal(B, False)), add=(C,))
    assert causal_graph([action]) == (Arc("a", "c", ("act",)), Arc("b", "c", ("act",)))


def test_what_changes_together_is_joined_both_ways() -> None:
    action = ActionSchema("act", add=(A,), delete=(B,))
    assert causal_graph([action]) == (Arc("a", "b", (), ("act",)), Arc("b", "a", (), ("act",)))


def test_a_predicate_has_no_arc_to_itself() -> None:
    assert causal_graph([ActionSchema("move", precondition=(Literal(A),), add=(A,), delete=(A,))]) == ()


def test_equality_is_no_predicate() -> None:
    apart = Literal(Atom("=", ("?x", "?y")), False)
    assert read_by(ActionSchema("act", precondition=(apart, Literal(A)))) == ("a",)


def test_operators_are_gathered_on_one_arc() -> None:
    first = ActionSchema("first", precondition=(Literal(A),), add=(B,))
    second = ActionSchema("second", precondition=(Literal(A),), delete=(B, A))
    assert causal_graph([first, second]) == (
        Arc("a", "b", ("first", "second"), ("second",)),
        Arc("b", "a", (), ("second",)),
    )


def test_every_arc_follows_from_the_definition(domain: Domain) -> None:
    """Each pair of predicates looked at by itself, slowly."""
    actions, names = domain.model.actions, [signature.name for signature in domain.model.predicates]
    expected = {
        (p, q)
        for p, q in product(names, names)
        if p != q
        and any(
            q in changed_by(action) and p in (*read_by(action), *changed_by(action)) for action in actions
        )
    }
    assert {(arc.source, arc.target) for arc in causal_graph(actions)} == expected
