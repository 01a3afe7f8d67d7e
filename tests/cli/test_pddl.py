"""Two PDDL files on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.pddlworld.files import FOLDER, WORLDS, name_of, write_files

ELEVATOR = (FOLDER / "elevator" / "domain.pddl", FOLDER / "elevator" / "p02.pddl")


@pytest.mark.parametrize("files", WORLDS, ids=name_of)
def test_solve_from_end_to_end(run: Run, files: tuple[Path, Path]) -> None:
    said = run("solve", "--pddl", *files, "--episodes", 2, "--json")
    assert said.code == 0
    (task,) = said.record["tasks"]
    assert task["task"].startswith(f"{files[0].parent.name}.")
    assert (task["episodes"], task["success_rate"], task["mean_return"]) == (2, 1.0, 1.0)
    assert task["plans"] == task["plan_cache_hits"] == 2


def test_solve_for_people_with_a_page(run: Run, tmp_path: Path) -> None:
    said = run("solve", "--pddl", *ELEVATOR, "--episodes", 1, "--replay", tmp_path / "page.html")
    assert said.code == 0
    assert "elevator.four-people" in said.out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "(ride f0 f2)" in page


def test_episodes_are_kept_and_gone_on_with(run: Run, tmp_path: Path) -> None:
    command = ["solve", "--pddl", *ELEVATOR, "--episodes", 2, "--out", tmp_path / "run"]
    assert run(*command).code == 0
    said = run(*command)
    assert said.code == 0
    assert "2 of 2 episodes are there already" in said.err


def test_plan(run: Run) -> None:
    said = run("plan", "--pddl", *ELEVATOR, "--json")
    assert said.code == 0
    record = said.record
    assert record["task"] == "elevator.four-people"
    assert record["mission"] == "(forall (?p - person) (and (served ?p) (not (inside ?p))))"
    *steps, cost = record["plan"].splitlines()
    assert steps[0] == "(stop f0)"
    assert cost == f"; cost = {record['cost']:g}"
    assert record["instructions"][1] == steps[1].strip("()")


def test_plan_with_another_engine(run: Run) -> None:
    pytest.importorskip("up_fast_downward", reason='install the "engines" extra')
    said = run("plan", "--pddl", *ELEVATOR, "--engine", "fast-downward", "--json")
    assert (said.code, said.record["engine"], said.record["status"]) == (0, "fast-downward", "solved")


@pytest.mark.parametrize("command", ["solve", "plan"])
def test_broken_pddl_is_one_line_with_its_place(run: Run, command: str, tmp_path: Path) -> None:
    domain = "(:predicates (p))\n  (:action a :precondition (< 1 2) :effect (p)))"
    files = write_files(tmp_path, domain, "(:init) (:goal (p)))")
    said = run(command, "--pddl", *files)
    assert said.code == 1
    assert f"{files[0]}:3:28: (< ...), a numeric condition, is not supported" in said.complaint
    record = run(command, "--pddl", *files, "--json").record
    assert (record["kind"], record["details"]["line"], record["details"]["column"]) == ("PddlError", 3, 28)


def test_an_unsolvable_problem_fails_with_the_reason(run: Run, tmp_path: Path) -> None:
    domain = "(:predicates (p) (q)) (:action a :precondition (q) :effect (and (p) (not (q)))))"
    files = write_files(tmp_path, domain, "(:init (q)) (:goal (and (p) (q))))")
    said = run("solve", "--pddl", *files)
    assert (said.code, said.out) == (1, "")
    assert f"{files[1]}: proven unsolvable: " in said.complaint
    said = run("plan", "--pddl", *files)
    assert said.code == 1
    assert "proven unsolvable" in said.out


def test_what_does_not_go_together(run: Run) -> None:
    for more in (["MiniGrid-Empty-5x5-v0"], ["--jobs", 2], ["--agent", "weights"], ["--suite", "minigrid"]):
        said = run("solve", *more, "--pddl", *ELEVATOR)
        assert said.code == 2
        assert "--pddl is played in one process" in said.complaint
    assert "name one task, or two files" in run("plan").complaint
    assert run("plan").code == run("plan", "MiniGrid-Empty-5x5-v0", "--pddl", *ELEVATOR).code == 2


def test_a_goal_that_can_never_hold_is_named(run: Run, tmp_path: Path) -> None:
    domain = """(:types t) (:predicates (p ?x - t))
    (:action a :parameters (?x - t) :precondition (p ?x) :effect (not (p ?x))))"""
    problem = "(:objects u v - t) (:init (p u)) (:goal (and (p u) (forall (?x - t) (p ?x)))))"
    said = run("solve", "--pddl", *write_files(tmp_path, domain, problem))
    assert said.complaint.endswith("proven without search: (forall (?x - t) (p ?x)) can never hold")


def test_a_goal_that_holds_already(run: Run, tmp_path: Path) -> None:
    domain = "(:predicates (p)) (:action a :precondition (p) :effect (not (p))))"
    said = run("solve", "--pddl", *write_files(tmp_path, domain, "(:init (p)) (:goal (p)))"), "--json")
    assert said.code == 0
    assert said.record["tasks"][0]["mean_steps"] == 1


def test_an_animated_picture(run: Run, tmp_path: Path) -> None:
    assert run("solve", "--pddl", *ELEVATOR, "--episodes", 1, "--gif", tmp_path / "film.gif").code == 0
    assert (tmp_path / "film.gif").read_bytes()[:4] == b"GIF8"
