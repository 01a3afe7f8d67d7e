"""The README's commands work: each block that stands under `<!-- tested -->` is run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
TEST_COMMAND = 'pip install -c constraints.txt -e ".[test]" && pytest -n 2'
INSTALL = re.compile(r"^pip install [^&]* && ")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the line it begins at, and what stands in it."""

    language: str
    line: int
    text: str
    tested: bool

    def commands(self) -> list[str]:
        """A console block's commands; continued lines are joined, output and installation left out."""
        text = self.text.replace("\\\n", " ")
        lines = text.splitlines()
        prompted = [line[2:] for line in lines if line.startswith("$ ")]
        typed = prompted or [line for line in lines if line.strip() and not line.startswith("#")]
        return [INSTALL.sub("", line) for line in typed]


def blocks(text: str) -> list[Block]:
    found, marked = [], False
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        if line.startswith("```"):
            body = []
            for _, inner in lines:
                if inner.startswith("```"):
                    break
                body.append(inner)
            found.append(Block(line[3:].strip(), number, "\n".join(body), marked))
        if line.strip():
            marked = line.strip() == "<!-- tested -->"
    return found


TESTED = [block for block in blocks(README.read_text(encoding="utf-8")) if block.tested]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout's look-alike to run in, so that what commands write does not stay in the checkout."""
    for entry in ("domains", "examples", "benchmarks", "constraints.txt"):
        if (ROOT / entry).exists():
            (tmp_path / entry).symlink_to(ROOT / entry)
    return tmp_path


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """`neurosym` and `python` are this checkout's, installed or not."""
    tools = tmp_path_factory.mktemp("bin")
    (tools / "neurosym").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m neurosym "$@"\n')
    (tools / "neurosym").chmod(0o755)
    path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("block", TESTED, ids=lambda block: f"line {block.line}")
def test_a_block_runs(block: Block, folder: Path, environment: dict[str, str]) -> None:
    if block.language == "python":
        command = [sys.executable, "-c", block.text]
    else:
        command = ["bash", "-euo", "pipefail", "-c", "\n".join(block.commands())]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"README.md:{block.line}\n{run.stdout}\n{run.stderr}"


def test_ci_runs_the_readmes_test_command() -> None:
    assert TEST_COMMAND in README.read_text(encoding="utf-8")
    assert TEST_COMMAND in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_blocks_are_found() -> None:
    text = "a\n\n<!-- tested -->\n\n```console\n$ one \\\n  two\nanswer\n```\n\n```python\nx\n```\n"
    first, second = blocks(text)
    assert (first.language, first.line, first.tested, first.commands()) == (
        "console",
        5,
        True,
        ["one    two"],
    )
    assert (second.language, second.tested) == ("python", False)


def test_installation_is_left_out() -> None:
    block = Block("bash", 1, "# note\npip install -e . && neurosym tasks\n", True)
    assert block.commands() == ["neurosym tasks"]
