"""What a domain's model and words say, gathered by operator and by predicate."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.language.rules import Slot
from neurosym.showing.causality import Arc, causal_graph, read_by
from neurosym.symbols import ActionSchema, PlanningDomain, Signature, TypedName

if TYPE_CHECKING:
    from neurosym.domain import Domain
    from neurosym.language.rules import Rules

__all__ = ["OperatorRow", "PredicateRow", "Summary", "summarise"]


@dataclass(frozen=True)
class OperatorRow:
    """One operator. `said` is the template of its instruction, empty where it has none."""

    schema: ActionSchema
    said: str

    @property
    def name(self) -> str:
        return self.schema.name

    @property
    def head(self) -> str:
        return " ".join((self.name, *self.parameters))

    @property
    def parameters(self) -> list[str]:
        return group_typed(self.schema.parameters)

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(map(str, self.schema.precondition))

    @property
    def adds(self) -> tuple[str, ...]:
        return tuple(map(str, self.schema.add))

    @property
    def deletes(self) -> tuple[str, ...]:
        return tuple(map(str, self.schema.delete))

    @property
    def cost(self) -> str:
        """A number, or the function whose value the problem gives."""
        cost = self.schema.cost
        return f"{cost:g}" if isinstance(cost, float | int) else str(cost)

    def record(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "parameters": {parameter.name: parameter.type for parameter in self.schema.parameters},
            "preconditions": list(self.needs),
            "adds": list(self.adds),
            "deletes": list(self.deletes),
            "cost": self.cost,
            "said": self.said,
        }


@dataclass(frozen=True)
class PredicateRow:
    """One predicate, with the operators that read, add and delete it."""

    signature: Signature
    readers: tuple[str, ...]
    adders: tuple[str, ...]
    deleters: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.signature.name

    @property
    def head(self) -> str:
        return " ".join((self.name, *self.parameters))

    @property
    def parameters(self) -> list[str]:
        return group_typed(self.signature.parameters)

    @property
    def kind(self) -> str:
        """`static`: no operator changes it; `final`: some do and none reads it; `fluent`: both; `unused`: neither."""
        changes = bool(self.adders or self.deleters)
        if self.readers:
            return "fluent" if changes else "static"
        return "final" if changes else "unused"

    def record(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "parameters": {parameter.name: parameter.type for parameter in self.signature.parameters},
            "kind": self.kind,
            "read_by": list(self.readers),
            "added_by": list(self.adders),
            "deleted_by": list(self.deleters),
        }


@dataclass(frozen=True)
class Summary:
    """A domain to be looked at. Operators and predicates are in the order of the file."""

    name: str
    folder: Path
    types: tuple[TypedName, ...]
    operators: tuple[OperatorRow, ...]
    predicates: tuple[PredicateRow, ...]
    arcs: tuple[Arc, ...]

    @property
    def census(self) -> str:
        """How much there is of everything."""
        counts = {"operator": len(self.operators), "predicate": len(self.predicates), "type": len(self.types)}
        return ", ".join(f"{count} {name}{'s' * (count != 1)}" for name, count in counts.items())

    def record(self) -> dict[str, Any]:
        return {
            "domain": self.name,
            "folder": str(self.folder),
            "types": {entry.name: entry.type for entry in self.types},
            "operators": [row.record() for row in self.operators],
            "predicates": [row.record() for row in self.predicates],
            "causal_graph": [
                {
                    "from": arc.source,
                    "to": arc.target,
                    "reading": list(arc.reading),
                    "together": list(arc.together),
                }
                for arc in self.arcs
            ],
        }


def summarise(domain: Domain) -> Summary:
    """What the domain's files say.

    Raises:
        PddlError, DomainError: a file is broken.
    """
    model, rules = domain.model, domain.translator.rules
    return Summary(
        name=domain.name,
        folder=domain.folder,
        types=model.types,
        operators=tuple(OperatorRow(action, _template(rules, action.name)) for action in model.actions),
        predicates=tuple(_predicate_row(model, signature) for signature in model.predicates),
        arcs=causal_graph(model.actions),
    )


def group_typed(names: tuple[TypedName, ...]) -> list[str]:
    """As PDDL writes them, in groups of one type: `?a ?b - thing` and `?r - room`."""
    groups = groupby(names, lambda entry: entry.type)
    return [" ".join((*(entry.name for entry in group), "-", kind)) for kind, group in groups]


def _template(rules: Rules, operator: str) -> str:
    template = rules.template_of.get(operator)
    parts = template.pattern if template else ()
    return " ".join(f"{{{part.name}}}" if isinstance(part, Slot) else part for part in parts).replace(
        " ,", ","
    )


def _predicate_row(model: PlanningDomain, signature: Signature) -> PredicateRow:
    name, actions = signature.name, model.actions
    return PredicateRow(
        signature,
        readers=tuple(action.name for action in actions if name in read_by(action)),
        adders=tuple(action.name for action in actions if name in [atom.predicate for atom in action.add]),
        deleters=tuple(
            action.name for action in actions if name in [atom.predicate for atom in action.delete]
        ),
    )
