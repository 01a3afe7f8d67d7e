"""What can be begun in a state, lifted: the bindings of an action's parameters, by joining facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

from neurosym.symbols import ActionSchema, Atom, Literal, Operator, Problem, State

__all__ = ["Facts", "applicable", "bindings"]

Binding = Mapping[str, str]
"""What variables stand for."""
Args = tuple[str, ...]


class Facts:
    """The atoms of a state, found by what is known of them."""

    def __init__(self, state: State) -> None:
        self._args: dict[tuple[str, int], list[Args]] = defaultdict(list)
        for atom in state:
            self._args[atom.predicate, len(atom.args)].append(atom.args)
        self._indices: dict[tuple[str, int, tuple[int, ...]], dict[Args, list[Args]]] = {}

    def find(self, predicate: str, arity: int, places: tuple[int, ...], names: Args) -> Sequence[Args]:
        """The arguments of the atoms of a predicate that have these names in these places, in order."""
        key = predicate, arity, places
        index = self._indices.get(key)
        if index is None:
            index = self._indices[key] = defaultdict(list)
            for args in sorted(self._args.get((predicate, arity), ())):
                index[tuple([args[place] for place in places])].append(args)
        return index.get(names, ())


def bindings(literals: tuple[Literal, ...], facts: Facts, binding: Binding) -> Iterator[Binding]:
    """Each way to go on from a binding that makes all positive literals hold, equality left aside.

    Variables that stand in none of them stay free.
    """
    return _extend(_joins(literals, frozenset(binding)), 0, facts, dict(binding))


def applicable(problem: Problem, most: int | None = None) -> Iterator[Operator]:
    """The operators that can be begun in a problem's initial state, at most so many of each action.

    Action after action, in an order that depends on the problem alone.

    Raises:
        KeyError: a cost has no value.
    """
    things = (*problem.domain.constants, *problem.objects)
    kinds = {thing.type: problem.domain.ancestors(thing.type) for thing in things}
    types = {thing.name: kinds[thing.type] for thing in things}
    facts, costs = Facts(problem.init), dict(problem.costs)
    for action in problem.domain.actions:
        for binding in islice(_fitting(action, problem.init, facts, types), most):
            yield action.bind(tuple(binding[parameter.name] for parameter in action.parameters), costs)


def _fitting(
    action: ActionSchema, state: State, facts: Facts, types: Mapping[str, tuple[str, ...]]
) -> Iterator[Binding]:
    further = [literal for literal in action.precondition if not _is_joined(literal)]
    for found in bindings(action.precondition, facts, {}):
        named = [[found[one.name]] if one.name in found else types for one in action.parameters]
        fitting = (
            [name for name in names if one.type in types.get(name, ())]
            for one, names in zip(action.parameters, named, strict=True)
        )
        for args in product(*fitting):
            binding = dict(zip((one.name for one in action.parameters), args, strict=True))
            if all(literal.bind(binding).holds(state) for literal in further):
                yield binding


def _is_joined(literal: Literal) -> bool:
    return literal.positive and literal.atom.predicate != "="


@dataclass(frozen=True, slots=True)
class _Join:
    """An atom to join, as it is known when its turn comes.

    Attributes:
        places, names: where something known stands, and what: a constant, or a variable that is bound.
        free: each variable that is not, with its first place.
        again: each further place of one of them, with its first.
    """

    predicate: str
    arity: int
    places: tuple[int, ...]
    names: Args
    free: tuple[tuple[str, int], ...]
    again: tuple[tuple[int, int], ...]


@lru_cache(maxsize=1 << 12)
def _joins(literals: tuple[Literal, ...], bound: frozenset[str]) -> tuple[_Join, ...]:
    """Those to join, always the one with the fewest free variables next."""
    left = [literal.atom for literal in literals if _is_joined(literal)]
    ordered: list[_Join] = []
    while left:
        free = [_free_places(atom, bound) for atom in left]
        least = free.index(min(free, key=len))
        ordered.append(_as_join(left.pop(least), free[least]))
        bound |= set(free[least])
    return tuple(ordered)


def _free_places(atom: Atom, bound: frozenset[str]) -> dict[str, int]:
    """The variables of an atom that are not bound, each with its first place."""
    return {name: atom.args.index(name) for name in atom.args if name.startswith("?") and name not in bound}


def _as_join(atom: Atom, free: Mapping[str, int]) -> _Join:
    places = tuple(place for place, name in enumerate(atom.args) if name not in free)
    again = ((place, free[name]) for place, name in enumerate(atom.args) if name in free)
    return _Join(
        atom.predicate,
        len(atom.args),
        places,
        tuple(atom.args[place] for place in places),
        tuple(free.items()),
        tuple((place, first) for place, first in again if place != first),
    )


def _extend(joins: tuple[_Join, ...], turn: int, facts: Facts, binding: dict[str, str]) -> Iterator[Binding]:
    """What `binding` becomes by the joins from this turn on; it is written over, and what is yielded is a copy."""
    if turn == len(joins):
        yield dict(binding)
        return
    join = joins[turn]
    names = tuple([binding.get(name, name) for name in join.names])
    for args in facts.find(join.predicate, join.arity, join.places, names):
        if not join.again or all(args[place] == args[first] for place, first in join.again):
            for name, place in join.free:
                binding[name] = args[place]
            yield from _extend(joins, turn + 1, facts, binding)
