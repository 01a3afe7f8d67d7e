"""Planted faults: a check finds each of them on its line, and nothing in what is without fault."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from neurosym.checking import CODES, Report, check_folder
from neurosym.domain import load_domain
from neurosym.errors import UnknownNameError
from tests.checking.faults import DYNAMIC, STATIC, Edit, Fault, copy_clean, fault, plant
from tests.worlds import ALLEY_FOLDER

_NUMBERS = itertools.count()
HIDDEN = ("words-unreadable", "words-two-readings", "words-ambiguous-template", "plan-")
"""Codes that hide others of their file, or that others hide."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clean copy of the world, which no other test has imported."""
    return copy_clean(tmp_path / f"lane_{next(_NUMBERS)}")


def check(folder: Path, **options: Any) -> Report:
    return check_folder(folder, lambda: load_domain(folder), **options)


def places(report: Report) -> list[tuple[str, str, int]]:
    return [(finding.code, finding.file.name, finding.line) for finding in report.findings]


def identify(faults: tuple[Fault, ...]) -> list[str]:
    return [f"{mistake.code}-{number}" for number, mistake in enumerate(faults)]


@pytest.mark.parametrize("mistake", STATIC, ids=identify(STATIC))
def test_each_static_fault_is_found_on_its_line(folder: Path, mistake: Fault) -> None:
    (planted,) = plant(folder, [mistake])
    assert planted in places(check(folder, episodes=0))


@pytest.mark.parametrize("mistake", DYNAMIC, ids=identify(DYNAMIC))
def test_each_fault_of_a_world_is_found_on_its_line(folder: Path, mistake: Fault) -> None:
    (planted,) = plant(folder, [mistake])
    assert planted in places(check(folder, episodes=60))


def test_all_static_faults_at_once(folder: Path) -> None:
    planted = plant(folder, combined(folder))
    found = places(check(folder))
    assert len(planted) >= 24
    assert [place for place in planted if place not in found] == []


def combined(folder: Path) -> list[Fault]:
    """As many static faults as can stand side by side, each on text that no other touches, and one failing import."""
    texts = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}
    chosen: list[Fault] = []
    for mistake in STATIC:
        imports = mistake.code == "domain-import" and mistake.code in {other.code for other in chosen}
        if not imports and not mistake.code.startswith(HIDDEN) and _takes(texts, mistake.edits):
            chosen.append(mistake)
    return chosen


def _takes(texts: dict[str, str], edits: tuple[Edit, ...]) -> bool:
    """Make the edits if each still finds its text."""
    if any(texts[edit.file].count(edit.old) != 1 for edit in edits):
        return False
    for edit in edits:
        texts[edit.file] = texts[edit.file].replace(edit.old, edit.new)
    return True


def test_the_clean_world_is_clean(folder: Path) -> None:
    report = check(folder)
    assert [finding.message for finding in report.findings] == []
    assert {record.schema.name for record in report.records if record.achieved} == {
        "open-box",
        "take",
        "ring",
        "open-gate",
        "pass-gate",
    }


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_alley_is_clean_whatever_the_seed(seed: int) -> None:
    assert places(check(ALLEY_FOLDER, seed=1000 * seed)) == []


def test_a_built_in_domain_is_clean() -> None:
    folder = load_domain("minigrid").folder
    report = check(folder)
    assert places(report) == []
    assert sum(record.achieved for record in report.records) > 50


def test_every_code_is_planted_somewhere() -> None:
    elsewhere = {"domain-missing-file", "domain-weights", "agreement-unreliable", "plan-none"}
    assert {mistake.code for mistake in (*STATIC, *DYNAMIC)} | elsewhere == set(CODES)


def test_missing_files_are_named(folder: Path) -> None:
    for name in ("domain.pddl", "missions.toml", "domain.py"):
        (folder / name).unlink()
    found = places(check(folder))
    assert found == [
        ("domain-missing-file", name, 1) for name in ("domain.pddl", "missions.toml", "domain.py")
    ]


def test_weights_that_cannot_be_used(folder: Path) -> None:
    (folder / "weights").mkdir()
    report = check(folder, episodes=2)
    assert [finding.code for finding in report.findings] == ["domain-weights"]
    assert report.played.endswith("by the scripted controller")


def test_play_waits_for_files_without_errors(folder: Path) -> None:
    plant(folder, [fault("", "domain.pddl", "(and (rung ?b)", "@@(and (rang ?b)")])
    report = check(folder)
    assert report.played == "not played: there are errors in the files, which have to be put right first"
    assert report.records == ()


def test_a_task_that_is_not_there(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown task 'Ally-v0'; nearest: Alley-v0"):
        check_folder(folder, lambda: load_domain(folder), task="Ally-v0")


def test_only_the_task_that_is_named_is_played(folder: Path) -> None:
    report = check_folder(folder, lambda: load_domain(folder), task="Alley-Open-v0", episodes=3)
    assert report.played.startswith("3 episodes of 1 tasks")
    tried = {record.schema.name for record in report.records if record.achieved}
    assert tried.isdisjoint({"open-gate", "pass-gate"}), "there are no gates in this task"


def test_a_controller_that_knows_nothing_proves_nothing(folder: Path) -> None:
    (mistake,) = (mistake for mistake in DYNAMIC if mistake.code == "agreement-not-achieved")
    script = fault("", "domain.py", "        return AlleyController()", "        @@raise NotImplementedError")
    plant(folder, [mistake, script])
    report = check(folder)
    assert report.played.endswith("at random")
    assert [record.disagreements for record in report.records if record.disagreements] == []
    assert "agreement-not-achieved" not in [finding.code for finding in report.findings]
