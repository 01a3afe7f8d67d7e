"""Grounding and the heuristics on what it makes, against references that anyone can read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.lockkey import make_world
from neurosym.errors import PlanningError
from neurosym.planning import heuristic_kernels as kernels
from neurosym.planning.ground import Arrays, GroundTask, OutOfTimeError, _Grounder, ground
from neurosym.planning.search import HEURISTICS
from neurosym.planning.tables import compile_domain, encode_problem
from neurosym.symbols import (
    ActionSchema,
    Atom,
    Condition,
    Literal,
    Operator,
    PlanningDomain,
    Problem,
    Signature,
    TypedName,
)
from tests.planning.families import FAMILIES, all_operators, cheapest_cost, make_problem

CASES = [(family, seed) for family in FAMILIES for seed in range(25)]


def reachable_operators(problem: Problem) -> set[Operator]:
    """What can ever be applied when nothing is deleted; an absence holds once it held or somebody deletes."""
    atoms, gone, operators = set(problem.init), set[Atom](), all_operators(problem)
    found: set[Operator] = set()

    def possible(literal: Literal) -> bool:
        if literal.atom.predicate == "=":
            return literal.holds(frozenset())
        if literal.positive:
            return literal.atom in atoms
        return literal.atom not in problem.init or literal.atom in gone

    grew = True
    while grew:
        new = {o for o in operators if o not in found and all(map(possible, o.precondition))}
        grew = bool(new)
        found |= new
        for operator in new:
            atoms |= operator.add
            gone |= operator.delete
    return found


def _operators(task: GroundTask) -> list[Operator]:
    assert task.arrays is not None
    costs = dict(task.problem.costs)
    return [task.operator(number, costs) for number in range(int(task.arrays.real[0]))]


@pytest.mark.parametrize(("family", "seed"), CASES)
def test_operators_are_reachable_ones_and_come_once(family: str, seed: int) -> None:
    problem = make_problem(family, seed)
    task = ground(problem)
    if task.arrays is None:
        assert cheapest_cost(problem) is None
        return
    found = _operators(task)
    assert len(set(found)) == len(found)
    # Absences are taken for possible where the predicate is ever deleted, so that a few more may be kept.
    relaxed = replace(problem, domain=_without_absences(problem.domain))
    allowed = {(o.name, o.args) for o in reachable_operators(relaxed)}
    assert {(o.name, o.args) for o in found} <= allowed
    assert [o.cost for o in found] == task.arrays.cost[: len(found)].tolist()


def _without_absences(domain: PlanningDomain) -> PlanningDomain:
    actions = tuple(
        replace(a, precondition=tuple(i for i in a.precondition if i.positive or i.atom.predicate == "="))
        for a in domain.actions
    )
    return replace(domain, actions=actions)


def relaxed_costs(arrays: Arrays, words: list[int], *, add: bool) -> list[float]:
    """h-add or h-max of every variable, by going over all actions until nothing changes."""
    n_vars = len(arrays.by_pre_ptr) - 1
    value = [0.0 if words[v >> 6] >> (v & 63) & 1 else np.inf for v in range(n_vars)] + [np.inf]
    changed = True
    while changed:
        changed = False
        for op, cost in enumerate(arrays.cost.tolist()):
            needs = [value[v] for v in arrays.pre[arrays.pre_ptr[op] : arrays.pre_ptr[op + 1]]]
            total = cost + (sum(needs) if add else max(needs, default=0.0))
            for var in arrays.add[arrays.add_ptr[op] : arrays.add_ptr[op + 1]]:
                if total < value[var]:
                    value[var], changed = total, True
    return value


def _values(task: GroundTask, words: np.ndarray) -> dict[str, float]:
    assert task.arrays is not None
    scratch = kernels.make_scratch(len(task.arrays.by_pre_ptr) - 1, len(task.arrays.cost))
    return {
        name: float(kernels.evaluate(task.arrays, scratch, words, task.arrays.cost, code))
        for code, name in enumerate(HEURISTICS)
    }


def _states(task: GroundTask, rng: random.Random) -> Iterator[tuple[np.ndarray, Problem]]:
    """The initial state and a few on a random walk from it, as words and as a problem that starts there."""
    assert task.arrays is not None
    words, state, operators = task.state.copy(), task.problem.init, _operators(task)
    for _ in range(4):
        yield words.copy(), replace(task.problem, init=state)
        possible = [n for n, operator in enumerate(operators) if operator.applicable(state)]
        if not possible:
            return
        chosen = rng.choice(possible)
        state = operators[chosen].apply(state)
        for ptr, idx, on in (("rem_ptr", "rem", False), ("add_ptr", "add", True)):
            rows = getattr(task.arrays, ptr)
            for var in getattr(task.arrays, idx)[rows[chosen] : rows[chosen + 1]].tolist():
                bit = np.uint64(1 << (var & 63))
                words[var >> 6] = words[var >> 6] | bit if on else words[var >> 6] & ~bit


@pytest.mark.parametrize(("family", "seed"), CASES)
def test_heuristics(family: str, seed: int) -> None:
    task = ground(make_problem(family, seed))
    if task.arrays is None:
        return
    for words, problem in _states(task, random.Random(seed)):
        value, best = _values(task, words), cheapest_cost(problem)
        best = np.inf if best is None else best
        plain = words.tolist()
        assert value["hmax"] == pytest.approx(relaxed_costs(task.arrays, plain, add=False)[-1])
        assert value["hadd"] == pytest.approx(relaxed_costs(task.arrays, plain, add=True)[-1])
        assert value["hmax"] <= value["lmcut"] + 1e-9
        assert value["lmcut"] <= best + 1e-9, "LM-cut must never say more than the truth"
        assert value["hmax"] <= value["ff"] + 1e-9
        assert value["ff"] <= value["hadd"] + 1e-9


def test_worlds_ground_to_what_they_should() -> None:
    for seed in range(3):
        problem = make_world(9, seed)
        found = {(o.name, o.args) for o in _operators(ground(problem))}
        assert found <= {(o.name, o.args) for o in reachable_operators(problem)}


def test_arrays_that_start_too_small_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with room for one action grows until everything fits, and nothing else changes."""
    problem = make_world(9, 0)
    usual = sorted(map(str, _operators(ground(problem))))
    original, sizes = _Grounder._make_store, list[int]()

    def small(self: _Grounder, facts: int, ops: int) -> object:
        sizes.append(ops)
        return original(self, (facts - 256) // 2 + 2, 1) if len(sizes) == 1 else original(self, facts, ops)

    monkeypatch.setattr(_Grounder, "_make_store", small)
    assert sorted(map(str, _operators(ground(problem)))) == usual
    assert len(sizes) > 3


def test_the_deadline_is_looked_at() -> None:
    with pytest.raises(OutOfTimeError):
        ground(make_world(400, 0), deadline=0.0)


def test_what_does_not_help_is_left_out() -> None:
    """Light can be made and paint spilt; only light is asked for."""
    actions = (
        ActionSchema("light", (), (), (Atom("lit"),)),
        ActionSchema("spill", (), (), (Atom("wet"),)),
    )
    domain = PlanningDomain("room", predicates=(Signature("lit"), Signature("wet")), actions=actions)
    task = ground(Problem(domain, (), frozenset(), Condition.all_of(Atom("lit"))))
    assert [str(o) for o in _operators(task)] == ["(light)"]


MALFORMED = [
    ({"init": frozenset([Atom("at", ("nowhere",))])}, r"in \(at nowhere\): unknown object 'nowhere'"),
    ({"init": frozenset([Atom("att", ("home",))])}, "unknown predicate 'att'; nearest: at"),
    ({"init": frozenset([Atom("at")])}, r"\(at\) has 0 arguments, not 1"),
    ({"goal": Condition.all_of(Atom("seen", ("mars",)))}, "unknown object 'mars'"),
    ({"objects": (TypedName("a", "city"),)}, "unknown type 'city'"),
    ({"objects": (TypedName("home", "town"),)}, "home is declared twice"),
    ({"costs": ()}, r"needs a cost of 0 or more for \(length"),
]


@pytest.mark.parametrize(("change", "message"), MALFORMED)
def test_problems_that_do_not_fit_their_domain(change: dict[str, object], message: str) -> None:
    problem = make_problem("travel", 1)
    problem = replace(problem, goal=Condition.all_of(Atom("seen", ("home",))), init=problem.init)
    with pytest.raises(PlanningError, match=message):
        ground(replace(problem, **change))


def test_schemas_that_do_not_fit_their_domain() -> None:
    def domain(*actions: ActionSchema) -> PlanningDomain:
        return PlanningDomain("d", predicates=(Signature("p", (TypedName("?x"),)),), actions=actions)

    with pytest.raises(PlanningError, match="in act: unknown predicate 'q'"):
        compile_domain(domain(ActionSchema("act", (), (Literal(Atom("q")),))))
    with pytest.raises(PlanningError, match=r"in act: \(p\) has 0 arguments, not 1"):
        compile_domain(domain(ActionSchema("act", (), (), (Atom("p"),))))
    with pytest.raises(PlanningError, match=r"in act: unknown variable '\?y'"):
        compile_domain(domain(ActionSchema("act", (), (), (Atom("p", ("?y",)),))))
    with pytest.raises(PlanningError, match="costs -1"):
        compile_domain(domain(ActionSchema("act", cost=-1)))
    with pytest.raises(PlanningError, match="unknown type 'room'"):
        compile_domain(domain(ActionSchema("act", (TypedName("?r", "room"),))))
    many = tuple(Literal(Atom("p", (f"?x{i}",))) for i in range(61))
    with pytest.raises(PlanningError, match="61 positive preconditions"):
        compile_domain(domain(ActionSchema("act", tuple(TypedName(f"?x{i}") for i in range(61)), many)))


def test_tables_are_made_once_per_domain() -> None:
    from neurosym.planning.ground import _domains

    problem = make_problem("travel", 0)
    assert _domains(problem.domain) is _domains(problem.domain)
    before = len(_domains)
    ground(replace(problem, domain=replace(problem.domain, name="short-lived")))
    assert len(_domains) == before


def test_codes() -> None:
    problem = make_problem("travel", 0)
    tables, names = encode_problem(compile_domain(problem.domain), problem)
    assert names[0] == "home"
    assert tables.static == len(tables.fact_pred) - 1, "only the place where one is may change"
