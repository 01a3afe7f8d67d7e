"""The recorder: told what happened step by step, it writes the page and the animated picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.files import write_whole
from neurosym.replay.encode import Sheets, encode_film
from neurosym.replay.film import Film
from neurosym.replay.page import render_page

__all__ = ["PANES", "Episode", "Moment", "Outcome", "Recorder"]

# Most bytes of a lossy picture. 500 steps of all three are 1.95 MB and 2.6 MB in base64; the rest is small.
PANES = {"world": 2300, "view": 700, "belief": 900}


@dataclass(frozen=True)
class Moment:
    """One step, all but its pictures."""

    plan: tuple[str, ...]
    plan_step: int
    instruction: str
    action: str
    reward: float
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Outcome:
    """How an episode ended. `cause` says what was to blame when it failed."""

    success: bool
    steps: int
    total: float
    cause: str = ""


@dataclass
class Episode:
    """One recorded episode."""

    task: str
    seed: int
    mission: str
    moments: list[Moment] = field(default_factory=list)
    films: dict[str, Film] = field(default_factory=lambda: {name: Film(PANES[name]) for name in PANES})
    outcome: Outcome | None = None


class Recorder:
    """Records episodes of any domain: three pictures and a few words for each step.

    Args:
        title: the page's title.
        meta: facts worth showing with it, such as the version or the command.
    """

    def __init__(self, title: str, meta: Mapping[str, str] | None = None) -> None:
        self.title, self.meta = title, dict(meta or {})
        self.episodes: list[Episode] = []

    def begin(self, task: str, seed: int, mission: str) -> None:
        """Start an episode; one that was not ended stays in the recording as unfinished."""
        self.episodes.append(Episode(task, seed, mission))

    def add(
        self,
        world: NDArray[np.uint8],
        view: NDArray[np.uint8] | None,
        belief: NDArray[np.uint8] | None,
        plan: Sequence[str],
        plan_step: int,
        instruction: str,
        action: str,
        reward: float,
        events: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Append one step: what was seen and thought, the action then taken, and the reward it brought.

        Args:
            world: uint8[H, W, 3], as the environment draws it; the size may differ from step to step.
            view: uint8[h, w, 3], what the agent is given.
            belief: uint8[h, w, 3], what the agent believes.
            plan: the whole plan, one line for each step: PDDL such as `(open door1)`, or words.
            plan_step: the step in hand; `len(plan)` when the plan is done.
            action: empty for the last picture of an episode, after which nothing was done.
            reward: this step's.
            events: (kind, text); "plan", "replan", "achieved", "failed" and "gave up" have own marks.

        Raises:
            ValueError: a picture is not uint8[H, W, 3].
            RuntimeError: no episode was begun.
        """
        episode = self._running()
        for name, picture in zip(PANES, (world, view, belief), strict=True):
            episode.films[name].add(picture)
        pairs = tuple((str(kind), str(text)) for kind, text in events)
        moment = Moment(tuple(plan), int(plan_step), instruction, action, float(reward), pairs)
        episode.moments.append(moment)

    def end(self, success: bool, steps: int, total: float, cause: str = "") -> None:
        """Close the running episode.

        Args:
            steps: actions taken.
            total: the return, the sum of rewards.
            cause: what was to blame for a failure.
        """
        self._running().outcome = Outcome(bool(success), int(steps), float(total), cause)

    def save(self, path: Path | str) -> Path:
        """Write the page, whole or not at all; a drawn world takes well under 3 MB for 500 steps.

        Raises:
            NeurosymError: the file cannot be written.
        """
        return write_whole(path, self.page().encode("utf-8"))

    def save_gif(self, path: Path | str, fps: float = 8) -> Path:
        """Write an animated GIF of all episodes, one after the other.

        Raises:
            NeurosymError: the file cannot be written, or nothing was recorded.
        """
        from neurosym.replay.gif import render_gif

        return write_whole(path, render_gif(self.episodes, fps))

    def page(self) -> str:
        """The page as text."""
        sheets = Sheets()
        episodes = [_record(episode, sheets) for episode in self.episodes]
        record = {"format": 1, "title": self.title, "meta": self.meta, "episodes": episodes}
        return render_page(self.title, {**record, "sheets": sheets.record()})

    def _running(self) -> Episode:
        if not self.episodes or self.episodes[-1].outcome is not None:
            raise RuntimeError("begin an episode before recording its steps")
        return self.episodes[-1]


def _record(episode: Episode, sheets: Sheets) -> dict[str, Any]:
    plans: dict[tuple[str, ...], int] = {}
    words: dict[str, int] = {}
    outcome = episode.outcome
    return {
        "task": episode.task,
        "seed": episode.seed,
        "mission": episode.mission,
        "outcome": None if outcome is None else vars(outcome),
        "plan": [plans.setdefault(moment.plan, len(plans)) for moment in episode.moments],
        "planStep": [moment.plan_step for moment in episode.moments],
        "instruction": [words.setdefault(moment.instruction, len(words)) for moment in episode.moments],
        "action": [words.setdefault(moment.action, len(words)) for moment in episode.moments],
        "reward": [round(moment.reward, 6) for moment in episode.moments],
        "events": [
            [step, kind, text] for step, moment in enumerate(episode.moments) for kind, text in moment.events
        ],
        "panes": {name: encode_film(film, sheets) for name, film in episode.films.items()},
        "plans": [list(plan) for plan in plans],
        "words": list(words),
    }
