"""`neurosym domain check`: everything that is wrong with a domain, at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from neurosym.cli.command import DONE, FAILED, UsageError
from neurosym.cli.trust import Trusting
from neurosym.cli.voice import Voice
from neurosym.seeds import EVALUATION_SEED

if TYPE_CHECKING:
    from neurosym.checking import Report

__all__ = ["Check"]

EPISODES = 30


@dataclass(kw_only=True)
class Check(Trusting):
    """Look through a domain's PDDL, words and Python, and play it to see whether the world does what the model says."""

    path: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="PATH")]
    """The domain's folder, or the name of one that is built in."""
    episodes: int = EPISODES
    """How many episodes to play, over all tasks."""
    task: str | None = None
    """The only task to look at and to play."""
    seed: int = EVALUATION_SEED
    """The first level's seed."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.checking import Severity, check_folder
        from neurosym.cli.patience import asking_for_patience
        from neurosym.domain import load_domain

        if self.episodes < 0:
            raise UsageError(f"--episodes must not be negative, got {self.episodes}")
        self.warrant(voice).clear(self.path)
        folder = Path(self.path) if Path(self.path).is_dir() else load_domain(self.path).folder
        with asking_for_patience(voice):
            report = check_folder(
                folder,
                lambda: load_domain(self.path),
                episodes=self.episodes,
                task=self.task,
                seed=self.seed,
            )
        if voice.json:
            voice.answer(report.as_record())
        else:
            _show(voice, report)
        return FAILED if report.count(Severity.ERROR) else DONE


def _show(voice: Voice, report: Report) -> None:
    from neurosym.checking.report import agreement_table, disagreements, explain, summary

    for finding in report.findings:
        voice.show(explain(finding), "")
    if report.records:
        voice.show(agreement_table(report.records), "")
    for line in disagreements(report.records):
        voice.show(line)
    voice.show(report.played, summary(report))
