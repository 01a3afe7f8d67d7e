"""A domain's schemas as integer arrays, made once per domain, and a problem's atoms in the same numbers.

Terms are integers: a parameter is its position, a constant `c` is `-1 - c`. Objects are numbered with the
domain's constants first. Cost functions are numbered behind the predicates, and their terms are kept like
facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.errors import PlanningError, UnknownNameError
from neurosym.symbols import ActionSchema, Atom, Literal, PlanningDomain, Problem, TypedName

__all__ = ["Domain", "DomainTables", "ProblemTables", "compile_domain", "encode_problem"]

Ints = NDArray[np.int32]

MOST_LITERALS = 60  # the join keeps one bit of an int64 for each


class DomainTables(NamedTuple):
    """The arrays a domain becomes; A actions, L literals, R = sum of arities.

    Attributes:
        arity: int32[predicates], a function's terms included.
        row: int32[predicates], where the predicate's argument positions start among R rows.
        fluent: int32[predicates], 1 where some action adds or deletes it.
        deletable: int32[predicates], 1 where some action deletes it.
        param_ptr, param_type: CSR, the types of each action's parameters.
        section: int32[A, 5], where each action's positive, negative, added and deleted literals start, and
            the end.
        lit_pred, lit_ptr, lit_term: CSR, each literal's predicate and terms.
        eq_ptr, eq: CSR over int32[E, 3] (term, term, 1 where they must be equal).
        cost_lit: int32[A], the literal that is the cost's function term, -1 where the cost is constant.
        cost: float64[A], the constant costs.
        trigger_ptr, trigger: CSR, for each fluent predicate the positive literals that it can match.
        lit_action: int32[L], whose literal it is.
        untriggered: int32[...], actions that no fluent positive literal can trigger.
    """

    arity: Ints
    row: Ints
    fluent: Ints
    deletable: Ints
    param_ptr: Ints
    param_type: Ints
    section: Ints
    lit_pred: Ints
    lit_ptr: Ints
    lit_term: Ints
    eq_ptr: Ints
    eq: Ints
    cost_lit: Ints
    cost: NDArray[np.float64]
    trigger_ptr: Ints
    trigger: Ints
    lit_action: Ints
    untriggered: Ints


class ProblemTables(NamedTuple):
    """The arrays a problem becomes; n objects, T types, F initial facts, G goal literals.

    Attributes:
        type_ok: uint8[T, n], 1 where the object is of the type.
        type_ptr, type_objects: CSR, the objects of each type.
        fact_pred: int32[F]; fact_args: int32[F, max arity]; facts that never change come first.
        fact_value: float64[F], a function term's value, 0 for atoms.
        static: how many facts never change.
        goal_ptr: int32[alternatives + 1]; goal_pred: int32[G]; goal_args: int32[G, max arity]; goal_sign:
            int32[G].
    """

    type_ok: NDArray[np.uint8]
    type_ptr: Ints
    type_objects: Ints
    fact_pred: Ints
    fact_args: Ints
    fact_value: NDArray[np.float64]
    static: int
    goal_ptr: Ints
    goal_pred: Ints
    goal_args: Ints
    goal_sign: Ints


@dataclass(frozen=True, eq=False)
class Domain:
    """A domain, its arrays, and the numbers behind its names.

    Attributes:
        width: the largest arity, at least 1.
        depth: the most literals and parameters that one action has, with room to spare.
    """

    constants: tuple[TypedName, ...]
    tables: DomainTables
    predicates: dict[str, int]
    types: dict[str, int]
    lineage: dict[str, tuple[int, ...]]
    fluent: tuple[bool, ...]
    arities: tuple[int, ...]
    width: int
    depth: int
    parameters: int


def compile_domain(symbols: PlanningDomain) -> Domain:
    """Number a domain's names and lay its schemas out.

    Raises:
        PlanningError: an action uses a predicate, function, type, constant or variable that is not declared.
    """
    return _Compiler(symbols).compile()


class _Compiler:
    def __init__(self, symbols: PlanningDomain) -> None:
        self.symbols = symbols
        signatures = (*symbols.predicates, *symbols.functions)
        self.predicates = {signature.name: number for number, signature in enumerate(signatures)}
        self.arities = tuple(len(signature.parameters) for signature in signatures)
        self.types = {"object": 0}
        for entry in symbols.types:
            self.types.setdefault(entry.name, len(self.types))
        self.constants = {constant.name: number for number, constant in enumerate(symbols.constants)}
        self.lit_pred: list[int] = []
        self.lit_ptr: list[int] = [0]
        self.lit_term: list[int] = []
        self.lit_action: list[int] = []
        self.eq_ptr: list[int] = [0]
        self.eq: list[tuple[int, int, int]] = []

    def compile(self) -> Domain:
        actions = self.symbols.actions
        layouts = [self._action(number, action) for number, action in enumerate(actions)]
        added = {atom.predicate for action in actions for atom in action.add}
        deleted = {atom.predicate for action in actions for atom in action.delete}
        fluent = tuple(name in added | deleted for name in self.predicates)
        triggers, untriggered = self._triggers(layouts, fluent)
        params = [[self._type(entry.type) for entry in action.parameters] for action in actions]
        tables = DomainTables(
            arity=_ints(self.arities),
            row=_ints(np.cumsum([0, *self.arities])[:-1]),
            fluent=_ints(fluent),
            deletable=_ints([name in deleted for name in self.predicates]),
            param_ptr=_pointers(params),
            param_type=_ints([number for row in params for number in row]),
            section=_ints([layout[0] for layout in layouts]).reshape(-1, 5),
            lit_pred=_ints(self.lit_pred),
            lit_ptr=_ints(self.lit_ptr),
            lit_term=_ints(self.lit_term),
            eq_ptr=_ints(self.eq_ptr),
            eq=_ints(self.eq).reshape(-1, 3),
            cost_lit=_ints([layout[1] for layout in layouts]),
            cost=np.array([layout[2] for layout in layouts], np.float64),
            trigger_ptr=_pointers(triggers),
            trigger=_ints([number for row in triggers for number in row]),
            lit_action=_ints(self.lit_action),
            untriggered=_ints(untriggered),
        )
        return Domain(
            self.symbols.constants,
            tables,
            self.predicates,
            self.types,
            {name: tuple(self._type(entry) for entry in self.symbols.ancestors(name)) for name in self.types},
            fluent,
            self.arities,
            max((1, *self.arities)),
            max((2, *(len(a.precondition) + len(a.parameters) + 2 for a in actions))),
            max((1, *(len(a.parameters) for a in actions))),
        )

    def _action(self, number: int, action: ActionSchema) -> tuple[list[int], int, float]:
        scope = {parameter.name: position for position, parameter in enumerate(action.parameters)}
        sections = [len(self.lit_pred)]
        atoms = [literal.atom for literal in action.precondition if literal.positive]
        negated = [literal.atom for literal in action.precondition if not literal.positive]
        if len(atoms) > MOST_LITERALS:
            complaint = f"{len(atoms)} positive preconditions are more than {MOST_LITERALS}"
            raise PlanningError(f"in {action.name}: {complaint}")
        for group in (atoms, negated, action.add, action.delete):
            for atom in group:
                if atom.predicate != "=":
                    self._literal(number, atom, scope, action)
            sections.append(len(self.lit_pred))
        for literal in action.precondition:
            if literal.atom.predicate == "=":
                left, right = (self._term(name, scope, action) for name in literal.atom.args)
                self.eq.append((left, right, int(literal.positive)))
        self.eq_ptr.append(len(self.eq))
        if isinstance(action.cost, Atom):
            self._literal(number, action.cost, scope, action)
            return sections, sections[-1], 0.0
        if not 0 <= action.cost < float("inf"):
            raise PlanningError(f"the action {action.name} costs {action.cost}: expected a cost of 0 or more")
        return sections, -1, float(action.cost)

    def _literal(self, number: int, atom: Atom, scope: dict[str, int], action: ActionSchema) -> None:
        if atom.predicate not in self.predicates:
            raise PlanningError(
                f"in {action.name}: {UnknownNameError('predicate', atom.predicate, self.predicates)}"
            )
        predicate = self.predicates[atom.predicate]
        if len(atom.args) != self.arities[predicate]:
            raise PlanningError(
                f"in {action.name}: {atom} has {len(atom.args)} arguments, not {self.arities[predicate]}"
            )
        self.lit_pred.append(predicate)
        self.lit_term.extend(self._term(name, scope, action) for name in atom.args)
        self.lit_ptr.append(len(self.lit_term))
        self.lit_action.append(number)

    def _term(self, name: str, scope: dict[str, int], action: ActionSchema) -> int:
        if name in scope:
            return scope[name]
        if name in self.constants:
            return -1 - self.constants[name]
        raise PlanningError(
            f"in {action.name}: {UnknownNameError('variable', name, [*scope, *self.constants])}"
        )

    def _type(self, name: str) -> int:
        if name not in self.types:
            raise PlanningError(str(UnknownNameError("type", name, self.types)))
        return self.types[name]

    def _triggers(
        self, layouts: Sequence[tuple[list[int], int, float]], fluent: Sequence[bool]
    ) -> tuple[list[list[int]], list[int]]:
        triggers: list[list[int]] = [[] for _ in self.predicates]
        untriggered = []
        for action, (sections, _, _) in enumerate(layouts):
            literals = [number for number in range(sections[0], sections[1]) if fluent[self.lit_pred[number]]]
            for number in literals:
                triggers[self.lit_pred[number]].append(number)
            if not literals:
                untriggered.append(action)
        return triggers, untriggered


def encode_problem(domain: Domain, problem: Problem) -> tuple[ProblemTables, list[str]]:
    """A problem in the domain's numbers, and the object names by number.

    Raises:
        PlanningError: an object or atom does not fit the domain, or a name is used twice.
    """
    items = (*domain.constants, *problem.objects)
    names = [item.name for item in items]
    number = {name: position for position, name in enumerate(names)}
    if len(number) != len(names):
        twice = next(name for position, name in enumerate(names) if number[name] != position)
        raise PlanningError(f"the object {twice} is declared twice")
    members: list[list[int]] = [[] for _ in domain.types]
    try:
        for position, item in enumerate(items):
            for kind in domain.lineage[item.type]:
                members[kind].append(position)
    except KeyError as error:
        raise PlanningError(str(UnknownNameError("type", error.args[0], domain.types))) from error
    type_ok = np.zeros((len(members), max(1, len(names))), np.uint8)
    for kind, objects in enumerate(members):
        type_ok[kind, objects] = 1
    encoder = _Encoder(domain, number)
    static, changing = encoder.split(problem.init)
    costs = dict(problem.costs)
    terms = [encoder.code(term) for term in costs]
    goal = [encoder.conjunction(part) for part in problem.goal.alternatives]
    goal_rows = [row for part in goal if part is not None for row in part]
    facts = terms + static + changing
    values = np.zeros(len(facts))
    values[: len(terms)] = list(costs.values())
    tables = ProblemTables(
        type_ok=type_ok,
        type_ptr=_pointers(members),
        type_objects=_ints([position for row in members for position in row]),
        fact_pred=_ints([row[0] for row in facts]),
        fact_args=_matrix([row[1] for row in facts], domain.width),
        fact_value=values,
        static=len(terms) + len(static),
        goal_ptr=_pointers([part for part in goal if part is not None]),
        goal_pred=_ints([row[0] for row in goal_rows]),
        goal_args=_matrix([row[1] for row in goal_rows], domain.width),
        goal_sign=_ints([row[2] for row in goal_rows]),
    )
    return tables, names


class _Encoder:
    def __init__(self, domain: Domain, number: dict[str, int]) -> None:
        self.domain, self.number = domain, number
        width = domain.width
        self.padding = [(0,) * (width - arity) for arity in range(width + 1)]

    def split(
        self, atoms: Iterable[Atom]
    ) -> tuple[list[tuple[int, tuple[int, ...]]], list[tuple[int, tuple[int, ...]]]]:
        """Codes of the atoms that never change, and of those that may, in an order that no hash decides."""
        static, changing, fluent, code = [], [], self.domain.fluent, self.code
        for atom in atoms:
            row = code(atom)
            (changing if fluent[row[0]] else static).append(row)
        return sorted(static), sorted(changing)

    def code(self, atom: Atom) -> tuple[int, tuple[int, ...]]:
        number, args = self.number, atom.args
        try:
            predicate = self.domain.predicates[atom.predicate]
            codes = tuple([number[arg] for arg in args])
        except KeyError as error:
            raise PlanningError(f"in {atom}: {self._complaint(error.args[0], atom)}") from error
        if len(codes) != self.domain.arities[predicate]:
            raise PlanningError(f"{atom} has {len(codes)} arguments, not {self.domain.arities[predicate]}")
        return predicate, codes + self.padding[len(codes)]

    def _complaint(self, name: str, atom: Atom) -> UnknownNameError:
        if name == atom.predicate and name not in self.domain.predicates:
            return UnknownNameError("predicate", name, self.domain.predicates)
        return UnknownNameError("object", name, self.number)

    def conjunction(self, part: frozenset[Literal]) -> list[tuple[int, tuple[int, ...], int]] | None:
        """Codes and signs of a goal's literals; None where an equality makes it impossible."""
        rows = []
        for literal in part:
            if literal.atom.predicate == "=":
                if not literal.holds(frozenset()):
                    return None
                continue
            rows.append((*self.code(literal.atom), int(literal.positive)))
        return sorted(rows)


def _ints(values: Iterable[Any]) -> Ints:
    return np.array(values if isinstance(values, np.ndarray) else list(values), np.int32)


def _matrix(rows: list[tuple[int, ...]], width: int) -> Ints:
    return np.array(rows, np.int32).reshape(-1, width)


def _pointers(rows: Sequence[Sequence[object]]) -> Ints:
    result = np.zeros(len(rows) + 1, np.int32)
    np.cumsum([len(row) for row in rows], out=result[1:])
    return result
