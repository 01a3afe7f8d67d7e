"""Planning from the command line, in the domains that ship."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Run

TASK = "MiniGrid-DoorKey-8x8-v0"


def test_json(run: Run) -> None:
    said = run(
        "plan", TASK, "--seed", 5, "--goal", "pick up the yellow key, then open the yellow door", "--json"
    )
    assert said.code == 0
    record = said.record
    assert (record["task"], record["seed"], record["engine"]) == (TASK, 5, "neurosym")
    assert record["goal"] == "(held [the yellow key]), then (opened [the yellow door])"
    assert (record["stage"], record["stages"]) == (1, 2)
    assert record["status"] == "solved"
    *steps, cost = record["plan"].splitlines()
    assert steps[-1].startswith("(pick-up ")
    assert cost == f"; cost = {record['cost']:g}"
    assert len(record["instructions"]) == len(steps)
    assert "yellow key" in record["instructions"][-1]


def test_the_tasks_own_mission(run: Run) -> None:
    record = run("plan", TASK, "--json").record
    assert record["mission"] == "use the key to open the door and then get to the goal"
    assert record["seed"] == 1_000_000
    assert record["status"] == "solved"


def test_people_read_plan_and_words_side_by_side(run: Run) -> None:
    said = run("plan", TASK, "--goal", "pick up the yellow key")
    assert said.code == 0
    assert "mission   pick up the yellow key" in said.out
    assert "; pick up the yellow key" in said.out
    assert "; cost = " in said.out
    assert said.err == ""


def test_another_engine(run: Run) -> None:
    pytest.importorskip("up_fast_downward", reason='install the "engines" extra')
    said = run("plan", TASK, "--goal", "pick up the yellow key", "--engine", "fast-downward", "--json")
    assert said.code == 0
    assert said.record["status"] == "solved"
    assert said.record["engine"] == "fast-downward"


def test_an_engine_that_cannot_do_it(run: Run) -> None:
    pytest.importorskip("up_pyperplan", reason='install the "engines" extra')
    said = run("plan", TASK, "--engine", "pyperplan")
    assert said.code == 1
    assert "pyperplan does not support" in said.complaint


def test_torch_is_not_needed() -> None:
    code = f"""
import sys
from neurosym.cli import main
assert main(["plan", {TASK!r}, "--json"]) == 0
assert "torch" not in sys.modules
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["MiniGrid-DorKey-8x8-v0"], "nearest: MiniGrid-DoorKey-", 2),
        (["minigrid"], "minigrid is a domain; name one of its tasks", 2),
        ([TASK, "--engine", "fast-downwrd"], "nearest: fast-downward", 2),
        ([TASK, "--goal", "pick up the yelow key"], '"yelow" is not understood', 1),
        ([TASK, "--goal", ""], "the mission is empty", 1),
        (["MiniGrid-WFC-MazeSimple-v0"], "cannot start", 1),
    ],
)
def test_bad_usage(run: Run, arguments: list[str], words: str, code: int) -> None:
    said = run("plan", *arguments)
    assert said.code == code
    assert words in said.complaint
    assert said.out == ""


def test_what_was_not_understood_is_told_apart(run: Run) -> None:
    details = run("plan", TASK, "--goal", "pick up the yelow key", "--json").record["details"]
    assert details["fragment"] == "yelow"


def test_json_tells_each_clause_that_was_understood(run: Run) -> None:
    record = run("plan", TASK, "--goal", "pick up a key, then unlock the door with it", "--json").record
    assert record["understood"] == [
        {"text": "pick up a key", "goal": "(held [a key])"},
        {"text": "unlock the door with it", "goal": "(opened [the door])"},
    ]
    assert record["not_understood"] == []


def test_what_was_understood_is_told_beside_what_was_not(run: Run) -> None:
    said = run("plan", TASK, "--goal", "grab a key, dance around it, then open all doors")
    assert said.code == 1
    assert '"dance around" is not understood' in said.complaint
    understood, refused = said.out.split("not understood\n")
    assert understood.split() == ["understood", "grab", "a", "key", "(held", "[a", "key])"]
    assert [line.split('"')[1] for line in refused.splitlines()] == ["dance around", "all doors"]


def test_json_of_what_was_not_understood(run: Run) -> None:
    said = run("plan", TASK, "--goal", "pick up a key, then open all doors", "--json")
    assert said.code == 1
    assert said.record["kind"] == "MissionError"
    assert said.record["understood"] == [{"text": "pick up a key", "goal": "(held [a key])"}]
    ((text, reason),) = (entry.values() for entry in said.record["not_understood"])
    assert text == "open all doors"
    assert "only one thing at a time" in reason
