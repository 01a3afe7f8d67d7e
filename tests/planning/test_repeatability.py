"""The same problem gets the same plan in every process, whatever Python's hashes of strings are there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import neurosym.planning.search as search
from neurosym.planning import EmbeddedPlanner, read_domain, read_problem

SCRIPT = """
from neurosym.planning import EmbeddedPlanner, PlanCache, format_plan, parse_domain, parse_problem
domain = parse_domain('''(define (domain doors) (:requirements :strips)
  (:predicates (closed ?d) (open ?d) (behind ?t ?d) (found ?t))
  (:action open-it :parameters (?d) :precondition (closed ?d) :effect (and (open ?d) (not (closed ?d))))
  (:action find-it :parameters (?t ?d) :precondition (and (behind ?t ?d) (open ?d)) :effect (found ?t)))''',
  reader="direct")
names = "red green blue purple yellow grey".split()
cache = PlanCache(EmbeddedPlanner())
for turn in range(len(names)):
    doors = names[turn:] + names[:turn]
    facts = " ".join(f"(closed {d}) (behind ball {d}) (behind box {d})" for d in doors[: 2 + turn])
    problem = parse_problem(f"(define (problem p) (:domain doors) (:objects {' '.join(doors)} ball box) "
        f"(:init {facts}) (:goal (and (found ball) (found box))))", domain, reader="direct")
    print(format_plan(cache.plan(problem, time_limit_s=10).plan))
"""


def test_plans_do_not_hang_on_the_hashes_of_strings() -> None:
    said = set()
    for seed in ("0", "1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True
        )
        said.add(run.stdout)
    assert len(said) == 1


@pytest.mark.parametrize("slice_s", [1e-9, 1e-4, 1e3])
def test_plans_do_not_hang_on_how_often_the_clock_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, slice_s: float
) -> None:
    """In a search that runs short of room and ends by its count of steps."""
    folder = Path(__file__).parents[2] / "examples" / "pddl" / "gripper"
    domain = read_domain(folder / "domain.pddl", reader="direct")
    problem = read_problem(folder / "p03.pddl", domain, reader="direct")
    usual = EmbeddedPlanner(effort=100_000).plan(problem, time_limit_s=60)
    monkeypatch.setattr(search, "_SLICE_S", slice_s)
    other = EmbeddedPlanner(effort=100_000).plan(problem, time_limit_s=60)
    assert (other.plan, other.expanded) == (usual.plan, usual.expanded)
