"""What a result must carry to be made again: version, commit, command."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["commit_here", "digest_of_files", "provenance"]


def provenance(given: Sequence[str], program: str = "neurosym") -> dict[str, str | None]:
    """`version`, `commit` (None outside a checkout) and `command`: the program with the words it was given."""
    from neurosym import __version__

    command = f"{program} {shlex.join(given)}".rstrip()
    return {"version": __version__, "commit": commit_here(), "command": command}


def digest_of_files(folder: Path, paths: Iterable[Path]) -> str:
    """A SHA-256 of the names, as seen from the folder they lie in, and the content of files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        name = os.fsencode(path.relative_to(folder).as_posix())
        total.update(hashlib.sha256(name).digest() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def commit_here() -> str | None:
    """The commit checked out here, `-dirty` if tracked files have changed since; None outside a checkout."""
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():
        return None
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return None
    return f"{commit}-dirty" if _git(root, "status", "--porcelain", "--untracked-files=no") else commit


def _git(root: Path, *arguments: str) -> str:
    import subprocess

    try:
        run = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""
