"""The embedded planner: ground, search, and say how it ended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosym.errors import PlanningError, UnknownNameError
from neurosym.planning.ground import GroundTask, OutOfTimeError, ground
from neurosym.symbols import (
    ActionSchema,
    Atom,
    Condition,
    Literal,
    Plan,
    PlanningDomain,
    PlanResult,
    PlanStatus,
    Problem,
    Signature,
)

__all__ = ["HEURISTICS", "SEARCHES", "EmbeddedPlanner", "Planner"]

SEARCHES = ("auto", "astar", "gbfs", "wastar")
HEURISTICS = ("blind", "hmax", "hadd", "ff", "lmcut")
_DEFAULT_HEURISTIC = {"auto": "lmcut", "astar": "lmcut", "gbfs": "ff", "wastar": "ff"}
_ADMISSIBLE = ("blind", "hmax", "lmcut")
_SLICE_S = 0.002
_EPSILON = 1e-6
_WEIGHT = 1.5
_STEPS_PER_ACTION = 4  # below this A* seldom ends: measured on lock-and-key worlds
_FF_SHARE = 8  # FF costs about a tenth of LM-cut there


class Planner(Protocol):
    """Anything that plans."""

    def plan(self, problem: Problem, *, time_limit_s: float) -> PlanResult:
        """A plan for `problem`, or why there is none; `time_limit_s` in seconds of wall time."""
        ...


class EmbeddedPlanner:
    """The planner in this process, for typed STRIPS with negative preconditions, equality and action costs.

    Args:
        search: "astar" (optimal with "blind", "hmax" and "lmcut"), "wastar" (weighted A*), "gbfs" (greedy
            best-first, fast), or "auto": greedy first, then A* for something cheaper within `effort`, which
            settles small problems optimally, and weighted A* with what is left for the others.
        heuristic: "blind", "hmax", "hadd", "ff" or "lmcut"; None takes LM-cut for A* and "auto", else FF.
        weight: the heuristic's weight in "wastar".
        effort: how many states times actions "auto" looks at to better its first plan. A count, not a time,
            so that the same problem gets the same plan on any machine.
        memory_mb: search memory in MiB; beyond it the search gives up.

    Raises:
        UnknownNameError: no such search or heuristic.
        PlanningError: A* with a heuristic that would make its plans less than optimal.
    """

    name = "neurosym"

    def __init__(
        self,
        search: str = "auto",
        heuristic: str | None = None,
        *,
        weight: float = 2.0,
        effort: int = 50_000,
        memory_mb: float = 2048.0,
    ) -> None:
        if search not in SEARCHES:
            raise UnknownNameError("search", search, SEARCHES)
        chosen = _DEFAULT_HEURISTIC[search] if heuristic is None else heuristic
        if chosen not in HEURISTICS:
            raise UnknownNameError("heuristic", chosen, HEURISTICS)
        if search in ("astar", "auto") and chosen not in _ADMISSIBLE:
            raise PlanningError(
                f"A* needs one of {', '.join(_ADMISSIBLE)}: {chosen} is not admissible; see 'wastar'"
            )
        if weight < 1:
            raise PlanningError(f"the weight must be 1 or more, got {weight}")
        self.search, self.heuristic = search, chosen
        self.weight, self.effort, self.memory_mb = weight, effort, memory_mb

    def plan(self, problem: Problem, *, time_limit_s: float) -> PlanResult:
        """A plan, or why there is none.

        The clock starts once the compiled kernels are loaded; on a machine that has not compiled them yet
        the first call does that, which takes longer than most limits.

        Raises:
            PlanningError: the problem does not fit its domain.
        """
        load_kernels()
        start = time.perf_counter()
        deadline = start + time_limit_s
        try:
            task = ground(problem, deadline)
        except OutOfTimeError:
            return self._result(
                start, PlanStatus.TIMED_OUT, reason=f"no time left after {time_limit_s:g} s of grounding"
            )
        if task.arrays is None:
            return self._result(
                start, PlanStatus.UNSOLVABLE, reason=f"proven without search: {task.unreachable}"
            )
        outcome = self._search(task, deadline)
        reason = outcome.reason.format(limit=time_limit_s, memory=self.memory_mb)
        plan = task.plan(outcome.steps) if outcome.status is PlanStatus.SOLVED else None
        return self._result(start, outcome.status, plan, reason, outcome.expanded)

    def _result(
        self, start: float, status: PlanStatus, plan: Plan | None = None, reason: str = "", expanded: int = 0
    ) -> PlanResult:
        return PlanResult(status, plan, time.perf_counter() - start, self.name, reason, expanded)

    def _search(self, task: GroundTask, deadline: float) -> _Outcome:
        run = _Run(task, deadline, self.memory_mb)
        if self.search == "gbfs":
            return run.greedy(self.heuristic)
        if self.search == "wastar":
            return run.astar(self.heuristic, self.weight)
        if self.search == "astar":
            return run.astar(self.heuristic, 1.0)
        return run.auto(self.heuristic, self.effort)


@cache
def load_kernels() -> None:
    """Load the compiled kernels, or compile them where no cache holds them, by planning for a tiny problem."""
    fact, goal = Atom("a"), Atom("b")
    schema = ActionSchema("act", (), (Literal(fact),), (goal,), ())
    domain = PlanningDomain("tiny", predicates=(Signature("a"), Signature("b")), actions=(schema,))
    task = ground(Problem(domain, (), frozenset([fact]), Condition.all_of(goal)))
    _Run(task, np.inf, 64.0).astar("lmcut", 1.0)
    _Run(task, np.inf, 64.0).greedy("ff")


@dataclass(frozen=True)
class _Outcome:
    status: PlanStatus
    steps: list[int]
    reason: str = ""
    expanded: int = 0
    cost: float = np.inf


class _Run:
    """The searches for one task, under one deadline."""

    def __init__(self, task: GroundTask, deadline: float, memory_mb: float) -> None:
        from neurosym.planning import heuristic_kernels, search_kernels

        assert task.arrays is not None
        self.kernels, self.heuristics = search_kernels, heuristic_kernels
        self.arrays, self.state, self.deadline = task.arrays, task.state, deadline
        self.memory, self.expanded = memory_mb * 2**20, 0
        self.n_ops, self.n_vars = len(task.arrays.cost), len(task.arrays.by_pre_ptr) - 1
        self.scratch = heuristic_kernels.make_scratch(self.n_vars, self.n_ops)

    def astar(
        self, heuristic: str, weight: float, bound: float = np.inf, steps: int | None = None
    ) -> _Outcome:
        """Weighted A* for plans that cost less than `bound`; gives up after `steps` pops."""
        self._open(256, 1024, 0)
        code = HEURISTICS.index(heuristic)

        def advance(budget: int) -> int:
            return self.kernels.astar(
                self.arrays,
                self.scratch,
                self.space,
                self.cursor,
                self.arrays.cost,
                code,
                weight,
                bound,
                budget,
            )

        return self._loop(advance, steps)

    def greedy(self, heuristic: str) -> _Outcome:
        """Greedy best-first search; actions are one dearer to the heuristic, so that free ones are not all alike."""
        self._open(256, 1024 + self.n_ops, 1024 + self.n_ops)
        code, best = HEURISTICS.index(heuristic), np.array([np.inf])
        cost = self.arrays.cost + (self.arrays.cost != 1.0).any()
        cost[self.arrays.real[0] :] = 0.0

        def advance(budget: int) -> int:
            return self.kernels.greedy(
                self.arrays, self.scratch, self.space, self.cursor, cost, code, best, budget
            )

        return self._loop(advance, None)

    def auto(self, heuristic: str, effort: int) -> _Outcome:
        """Greedy first; then A* below that plan's cost; where that does not end in time, weighted A* below it."""
        best = self.greedy("ff")
        if best.status is not PlanStatus.SOLVED or not best.steps:
            return best
        steps = effort // self.n_ops
        # Two steps look at the initial state only: they tell whether the plan found is already the best.
        exact = steps if steps >= _STEPS_PER_ACTION * len(best.steps) else 2
        for name, weight, share in ((heuristic, 1.0, exact), ("ff", _WEIGHT, _FF_SHARE * steps)):
            better = self.astar(name, weight, self._below(best.cost), share)
            if better.status is PlanStatus.SOLVED:
                best = better
            if name == heuristic and better.status in (PlanStatus.SOLVED, PlanStatus.UNSOLVABLE):
                break
        return best

    def _below(self, cost: float) -> float:
        """What a better plan must cost less than: with whole costs, the next whole number down and a little."""
        whole = bool((self.arrays.cost == np.floor(self.arrays.cost)).all())
        return cost - 1 + _EPSILON if whole else cost - _EPSILON

    def _loop(self, advance: Any, limit: int | None) -> _Outcome:
        """Advance in slices of about 2 ms, growing the arrays and looking at the clock between them."""
        kernels, taken, budget = self.kernels, 0, 64
        while True:
            if limit is not None and taken >= limit:
                return self._outcome(PlanStatus.GAVE_UP, f"no plan within {limit} steps")
            start = time.perf_counter()
            if start >= self.deadline:
                return self._outcome(PlanStatus.TIMED_OUT, "no plan within {limit:g} s")
            size = budget if limit is None else min(budget, limit - taken)
            status = advance(size)
            taken = int(self.cursor[kernels.STEPS])
            if status == kernels.FOUND:
                return self._outcome(PlanStatus.SOLVED)
            if status == kernels.EXHAUSTED:
                return self._outcome(PlanStatus.UNSOLVABLE, "every state that can be reached was looked at")
            if status == kernels.GROW and not self._grow():
                return self._outcome(PlanStatus.GAVE_UP, "no plan within {memory:g} MiB")
            elapsed = max(time.perf_counter() - start, 1e-6)
            budget = int(min(max(1, size * _SLICE_S / elapsed), 4 * budget))

    def _outcome(self, status: PlanStatus, reason: str = "") -> _Outcome:
        steps, cost = list[int](), np.inf
        self.expanded += int(self.cursor[self.kernels.EXPANDED])
        if status is PlanStatus.SOLVED:
            node = int(self.cursor[self.kernels.GOAL])
            cost = float(self.space.g[node])
            while self.space.parent[node] >= 0:
                steps.append(int(self.space.op[node]))
                node = int(self.space.parent[node])
        return _Outcome(status, steps[::-1], reason, self.expanded, cost)

    def _open(self, nodes: int, queue: int, preferred: int) -> None:
        self.cursor = np.zeros(self.kernels.N_CURSOR, np.int64)
        self.space = self._make_space(nodes, queue, preferred)
        self.kernels.enter(self.space, self.cursor, self.state)

    def _make_space(self, nodes: int, queue: int, preferred: int) -> Any:
        def open_list(size: int) -> tuple[NDArray[Any], ...]:
            return np.empty(size), np.empty(size), np.empty(size, np.int32), np.empty(size, np.int32)

        return self.kernels.Space(
            np.empty((nodes, len(self.state)), np.uint64),
            np.empty(nodes, np.int32),
            np.empty(nodes, np.int32),
            np.empty(nodes),
            np.empty(nodes),
            np.empty(nodes, np.uint8),
            np.full(1 << (2 * nodes).bit_length(), -1, np.int32),
            np.empty(len(self.state), np.uint64),
            *open_list(queue),
            *open_list(preferred),
        )

    def _grow(self) -> bool:
        """Twice the room in what is filling up; false where that passes the memory limit."""
        kernels, old = self.kernels, self.space
        counts = [int(self.cursor[i]) for i in (kernels.N_NODES, kernels.N_OPEN, kernels.N_PREFERRED)]
        sizes = [len(old.parent), len(old.key), len(old.key2)]
        sizes = [
            2 * size if 2 * (count + self.n_ops * (i > 0)) >= size and size else size
            for i, (count, size) in enumerate(zip(counts, sizes, strict=True))
        ]
        if (sizes[0] + self.n_ops) * (8 * len(self.state) + 41) + 24 * (sizes[1] + sizes[2]) > self.memory:
            return False
        grown = self._make_space(*sizes)
        for names, count in zip(_GROWING, counts, strict=True):
            for name in names:
                getattr(grown, name)[:count] = getattr(old, name)[:count]
        self.space = grown
        kernels.rehash(self.space, self.cursor)
        return True


_GROWING = (
    ("words", "parent", "op", "g", "h", "status"),
    ("key", "tie", "node", "action"),
    ("key2", "tie2", "node2", "action2"),
)
