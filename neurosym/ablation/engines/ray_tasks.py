"""Cells as Ray tasks. Their files come back as bytes, so the nodes need not share a file system."""

from __future__ import annotations

import logging
import os
import signal
import socket
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from neurosym.ablation.attempt import Player, attempt
from neurosym.ablation.engines import Attempt, News
from neurosym.ablation.records import CELL_FILE, CellOrder
from neurosym.errors import NeurosymError
from neurosym.files import replace_file

__all__ = ["RayEngine"]

RETRIES = 3  # of a cell whose node or process has died
HEARTBEAT_SECONDS = 0.5
KNOCK_SECONDS = 5.0


class RayEngine:
    """Plays cells on a Ray cluster, each on one core; a cell whose node dies is played again on another.

    Args:
        address: of a cluster; RAY_ADDRESS if None, and without that one is started on this machine and ended again.
            Where Ray has been started by the caller, that is used and left as it is.
    """

    def __init__(self, address: str | None = None) -> None:
        import ray  # noqa: F401  whether it is installed is better known now

        self._address = address or os.environ.get("RAY_ADDRESS")

    @property
    def here(self) -> bool:
        return not self._address

    def run(
        self, orders: Sequence[CellOrder], player: Player, begin: Callable[[CellOrder], Path], jobs: int
    ) -> Generator[News | None, None, None]:
        import ray

        waiting = deque(orders)
        under_way: dict[Any, Attempt] = {}
        with self._cluster(jobs):
            play = ray.remote(num_cpus=1, max_retries=RETRIES, max_calls=1)(_play)
            try:
                while waiting or under_way:
                    while waiting and len(under_way) < jobs:
                        order = waiting.popleft()
                        begun = Attempt(order, begin(order))
                        under_way[play.remote(player, order)] = begun
                        yield News(begun)
                    ended, _ = ray.wait(list(under_way), timeout=HEARTBEAT_SECONDS)
                    if not ended:
                        yield None
                    for task in ended:
                        yield _fetch(task, under_way.pop(task))
            finally:
                for task in under_way:
                    ray.cancel(task, force=True)

    @contextmanager
    def _cluster(self, jobs: int) -> Iterator[None]:
        import ray

        if ray.is_initialized():
            yield
            return
        here: dict[str, Any] = {"num_cpus": jobs, "include_dashboard": False}
        where: dict[str, Any] = {"address": self._address} if self._address else here
        told_to_end = signal.getsignal(signal.SIGTERM)
        try:
            _knock(self._address)
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **where)
        except (OSError, RuntimeError, ValueError) as error:
            place = f"at {self._address}" if self._address else "on this machine"
            raise NeurosymError(f"no Ray cluster {place}: {' '.join(str(error).split())}") from error
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, told_to_end)  # Ray would leave at once
        try:
            yield
        finally:
            ray.shutdown()


def _knock(address: str | None) -> None:
    """OSError if nobody listens at HOST:PORT; Ray itself would try for minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), KNOCK_SECONDS).close()


def _play(player: Player, order: CellOrder) -> dict[str, bytes]:
    """On a node: play the cell in a folder of its own; the files that it left."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        attempt(player, order, folder)
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _fetch(task: Any, begun: Attempt) -> News:
    """Write down what a task has returned."""
    import ray
    from ray.exceptions import RayError

    try:
        files: Any = ray.get(task)
    except RayError as error:
        return News(begun, ended=True, reason=f"Ray gave it up: {type(error).__name__}")
    manifest = files.pop(CELL_FILE, None)
    for name, data in files.items():
        path = begun.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if manifest is not None:
        replace_file(begun.folder / CELL_FILE, manifest)
    return News(begun, ended=True)
