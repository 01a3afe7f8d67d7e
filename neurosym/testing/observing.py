"""The law that an agent has the same eyes everywhere: what environments return, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from neurosym.testing.law import law
from neurosym.testing.repeats import equal
from neurosym.testing.samples import EVALUATION, Samples

__all__ = ["evaluation_sees_observations_only"]


@law(
    EVALUATION,
    "the environments can be played, and their observations say the mission and stack; a belief made from "
    "a record of observations is the one made while the environment ran; training worlds show the same.",
)
def evaluation_sees_observations_only(samples: Samples) -> Iterator[str]:
    yield from _stacked(samples)
    yield from _live(samples)
    yield from _trained(samples)


def _stacked(samples: Samples) -> Iterator[str]:
    """Each row of a stack is what a stack of one would be."""
    for t, batch in enumerate(samples.stacked):
        for n, course in enumerate(samples.courses):
            alone = samples.domain.stack([course.frames[t].now])
            if not isinstance(alone.get("mission", [None])[0], str):
                yield f"{course.place(t)}: the stacked observation has no 'mission', which says what to do"
                return
            for key in sorted(batch.keys() | alone.keys()):
                if key not in batch or key not in alone or not equal(batch[key][n], alone[key][0]):
                    yield f"{course.place(t)}: {key!r} is another in a stack of {samples.count} than alone"
                    return


def _live(samples: Samples) -> Iterator[str]:
    """The first course of each task once more, the belief beside the environment."""
    _ = samples.moments
    for n in range(0, samples.count, len(samples.seeds)):
        course, env = samples.courses[n], samples.domain.make_env(samples.courses[n].task)
        belief = samples.domain.belief(1)
        for t, recorded in samples.replay([n]):
            frame = course.frames[t]
            if frame.action is None:
                seen = env.reset(seed=frame.seed)[0]
                belief.begin(np.ones(1, np.bool_), samples.domain.stack([copy.deepcopy(seen)]))
            else:
                seen = env.step(frame.action)[0]
                belief.update(np.array([frame.action]), samples.domain.stack([copy.deepcopy(seen)]))
            if not _alike(seen, frame.observation) or frame.restart is not None:
                break  # of another law; or the episode is over
            if belief.state(0) != recorded.state(0):
                odd = " ".join(str(atom) for atom in sorted(belief.state(0) ^ recorded.state(0))[:4])
                yield f"{course.place(t)}: what is believed depends on more than the observations: {odd}"
                break
        env.close()


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)


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
