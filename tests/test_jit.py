"""Machine code that was kept on disk serves as long as nothing has changed that went into it, and no longer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.core.errors import NumbaError

from neurosym.jit import inner, kernel

ROOT = Path(__file__).parents[1]

NUMBERS = "STEP = 1\n"
LAYOUT = """
from typing import NamedTuple

class Pair(NamedTuple):
    first: int
    second: int
"""
CALLEE = """
from neurosym.jit import inner
from .numbers import STEP

@inner
def part(x):
    return x + STEP
"""
CALLER = """
from neurosym.jit import kernel
from .callee import part

@kernel
def whole(pair):
    return part(pair.first)
"""
RUN = """
from little.caller import whole
from little.layout import Pair
print(whole(Pair(10, 20)), sum(whole.stats.cache_hits.values()))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of which one kernel is called from Python, with a part in another file."""
    folder = tmp_path / "little"
    folder.mkdir()
    texts = {"__init__": "", "numbers": NUMBERS, "layout": LAYOUT, "callee": CALLEE, "caller": CALLER}
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def start(package: Path, **variables: str) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(package.parent), str(ROOT)])
    return subprocess.Popen(
        [sys.executable, "-B", "-W", "error", "-c", RUN],
        env={"PYTHONPATH": path, "HOME": str(package.parent / "home"), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, int]:
    """What the kernel gave, and how many kernels were found on disk."""
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    result, found = out.split()
    return int(result), int(found)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.nbi"))


def test_what_is_unchanged_is_not_compiled_again(package: Path) -> None:
    assert finish(start(package)) == (11, 0)
    assert finish(start(package)) == (11, 1)
    (package / "elsewhere.py").write_text("'''Has no part in kernels.'''", encoding="utf-8")
    assert finish(start(package)) == (11, 1)


def test_a_change_anywhere_is_noticed(package: Path) -> None:
    """In a callee, in a constant that it reads, in the order of an argument's fields, in the kernel itself."""
    changes = [
        ("callee.py", "x + STEP", "x + 2 * STEP", 12),
        ("numbers.py", "STEP = 1", "STEP = 5", 20),
        ("layout.py", "first: int\n    second", "second: int\n    first", 30),
        ("caller.py", "part(pair.first)", "part(pair.second)", 20),
    ]
    assert finish(start(package)) == (11, 0)
    for file, old, new, result in changes:
        change(package / file, old, new)
        assert finish(start(package)) == (result, 0), file
        assert len(kept(package)) == 1, "what is stale is thrown away"
    assert finish(start(package)) == (result, 1)


def test_code_kept_elsewhere(package: Path) -> None:
    """As that of an installed package which cannot be written to."""
    cache = package.parent / "cache"
    assert finish(start(package, NUMBA_CACHE_DIR=str(cache))) == (11, 0)
    change(package / "callee.py", "x + STEP", "x + 2 * STEP")
    assert finish(start(package, NUMBA_CACHE_DIR=str(cache))) == (12, 0)
    assert len(kept(cache)) == 1
    assert not kept(package)


def test_processes_that_start_at_once(package: Path) -> None:
    assert finish(start(package)) == (11, 0)
    change(package / "callee.py", "x + STEP", "x + 2 * STEP")
    results = [finish(process)[0] for process in [start(package) for _ in range(3)]]
    assert results == [12, 12, 12]


def test_a_kernel_keeps_its_name() -> None:
    def add(a: Any, b: Any) -> Any:
        return a + b

    assert kernel(add).py_func.__qualname__.endswith(".add")


def test_division_by_zero_is_numpys() -> None:
    @kernel
    def divide(a: Any, b: Any) -> Any:
        return a / b

    assert divide(1.0, 0.0) == np.inf


def test_a_numba_that_always_counts_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurosym.jit.CPUTargetOptions", object)
    made = []
    monkeypatch.setattr(
        "neurosym.jit.numba", SimpleNamespace(njit=lambda **options: made.append(options) or njit(**options))
    )

    @inner
    def double(x: Any) -> Any:
        return x + x

    @kernel(fastmath=True)
    def double_all(xs: Any) -> None:
        for k in range(len(xs)):
            xs[k] = double(xs[k])

    numbers = np.arange(3.0)
    double_all(numbers)
    assert numbers.tolist() == [0.0, 2.0, 4.0]
    assert len(made) == 2
    assert not any("_nrt" in options for options in made)


def test_references_are_not_counted() -> None:
    @kernel
    def allocate() -> Any:
        return len(np.zeros(3))

    with pytest.raises(NumbaError):  # which says that without counting nothing can be allocated
        allocate()
