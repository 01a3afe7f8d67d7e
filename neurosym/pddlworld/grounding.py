"""A world without variables: its ground actions, and the atoms they can change.

What is kept is what can be reached where nothing, once true or once false, is ever undone: the delete relaxation
(Bonet and Geffner 2001), with an atom and its negation treated alike. An atom that is true, or false, in all that can
be reached so is no fluent: conditions are simplified by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

from neurosym.errors import PlanningError
from neurosym.pddlworld.formula import FALSE, TRUE, Formula, Junction, both, holds, instantiate
from neurosym.pddlworld.reader import Action, World
from neurosym.symbols import Atom, Literal, PlanningDomain, State

__all__ = ["MOST_ACTIONS", "MOST_BINDINGS", "GroundAction", "GroundEffect", "GroundWorld", "ground"]

_Table: TypeAlias = dict[Atom, dict[str, None]]

MOST_BINDINGS = 1_000_000
MOST_ACTIONS = 20_000


@dataclass(frozen=True, slots=True)
class GroundEffect:
    """Where the condition holds before the action, these atoms become false, and then those true."""

    condition: Formula
    add: State
    delete: State


@dataclass(frozen=True, slots=True)
class GroundAction:
    """An action with its arguments."""

    name: str
    args: tuple[str, ...]
    precondition: Formula
    effects: tuple[GroundEffect, ...]
    cost: float

    def __str__(self) -> str:
        return f"({' '.join((self.name, *self.args))})"


@dataclass(frozen=True)
class GroundWorld:
    """A world without variables.

    Attributes:
        domain, problem: their names.
        declared: types, predicates and, as constants, all objects.
        fluents: the atoms that can change, sorted; init: those that hold at the start.
        always: the atoms that hold whatever is done.
        actions: all that can be taken at some time, by the domain's order and then by their arguments.
        goal: over fluents; hopeless: the first part of it that can never hold, empty if there is none.
        mission: the goal as it is written.
    """

    domain: str
    problem: str
    declared: PlanningDomain
    fluents: tuple[Atom, ...]
    init: State
    always: State
    actions: tuple[GroundAction, ...]
    goal: Formula
    hopeless: str
    mission: str


def ground(world: World) -> GroundWorld:
    """The world without variables.

    Raises:
        PlanningError: it is too large, or there is nothing to do in it, or a cost is missing.
    """
    grounder = _Grounder(world)
    reached = _Reach(world.init)
    reached.explore(grounder.candidates())
    fluents = reached.true & reached.false
    actions = tuple(grounder.finish(action, reached, fluents) for action in reached.actions)
    _check_size(world, actions, fluents)
    everything = (*world.declared.constants, *world.objects)
    parts = {part: instantiate(part, {}, grounder.objects, reached.judge) for part in _conjuncts(world.goal)}
    return GroundWorld(
        domain=world.declared.name,
        problem=world.problem,
        declared=replace(world.declared, constants=everything),
        fluents=tuple(sorted(fluents)),
        init=world.init & fluents,
        always=frozenset(reached.true - reached.false),
        actions=actions,
        goal=both(*parts.values()),
        hopeless=next((str(part) for part, short in parts.items() if short == FALSE), ""),
        mission=world.mission,
    )


def _check_size(world: World, actions: Sequence[GroundAction], fluents: set[Atom]) -> None:
    if len(actions) > MOST_ACTIONS:
        raise PlanningError(
            f"{world.problem}: {len(actions)} ground actions can be reached; at most {MOST_ACTIONS} are supported"
        )
    if not fluents or not actions:
        raise PlanningError(f"{world.problem}: no action that can be reached changes anything")


class _Grounder:
    """Binds the variables of actions."""

    def __init__(self, world: World) -> None:
        self.world, self.static = world, _static(world)
        everything = (*world.declared.constants, *world.objects)
        kinds = ["object", *(entry.name for entry in world.declared.types)]
        self.objects: dict[str, list[str]] = {
            kind: [entry.name for entry in everything if kind in world.declared.ancestors(entry.type)]
            for kind in kinds
        }
        self.members = {kind: frozenset(names) for kind, names in self.objects.items()}
        order = {entry.name: place for place, entry in enumerate(everything)}
        self.facts: dict[str, list[Atom]] = {}
        for fact in sorted(world.init, key=lambda fact: [order[arg] for arg in fact.args]):
            self.facts.setdefault(fact.predicate, []).append(fact)
        self.tried = 0

    def judge(self, literal: Literal) -> bool | None:
        """By what no action ever changes."""
        return literal.holds(self.world.init) if literal.atom.predicate in self.static else None

    def candidates(self) -> list[GroundAction]:
        """The ground actions whose conditions on what never changes are met."""
        return [
            self._bind(action, binding) for action in self.world.actions for binding in self._bindings(action)
        ]

    def _bindings(self, action: Action) -> Iterator[dict[str, str]]:
        """Parameter after parameter, each value tested as soon as a condition on it can be."""
        names = [parameter.name for parameter in action.parameters]
        tests: list[list[Literal]] = [[] for _ in range(len(names) + 1)]
        for literal in self._telling(action.precondition):
            last = max((names.index(arg) + 1 for arg in literal.atom.args if arg in names), default=0)
            tests[last].append(literal)
        fitting = [
            [(test.atom, self._fitting(test.atom, name)) for test in found if self._is_table(test)]
            for name, found in zip(names, tests[1:], strict=True)
        ]

        def extend(binding: dict[str, str]) -> Iterator[dict[str, str]]:
            depth = len(binding)
            self._count(action)
            if not all(literal.bind(binding).holds(self.world.init) for literal in tests[depth]):
                return
            if depth == len(names):
                yield binding
                return
            for value in self._values(action.parameters[depth].type, fitting[depth], binding):
                yield from extend({**binding, names[depth]: value})

        return extend({})

    def _values(
        self, kind: str, tables: Sequence[tuple[Atom, _Table]], binding: Mapping[str, str]
    ) -> Sequence[str]:
        """The objects of a type; only those that the shortest row of the tables allows, if there are tables."""
        rows = [table.get(atom.bind(binding), {}) for atom, table in tables]
        if not rows:
            return self.objects[kind]
        return [name for name in min(rows, key=len) if name in self.members[kind]]

    def _is_table(self, test: Literal) -> bool:
        return test.positive and test.atom.predicate != "="

    def _fitting(self, atom: Atom, variable: str) -> _Table:
        """The values of a variable with which an atom holds, by the atom with everything else in its place."""
        table: _Table = {}
        for fact in self.facts.get(atom.predicate, ()):
            pairs = list(zip(atom.args, fact.args, strict=True))
            values = {value for arg, value in pairs if arg == variable}
            if len(values) == 1:
                row = Atom(atom.predicate, tuple(arg if arg == variable else value for arg, value in pairs))
                table.setdefault(row, {})[values.pop()] = None
        return table

    def _telling(self, precondition: Formula) -> list[Literal]:
        """What a precondition asks of atoms that never change."""
        return [
            part
            for part in _conjuncts(precondition)
            if isinstance(part, Literal) and part.atom.predicate in (*self.static, "=")
        ]

    def _count(self, action: Action) -> None:
        self.tried += 1
        if self.tried > MOST_BINDINGS:
            raise PlanningError(
                f"{self.world.problem}: more than {MOST_BINDINGS} bindings were tried for {action.name} and the "
                "actions before it; put conditions on what never changes into its precondition"
            )

    def _bind(self, action: Action, binding: Mapping[str, str]) -> GroundAction:
        def short(formula: Formula, bound: Mapping[str, str]) -> Formula:
            return instantiate(formula, bound, self.objects, self.judge)

        effects = []
        for effect in action.effects:
            rows = product(*(self.objects[variable.type] for variable in effect.variables))
            for row in rows:
                names = (variable.name for variable in effect.variables)
                bound = {**binding, **dict(zip(names, row, strict=True))}
                add, delete = (
                    frozenset(atom.bind(bound) for atom in atoms) for atoms in (effect.add, effect.delete)
                )
                effects.append(GroundEffect(short(effect.condition, bound), add, delete))
        cost = action.cost.bind(binding) if isinstance(action.cost, Atom) else action.cost
        args = tuple(binding[parameter.name] for parameter in action.parameters)
        precondition = short(action.precondition, binding)
        return GroundAction(action.name, args, precondition, tuple(effects), cost)  # type: ignore[arg-type]

    def finish(self, action: GroundAction, reached: _Reach, fluents: set[Atom]) -> GroundAction:
        """The action over fluents alone, with its cost."""

        def short(formula: Formula) -> Formula:
            return instantiate(formula, {}, {}, reached.judge)

        effects = (
            GroundEffect(short(effect.condition), effect.add & fluents, effect.delete & fluents)
            for effect in action.effects
        )
        telling = tuple(
            effect for effect in effects if (effect.add or effect.delete) and effect.condition != FALSE
        )
        cost = action.cost
        if isinstance(cost, Atom):
            if cost not in self.world.costs:
                raise PlanningError(f"{self.world.problem}: {action} costs {cost}, which has no value")
            cost = self.world.costs[cost]
        return GroundAction(action.name, action.args, short(action.precondition), telling, float(cost))


def _conjuncts(formula: Formula) -> tuple[Formula, ...]:
    """The parts of a conjunction, and of those within it; anything else is one part."""
    if not isinstance(formula, Junction) or not formula.every:
        return (formula,)
    return tuple(inner for part in formula.parts for inner in _conjuncts(part))


def _static(world: World) -> frozenset[str]:
    """The predicates that no action changes."""
    changed = {
        atom.predicate
        for action in world.actions
        for effect in action.effects
        for atom in (*effect.add, *effect.delete)
    }
    return frozenset(entry.name for entry in world.declared.predicates) - changed


class _Reach:
    """What can become true and what can become false where nothing is undone."""

    def __init__(self, init: State) -> None:
        self.init = init
        self.true, self._falsified = set(init), set[Atom]()
        self.actions: list[GroundAction] = []

    @property
    def false(self) -> set[Atom]:
        """Of the atoms that can be true, those that can be false too."""
        return (self.true - self.init) | (self._falsified & self.true)

    def judge(self, literal: Literal) -> bool | None:
        """Whether it always holds, never does, or None where it can change."""
        can, can_not = self._possible(literal), self._possible(Literal(literal.atom, not literal.positive))
        return None if can and can_not else can

    def _possible(self, literal: Literal) -> bool:
        if literal.positive:
            return literal.atom in self.true
        return literal.atom not in self.init or literal.atom in self._falsified

    def explore(self, candidates: Sequence[GroundAction]) -> None:
        """Take all actions, and all their effects, that can be taken, until nothing new comes of it."""
        waiting = [(place, effect) for place, action in enumerate(candidates) for effect in _guarded(action)]
        taken: set[int] = set()
        while True:
            still = []
            for place, effect in waiting:
                if holds(effect.condition, self._possible):
                    taken.add(place)
                    self.true |= effect.add
                    self._falsified |= effect.delete
                else:
                    still.append((place, effect))
            if len(still) == len(waiting):
                break
            waiting = still
        self.actions = [candidates[place] for place in sorted(taken)]


def _guarded(action: GroundAction) -> list[GroundEffect]:
    """The action's effects under its precondition too; one without effects where it has none of its own."""
    bare = GroundEffect(action.precondition, frozenset(), frozenset())
    return [bare] + [
        GroundEffect(both(action.precondition, effect.condition), effect.add, effect.delete)
        for effect in action.effects
        if effect.condition != TRUE or effect.add or effect.delete
    ]
