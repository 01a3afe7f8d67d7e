"""Training a table: one world, and every step teaches all subgoals met of late."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neurosym.curriculum import Curriculum
from neurosym.domain import Domain, TrainingWorlds
from neurosym.errors import DomainError
from neurosym.executive import Executive
from neurosym.options.features import Features
from neurosym.options.qtable import QTable, load_table, save_table
from neurosym.training.config import TrainingConfig
from neurosym.training.events import EVENT_SECONDS, Order, Scores, TrainingEvent, make_levels

__all__ = ["TablePractice", "train_table"]

ALL = np.ones(1, dtype=np.bool_)
STUCK = 1000  # steps in a row without a plan, in the first of which there was none either


class TablePractice:
    """One world, an executive and a table that learns.

    Args:
        worlds: a batch of one.
        episode_limit: primitive steps after which an episode is cut, if its task does not cut it before.

    Attributes:
        episodes: task, steps, return and success of each episode that is over.
    """

    def __init__(
        self,
        domain: Domain,
        worlds: TrainingWorlds,
        table: QTable,
        tasks: Sequence[str],
        seed: int,
        episode_limit: int,
    ) -> None:
        self.worlds, self.table, self.episode_limit = worlds, table, episode_limit
        table.learning, table.epsilon = True, table.config.epsilon
        self.executive = Executive(domain, 1, foresight=table)
        self.rng = np.random.default_rng(seed)
        self.idle_actions = np.array(domain.idle_actions)
        self.scores, self.curriculum = Scores(), Curriculum(tasks, seed)
        self.episodes: list[tuple[str, int, float, bool]] = []
        self._goals: OrderedDict[bytes, NDArray[np.int32]] = OrderedDict()
        self._described: dict[bytes, NDArray[np.int32]] = {}
        self._steps, self._total, self._without_plan = 0, 0.0, 0
        self._begin()

    def step(self) -> None:
        """Take one primitive step, and learn from it.

        Raises:
            DomainError: there is no plan, and there never was.
        """
        told = bool(self.executive.subgoals.any())
        in_hand = self.executive.subgoals.tobytes()
        self._take_note(told)
        before = self._described
        action = self.table.act(Features(*self.executive.belief.features(self.executive.subgoals)), self.rng)
        if not told:
            action = self.rng.choice(self.idle_actions, size=1)
        reward, terminated, truncated = self.worlds.step(action)
        self._steps += 1
        self._total += float(reward[0])
        solved = bool(terminated[0] and reward[0] > 0)
        self.executive.update(action, self.worlds.observation())
        self._described = self._describe(self._goals)
        self._learn(before, action, in_hand if solved else b"", lost=bool(terminated[0]) and not solved)
        if terminated[0] or truncated[0] or self._steps >= self.episode_limit:
            self._end(solved)

    def _take_note(self, told: bool) -> None:
        """Remember the subgoal in hand among those that learn."""
        if not told:
            self._without_plan += 1
            if self._without_plan > STUCK and not self._goals:
                thread = self.executive.threads[0]
                said = next((event.text for event in thread.events[-1:]), "")
                raise DomainError(f"nothing to practise, there is no plan: {said}")
            return
        row = self.executive.subgoals.copy()
        goal = row.tobytes()
        if goal not in self._goals:
            self._goals[goal] = row
            self._described |= self._describe([goal])
        self._goals.move_to_end(goal)
        if len(self._goals) > self.table.config.goals:
            forgotten, _ = self._goals.popitem(last=False)
            self._described.pop(forgotten, None)

    def _describe(self, goals: Iterable[bytes]) -> dict[bytes, NDArray[np.int32]]:
        """The features of each of these subgoals whose option can begin now."""
        belief = self.executive.belief
        rows = {goal: self._goals[goal] for goal in goals}
        return {goal: belief.features(row)[0] for goal, row in rows.items() if belief.can_begin(row)[0]}

    def _learn(
        self, before: dict[bytes, NDArray[np.int32]], action: NDArray[np.int64], won: bytes, lost: bool
    ) -> None:
        """One transition for each subgoal, but only once for those that look the same to the controller.

        Args:
            won: the subgoal in hand if the episode ended well; empty otherwise.
            lost: whether it ended badly.
        """
        distinct = {sparse.tobytes(): goal for goal, sparse in before.items()}
        if not distinct:
            return
        if won in before:
            distinct[before[won].tobytes()] = won
        lessons = [self._lesson(goal, goal == won, lost) for goal in distinct.values()]
        reward, discount, following = zip(*lessons, strict=True)
        self.table.learn(
            _stacked([before[goal] for goal in distinct.values()]),
            np.repeat(action, len(lessons)),
            reward=np.array(reward),
            discount=np.array(discount),
            following=_stacked(following),
        )

    def _lesson(self, goal: bytes, won: bool, lost: bool) -> tuple[float, float, NDArray[np.int32]]:
        """What a step is worth to a subgoal: reward, discount, and the features of what follows.

        Where the episode ended well the subgoal in hand was brought about, whether that can be seen or not. An option
        that has left its initiation set goes on where another one that can begin looks the same, be it one that was
        forgotten since.
        """
        belief, gamma = self.executive.belief, self.table.config.gamma
        described, row = self._described, self._goals[goal]
        sparse = described[goal] if goal in described else belief.features(row)[0]
        if won or belief.achieved(row)[0]:
            return 1.0, 0.0, sparse
        if lost:
            return 0.0, 0.0, sparse
        if goal in described or self._goes_on(sparse):
            return 0.0, gamma, sparse
        return gamma ** (1.0 + self.table.config.interruption), 0.0, sparse

    def _goes_on(self, sparse: NDArray[np.int32]) -> bool:
        """Whether an option that can begin now looks like this, or one did that was learned from here."""
        looks = sparse.tobytes()
        return self.table.knows(sparse) or any(other.tobytes() == looks for other in self._described.values())

    def _end(self, solved: bool) -> None:
        task = self.worlds.task_of(0)
        self.episodes.append((task, self._steps, self._total, solved))
        self.scores.episodes[task].append(solved)
        self.curriculum.note(task, solved)
        self.worlds.start(np.zeros(1, dtype=np.int64), tasks=self.curriculum.draw(1))
        self._begin()

    def _begin(self) -> None:
        self._steps, self._total = 0, 0.0
        self.executive.begin(ALL, self.worlds.observation())
        self._described = self._describe(self._goals)


def _stacked(rows: Sequence[NDArray[np.int32]]) -> Features:
    sparse = np.concatenate(rows)
    return Features(sparse, np.zeros((len(sparse), 0), np.float32))


def train_table(order: Order, config: TrainingConfig) -> Generator[TrainingEvent, None, None]:
    """Train a domain's table; see `neurosym.training.train`. Levels, episode limit and snapshots are as configured."""
    domain, seed = order.domain, order.seed
    table, taken, seconds = _left_off(order)
    levels = yield from make_levels(domain, order.tasks, config.level_seeds(seed), order.frames)
    worlds = domain.training_worlds(levels, 1, seed + taken)
    practice = TablePractice(domain, worlds, table, order.tasks, seed + taken, config.episode_limit)
    meta = order.record(table=asdict(domain.table))
    order.open_folder(meta)
    began, start, shown = taken, time.perf_counter(), 0.0
    metrics: dict[str, float] = {}

    def save(*folders: Path) -> None:
        spent = round(seconds + time.perf_counter() - start, 1)
        for folder in folders:
            save_table(folder, table, {**meta, "frames": taken, "seconds": spent, "metrics": metrics})

    try:
        while taken < order.frames:
            practice.step()
            taken += 1
            if taken in config.snapshots:
                save(order.out / f"at-{taken}")
            now = time.perf_counter()
            if now - shown >= EVENT_SECONDS or taken == order.frames:
                metrics = _metrics(practice, taken - began, now - start)
                shown = now
                yield TrainingEvent(taken, order.frames, seconds + now - start, metrics)
    finally:
        save(order.out, order.out / "weights")


def _left_off(order: Order) -> tuple[QTable, int, float]:
    """The table, and the frames and seconds that lie behind."""
    if not order.resume:
        return QTable(order.domain.feature_spec, order.domain.table), 0, 0.0
    table, told = load_table(order.out, order.domain.feature_spec)
    return table, int(told["frames"]), float(told["seconds"])


def _metrics(practice: TablePractice, steps: int, seconds: float) -> dict[str, float]:
    counters = practice.executive.counters
    return {
        **practice.scores.metrics(counters.options),
        "states": float(len(practice.table)),
        "frames_per_second": steps / seconds,
        "planning_share": counters.planning_seconds / seconds,
    }
