"""Training a network: worlds side by side fill rollouts while the learner is at the last one."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.belief import Observation
from neurosym.curriculum import Curriculum
from neurosym.domain import Domain, TrainingWorlds
from neurosym.errors import CheckpointError, DomainError
from neurosym.executive import Executive, Guide, Outcome
from neurosym.options import (
    Checkpoint,
    HearingNetwork,
    NetworkController,
    OptionNetwork,
    ParallelLearner,
    PayRule,
    Rollout,
    TrainingState,
    load_checkpoint,
    save_checkpoint,
)
from neurosym.planning import EmbeddedPlanner, PlanCache
from neurosym.training.config import TrainingConfig
from neurosym.training.events import EVENT_SECONDS, Order, Scores, TrainingEvent, make_levels

__all__ = ["Bonus", "Practice", "practice_planner", "train_network"]


def train_network(order: Order, config: TrainingConfig, device: str) -> Generator[TrainingEvent, None, None]:
    """Train one network for all options of a domain; see `neurosym.training.train`."""
    torch.set_num_threads(1)  # two threads hinder each other as soon as anything else runs
    domain, tasks, seed = order.domain, order.tasks, order.seed
    saved = load_checkpoint(order.out, domain.feature_spec, domain.hearing) if order.resume else None
    taken, seconds, state = _left_off(saved)
    levels = yield from make_levels(domain, tasks, config.level_seeds(seed), order.frames)
    network = saved.network if saved else _make_network(domain, config, seed)
    meta = order.record(device=device, config=asdict(config))
    order.open_folder(meta)
    run = _Run(order.out, meta, [count for count in config.snapshots if count > taken])
    worlds = domain.training_worlds(levels, config.worlds, seed + taken)
    practice = Practice(domain, worlds, network, config, tasks, seed + taken)
    sizes = {"steps": config.steps, "worlds": config.worlds}
    with ParallelLearner(network, config.ppo, seed, state=state, device=device, **sizes) as learner:
        yield from _learn(practice, learner, run, order.frames, taken, seconds)


def practice_planner(config: TrainingConfig) -> PlanCache:
    """Whom practice asks for plans."""
    return PlanCache(EmbeddedPlanner(effort=config.planning_effort), canonical=False)


Bonus = Callable[[Observation], NDArray[np.float32]]


def _make_network(domain: Domain, config: TrainingConfig, seed: int) -> OptionNetwork:
    if config.controller == "typed":
        return OptionNetwork(domain.feature_spec, config.hidden, seed)
    if domain.hearing is None:
        raise DomainError(f"{domain.name} tells its controllers nothing in words; train typed ones")
    return HearingNetwork(domain.hearing, config.hidden, seed)


class Practice:
    """Worlds, an executive and a policy, filling rollouts.

    Args:
        guide: what tells the controllers what to do; by default an executive that plans.
        bonus: what is paid for what a step shows, beside the usual; float32[N] of the observation it led to.
    """

    def __init__(
        self,
        domain: Domain,
        worlds: TrainingWorlds,
        network: OptionNetwork,
        config: TrainingConfig,
        tasks: Sequence[str],
        seed: int,
        guide: Guide | None = None,
        bonus: Bonus | None = None,
    ):
        self.worlds, self.config = worlds, config
        if guide is None:  # a detour is practice too
            planner, hearing = practice_planner(config), network.hearing
            guide = Executive(domain, config.worlds, planner, by_costs=False, hearing=hearing)
        self.executive: Guide = guide
        self.bonus = bonus
        self.controller = NetworkController(network)
        self.rule = PayRule(config.gamma, config.kappa, config.reward_scale)
        self.rng = np.random.default_rng(seed)
        self.idle_actions = np.array(domain.idle_actions, dtype=np.int64)
        self.age = np.zeros(config.worlds, dtype=np.int64)
        self.scores = Scores()
        self.curriculum = Curriculum(tasks, seed)
        self.executive.begin(np.ones(config.worlds, dtype=np.bool_), worlds.observation())

    def fill(self, rollout: Rollout) -> None:
        """T steps of every world."""
        for t in range(self.config.steps):
            self._step(rollout, t)
        rollout.close(self._values(None))

    def _values(self, which: NDArray[np.int64] | None) -> NDArray[np.float32]:
        return self.controller.network.evaluate(self.executive.features(which))[1]

    def _step(self, rollout: Rollout, t: int) -> None:
        features = self.executive.features(out=rollout.features(t))
        actions, log_probs, values = self.controller.act_with_values(features, self.rng)
        instructed = self.executive.instructed()
        idle = np.flatnonzero(~instructed)
        actions[idle] = self.rng.choice(self.idle_actions, size=len(idle))
        rollout.decide(t, features, actions, log_probs, values)
        reward, terminated, truncated = self.worlds.step(actions)
        outcome = self.executive.update(actions, self.worlds.observation())
        self.age += 1
        truncated = truncated | (self.age >= self.config.episode_limit)
        solved = terminated & (reward > 0)
        bonus = None if self.bonus is None else self.bonus(self.worlds.observation())
        paid, discount = self._settle(outcome, solved, terminated & ~solved, truncated)
        if bonus is not None:
            paid += self.rule.reward_scale * bonus
        rollout.pay(t, paid, discount, instructed)

    def _settle(
        self,
        outcome: Outcome,
        solved: NDArray[np.bool_],
        lost: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the step is paid and discounted, float32[N] each; where episodes are over, new ones begin.

        A world in which there is no plan any more is a failure like any other end: a key fallen where nobody can reach
        it, a box that was opened instead of taken. What an option did that it was not told to is paid as a failure too,
        but the episode goes on: there is something to learn from how it is put right.
        """
        failed, truncated = self._ends(solved, lost, truncated)
        value_final = np.zeros(len(solved), dtype=np.float32)
        cut = np.flatnonzero(truncated)
        if len(cut):
            value_final[cut] = self._values(cut)
        reward, discount = self.rule.pay(
            outcome.fresh, solved, failed | outcome.meddled, truncated, value_final
        )
        over = solved | failed | truncated
        indices = np.flatnonzero(over)
        for n in indices.tolist():
            task = self.worlds.task_of(n)
            self.scores.episodes[task].append(bool(solved[n]))
            self.curriculum.note(task, bool(solved[n]))
        if len(indices):
            self.worlds.start(indices, tasks=self.curriculum.draw(len(indices)))
            self.age[indices] = 0
            self.executive.begin(over, self.worlds.observation())
        return reward, discount

    def _ends(
        self, solved: NDArray[np.bool_], lost: NDArray[np.bool_], truncated: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """bool[N] each: where an episode is over as a failure, and where it is merely cut."""
        failed = ~solved & (lost | ~self.executive.instructed())
        return failed, truncated & ~solved & ~failed


class _Run:
    """The folder of a run: the checkpoint, and in `weights` all an agent needs, fit to be shipped."""

    def __init__(self, out: Path, meta: dict[str, Any], snapshots: Sequence[int]) -> None:
        self.out, self.meta = out, meta
        self._snapshots = deque(sorted(snapshots))

    def save(
        self, learner: ParallelLearner, frames: int, seconds: float, metrics: dict[str, float]
    ) -> dict[str, float]:
        """Waits for the update under way, and saves what it led to; returns what it told."""
        learned = learner.finish()
        state = learner.state()
        facts = {**state.facts, "frames": frames, "seconds": seconds}
        meta = {**self.meta, "frames": frames, "seconds": round(seconds, 1), "metrics": metrics}
        save_checkpoint(self.out, learner.network, TrainingState(state.tensors, facts), meta)
        save_checkpoint(self.out / "weights", learner.network, meta=meta, half=True)
        while self._snapshots and frames >= self._snapshots[0]:
            folder = self.out / f"at-{self._snapshots.popleft()}"
            save_checkpoint(folder, learner.network, meta=meta, half=True)
        return learned

    def is_due(self, frames: int, saved: int, every: int) -> bool:
        """Whether the run is to be saved now."""
        return frames - saved >= every or bool(self._snapshots and frames >= self._snapshots[0])


def _left_off(saved: Checkpoint | None) -> tuple[int, float, TrainingState | None]:
    """Frames and seconds that lie behind, and the learner's state."""
    if saved is None:
        return 0, 0.0, None
    if saved.training is None:
        raise CheckpointError("this checkpoint holds weights alone, without what is needed to train on")
    facts = saved.training.facts
    return int(facts["frames"]), float(facts["seconds"]), saved.training


def _learn(
    practice: Practice, learner: ParallelLearner, run: _Run, frames: int, taken: int, seconds: float
) -> Iterator[TrainingEvent]:
    """Fill one rollout while the learner is at the last, until `frames` are taken."""
    start, saved = time.perf_counter(), taken
    began, before, shown = start - seconds, taken, 0.0
    planned = practice.executive.counters.planning_seconds
    metrics: dict[str, float] = {}
    try:
        while taken < frames:
            practice.fill(learner.rollout)
            taken += learner.rollout.reward.size
            _require_practice(practice, learner.rollout)
            learned = learner.submit(min(1.0, taken / frames))
            if run.is_due(taken, saved, practice.config.checkpoint_frames):
                learned = run.save(learner, taken, time.perf_counter() - began, metrics) or learned
                saved = taken
            now = time.perf_counter()
            if now - shown < EVENT_SECONDS and taken < frames:
                continue
            metrics = {
                **practice.scores.metrics(practice.executive.counters.options),
                **learned,
                "frames_per_second": (taken - before) / (now - start),
                "planning_share": (practice.executive.counters.planning_seconds - planned) / (now - start),
            }
            shown = now
            yield TrainingEvent(taken, frames, now - began, metrics)
    finally:
        run.save(learner, taken, time.perf_counter() - began, metrics)


def _require_practice(practice: Practice, rollout: Rollout) -> None:
    """There is nothing to learn from worlds that nobody has a plan for; most likely that is a mistake."""
    if not rollout.valid.any():
        said = next((event.text for thread in practice.executive.threads for event in thread.events[-1:]), "")
        raise DomainError(f"nothing to practise, in no world is there a plan: {said}")
