from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Run

HEAVY = {"torch", "numba", "numpy", "gymnasium", "minigrid", "unified_planning", "lark", "tensorboard", "PIL"}
SUBCOMMANDS = ("tasks", "plan", "train", "solve", "ablate", "domain", "doctor")
ACTIONS = (
    "tasks",
    "plan",
    "train",
    "solve",
    "ablate",
    "domain new",
    "domain draft",
    "domain check",
    "domain show",
    "doctor",
)


def test_help_loads_the_command_line_and_nothing_else() -> None:
    """That it answers at once: how long it takes differs from machine to machine, what it loads does not."""
    code = "import sys; from neurosym.cli import main\ntry: main(['--help'])\nfinally: print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = run.stdout.splitlines()[-1].split()
    packages = {name.partition(".")[0] for name in loaded}
    assert "tyro" in packages
    assert HEAVY.isdisjoint(packages)
    assert len(loaded) < 260, "195 are; each is read from disk before the first word is said"


def test_help_names_every_subcommand(run: Run) -> None:
    said = run("--help")
    assert said.code == 0
    for name in SUBCOMMANDS:
        assert f"• {name}" in said.out


@pytest.mark.parametrize("name", ACTIONS)
def test_every_subcommand_has_help_and_json(run: Run, name: str) -> None:
    said = run(*name.split(), "--help")
    assert said.code == 0
    assert "--json" in said.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["slove"],
        ["solve", "x", "--episods", "3"],
        ["solve", "x", "--episodes", "many"],
        ["plan", "--sead", "3"],
    ],
)
def test_usage_that_does_not_parse(run: Run, arguments: list[str]) -> None:
    said = run(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert "--help" in said.err
    assert "Traceback" not in said.err


def test_version(run: Run) -> None:
    assert run("--version").out.startswith("neurosym 0.")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m neurosym tasks | head -n 1"
    run = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0
    assert "Traceback" not in run.stderr
    assert "BrokenPipe" not in run.stderr
