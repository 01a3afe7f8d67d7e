"""What a run costs before it is worth anything: seconds from the command to the first update, and memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.speed.clock import apart
from benchmarks.speed.jobs import Job, Settings
from benchmarks.speed.training import time_ours

__all__ = ["start_jobs"]

MANY_WORLDS = 2048
UPDATES = 12
LIMIT_S = 600.0
ROOT = Path(__file__).resolve().parents[2]


def start_jobs(settings: Settings) -> list[Job]:
    task = settings.practice_task
    frames = MANY_WORLDS * 32 * UPDATES
    return [
        Job("start/first-compile", lambda: start_without_cache(task)),
        Job("start/warm", lambda: start_once(task, {})),
        Job("start/memory", lambda: apart(time_ours, task, frames, {"worlds": MANY_WORLDS}, 0, "cpu")),
    ]


def start_without_cache(task: str) -> dict[str, Any]:
    """As `start_once`, with everything to be compiled; levels are kept from an earlier start if there was one."""
    with tempfile.TemporaryDirectory() as empty:
        return start_once(task, {"NUMBA_CACHE_DIR": empty})


def start_once(task: str, environment: dict[str, str]) -> dict[str, float]:
    """Seconds from `neurosym train TASK` to the line in `metrics.jsonl` that tells of an update.

    The training speaks about once a second, so that is how far this may be too much.

    Raises:
        RuntimeError: the training ended before, or told nothing for ten minutes.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = [
            sys.executable,
            "-m",
            "neurosym",
            "train",
            task,
            "--frames",
            "100000000",
            "--out",
            str(run),
        ]
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            while not has_updated(run / "metrics.jsonl"):
                if process.poll() is not None or time.perf_counter() - start > LIMIT_S:
                    raise RuntimeError(f"{' '.join(command)}: no update within {LIMIT_S:.0f} s")
                time.sleep(0.05)
            return {"seconds": time.perf_counter() - start}
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def has_updated(path: Path) -> bool:
    lines = path.read_text().splitlines() if path.exists() else []
    return any("policy_loss" in line for line in lines) and "policy_loss" in json.loads(lines[-1])
