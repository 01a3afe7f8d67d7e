"""The law that seeds repeat: environments to be evaluated in, and worlds to be trained in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from neurosym.testing.courses import Course, equal
from neurosym.testing.law import law
from neurosym.testing.samples import PRACTICE_WORLDS, SEEDS, Samples

__all__ = ["seeds_repeat"]


@law(
    SEEDS,
    "the same seed and the same actions give the same missions, observations, rewards and endings, in a new "
    "environment and in one that was used; training worlds made twice from the same seeds go the same way.",
)
def seeds_repeat(samples: Samples) -> Iterator[str]:
    for course in samples.courses:
        yield from _play_again(samples, course)
    yield from _practise_again(samples)


def _play_again(samples: Samples, course: Course) -> Iterator[str]:
    env = samples.domain.make_env(course.task)
    try:
        for t, frame in enumerate(course.frames):
            if frame.action is None:
                outcome: tuple[Any, ...] = (env.reset(seed=frame.seed)[0], 0.0, False, False)
            else:
                outcome = env.step(frame.action)[:4]
            wanted = frame.observation, frame.reward, frame.terminated, frame.truncated
            if complaint := _compare(wanted, outcome):
                yield f"{course.place(t)}: {complaint}"
                return
            if frame.restart is not None:
                complaint = _compare((frame.restart,), env.reset(seed=frame.seed)[:1])
                if complaint:
                    yield f"{course.place(t)}: {complaint}"
                    return
        first = course.frames[0]
        if complaint := _compare((first.observation,), env.reset(seed=first.seed)[:1]):
            yield f"{course.place(0)}, begun again in the same environment: {complaint}"
    finally:
        env.close()


_PARTS = ("observation", "reward", "terminated", "truncated")


def _compare(one: tuple[Any, ...], other: tuple[Any, ...]) -> str:
    """What differs between two outcomes of a step."""
    for name, first, second in zip(_PARTS, one, other, strict=False):
        if isinstance(first, Mapping) and isinstance(second, Mapping):
            for key in sorted(first.keys() | second.keys()):
                if not equal(first.get(key), second.get(key)):
                    return f"{name} {key!r} {_told(first.get(key), second.get(key))}"
        elif not equal(first, second):
            return f"{name} {_told(first, second)}"
    return ""


def _told(first: Any, second: Any) -> str:
    if isinstance(first, str | int | float | bool):
        return f"was {first!r} and then {second!r}"
    return "differs the second time"


def _practise_again(samples: Samples) -> Iterator[str]:
    one, other = samples.practice
    rng = np.random.default_rng(0)
    for step in range(samples.steps + 1):
        if complaint := _compare((one.observation(),), (other.observation(),)):
            yield f"training worlds, step {step}: {complaint}"
            return
        actions = rng.integers(samples.domain.feature_spec.actions, size=PRACTICE_WORLDS)
        outcomes = one.step(actions), other.step(actions)
        for name, first, second in zip(_PARTS[1:], *outcomes, strict=True):
            for n in np.flatnonzero(first != second).tolist():
                told = _told(first[n].item(), second[n].item())
                yield f"training worlds, step {step + 1}, {one.task_of(n)}: {name} {told}"
                return
        over = np.flatnonzero(outcomes[0][1] | outcomes[0][2])
        if len(over):
            one.start(over)
            other.start(over)
