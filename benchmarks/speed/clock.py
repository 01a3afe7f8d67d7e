"""Timing on a machine that others use too: rounds in turn, medians, and a process of its own for what must not mix."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Contender", "Stopwatch", "apart", "rates_in_turn"]

KIB = 1024
LOOK_EVERY_S = 0.1


class Contender(Protocol):
    """Something that steps worlds."""

    def play(self) -> int:
        """One round; how many steps were taken, all worlds together."""
        ...


class Stopwatch:
    """Seconds of one core, all entries together: the lesser of the process's own time and of wall time.

    Of one thread the process's time is the lesser, since a busy machine takes nothing from it. A contender with a
    thread beside the caller's is not charged for what the two do at once.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> Stopwatch:
        self._wall, self._own = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += min(time.perf_counter() - self._wall, time.process_time() - self._own)


def rates_in_turn(contenders: Mapping[str, Contender], repeats: int) -> dict[str, dict[str, float]]:
    """Steps/s of each contender, median, least and most; after a round to warm up they take turns, A B C A B C."""
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(repeats + 1):
        for name, contender in contenders.items():
            watch = Stopwatch()
            with watch:
                steps = contender.play()
            if turn:
                rates[name].append(steps / watch.seconds)
    return {name: spread(found) for name, found in rates.items()}


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def apart(measure: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Measure in a fresh process; adds `peak_memory_mib`, None where `/proc` does not tell."""
    with (
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool,
        MemoryWatch(pool.submit(os.getpid).result()) as memory,
    ):
        result = pool.submit(measure, *arguments).result()
    return {**result, "peak_memory_mib": memory.peak_mib}


class MemoryWatch:
    """Looks at a process and its descendants while it runs.

    Attributes:
        peak_mib: the sum of each process's own peak of resident memory; pages that two of them share count twice.
    """

    def __init__(self, root: int) -> None:
        self._root, self._peaks = root, dict[int, int]()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def peak_mib(self) -> float | None:
        return round(sum(self._peaks.values()) / KIB, 1) if self._peaks else None

    def _look(self) -> None:
        while not self._done.wait(LOOK_EVERY_S):
            for pid in family(self._root):
                self._peaks[pid] = max(self._peaks.get(pid, 0), peak_kib(pid))


def family(root: int) -> list[int]:
    """A process and all its descendants; empty where there is no `/proc`."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = _read(stat).rpartition(")")[2].split()
        if fields:
            parents[int(stat.parent.name)] = int(fields[1])
    found = [root] if root in parents else []
    for pid in found:  # the list grows as it is walked
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def peak_kib(pid: int) -> int:
    """The most memory a process has held; 0 when it is gone."""
    lines = _read(Path(f"/proc/{pid}/status")).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
