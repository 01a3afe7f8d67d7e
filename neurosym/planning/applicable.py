"""What can be begun in a state, lifted: the bindings of an action's parameters, by joining facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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

    def find(self, predicate: str, said: Args) -> Sequence[Args]:
        """The arguments of the atoms that have the same names in the same places, in order; a variable may be any."""
        places = tuple(place for place, name in enumerate(said) if not name.startswith("?"))
        key = predicate, len(said), places
        index = self._indices.get(key)
        if index is None:
            index = self._indices[key] = defaultdict(list)
            for args in sorted(self._args.get((predicate, len(said)), ())):
                index[tuple(args[place] for place in places)].append(args)
        return index.get(tuple(said[place] for place in places), ())


def bindings(literals: tuple[Literal, ...], facts: Facts, binding: Binding) -> Iterator[Binding]:
    """Each way to go on from a binding that makes all positive literals hold, equality left aside.

    Variables that stand in none of them stay free.
    """
    return _extend(_order(literals, frozenset(binding)), facts, dict(binding))


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


@lru_cache(maxsize=1 << 12)
def _order(literals: tuple[Literal, ...], bound: frozenset[str]) -> tuple[Atom, ...]:
    """Those to join, always the one with the fewest free variables next."""
    left = [literal.atom for literal in literals if _is_joined(literal)]
    ordered: list[Atom] = []
    while left:
        free = [len({arg for arg in atom.args if arg.startswith("?")} - bound) for atom in left]
        ordered.append(left.pop(free.index(min(free))))
        bound |= set(ordered[-1].args)
    return tuple(ordered)


def _extend(atoms: tuple[Atom, ...], facts: Facts, binding: dict[str, str]) -> Iterator[Binding]:
    if not atoms:
        yield binding
        return
    first, *rest = atoms
    said = tuple(binding.get(arg, arg) for arg in first.args)
    free = [place for place, name in enumerate(said) if name.startswith("?")]
    for args in facts.find(first.predicate, said):
        longer = dict(binding)
        if all(longer.setdefault(said[place], args[place]) == args[place] for place in free):
            yield from _extend(tuple(rest), facts, longer)
