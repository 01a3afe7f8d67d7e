"""Jobs done side by side, in processes of their own that end with whoever wants them done."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

__all__ = ["cores", "deaf_to_ctrl_c", "in_processes", "start"]

HEARTBEAT_SECONDS = 0.5
_GRACE_SECONDS = 5.0  # between asking a process to end and ending it

_UNGUARDED = (
    "neurosym does this in processes, and each of them runs the script anew: "
    'put what the script does under `if __name__ == "__main__":`'
)
_SPAWN = multiprocessing.get_context("spawn")  # a fork would copy other threads in whatever state they are


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes(
    jobs: Sequence[Callable[[], Any]], count: int, prepare: Callable[[], object] = tuple
) -> Generator[tuple[int, Any] | None, None, None]:
    """Do all jobs, each in one of at most `count` processes; a process that may start none does them itself.

    Yields the number of each job that is done with what it returned, in the order in which they are done, and None
    about twice a second while nothing is, so that a listener can stop. Closing the generator ends the processes at
    once; if this process is killed, they end after the job in hand.

    Args:
        jobs: pickled when their turn comes.
        prepare: called in each process before it unpickles its first job.

    Raises:
        ValueError: less than one process.
        RuntimeError: a process has ended by itself.
        Exception: whatever a job raised; the other jobs are dropped.
    """
    if count < 1:
        raise ValueError(f"at least one process is needed, got {count}")
    if multiprocessing.current_process().daemon:
        prepare()
        yield from enumerate(job() for job in jobs)
        return
    waiting = deque(enumerate(jobs))
    crew = [_Process(prepare) for _ in range(min(count, len(jobs)))]
    busy: dict[Connection, tuple[_Process, int]] = {}

    def give_next_job(process: _Process) -> None:
        if waiting:
            number, job = waiting.popleft()
            busy[process.connection] = process, number
            process.give(job)

    try:
        for process in crew:
            give_next_job(process)
        while busy:
            ready = wait(busy, HEARTBEAT_SECONDS)
            if not ready:
                yield None
            for connection in ready:
                process, number = busy.pop(connection)  # type: ignore[arg-type]
                outcome = process.outcome()
                give_next_job(process)
                yield number, outcome
    finally:
        for process in crew:
            process.end()


class _Process:
    """The other process, seen from this one."""

    def __init__(self, prepare: Callable[[], object]) -> None:
        self.connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
        with deaf_to_ctrl_c():
            start(self._process)
        theirs.close()
        self.give(prepare)

    def give(self, job: Callable[[], Any]) -> None:
        try:
            self.connection.send(job)
        except OSError:
            raise self._gone() from None

    def outcome(self) -> Any:
        try:
            succeeded, outcome = self.connection.recv()
        except (EOFError, OSError):
            raise self._gone() from None
        if not succeeded:
            raise outcome
        return outcome

    def end(self) -> None:
        self.connection.close()
        self._process.terminate()
        self._process.join(_GRACE_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _gone(self) -> RuntimeError:
        self._process.join(_GRACE_SECONDS)
        return RuntimeError(f"a process ended before its job was done, exit code {self._process.exitcode}")


def start(process: BaseProcess) -> None:
    """Start another process.

    Raises:
        SystemExit: this one is another process itself, and still importing the script that wants one.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        sys.exit(_UNGUARDED)  # else the standard library says this in forty lines
    process.start()


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Processes started inside never notice Ctrl-C, not even while they start: it is meant for this one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # it would be started with the first process, and unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection) -> None:
    """The other process. It ends when the other end closes, and tidies up when told to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for where it cannot be blocked
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        connection.recv()()
        while True:
            connection.send(_outcome(connection.recv()))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is leaving, and need not be told while it does


def _outcome(job: Callable[[], Any]) -> tuple[bool, Any]:
    try:
        return True, job()
    except Exception as error:
        return False, error
