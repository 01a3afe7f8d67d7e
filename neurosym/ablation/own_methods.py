"""Methods of the user's own: Python files that enter them with `neurosym.ablation.methods.method`."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

from neurosym.ablation.attempt import Player
from neurosym.ablation.made import Made
from neurosym.ablation.records import CellOrder, CellRecord
from neurosym.errors import NeurosymError

__all__ = ["OwnMethods"]


class OwnMethods:
    """The text of some files, so that they need not lie where cells are played.

    Args:
        paths: of the files.

    Raises:
        NeurosymError: a file cannot be read.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        try:
            self._texts = [(str(path), path.read_text(encoding="utf-8")) for path in paths]
        except (OSError, UnicodeDecodeError) as error:
            raise NeurosymError(f"methods of your own: {error}") from None

    def enter(self) -> None:
        """Run the files, once in each process.

        Raises:
            NeurosymError: a file cannot be run, or enters a method that is there already.
        """
        for name, text in self._texts:
            _run(name, text)

    def sign(self, made: Made) -> Made:
        """What a cell is made with, these files included."""
        return (
            {**made, "methods": _digest("\0".join(text for _, text in self._texts))} if self._texts else made
        )

    def wrap(self, player: Player) -> Player:
        """A player that knows them, wherever it plays."""
        return _Knowing(self, player) if self._texts else player


class _Knowing:
    def __init__(self, methods: OwnMethods, player: Player) -> None:
        self._methods, self._player = methods, player
        self.__module__ = player.__module__  # which engines import before they play

    def __call__(self, order: CellOrder, folder: Path, progress: Callable[[int, str], None]) -> CellRecord:
        self._methods.enter()
        record = self._player(order, folder, progress)
        return record if record.made is None else replace(record, made=self._methods.sign(record.made))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _run(name: str, text: str) -> None:
    module = ModuleType(f"neurosym_own_methods_{_digest(name + text)}")
    module.__file__ = name
    sys.modules[module.__name__] = module  # where dataclasses look for what annotations mean
    try:
        exec(compile(text, name, "exec"), vars(module))
    except NeurosymError:
        raise
    except Exception as error:  # somebody else's code, which may fail in any way
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise NeurosymError(f"{name}: cannot be run: {reason}") from error
