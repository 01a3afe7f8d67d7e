"""Loading a domain runs its Python; who names a folder is asked once whether that is meant."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from neurosym.cli.command import Command, UsageError
from neurosym.cli.voice import Voice
from neurosym.files import replace_file
from neurosym.provenance import digest_of_files

if TYPE_CHECKING:
    from neurosym.domain import Domain

__all__ = ["InDomain", "Trust", "Trusting", "UntrustedError", "digest_of_code", "trusted_folder"]


class UntrustedError(UsageError):
    """A folder whose Python nobody has agreed to run."""


@dataclass(kw_only=True)
class Trusting(Command):
    """A command that may be given a domain's folder."""

    trust: bool = False
    """Run the Python of a domain's folder without asking first, and remember that."""

    def warrant(self, voice: Voice) -> Trust:
        """What loads domains for this command."""
        return Trust(voice, self.trust)


@dataclass(kw_only=True)
class InDomain(Trusting):
    """A command about the tasks of one domain, or of all that have a name."""

    domain: str | None = None
    """Only this domain, by its name or its folder."""


class Trust:
    """Loads domains. Those that were installed have been agreed to; for a folder, somebody must say so.

    Args:
        granted: the answer is yes, whatever will be asked.
    """

    def __init__(self, voice: Voice, granted: bool) -> None:
        self._voice, self._granted = voice, granted
        self._cleared: set[Path] = set()

    def load(self, name_or_path: str) -> Domain:
        """As `neurosym.domain.load_domain`.

        Raises:
            UntrustedError: it is a folder, and the answer was no or there is nobody to ask.
        """
        from neurosym.domain import load_domain

        self.clear(name_or_path)
        return load_domain(name_or_path)

    def clear(self, name_or_path: str) -> None:
        """See to it that this domain may be loaded.

        Raises:
            UntrustedError: it may not.
        """
        from neurosym.domain import domain_names

        folder = Path(name_or_path)
        if name_or_path not in domain_names() and (folder / "domain.py").is_file():
            self._see_to(folder.resolve())

    def _see_to(self, folder: Path) -> None:
        from neurosym.registry import BuiltIn, sources

        if folder in self._cleared or any(BuiltIn(folder) in claims for claims in sources().values()):
            return
        pledge = _Pledge(folder)
        if not pledge.holds:
            if not self._granted:
                self._ask(folder, pledge)
            self._keep(pledge)
        self._cleared.add(folder)

    def _keep(self, pledge: _Pledge) -> None:
        try:
            pledge.keep()
        except OSError as error:
            self._voice.complain(f"{pledge.file}: the answer cannot be kept: {error.strerror or error}")

    def _ask(self, folder: Path, pledge: _Pledge) -> None:
        news = "has changed since you agreed to it" if pledge.is_older else "has not been run here before"
        answer = self._voice.ask(f"loading {folder} runs its Python, which {news}. Run it?")
        if answer is None:
            raise UntrustedError(
                f"loading {folder} runs its Python, which {news}; if that is meant, add --trust"
            )
        if not answer:
            raise UntrustedError(f"{folder} was not loaded")


class _Pledge:
    """That the code in a folder, as it is now, may be run: a small file of this user's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = trusted_folder() / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]}.json"

    @cached_property
    def _terms(self) -> dict[str, str]:
        return {"folder": str(self._folder), "sha256": digest_of_code(self._folder)}

    @cached_property
    def _kept(self) -> object:
        try:
            return json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # never written, or not by us: then there was no answer
            return None

    @property
    def holds(self) -> bool:
        return self._kept == self._terms

    @property
    def is_older(self) -> bool:
        """There was an answer for this folder, about other code."""
        return self._kept is not None and not self.holds

    def keep(self) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self.file, json.dumps(self._terms).encode(), durable=False)


def trusted_folder() -> Path:
    """Where answers are kept."""
    import platformdirs

    return platformdirs.user_state_path("neurosym", appauthor=False) / "trusted"


def digest_of_code(folder: Path) -> str:
    """A SHA-256 of the names and the content of all files in a folder that an import could run."""
    return digest_of_files(folder, _code_in(folder))


def _code_in(folder: Path) -> Iterator[Path]:
    """Modules in this folder and in those below it that can be packages, links included.

    Python's own compiled copies are left out: they follow from what was hashed.
    """
    from importlib.machinery import all_suffixes

    seen = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        seen.add(os.path.realpath(place))
        folders[:] = [
            name
            for name in folders
            if name.isidentifier()
            and name != "__pycache__"
            and os.path.realpath(Path(place, name)) not in seen
        ]
        yield from (Path(place, name) for name in files if name.endswith(tuple(all_suffixes())))
