"""Where cells are played: in processes of this machine, or on an engine that exists, Ray or SLURM.

An engine is told what to play and tells how it goes. It knows neither methods nor what a cell holds: each attempt
is a folder, and what lies in it afterwards is what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from neurosym.ablation.attempt import Player
from neurosym.ablation.records import CellOrder
from neurosym.errors import NeurosymError, UnknownNameError

__all__ = ["ENGINES", "Attempt", "Engine", "News", "find_engine"]

ENGINES = ("local", "ray", "slurm")


@dataclass(frozen=True)
class Attempt:
    """A cell and the folder, empty at first, that it is played in."""

    order: CellOrder
    folder: Path


@dataclass(frozen=True)
class News:
    """How an attempt goes.

    Attributes:
        frames: learned from so far; text: what goes on.
        ended: it is over, and its folder holds what came of it.
        reason: why that may be nothing, in one line.
    """

    attempt: Attempt
    frames: int = 0
    text: str = ""
    ended: bool = False
    reason: str = ""


class Engine(Protocol):
    """Plays cells.

    Attributes:
        here: on this machine's cores alone.
    """

    @property
    def here(self) -> bool: ...

    def run(
        self, orders: Sequence[CellOrder], player: Player, begin: Callable[[CellOrder], Path], jobs: int
    ) -> Generator[News | None, None, None]:
        """Play all cells, at most `jobs` at a time, and begin them in this order.

        Yields news of each when it begins, now and then and when it has ended, and None at least once a second while
        nothing happens. Closing the generator ends what is being played.

        Args:
            player: pickled by its name, and its module may be imported once for many cells.
            begin: makes the folder of an attempt.
        """
        ...


def find_engine(name: str, address: str | None = None, slurm: Mapping[str, Any] | None = None) -> Engine:
    """The engine of that name, if what it needs is installed.

    Args:
        address: of a Ray cluster; one of this machine alone is started without.
        slurm: parameters of the jobs.

    Raises:
        UnknownNameError: no engine is called so.
        NeurosymError: the extra is missing, or SLURM.
    """
    if name == "local":
        from neurosym.ablation.engines.local import LocalEngine

        return LocalEngine()
    try:
        if name == "ray":
            from neurosym.ablation.engines.ray_tasks import RayEngine

            return RayEngine(address)
        if name == "slurm":
            from neurosym.ablation.engines.slurm import SlurmEngine

            return SlurmEngine(slurm or {})
    except ModuleNotFoundError as error:
        raise NeurosymError(
            f"--engine {name} needs {error.name}, which is not installed: pip install 'neurosym-rl[{name}]'"
        ) from None
    raise UnknownNameError("engine", name, ENGINES)
