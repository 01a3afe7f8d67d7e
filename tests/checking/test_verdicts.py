from __future__ import annotations

from pathlib import Path

import pytest

from neurosym.checking.agreement import Record
from neurosym.checking.finding import Sheet
from neurosym.checking.pddl import check_pddl
from neurosym.checking.usage import Evidence
from neurosym.checking.verdicts import judge
from neurosym.symbols import Atom, Literal, Operator
from tests.worlds import ALLEY, ALLEY_FOLDER

SHEET = Sheet(Path("domain.pddl"), (ALLEY_FOLDER / "domain.pddl").read_text())
KNOWN, _ = check_pddl(SHEET, [])
OPENED = Literal(Atom("open", ("?g",)))


def codes(record: Record, skilled: bool = True) -> list[tuple[str, int]]:
    evidence = Evidence(played=True, true={"open"})
    return [(found.code, found.line) for found in judge(SHEET, KNOWN, evidence, [record], skilled)]


def opening(seen: int, missing: int, failed: int = 0) -> Record:
    record = Record(ALLEY.model.action("open-gate"), seen + missing, failed)
    record.seen[OPENED], record.missing[OPENED] = seen, missing
    record.disagreements = [(Operator("open-gate", ("gate", "z0", "z1")), (Atom("in", ("z0",)),))] * bool(
        failed
    )
    return record


@pytest.mark.parametrize(
    ("seen", "missing", "expected"),
    [
        (0, 2, []),
        (0, 3, [("agreement-missing", 35)]),
        (4, 6, [("agreement-unreliable", 35)]),
        (6, 4, []),
        (2, 4, []),
    ],
)
def test_effects(seen: int, missing: int, expected: list[tuple[str, int]]) -> None:
    assert codes(opening(seen, missing)) == expected


@pytest.mark.parametrize(
    ("achieved", "failed", "skilled", "alarm"),
    [(0, 3, True, True), (0, 3, False, False), (3, 3, True, False), (0, 2, True, False)],
)
def test_failures(achieved: int, failed: int, skilled: bool, alarm: bool) -> None:
    expected = [("agreement-not-achieved", 34)] if alarm else []
    assert codes(opening(achieved, 0, failed), skilled) == expected


@pytest.mark.parametrize(("count", "alarm"), [(10, True), (8, False)])
def test_surprises(count: int, alarm: bool) -> None:
    record = opening(10, 0)
    record.unexpected[Literal(Atom("in", ("?to",)))] = count
    assert codes(record) == ([("agreement-unexpected", 35)] if alarm else [])


def test_what_is_never_believed_is_said_once() -> None:
    record = opening(0, 5)
    found = judge(SHEET, KNOWN, Evidence(played=True), [record], True)
    assert [(finding.code, finding.line) for finding in found] == [("binding-never-true", 9)]
