"""Each operator with a network of its own, where one network for all is the rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.ablation.methods.practised import Practised, plan_guide
from neurosym.ablation.methods.registry import Trial
from neurosym.executive import Executive
from neurosym.options import Features, FeatureSpec, Learner, OptionNetwork, Rollout

__all__ = ["KindExecutive", "SeparateLearner", "SeparateNetworks", "practise_separately"]


class KindExecutive(Executive):
    """Tells, beside the usual, which operator is in hand: by the last entry of the sparse features, 0 for none."""

    def features(self, which: NDArray[np.int64] | None = None, out: Features | None = None) -> Features:
        told = super().features(which)
        kinds = np.array([[self._kind(n)] for n in self._numbers(which)], np.int32).reshape(-1, 1)
        sparse = np.concatenate([told.sparse, kinds], axis=1)
        if out is None:
            return Features(sparse, told.dense)
        out.sparse[:], out.dense[:] = sparse, told.dense
        return out

    def _numbers(self, which: NDArray[np.int64] | None) -> Sequence[int]:
        return range(len(self.threads)) if which is None else which.tolist()

    def _kind(self, n: int) -> int:
        step = self.threads[n].step
        names = [action.name for action in self.domain.model.actions]
        return 0 if step is None else self.domain.feature_spec.rows + names.index(step.name)


class SeparateNetworks:
    """Acts like an `OptionNetwork`; each row is left to the network of its operator."""

    def __init__(self, spec: FeatureSpec, operators: int, hidden: Sequence[int], seed: int) -> None:
        self.spec = FeatureSpec(spec.rows + operators, spec.width + 1, spec.dense, spec.actions)
        self.first = spec.rows
        self.networks = [OptionNetwork(self.spec, hidden, seed * operators + k) for k in range(operators)]

    def evaluate(self, features: Features) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits float32[N, actions] and values float32[N]; where there is no operator, all are 0."""
        logits = np.zeros((len(features), self.spec.actions), np.float32)
        values = np.zeros(len(features), np.float32)
        kinds = features.sparse[:, -1] - self.first
        for k in np.unique(kinds[kinds >= 0]).tolist():
            rows = np.flatnonzero(kinds == k)
            logits[rows], values[rows] = self.networks[k].evaluate(features[rows])
        return logits, values


class SeparateLearner:
    """A learner for each network, of the rows that are its own."""

    def __init__(self, networks: SeparateNetworks, learners: Sequence[Learner]) -> None:
        self._first, self._learners = networks.first, learners

    def update(self, rollout: Rollout, progress: float = 0.0) -> Mapping[str, float]:
        valid, kinds = rollout.valid.copy(), rollout.sparse[..., -1] - self._first
        told: Mapping[str, float] = {}
        for k, learner in enumerate(self._learners):
            rollout.valid[:] = valid & (kinds == k)
            if rollout.valid.any():
                told = learner.update(rollout, progress)
        rollout.valid[:] = valid
        return told


def practise_separately(trial: Trial) -> Practised:
    """Practice with a network for each operator of the domain."""
    operators = len(trial.domain.model.actions)
    networks = SeparateNetworks(trial.domain.feature_spec, operators, trial.config.hidden, trial.seed)
    learners = [Learner(network, trial.config.ppo, trial.seed) for network in networks.networks]

    def guide(trial: Trial, worlds: Any) -> Executive:
        return plan_guide(trial, worlds, KindExecutive)

    return Practised(
        trial, guide, spec=networks.spec, network=networks, learner=SeparateLearner(networks, learners)
    )
