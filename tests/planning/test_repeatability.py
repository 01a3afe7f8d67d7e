"""The same problem gets the same plan in every process, whatever Python's hashes of strings are there."""

from __future__ import annotations

import os
import subprocess
import sys

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
