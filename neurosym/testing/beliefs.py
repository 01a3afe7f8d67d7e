"""The law that beliefs are about their own world, the episode that goes on, and what was observed."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from neurosym.belief import Belief, Situation
from neurosym.symbols import Problem
from neurosym.testing.law import law
from neurosym.testing.samples import BELIEFS, Samples

__all__ = ["beliefs_agree"]


@law(
    BELIEFS,
    "a batch believes what each of its worlds alone would; `begin` forgets where it is told to and nowhere else; "
    "asking changes nothing; observations are not kept, which the next step overwrites; `surprised` is told for each "
    "world and not at the beginning; equal situations mean equal problems.",
)
def beliefs_agree(samples: Samples) -> Iterator[str]:
    _ = samples.moments
    yield from _together_and_alone(samples)
    yield from _asked(samples)
    yield from _begun_anew(samples)
    yield from _overwritten(samples)
    yield from _situations(samples)


def _together_and_alone(samples: Samples) -> Iterator[str]:
    alone = [samples.replay([n]) for n in range(samples.count)]
    for t, belief in samples.replay():
        for n, course in enumerate(samples.courses):
            _, other = next(alone[n])
            if difference := _difference(belief.state(n), other.state(0)):
                yield f"{course.place(t)}: of a batch is believed what is not believed of it alone: {difference}"


def _difference(one: Any, other: Any) -> str:
    """Some atoms that are in one state and not in the other."""
    return " ".join(str(atom) for atom in sorted(one ^ other)[:4])


def _asked(samples: Samples) -> Iterator[str]:
    for t, belief in samples.replay():
        surprised = belief.surprised()
        if surprised.shape != (samples.count,) or surprised.dtype != np.bool_:
            yield f"surprised must be bool[{samples.count}], got {surprised.dtype}{list(surprised.shape)}"
            return
        surprised = surprised.copy()
        before = [belief.state(n) for n in range(samples.count)]
        _ask_everything(samples, belief, t)
        for n, course in enumerate(samples.courses):
            if surprised[n] and (t == 0 or course.frames[t].restart is not None):
                yield f"{course.place(t)}: surprised although the episode begins"
            if difference := _difference(before[n], belief.state(n)):
                yield f"{course.place(t)}: what is believed changes by being asked: {difference}"
            if surprised[n] != belief.surprised()[n]:
                yield f"{course.place(t)}: surprised changes by being asked"


def _ask_everything(samples: Samples, belief: Belief, t: int) -> None:
    nothing = np.zeros((samples.count, belief.subgoal_columns), dtype=np.int32)
    belief.achieved(nothing)
    belief.meddled(nothing)
    belief.features(nothing)
    for n in range(samples.count):
        moment = samples.moments[t, n]
        belief.problem(n, moment.wanted, {}, moment.later)
        belief.situations(np.array([n]), [moment.wanted], [moment.later])
        belief.surprised()


def _begun_anew(samples: Samples) -> Iterator[str]:
    """One world in two begins anew after all was played."""
    *_, (_, belief) = samples.replay()
    kept = [belief.state(n) for n in range(samples.count)]
    mask = np.arange(samples.count) % 2 == 0
    belief.begin(mask, copy.deepcopy(samples.stacked[0]))
    _, fresh = next(samples.replay())
    for n, course in enumerate(samples.courses):
        if difference := _difference(belief.state(n), fresh.state(n) if mask[n] else kept[n]):
            told = "does not forget" if mask[n] else "forgets where it is not told to"
            yield f"{course.place(0 if mask[n] else samples.steps)}: begin {told}: {difference}"


def _overwritten(samples: Samples) -> Iterator[str]:
    """The observation is wiped out after each update, as training worlds may do."""
    belief, usual = samples.domain.belief(samples.count), samples.replay()
    for t in range(samples.steps + 1):
        frames = [course.frames[t] for course in samples.courses]
        led_to = samples.domain.stack(copy.deepcopy([frame.observation for frame in frames]))
        if t:
            belief.update(np.array([frame.action for frame in frames], dtype=np.int64), led_to)
            _wipe(led_to)
        begun = np.array([t == 0 or frame.restart is not None for frame in frames])
        if begun.any():
            now = copy.deepcopy(samples.stacked[t])
            belief.begin(begun, now)
            _wipe(now)
        _, other = next(usual)
        for n, course in enumerate(samples.courses):
            if difference := _difference(belief.state(n), other.state(n)):
                kept = "the belief keeps the observation it was given, which is overwritten"
                yield f"{course.place(t)}: {kept}: {difference}"


def _wipe(observation: Any) -> None:
    for value in observation.values():
        if isinstance(value, np.ndarray) and value.flags.writeable and value.dtype.kind in "biuf":
            value[...] = 0


def _situations(samples: Samples) -> Iterator[str]:
    """Problems of the same stage are compared where their situations are equal."""
    by_facts: dict[Any, tuple[Problem, str]] = {}
    by_costs: dict[Any, tuple[Problem, str]] = {}
    for t, belief in samples.replay():
        for n in range(samples.count):
            moment = samples.moments[t, n]
            stage, problem = (moment.wanted, moment.later), moment.problem
            situation = Situation(*belief.situations(np.array([n]), [moment.wanted], [moment.later])[0])
            one, place = by_facts.setdefault((situation.facts, stage), (problem, moment.place))
            told = (set(one.objects), one.init, one.goal) != (
                set(problem.objects),
                problem.init,
                problem.goal,
            )
            if told:
                yield f"{moment.place}: the situation has the facts of {place}, and the problem is another"
            one, place = by_costs.setdefault((situation, stage), (problem, moment.place))
            if not told and dict(one.costs) != dict(problem.costs):
                yield f"{moment.place}: the situation is that of {place}, and the problem has other costs"
