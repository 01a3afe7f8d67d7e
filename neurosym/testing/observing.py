"""The law that an agent has the same eyes everywhere: what environments return, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from neurosym.symbols import State
from neurosym.testing.courses import Course, equal
from neurosym.testing.law import law
from neurosym.testing.samples import EVALUATION, Samples

__all__ = ["evaluation_sees_observations_only"]


@law(
    EVALUATION,
    "the environments can be played, and their observations say the mission and stack; a belief made from "
    "a record of observations is the one made while the environment ran; training worlds show the same.",
)
def evaluation_sees_observations_only(samples: Samples) -> Iterator[str]:
    _ = samples.stacked
    yield from _live(samples)
    yield from _trained(samples)


def _live(samples: Samples) -> Iterator[str]:
    """The first course of each task once more, the belief beside the environment."""
    _ = samples.moments
    for n in range(0, samples.count, len(samples.seeds)):
        course = samples.courses[n]
        recorded = [belief.state(0) for _, belief in samples.replay([n])]
        for t, state in _run(samples, course):
            if state != recorded[t]:
                odd = " ".join(str(atom) for atom in sorted(state ^ recorded[t])[:4])
                yield f"{course.place(t)}: what is believed depends on more than the observations: {odd}"
                break


def _run(samples: Samples, course: Course) -> Iterator[tuple[int, State]]:
    """What is believed while the environment runs, to the end of the first episode."""
    env, belief = samples.domain.make_env(course.task), samples.domain.belief(1)
    try:
        for t, frame in enumerate(course.frames):
            seen = env.reset(seed=frame.seed)[0] if frame.action is None else env.step(frame.action)[0]
            if not equal(seen, frame.observation) or frame.restart is not None:
                return  # seeds do not repeat, which is another law; or the episode is over
            batch = samples.domain.stack([copy.deepcopy(seen)])
            if frame.action is None:
                belief.begin(np.ones(1, np.bool_), batch)
            else:
                belief.update(np.array([frame.action], dtype=np.int64), batch)
            yield t, belief.state(0)
    finally:
        env.close()


def _trained(samples: Samples) -> Iterator[str]:
    """Training worlds show what environments show, in arrays of the same shape and kind."""
    shown, stacked = samples.practice[0].observation(), samples.stacked[0]
    for key in sorted(shown.keys() | stacked.keys()):
        forms = [_form(observation.get(key)) for observation in (shown, stacked)]
        if forms[0] != forms[1]:
            yield f"{key!r} is {forms[0]} in training worlds and {forms[1]} in environments"


def _form(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        kind = "integers" if value.dtype.kind in "iu" else value.dtype.name
        return f"{kind} of shape {list(value.shape[1:])}"
    return type(value[0]).__name__
