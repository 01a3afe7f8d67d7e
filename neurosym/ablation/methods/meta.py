"""A hierarchy without a planner: a learned meta-controller chooses among the options that can be begun.

The choices form a semi-MDP (Sutton, Precup & Singh 1999): one that lasts k steps discounts what follows by gamma ** k.
The meta-controller is improved by the same policy gradient, from the same settings, as the options are; each option is
scored by one network that sees what the option's policy would see, and the mission's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.ablation.methods.guided import Lots, RandomOrder
from neurosym.ablation.methods.practised import Practised, plan_guide
from neurosym.ablation.methods.registry import Trial
from neurosym.ablation.methods.tellers import Words
from neurosym.belief import Observation
from neurosym.executive import Executive, Outcome
from neurosym.options import Features, FeatureSpec, Learner, OptionNetwork, PPOConfig, Rollout
from neurosym.training.network import Practice

__all__ = ["Choice", "MetaController", "MetaExecutive", "practise_with_choices"]

MINIBATCH = 256  # choices of one gradient step; there are far fewer choices than steps


@dataclass
class Choice:
    """An option that was chosen.

    Attributes:
        features: a row for each option there was, and at last one for doing none, which the value is read from.
        age: primitive steps that it has lasted.
        reward, discount: what it has brought, and what counts of what follows; known when it is over.
        last: the episode ended with it.
    """

    features: Features
    taken: int
    log_prob: float
    value: float
    age: int = 0
    reward: float = 0.0
    discount: float = 0.0
    last: bool = False


class MetaController:
    """Scores options, and learns from what came of those it chose.

    Attributes:
        network: its policy has one output, the score.
    """

    def __init__(self, spec: FeatureSpec, hidden: Sequence[int], config: PPOConfig, seed: int) -> None:
        self.network, self.config = OptionNetwork(spec, hidden, seed), config
        self._adam = torch.optim.Adam(
            self.network.parameters(), config.learning_rate, eps=config.adam_epsilon
        )
        self._rng = np.random.default_rng(seed)

    def choose(self, features: Features, rng: np.random.Generator) -> Choice:
        """Draw one of the options that all rows but the last are about."""
        scores, values = self.network.evaluate(features)
        weights = np.exp((scores[:-1, 0] - scores[:-1, 0].max()).astype(np.float64))
        chances = weights / weights.sum()
        taken = int(rng.choice(len(chances), p=chances))
        return Choice(features, taken, float(np.log(chances[taken])), float(values[-1]))

    def learn(self, trails: Sequence[Sequence[Choice]], progress: float) -> None:
        """Improve from choices that are over, in the order in which they were made; the last of each may not be."""
        choices, advantages = [], []
        for trail in trails:
            choices += trail[:-1]
            advantages += self._advantages(trail)
        if not choices:
            return
        advantage = np.array(advantages, np.float32)
        target = advantage + np.array([choice.value for choice in choices], np.float32)
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        share = 1.0 - progress * (1.0 - self.config.final_learning_rate)
        self._adam.param_groups[0]["lr"] = self.config.learning_rate * share
        for _ in range(self.config.epochs):
            for part in np.array_split(self._rng.permutation(len(choices)), -(-len(choices) // MINIBATCH)):
                self._step([choices[k] for k in part], advantage[part], target[part])

    def _advantages(self, trail: Sequence[Choice]) -> list[float]:
        """Generalised advantages of all but the last."""
        found, following = [], 0.0
        for choice, after in zip(reversed(trail[:-1]), reversed(trail[1:]), strict=True):
            error = choice.reward + choice.discount * after.value - choice.value
            following = error + choice.discount * self.config.gae_lambda * following
            found.append(following)
        return found[::-1]

    def _step(
        self, choices: Sequence[Choice], advantage: NDArray[np.float32], target: NDArray[np.float32]
    ) -> None:
        rows = Features.concatenate([choice.features for choice in choices])
        scores, values = self.network(torch.from_numpy(rows.sparse), torch.from_numpy(rows.dense))
        ends = np.cumsum([len(choice.features) for choice in choices]) - 1
        table = torch.full((len(choices), max(len(choice.features) for choice in choices)), -1e9)
        places = [(k, i) for k, choice in enumerate(choices) for i in range(len(choice.features) - 1)]
        options = np.setdiff1d(np.arange(len(rows)), ends)
        table[tuple(torch.tensor(places).T)] = scores[torch.from_numpy(options), 0]
        log_policy = torch.log_softmax(table, 1)
        taken = torch.tensor([[choice.taken] for choice in choices])
        log_ratio = log_policy.gather(1, taken)[:, 0] - torch.tensor([choice.log_prob for choice in choices])
        loss = self._loss(log_ratio, log_policy, values[torch.from_numpy(ends)], advantage, target)
        self._adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.max_gradient_norm)
        self._adam.step()

    def _loss(
        self,
        log_ratio: torch.Tensor,
        log_policy: torch.Tensor,
        value: torch.Tensor,
        advantage: NDArray[np.float32],
        target: NDArray[np.float32],
    ) -> torch.Tensor:
        """As `neurosym.options.loss.ppo_loss` has it, for as many options as each choice had."""
        config, gain = self.config, torch.from_numpy(advantage)
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1.0 - config.clip, 1.0 + config.clip)
        policy_loss = -torch.minimum(ratio * gain, clipped * gain).mean()
        value_loss = (value - torch.from_numpy(target)).square().mean()
        entropy = -(log_policy.exp() * log_policy).sum(1).mean()
        return policy_loss + config.value_coefficient * value_loss - config.entropy_coefficient * entropy


class MetaExecutive(Executive):
    """Takes the step that a meta-controller chooses among those that can be begun; never plans."""

    def __init__(
        self, domain: Any, count: int, *args: Any, controller: MetaController, gamma: float, **settings: Any
    ) -> None:
        super().__init__(domain, count, *args, **settings)
        self.controller, self.gamma, self.trails = controller, gamma, [list[Choice]() for _ in range(count)]
        self._words, self._lots, self._learns = Words(count, 1), Lots(count), count > 1
        old = self.deliberator
        self.deliberator = RandomOrder(
            old.belief, old.planner, old.translator, old.time_limit_s, old.by_costs
        )
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
                choice.reward = self.gamma ** (choice.age - 1) * bool(solved[n])
                choice.reward += self.gamma**choice.age * self._value(n) if cut[n] else 0.0

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
                trail[-1].discount = self.gamma ** trail[-1].age
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
    words = Words(1, 1).spec
    told = replace(spec, rows=spec.rows + words.rows - 1, width=spec.width + words.width, actions=1)
    controller = MetaController(told, config.hidden, config.ppo, trial.seed)
    network = OptionNetwork(spec, config.hidden, trial.seed)
    learner = _BothLearners(Learner(network, config.ppo, trial.seed), controller)

    def guide(trial: Trial, worlds: Any) -> Executive:
        def make(*args: Any, **settings: Any) -> MetaExecutive:
            return MetaExecutive(*args, controller=controller, gamma=config.gamma, **settings)

        made: Any = plan_guide(trial, worlds, make)
        learner.guides += [made] if worlds is not None else []
        return made

    return Practised(trial, guide, network=network, learner=learner, practice=_MetaPractice)
