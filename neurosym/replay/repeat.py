"""An episode that was played, played once more to be looked at: it goes the same way."""

from __future__ import annotations

from typing import Protocol

from neurosym.evaluation import Contestant, EpisodeResult, Stage, run_episode
from neurosym.replay.episode import EpisodeWatch, Sees, Thinks
from neurosym.replay.recorder import Recorder

__all__ = ["repeat_episode", "same_course"]


class Player(Contestant, Thinks, Protocol):
    """What plays and can be read."""


class World(Stage, Sees, Protocol):
    """What makes environments and can be drawn."""


def repeat_episode(agent: Player, domain: World, episode: EpisodeResult, recorder: Recorder) -> EpisodeResult:
    """Play it again while the recorder looks on; what came of it this time.

    An episode that ends before it has begun, since no level could be made, is recorded without a step.

    Raises:
        UnavailableTaskError: the task's environment cannot start here.
    """
    before = len(recorder.episodes)
    env = domain.make_env(episode.task, render=True)
    try:
        watch = EpisodeWatch(recorder, agent, env, domain)
        again = run_episode(agent, env, episode.task, episode.seed, watch)
    finally:
        env.close()
    if len(recorder.episodes) == before:
        recorder.begin(episode.task, episode.seed, "")
    if recorder.episodes[-1].outcome is None:
        recorder.end(again.success, again.steps, again.total, again.cause)
    return again


def same_course(one: EpisodeResult, other: EpisodeResult) -> bool:
    """Whether both ended in the same way, after the same number of steps."""
    return (one.success, one.steps, one.total, one.cause) == (
        other.success,
        other.steps,
        other.total,
        other.cause,
    )
