"""A domain's folder, looked through as a whole: files first, then the world as far as they allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosym.agent import Agent, load
from neurosym.checking.agreement import Record, Witness
from neurosym.checking.atoms import AtomCheck
from neurosym.checking.bindings import BindingCheck
from neurosym.checking.codes import Severity
from neurosym.checking.declared import Declared
from neurosym.checking.finding import Finding, in_order
from neurosym.checking.pddl import check_pddl, has_errors
from neurosym.checking.places import Scripts, read_sheet
from neurosym.checking.usage import Evidence, check_usage
from neurosym.checking.verdicts import judge
from neurosym.checking.words import check_words, phrase_predicates
from neurosym.domain import Domain
from neurosym.errors import CheckpointError, DomainError, UnknownNameError
from neurosym.options.controller import RandomController
from neurosym.seeds import EVALUATION_SEED

__all__ = ["EPISODES", "Report", "check_folder"]

EPISODES = 30
LEAST_LOOKS = 20
_FILES = ("domain.pddl", "missions.toml", "domain.py")


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        findings: by file and place.
        records: of each operator, in the model's order; empty if nothing was played.
        played: how it was played, or why it was not, in one line.
    """

    folder: Path
    findings: tuple[Finding, ...]
    records: tuple[Record, ...] = ()
    played: str = ""

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def as_record(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "findings": [finding.as_record() for finding in self.findings],
            "operators": [record.as_record() for record in self.records],
            "played": self.played,
        }


def check_folder(
    folder: Path,
    load_it: Callable[[], Domain],
    *,
    episodes: int = EPISODES,
    task: str | None = None,
    seed: int = EVALUATION_SEED,
) -> Report:
    """Everything that is wrong with a domain.

    Args:
        load_it: loads the domain; what it raises is a finding like others.
        episodes: how many to play, over all tasks.
        task: the only one to look at and play.
        seed: of the first level.

    Raises:
        UnknownNameError: the domain has no such task.
    """
    return _FolderCheck(folder, load_it, seed).run(episodes, task)


class _FolderCheck:
    def __init__(self, folder: Path, load_it: Callable[[], Domain], seed: int) -> None:
        self.folder, self.load_it, self.seed = folder, load_it, seed
        self.pddl, self.words, self.script = (read_sheet(folder / name) for name in _FILES)
        self.scripts = Scripts(folder)
        self.findings: list[Finding] = []
        self.evidence = Evidence(named=self.scripts.names)
        self.records: list[Record] = []

    def run(self, episodes: int, task: str | None) -> Report:
        known = self._read_files()
        domain = self._load()
        if domain is not None:
            self.evidence.wanted |= {wanted.predicate for wanted in domain.closing}
        tasks = self._choose_tasks(domain, task) if domain else []
        if has_errors([finding for finding in self.findings if not finding.code.startswith("plan-")]):
            played = "not played: there are errors in the files, which have to be put right first"
        elif domain is None or not tasks:
            played = "not played: there is no task that can start here"
        else:
            played = self._look_at_the_world(domain, known, tasks, episodes)
        if self.pddl.text:
            self.findings += check_usage(self.pddl, known, self.evidence)
        return Report(self.folder, tuple(in_order(self.findings)), tuple(self.records), played)

    def _read_files(self) -> Declared:
        known = Declared()
        for sheet in (self.pddl, self.words, self.script):
            if not sheet.text.strip():
                message = f"there is no {sheet.path.name} in this folder, or it is empty"
                self.findings.append(sheet.find_at("domain-missing-file", 1, 1, message))
        if self.pddl.text.strip():
            problems = sorted(path for path in self.folder.glob("*.pddl") if path.name != self.pddl.path.name)
            known, found = check_pddl(self.pddl, [read_sheet(path) for path in problems])
            self.findings += found
        if self.words.text.strip():
            self.findings += check_words(self.words, known)
            self.evidence.wanted |= phrase_predicates(self.words.text)
        return known

    def _load(self) -> Domain | None:
        if not self.script.text.strip():
            return None
        try:
            return self.load_it()
        except DomainError as error:
            if error.__cause__ is not None:
                self.findings.append(self.scripts.at_error(error.__cause__, "domain-import"))
            else:
                message = str(error).removeprefix(f"{self.script.path}: ")
                self.findings.append(self.scripts.at_definition("DOMAIN", "domain-import", message))
        except Exception as error:  # whatever the domain's own Python may raise
            self.findings.append(self.scripts.at_error(error, "domain-import"))
        return None

    def _choose_tasks(self, domain: Domain, task: str | None) -> list[str]:
        try:
            tasks = [entry.id for entry in domain.tasks() if entry.available]
        except Exception as error:  # whatever the domain's own Python may raise
            self.findings.append(self.scripts.at_error(error, "domain-failed"))
            return []
        if task is None:
            return tasks
        if task not in tasks:
            raise UnknownNameError("task", task, tasks)
        return [task]

    def _look_at_the_world(self, domain: Domain, known: Declared, tasks: Sequence[str], episodes: int) -> str:
        atoms = AtomCheck(domain.model, self.scripts, self.evidence)
        bindings = BindingCheck(domain, known, atoms, self.scripts, self.words, self.pddl)
        for task in tasks:
            for seed in range(self.seed, self.seed + max(1, LEAST_LOOKS // len(tasks))):
                bindings.look_at(task, seed)
        played = "not played: what the world is tied to its model with has errors"
        if not has_errors([*bindings.findings, *atoms.findings]):
            self.evidence.played = True
            played = "not played: no episodes were asked for"
        if self.evidence.played and episodes:
            played = self._play(Witness(domain, atoms, bindings), known, tasks, episodes)
        self.findings += [*bindings.findings, *atoms.findings]
        return played

    def _play(self, witness: Witness, known: Declared, tasks: Sequence[str], episodes: int) -> str:
        agent, who = self._make_agent(witness.domain)
        for number in range(episodes):
            task = tasks[number * len(tasks) // episodes if episodes < len(tasks) else number % len(tasks)]
            witness.play(agent, task, self.seed + number)
        self.records = list(witness.records.values())
        skilled = not isinstance(agent.controller, RandomController)
        for record in self.records if not skilled else ():
            record.disagreements.clear()  # they would be the controller's, not the model's
        self.findings += judge(self.pddl, known, self.evidence, self.records, skilled)
        count = min(len(tasks), episodes)
        return f"{witness.episodes} episodes of {count} tasks, {witness.steps} steps, {who}"

    def _make_agent(self, domain: Any) -> tuple[Agent, str]:
        """The domain's own agent: learned, or else scripted, or else acting at random."""
        if domain.weights.is_dir():
            try:
                return load(domain), "by the weights that come with the domain"
            except CheckpointError as error:
                self.findings.append(self.scripts.at_definition("", "domain-weights", str(error)))
        try:
            controller = domain.scripted_controller()
        except (NotImplementedError, DomainError):
            controller = RandomController(domain.feature_spec.actions)
        who = "at random" if isinstance(controller, RandomController) else "by the scripted controller"
        return Agent(domain, controller), who
