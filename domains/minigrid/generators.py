"""`minigrid`'s own level generators, kept quiet and within bounds."""

from __future__ import annotations

import contextlib
import io
import signal
import threading
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import gymnasium as gym
import minigrid

from neurosym.errors import UnavailableTaskError

from .bank import Levels
from .snapshot import snapshot

LEVEL_SECONDS = 10.0  # of processor time, a hundred times what levels need; some seeds never end
AGAIN_SECONDS = 0.1  # numpy's compiled code swallows one alarm in a hundred

MINIGRID_VERSION: str = minigrid.__version__  # importing it registers the environments


class QuietReset(gym.Wrapper):
    """The same environment, but what its level generator prints is kept off standard output, and it has to end."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """As ever.

        Raises:
            UnavailableTaskError: the generator did not come to an end within LEVEL_SECONDS.
        """
        try:
            with quiet(), limited(LEVEL_SECONDS):
                return self.env.reset(seed=seed, options=options)
        except TooLongError:
            reason = f"minigrid made no level of seed {seed} within {LEVEL_SECONDS:g} s; some seeds never end"
            raise UnavailableTaskError(reason) from None


def make(task_id: str, render_mode: str | None = None) -> gym.Env:
    """The task's environment; that there is a later version is kept quiet, for this one was asked for."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*is out of date", DeprecationWarning)
        return gym.make(task_id, render_mode=render_mode, disable_env_checker=True)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """BabyAI's generators print each rejected level; keep that off standard output."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


class TooLongError(Exception):
    """The time is up."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises TooLongError after that much processor time inside, where there are timers, in the main thread.

    Limits may be nested; that of the outer one stands still meanwhile.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, give_up)
    outer = signal.setitimer(signal.ITIMER_VIRTUAL, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        signal.setitimer(signal.ITIMER_VIRTUAL, *outer)


def generate(task_id: str, seeds: Sequence[int]) -> tuple[list[Levels], list[int]]:
    """The task's level of each seed, and the seeds left out because their level takes longer than LEVEL_SECONDS.

    A level depends on the task and its seed alone.
    """
    levels, skipped = [], []
    env: Any = make(task_id).unwrapped
    with quiet():
        env.gen_obs = dict  # a third of the work, and nobody looks
        for seed in seeds:
            try:
                with limited(LEVEL_SECONDS):
                    env.reset(seed=seed)
            except TooLongError:
                skipped.append(seed)
            else:
                levels.append(snapshot(env))
    return levels, skipped


__all__ = [
    "LEVEL_SECONDS",
    "MINIGRID_VERSION",
    "QuietReset",
    "TooLongError",
    "generate",
    "limited",
    "quiet",
]
