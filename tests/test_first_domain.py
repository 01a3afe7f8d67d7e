"""docs/first-domain.md is true: its files are written, its commands typed, one after the other."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "first-domain.md"
BLOCK = re.compile(r"<!-- (run|file: (?P<path>\S+)) -->\n```\w*\n(?P<body>.*?)```", re.DOTALL)
BLOCKS = list(BLOCK.finditer(PAGE.read_text(encoding="utf-8")))
MOST_LINES = 100  # that a newcomer writes


def environment(tools: Path) -> dict[str, str]:
    """`neurosym` and `pytest` are this checkout's, installed or not."""
    for name in ("neurosym", "pytest"):
        (tools / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {name} "$@"\n')
        (tools / name).chmod(0o755)
    home = {"HOME": str(tools / "home"), "XDG_STATE_HOME": str(tools / "home")}
    return {**os.environ, **home, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def test_there_is_little_to_write() -> None:
    lines = [line for block in BLOCKS if block["path"] for line in block["body"].splitlines() if line.strip()]
    assert 60 < len(lines) <= MOST_LINES


@pytest.mark.timeout(600)
def test_the_page_from_top_to_bottom(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = environment(tmp_path_factory.mktemp("tools"))
    said = ""
    for block in BLOCKS:
        if block["path"]:
            (tmp_path / block["path"]).write_text(block["body"], encoding="utf-8")
            continue
        for command in block["body"].splitlines():
            done = subprocess.run(
                command, shell=True, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
            said += done.stdout
    assert "nothing to complain about" in said
    assert re.search(r"Taxi-v4 +100 +100\.0%", said), "every episode is solved"
    assert (tmp_path / "taxi.html").stat().st_size > 10_000
    assert "11 passed" in said
