"""A hierarchy without a planner: a learned meta-controller chooses among the options that can be begun.

Each option is scored by one network that sees what the option's policy would see, and the mission's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosym.ablation.methods.choosing import Choice, MetaController
from neurosym.ablation.methods.guided import Lots, RandomOrder
from neurosym.ablation.methods.practised import Practised, plan_guide
from neurosym.ablation.methods.registry import Trial
from neurosym.ablation.methods.tellers import Words
from neurosym.belief import Observation
from neurosym.executive import Executive, Outcome
from neurosym.options import Features, Learner, OptionNetwork, PayRule, Rollout
from neurosym.training.network import Practice

__all__ = ["MetaExecutive", "practise_with_choices"]


class MetaExecutive(Executive):
    """Takes the step that a meta-controller chooses among those that can be begun; never plans."""

    decides_by = RandomOrder
    deliberator: RandomOrder

    def __init__(
        self, domain: Any, count: int, *args: Any, controller: MetaController, rule: PayRule, **settings: Any
    ) -> None:
        super().__init__(domain, count, *args, **settings)
        self.controller, self.rule, self.trails = controller, rule, [list[Choice]() for _ in range(count)]
        self._words, self._lots, self._learns = Words(count, 1), Lots(count), count > 1
        self.deliberator.draw = self._choose

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self._lots.begin()
        self._words.begin(mask, observation)
        super().begin(mask, observation)

    def update(self, actions: NDArray[np.int64], observation: Observation) -> Outcome:
        for trail in self.trails:
            if trail and not trail[-1].last:
                trail[-1].age += 1
        return super().update(actions, observation)

    def close(self, over: NDArray[np.bool_], solved: NDArray[np.bool_], cut: NDArray[np.bool_]) -> None:
        """Episodes are over; bool[N] where, which were solved, and which were only cut."""
        for n in np.flatnonzero(over).tolist():
            trail = self.trails[n]
            if trail and not trail[-1].age:
                trail.pop()  # it was chosen when all was over
            if trail and not trail[-1].last:
                choice = trail[-1]
                choice.last, choice.discount = True, 0.0
                gamma, paid = self.rule.gamma, self.rule.reward_scale * bool(solved[n])
                choice.reward = gamma ** (choice.age - 1) * paid
                choice.reward += gamma**choice.age * self._value(n) if cut[n] else 0.0

    def take_trails(self) -> list[list[Choice]]:
        """The choices made since the last call, those in hand at the end of each; these go on."""
        taken, self.trails = self.trails, [trail[-1:] for trail in self.trails]
        return [trail for trail in taken if trail]

    def _choose(self, n: int, aims: Sequence[NDArray[np.int32]]) -> int:
        choice = self.controller.choose(self._describe(n, aims), self._lots.rng)
        if self._learns:
            trail = self.trails[n]
            if trail and not trail[-1].age:
                trail.pop()  # it came to nothing
            elif trail and not trail[-1].last:
                trail[-1].discount = self.rule.gamma ** trail[-1].age
            trail.append(choice)
        return choice.taken

    def _value(self, n: int) -> float:
        return float(self.controller.network.evaluate(self._describe(n, ()))[1][0])

    def _describe(self, n: int, aims: Sequence[NDArray[np.int32]]) -> Features:
        """A row for each aim, and one for none."""
        which, told, rows = np.array([n]), self.subgoals.copy(), []
        words, _ = self._words.features(which)
        offset = self.domain.feature_spec.rows - 1
        for aim in (*aims, None):
            told[n] = 0 if aim is None else self.belief.subgoals(which, aim[None])[0][0]
            sparse, dense = self.belief.features(told, which)
            rows.append(Features(np.hstack([sparse, np.where(words > 0, words + offset, 0)]), dense))
        return Features.concatenate(rows)


class _MetaPractice(Practice):
    """Practice that tells the meta-controller how episodes end."""

    def _settle(
        self,
        outcome: Outcome,
        solved: NDArray[np.bool_],
        lost: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        failed, cut = self._ends(solved, lost, truncated)
        guide: Any = self.executive
        guide.close(solved | failed | cut, solved, cut)
        return super()._settle(outcome, solved, lost, truncated)


class _BothLearners:
    """Improves the options, and then the choice among them."""

    def __init__(self, learner: Learner, controller: MetaController) -> None:
        self.learner, self.controller, self.guides = learner, controller, list[MetaExecutive]()

    def update(self, rollout: Rollout, progress: float = 0.0) -> Mapping[str, float]:
        for guide in self.guides:
            self.controller.learn(guide.take_trails(), progress)
        return self.learner.update(rollout, progress)


def practise_with_choices(trial: Trial) -> Practised:
    """Practice in which options and the choice among them are learned together."""
    config, spec = trial.config, trial.domain.feature_spec
    rule = PayRule(config.gamma, config.kappa, config.reward_scale)
    words = Words(1, 1).spec
    told = replace(spec, rows=spec.rows + words.rows - 1, width=spec.width + words.width, actions=1)
    controller = MetaController(told, config.hidden, config.ppo, trial.seed)
    network = OptionNetwork(spec, config.hidden, trial.seed)
    learner = _BothLearners(Learner(network, config.ppo, trial.seed), controller)

    def guide(trial: Trial, worlds: Any) -> Executive:
        def make(*args: Any, **settings: Any) -> MetaExecutive:
            return MetaExecutive(*args, controller=controller, rule=rule, **settings)

        made: Any = plan_guide(trial, worlds, make)
        learner.guides += [made] if worlds is not None else []
        return made

    return Practised(trial, guide, network=network, learner=learner, practice=_MetaPractice)
