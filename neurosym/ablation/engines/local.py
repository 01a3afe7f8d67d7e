"""Cells in processes of this machine: a new one for each, so that no cell meets what another left behind."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from pathlib import Path

import numpy as np

from neurosym.ablation.attempt import Player, attempt, how_it_goes
from neurosym.ablation.engines import Attempt, News
from neurosym.ablation.records import CellOrder
from neurosym.processes import HEARTBEAT_SECONDS, deaf_to_ctrl_c, start

__all__ = ["LocalEngine"]

_GRACE_SECONDS = 5.0  # between asking a process to end and ending it
_ONE_THREAD: dict[str, str] = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
)


def _context(player: Player) -> BaseContext:
    """How processes are started.

    On Linux they are forks of one that has imported the player's module and run nothing: an import of torch costs
    about as much as ten thousand frames. A fork of this process would copy other threads in whatever state they are.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([player.__module__])
    return context


class LocalEngine:
    """Plays cells side by side. A cell's processes end with it, and all end with whoever wanted them."""

    here = True

    def run(
        self, orders: Sequence[CellOrder], player: Player, begin: Callable[[CellOrder], Path], jobs: int
    ) -> Generator[News | None, None, None]:
        waiting, context = deque(orders), _context(player)
        crew: list[_Process] = []
        try:
            while waiting or crew:
                while waiting and len(crew) < jobs:
                    order = waiting.popleft()
                    crew.append(_Process(context, player, Attempt(order, begin(order))))
                    crew[-1].start()  # where Ctrl-C may come, so the crew knows it by now
                    yield News(crew[-1].attempt)
                wait([process.sentinel for process in crew], HEARTBEAT_SECONDS)
                ended = [process for process in crew if process.over]
                crew = [process for process in crew if process not in ended]
                yield from [process.farewell() for process in ended]
                yield from [process.news() for process in crew] if not ended else ()
        finally:
            for process in crew:
                process.end()


class _Process:
    """The process of one cell, seen from this one. It has a group of its own, for processes that it starts."""

    def __init__(self, context: BaseContext, player: Player, attempt: Attempt) -> None:
        self.attempt = attempt
        work = ({**os.environ, **_ONE_THREAD}, player, attempt.order, attempt.folder)
        self._process = context.Process(target=_serve, args=work)  # type: ignore[attr-defined]

    def start(self) -> None:
        with deaf_to_ctrl_c(), _one_thread():
            start(self._process)

    @property
    def sentinel(self) -> int:
        return self._process.sentinel

    @property
    def over(self) -> bool:
        return not self._process.is_alive()

    def news(self) -> News:
        return News(self.attempt, *how_it_goes(self.attempt.folder))

    def farewell(self) -> News:
        self.end()
        reason = f"its process ended before its time, exit code {self._process.exitcode}"
        return News(self.attempt, ended=True, reason=reason)

    def end(self) -> None:
        if self._process.pid is None:
            return  # it was not started yet
        self._signal(signal.SIGTERM)
        self._process.join(_GRACE_SECONDS)
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        self._process.join()

    def _signal(self, number: int) -> None:
        """To the whole group, or to the process alone where it has none yet or there are no groups."""
        try:
            os.killpg(self._process.pid or 0, number)
        except (ProcessLookupError, PermissionError, AttributeError):
            self._process.terminate()


@contextlib.contextmanager
def _one_thread() -> Generator[None, None, None]:
    """Processes started inside compute on one thread each; cells side by side are what fills the cores."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(environment: Mapping[str, str], player: Player, order: CellOrder, folder: Path) -> None:
    """The process of a cell. As a fork, it has the environment and the random state of the process it is a fork of."""
    os.environ.clear()
    os.environ.update(environment)
    np.random.seed()  # noqa: NPY002 - for methods that draw from it unseeded
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for where it cannot be blocked
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    threading.Thread(target=_follow_the_parent, daemon=True).start()
    attempt(player, order, folder)


def _follow_the_parent() -> None:
    """End at once, with all that was started here, when the process that wanted the cell is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)
