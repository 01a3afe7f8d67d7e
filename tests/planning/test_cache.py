"""The plan cache: equal problems and renamed ones share answers, and nothing else does."""

from __future__ import annotations

import random
import timeit
from dataclasses import replace

import pytest

from benchmarks.lockkey import make_world
from neurosym.planning import EmbeddedPlanner, PlanCache, validate
from neurosym.planning.canonical import canonical_form
from neurosym.symbols import Atom, Condition, Literal, PlanResult, PlanStatus, Problem, TypedName
from tests.planning.families import FAMILIES, make_problem


def rename(problem: Problem, seed: int) -> Problem:
    """The same problem under other names, its objects in another order."""
    rng = random.Random(seed)
    names = [item.name for item in problem.objects]
    fresh = [f"thing{i}" for i in range(len(names))]
    rng.shuffle(fresh)
    new = dict(zip(names, fresh, strict=True))

    def renamed(atom: Atom) -> Atom:
        return Atom(atom.predicate, tuple(new.get(arg, arg) for arg in atom.args))

    objects = [TypedName(new[item.name], item.type) for item in problem.objects]
    rng.shuffle(objects)
    parts = [
        frozenset(Literal(renamed(item.atom), item.positive) for item in part)
        for part in problem.goal.alternatives
    ]
    return Problem(
        problem.domain,
        tuple(objects),
        frozenset(map(renamed, problem.init)),
        Condition(tuple(parts)),
        tuple((renamed(term), value) for term, value in problem.costs),
        "renamed",
    )


def test_an_equal_problem_is_not_planned_twice() -> None:
    cache = PlanCache(EmbeddedPlanner())
    first = cache.plan(make_world(4, 0), time_limit_s=10)
    second = cache.plan(replace(make_world(4, 0), name="another name"), time_limit_s=10)
    assert not first.cached
    assert second.cached
    assert second.plan == first.plan
    assert (cache.hits, cache.exact_hits, cache.misses) == (1, 1, 1)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(12))
def test_a_renamed_problem_gets_the_plan_in_its_own_names(family: str, seed: int) -> None:
    problem = make_problem(family, seed)
    cache = PlanCache(EmbeddedPlanner())
    first = cache.plan(problem, time_limit_s=10)
    other = rename(problem, seed)
    second = cache.plan(other, time_limit_s=10)
    assert second.status is first.status
    assert second.cached, "these problems have no ties that colours leave open"
    assert (cache.hits, cache.misses) == (1, 1)
    if first.plan is not None:
        assert second.plan is not None
        assert validate(other, second.plan)
        assert second.plan.cost == first.plan.cost


@pytest.mark.parametrize("family", FAMILIES)
def test_problems_that_differ_are_told_apart(family: str) -> None:
    """One cache for many problems gives each the status and cost it gets alone."""
    cache, planner = PlanCache(EmbeddedPlanner()), EmbeddedPlanner()
    for seed in range(60):
        problem = make_problem(family, seed)
        shared, alone = cache.plan(problem, time_limit_s=10), planner.plan(problem, time_limit_s=10)
        assert shared.status is alone.status
        if shared.plan is not None and alone.plan is not None:
            assert validate(problem, shared.plan)
            assert shared.plan.cost == alone.plan.cost


def _changed(problem: Problem) -> list[Problem]:
    atom = Atom("in", ("ball0", "room0"))
    return [
        replace(problem, init=problem.init | {atom}),
        replace(problem, goal=Condition.all_of(Atom("at", ("room1",)))),
        replace(problem, objects=(*problem.objects, TypedName("more", "key"))),
        replace(problem, domain=replace(problem.domain, actions=problem.domain.actions[:-1])),
    ]


@pytest.mark.parametrize("position", range(4))
def test_each_part_of_a_problem_counts(position: int) -> None:
    problem = make_world(4, 0)
    cache = PlanCache(EmbeddedPlanner())
    cache.plan(problem, time_limit_s=10)
    assert not cache.plan(_changed(problem)[position], time_limit_s=10).cached


def test_costs_and_types_count_up_to_names() -> None:
    """Renamed, and then one thing changed that only the second level looks at."""
    problem = make_problem("travel", 3)
    term, value = problem.costs[0]
    dearer = replace(problem, costs=((term, value + 1), *problem.costs[1:]))
    cache = PlanCache(EmbeddedPlanner())
    cache.plan(problem, time_limit_s=10)
    assert not cache.plan(rename(dearer, 1), time_limit_s=10).cached
    world = make_world(4, 0)
    with_key, with_box = (
        replace(world, objects=(*world.objects, TypedName("spare", kind))) for kind in ("key", "box")
    )
    assert not cache.plan(with_key, time_limit_s=10).cached
    assert not cache.plan(rename(with_box, 1), time_limit_s=10).cached
    assert cache.plan(rename(with_key, 1), time_limit_s=10).cached


def test_the_type_of_a_lone_object_counts() -> None:
    empty = replace(make_world(4, 0), init=frozenset(), goal=Condition.all_of())
    forms = {
        canonical_form(replace(empty, objects=(TypedName("x", kind),)))[0] for kind in ("key", "box", "room")
    }
    assert len(forms) == 3
    same = {canonical_form(replace(empty, objects=(TypedName(name, "key"),)))[0] for name in ("x", "y")}
    assert len(same) == 1


def test_constants_keep_their_names() -> None:
    """Home is a constant: a town in its place is another problem."""
    problem = make_problem("travel", 3)
    moved = replace(
        problem, init=frozenset(problem.init - {Atom("at", ("home",))} | {Atom("at", ("town0",))})
    )
    cache = PlanCache(EmbeddedPlanner())
    cache.plan(problem, time_limit_s=10)
    assert not cache.plan(moved, time_limit_s=10).cached


def test_names_alone_are_not_enough_without_the_second_level() -> None:
    problem = make_world(4, 0)
    cache = PlanCache(EmbeddedPlanner(), canonical=False)
    cache.plan(problem, time_limit_s=10)
    assert not cache.plan(rename(problem, 1), time_limit_s=10).cached
    assert cache.plan(make_world(4, 0), time_limit_s=10).cached


class _Moody:
    """A planner that runs out of time at first."""

    name = "moody"

    def __init__(self) -> None:
        self.calls = 0

    def plan(self, problem: Problem, *, time_limit_s: float) -> PlanResult:
        self.calls += 1
        status = PlanStatus.TIMED_OUT if self.calls == 1 else PlanStatus.UNSOLVABLE
        return PlanResult(status, reason=f"{time_limit_s:g} s")


def test_what_ran_out_of_time_is_asked_again() -> None:
    cache = PlanCache(_Moody())
    answers = [cache.plan(make_world(4, 0), time_limit_s=1) for _ in range(3)]
    assert [answer.status.name for answer in answers] == ["TIMED_OUT", "UNSOLVABLE", "UNSOLVABLE"]
    assert [answer.cached for answer in answers] == [False, False, True]
    assert cache.name == "moody"


def test_the_one_not_used_for_longest_goes_first() -> None:
    cache = PlanCache(EmbeddedPlanner(), size=2, canonical=False)
    first, second, third = (make_world(4, seed) for seed in range(3))
    for problem in (first, second, first, third):
        cache.plan(problem, time_limit_s=10)
    assert len(cache) == 2
    assert cache.plan(first, time_limit_s=10).cached
    assert not cache.plan(second, time_limit_s=10).cached
    cache.clear()
    assert len(cache) == 0
    with pytest.raises(ValueError, match="size"):
        PlanCache(EmbeddedPlanner(), size=0)


def test_a_hit_is_far_cheaper_than_a_search() -> None:
    planner, problem = EmbeddedPlanner(), make_world(9, 0)
    cache = PlanCache(planner)
    cache.plan(problem, time_limit_s=10)
    searched, hit = (
        min(timeit.repeat(lambda ask=ask: ask(problem, time_limit_s=10), number=1, repeat=20))
        for ask in (planner.plan, cache.plan)
    )
    assert hit < searched / 50, "it is about a five-hundredth"
