"""Plan-guided training: the executive says what is to be done, the learner improves how. A generator of events."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.agent import Executive, Outcome
from neurosym.domain import Domain, TrainingWorlds
from neurosym.errors import CheckpointError
from neurosym.options import (
    Checkpoint,
    Learner,
    NetworkController,
    OptionNetwork,
    PayRule,
    PPOConfig,
    Rollout,
    TrainingState,
    load_checkpoint,
    save_checkpoint,
)

__all__ = ["TrainingConfig", "TrainingEvent", "train"]

RECENT_EPISODES = 64  # of each task, over which success rates are taken
EVENT_SECONDS = 1.0


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of a training run.

    Attributes:
        worlds: N, stepped side by side; measured here: beyond 512 an update needs more frames, not less time.
        steps: T, primitive steps of each world between two updates.
        hidden: widths of the network's layers.
        levels: different levels for each task.
        episode_limit: primitive steps after which a practice episode is cut, if its task does not cut it before.
        gamma, kappa: see `PayRule`.
        checkpoint_seconds: how often the run is saved.
    """

    worlds: int = 512
    steps: int = 32
    hidden: tuple[int, ...] = (192, 128)
    levels: int = 1000
    episode_limit: int = 300
    gamma: float = 0.98
    kappa: float = 0.5
    checkpoint_seconds: float = 60.0
    ppo: PPOConfig = field(default_factory=PPOConfig)


@dataclass(frozen=True)
class TrainingEvent:
    """How a run stands.

    Attributes:
        frames: primitive steps taken, all worlds together.
        total_frames: when the run will be done.
        seconds: of training, resumed runs included; making levels is not counted.
        metrics: success_rate (of recent episodes, mean over tasks), option_success_rate, planning_share (of the
            time), frames_per_second, the learner's own, and `success/TASK` for each task.
        status: what is going on before training starts, such as "levels 3/13"; empty while training.
    """

    frames: int
    total_frames: int
    seconds: float
    metrics: dict[str, float] = field(default_factory=dict)
    status: str = ""


@dataclass
class _Scores:
    """Successes of recent episodes, by task, and outcomes of recent options."""

    episodes: dict[str, deque[bool]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=RECENT_EPISODES)))
    options: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def metrics(self, outcomes: Counter[tuple[str, bool]]) -> dict[str, float]:
        """The rates; `outcomes` counts options since the run began, of which the new ones are taken."""
        rates = {f"success/{task}": float(np.mean(scores)) for task, scores in sorted(self.episodes.items())}
        fresh = outcomes - self.options
        self.options = outcomes.copy()
        achieved = sum(count for (_, good), count in fresh.items() if good)
        return {
            "success_rate": float(np.mean(list(rates.values()))) if rates else 0.0,
            "option_success_rate": achieved / max(1, fresh.total()),
            **rates,
        }


class _Practice:
    """Worlds, an executive and a policy, filling rollouts."""

    def __init__(self, domain: Domain, worlds: TrainingWorlds, network: OptionNetwork, config: TrainingConfig, seed: int):
        self.worlds, self.config = worlds, config
        self.executive = Executive(domain, config.worlds)
        self.controller = NetworkController(network)
        self.rule = PayRule(config.gamma, config.kappa)
        self.rollout = Rollout(domain.feature_spec, config.steps, config.worlds)
        self.rng = np.random.default_rng(seed)
        self.idle_actions = np.array(domain.idle_actions, dtype=np.int64)
        self.age = np.zeros(config.worlds, dtype=np.int64)
        self.scores = _Scores()
        self.executive.begin(np.ones(config.worlds, dtype=np.bool_), worlds.observation())

    def fill(self) -> Rollout:
        """One rollout of T steps."""
        for t in range(self.config.steps):
            self._step(t)
        self.rollout.close(self._values(None))
        return self.rollout

    def _values(self, which: NDArray[np.int64] | None) -> NDArray[np.float32]:
        return self.controller.network.evaluate(self.executive.features(which))[1]

    def _step(self, t: int) -> None:
        features = self.executive.features()
        actions, log_probs, values = self.controller.act_with_values(features, self.rng)
        instructed = self.executive.subgoals.any(axis=1)
        idle = np.flatnonzero(~instructed)
        actions[idle] = self.rng.choice(self.idle_actions, size=len(idle))
        self.rollout.decide(t, features, actions, log_probs, values)
        ended, timed_out = self.worlds.step(actions)
        outcome = self.executive.update(actions, self.worlds.observation())
        self.age += 1
        self._settle(t, outcome, ended.astype(np.bool_), timed_out | (self.age >= self.config.episode_limit), instructed)

    def _settle(
        self,
        t: int,
        outcome: Outcome,
        ended: NDArray[np.bool_],
        timed_out: NDArray[np.bool_],
        instructed: NDArray[np.bool_],
    ) -> None:
        """Pay the step, and begin new episodes where old ones are over."""
        failed = ended & ~outcome.finished
        truncated = timed_out & ~outcome.finished & ~failed
        value_final = np.zeros(len(ended), dtype=np.float32)
        cut = np.flatnonzero(truncated)
        if len(cut):
            value_final[cut] = self._values(cut)
        reward, discount = self.rule.pay(outcome.fresh, outcome.finished, failed, truncated, value_final)
        self.rollout.pay(t, reward, discount, instructed)
        over = outcome.finished | failed | truncated
        indices = np.flatnonzero(over)
        for n in indices:
            self.scores.episodes[self.worlds.task_of(int(n))].append(bool(outcome.finished[n]))
        if len(indices):
            self.worlds.start(indices)
            self.age[indices] = 0
            self.executive.begin(over, self.worlds.observation())


class _Run:
    """The folder of a run: config.json and the checkpoint."""

    def __init__(self, out: Path, domain: Domain, tasks: Sequence[str], config: TrainingConfig, seed: int) -> None:
        self.checkpoint = out
        self.meta: dict[str, Any] = {"domain": domain.name, "tasks": list(tasks), "seed": seed, "config": asdict(config)}
        out.mkdir(parents=True, exist_ok=True)
        (out / "config.json").write_text(json.dumps(self.meta, indent=1) + "\n")

    def save(self, learner: Learner, frames: int, seconds: float, metrics: dict[str, float]) -> None:
        state = learner.state()
        facts = {**state.facts, "frames": frames, "seconds": seconds}
        meta = {**self.meta, "frames": frames, "seconds": round(seconds, 1), "metrics": metrics}
        save_checkpoint(self.checkpoint, learner.network, TrainingState(state.tensors, facts), meta)


def train(
    domain: Domain,
    tasks: Sequence[str] = (),
    *,
    frames: int,
    out: Path | str,
    resume: bool = False,
    seed: int = 0,
    config: TrainingConfig | None = None,
) -> Iterator[TrainingEvent]:
    """Train one network for all options of a domain; yields about once a second, and when all is done.

    Closing the generator saves the run first. A resumed run goes on with its weights and its learner's state; its
    worlds start afresh.

    Args:
        tasks: ids to practise on; the domain's own choice if empty.
        frames: primitive steps in all, those before a resume included.
        out: the run's folder.

    Raises:
        CheckpointError: `resume`, and there is nothing in `out` that can be resumed.
    """
    config = config or TrainingConfig()
    out, tasks = Path(out), tuple(tasks) or domain.training_tasks
    torch.set_num_threads(1)  # two threads hinder each other as soon as anything else runs
    saved = load_checkpoint(out, domain.feature_spec) if resume else None
    make: Callable[[int, int], TrainingWorlds] | None = None
    for done, total, make in domain.training_worlds(tasks, config.levels, seed * config.levels):
        yield TrainingEvent(0, frames, 0.0, status=f"levels {done}/{total}")
    assert make is not None, "training_worlds ends with how to make the worlds"
    learner, taken, seconds = _learner(domain, config, seed, saved)
    run = _Run(out, domain, tasks, config, seed)
    practice = _Practice(domain, make(config.worlds, seed + taken), learner.network, config, seed + taken)
    yield from _learn(practice, learner, run, frames, taken, seconds)


def _learner(
    domain: Domain, config: TrainingConfig, seed: int, saved: Checkpoint | None
) -> tuple[Learner, int, float]:
    """A learner at its start, or where it was left, with the frames and seconds behind it."""
    if saved is None:
        return Learner(OptionNetwork(domain.feature_spec, config.hidden, seed), config.ppo, seed), 0, 0.0
    if saved.training is None:
        raise CheckpointError("this checkpoint holds weights alone, without what is needed to train on")
    learner = Learner(saved.network, config.ppo, seed)
    learner.load_state(replace(saved.training))
    facts = saved.training.facts
    return learner, int(facts["frames"]), float(facts["seconds"])


def _learn(
    practice: _Practice, learner: Learner, run: _Run, frames: int, taken: int, seconds: float
) -> Iterator[TrainingEvent]:
    """Rollout and update in turn until `frames` are taken."""
    began, before = time.perf_counter() - seconds, taken
    start, shown, saved = time.perf_counter(), 0.0, time.perf_counter()
    metrics: dict[str, float] = {}
    try:
        while taken < frames:
            learned = learner.update(practice.fill(), min(1.0, taken / frames))
            taken += practice.rollout.reward.size
            now = time.perf_counter()
            if now - shown < EVENT_SECONDS and taken < frames:
                continue
            metrics = {
                **practice.scores.metrics(practice.executive.counters.options),
                **learned,
                "frames_per_second": (taken - before) / (now - start),
                "planning_share": practice.executive.counters.planning_seconds / (now - start),
            }
            shown = now
            if now - saved > practice.config.checkpoint_seconds:
                run.save(learner, taken, now - began, metrics)
                saved = now
            yield TrainingEvent(taken, frames, now - began, metrics)
    finally:
        run.save(learner, taken, time.perf_counter() - began, metrics)
