from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Run
from tests.worlds import ALLEY_FOLDER

SHOW = ["domain", "show", ALLEY_FOLDER, "--trust"]


def test_people_get_text(run: Run) -> None:
    said = run(*SHOW, "--seed", 3)
    assert (said.code, said.err) == (0, "")
    assert "alley: 5 operators, 7 predicates, 6 types" in said.out
    assert "open-box ?b - box ?c - coin ?z - zone" in said.out
    assert "  said     open {box} to look for {coin}" in said.out
    assert "lies <- in may-hold" in said.out
    assert "     with held may-hold" in said.out
    assert "SAMPLE PLAN  Alley-v0, seed 3" in said.out
    assert "; cost = " in said.out


def test_json(run: Run) -> None:
    said = run(*SHOW, "--task", "Alley-Open-v0", "--seed", 3, "--json")
    record = said.record
    assert (record["domain"], record["folder"]) == ("alley", str(ALLEY_FOLDER))
    assert record["operators"][1]["name"] == "take"
    assert {"from": "lies", "to": "held", "reading": ["take"], "together": ["take"]} in record["causal_graph"]
    sample = record["sample"]
    assert (sample["task"], sample["seed"], sample["status"]) == ("Alley-Open-v0", 3, "solved")
    assert [step["instruction"] for step in sample["steps"]] == sample["instructions"]
    assert sample["steps"][-1]["added"] == ["(held coin)"]
    assert (record["trouble"], record["written"]) == ("", [])


def test_files_are_written(run: Run, tmp_path: Path) -> None:
    svg, html = tmp_path / "alley.svg", tmp_path / "alley.html"
    said = run(*SHOW, "--svg", svg, "--html", html)
    assert said.code == 0
    assert f"written: {svg}\nwritten: {html}\n" in said.out
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")
    assert html.read_text("utf-8").startswith("<!doctype html>")


def test_a_domain_by_name(run: Run) -> None:
    said = run("domain", "show", "minigrid")
    assert said.code == 0
    assert "pick-up ?i - item ?r - room" in said.out


def test_a_domain_without_a_plan_is_shown_all_the_same(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "lane"
    shutil.copytree(ALLEY_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "missions.toml").read_text().replace('"ring {bell:bell}"', '"dring {bell:bell}"')
    (folder / "missions.toml").write_text(
        text.replace('say = ["ring {it:bell}"]', 'say = ["sound {it:bell}"]')
    )
    page = tmp_path / "page.html"
    said = run("domain", "show", folder, "--trust", "--html", page)
    assert said.code == 0
    assert 'SAMPLE PLAN\nnone: Alley-v0, seed 1000000: "ring" is not understood' in said.out
    assert "is not understood" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["domain", "show", "nowhere"], "unknown domain 'nowhere'", 2),
        (["domain", "show", ALLEY_FOLDER], "add --trust", 2),
        ([*SHOW, "--task", "Alley-Opne-v0"], "nearest: Alley-Open-v0", 2),
        ([*SHOW, "--task", "Alley-Lost-v0"], "nobody knows where it lies", 1),
        ([*SHOW, "--seed", -1], "--seed must not be negative", 2),
        ([*SHOW, "--svg", "/no/such/folder/a.svg"], "there is no folder", 2),
    ],
)
def test_bad_usage(run: Run, arguments: list[object], words: str, code: int) -> None:
    said = run(*arguments)
    assert said.code == code
    assert words in said.complaint
    assert said.out == ""


@pytest.mark.parametrize("arguments", [[], ["shaw"], ["show"]])
def test_usage_that_does_not_parse(run: Run, arguments: list[str]) -> None:
    said = run("domain", *arguments)
    assert said.code == 2
    assert "Traceback" not in said.err


def test_help_is_about_the_action(run: Run) -> None:
    assert "• show" in run("domain", "--help").out
    said = run("domain", "show", "--help").out
    assert "--svg" in said
    assert "action" not in said
    assert "--trust" in said
