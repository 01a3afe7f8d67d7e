"""PDDL with quantifiers, disjunctions and conditional effects, read into formulas; all else is refused by name.

Source of the language: McDermott et al. 1998, "PDDL, the Planning Domain Definition Language"; Fox and Long 2003,
"PDDL2.1", section 3 for what an effect may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from neurosym.errors import PddlError
from neurosym.pddlworld.formula import TRUE, Formula, Junction, Quantified, negate
from neurosym.planning.domain_reader import DomainReader
from neurosym.planning.problem_reader import ProblemReader
from neurosym.planning.reader import Names, TreeReader
from neurosym.planning.sexpr import Branch, Node, Source
from neurosym.symbols import Atom, Literal, PlanningDomain, State, TypedName

__all__ = ["Action", "Effect", "World", "read_world"]

_REFUSED = {
    **dict.fromkeys(["<", ">", "<=", ">="], "a numeric condition"),
    **dict.fromkeys(["assign", "decrease", "scale-up", "scale-down"], "a numeric effect"),
    **dict.fromkeys(["oneof", "probabilistic"], "an effect by chance"),
    "unknown": "an unknown fact",
    "preference": "a preference",
    **dict.fromkeys(
        [
            "always",
            "sometime",
            "within",
            "at-most-once",
            "sometime-after",
            "sometime-before",
            "always-within",
            "hold-during",
            "hold-after",
        ],
        "a trajectory constraint",
    ),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """For every binding of the variables: where the condition holds, these atoms become false, and then those true."""

    variables: tuple[TypedName, ...] = ()
    condition: Formula = TRUE
    add: tuple[Atom, ...] = ()
    delete: tuple[Atom, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """A lifted action; `cost` as in `neurosym.symbols.ActionSchema`."""

    name: str
    parameters: tuple[TypedName, ...]
    precondition: Formula
    effects: tuple[Effect, ...]
    cost: float | Atom


@dataclass(frozen=True)
class World:
    """What the two files say.

    Attributes:
        declared: types, constants, predicates and functions; the actions are in `actions`.
        objects: the problem's own.
        mission: the goal as it is written.
    """

    declared: PlanningDomain
    actions: tuple[Action, ...]
    problem: str
    objects: tuple[TypedName, ...]
    init: State
    costs: Mapping[Atom, float]
    goal: Formula
    mission: str


def read_world(domain: Path | str, problem: Path | str) -> World:
    """The world that a domain's file and a problem's file describe.

    Raises:
        PddlError: a file cannot be read, is broken, or uses what is not supported; says what and where.
    """
    return _parse(_text(domain), _text(problem), str(domain), str(problem))


def _text(path: Path | str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PddlError(f"cannot be read: {error}", path=path) from error


@lru_cache(maxsize=8)
def _parse(domain: str, problem: str, domain_path: str, problem_path: str) -> World:
    names, actions = _ActionReader(Source(domain, domain_path)).actions()
    reader = ProblemReader(Source(problem, problem_path), names.domain)
    stated = reader.statement()
    goal = reader.goal_of(stated)
    formula = ConditionReader(reader).read(goal, stated.names, {})
    init, costs, mission = stated.init, stated.costs, _say(goal)
    return World(names.domain, actions, stated.name, stated.objects, init, costs, formula, mission)


def _say(node: Node) -> str:
    """A tree on one line."""
    return f"({' '.join(_say(item) for item in node.items)})" if isinstance(node, Branch) else node.text


class ConditionReader:
    """Reads conditions for a reader of domains or problems."""

    def __init__(self, reader: TreeReader) -> None:
        self.reader, self.source = reader, reader.source

    def read(self, node: Node, names: Names, scope: Mapping[str, str]) -> Formula:
        """A condition in which the variables of `scope`, each with its type, may occur."""
        branch = self.reader.branch(node, "a condition")
        if branch.head in ("and", "or"):
            parts = tuple(self.read(part, names, scope) for part in branch.items[1:])
            return Junction(branch.head == "and", parts)
        if branch.head == "not":
            return negate(self.read(self._parts(branch, 1)[0], names, scope))
        if branch.head == "imply":
            given, then = (self.read(part, names, scope) for part in self._parts(branch, 2))
            return Junction(False, (negate(given), then))
        if branch.head in ("forall", "exists"):
            variables, body = self.quantifier(branch, names)
            inner = {**scope, **{variable.name: variable.type for variable in variables}}
            return Quantified(branch.head == "forall", variables, self.read(body, names, inner))
        self.refuse(branch, names)
        return Literal(self.reader.atom(branch, names, scope)) if branch.items else TRUE

    def quantifier(self, branch: Branch, names: Names) -> tuple[tuple[TypedName, ...], Node]:
        """The variables and the body of `(forall (?x - type ...) BODY)`."""
        listed, body = self._parts(branch, 2)
        variables = self.reader.branch(listed, "a list of variables")
        return tuple(self.reader.typed_list(variables.items, "a variable", names.types, "?")), body

    def refuse(self, branch: Branch, names: Names) -> None:
        """Refuse by name what PDDL knows and this package does not."""
        what = _REFUSED.get(branch.head)
        if branch.head == "=" and any(isinstance(item, Branch) for item in branch.items):
            what = "a condition on a fluent's value"
        if what is not None and branch.head not in names.predicates:
            raise self.source.error(f"({branch.head} ...), {what}, is not supported", branch)

    def _parts(self, branch: Branch, count: int) -> tuple[Node, ...]:
        if len(branch.items) != count + 1:
            found = len(branch.items) - 1
            raise self.source.error(f"({branch.head} ...) takes {count} parts, got {found}", branch)
        return branch.items[1:]


class _ActionReader(DomainReader):
    """Reads a domain whose actions have formulas for conditions."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.conditions = ConditionReader(self)

    def actions(self) -> tuple[Names, tuple[Action, ...]]:
        """What the domain declares, and its actions."""
        names, sections = self.declarations()
        read = [self._read(section, names) for section in sections]
        self.check_one_of_each([action.name for action, _ in read], sections)
        # Where no action says what it costs, each costs 1; where some do, the others are free, as in PDDL.
        default = 0.0 if any(cost is not None for _, cost in read) else 1.0
        return names, tuple(_costing(action, default if cost is None else cost) for action, cost in read)

    def _read(self, section: Branch, names: Names) -> tuple[Action, float | Atom | None]:
        name, parameters, parts = self.heading(section, names)
        scope = {parameter.name: parameter.type for parameter in parameters}
        condition = parts.get(":precondition")
        precondition = TRUE if condition is None else self.conditions.read(condition, names, scope)
        changes = self.conjuncts(parts[":effect"], "an effect") if ":effect" in parts else []
        costs = [self.cost(change, names, scope) for change in changes if change.head == "increase"]
        if len(costs) > 1:
            raise self.source.error(f"{name} increases total-cost twice: expected once", section)
        effects = self._effects([change for change in changes if change.head != "increase"], names, scope)
        return Action(name, parameters, precondition, tuple(effects), 0.0), costs[0] if costs else None

    def _effects(self, changes: Sequence[Branch], names: Names, scope: Mapping[str, str]) -> list[Effect]:
        """Effects under no condition as one, then the conditional and universal ones."""
        literals: list[Literal] = []
        effects: list[Effect] = []
        for change in changes:
            if change.head == "when":
                effects += self._conditional(change, names, scope)
            elif change.head == "forall":
                effects += self._universal(change, names, scope)
            else:
                literals.append(self._change(change, names, scope))
        add = tuple(literal.atom for literal in literals if literal.positive)
        delete = tuple(literal.atom for literal in literals if not literal.positive)
        return [Effect((), TRUE, add, delete), *effects] if literals else effects

    def _conditional(self, branch: Branch, names: Names, scope: Mapping[str, str]) -> list[Effect]:
        if len(branch.items) != 3:
            raise self.source.error("expected (when CONDITION EFFECT)", branch)
        condition = self.conditions.read(branch.items[1], names, scope)
        changes = self.conjuncts(branch.items[2], "an effect")
        for change in changes:
            if change.head in ("when", "forall"):
                raise self.source.error(f"({change.head} ...) inside (when ...) is not supported", change)
        inner = self._effects(changes, names, scope)
        return [Effect((), condition, effect.add, effect.delete) for effect in inner]

    def _universal(self, branch: Branch, names: Names, scope: Mapping[str, str]) -> list[Effect]:
        variables, body = self.conditions.quantifier(branch, names)
        inner_scope = {**scope, **{variable.name: variable.type for variable in variables}}
        inner = self._effects(self.conjuncts(body, "an effect"), names, inner_scope)
        return [
            Effect((*variables, *effect.variables), effect.condition, effect.add, effect.delete)
            for effect in inner
        ]

    def _change(self, branch: Branch, names: Names, scope: Mapping[str, str]) -> Literal:
        """`ATOM` or `(not ATOM)`, to become true or false."""
        self.conditions.refuse(branch, names)
        if branch.head == "increase":
            raise self.source.error("(increase ...) inside another effect is not supported", branch)
        if branch.head in ("or", "exists", "imply"):
            raise self.source.error(f"({branch.head} ...) is not an effect", branch)
        literal = self.literal(branch, names, scope)
        if literal.atom.predicate == "=":
            raise self.source.error("(= ...) is not an effect", branch)
        return literal


def _costing(action: Action, cost: float | Atom) -> Action:
    return Action(action.name, action.parameters, action.precondition, action.effects, cost)
