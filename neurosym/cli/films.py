"""Episodes that were played, played once more to be looked at: as a page or a picture, or because they failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.cli.voice import Voice, log_in_lines
from neurosym.suite import Contest, OtherGoal, side_by_side

if TYPE_CHECKING:
    from neurosym.cli.names import Chosen
    from neurosym.evaluation import EpisodeResult
    from neurosym.language import TranslatorChoice

__all__ = ["MOST_RECORDED", "Players", "film", "keep_failures"]

MOST_RECORDED = 10  # episodes in one page or picture


class Players:
    """The agent for each task, loaded when it is first needed.

    Args:
        weights: the folder of its weights; those that come with the domain if None.
        translator: the domain's rules if None.
        words: what is asked for instead of the tasks' own missions, if anything is.
    """

    def __init__(
        self,
        chosen: Sequence[Chosen],
        weights: Path | None,
        translator: TranslatorChoice | None = None,
        words: str | None = None,
    ) -> None:
        self._chosen, self._weights, self._translator, self._words = chosen, weights, translator, words
        self._agents: dict[str, Any] = {}

    def of(self, task: str) -> tuple[Any, Any]:
        """The agent and the domain."""
        from neurosym import load

        domain = self._entry(task).domain
        if domain.name not in self._agents:
            self._agents[domain.name] = load(domain, self._weights, translator=self._translator)
        stage = domain if self._words is None else OtherGoal(domain, self._words)
        return self._agents[domain.name], stage

    def contest(self, task: str, jobs: int) -> Contest:
        """The same, as another process can be told: one of `jobs`, which share the language model's budget."""
        translator = self._translator.share(jobs) if self._translator else None
        return Contest(self._entry(task).address, self._weights, translator, self._words)

    def _entry(self, task: str) -> Chosen:
        return next(entry for entry in self._chosen if task in [known.id for known in entry.tasks])


def film(
    episodes: Sequence[EpisodeResult],
    players: Players,
    facts: Mapping[str, str],
    page: Path | None,
    picture: Path | None,
    voice: Voice,
) -> None:
    """Write the first of these episodes as one page, as an animated picture, or both.

    Raises:
        NeurosymError: a file cannot be written.
    """
    from neurosym.replay import Recorder, repeat_episode

    recorder = Recorder("neurosym", facts)
    for episode in episodes[:MOST_RECORDED]:
        repeat_episode(*players.of(episode.task), episode, recorder)
    if page:
        voice.mention(f"wrote {recorder.save(page)}")
    if picture:
        voice.mention(f"wrote {recorder.save_gif(picture)}")


def keep_failures(
    episodes: Sequence[EpisodeResult],
    players: Players,
    facts: Mapping[str, str],
    folder: Path,
    most: int,
    jobs: int,
    voice: Voice,
) -> None:
    """Keep the failed ones of these episodes, of each task the first `most`, and write the page that lists them.

    Raises:
        NeurosymError: a file cannot be written.
    """
    from neurosym.cli.progress import Bar
    from neurosym.replay.failures import choose_failures, keep_failure, write_index

    chosen = choose_failures(episodes, most)
    if jobs > 1:
        contests = [players.contest(one.task, jobs) for one in chosen]
        work = [partial(_keep_there, *pair, folder, facts) for pair in zip(contests, chosen, strict=True)]
        outcomes = side_by_side(work, jobs, log_in_lines)
    else:
        outcomes = (keep_failure(*players.of(one.task), one, folder, facts) for one in chosen)
    records: list[dict[str, Any]] = []
    with Bar(voice, "failures", len(chosen)) as bar, closing(outcomes):
        for record in outcomes:
            if record is not None:
                records.append(record)
                bar.show(len(records), f"now {record['task']}")
    order = {(one.task, one.seed): place for place, one in enumerate(chosen)}
    records.sort(key=lambda record: order[record["task"], record["seed"]])
    failed = Counter(one.task for one in episodes if not one.success)
    page = write_index(folder, records, failed, Counter(one.task for one in episodes), facts)
    _tell(records, failed, most, page, voice)


def _keep_there(
    contest: Contest, failed: EpisodeResult, folder: Path, facts: Mapping[str, str]
) -> dict[str, Any]:
    from neurosym.replay.failures import keep_failure

    return keep_failure(*contest.enter(), failed, folder, facts)


def _tell(
    records: Sequence[Mapping[str, Any]], failed: Counter[str], most: int, page: Path, voice: Voice
) -> None:
    otherwise = [record for record in records if not record["repeated"]]
    for record in otherwise:
        voice.complain(f"{record['task']}, seed {record['seed']}: went another way when it was played again")
    beyond = sum(max(count - most, 0) for count in failed.values())
    more = f"; {beyond} more failed, beyond {most} for each task" if beyond else ""
    voice.mention(f"wrote {page}: {len(records)} failed episodes{more}")
