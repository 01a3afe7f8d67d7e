"""The causal graph of a domain: which predicates have a say in which.

Helmert (2006, "The Fast Downward Planning System", JAIR 26, on knowledge compilation) draws it over the variables of
a grounded task: an arc leads from u to v if some operator has u in its precondition and v in its effect, or both in
its effect. Here it is lifted: one node for each predicate, whatever its arguments. So an arc says that some atom of
one predicate may depend on some atom of another; in a given problem fewer may, and arcs between atoms of the same
predicate are not drawn at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from neurosym.symbols import ActionSchema

__all__ = ["Arc", "causal_graph", "changed_by", "read_by"]


@dataclass(frozen=True, order=True)
class Arc:
    """An arc from `source` to `target`, two predicates.

    Attributes:
        reading: the operators that read the source and change the target.
        together: the operators that change both; there is an arc the other way too.
    """

    source: str
    target: str
    reading: tuple[str, ...] = ()
    together: tuple[str, ...] = ()


def read_by(action: ActionSchema) -> tuple[str, ...]:
    """The predicates in the precondition, each once, in the file's order; equality is none."""
    return tuple(dict.fromkeys(p for literal in action.precondition if (p := literal.atom.predicate) != "="))


def changed_by(action: ActionSchema) -> tuple[str, ...]:
    """The predicates in the effect, each once."""
    return tuple(dict.fromkeys(atom.predicate for atom in (*action.add, *action.delete)))


def causal_graph(actions: Iterable[ActionSchema]) -> tuple[Arc, ...]:
    """All arcs, in the order of their names."""
    reading: dict[tuple[str, str], list[str]] = {}
    together: dict[tuple[str, str], list[str]] = {}
    for action in actions:
        changed = changed_by(action)
        for pair in product(read_by(action), changed):
            reading.setdefault(pair, []).append(action.name)
        for pair in product(changed, changed):
            together.setdefault(pair, []).append(action.name)
    pairs = sorted(pair for pair in {*reading, *together} if pair[0] != pair[1])
    return tuple(Arc(*pair, tuple(reading.get(pair, ())), tuple(together.get(pair, ()))) for pair in pairs)
