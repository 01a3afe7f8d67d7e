"""The PDDL worlds of the examples, and worlds written as text."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import numpy as np

from neurosym.pddlworld import PddlEnv

FOLDER = Path(__file__).parents[2] / "examples" / "pddl"
WORLDS = [(problem.parent / "domain.pddl", problem) for problem in sorted(FOLDER.glob("*/p[0-9][0-9].pddl"))]
SMALL = [files for files in WORLDS if files[1].stem == "p01"]


def name_of(files: tuple[Path, Path]) -> str:
    """For pytest: which world this is."""
    return f"{files[1].parent.name}-{files[1].stem}"


def write_files(folder: Path, domain: str, problem: str) -> tuple[Path, Path]:
    """The two texts as files, after the heads of a domain `d` and a problem `p`."""
    files = folder / "domain.pddl", folder / "problem.pddl"
    files[0].write_text(f"(define (domain d)\n{domain}", encoding="utf-8")
    files[1].write_text(f"(define (problem p) (:domain d)\n{problem}", encoding="utf-8")
    return files


def shortest(env: PddlEnv) -> int:
    """How many actions the goal takes, by breadth-first search through the environment's own steps."""
    start, _ = env.reset()
    frontier, known = deque([(start, 0)]), {start.tobytes()}
    while frontier:
        values, depth = frontier.popleft()
        for action in range(int(env.action_space.n)):
            env.reset()
            env._values = values.astype(np.bool_)
            after, _, reached, _, _ = env.step(action)
            if reached:
                return depth + 1
            if after.tobytes() not in known:
                known.add(after.tobytes())
                frontier.append((after, depth + 1))
    raise AssertionError("the goal cannot be reached")
