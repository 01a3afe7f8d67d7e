"""Which objects a goal means by descriptions of one thing, as in "open a door, then go to it".

Within a stage, descriptions with the same referent are to be one object. When a stage is reached, it is known which,
and the later stages are about that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from neurosym.belief import Belief
from neurosym.symbols import Atom, Wanted

__all__ = ["agree", "find_referents"]


def agree(stage: Sequence[Wanted], atoms: Sequence[Atom]) -> bool:
    """Whether atoms, one for each that is wanted, give every referent one name only."""
    names: dict[int, str] = {}
    return all(
        not thing.referent or names.setdefault(thing.referent, name) == name
        for wanted, atom in zip(stage, atoms, strict=True)
        for thing, name in zip(wanted.arguments, atom.args, strict=True)
    )


def find_referents(belief: Belief, index: int, stage: Sequence[Wanted]) -> Mapping[int, str]:
    """The names of the stage's referents, by the atoms that make it hold in a belief's world; empty if none do."""
    speaking = [wanted for wanted in stage if any(thing.referent for thing in wanted.arguments)]
    return next(_ways(belief, index, speaking, {}), {})


def _ways(
    belief: Belief, index: int, stage: Sequence[Wanted], names: Mapping[int, str]
) -> Iterator[Mapping[int, str]]:
    if not stage:
        yield names
        return
    wanted = stage[0].bind(names)
    problem = belief.problem(index, (wanted,), {})
    for alternative in problem.goal.alternatives:
        atoms = [literal.atom for literal in alternative if literal.atom.predicate == wanted.predicate]
        if len(atoms) == 1 and all(literal.holds(problem.init) for literal in alternative):
            pairs = zip(wanted.arguments, atoms[0].args, strict=True)
            found = {thing.referent: name for thing, name in pairs if thing.referent}
            yield from _ways(belief, index, stage[1:], {**names, **found})
