"""Tables that put MiniGrid's atoms into another domain's words: how they are read, applied and checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from neurosym.errors import DomainError
from neurosym.symbols import Atom, PlanningDomain, TypedName

if TYPE_CHECKING:
    from .bound import BoundDomain

Head: TypeAlias = tuple[str, tuple[str, ...]]
Pattern: TypeAlias = tuple[str, tuple[TypedName, ...]]
Rule: TypeAlias = tuple[Sequence[Pattern], Sequence[Head]]


def read_head(text: str) -> Head:
    """ "pick-up ?item ?room" in two parts."""
    name, *args = text.split()
    return name, tuple(args)


def read_patterns(text: str) -> list[Pattern]:
    """ "at ?item:item ?room" with the types that are asked for, empty for any; several are joined by "and"."""
    patterns = []
    for part in text.split(" and "):
        name, args = read_head(part)
        typed = (arg.partition(":") for arg in args)
        patterns.append((name, tuple(TypedName(variable, kind) for variable, _, kind in typed)))
    return patterns


def fill(args: Iterable[str], binding: Mapping[str, str]) -> tuple[str, ...]:
    """The arguments with their variables replaced, those within names too, as in `rest_of_?room`."""
    filled = []
    for arg in args:
        stem, mark, variable = arg.partition("?")
        filled.append(stem + binding[mark + variable] if mark else arg)
    return tuple(filled)


def say(
    rules: Iterable[Rule], atoms: Iterable[Atom], model: PlanningDomain, types: Mapping[str, str]
) -> Iterator[Atom]:
    """What `model`'s atoms say by the rules; `types`: of the objects that they are about."""
    known = defaultdict(list)
    for atom in atoms:
        known[atom.predicate].append(atom)
    for patterns, said in rules:
        for binding in _bindings(patterns, known, model, types, {}):
            for predicate, args in said:
                yield Atom(predicate, fill(args, binding))


def _bindings(
    patterns: Sequence[Pattern],
    known: Mapping[str, Sequence[Atom]],
    model: PlanningDomain,
    types: Mapping[str, str],
    bound: Mapping[str, str],
) -> Iterator[Mapping[str, str]]:
    """Every way to bind the variables so that all patterns hold."""
    if not patterns:
        yield bound
        return
    predicate, parameters = patterns[0]
    for atom in known.get(predicate, ()):
        binding = dict(bound)
        if all(
            binding.setdefault(parameter.name, name) == name
            and (not parameter.type or parameter.type in model.ancestors(types.get(name, "")))
            for parameter, name in zip(parameters, atom.args, strict=True)
        ):
            yield from _bindings(patterns[1:], known, model, types, binding)


def check_tables(domain: BoundDomain, ours: PlanningDomain) -> None:
    """Hold a domain's tables against both models.

    Raises:
        DomainError: one speaks of a predicate, function or operator that there is not, or an operator is not bound, or
            what a goal means says nothing.
    """
    theirs = domain.model
    _expect(domain, "atoms", _heads(domain.atoms), _predicates(ours))
    _expect(domain, "atoms", _said(domain.atoms.values()), _predicates(theirs))
    _expect(
        domain,
        "efforts",
        _heads(domain.efforts),
        {entry.name: len(entry.parameters) for entry in ours.functions},
    )
    _expect(domain, "operators", map(read_head, domain.operators), _actions(theirs))
    for choices in domain.operators.values():
        _expect(domain, "operators", _said(choices), _actions(ours))
    opposites = [(name, ("?it",)) for pair in domain.opposites.items() for name in pair]
    _expect(domain, "opposites", opposites, _predicates(theirs))
    bound = {read_head(said)[0] for said in domain.operators}
    if missing := [action.name for action in theirs.actions if action.name not in bound]:
        raise DomainError(
            f"{domain.name}: the table of operators does not say what {missing[0]} is to MiniGrid"
        )
    plain = {name for text in domain.atoms for name, _ in read_patterns(text) if " and " not in text}
    if silent := [goal for goal, meant in domain.goals.items() if meant not in plain]:
        raise DomainError(
            f"{domain.name}: goal {silent[0]!r} means {domain.goals[silent[0]]!r}, which no atom says"
        )


def _heads(table: Iterable[str]) -> Iterator[Head]:
    for text in table:
        for name, parameters in read_patterns(text):
            yield name, tuple(parameter.name for parameter in parameters)


def _said(lists: Iterable[Iterable[str]]) -> Iterator[Head]:
    return (read_head(text) for texts in lists for text in texts)


def _predicates(model: PlanningDomain) -> dict[str, int]:
    return {entry.name: len(entry.parameters) for entry in model.predicates}


def _actions(model: PlanningDomain) -> dict[str, int]:
    return {entry.name: len(entry.parameters) for entry in model.actions}


def _expect(domain: BoundDomain, table: str, heads: Iterable[Head], arity: Mapping[str, int]) -> None:
    for name, args in heads:
        if arity.get(name) != len(args):
            known = f"it takes {arity[name]} arguments" if name in arity else "there is no such name"
            raise DomainError(
                f"{domain.name}: the table of {table} has ({' '.join((name, *args))}), but {known}"
            )


__all__ = ["check_tables", "fill", "read_head", "read_patterns", "say"]
