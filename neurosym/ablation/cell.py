"""Playing a cell: one method learns one task with one seed, and is judged on levels it has never seen.

What comes of it depends on the order alone, wherever and whenever it is played. A cell that was interrupted is played
again from its beginning.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neurosym.ablation.made import made_with
from neurosym.ablation.methods import METHODS, Contender, Method, Trial
from neurosym.ablation.records import CellOrder, CellRecord, CurvePoint, Spent
from neurosym.domain import Domain, load_domain
from neurosym.errors import NeurosymError, UnknownNameError
from neurosym.evaluation import EpisodeResult, play_seeds, summarise
from neurosym.options.config import PPOConfig
from neurosym.seeds import EVALUATION_SEED
from neurosym.training import TrainingConfig

__all__ = ["FLAT_REWARD_SCALE", "FLAT_STEPS", "MANY_FRAMES", "Progress", "play_cell"]

Progress = Callable[[int, str], None]

# Far fewer than `train` takes by itself, for more updates in fewer frames, and twice the entropy, since one task alone
# has to be found by chance; measured, see docs/ablation-methods.md.
WORLDS, MINIBATCH, ENTROPY = 32, 256, 0.02
# Of a rollout of flat methods: with the 32 of plan-guided ones they settle on doing nothing more often. Where frames
# are few, so long a rollout is a large share of them: there they practise in as few worlds as stable-baselines3 and
# go over each rollout more often, more carefully, and without taking a value's errors for rewards. Where frames are
# many, so few worlds are worse. The one reward of an episode has to stand out from those errors too. Measured too.
FLAT_STEPS, FLAT_REWARD_SCALE, MANY_FRAMES = 128, 10.0, 1_000_000
FEW_WORLDS = 8
FEW = {"epochs": 10, "learning_rate": 1e-3, "least_deviation": 0.15}
SPACING = 2**0.5  # of points, so that frames to a level are as exact after 10,000 frames as after 10,000,000
REPLAYS = "replays"


def _keep_quiet(frames: int, text: str) -> None:
    """For callers who do not want to know."""


def play_cell(
    order: CellOrder, folder: Path, progress: Progress = _keep_quiet, method: Method | None = None
) -> CellRecord:
    """Play a cell; what is kept of it beside the record is put into `folder`, made if missing.

    Points of the curve lie where whole rollouts end, as near as may be to where they should; the first one is always
    played.

    Args:
        progress: told now and then how many frames were learned from, and what goes on.
        method: what the order's method is; the one of that name in `METHODS`, if None.

    Returns:
        The record; with the status "failed" where the method, or the task, cannot be run here.

    Raises:
        ValueError: the order asks for no point or no episode, or for levels that are used for learning.
    """
    if order.points < 1 or order.episodes < 1 or order.curve_episodes < 1:
        raise ValueError(f"a cell needs at least one point and one episode, got {order}")
    if order.first_seed < EVALUATION_SEED:
        raise ValueError(
            f"seeds below {EVALUATION_SEED} are for learning, got {order.first_seed} for evaluation"
        )
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / REPLAYS, ignore_errors=True)  # of an attempt that was interrupted
    try:
        if method is None and order.key.method not in METHODS:
            raise UnknownNameError("method", order.key.method, METHODS)
        return _Cell(order, folder, progress, method or METHODS[order.key.method]).play()
    except (NeurosymError, ImportError) as error:
        return CellRecord(order, "failed", reason=" ".join(str(error).split()))


def _sizes(worlds: int = WORLDS, **ppo: Any) -> dict[str, Any]:
    return {"worlds": worlds, "ppo": PPOConfig(minibatch=MINIBATCH, entropy_coefficient=ENTROPY, **ppo)}


def _flat_sizes(frames: int) -> dict[str, Any]:
    """Those of a flat method that learns from so many frames in all."""
    sizes = _sizes() if frames >= MANY_FRAMES else _sizes(FEW_WORLDS, **FEW)
    return {"steps": FLAT_STEPS, "reward_scale": FLAT_REWARD_SCALE, **sizes}


def _require_play(episodes: Sequence[EpisodeResult]) -> None:
    """A method that raises in every episode has no success rate."""
    if all(one.error for one in episodes):
        raise NeurosymError(
            f"every one of the last episodes ended by an error, the first by {episodes[0].error}"
        )


@dataclass
class _Cell:
    """A cell that is being played."""

    order: CellOrder
    folder: Path
    progress: Progress
    method: Method
    spent: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("learning", "plans", "planning"), 0.0)
    )
    played: list[EpisodeResult] = field(default_factory=list)

    def play(self) -> CellRecord:
        began = time.perf_counter()
        order, domain = self.order, load_domain(self.order.domain)
        contender = self.method.make(self._trial(domain))
        curve: dict[int, CurvePoint] = {}
        episodes: list[EpisodeResult] = []
        points = self._points()
        for frames in points:
            last = frames == points[-1]
            self._learn(contender, frames)
            if last or contender.frames not in curve:  # something was learned since
                episodes = self._judge(contender, order.episodes if last else order.curve_episodes)
                curve[contender.frames] = self._point(contender.frames, episodes)
        _require_play(episodes)
        replays = self._record(contender, episodes)
        return CellRecord(
            order,
            "done",
            curve=tuple(curve.values()),
            episodes=tuple(episodes),
            spent=self._sum(contender, time.perf_counter() - began),
            replays=replays,
            settings={"changed": self.method.changed, **contender.settings},
            made=made_with(domain),
        )

    def _points(self) -> Sequence[int]:
        """After how many frames the method is judged."""
        if not self.method.learned:
            return [0]
        frames, points = self.order.frames, self.order.points
        return [round(frames * SPACING ** (k - points)) for k in range(1, points + 1)]

    def _trial(self, domain: Domain) -> Trial:
        key = self.order.key
        frames = self.order.part_of or self.order.frames
        sizes = _flat_sizes(frames) if self.method.budget == "flat" else _sizes()
        config = TrainingConfig(**{**sizes, **domain.training})
        return Trial(domain, key.task, key.seed, frames, config, lambda: self._make_levels(domain, config))

    def _make_levels(self, domain: Domain, config: TrainingConfig) -> Any:
        key = self.order.key
        with closing(domain.training_levels((key.task,), config.level_seeds(key.seed))) as making:
            while True:
                try:
                    done, total, what = next(making)
                except StopIteration as finished:
                    return finished.value
                self.progress(0, f"levels of {what}: {done} of {total}")

    def _learn(self, contender: Contender, frames: int) -> None:
        start = time.perf_counter()
        contender.learn(frames)
        self.spent["learning"] += time.perf_counter() - start
        self.progress(contender.frames, "learned")

    def _judge(self, contender: Contender, episodes: int) -> list[EpisodeResult]:
        seeds = range(self.order.first_seed, self.order.first_seed + episodes)
        results = []
        agent = contender.agent()
        for result in play_seeds(agent, agent.domain, self.order.key.task, seeds):
            results.append(result)
            self.progress(contender.frames, f"judged on {len(results)} of {episodes} levels")
        self.played += results
        return results

    def _point(self, frames: int, episodes: Sequence[EpisodeResult]) -> CurvePoint:
        told = summarise(episodes)
        return CurvePoint(
            frames,
            told.success_rate,
            told.mean_return,
            told.mean_steps,
            len(episodes),
            self.spent["learning"],
        )

    def _record(self, contender: Contender, episodes: Sequence[EpisodeResult]) -> tuple[str, ...]:
        """Replay pages of the first success and the first failure."""
        from neurosym.replay import Recorder, repeat_episode

        told = []
        for success, name in ((True, "success"), (False, "failure")):
            episode = next((one for one in episodes if one.success is success and not one.error), None)
            if episode is not None:
                key = self.order.key
                recorder = Recorder(
                    f"{key.method} on {key.task}, seed {key.seed}", {"level": str(episode.seed)}
                )
                agent = contender.agent()
                repeat_episode(agent, agent.domain, episode, recorder)
                (self.folder / REPLAYS).mkdir(exist_ok=True)
                told.append(f"{REPLAYS}/{name}.html")
                recorder.save(self.folder / told[-1])
        return tuple(told)

    def _sum(self, contender: Contender, seconds: float) -> Spent:
        return Spent(
            frames=contender.frames,
            evaluation_frames=sum(result.steps for result in self.played),
            plans=contender.plans + sum(result.plans for result in self.played),
            planning_seconds=contender.planning_seconds + sum(one.planning_seconds for one in self.played),
            model_calls=sum(one.translator.calls for one in self.played),
            seconds=seconds,
            learning_seconds=self.spent["learning"],
        )
