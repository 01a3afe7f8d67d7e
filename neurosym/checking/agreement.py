"""Episodes played to see whether the world does what the model says: for each operator, what was predicted and seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.agent import Agent
from neurosym.checking.atoms import AtomCheck
from neurosym.checking.bindings import BindingCheck
from neurosym.checking.chances import tempts
from neurosym.domain import Domain
from neurosym.executive import Thread
from neurosym.monitor import compare_effects
from neurosym.symbols import ActionSchema, Atom, Literal, Operator, Problem, State

__all__ = ["Record", "Witness"]

_SHOWN_STATES, _SHOWN_ATOMS = 3, 8


@dataclass
class Record:
    """What became of one operator's options.

    Attributes:
        achieved, failed: how often the option reached its subgoal, or ran out of its budget.
        seen, missing: for each predicted effect, how often it was believed after an achieved option, and how often not;
            assumed: and how often not where it is about something that was only assumed to be there.
        unexpected: changes that were not predicted, with how often they were seen.
        disagreements: where an option failed: the operator and what was believed about its arguments.
    """

    schema: ActionSchema
    achieved: int = 0
    failed: int = 0
    seen: Counter[Literal] = field(default_factory=Counter)
    missing: Counter[Literal] = field(default_factory=Counter)
    assumed: Counter[Literal] = field(default_factory=Counter)
    unexpected: Counter[Literal] = field(default_factory=Counter)
    disagreements: list[tuple[Operator, tuple[Atom, ...]]] = field(default_factory=list)

    def as_record(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "operator": self.schema.name,
            "tried": self.achieved + self.failed,
            "achieved": self.achieved,
            "effects": [
                {
                    "effect": str(effect),
                    "seen": self.seen[effect],
                    "missing": self.missing[effect],
                    "assumed": self.assumed[effect],
                }
                for effect in self.predicted
            ],
            "unexpected": {str(change): count for change, count in sorted(self.unexpected.items())},
            "disagreements": [
                {"operator": str(step), "believed": [str(atom) for atom in atoms]}
                for step, atoms in self.disagreements
            ],
        }

    @property
    def predicted(self) -> list[Literal]:
        """The effects, with the operator's variables."""
        deleted = [Literal(atom, False) for atom in self.schema.delete]
        return [*(Literal(atom) for atom in self.schema.add), *deleted]


class Witness:
    """Watches one agent play and keeps a record of each operator.

    Args:
        domain: what the agent is to be made with is `self.domain`, which lets the witness look on.

    Attributes:
        records: by the operator's name.
        steps, episodes: how much was played.
    """

    def __init__(self, domain: Domain, atoms: AtomCheck, bindings: BindingCheck) -> None:
        self.atoms, self.bindings = atoms, bindings
        self.domain: Any = _WatchedDomain(domain, self)
        self.records = {schema.name: Record(schema) for schema in domain.model.actions}
        self.episodes = self.steps = 0
        self._agent: Agent | None = None
        self._begun: tuple[Operator, Problem] | None = None
        self._notes = 0
        actions = domain.model.actions
        self._added = {atom.predicate for schema in actions for atom in schema.add}
        self._deleted = {atom.predicate for schema in actions for atom in schema.delete}
        self._read = domain.model.preconditions
        self._assumptions = self._deleted - self._added  # used up by acting, never made

    def play(self, agent: Agent, task: str, seed: int) -> None:
        """Play one episode; what the domain's own Python raises is reported."""
        self._agent, self._begun, self._notes = agent, None, 0
        try:
            env = self.domain.make_env(task)
            try:
                self._play(agent, env, seed)
            finally:
                env.close()
        except Exception as error:  # whatever the domain's own Python may raise
            self.bindings.keep(self.bindings.scripts.at_error(error, "domain-failed", "problem"))

    def _play(self, agent: Agent, env: Any, seed: int) -> None:
        observation, _ = env.reset(seed=seed)
        agent.reset(observation)
        self.episodes += 1
        over = False
        while not over:
            observation, _, terminated, truncated, _ = env.step(agent.act(observation))
            over = bool(terminated or truncated)
            self.steps += 1
            if self._thread.intention is None:
                self._glance(agent)
        agent.observe(observation)
        self._glance(agent)
        self._note_failures()

    def _glance(self, agent: Agent) -> None:
        """Where no option begins or ends, nothing else shows what is believed."""
        if self._thread.stages:
            self._state_problem(agent.executive.belief)

    # what the belief is asked shows where options begin and end ------------------------------------------------------

    @property
    def _thread(self) -> Thread:
        assert self._agent is not None, "an episode is being played"
        return self._agent.executive.threads[0]

    def option_begins(self, belief: Any) -> None:
        self._note_failures()
        thread = self._thread
        if thread.step is not None:
            self._begun = thread.step, self._state_problem(belief)

    def option_achieved(self, belief: Any) -> None:
        if self._begun is None:
            return
        step, before = self._begun
        self._compare(self.records[step.name], step, before, self._state_problem(belief))
        self._begun = None

    def no_aim(self, step: Operator) -> None:
        self.bindings.report_no_aim(step)

    def _state_problem(self, belief: Any) -> Problem:
        stage = self._thread.stage
        problem = belief.problem(0, stage.wanted, {}, stage.later)
        self.atoms.look_at(problem)
        return problem

    def _note_failures(self) -> None:
        """The executive has written down which options ran out of their budget since the last look."""
        notes, self._notes = self._thread.notes[self._notes :], len(self._thread.notes)
        if self._begun is None or not any(kind == "failed" for _, kind, _ in notes):
            return
        step, before = self._begun
        record, self._begun = self.records[step.name], None
        record.failed += 1
        if len(record.disagreements) < _SHOWN_STATES and step.applicable(before.init):
            record.disagreements.append((step, _about(step, before)))

    # what was predicted against what is believed --------------------------------------------------------------------

    def _compare(self, record: Record, step: Operator, before: Problem, after: Problem) -> None:
        record.achieved += 1
        off, doubtful = compare_effects(step, after), self._doubtful(step, before, after)
        named = {entry.name for entry in (*after.objects, *after.domain.constants)}
        binding = dict(zip((p.name for p in record.schema.parameters), step.args, strict=True))
        for effect in record.predicted:
            atom = effect.atom.bind(binding)
            if atom in (off.missing if effect.positive else off.lingering):
                (record.assumed if doubtful & set(atom.args) else record.missing)[effect] += 1
            elif named.issuperset(atom.args) and (atom in after.init) is effect.positive:
                record.seen[effect] += 1
        named &= {entry.name for entry in (*before.objects, *before.domain.constants)}
        record.unexpected.update(set(self._surprises(step, record.schema, before, after, named)))

    def _surprises(
        self, step: Operator, schema: ActionSchema, before: Problem, after: Problem, named: set[str]
    ) -> Iterator[Literal]:
        """Changes that were not predicted, in terms of the operator's variables; other things are `_`.

        Of other things, what no action ever changes in that way is for the perception alone to say. So it is of the
        step's own things where it got lost and nobody would be misled by taking it to hold still. What no precondition
        reads does not matter to a plan.
        """
        lifted = {arg: p.name for arg, p in zip(step.args, schema.parameters, strict=True)}
        predicted = step.apply(before.init)
        for positive, changes in ((True, after.init - before.init), (False, before.init - after.init)):
            for atom in changes - (step.add if positive else step.delete):
                if atom.predicate not in self._read or not named.issuperset(atom.args):
                    continue
                own = set(step.args).issuperset(atom.args)
                known = atom.predicate in (self._added if positive else self._deleted)
                refuted = atom.predicate in self._assumptions and not own
                if (known and not refuted) or (own and (positive or tempts(atom, predicted, before.domain))):
                    args = tuple(lifted.get(arg, "_") for arg in atom.args)
                    yield Literal(Atom(atom.predicate, args), positive)

    def _doubtful(self, step: Operator, before: Problem, after: Problem) -> set[str]:
        """What is only assumed to be there, or of which an assumption was refuted meanwhile."""
        assumed = {arg for atom in self._assumed(before.init) for arg in atom.args}
        refuted = {arg for atom in self._assumed(before.init - after.init - step.delete) for arg in atom.args}
        sure = self._added | self._deleted - self._assumptions
        known = {arg for atom in before.init if atom.predicate in sure for arg in atom.args}
        return assumed - known | refuted

    def _assumed(self, atoms: State) -> Iterator[Atom]:
        return (atom for atom in atoms if atom.predicate in self._assumptions)


def _about(step: Operator, problem: Problem) -> tuple[Atom, ...]:
    """What is believed about what a step speaks of, what its precondition reads first."""
    needed = {literal.atom for literal in step.precondition}
    about = [atom for atom in problem.init if set(atom.args) & set(step.args)]
    return tuple(sorted(about, key=lambda atom: (atom not in needed, atom))[:_SHOWN_ATOMS])


class _WatchedDomain:
    """A domain whose beliefs tell a witness where options begin and end."""

    def __init__(self, domain: Domain, witness: Witness) -> None:
        self._domain, self._witness = domain, witness

    def __getattr__(self, name: str) -> Any:
        return getattr(self._domain, name)

    def belief(self, count: int) -> _WatchedBelief:
        return _WatchedBelief(self._domain.belief(count), self._witness)


class _WatchedBelief:
    def __init__(self, belief: Any, witness: Witness) -> None:
        self._belief, self._witness = belief, witness

    def __getattr__(self, name: str) -> Any:
        return getattr(self._belief, name)

    def achieved(self, subgoals: NDArray[np.int32]) -> NDArray[np.bool_]:
        achieved = self._belief.achieved(subgoals)
        if achieved[0]:
            self._witness.option_achieved(self._belief)
        return achieved

    def subgoals(self, which: NDArray[np.int64], aims: NDArray[np.int32]) -> Any:
        placed = self._belief.subgoals(which, aims)
        self._witness.option_begins(self._belief)
        return placed

    def aim(self, index: int, step: Operator, following: Operator | None) -> Any:
        aim = self._belief.aim(index, step, following)
        if aim is None:
            self._witness.no_aim(step)
        return aim
