"""The examples work as they are printed."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import neurosym
from neurosym.agent import Agent
from neurosym.domain import load_domain

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [name])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def test_without_learning(capsys: pytest.CaptureFixture[str]) -> None:
    run("without_learning.py")
    lines = capsys.readouterr().out.splitlines()
    steps = [line for line in lines if line.startswith("(")]
    words = lines[lines.index("", 2) + 1 : -2]
    assert len(steps) == len(words) >= 2, "each step of the plan is said in words"
    assert lines[-1].startswith("valid: True")


TORCHLESS = """
import importlib.abc, runpy, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ImportError("there is no torch here")

sys.meta_path.insert(0, Refuse())
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_without_learning_needs_no_torch() -> None:
    """In an interpreter where torch cannot be imported at all; `own_loop.py` fails there, so the test can."""
    command = [sys.executable, "-c", TORCHLESS]
    done = [
        subprocess.run(
            [*command, EXAMPLES / name], capture_output=True, text=True, check=False, cwd=EXAMPLES.parent
        )
        for name in ("without_learning.py", "own_loop.py")
    ]
    assert done[0].returncode == 0, done[0].stderr
    assert "valid: True, torch imported: False" in done[0].stdout
    assert "there is no torch here" in done[1].stderr


def test_own_loop_with_a_controller_written_by_hand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = load_domain("minigrid")
    monkeypatch.setattr(neurosym, "load", lambda name: Agent(load_domain(name), domain.scripted_controller()))
    run("own_loop.py")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "solved"
    assert "pick up the yellow key" in lines


def test_own_loop_with_the_weights_that_ship(capsys: pytest.CaptureFixture[str]) -> None:
    if not (load_domain("minigrid").weights / "checkpoint.json").is_file():
        pytest.skip("no weights ship with minigrid yet")
    run("own_loop.py")
    assert capsys.readouterr().out.splitlines()[-1] == "solved"


def test_pddl_world(capsys: pytest.CaptureFixture[str]) -> None:
    run("pddl_world.py")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("16 actions, 16 fluents, goal (forall ")
    assert sum(line.endswith(", reward 0") for line in lines) == 5, "random actions, all legal"
    assert "reward 1, terminated: True, cost 21" in lines
    assert lines[-1] == "solved"
