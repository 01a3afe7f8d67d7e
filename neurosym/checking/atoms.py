"""What a belief says against what the model declares: predicates, arguments, objects, types."""

from __future__ import annotations

from collections.abc import Iterable

from neurosym.checking.finding import Finding, did_you_mean
from neurosym.checking.places import Scripts
from neurosym.checking.usage import Evidence
from neurosym.symbols import Atom, PlanningDomain, Problem, State

__all__ = ["AtomCheck"]


class AtomCheck:
    """Looks at every atom of every problem it is shown, and remembers what was true.

    Attributes:
        found: findings by what they are about, so that each is made once.
    """

    def __init__(self, model: PlanningDomain, scripts: Scripts, evidence: Evidence) -> None:
        self.model, self.scripts, self.evidence = model, scripts, evidence
        self.signatures = {signature.name: signature for signature in model.predicates}
        self.types = {"object", *(entry.name for entry in model.types)}
        self.found: dict[tuple[str, str], Finding] = {}
        self._known: set[tuple[Atom, tuple[str | None, ...]]] = set()

    @property
    def findings(self) -> list[Finding]:
        return list(self.found.values())

    def look_at_state(self, state: State) -> None:
        """Without objects: predicates and the number of their arguments."""
        for atom in sorted(state):
            self._check_call(atom)

    def look_at(self, problem: Problem) -> None:
        """The initial state and the goal."""
        objects = {entry.name: entry.type for entry in (*problem.objects, *problem.domain.constants)}
        self.evidence.kinds |= set(objects.values())
        self.evidence.true |= {atom.predicate for atom in problem.init}
        wanted = {literal.atom for part in problem.goal.alternatives for literal in part}
        self.evidence.goals |= {atom.predicate for atom in wanted}
        for kind in sorted(set(objects.values()) - self.types):
            self._report_kind(kind, objects)
        self._check_all(problem.init, objects)
        self.look_at_state(frozenset(wanted))
        if not problem.goal.alternatives:
            message = "the goal has no alternatives, so nothing can meet it"
            self.found.setdefault(
                ("goal", ""), self.scripts.at_definition("problem", "binding-goal", message)
            )
        self._check_goal(wanted, objects)

    def _check_all(self, atoms: Iterable[Atom], objects: dict[str, str]) -> None:
        for atom in sorted(atoms):
            key = atom, tuple(objects.get(arg) for arg in atom.args)
            if key not in self._known:
                self._known.add(key)
                if self._check_call(atom):
                    self._check_arguments(atom, objects)

    def _check_goal(self, wanted: set[Atom], objects: dict[str, str]) -> None:
        foreign = next((atom for atom in sorted(wanted) if not set(atom.args) <= set(objects)), None)
        if foreign is not None:
            message = f"the goal {foreign} speaks of something that is not among the problem's objects"
            finding = self.scripts.at_definition("problem", "binding-goal", message)
            self.found.setdefault(("goal", foreign.predicate), finding)

    def _check_call(self, atom: Atom) -> bool:
        signature = self.signatures.get(atom.predicate)
        if signature is None:
            hint = did_you_mean(atom.predicate, self.signatures)
            self._report(
                "binding-unknown-predicate", atom, f"the model has no predicate {atom.predicate}", hint
            )
            return False
        wanted = len(signature.parameters)
        if wanted != len(atom.args):
            message = f"{atom}: {atom.predicate} takes {wanted} arguments, got {len(atom.args)}"
            self._report("binding-wrong-arity", atom, message)
            return False
        return True

    def _check_arguments(self, atom: Atom, objects: dict[str, str]) -> None:
        for arg, parameter in zip(atom.args, self.signatures[atom.predicate].parameters, strict=True):
            if arg not in objects:
                message = f"{atom}: there is no object {arg}"
                self._report("binding-unknown-object", atom, message, did_you_mean(arg, objects))
            elif objects[arg] in self.types and parameter.type not in self.model.ancestors(objects[arg]):
                message = f"{atom}: {arg} is a {objects[arg]}, expected a {parameter.type}"
                self._report("binding-wrong-type", atom, message)

    def _report(self, code: str, atom: Atom, message: str, hint: str = "") -> None:
        key = code, atom.predicate
        if key not in self.found:
            self.found[key] = self.scripts.at_atom(atom.predicate, len(atom.args), code, message, hint)

    def _report_kind(self, kind: str, objects: dict[str, str]) -> None:
        name = next(name for name, its in objects.items() if its == kind)
        message, hint = (
            f"the object {name} is a {kind}, and the model has no such type",
            did_you_mean(kind, self.types),
        )
        code = "binding-wrong-type"
        finding = self.scripts.at_string(kind, code, message, hint)
        self.found.setdefault(
            (code, kind), finding or self.scripts.at_definition("problem", code, message, hint)
        )
