"""Which domains have a name, and where they come from: built in, or installed by some distribution."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "BuiltIn", "Installed", "Source", "sources"]

GROUP = "neurosym.domains"


@dataclass(frozen=True)
class BuiltIn:
    """A folder that comes with this package."""

    folder: Path

    def __str__(self) -> str:
        return "built in"


@dataclass(frozen=True)
class Installed:
    """An entry point, `NAME = "module"` or `NAME = "module:attribute"`, of a distribution's metadata."""

    entry: EntryPoint

    def __str__(self) -> str:
        made_by = self.entry.dist
        return (
            f"of the distribution {made_by.name} {made_by.version}" if made_by else f"of {self.entry.value}"
        )


Source: TypeAlias = "BuiltIn | Installed"


def sources() -> dict[str, tuple[Source, ...]]:
    """Each name with all that claim it, in the order of names; the first one has it.

    A built-in domain comes first, so that nothing that is installed later changes what a documented command does;
    distributions follow by their names, so that the order of installing makes no difference.
    """
    found: dict[str, list[Source]] = {name: [BuiltIn(folder)] for name, folder in _built_in().items()}
    for entry in _entry_points():
        found.setdefault(entry.name, []).append(Installed(entry))
    return {name: tuple(found[name]) for name in sorted(found)}


def _homes() -> tuple[Path, ...]:
    """Where built-in domains lie: inside an installed package, or beside it in the repository."""
    package = Path(__file__).resolve().parent
    return (package / "_domains", package.parent / "domains")


def _built_in() -> dict[str, Path]:
    home = next((home for home in _homes() if home.is_dir()), None)
    return (
        {} if home is None else {path.parent.name: path.parent for path in sorted(home.glob("*/domain.py"))}
    )


def _entry_points() -> tuple[EntryPoint, ...]:
    return _entry_points_on(tuple(sys.path))


@lru_cache(maxsize=1)
def _entry_points_on(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """What the distributions on this import path offer, by the names of the distributions. Looking takes a while."""
    from importlib.metadata import entry_points

    return tuple(sorted(entry_points(group=GROUP), key=lambda entry: (_seller(entry), entry.value)))


def _seller(entry: EntryPoint) -> str:
    return entry.dist.name.lower() if entry.dist else ""
