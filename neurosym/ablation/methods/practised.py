"""Contenders that learn a network in a domain's training worlds, and those that learn nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

import torch

from neurosym.ablation.methods.registry import Trial
from neurosym.agent import Agent
from neurosym.domain import TrainingWorlds
from neurosym.executive import Executive, Guide
from neurosym.language import Translator
from neurosym.options import FeatureSpec, Learner, NetworkController, OptionNetwork, Rollout
from neurosym.options.controller import Controller
from neurosym.training import TrainingConfig
from neurosym.training.network import Bonus, Practice, practice_planner

__all__ = ["MakeGuide", "Practised", "Untaught", "Updates", "plan_guide"]

MakeGuide = Callable[[Trial, "TrainingWorlds | None"], Guide]
"""Makes the guide of the worlds of practice, or, for None, of one environment to play."""


class Updates(Protocol):
    """What learns from rollouts, such as a `Learner`."""

    def update(self, rollout: Rollout, progress: float = 0.0) -> Mapping[str, float]: ...


def plan_guide(
    trial: Trial,
    worlds: TrainingWorlds | None,
    make: Callable[..., Executive] = Executive,
    translator: Translator | None = None,
) -> Executive:
    """The executive that plans, as training and agents use it.

    Args:
        make: what it is, `Executive` or a class that differs in one thing.
    """
    if worlds is None:
        return make(trial.domain, 1, translator=translator)
    planner = practice_planner(trial.config)
    return make(trial.domain, trial.config.worlds, planner, translator, by_costs=False)


class Practised:
    """Practises under a guide and learns by the learner that all methods share.

    Practice and learning take turns in one process, so that a cell keeps one core busy and no update waits for another.

    Args:
        guide: makes what tells the controllers what to do.
        spec: what the guide tells; the domain's own features if None.
        config: settings in place of the trial's.
        network: what is learned, an `OptionNetwork` or what acts like one; learner: how.
        bonus: see `Practice`.
        practice: what fills rollouts.
    """

    def __init__(
        self,
        trial: Trial,
        guide: MakeGuide = plan_guide,
        *,
        spec: FeatureSpec | None = None,
        config: TrainingConfig | None = None,
        network: Any = None,
        learner: Updates | None = None,
        bonus: Bonus | None = None,
        practice: type[Practice] = Practice,
    ) -> None:
        torch.set_num_threads(1)
        self.trial, self.config, self._make_guide = trial, config or trial.config, guide
        config, domain, seed = self.config, trial.domain, trial.seed
        spec = spec or domain.feature_spec
        self.network = network if network is not None else OptionNetwork(spec, config.hidden, seed)
        self._learner: Updates = learner or Learner(self.network, config.ppo, seed)
        worlds = domain.training_worlds(trial.make_levels(), config.worlds, seed)
        self.practice = practice(
            domain,
            worlds,
            self.network,
            config,
            (trial.task,),
            seed,
            guide(trial, worlds),
            bonus,
        )
        self._rollout = Rollout(spec, config.steps, config.worlds)
        self.frames = 0

    @property
    def plans(self) -> int:
        return self.practice.executive.counters.plans

    @property
    def planning_seconds(self) -> float:
        return self.practice.executive.counters.planning_seconds

    @property
    def settings(self) -> Mapping[str, Any]:
        return {**asdict(self.config), "features": asdict(self._rollout.spec)}

    def learn(self, frames: int) -> None:
        size = self._rollout.reward.size
        while self.frames == 0 or frames - self.frames >= size / 2:
            self.practice.fill(self._rollout)
            self.frames += size
            if self._rollout.valid.any():  # nobody is told anything where there is no plan
                self._learner.update(self._rollout, min(1.0, self.frames / self.trial.frames))

    def agent(self) -> Agent:
        guide = self._make_guide(self.trial, None)
        return Agent(self.trial.domain, NetworkController(self.network), self.trial.seed, guide=guide)


class Untaught:
    """Learns nothing: a controller that is there already, under a guide."""

    frames, plans, planning_seconds = 0, 0, 0.0
    settings: Mapping[str, Any] = {}

    def __init__(self, trial: Trial, controller: Controller, guide: MakeGuide = plan_guide) -> None:
        self._trial, self._controller, self._guide = trial, controller, guide(trial, None)

    def learn(self, frames: int) -> None:
        """Nothing to learn."""

    def agent(self) -> Agent:
        return Agent(self._trial.domain, self._controller, self._trial.seed, guide=self._guide)
