"""Domains that look installed, and copies of the alley to install."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds import ALLEY_FOLDER


def copy_alley(folder: Path) -> Path:
    shutil.copytree(ALLEY_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def retitle(folder: Path, name: str) -> None:
    file = folder / "domain.py"
    text = file.read_text().replace("Alley-", f"{name}-").replace('name = "alley"', f'name = "{name}"')
    file.write_text(text)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the import path, as `pip install --target` fills one."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    modules = set(sys.modules)
    yield folder
    for name in set(sys.modules) - modules:
        if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
            del sys.modules[name]


def install(shelf: Path, distribution: str, entries: dict[str, str]) -> None:
    """Metadata of a distribution that offers these domains."""
    info = shelf / f"{distribution.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
    lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
    (info / "entry_points.txt").write_text(f"[neurosym.domains]\n{lines}")


def install_alley(shelf: Path, module: str, name: str, distribution: str = "alleys") -> Path:
    folder = copy_alley(shelf / module)
    retitle(folder, name)
    install(shelf, distribution, {name: module})
    return folder
