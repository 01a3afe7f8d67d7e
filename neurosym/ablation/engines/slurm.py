"""Cells as SLURM jobs, by way of submitit. The folder must be one that all nodes see."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from neurosym.ablation.attempt import Player, attempt, how_it_goes
from neurosym.ablation.engines import Attempt, News
from neurosym.ablation.records import CellOrder
from neurosym.errors import NeurosymError

__all__ = ["SlurmEngine"]

HEARTBEAT_SECONDS = 0.5
LOGS = "slurm"  # in the cell's folder
_GRACE_SECONDS = 5.0  # for jobs that were cancelled
DEFAULTS = {"timeout_min": 24 * 60, "cpus_per_task": 1, "name": "neurosym"}


class SlurmEngine:
    """Plays each cell as a job.

    Args:
        parameters: of the jobs, by the names submitit gives them: `timeout_min`, `mem_gb`, `slurm_partition`, …
        cluster: "slurm"; "local" plays in processes of this machine, for trying it out.

    Raises:
        NeurosymError: there is no SLURM here, or a parameter is unknown; while it runs, if not even one job is taken.
    """

    here = False

    def __init__(self, parameters: Mapping[str, Any], cluster: str = "slurm") -> None:
        import submitit  # noqa: F401  whether it is installed is better known now

        self._parameters, self._cluster = {**DEFAULTS, **parameters}, cluster
        with tempfile.TemporaryDirectory() as name:
            self._executor(Path(name))  # whatever is wrong is better told now

    def run(
        self, orders: Sequence[CellOrder], player: Player, begin: Callable[[CellOrder], Path], jobs: int
    ) -> Generator[News | None, None, None]:
        from submitit.core.utils import FailedJobError

        waiting = deque(orders)
        under_way: list[tuple[Any, Attempt]] = []
        try:
            while waiting or under_way:
                while waiting and len(under_way) < jobs:
                    order = waiting.popleft()
                    begun = Attempt(order, begin(order))
                    try:
                        job = self._executor(begun.folder / LOGS).submit(attempt, player, order, begun.folder)
                    except FailedJobError as error:
                        if not under_way:
                            raise _refusal(error) from error
                        waiting.appendleft(order)
                        shutil.rmtree(begun.folder)
                        jobs = len(under_way)  # what this site allows at once, it seems
                        break
                    under_way.append((job, begun))
                    yield News(begun)
                ended = [entry for entry in under_way if entry[0].done()]
                under_way = [entry for entry in under_way if entry not in ended]
                yield from [_farewell(*entry) for entry in ended]
                if not ended:
                    yield from [News(begun, *how_it_goes(begun.folder)) for _, begun in under_way]
                    time.sleep(HEARTBEAT_SECONDS)
        finally:
            _cancel([job for job, _ in under_way])

    def _executor(self, logs: Path) -> Any:
        import submitit

        try:
            executor = submitit.AutoExecutor(folder=logs, cluster=self._cluster)
            executor.update_parameters(**self._parameters)
        except (RuntimeError, NameError, TypeError, ValueError, AssertionError) as error:
            raise _refusal(error) from error
        return executor


def _refusal(error: Exception) -> NeurosymError:
    return NeurosymError(f"--engine slurm: {' '.join(str(error).split())}")


def _cancel(jobs: Sequence[Any]) -> None:
    for job in jobs:
        job.cancel(check=False)
    deadline = time.monotonic() + _GRACE_SECONDS
    while any(not job.done() for job in jobs) and time.monotonic() < deadline:
        time.sleep(HEARTBEAT_SECONDS / 10)


def _farewell(job: Any, begun: Attempt) -> News:
    error = job.exception()
    return News(begun, ended=True, reason=f"its job failed: {' '.join(str(error).split())}" if error else "")
