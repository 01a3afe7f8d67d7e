"""Imports run one way, and the library names no world."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORLDS = sorted(path.name for path in (ROOT / "domains").iterdir() if (path / "domain.py").exists())


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([tool, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_layers_hold() -> None:
    run = lint_imports(ROOT)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("symbols.py", "import neurosym.evaluation"),
        ("planning/__init__.py", "import neurosym.agent"),
        ("planning/__init__.py", "import torch"),
        ("options/__init__.py", "import neurosym.planning"),
        ("options/__init__.py", "import numba"),
        ("nowhere.py", ""),
    ],
)
def test_the_layers_would_be_missed(tmp_path: Path, module: str, line: str) -> None:
    """Each law is broken once, in a copy."""
    shutil.copytree(ROOT / "neurosym", tmp_path / "neurosym", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "neurosym" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    run = lint_imports(tmp_path)
    assert run.returncode != 0, f"{module}: {line!r} went unnoticed"


def docstrings(tree: ast.AST) -> set[int]:
    """The ids of the nodes that are docstrings."""
    found = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            first = body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def words_of(source: str) -> Iterator[tuple[int, str]]:
    """Every name and every string in the code, docstrings apart, with its line."""
    tree = ast.parse(source)
    spared = docstrings(tree)
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for _, value in ast.iter_fields(node):
            if isinstance(value, str) and id(node) not in spared:
                yield line, value


def mentions(source: str, world: str) -> list[int]:
    pattern = re.compile(rf"(?<![a-z]){re.escape(world)}(?![a-z])", re.IGNORECASE)
    return [line for line, word in words_of(source) if pattern.search(word)]


@pytest.mark.parametrize("world", WORLDS)
def test_the_library_names_no_world(world: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "neurosym").rglob("*.py"))
        if "_domains" not in path.parts
        for line in mentions(path.read_text(encoding="utf-8"), world)
    ]
    assert not found, f"neurosym/ names {world}: {found}"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import taxi", [1]),
        ("from taxi.rank import Cab", [1]),
        ("x = 1\ny = 'neurosym_domains.taxi'", [2]),
        ("def taxi_fare(): pass", [1]),
        ("a.taxi", [1]),
        ('"""Such as a taxi."""\ndef f():\n    "Taxi."', []),
        ("taxidermy = 1", []),
    ],
)
def test_a_world_would_be_found(source: str, lines: list[int]) -> None:
    assert mentions(source, "taxi") == lines
