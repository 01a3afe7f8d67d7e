"""Seeded random problems in several small families, and slow planners that anyone can read."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator

from neurosym.planning import parse_domain
from neurosym.symbols import (
    ActionSchema,
    Atom,
    Condition,
    Literal,
    Operator,
    PlanningDomain,
    Problem,
    Signature,
    State,
    TypedName,
)

LOGISTICS = """
(define (domain logistics)
  (:requirements :strips :typing)
  (:types vehicle parcel place - object truck plane - vehicle city airport - place)
  (:predicates (at ?v - vehicle ?p - place) (lies ?c - parcel ?p - place) (inside ?c - parcel ?v - vehicle)
    (road ?a ?b - place))
  (:action drive :parameters (?t - truck ?a ?b - place) :precondition (and (at ?t ?a) (road ?a ?b))
    :effect (and (at ?t ?b) (not (at ?t ?a))))
  (:action fly :parameters (?v - plane ?a ?b - airport) :precondition (at ?v ?a)
    :effect (and (not (at ?v ?a)) (at ?v ?b)))
  (:action load :parameters (?c - parcel ?v - vehicle ?p - place) :precondition (and (at ?v ?p) (lies ?c ?p))
    :effect (and (inside ?c ?v) (not (lies ?c ?p))))
  (:action unload :parameters (?c - parcel ?v - vehicle ?p - place) :precondition (and (at ?v ?p) (inside ?c ?v))
    :effect (and (lies ?c ?p) (not (inside ?c ?v)))))
"""

LIGHTS = """
(define (domain lights)
  (:requirements :strips :typing :negative-preconditions)
  (:types lamp)
  (:predicates (on ?l - lamp) (wired ?a ?b - lamp) (broken ?l - lamp) (dark))
  (:action light :parameters (?a ?b - lamp) :precondition (and (on ?a) (not (on ?b)) (wired ?a ?b) (not (broken ?b)))
    :effect (and (on ?b) (not (on ?a))))
  (:action split :parameters (?a ?b ?c - lamp)
    :precondition (and (on ?a) (wired ?a ?b) (wired ?a ?c) (not (on ?b)) (not (on ?c)))
    :effect (and (on ?b) (on ?c) (not (on ?a))))
  (:action blackout :parameters () :precondition (not (dark)) :effect (dark))
  (:action repair :parameters (?l - lamp) :precondition (and (broken ?l) (dark) (not (on ?l)))
    :effect (and (not (broken ?l)) (not (dark)))))
"""

TRAVEL = """
(define (domain travel)
  (:requirements :strips :typing :action-costs :negative-preconditions)
  (:types town)
  (:constants home - town)
  (:predicates (at ?t - town) (road ?a ?b - town) (seen ?t - town) (ticket) (rail ?a ?b - town))
  (:functions (total-cost) - number (length ?a ?b - town) - number)
  (:action walk :parameters (?a ?b - town) :precondition (and (at ?a) (road ?a ?b))
    :effect (and (at ?b) (not (at ?a)) (increase (total-cost) (length ?a ?b))))
  (:action buy :parameters () :precondition (and (at home) (not (ticket)))
    :effect (and (ticket) (increase (total-cost) 2)))
  (:action ride :parameters (?a ?b - town) :precondition (and (at ?a) (rail ?a ?b) (ticket))
    :effect (and (at ?b) (not (at ?a)) (increase (total-cost) 1)))
  (:action look :parameters (?a - town) :precondition (at ?a) :effect (seen ?a)))
"""

HANOI = """
(define (domain swap)
  (:requirements :strips :typing :equality :negative-preconditions)
  (:types thing - object peg disc - thing)
  (:constants spare - peg)
  (:predicates (on ?d - disc ?t - thing) (clear ?t - thing) (smaller ?d - disc ?e - disc))
  (:action move-on-disc :parameters (?d - disc ?a - thing ?b - disc)
    :precondition (and (on ?d ?a) (clear ?d) (clear ?b) (smaller ?d ?b) (not (= ?a ?b)))
    :effect (and (on ?d ?b) (clear ?a) (not (on ?d ?a)) (not (clear ?b))))
  (:action move-on-peg :parameters (?d - disc ?a - thing ?b - peg)
    :precondition (and (on ?d ?a) (clear ?d) (clear ?b) (not (= ?b spare)))
    :effect (and (on ?d ?b) (clear ?a) (not (on ?d ?a)) (not (clear ?b))))
  (:action use-spare :parameters (?d - disc ?a - thing ?b - peg)
    :precondition (and (= ?b spare) (on ?d ?a) (clear ?d) (clear ?b) (not (= ?a ?b)))
    :effect (and (on ?d ?b) (clear ?a) (not (on ?d ?a)) (not (clear ?b)))))
"""


def _domain(text: str) -> PlanningDomain:
    return parse_domain(text, reader="direct")


def _atoms(*texts: str) -> State:
    return frozenset(Atom(text.split()[0], tuple(text.split()[1:])) for text in texts)


def _goal(*texts: str) -> Condition:
    return Condition.all_of(*sorted(_atoms(*texts)))


def logistics(rng: random.Random) -> Problem:
    """Trucks, planes and parcels; roads may be missing, so that some have no solution."""
    places = [f"city{i}" for i in range(3)] + [f"airport{i}" for i in range(2)]
    objects = [TypedName(name, name.rstrip("0123456789")) for name in places]
    objects += [TypedName("truck0", "truck"), TypedName("plane0", "plane")]
    parcels = [f"parcel{i}" for i in range(rng.randint(1, 2))]
    objects += [TypedName(name, "parcel") for name in parcels]
    roads = [f"road {a} {b}" for a, b in itertools.permutations(places, 2) if rng.random() < 0.4]
    lie = [f"lies {name} {rng.choice(places)}" for name in parcels]
    start = [f"at truck0 {rng.choice(places)}", f"at plane0 airport{rng.randint(0, 1)}"]
    goal = _goal(*(f"lies {name} {rng.choice(places)}" for name in parcels))
    return Problem(_domain(LOGISTICS), tuple(objects), _atoms(*roads, *lie, *start), goal)


def lights(rng: random.Random) -> Problem:
    """Negative preconditions and goals that ask for absence."""
    lamps = [f"lamp{i}" for i in range(rng.randint(3, 5))]
    wires = [f"wired {a} {b}" for a, b in itertools.permutations(lamps, 2) if rng.random() < 0.45]
    on = [f"on {lamp}" for lamp in lamps if rng.random() < 0.4]
    broken = [f"broken {lamp}" for lamp in lamps if rng.random() < 0.3]
    wanted = rng.sample(lamps, 2)
    goal = Condition.all_of(
        Literal(Atom("on", (wanted[0],))),
        Literal(Atom("on", (wanted[1],)), False),
        Literal(Atom("dark"), False),
    )
    init = _atoms(*wires, *on, *broken, *(["dark"] if rng.random() < 0.5 else []))
    return Problem(_domain(LIGHTS), tuple(TypedName(lamp, "lamp") for lamp in lamps), init, goal)


def travel(rng: random.Random) -> Problem:
    """Costs from a function and constant ones, free actions, a constant, and goals with alternatives."""
    towns = [f"town{i}" for i in range(rng.randint(3, 6))]
    everywhere = [*towns, "home"]
    roads = [(a, b) for a, b in itertools.permutations(everywhere, 2) if rng.random() < 0.35]
    rails = [f"rail {a} {b}" for a, b in itertools.permutations(everywhere, 2) if rng.random() < 0.15]
    costs = tuple((Atom("length", pair), float(rng.randint(0, 9))) for pair in roads)
    init = _atoms(*(f"road {a} {b}" for a, b in roads), *rails, "at home")
    parts = [_goal(*(f"seen {t}" for t in rng.sample(everywhere, 2))) for _ in range(rng.randint(1, 3))]
    goal = Condition(tuple(part.alternatives[0] for part in parts))
    return Problem(_domain(TRAVEL), tuple(TypedName(t, "town") for t in towns), init, goal, costs)


def hanoi(rng: random.Random) -> Problem:
    """Equality, inequality and a constant; discs start and end in random towers."""
    discs, pegs = [f"disc{i}" for i in range(rng.randint(2, 3))], ["peg0", "peg1"]

    def towers() -> tuple[list[str], set[str]]:
        tops = {peg: peg for peg in [*pegs, "spare"]}
        rows = []
        for disc in reversed(discs):
            peg = rng.choice(sorted(tops))
            rows.append(f"on {disc} {tops[peg]}")
            tops[peg] = disc
        return rows, set(tops.values())

    start, clear = towers()
    smaller = [f"smaller {a} {b}" for a, b in itertools.combinations(discs, 2)]
    objects = [TypedName(d, "disc") for d in discs] + [TypedName(p, "peg") for p in pegs]
    init = _atoms(*start, *smaller, *(f"clear {name}" for name in clear))
    return Problem(_domain(HANOI), tuple(objects), init, _goal(*towers()[0]))


def anything(rng: random.Random) -> Problem:
    """Schemas, costs and goals at random; about half have no solution."""
    types = (TypedName("left"), TypedName("right"), TypedName("inner", "left"))
    predicates = tuple(
        Signature(
            f"p{i}",
            tuple(TypedName(f"?x{j}", rng.choice(["object", "left"])) for j in range(rng.randint(0, 2))),
        )
        for i in range(5)
    )
    constants = (TypedName("c0", "inner"),)
    actions = tuple(_random_action(rng, f"act{i}", predicates) for i in range(rng.randint(3, 5)))
    domain = PlanningDomain("anything", types, constants, predicates, (), actions)
    objects = tuple(
        TypedName(f"o{i}", rng.choice(["left", "right", "inner"])) for i in range(rng.randint(2, 3))
    )
    ground = list(_ground_atoms(domain, (*constants, *objects)))
    init = frozenset(rng.sample(ground, min(len(ground), rng.randint(1, 6))))
    parts = tuple(
        frozenset(Literal(atom, rng.random() < 0.7) for atom in rng.sample(ground, 2))
        for _ in range(rng.randint(1, 2))
    )
    return Problem(domain, objects, init, Condition(parts))


def _random_action(rng: random.Random, name: str, predicates: tuple[Signature, ...]) -> ActionSchema:
    parameters = tuple(TypedName(f"?v{i}", rng.choice(["left", "inner"])) for i in range(rng.randint(0, 3)))
    terms = [parameter.name for parameter in parameters] + ["c0"]

    def atoms(count: int) -> list[Atom]:
        chosen = [rng.choice(predicates) for _ in range(count)]
        return [Atom(p.name, tuple(rng.choice(terms) for _ in p.parameters)) for p in chosen]

    needs = {atom: Literal(atom, rng.random() < 0.65) for atom in atoms(rng.randint(0, 3))}
    if len(parameters) > 1 and rng.random() < 0.3:
        names = tuple(parameter.name for parameter in parameters[:2])
        needs[Atom("=", names)] = Literal(Atom("=", names), rng.random() < 0.3)
    add = dict.fromkeys(atoms(rng.randint(1, 2)))
    delete = [atom for atom in dict.fromkeys(atoms(rng.randint(0, 2))) if atom not in add]
    return ActionSchema(
        name, parameters, tuple(needs.values()), tuple(add), tuple(delete), float(rng.randint(0, 4))
    )


def _ground_atoms(domain: PlanningDomain, objects: tuple[TypedName, ...]) -> Iterator[Atom]:
    for predicate in domain.predicates:
        pools = [_members(domain, objects, parameter.type) for parameter in predicate.parameters]
        for args in itertools.product(*pools):
            yield Atom(predicate.name, args)


def _members(domain: PlanningDomain, objects: tuple[TypedName, ...], kind: str) -> list[str]:
    return [item.name for item in objects if kind in domain.ancestors(item.type)]


FAMILIES: dict[str, Callable[[random.Random], Problem]] = {
    "logistics": logistics,
    "lights": lights,
    "travel": travel,
    "hanoi": hanoi,
    "anything": anything,
}


def make_problem(family: str, seed: int) -> Problem:
    """The same problem for the same family and seed."""
    return FAMILIES[family](random.Random(f"{family}-{seed}"))


def all_operators(problem: Problem) -> list[Operator]:
    """Every schema bound to every tuple of fitting objects; without a cost value, no operator."""
    objects, costs, found = (*problem.domain.constants, *problem.objects), dict(problem.costs), []
    for schema in problem.domain.actions:
        pools = [_members(problem.domain, objects, parameter.type) for parameter in schema.parameters]
        for args in itertools.product(*pools):
            try:
                found.append(schema.bind(args, costs))
            except KeyError:
                continue
    return found


def cheapest_cost(problem: Problem) -> float | None:
    """The cost of the best plan by Dijkstra over sets of atoms, None where there is no plan."""
    operators, best, count = all_operators(problem), {problem.init: 0.0}, itertools.count()
    queue = [(0.0, next(count), problem.init)]
    while queue:
        cost, _, state = heapq.heappop(queue)
        if cost > best[state]:
            continue
        if problem.goal.holds(state):
            return cost
        for operator in operators:
            if operator.applicable(state):
                after, total = operator.apply(state), cost + operator.cost
                if total < best.get(after, float("inf")):
                    best[after] = total
                    heapq.heappush(queue, (total, next(count), after))
    return None
