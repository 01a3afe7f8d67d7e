"""Atoms against the model: of its predicates, over objects that are there, and what they make applicable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from neurosym.symbols import ActionSchema, Atom, Operator, PlanningDomain, Problem, Signature

__all__ = ["applicable", "misfit_of_model", "misfits", "never_true"]

Binding = Mapping[str, str]


def misfit_of_model(atom: Atom, signatures: Mapping[str, Signature]) -> str:
    """Why an atom is not of the model; empty if it is."""
    signature = signatures.get(atom.predicate)
    if signature is None:
        return f"{atom} is not of the model, which has no {atom.predicate!r}"
    if len(atom.args) != len(signature.parameters):
        return f"{atom} is not of the model: {atom.predicate} takes {len(signature.parameters)} arguments"
    return ""


def misfits(problem: Problem) -> Iterator[str]:
    """What in a problem is not of the model, or is about things that are not there or of another type."""
    domain = problem.domain
    types = {entry.name: entry.type for entry in (*domain.constants, *problem.objects)}
    known = {"object", *(entry.name for entry in domain.types)}
    yield from (f"{name} is a {kind}, which is no type" for name, kind in types.items() if kind not in known)
    goal = {literal.atom for part in problem.goal.alternatives for literal in part}
    predicates = {signature.name: signature for signature in domain.predicates}
    functions = {signature.name: signature for signature in domain.functions}
    for atoms, signatures in (
        (problem.init, predicates),
        (goal, predicates),
        ([a for a, _ in problem.costs], functions),
    ):
        for atom in sorted(atoms):
            if complaint := misfit_of_model(atom, signatures) or _misfit_of_objects(
                atom, signatures, types, domain
            ):
                yield complaint


def _misfit_of_objects(
    atom: Atom, signatures: Mapping[str, Signature], types: Mapping[str, str], domain: PlanningDomain
) -> str:
    for arg, parameter in zip(atom.args, signatures[atom.predicate].parameters, strict=True):
        if arg not in types:
            return f"{atom} is about {arg}, which is no object"
        if parameter.type not in domain.ancestors(types[arg]):
            return f"{atom} is about {arg}, a {types[arg]}, where the model has a {parameter.type}"
    return ""


def never_true(domain: PlanningDomain, problems: Iterable[Problem]) -> list[str]:
    """The predicates that preconditions read and that neither an operator nor any of these problems makes true."""
    read = domain.preconditions - {"="} - {atom.predicate for action in domain.actions for atom in action.add}
    for problem in problems:
        read -= {atom.predicate for atom in problem.init}
    return sorted(read)


def applicable(problem: Problem, most: int) -> Iterator[Operator]:
    """The operators that the model allows in the problem's first state, at most so many of each kind.

    Raises:
        KeyError: a cost has no value.
    """
    types = {entry.name: entry.type for entry in (*problem.domain.constants, *problem.objects)}
    ancestors = {name: problem.domain.ancestors(kind) for name, kind in types.items()}
    facts: dict[str, list[Atom]] = defaultdict(list)
    for atom in sorted(problem.init):
        facts[atom.predicate].append(atom)
    costs = dict(problem.costs)
    for schema in problem.domain.actions:
        fitting = (
            binding
            for binding in _bind(schema, facts, ancestors)
            if all(literal.bind(binding).holds(problem.init) for literal in schema.precondition)
        )
        for binding in islice(fitting, most):
            yield schema.bind(tuple(binding[parameter.name] for parameter in schema.parameters), costs)


def _bind(
    schema: ActionSchema, facts: Mapping[str, list[Atom]], ancestors: Mapping[str, tuple[str, ...]]
) -> Iterator[Binding]:
    """What the parameters may stand for, as far as types and what must hold go."""
    wanted = [entry.atom for entry in schema.precondition if entry.positive and entry.atom.predicate != "="]
    free = schema.parameters

    def extend(binding: Binding, depth: int) -> Iterator[Binding]:
        if depth < len(wanted):
            for fact in facts[wanted[depth].predicate]:
                further = _match(wanted[depth].bind(binding), fact, binding)
                if further is not None:
                    yield from extend(further, depth + 1)
            return
        loose = next((parameter for parameter in free if parameter.name not in binding), None)
        if loose is not None:
            for name in ancestors:
                yield from extend({**binding, loose.name: name}, depth)
        elif all(parameter.type in ancestors[binding[parameter.name]] for parameter in free):
            yield binding

    return extend({}, 0)


def _match(pattern: Atom, fact: Atom, binding: Binding) -> Binding | None:
    """The binding that makes a pattern this fact; None if there is none."""
    found = dict(binding)
    for part, name in zip(pattern.args, fact.args, strict=True):
        if part.startswith("?"):
            if found.setdefault(part, name) != name:
                return None
        elif part != name:
            return None
    return found
