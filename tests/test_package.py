"""Importing the package costs next to nothing, and compiled code always finds a place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import neurosym


def test_the_import_brings_nothing_along() -> None:
    code = "import sys; before = set(sys.modules); import neurosym; print(*(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    brought = set(run.stdout.split())
    foreign = {name for name in brought if name.split(".")[0] not in sys.stdlib_module_names}
    assert foreign == {"neurosym"}


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing can be written, whoever runs this."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # so that it is put back afterwards
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(os, "access", lambda *_: False)


@pytest.mark.usefixtures("nowhere")
def test_compiled_code_gets_a_folder_of_its_own() -> None:
    neurosym._find_place_for_compiled_code("/package", "/home/.cache")
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    assert folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0, "others could put their code there"


@pytest.mark.usefixtures("nowhere")
def test_who_chose_a_folder_is_not_overruled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/chosen")
    neurosym._find_place_for_compiled_code("/package", "/home/.cache")
    assert os.environ["NUMBA_CACHE_DIR"] == "/chosen"


@pytest.mark.parametrize("writable", ["package", "cache"])
def test_a_place_that_can_be_written_to_is_enough(
    writable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).is_relative_to(tmp_path / writable))
    for name in ("package", "cache"):
        (tmp_path / name).mkdir()
    neurosym._find_place_for_compiled_code(str(tmp_path / "package"), str(tmp_path / "cache" / "not" / "yet"))
    assert "NUMBA_CACHE_DIR" not in os.environ
