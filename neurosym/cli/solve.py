"""`neurosym solve`: the agent plays tasks on levels of unseen seeds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from neurosym.cli.command import DONE, FAILED, INTERRUPTED, UsageError
from neurosym.cli.translating import Translating
from neurosym.cli.trust import InDomain
from neurosym.cli.voice import Voice, log_in_lines
from neurosym.errors import NeurosymError
from neurosym.provenance import provenance
from neurosym.seeds import EVALUATION_SEED

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from neurosym.cli.films import Players
    from neurosym.cli.ledger import Ledger
    from neurosym.cli.names import Chosen
    from neurosym.cli.scores import Scores
    from neurosym.domain import Task
    from neurosym.evaluation import EpisodeResult
    from neurosym.suite import Absent

__all__ = ["Solve"]

FEW_TASKS = 10  # are played in one process unless told otherwise


@dataclass(kw_only=True)
class Solve(InDomain, Translating):
    """Play tasks on levels of unseen seeds and report how often the environment agreed that they were solved."""

    tasks: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="TASK...")] = ()
    """Task ids; a domain's name or folder stands for all its tasks."""
    pddl: Annotated[tuple[Path, Path] | None, tyro.conf.arg(metavar="DOMAIN PROBLEM")] = None
    """Two PDDL files to play as a world, instead of tasks."""
    suite: str | None = None
    """All tasks of this domain, as if its name stood among the tasks."""
    episodes: int = 10
    """Episodes for each task."""
    seed: int = EVALUATION_SEED
    """Seed of the first level; the others follow it. Training stays below 1,000,000."""
    goal: str | None = None
    """Words to do instead of the tasks' own missions; the environment judges whether they were done."""
    agent: Path | None = None
    """Folder of the weights to use instead of those that come with the domain."""
    jobs: int | None = None
    """Processes that play side by side: 1 for up to ten tasks, one for each core for more, unless told otherwise."""
    out: Path | None = None
    """Folder to write each episode into as it ends; the same command goes on there where it was stopped."""
    replay: Path | None = None
    """Write the first ten episodes as one web page."""
    gif: Path | None = None
    """Write the first ten episodes as an animated picture."""
    keep_failures: Path | None = None
    """Folder for a page and a record of each failed episode, and an index.html that lists them."""
    failures_per_task: int = 20
    """How many of them are kept for each task."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.cli.films import Players
        from neurosym.cli.patience import asking_for_patience
        from neurosym.cli.scores import Scores

        self._check()
        translator = self.choose_translator()
        chosen = self._choose(voice)
        skipped = [task for entry in chosen for task in entry.skipped]
        self._check_goal(chosen)
        players = Players(chosen, self.agent, translator, self.goal)
        scores = Scores([task.id for entry in chosen for task in entry.tasks], self._seeds)
        with asking_for_patience(voice):
            interrupted = self._play(chosen, players, scores, skipped, voice, given)
            filmed = self._film(chosen, players, scores, interrupted, voice, given)
        if interrupted or filmed == INTERRUPTED:
            return INTERRUPTED
        return max(filmed, DONE if any(result.success_rate for result in scores.results()) else FAILED)

    @property
    def _seeds(self) -> range:
        return range(self.seed, self.seed + self.episodes)

    def _choose(self, voice: Voice) -> list[Chosen]:
        from neurosym.cli.names import choose, choose_pddl
        from neurosym.cli.patience import asking_for_patience

        if self.pddl is not None:
            with asking_for_patience(voice):
                return choose_pddl(self.pddl)
        trust = self.warrant(voice)
        if self.suite is None:
            return choose(self.tasks, trust, self.domain)
        trust.load(self.suite)  # it must be a domain, not a task
        return choose([*self.tasks, self.suite], trust)

    def _check(self) -> None:
        for name in ("episodes", "failures_per_task", "jobs"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"--{name.replace('_', '-')} must be at least 1, got {value}")
        if self.pddl and (self.tasks or self.suite or self.domain or self.agent or (self.jobs or 1) > 1):
            raise UsageError("--pddl is played in one process, without weights and without other tasks")
        if self.seed < 0:
            raise UsageError(f"--seed must not be negative, got {self.seed}")
        for path in (self.replay, self.gif):
            if path is not None and not path.absolute().parent.is_dir():
                raise UsageError(f"{path}: there is no folder {path.parent} to write into")
        if self.suite is not None and self.domain is not None:
            raise UsageError("--suite and --domain both say which domain; give one of them")
        if self.keep_failures:
            self.keep_failures.mkdir(parents=True, exist_ok=True)

    def _check_goal(self, chosen: list[Chosen]) -> None:
        """Refuse words that are not understood or that nobody can judge, before anything is played."""
        from neurosym.suite import OtherGoal

        for entry in chosen if self.goal is not None else ():
            OtherGoal(entry.domain, str(self.goal))

    def _play(
        self,
        chosen: list[Chosen],
        players: Players,
        scores: Scores,
        skipped: list[Task],
        voice: Voice,
        given: list[str],
    ) -> bool:
        """Play and report; whether that was interrupted."""
        interrupted = False
        with self._ledger(chosen, given) as ledger:
            try:
                self._gather(chosen, players, scores, skipped, ledger, voice)
            except KeyboardInterrupt:
                interrupted = True
                voice.complain("interrupted; what follows is about the tasks that were finished")
            for task in skipped:
                voice.complain(f"skipped {task.id}: {task.reason}")
            record = _record(scores, skipped, given)
            if self.goal is not None:
                record["goal"] = self.goal
            if ledger and not interrupted:
                ledger.finish(record)
        _report(record, scores, voice)
        return interrupted

    def _ledger(self, chosen: list[Chosen], given: list[str]) -> AbstractContextManager[Ledger | None]:
        if self.out is None:
            return nullcontext()
        from neurosym.cli.ledger import Ledger

        facts = provenance(given)
        settings = {
            "tasks": [task.id for entry in chosen for task in entry.tasks],
            "episodes": self.episodes,
            "seed": self.seed,
            "weights": self._digests(chosen),
            "translator": self.choose_translator().as_record(),
            "goal": self.goal,
            "version": facts["version"],
            "commit": facts["commit"],
        }
        if self.pddl:
            settings["pddl"] = [hashlib.sha256(path.read_bytes()).hexdigest() for path in self.pddl]
        return Ledger(self.out, settings, str(facts["command"]))

    def _digests(self, chosen: list[Chosen]) -> dict[str, str]:
        """What tells the weights in use from others, for each domain."""
        from neurosym.options import weights_digest

        return {
            entry.domain.name: weights_digest(self.agent or entry.domain.weights)
            for entry in chosen
            if entry.domain.learner is not None
        }

    def _gather(
        self,
        chosen: list[Chosen],
        players: Players,
        scores: Scores,
        skipped: list[Task],
        ledger: Ledger | None,
        voice: Voice,
    ) -> None:
        """Have everything played that the ledger does not hold. A task that cannot start is added to `skipped`."""
        from neurosym.cli.progress import Episodes
        from neurosym.evaluation import EpisodeResult
        from neurosym.suite import Absent

        known = ledger.episodes if ledger else {}
        tasks = {task.id: task for entry in chosen for task in entry.tasks}
        total = self.episodes * len(tasks)
        if known:
            voice.mention(f"{self.out}: {len(known)} of {total} episodes are there already")
        with Episodes(voice, total) as progress:
            for episode in known.values():
                scores.take(episode)
                progress.advance(episode)
            for news in self._played(chosen, players, known):
                if isinstance(news, EpisodeResult):
                    if ledger:
                        ledger.write(news)
                    scores.take(news)
                    progress.advance(news)
                elif isinstance(news, Absent) and news.task not in [task.id for task in skipped]:
                    skipped.append(replace(tasks[news.task], available=False, reason=news.reason))

    def _played(
        self, chosen: list[Chosen], players: Players, known: dict[tuple[str, int], EpisodeResult]
    ) -> Iterator[EpisodeResult | Absent | None]:
        from neurosym.suite import cut, play_here, play_side_by_side

        jobs = self._jobs(chosen)
        for entry in chosen:
            blocks = cut([task.id for task in entry.tasks], self._seeds, known)
            if not blocks:
                continue
            first = blocks[0].task
            agent, domain = players.of(first)  # here too: unfit weights are told before a process is started
            if jobs == 1:
                play = play_here(agent, domain, blocks)
            else:
                play = play_side_by_side(players.contest(first, jobs), blocks, jobs, log_in_lines)
            with closing(play):
                yield from play

    def _jobs(self, chosen: list[Chosen]) -> int:
        from neurosym.processes import cores

        few = sum(len(entry.tasks) for entry in chosen) <= FEW_TASKS
        return self.jobs or (1 if few else cores())

    def _film(
        self,
        chosen: list[Chosen],
        players: Players,
        scores: Scores,
        interrupted: bool,
        voice: Voice,
        given: list[str],
    ) -> int:
        """Play what is to be looked at once more; the exit code. The report is out, and no error takes it back."""
        from neurosym.cli.films import film, keep_failures

        episodes = scores.episodes()
        facts = {key: value for key, value in provenance(given).items() if value}
        try:
            if self.replay or self.gif:
                film(episodes, players, facts, self.replay, self.gif, voice)
            if self.keep_failures and interrupted:
                voice.mention("failed episodes are kept when all have been played")
            elif self.keep_failures:
                del facts["command"]  # another command may have made the same episode
                facts["weights"] = " ".join(digest[:12] for digest in self._digests(chosen).values())
                most, jobs = self.failures_per_task, self._jobs(chosen)
                keep_failures(episodes, players, facts, self.keep_failures, most, jobs, voice)
        except KeyboardInterrupt:
            voice.complain("interrupted while episodes were recorded")
            return INTERRUPTED
        except NeurosymError as error:
            voice.complain(str(error))
            return FAILED
        return DONE


def _record(scores: Scores, skipped: list[Task], given: list[str]) -> dict[str, Any]:
    from neurosym.evaluation import sum_up

    results = scores.results()
    record: dict[str, Any] = {
        "tasks": [result.as_record() for result in results],
        "summary": sum_up(results).as_record(),
        **provenance(given),
    }
    if skipped:
        record["skipped"] = [{"task": task.id, "reason": task.reason} for task in skipped]
    return record


def _report(record: dict[str, Any], scores: Scores, voice: Voice) -> None:
    from neurosym.cli.scores import table_of

    if voice.json:
        voice.answer(record)
    else:
        voice.show(table_of(scores.results()))
