"""The suite passes where the laws are kept, and says which one is broken where one is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

import pytest

import neurosym.testing
import neurosym.testing.files
from neurosym.domain import Domain
from neurosym.planning import Verdict
from neurosym.testing import LAWS, BrokenLaw, DomainConformance
from neurosym.testing.samples import choose_tasks
from tests.testing.broken import FILES, METHODS, with_file
from tests.worlds import ALLEY, ALLEY_FOLDER

ROOT = Path(__file__).parents[2]
NAMES = [law.name for law in LAWS]


def method_of(law: str) -> str:
    return "test_" + re.sub(r"\W", "_", law.lower())


def broken_laws(domain: Domain | str | Path, **settings: Any) -> dict[str, str]:
    """What the suite says of each law that is broken."""
    suite: Any = type("TestSuite", (DomainConformance,), {"domain": domain, "steps": 20, **settings})
    found = {}
    for law in NAMES:
        try:
            getattr(suite(), method_of(law))()
        except BrokenLaw as error:
            found[error.name] = str(error)
        except unittest.SkipTest:
            pass
    return found


@pytest.mark.parametrize("domain", [ALLEY, ALLEY_FOLDER, str(ALLEY_FOLDER)], ids=["domain", "path", "text"])
def test_an_unbroken_world_passes(domain: Domain | str | Path) -> None:
    assert broken_laws(domain) == {}


@pytest.mark.parametrize("way", METHODS)
def test_exactly_the_law_that_was_broken_is_reported(way: str) -> None:
    law, said, make = METHODS[way]
    check(broken_laws(make()), law, said)


@pytest.mark.parametrize("way", FILES)
def test_a_file_that_breaks_a_law_is_reported(way: str, tmp_path: Path) -> None:
    law, said, name, change = FILES[way]
    check(broken_laws(with_file(tmp_path / "alley", name, change)), law, said)


def check(found: dict[str, str], law: str, said: str) -> None:
    assert set(found) == {law}, found
    assert found[law].startswith(f'Law "{law}" is broken: ')
    assert said in found[law]
    assert "\n" not in found[law]


def test_a_validator_that_accepts_everything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neurosym.testing.files, "validate", lambda problem, plan: Verdict(True))
    check(broken_laws(ALLEY), "invalid plans are rejected", "for unified-planning it is not")


def test_every_law_is_broken_by_something() -> None:
    assert {law for law, *_ in (*METHODS.values(), *FILES.values())} == set(NAMES)


def test_there_is_one_test_for_each_law() -> None:
    tests = [name for name in vars(DomainConformance) if name.startswith("test_")]
    assert tests == [method_of(name) for name in NAMES]


def test_a_law_that_cannot_be_judged_says_why() -> None:
    _, _, make = METHODS["an environment that fails"]
    suite: Any = type("TestSuite", (DomainConformance,), {"domain": make()})
    expected = 'Law "plans replay" cannot be judged while law "evaluation sees observations only" is broken'
    with pytest.raises(unittest.SkipTest, match=expected):
        suite().test_plans_replay()


def test_a_predicate_may_come_up_in_another_task() -> None:
    """There are gates in one of the two tasks only."""
    assert broken_laws(ALLEY, tasks=("Alley-Open-v0",)) == {}


def test_a_few_tasks_are_chosen_that_can_be_played() -> None:
    assert choose_tasks(ALLEY) == ("Alley-v0", "Alley-Open-v0")


# In a real run of pytest. ------------------------------------------------------------------------------------------

FIVE_LINES = """\
from neurosym.testing import DomainConformance


class TestMyWorld(DomainConformance):
    domain = {folder!r}
"""


def run_pytest(folder: Path, domain: Path) -> str:
    (folder / "test_mine.py").write_text(FIVE_LINES.format(folder=str(domain)))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-ra", "test_mine.py"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400"}
    run = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return run.stdout


def test_five_lines_are_enough(tmp_path: Path) -> None:
    assert f"{len(LAWS)} passed" in run_pytest(tmp_path, ALLEY_FOLDER)


def test_a_failure_names_the_law(tmp_path: Path) -> None:
    _, said, name, change = FILES["a mission that is not understood"]
    domain = with_file(tmp_path / "alley", name, change)
    output = run_pytest(tmp_path, domain.folder)
    failed = next(line for line in output.splitlines() if line.startswith("FAILED"))
    assert "::TestMyWorld::test_instructions_round_trip" in failed
    assert 'BrokenLaw: Law "instructions round-trip" is broken: ' in output
    assert said in output
    assert "1 failed" in output
    assert "SKIPPED" in output


def test_it_needs_no_pytest() -> None:
    code = "import sys, neurosym.testing; print(*sorted({'pytest', '_pytest', 'torch'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.split() == []


def test_what_is_public() -> None:
    assert neurosym.testing.__all__ == ["LAWS", "BrokenLaw", "DomainConformance", "Law"]


def test_the_document_lists_the_laws_as_they_are() -> None:
    text = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\*\*(.+?)\*\*\n: ((?:.+\n?)(?:  .+\n?)*)", text, re.MULTILINE)
    assert [(name, " ".join(meaning.split())) for name, meaning in rows] == [
        (law.name, law.meaning) for law in LAWS
    ]
