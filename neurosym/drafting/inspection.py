"""What is wrong with drafted files: every check that needs no Python, and a plan for the problem."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from neurosym.checking import Finding, Severity
from neurosym.checking.declared import Declared
from neurosym.checking.finding import Sheet, in_order
from neurosym.checking.pddl import check_pddl, has_errors
from neurosym.checking.usage import Evidence, check_usage
from neurosym.checking.words import check_words, phrase_predicates
from neurosym.drafting.files import FILES, write_files
from neurosym.errors import PddlError, PlanningError
from neurosym.pddlworld import PddlDomain
from neurosym.planning import format_plan, read_domain, read_problem, validate
from neurosym.symbols import Plan, Problem

__all__ = ["Inspection", "inspect"]

PLANNING_SECONDS = 10.0
MOST_FINDINGS = 50
MOST_BINDINGS = 20_000  # which take a second or two to look through

_TOO_DEEP = "lists are nested too deep to be read"


@dataclass(frozen=True)
class Inspection:
    """What the checks say of a draft.

    Attributes:
        findings: errors first, and then by file and place; the files are bare names. At most 50.
        plan: a valid plan for the problem, in the IPC form; empty while there are errors.
    """

    findings: tuple[Finding, ...]
    plan: str = ""

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def faults(self) -> tuple[bool, int, int]:
        """How bad it is, the smaller the better: files that cannot be read are worse than files without a plan."""
        errors = self.count(Severity.ERROR)
        unread = any(
            finding.severity is Severity.ERROR and finding.code != "plan-none" for finding in self.findings
        )
        return unread, errors, self.count(Severity.WARNING)


def inspect(files: Mapping[str, str]) -> Inspection:
    """Look through a draft's files. They are written to a folder that is gone afterwards; nothing in them is run."""
    with TemporaryDirectory(prefix="neurosym-draft-") as place:
        folder = Path(place)
        write_files(files, folder)
        sheets = [Sheet(folder / name, files[name]) for name in FILES]
        findings = _read(*sheets)
        plan = ""
        if not has_errors(findings):
            plan, more = _solve(*sheets[:2])
            findings += more
    ordered = sorted(in_order(findings), key=lambda finding: finding.severity is not Severity.ERROR)
    bare = (replace(finding, file=Path(finding.file.name)) for finding in ordered[:MOST_FINDINGS])
    return Inspection(tuple(bare), plan)


def _read(domain: Sheet, problem: Sheet, words: Sheet) -> list[Finding]:
    """What `neurosym domain check` says of the files."""
    known = Declared()
    findings: list[Finding] = []

    def read_pddl() -> list[Finding]:
        nonlocal known
        known, found = check_pddl(domain, [problem])
        return found

    findings += _bounded(domain, "pddl-refused", read_pddl)
    findings += _bounded(words, "words-unreadable", lambda: check_words(words, known))
    if not has_errors(findings):
        evidence = Evidence(wanted=phrase_predicates(words.text))
        findings += check_usage(domain, known, evidence)
    return findings


def _bounded(sheet: Sheet, code: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return check()
    except RecursionError:
        return [sheet.find_at(code, 1, 1, _TOO_DEEP)]


def _solve(domain: Sheet, problem: Sheet) -> tuple[str, list[Finding]]:
    """A plan that the independent validator accepts, or why there is none."""
    where = max(problem.text.lower().find("(:goal"), 0)
    try:
        plan, reason = _plan(domain.path, problem.path)
    except PddlError as error:
        sheet = domain if error.path == str(domain.path) else problem
        return "", [sheet.find_at("pddl-refused", error.line or 1, error.column or 1, error.message)]
    except PlanningError as error:
        plan, reason = None, str(error)
    except RecursionError:
        plan, reason = None, _TOO_DEEP
    if plan is None or not plan.steps:
        return "", [problem.find("plan-none", where, reason)]
    return format_plan(plan), []


def _plan(domain: Path, problem: Path) -> tuple[Plan | None, str]:
    """A plan, or why there is none, or none that would show anything."""
    stated = read_problem(problem, read_domain(domain, reader="direct"), reader="direct")
    ways = _count_bindings(stated)
    if ways > MOST_BINDINGS:
        return None, f"the actions can be bound in {ways} ways, more than {MOST_BINDINGS}: take fewer objects"
    result = PddlDomain(domain, problem).plan(time_limit_s=PLANNING_SECONDS)
    if result.plan is None:
        return None, f"there is no plan: {result.status.value}: {result.reason}"
    verdict = validate(stated, result.plan)
    if not verdict:
        return None, f"the validator refuses the plan that was found: {verdict.reason}"
    return result.plan, "the goal holds from the start, so there is nothing to do"


def _count_bindings(problem: Problem) -> int:
    """In how many ways the parameters of all actions can be bound, by their types alone."""
    domain = problem.domain
    kinds = [kind for entry in (*domain.constants, *problem.objects) for kind in domain.ancestors(entry.type)]
    count = Counter(kinds)
    return sum(
        math.prod(count[parameter.type] for parameter in action.parameters) for action in domain.actions
    )
