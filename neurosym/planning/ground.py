"""Grounding: a problem becomes a propositional task of bit sets and integer arrays."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.errors import PlanningError
from neurosym.planning.memo import IdentityMemo
from neurosym.planning.tables import Domain, ProblemTables, compile_domain, encode_problem
from neurosym.symbols import Atom, Operator, Plan, Problem

__all__ = ["Arrays", "GroundTask", "OutOfTimeError", "ground"]

Ints = NDArray[np.int32]

_domains: IdentityMemo[Domain] = IdentityMemo(compile_domain)


class Arrays(NamedTuple):
    """A propositional task; V variables, N actions of which the last ones are the goal's end actions.

    Attributes:
        pre_ptr .. rem: CSR, the variables each action needs, adds and removes; variable V is "the goal is
            reached".
        by_pre_ptr .. by_add: CSR, the actions that need or add each variable.
        cost: float64[N].
        real: int32[1], how many actions are not end actions.
    """

    pre_ptr: Ints
    pre: Ints
    add_ptr: Ints
    add: Ints
    rem_ptr: Ints
    rem: Ints
    by_pre_ptr: Ints
    by_pre: Ints
    by_add_ptr: Ints
    by_add: Ints
    cost: NDArray[np.float64]
    real: Ints


class OutOfTimeError(Exception):
    """Grounding ran past its deadline."""


@dataclass(frozen=True, eq=False)
class GroundTask:
    """What the search works on.

    Attributes:
        arrays: None where the goal is out of reach even if nothing were ever deleted.
        state: uint64[words], the initial state.
        unreachable: one line on what is out of reach; empty otherwise.
    """

    problem: Problem
    arrays: Arrays | None
    state: NDArray[np.uint64]
    unreachable: str = ""
    op_action: Ints | None = None
    op_args: Ints | None = None
    names: tuple[str, ...] = ()

    def operator(self, number: int, costs: dict[Atom, float]) -> Operator:
        """The operator that an action of the arrays stands for."""
        assert self.op_action is not None
        assert self.op_args is not None
        schema = self.problem.domain.actions[self.op_action[number]]
        args = tuple(self.names[arg] for arg in self.op_args[number, : len(schema.parameters)].tolist())
        return schema.bind(args, costs)

    def plan(self, numbers: list[int]) -> Plan:
        """The plan that a sequence of actions stands for."""
        costs = dict(self.problem.costs)
        return Plan(tuple(self.operator(number, costs) for number in numbers))


def ground(problem: Problem, deadline: float = float("inf")) -> GroundTask:
    """Ground by relaxed reachability; `deadline` is on `time.perf_counter`'s clock.

    Raises:
        PlanningError: the problem does not fit its domain.
        OutOfTimeError: the deadline passed.
    """
    domain = _domains(problem.domain)
    tables, names = encode_problem(domain, problem)
    if len(tables.goal_ptr) == 1:
        return GroundTask(
            problem, None, np.zeros(1, np.uint64), "no alternative of the goal can hold: it compares names"
        )
    grounder = _Grounder(domain, tables)
    grounder.reach(deadline)
    return _assemble(problem, domain, tables, grounder, names)


class _Grounder:
    """The store, grown as needed, and the run over it."""

    def __init__(self, domain: Domain, tables: ProblemTables) -> None:
        from neurosym.planning import reach_kernels

        self.kernels, self.domain, self.tables = reach_kernels, domain, tables
        facts = len(tables.fact_pred)
        self.cursor = np.zeros(reach_kernels.N_CURSOR, np.int64)
        self.store = self._make_store(2 * facts + 256, 512)
        arity = domain.tables.arity
        reach_kernels.load(
            arity,
            self.store,
            self.cursor,
            tables.fact_pred,
            tables.fact_args,
            tables.fact_value,
            tables.static,
        )

    def _make_store(self, facts: int, ops: int) -> Any:
        domain, objects = self.domain, self.tables.type_ok.shape[1]
        rows, predicates = max(1, sum(domain.arities)), max(1, len(domain.arities))
        return self.kernels.Store(
            pred=np.empty(facts, np.int32),
            args=np.empty((facts, domain.width), np.int32),
            value=np.zeros(facts),
            link=np.empty((facts, domain.width + 1), np.int32),
            head=np.full((rows, objects), -1, np.int32),
            count=np.zeros((rows, objects), np.int32),
            head_all=np.full(predicates, -1, np.int32),
            count_all=np.zeros(predicates, np.int32),
            table=np.full(1 << (2 * facts).bit_length(), -1, np.int32),
            op_action=np.empty(ops, np.int32),
            op_args=np.empty((ops, domain.parameters), np.int32),
            lit=np.empty(domain.depth, np.int32),
            cand=np.empty(domain.depth, np.int32),
            column=np.empty(domain.depth, np.int32),
            binding=np.empty(domain.parameters, np.int32),
            level=np.empty(domain.parameters, np.int32),
            key=np.empty(domain.width, np.int32),
        )

    def _grow(self) -> None:
        """Four times the room; what is there moves along."""
        old, facts, ops = self.store, self.cursor[self.kernels.N_FACTS], self.cursor[self.kernels.N_OPS]
        grown = self._make_store(4 * len(old.pred), 4 * len(old.op_action))
        for name in ("pred", "args", "value", "link"):
            getattr(grown, name)[:facts] = getattr(old, name)[:facts]
        for name in ("op_action", "op_args"):
            getattr(grown, name)[:ops] = getattr(old, name)[:ops]
        same = ("head", "count", "head_all", "count_all", "lit", "cand", "column", "binding", "level")
        self.store = grown._replace(**{name: getattr(old, name) for name in same})
        self.kernels.rehash(self.domain.tables.arity, self.store, self.cursor)

    def reach(self, deadline: float) -> None:
        kernels, budget = self.kernels, 20_000
        while True:
            status = kernels.reach(self.domain.tables, self.tables, self.store, self.cursor, budget)
            if status == kernels.DONE:
                return
            if status == kernels.GROW:
                self._grow()
            if time.perf_counter() > deadline:
                raise OutOfTimeError


def _assemble(
    problem: Problem, domain: Domain, tables: ProblemTables, grounder: _Grounder, names: list[str]
) -> GroundTask:
    from neurosym.planning import task_kernels

    store, cursor = grounder.store, grounder.cursor
    draft = _make_draft(domain, tables, grounder)
    task_kernels.draft(domain.tables, tables, store, cursor, draft)
    _check_costs(problem, store, draft.cost, names)
    counts = draft.counts.tolist()
    if counts[task_kernels.PARTS] == 0:
        literal = _goal_literal(domain, tables, counts[task_kernels.MISSING], names)
        return GroundTask(problem, None, np.zeros(1, np.uint64), f"{literal} can never hold")
    arrays = _make_arrays(counts, task_kernels)
    source = np.empty(counts[task_kernels.OPS], np.int32)
    state = np.zeros(max(1, (counts[task_kernels.VARS] + 63) // 64), np.uint64)
    task_kernels.lay_out(cursor, draft, arrays, source, state)
    args = store.op_args[source]
    return GroundTask(problem, arrays, state, "", store.op_action[source], args, tuple(names))


def _make_draft(domain: Domain, tables: ProblemTables, grounder: _Grounder) -> Any:
    from neurosym.planning.task_kernels import N_COUNTS, Draft

    kernels, cursor, section = grounder.kernels, grounder.cursor.tolist(), domain.tables.section
    facts, ops, goals = cursor[kernels.N_FACTS], cursor[kernels.N_OPS], len(tables.goal_pred)
    uses = np.bincount(grounder.store.op_action[:ops], minlength=len(section))
    needs, effects = ((section[:, 2] - section[:, 0]) @ uses, (section[:, 4] - section[:, 2]) @ uses)

    def pointers() -> Ints:
        return np.zeros(ops + 1, np.int32)

    return Draft(
        deleted=np.zeros(facts, np.uint8),
        negated=np.zeros(facts, np.uint8),
        alive=np.zeros(ops, np.uint8),
        used=np.zeros(ops, np.uint8),
        cost=np.empty(ops),
        goal_fact=np.empty(goals, np.int32),
        goal_ptr=np.zeros(len(tables.goal_ptr), np.int32),
        goal=np.empty(goals, np.int32),
        pre_ptr=pointers(),
        pre=np.empty(needs, np.int32),
        add_ptr=pointers(),
        add=np.empty(effects, np.int32),
        rem_ptr=pointers(),
        rem=np.empty(effects, np.int32),
        by_add_ptr=np.zeros(2 * facts + 1, np.int32),
        by_add=np.empty(effects, np.int32),
        number=np.full(2 * facts, -1, np.int32),
        stack=np.empty(2 * facts, np.int32),
        key=np.empty(domain.width, np.int32),
        counts=np.zeros(N_COUNTS, np.int64),
    )


def _make_arrays(counts: list[int], kernels: Any) -> Arrays:
    n_vars, n_parts = counts[kernels.VARS], counts[kernels.PARTS]
    n_ops, n_pre = counts[kernels.OPS] + n_parts, counts[kernels.PRE] + counts[kernels.GOALS]
    n_add = counts[kernels.ADD] + n_parts
    return Arrays(
        pre_ptr=np.zeros(n_ops + 1, np.int32),
        pre=np.empty(n_pre, np.int32),
        add_ptr=np.zeros(n_ops + 1, np.int32),
        add=np.empty(n_add, np.int32),
        rem_ptr=np.zeros(n_ops + 1, np.int32),
        rem=np.empty(counts[kernels.REM], np.int32),
        by_pre_ptr=np.zeros(n_vars + 1, np.int32),
        by_pre=np.empty(n_pre, np.int32),
        by_add_ptr=np.zeros(n_vars + 2, np.int32),
        by_add=np.empty(n_add, np.int32),
        cost=np.empty(n_ops),
        real=np.empty(1, np.int32),
    )


def _check_costs(problem: Problem, store: Any, cost: NDArray[np.float64], names: list[str]) -> None:
    bad = np.flatnonzero(~(cost >= 0))
    if len(bad):
        schema = problem.domain.actions[store.op_action[bad[0]]]
        args = [names[arg] for arg in store.op_args[bad[0], : len(schema.parameters)]]
        binding = {parameter.name: arg for parameter, arg in zip(schema.parameters, args, strict=True)}
        term = schema.cost.bind(binding) if isinstance(schema.cost, Atom) else schema.cost
        raise PlanningError(f"({' '.join([schema.name, *args])}) needs a cost of 0 or more for {term}")


def _goal_literal(domain: Domain, tables: ProblemTables, index: int, names: list[str]) -> str:
    predicate = list(domain.predicates)[tables.goal_pred[index]]
    args = tuple(names[arg] for arg in tables.goal_args[index, : domain.arities[tables.goal_pred[index]]])
    return str(Atom(predicate, args)) if tables.goal_sign[index] else f"(not {Atom(predicate, args)})"
