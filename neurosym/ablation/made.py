"""What a cell was made with, so that cells of unlike code are not taken for one study unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from neurosym.ablation.records import CellRecord
from neurosym.domain import Domain
from neurosym.provenance import commit_here, digest_of_files

__all__ = ["Made", "made_with", "unlike"]

Made = Mapping[str, str | None]
"""`version`, `commit`, and digests of the files of the `domain` and of the user's own `methods`, if there are any."""

DOMAIN_FILES = {".py", ".pddl"}


def made_with(domain: Domain) -> dict[str, str | None]:
    """What a cell that is played now, in this process, is made with."""
    from neurosym import __version__

    digest = digest_of_files(domain.folder, _describing(domain.folder))[:16]
    return {"version": __version__, "commit": commit_here(), "domain": digest}


def _describing(folder: Path) -> Iterator[Path]:
    """The files that say what a domain is; what is hidden is left out."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in DOMAIN_FILES and path.is_file() and not hidden:
            yield path


def unlike(cells: Iterable[CellRecord]) -> dict[str, Counter[str]]:
    """What cells that tell it were not all made with alike: how many with which, by name.

    The domain has to be the same for all cells of a task; a study may have tasks of several.
    """
    found: dict[tuple[str, str], Counter[str]] = {}
    for cell in cells:
        for name, value in (cell.made or {}).items():
            task = cell.key.task if name == "domain" else ""
            found.setdefault((name, task), Counter())[value or "none"] += 1
    told: dict[str, Counter[str]] = {}
    for (name, _), values in found.items():
        if len(values) > 1:
            told.setdefault(name, Counter()).update(values)
    return told
