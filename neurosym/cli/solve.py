"""`neurosym solve`: the agent plays tasks on levels it has never met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from neurosym.cli.command import DONE, FAILED, INTERRUPTED, Command, UsageError
from neurosym.cli.provenance import provenance
from neurosym.cli.voice import Voice
from neurosym.errors import UnavailableTaskError

if TYPE_CHECKING:
    from rich.table import Table

    from neurosym.cli.names import Chosen
    from neurosym.domain import Task
    from neurosym.evaluation import TaskResult, Watch
    from neurosym.replay import Recorder

__all__ = ["Solve"]

MOST_RECORDED = 10  # episodes in one page or picture; the first ones are kept


@dataclass(kw_only=True)
class Solve(Command):
    """Play tasks on unseen levels and report how often the environment agreed that they were solved."""

    tasks: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="TASK...")]
    """Task ids; a domain's name stands for all its tasks."""
    episodes: int = 10
    """Episodes for each task."""
    seed: int = 1_000_000
    """Seed of the first level; the others follow it. Training stays below 1,000,000."""
    agent: Path | None = None
    """Folder of the weights to use instead of those that come with the domain."""
    replay: Path | None = None
    """Write the first episodes as one web page."""
    gif: Path | None = None
    """Write the first episodes as an animated picture."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.cli.names import choose
        from neurosym.cli.patience import asking_for_patience

        self._check()
        chosen = choose(self.tasks)
        skipped = [task for entry in chosen for task in entry.skipped]
        gallery = _Gallery(given) if self.replay or self.gif else None
        results: list[TaskResult] = []
        interrupted = False
        try:
            with asking_for_patience(voice):
                for result in self._play(chosen, skipped, voice, gallery):
                    results.append(result)  # one by one: what is finished stays when the rest is interrupted
        except KeyboardInterrupt:
            interrupted = True
            voice.complain("interrupted; what follows is about the tasks that were finished")
        for task in skipped:
            voice.complain(f"skipped {task.id}: {task.reason}")
        self._report(voice, given, results, skipped)
        if gallery:
            gallery.save(self.replay, self.gif, voice)
        if interrupted:
            return INTERRUPTED
        return DONE if any(result.success_rate > 0 for result in results) else FAILED

    def _check(self) -> None:
        if self.episodes < 1:
            raise UsageError(f"--episodes must be at least 1, got {self.episodes}")
        if self.seed < 0:
            raise UsageError(f"--seed must not be negative, got {self.seed}")
        for path in (self.replay, self.gif):
            if path is not None and not path.absolute().parent.is_dir():
                raise UsageError(f"{path}: there is no folder {path.parent} to write into")

    def _play(
        self, chosen: list[Chosen], skipped: list[Task], voice: Voice, gallery: _Gallery | None
    ) -> Iterator[TaskResult]:
        """Play each task; one that cannot start after all is added to `skipped`."""
        from neurosym import load
        from neurosym.cli.progress import Episodes
        from neurosym.evaluation import TaskResult, evaluate

        total = self.episodes * sum(len(entry.tasks) for entry in chosen)
        with Episodes(voice, total) as progress:
            for entry in chosen:
                agent = load(entry.domain, self.agent)
                watch = gallery.watch(agent, entry.domain) if gallery else None
                for task in entry.tasks:
                    play = evaluate(agent, entry.domain, [task.id], self.episodes, self.seed, watch=watch)
                    try:
                        for result in play:
                            if isinstance(result, TaskResult):
                                yield result
                            else:
                                progress.advance(result)
                    except UnavailableTaskError as error:
                        skipped.append(replace(task, available=False, reason=str(error)))

    def _report(self, voice: Voice, given: list[str], results: list[TaskResult], skipped: list[Task]) -> None:
        if not voice.json:
            voice.show(_table(results))
            return
        record: dict[str, Any] = {"tasks": [result.as_record() for result in results], **provenance(given)}
        if skipped:
            record["skipped"] = [{"task": task.id, "reason": task.reason} for task in skipped]
        voice.answer(record)


class _Gallery:
    """Records the first episodes for a page, a picture, or both."""

    def __init__(self, given: list[str]) -> None:
        from neurosym.replay import Recorder

        facts = {key: value for key, value in provenance(given).items() if value}
        self._recorder: Recorder = Recorder("neurosym", facts)

    def watch(self, agent: Any, domain: Any) -> Any:
        """What `evaluate` calls for each task's environment."""
        from neurosym.replay import EpisodeWatch

        def name(action: int) -> str:
            return domain.action_names[action]

        return lambda env: _First(self._recorder, EpisodeWatch(self._recorder, agent, env, domain, name))

    def save(self, page: Path | None, picture: Path | None, voice: Voice) -> None:
        if page:
            voice.mention(f"wrote {self._recorder.save(page)}")
        if picture:
            voice.mention(f"wrote {self._recorder.save_gif(picture)}")


class _First:
    """Passes on what happens until enough episodes are recorded."""

    def __init__(self, recorder: Recorder, watch: Watch) -> None:
        self._recorder, self._watch = recorder, watch
        self._awake = False

    def began(self, task: str, seed: int, mission: str) -> None:
        self._awake = len(self._recorder.episodes) < MOST_RECORDED
        if self._awake:
            self._watch.began(task, seed, mission)

    def decided(self, obs: Any, action: int) -> None:
        if self._awake:
            self._watch.decided(obs, action)

    def rewarded(self, reward: float) -> None:
        if self._awake:
            self._watch.rewarded(reward)

    def ended(self, obs: Any, success: bool, cause: str | None = None) -> None:
        if self._awake:
            self._watch.ended(obs, success, cause)


def _table(results: list[TaskResult]) -> Table:
    from rich.table import Table

    table = Table("task", box=None, pad_edge=False)
    for heading in ("episodes", "solved", "steps", "return", "plans", "planning", "time", "failures"):
        table.add_column(heading, justify="left" if heading == "failures" else "right")
    for result in results:
        failures = (f"{cause} {count}" for cause, count in result.failures.items() if count)
        table.add_row(
            result.task,
            str(result.episodes),
            f"{result.success_rate:.1%}",
            f"{result.mean_steps:.1f}",
            f"{result.mean_return:.3f}",
            f"{result.plans / result.episodes:.1f}",
            f"{1000 * result.planning_seconds / result.episodes:.1f} ms",
            f"{result.seconds / result.episodes:.2f} s",
            ", ".join(failures),
        )
    return table
