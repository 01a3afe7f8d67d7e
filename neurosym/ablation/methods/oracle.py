"""Full knowledge: the belief is told what its world holds when an episode begins. An upper bound, no contender."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from neurosym.ablation.methods.practised import Practised
from neurosym.ablation.methods.registry import Trial
from neurosym.agent import Agent
from neurosym.belief import Observation
from neurosym.domain import Domain
from neurosym.executive import Executive
from neurosym.options import NetworkController

__all__ = ["OraclePractised", "RevealedDomain"]


class RevealedDomain:
    """A domain whose beliefs are told what they could not see, by the worlds, or the environment, that it made last.

    All else is the domain's own.
    """

    def __init__(self, domain: Domain) -> None:
        self.original, self.source = domain, cast(Any, None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)

    def training_worlds(self, levels: Any, count: int, seed: int) -> Any:
        self.source = self.original.training_worlds(levels, count, seed)
        return self.source

    def make_env(self, task_id: str, render: bool = False) -> Any:
        self.source = self.original.make_env(task_id, render)
        return self.source

    def belief(self, count: int) -> Any:
        return _RevealedBelief(self, count)


class _RevealedBelief:
    """A belief that starts from all there is to know."""

    def __init__(self, domain: RevealedDomain, count: int) -> None:
        self._domain, self._belief = domain, domain.original.belief(count)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._belief, name)

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self._belief.begin(mask, observation)
        self._domain.original.reveal(self._belief, np.flatnonzero(mask), self._domain.source)


class OraclePractised(Practised):
    """Practises and plays with full knowledge."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(replace(trial, domain=cast(Domain, RevealedDomain(trial.domain))))

    def agent(self) -> Agent:
        own = cast(Any, self.trial.domain).original
        domain = cast(Domain, RevealedDomain(own))  # of its own: practice goes on in the worlds of the other
        return Agent(domain, NetworkController(self.network), self.trial.seed, guide=Executive(domain, 1))
