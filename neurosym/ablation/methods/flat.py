"""The guide of methods that do without a plan: it lets the policy act at every step, and only says what it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from neurosym.ablation.methods.registry import Trial
from neurosym.ablation.methods.tellers import Goals, RawView, Teller, Words
from neurosym.ablation.methods.view import View, Whitening
from neurosym.belief import Belief, Observation
from neurosym.deliberation import Counters
from neurosym.domain import TrainingWorlds
from neurosym.executive import Outcome, Thread
from neurosym.language import Usage
from neurosym.monitor import Cause
from neurosym.options import Features, FeatureSpec

__all__ = ["FlatGuide", "MakeTellers", "ViewAndWords", "flat_spec", "goal_and_words"]


class MakeTellers(Protocol):
    """Makes those who tell a policy about `count` environments, in practice or in play."""

    def __call__(self, trial: Trial, belief: Belief, count: int, practising: bool) -> Sequence[Teller]: ...


def goal_and_words(trial: Trial, belief: Belief, count: int, practising: bool) -> Sequence[Teller]:
    """What a plan-guided policy sees, the goal in place of a plan's step; and the mission's words."""
    return Goals(trial.domain, belief, count), Words(count, trial.domain.feature_spec.actions)


class ViewAndWords:
    """Tells what the environment returns; who plays hears of numbers as who practises does."""

    def __init__(self, trial: Trial) -> None:
        self._view = View(trial.domain, trial.task)
        self._whitening = Whitening(self._view.dense)

    def __call__(self, trial: Trial, belief: Belief, count: int, practising: bool) -> Sequence[Teller]:
        actions = trial.domain.feature_spec.actions
        return RawView(self._view, self._whitening, count, actions, practising), Words(count, actions)


class FlatGuide:
    """A guide without a planner; see `neurosym.executive.Guide`. No option ends, since there is none.

    Args:
        worlds: those of practice, or, for None, of one environment to play.
    """

    def __init__(self, trial: Trial, worlds: TrainingWorlds | None, make_tellers: MakeTellers) -> None:
        count = 1 if worlds is None else trial.config.worlds
        self.belief = trial.domain.belief(count)
        self.counters, self.usage, self.threads = Counters(), Usage(), [Thread() for _ in range(count)]
        self._tellers = make_tellers(trial, self.belief, count, worlds is not None)
        self.spec = _join_specs([teller.spec for teller in self._tellers])
        self._nothing = np.zeros(count, np.bool_)

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self.belief.begin(mask, observation)
        for teller in self._tellers:
            teller.begin(mask, observation)

    def update(self, actions: NDArray[np.int64], observation: Observation) -> Outcome:
        self.belief.update(actions, observation)
        for teller in self._tellers:
            teller.update(observation)
        return Outcome(*[self._nothing] * 5)

    def instructed(self) -> NDArray[np.bool_]:
        return ~self._nothing

    def features(self, which: NDArray[np.int64] | None = None, out: Features | None = None) -> Features:
        which = np.arange(len(self._nothing)) if which is None else which
        if out is None:
            out = self.spec.empty(len(which))
        row, column, number = 0, 0, 0
        for teller in self._tellers:
            sparse, dense = teller.features(which)
            spec = teller.spec
            out.sparse[:, column : column + spec.width] = np.where(sparse > 0, sparse + row, 0)
            out.dense[:, number : number + spec.dense] = dense
            row, column, number = row + spec.rows - 1, column + spec.width, number + spec.dense
        return out

    def blame(self, index: int) -> Cause:
        """The policy is all there is."""
        return Cause.OPTION


def _join_specs(specs: Sequence[FeatureSpec]) -> FeatureSpec:
    """Of all that is told, one after the other; the row that says nothing is shared."""
    return FeatureSpec(
        1 + sum(spec.rows - 1 for spec in specs),
        sum(spec.width for spec in specs),
        sum(spec.dense for spec in specs),
        specs[0].actions,
    )


def flat_spec(trial: Trial, make_tellers: MakeTellers) -> FeatureSpec:
    """The sizes of what is told."""
    return FlatGuide(trial, None, make_tellers).spec
