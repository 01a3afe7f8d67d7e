"""A folder of PDDL and words as a domain: checked, shown and played like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

import neurosym
from neurosym.checking import check_folder
from neurosym.domain import load_domain
from neurosym.drafting.prompt import EXAMPLE
from neurosym.errors import MissionError
from neurosym.evaluation import play_seeds
from neurosym.scaffold import write_pddl_binding


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    folder = tmp_path / "garden"
    folder.mkdir()
    for name, text in EXAMPLE.items():
        (folder / name).write_text(text)
    write_pddl_binding(folder)
    return folder


def test_the_check_has_nothing_to_complain_about(garden: Path) -> None:
    report = check_folder(garden, lambda: load_domain(garden), episodes=3)
    assert [finding.message for finding in report.findings] == []
    assert {record.schema.name: record.achieved for record in report.records} == {
        "walk": 15,
        "fill": 6,
        "water": 6,
    }


def test_the_agent_plays_it(garden: Path) -> None:
    domain = load_domain(garden)
    (result,) = play_seeds(neurosym.load(domain), domain, "garden.two-plants", [1_000_000])
    assert result.success
    assert result.steps == 9


def test_steps_are_said_in_its_words(garden: Path) -> None:
    domain = load_domain(garden)
    step = next(entry for entry in domain.world.actions if entry.name == "water" and "rose" in entry.args)
    assert domain.translator.instruct(step, frozenset()).text == "water rose at bed"
    assert domain.name == "garden"


def test_there_is_one_mission(garden: Path) -> None:
    domain = load_domain(garden)
    assert domain.goal(domain.world.mission)
    with pytest.raises(MissionError, match="the one mission here is"):
        domain.goal("water the rose")
