"""The symbols every other part speaks: atoms, operators, goals, problems, plans. Frozen, standard library only.

A state is a set of ground atoms under the closed-world assumption. `Goal` is what words ask for, over
descriptions ("a red ball"); `Condition` is what a planner is asked for, over named objects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import TypeAlias

__all__ = [
    "ActionSchema",
    "Atom",
    "Condition",
    "Description",
    "Goal",
    "Literal",
    "Operator",
    "Plan",
    "PlanResult",
    "PlanStatus",
    "PlanningDomain",
    "Problem",
    "Signature",
    "State",
    "TypedName",
    "Wanted",
]


@dataclass(frozen=True, slots=True, order=True)
class Atom:
    """A predicate (or function) applied to names; ground unless an argument starts with `?`."""

    predicate: str
    args: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"({' '.join((self.predicate, *self.args))})"

    def bind(self, binding: Mapping[str, str]) -> Atom:
        """This atom with its variables replaced; names that are not bound stay as they are."""
        return Atom(self.predicate, tuple(binding.get(arg, arg) for arg in self.args))


State: TypeAlias = frozenset[Atom]


@dataclass(frozen=True, slots=True, order=True)
class Literal:
    """An atom or its negation. Equality is the predicate `=`."""

    atom: Atom
    positive: bool = True

    def __str__(self) -> str:
        return str(self.atom) if self.positive else f"(not {self.atom})"

    def bind(self, binding: Mapping[str, str]) -> Literal:
        return Literal(self.atom.bind(binding), self.positive)

    def holds(self, state: State) -> bool:
        if self.atom.predicate == "=":
            return (self.atom.args[0] == self.atom.args[1]) is self.positive
        return (self.atom in state) is self.positive


@dataclass(frozen=True, slots=True, order=True)
class TypedName:
    """A name and its type: an object, a constant, a parameter, or a type and its parent."""

    name: str
    type: str = "object"


@dataclass(frozen=True, slots=True)
class Signature:
    """A predicate or function with its typed parameters."""

    name: str
    parameters: tuple[TypedName, ...] = ()


_Grounding: TypeAlias = "tuple[frozenset[Literal], State, State, float | Atom]"
_KEPT_GROUNDINGS = 1 << 14  # of each action: a world's operators recur in plan after plan


@dataclass(frozen=True, slots=True)
class ActionSchema:
    """A lifted action. Effects delete first and then add, as in PDDL.

    Attributes:
        cost: a constant, or a static function over the parameters whose value the problem gives.
    """

    name: str
    parameters: tuple[TypedName, ...] = ()
    precondition: tuple[Literal, ...] = ()
    add: tuple[Atom, ...] = ()
    delete: tuple[Atom, ...] = ()
    cost: float | Atom = 1.0
    _ground: dict[tuple[str, ...], _Grounding] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def bind(self, args: tuple[str, ...], costs: Mapping[Atom, float] | None = None) -> Operator:
        """The operator this schema becomes for `args`, one name per parameter.

        Raises:
            ValueError: the number of arguments is wrong.
            KeyError: the cost function has no value for these arguments.
        """
        ground = self._ground.get(args)
        if ground is None:
            ground = self._bind(args)
            if len(self._ground) >= _KEPT_GROUNDINGS:
                self._ground.clear()
            self._ground[args] = ground
        precondition, add, delete, cost = ground
        if isinstance(cost, Atom):
            cost = (costs or {})[cost]
        return Operator(self.name, args, precondition, add, delete, float(cost))

    def _bind(self, args: tuple[str, ...]) -> _Grounding:
        if len(args) != len(self.parameters):
            raise ValueError(f"{self.name} takes {len(self.parameters)} arguments, got {len(args)}: {args}")
        binding = {parameter.name: arg for parameter, arg in zip(self.parameters, args, strict=True)}
        add = frozenset(atom.bind(binding) for atom in self.add)
        return (
            frozenset(literal.bind(binding) for literal in self.precondition),
            add,
            frozenset(atom.bind(binding) for atom in self.delete) - add,
            self.cost.bind(binding) if isinstance(self.cost, Atom) else self.cost,
        )


@dataclass(frozen=True)
class Operator:
    """A ground action."""

    name: str
    args: tuple[str, ...] = ()
    precondition: frozenset[Literal] = frozenset()
    add: frozenset[Atom] = frozenset()
    delete: frozenset[Atom] = frozenset()
    cost: float = 1.0

    def __str__(self) -> str:
        return f"({' '.join((self.name, *self.args))})"

    def applicable(self, state: State) -> bool:
        return all(literal.holds(state) for literal in self.precondition)

    def apply(self, state: State) -> State:
        """The state after this operator; the precondition is not looked at."""
        return (state - self.delete) | self.add


@dataclass(frozen=True)
class PlanningDomain:
    """What a PDDL domain file says.

    Attributes:
        types: each type with its parent; `object` is the root and is not listed.
        actions: the action schemas, in the file's order.
    """

    name: str
    types: tuple[TypedName, ...] = ()
    constants: tuple[TypedName, ...] = ()
    predicates: tuple[Signature, ...] = ()
    functions: tuple[Signature, ...] = ()
    actions: tuple[ActionSchema, ...] = ()

    @cached_property
    def _parents(self) -> dict[str, str]:
        return {entry.name: entry.type for entry in self.types}

    @cached_property
    def _actions_by_name(self) -> dict[str, ActionSchema]:
        return {action.name: action for action in self.actions}

    @cached_property
    def preconditions(self) -> frozenset[str]:
        """The predicates that some action's precondition reads."""
        return frozenset(literal.atom.predicate for action in self.actions for literal in action.precondition)

    @cached_property
    def effects(self) -> frozenset[str]:
        """The predicates that some action changes; the others are static."""
        return frozenset(atom.predicate for action in self.actions for atom in (*action.add, *action.delete))

    def action(self, name: str) -> ActionSchema:
        """The schema called `name`; KeyError if there is none."""
        return self._actions_by_name[name]

    def ancestors(self, type_name: str) -> tuple[str, ...]:
        """The type itself, then its parents up to `object`."""
        chain = [type_name]
        while chain[-1] in self._parents:
            chain.append(self._parents[chain[-1]])
        return tuple(chain) if chain[-1] == "object" else (*chain, "object")


@dataclass(frozen=True)
class Condition:
    """A ground goal in disjunctive normal form: any of the alternatives will do."""

    alternatives: tuple[frozenset[Literal], ...]

    @classmethod
    def all_of(cls, *literals: Literal | Atom) -> Condition:
        """A plain conjunction."""
        return cls((frozenset(Literal(item) if isinstance(item, Atom) else item for item in literals),))

    def holds(self, state: State) -> bool:
        return any(all(literal.holds(state) for literal in part) for part in self.alternatives)


@dataclass(frozen=True)
class Problem:
    """One planning problem.

    Attributes:
        objects: without the domain's constants.
        costs: the value of each static function term, such as `(distance a b)`.
    """

    domain: PlanningDomain
    objects: tuple[TypedName, ...]
    init: State
    goal: Condition
    costs: tuple[tuple[Atom, float], ...] = ()
    name: str = "problem"


@dataclass(frozen=True)
class Plan:
    """Operators in the order in which they are to be applied."""

    steps: tuple[Operator, ...] = ()

    @property
    def cost(self) -> float:
        return sum(step.cost for step in self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return " ".join(str(step) for step in self.steps)


class PlanStatus(Enum):
    """How a search ended."""

    SOLVED = "solved"
    UNSOLVABLE = "proven unsolvable"
    GAVE_UP = "gave up"
    TIMED_OUT = "timed out"


@dataclass(frozen=True)
class PlanResult:
    """What a planner answers.

    Attributes:
        plan: present exactly when the status is SOLVED.
        seconds: wall time of the call, grounding included.
        engine: the name of the engine that answered.
        reason: one line on why there is no plan; empty when solved.
        expanded: states expanded, 0 when the engine does not say.
        cached: the plan came from a cache.
    """

    status: PlanStatus
    plan: Plan | None = None
    seconds: float = 0.0
    engine: str = ""
    reason: str = ""
    expanded: int = field(default=0, compare=False)
    cached: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Description:
    """A thing as words name it: a type, and attributes such as ("colour", "red") or ("location", "left").

    Attributes:
        definite: "the" rather than "a".
        referent: descriptions of one goal with the same number above 0 mean the same thing, whichever it is.
        name: the object meant, where that is known already; then nothing else fits.
    """

    type: str
    attributes: tuple[tuple[str, str], ...] = ()
    definite: bool = True
    referent: int = 0
    name: str = ""

    def get(self, attribute: str) -> str | None:
        return dict(self.attributes).get(attribute)

    def bind(self, names: Mapping[int, str]) -> Description:
        """The same thing, by its name if that is among the names of referents."""
        if self.referent not in names:
            return self
        return Description(self.type, self.attributes, self.definite, name=names[self.referent])

    def __str__(self) -> str:
        words = " ".join((*(value for _, value in self.attributes), self.type))
        mark = f" #{self.referent}" if self.referent else f" = {self.name}" if self.name else ""
        return f"{'the' if self.definite else 'a'} {words}{mark}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A predicate that must come to hold of things that fit the descriptions: `(visited [the red ball])`."""

    predicate: str
    arguments: tuple[Description, ...] = ()

    def bind(self, names: Mapping[int, str]) -> Wanted:
        """The same, of things called by their names where those are known."""
        return Wanted(self.predicate, tuple(argument.bind(names) for argument in self.arguments))

    def __str__(self) -> str:
        return f"({' '.join((self.predicate, *(f'[{argument}]' for argument in self.arguments)))})"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a mission asks for: stages to be reached one after the other, each a conjunction in any order."""

    stages: tuple[tuple[Wanted, ...], ...]

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """Every description, in the order of the stages."""
        return tuple(thing for stage in self.stages for wanted in stage for thing in wanted.arguments)

    @property
    def referents(self) -> frozenset[int]:
        """The numbers of the things that are spoken of more than once."""
        return frozenset(thing.referent for thing in self.descriptions if thing.referent)

    def number_referents(self) -> Goal:
        """The same goal, with numbers from 1 on for the things it speaks of more than once, and none for the others."""
        counts = Counter(thing.referent for thing in self.descriptions)
        again = [number for number in dict.fromkeys(counts) if number and counts[number] > 1]
        numbers = {number: place for place, number in enumerate(again, start=1)}

        def renumber(wanted: Wanted) -> Wanted:
            things = (replace(thing, referent=numbers.get(thing.referent, 0)) for thing in wanted.arguments)
            return Wanted(wanted.predicate, tuple(things))

        return Goal(tuple(tuple(map(renumber, stage)) for stage in self.stages))

    def __str__(self) -> str:
        return ", then ".join(" and ".join(str(wanted) for wanted in stage) for stage in self.stages)
