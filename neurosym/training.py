"""Plan-guided training: the executive says what is to be done, the learner improves how. A generator of events."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.curriculum import Curriculum
from neurosym.domain import Domain, TrainingWorlds
from neurosym.errors import CheckpointError, DomainError
from neurosym.executive import Executive, Outcome
from neurosym.options import (
    Checkpoint,
    NetworkController,
    OptionNetwork,
    ParallelLearner,
    PayRule,
    PPOConfig,
    Rollout,
    TrainingState,
    find_device,
    load_checkpoint,
    save_checkpoint,
)
from neurosym.planning import EmbeddedPlanner, PlanCache
from neurosym.table_training import practise_with_table
from neurosym.training_events import EVENT_SECONDS, Scores, TrainingEvent, make_levels

__all__ = ["TrainingConfig", "TrainingEvent", "train"]

LEVEL_SEEDS = 1_000_000  # those from here on are kept for evaluation


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of a training run.

    Attributes:
        worlds: N, stepped side by side; measured here: beyond 512 an update needs more frames, not less time.
        steps: T, primitive steps of each world between two updates.
        hidden: widths of the network's layers.
        levels: seeds of levels for each task; at least 1, and no more than there are for training. Some seeds make the
            same level.
        episode_limit: primitive steps after which a practice episode is cut, if its task does not cut it before.
        gamma, kappa: see `PayRule`.
        planning_effort: of the planner while practising, see `EmbeddedPlanner`; less than when it counts, since plans
            that are a little longer give as much practice.
        snapshots: frames after which the weights are kept as they are then, in `at-FRAMES`, to see how results grow.
        checkpoint_frames: how often the run is saved. Counted in frames and not in seconds: saving waits for the
            learner, so that other weights act next, and a run should depend on its seed alone.

    Raises:
        ValueError: the number of levels is out of range.
    """

    worlds: int = 512
    steps: int = 32
    hidden: tuple[int, ...] = (256, 128)
    levels: int = 1000
    episode_limit: int = 300
    gamma: float = 0.98
    kappa: float = 0.5
    planning_effort: int = 10_000
    snapshots: tuple[int, ...] = ()
    checkpoint_frames: int = 500_000
    ppo: PPOConfig = field(default_factory=PPOConfig)

    def __post_init__(self) -> None:
        if not 1 <= self.levels <= LEVEL_SEEDS:
            raise ValueError(f"levels must lie between 1 and {LEVEL_SEEDS}, got {self.levels}")

    def level_seeds(self, seed: int) -> range:
        """As many level seeds in a row; runs of different seeds share none while there are enough."""
        first = seed * self.levels % (LEVEL_SEEDS - self.levels + 1)
        return range(first, first + self.levels)


class _Practice:
    """Worlds, an executive and a policy, filling rollouts."""

    def __init__(
        self,
        domain: Domain,
        worlds: TrainingWorlds,
        network: OptionNetwork,
        config: TrainingConfig,
        tasks: Sequence[str],
        seed: int,
    ):
        self.worlds, self.config = worlds, config
        planner = PlanCache(EmbeddedPlanner(effort=config.planning_effort), canonical=False)
        self.executive = Executive(domain, config.worlds, planner, by_costs=False)  # a detour is practice too
        self.controller = NetworkController(network)
        self.rule = PayRule(config.gamma, config.kappa)
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
        instructed: NDArray[np.bool_] = np.any(self.executive.subgoals, axis=1)
        idle = np.flatnonzero(~instructed)
        actions[idle] = self.rng.choice(self.idle_actions, size=len(idle))
        rollout.decide(t, features, actions, log_probs, values)
        reward, terminated, truncated = self.worlds.step(actions)
        outcome = self.executive.update(actions, self.worlds.observation())
        self.age += 1
        truncated = truncated | (self.age >= self.config.episode_limit)
        solved = terminated & (reward > 0)
        rollout.pay(t, *self._settle(outcome, solved, terminated & ~solved, truncated), instructed)

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
        failed = ~solved & (lost | ~np.any(self.executive.subgoals, axis=1))
        truncated = truncated & ~solved & ~failed
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


class _Run:
    """The folder of a run: config.json, the checkpoint, and in `weights` all an agent needs, fit to be shipped."""

    def __init__(self, out: Path, meta: dict[str, Any], snapshots: Sequence[int]) -> None:
        self.out, self.meta = out, meta
        self._snapshots = deque(sorted(snapshots))
        out.mkdir(parents=True, exist_ok=True)
        (out / "config.json").write_text(json.dumps(self.meta, indent=1) + "\n")

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


def train(
    domain: Domain,
    tasks: Sequence[str] = (),
    *,
    frames: int,
    out: Path | str,
    resume: bool = False,
    seed: int = 0,
    config: TrainingConfig | None = None,
    device: str = "cpu",
    provenance: Mapping[str, Any] | None = None,
) -> Iterator[TrainingEvent]:
    """Train a domain's network, or its table, for all options; yields about once a second, and when all is done.

    Closing the generator saves the run first. A resumed run goes on with its weights and its learner's state; its
    worlds start afresh.

    Args:
        tasks: ids to practise on; the domain's own choice if empty.
        frames: primitive steps in all, those before a resume included.
        out: the run's folder.
        device: where the learner works, by torch's name for it: "cpu", "cuda", "cuda:1". Acting stays on the CPU.
        provenance: what is to be recorded with the weights, such as the command and the commit.

    Raises:
        CheckpointError: `resume`, and there is nothing in `out` that can be resumed.
        DeviceError: there is no such device here.
        DomainError: there is no plan in any of the worlds, and so nothing to practise.
    """
    find_device(device)  # before levels are made for nothing
    config = config or TrainingConfig(**domain.training)
    out, tasks = Path(out), tuple(tasks) or domain.training_tasks
    if domain.learner == "table":
        seeds = config.level_seeds(seed)
        yield from practise_with_table(
            domain, tasks, seeds, frames, out, resume, seed, config.episode_limit, provenance
        )
        return
    torch.set_num_threads(1)  # two threads hinder each other as soon as anything else runs
    saved = load_checkpoint(out, domain.feature_spec) if resume else None
    taken, seconds, state = _left_off(saved)
    levels = yield from make_levels(domain, tasks, config.level_seeds(seed), frames)
    network = saved.network if saved else OptionNetwork(domain.feature_spec, config.hidden, seed)
    settings = {"domain": domain.name, "tasks": list(tasks), "seed": seed, "device": device}
    meta = {**settings, "config": asdict(config), "total_frames": frames, **(provenance or {})}
    run = _Run(out, meta, [count for count in config.snapshots if count > taken])
    worlds = domain.training_worlds(levels, config.worlds, seed + taken)
    practice = _Practice(domain, worlds, network, config, tasks, seed + taken)
    sizes = {"steps": config.steps, "worlds": config.worlds}
    with ParallelLearner(network, config.ppo, seed, state=state, device=device, **sizes) as learner:
        yield from _learn(practice, learner, run, frames, taken, seconds)


def _left_off(saved: Checkpoint | None) -> tuple[int, float, TrainingState | None]:
    """Frames and seconds that lie behind, and the learner's state."""
    if saved is None:
        return 0, 0.0, None
    if saved.training is None:
        raise CheckpointError("this checkpoint holds weights alone, without what is needed to train on")
    facts = saved.training.facts
    return int(facts["frames"]), float(facts["seconds"]), saved.training


def _learn(
    practice: _Practice, learner: ParallelLearner, run: _Run, frames: int, taken: int, seconds: float
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


def _require_practice(practice: _Practice, rollout: Rollout) -> None:
    """There is nothing to learn from worlds that nobody has a plan for; most likely that is a mistake."""
    if not rollout.valid.any():
        said = next((event.text for thread in practice.executive.threads for event in thread.events[-1:]), "")
        raise DomainError(f"nothing to practise, in no world is there a plan: {said}")
