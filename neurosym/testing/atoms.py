"""Atoms against the model: of its predicates, over objects that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from neurosym.symbols import Atom, PlanningDomain, Problem, Signature

__all__ = ["misfit_of_model", "misfits", "never_true"]


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
