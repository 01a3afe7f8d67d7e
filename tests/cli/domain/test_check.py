from __future__ import annotations

from pathlib import Path

import pytest

from neurosym.checking import CODES, EPISODES, check_folder
from neurosym.checking.codes import reference
from neurosym.cli import main
from neurosym.cli.domain import check as command
from neurosym.domain import load_domain
from tests.checking.faults import DYNAMIC, STATIC, Fault, copy_clean, plant
from tests.cli.conftest import Run

PAGE = Path(__file__).parents[3] / "docs" / "checking.md"
UNDECLARED, SILENT, UNREAD = (
    next(mistake for mistake in STATIC if mistake.code == code)
    for code in ("pddl-undeclared-predicate", "words-missing-template", "pddl-unread-effect")
)
FORGOTTEN = next(mistake for mistake in DYNAMIC if mistake.code == "agreement-unexpected")


@pytest.fixture
def lane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean world in the working directory."""
    monkeypatch.chdir(tmp_path)
    copy_clean(tmp_path / "lane")
    return Path("lane")


def test_json_has_the_form_that_editors_read(run: Run, lane: Path) -> None:
    plant(lane, [UNDECLARED])
    said = run("domain", "check", lane, "--trust", "--json", "--episodes", 0)
    assert said.code == 1
    assert said.record["findings"] == [
        {
            "severity": "error",
            "code": "pddl-undeclared-predicate",
            "file": str(lane / "domain.pddl"),
            "line": 19,
            "column": 32,
            "message": "the predicate lyes is not declared",
            "suggestion": "did you mean lies?",
        }
    ]


def test_json_holds_the_table_too(run: Run, lane: Path) -> None:
    said = run("domain", "check", lane, "--trust", "--json")
    assert said.record["findings"] == []
    ring = next(entry for entry in said.record["operators"] if entry["operator"] == "ring")
    assert ring["achieved"] > 0
    assert ring["effects"] == [{"effect": "(rung ?b)", "seen": ring["achieved"], "missing": 0, "assumed": 0}]


@pytest.mark.parametrize(("faults", "code"), [([], 0), ([UNREAD], 0), ([SILENT], 1), ([UNREAD, SILENT], 1)])
def test_only_errors_fail(run: Run, lane: Path, faults: list[Fault], code: int) -> None:
    plant(lane, faults)
    assert run("domain", "check", lane, "--trust", "--episodes", 0).code == code


@pytest.mark.parametrize(
    "arguments", [["nowhere"], ["lane", "--episodes", "-1"], ["lane", "--task", "Ally-v0"]]
)
def test_wrong_usage_is_one_line(run: Run, lane: Path, arguments: list[str]) -> None:
    said = run("domain", "check", *arguments)
    assert said.code == 2
    assert said.out == ""
    assert said.complaint


def test_a_built_in_domain_by_name(run: Run) -> None:
    said = run("domain", "check", "minigrid", "--episodes", 0, "--task", "MiniGrid-DoorKey-5x5-v0", "--json")
    assert said.code == 0
    assert [found for found in said.record["findings"] if found["severity"] != "note"] == []


def test_help_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["domain", "check", "--help"])
    said = capsys.readouterr().out
    assert all(flag in said for flag in ("PATH", "--json", "--episodes", "--task", "--seed", "--trust"))


@pytest.mark.parametrize("faults", [[UNDECLARED, SILENT], [FORGOTTEN]], ids=["files", "world"])
def test_the_page_shows_what_is_said(run: Run, lane: Path, faults: list[Fault]) -> None:
    plant(lane, faults)
    assert run("domain", "check", lane, "--trust").out.strip() in PAGE.read_text()


def test_the_page_explains_every_code() -> None:
    page = PAGE.read_text()
    assert reference() in page
    assert [name for name in CODES if f"`{name}` ({CODES[name].severity.value})" not in page] == []


def test_it_plays_as_much_as_from_python() -> None:
    assert command.EPISODES == EPISODES


def test_severities_do_not_change_silently() -> None:
    """Editors and scripts go by them."""
    warnings = {name for name, code in CODES.items() if code.severity.value == "warning"}
    assert warnings == {
        "pddl-unused-predicate", "pddl-never-true", "pddl-never-reached", "pddl-never-applies", "pddl-unread-effect",
        "pddl-unused-parameter", "words-ambiguous-template", "words-ambiguous-phrase", "domain-weights",
        "binding-never-true", "agreement-missing", "agreement-unreliable", "agreement-unexpected",
        "agreement-not-achieved",
    }  # fmt: skip
    assert {name for name, code in CODES.items() if code.severity.value == "note"} == {"binding-not-seen"}


def test_the_folder_is_trusted_before_it_is_run(lane: Path) -> None:
    """Whatever loading refuses is said, and the files are looked through all the same."""

    def refuse() -> None:
        raise PermissionError("not trusted")

    plant(lane, [SILENT])
    report = check_folder(lane, refuse)  # type: ignore[arg-type]
    assert [finding.code for finding in report.findings] == ["words-missing-template", "domain-import"]
    assert load_domain(lane).name == "alley"
