"""Laws of the symbols, against definitions anyone can read."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.symbols import (
    ActionSchema,
    Atom,
    Condition,
    Description,
    Goal,
    Literal,
    Operator,
    Plan,
    PlanningDomain,
    TypedName,
    Wanted,
)

NAMES = ("a", "b", "c")
VARIABLES = ("?x", "?y", "?z")

atoms = st.builds(Atom, st.sampled_from("pq"), st.tuples(st.sampled_from(NAMES)))
literals = st.builds(Literal, atoms, st.booleans())
equalities = st.builds(
    Literal, st.builds(Atom, st.just("="), st.tuples(*[st.sampled_from(NAMES)] * 2)), st.booleans()
)
states = st.frozensets(atoms)
sets = st.frozensets(atoms, max_size=4)
operators = st.builds(
    Operator,
    name=st.just("do"),
    precondition=st.frozensets(literals | equalities, max_size=4),
    add=sets,
    delete=sets,
)
conditions = st.builds(Condition, st.lists(st.frozensets(literals, max_size=3), max_size=3).map(tuple))
terms = st.sampled_from((*VARIABLES, *NAMES))
lifted = st.builds(Atom, st.sampled_from("pq"), st.tuples(terms, terms))
bindings = st.dictionaries(st.sampled_from(VARIABLES), st.sampled_from(NAMES))
schemas = st.builds(
    ActionSchema,
    name=st.just("do"),
    parameters=st.just(tuple(TypedName(name) for name in VARIABLES)),
    precondition=st.lists(st.builds(Literal, lifted, st.booleans()), max_size=4).map(tuple),
    add=st.lists(lifted, max_size=4).map(tuple),
    delete=st.lists(lifted, max_size=4).map(tuple),
)
arguments = st.tuples(*[st.sampled_from(NAMES)] * 3)


@given(states, literals)
def test_a_literal_or_its_negation_holds(state: frozenset[Atom], literal: Literal) -> None:
    opposite = Literal(literal.atom, not literal.positive)
    assert literal.holds(state) != opposite.holds(state)
    assert literal.holds(state) == ((literal.atom in state) == literal.positive)


@given(states, equalities)
def test_equality_is_of_names_whatever_the_state(state: frozenset[Atom], literal: Literal) -> None:
    one, other = literal.atom.args
    assert literal.holds(state) == ((one == other) == literal.positive)


@given(states, operators)
def test_applicable_means_that_every_literal_holds(state: frozenset[Atom], operator: Operator) -> None:
    broken = [literal for literal in operator.precondition if not literal.holds(state)]
    assert operator.applicable(state) == (not broken)


@given(states, operators)
def test_apply_adds_deletes_and_leaves_the_rest(state: frozenset[Atom], operator: Operator) -> None:
    after = operator.apply(state)
    for atom in state | after | operator.add | operator.delete:
        expected = atom in operator.add or (atom in state and atom not in operator.delete)
        assert (atom in after) == expected, f"{atom}: an effect that adds goes before one that deletes"


@given(states, operators)
def test_applying_twice_is_applying_once(state: frozenset[Atom], operator: Operator) -> None:
    assert operator.apply(operator.apply(state)) == operator.apply(state)


@given(lifted, bindings)
def test_binding_replaces_what_is_bound_and_nothing_else(atom: Atom, binding: dict[str, str]) -> None:
    bound = atom.bind(binding)
    assert bound.predicate == atom.predicate
    for before, after in zip(atom.args, bound.args, strict=True):
        assert after == binding.get(before, before)


@given(lifted, bindings, st.booleans())
def test_a_literal_is_bound_with_its_sign(atom: Atom, binding: dict[str, str], positive: bool) -> None:
    assert Literal(atom, positive).bind(binding) == Literal(atom.bind(binding), positive)


@given(schemas, arguments)
def test_an_operator_is_its_schema_with_names_put_in(schema: ActionSchema, args: tuple[str, ...]) -> None:
    operator = schema.bind(args)
    binding = dict(zip(VARIABLES, args, strict=True))
    assert (operator.name, operator.args, operator.cost) == ("do", args, 1.0)
    assert operator.precondition == {literal.bind(binding) for literal in schema.precondition}
    assert operator.add == {atom.bind(binding) for atom in schema.add}
    assert operator.delete == {atom.bind(binding) for atom in schema.delete} - operator.add
    used = itertools.chain(operator.add, operator.delete, (p.atom for p in operator.precondition))
    assert not any(arg.startswith("?") for atom in used for arg in atom.args)


@given(schemas, arguments, states)
def test_a_ground_operator_deletes_first_and_then_adds(
    schema: ActionSchema, args: tuple[str, ...], state: frozenset[Atom]
) -> None:
    binding = dict(zip(VARIABLES, args, strict=True))
    expected = set(state)
    expected.difference_update(atom.bind(binding) for atom in schema.delete)
    expected.update(atom.bind(binding) for atom in schema.add)
    assert schema.bind(args).apply(state) == expected


@given(conditions, states)
def test_a_condition_is_a_disjunction_of_conjunctions(condition: Condition, state: frozenset[Atom]) -> None:
    held = [sum(not literal.holds(state) for literal in part) for part in condition.alternatives]
    assert condition.holds(state) == (0 in held)


@given(st.lists(literals), states)
def test_all_of_is_a_conjunction(parts: list[Literal], state: frozenset[Atom]) -> None:
    assert Condition.all_of(*parts).holds(state) == all(literal.holds(state) for literal in parts)


@given(st.lists(atoms), states)
def test_all_of_takes_atoms_for_what_must_hold(parts: list[Atom], state: frozenset[Atom]) -> None:
    assert Condition.all_of(*parts).holds(state) == (set(parts) <= state)


def test_a_condition_without_alternatives_never_holds() -> None:
    assert not Condition(()).holds(frozenset())
    assert Condition((frozenset(),)).holds(frozenset())


@pytest.mark.parametrize("args", [(), ("a",), ("a", "b", "c", "d")])
def test_the_number_of_arguments_is_checked(args: tuple[str, ...]) -> None:
    schema = ActionSchema("do", tuple(TypedName(name) for name in VARIABLES))
    with pytest.raises(ValueError, match=f"do takes 3 arguments, got {len(args)}"):
        schema.bind(args)


def test_a_cost_that_depends_on_the_arguments() -> None:
    schema = ActionSchema("go", (TypedName("?x"),), cost=Atom("distance", ("?x",)))
    assert schema.bind(("a",), {Atom("distance", ("a",)): 7}).cost == 7.0
    with pytest.raises(KeyError):
        schema.bind(("b",), {Atom("distance", ("a",)): 7})
    with pytest.raises(KeyError):
        schema.bind(("a",))


@given(st.lists(st.floats(0, 100), max_size=5))
def test_a_plan_costs_what_its_steps_cost(costs: list[float]) -> None:
    plan = Plan(tuple(Operator("do", cost=cost) for cost in costs))
    assert plan.cost == sum(costs)
    assert len(plan) == len(costs)


def test_ancestors_end_with_object() -> None:
    domain = PlanningDomain(
        "zoo", (TypedName("dog", "mammal"), TypedName("mammal", "animal"), TypedName("animal"))
    )
    assert domain.ancestors("dog") == ("dog", "mammal", "animal", "object")
    assert domain.ancestors("object") == ("object",)
    assert domain.ancestors("stone") == ("stone", "object")


def test_actions_are_found_by_name() -> None:
    domain = PlanningDomain("zoo", actions=(ActionSchema("feed"), ActionSchema("wash")))
    assert domain.action("wash") is domain.actions[1]
    with pytest.raises(KeyError):
        domain.action("ride")


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        (Atom("lit"), "(lit)"),
        (Atom("on", ("a", "b")), "(on a b)"),
        (Literal(Atom("on", ("a",)), positive=False), "(not (on a))"),
        (Operator("go", ("a", "b")), "(go a b)"),
        (Description("ball", (("colour", "red"),)), "the red ball"),
        (Description("ball", definite=False), "a ball"),
        (Wanted("held", (Description("ball"),)), "(held [the ball])"),
        (Goal(((Wanted("lit"), Wanted("warm")), (Wanted("dark"),))), "(lit) and (warm), then (dark)"),
    ],
)
def test_symbols_read_as_they_are_written(symbol: object, text: str) -> None:
    assert str(symbol) == text


@pytest.mark.parametrize("symbol", [Atom("lit"), Operator("go"), Plan(), Literal(Atom("lit")), Condition(())])
def test_symbols_are_frozen(symbol: object) -> None:
    field = dataclasses.fields(symbol)[0].name  # type: ignore[arg-type]
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        setattr(symbol, field, None)


def test_a_description_knows_its_attributes() -> None:
    red = Description("ball", (("colour", "red"), ("size", "big")))
    assert (red.get("size"), red.get("weight")) == ("big", None)
