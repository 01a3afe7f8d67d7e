"""A cache of plans that knows a problem again when its objects only carry other names.

Two levels. The first finds a problem that is equal as it stands. The second finds one whose objects can be
renamed into those of a problem seen before, each to one of its own type, the domain's constants fixed: the
plan is that one's with the names put back.

The canonical form is colour refinement on objects (Weisfeiler and Leman 1968) with ties broken by taking one
object of the first ambiguous colour apart at a time. Where such a choice matters, two renamings of one
problem may get two forms: that costs a second search and never a wrong plan, since only equal forms share
one.
"""

from __future__ import annotations

import time
from dataclasses import replace

from neurosym.planning.canonical import CanonicalForm, canonical_form
from neurosym.planning.memo import RecentlyUsed
from neurosym.planning.search import Planner
from neurosym.symbols import Atom, Plan, PlanningDomain, PlanResult, PlanStatus, Problem, State

__all__ = ["PlanCache"]

_KEPT = (PlanStatus.SOLVED, PlanStatus.UNSOLVABLE)


class PlanCache:
    """A planner that remembers what another one answered; searches that ran out of time or memory are not kept.

    Args:
        planner: whom to ask on a miss.
        size: how many answers to keep on each level; the one not used for longest goes first.
        canonical: whether problems that are equal up to names share an answer.

    Attributes:
        hits: answers from the cache; exact_hits: those found without renaming.
        misses: answers that the planner had to give.
    """

    def __init__(self, planner: Planner, size: int = 4096, *, canonical: bool = True) -> None:
        self.planner, self.canonical = planner, canonical
        self.hits = self.exact_hits = self.misses = 0
        self._exact: RecentlyUsed[_ExactKey, PlanResult] = RecentlyUsed(size)
        self._forms: RecentlyUsed[CanonicalForm, tuple[PlanResult, tuple[str, ...]]] = RecentlyUsed(size)

    @property
    def name(self) -> str:
        """The name of the planner behind the cache."""
        return str(getattr(self.planner, "name", type(self.planner).__name__))

    def __len__(self) -> int:
        return len(self._exact)

    def clear(self) -> None:
        """Forget every answer; the counts stay."""
        self._exact.clear()
        self._forms.clear()

    def plan(self, problem: Problem, *, time_limit_s: float) -> PlanResult:
        """The answer for an equal problem if there is one, else the planner's."""
        start = time.perf_counter()
        key = _ExactKey(problem)
        known = self._exact.find(key)
        if known is not None:
            self.hits += 1
            self.exact_hits += 1
            return replace(known, seconds=time.perf_counter() - start, cached=True)
        if not self.canonical:
            return self._ask(problem, key, time_limit_s)[0]
        return self._plan_up_to_names(problem, key, time_limit_s, start)

    def _plan_up_to_names(
        self, problem: Problem, key: _ExactKey, time_limit_s: float, start: float
    ) -> PlanResult:
        form, order = canonical_form(problem)
        found = self._forms.find(form)
        if found is not None:
            self.hits += 1
            result = _renamed(found[0], dict(zip(found[1], order, strict=True)), problem)
            self._exact.keep(key, result)
            return replace(result, seconds=time.perf_counter() - start, cached=True)
        result, keep = self._ask(problem, key, time_limit_s)
        if keep:
            self._forms.keep(form, (result, order))
        return result

    def _ask(self, problem: Problem, key: _ExactKey, time_limit_s: float) -> tuple[PlanResult, bool]:
        self.misses += 1
        result = self.planner.plan(problem, time_limit_s=time_limit_s)
        keep = result.status in _KEPT
        if keep:
            self._exact.keep(key, result)
        return result, keep


class _ExactKey:
    """A problem without its name, hashed by its state and costs: one world's states recur under many costs."""

    __slots__ = ("_hash", "_problem")

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._hash = hash((problem.init, problem.costs))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _ExactKey):
            return NotImplemented
        a, b = self._problem, other._problem
        return a is b or (
            _same(a.domain, b.domain)
            and _same(a.init, b.init)
            and _same(a.goal, b.goal)
            and _same(a.objects, b.objects)
            and _same(a.costs, b.costs)
        )


def _same(a: PlanningDomain | State | object, b: PlanningDomain | State | object) -> bool:
    return a is b or a == b


def _renamed(result: PlanResult, names: dict[str, str], problem: Problem) -> PlanResult:
    if result.plan is None:
        return result
    costs: dict[Atom, float] = dict(problem.costs)
    steps = (
        problem.domain.action(step.name).bind(tuple(names.get(arg, arg) for arg in step.args), costs)
        for step in result.plan.steps
    )
    return replace(result, plan=Plan(tuple(steps)))
