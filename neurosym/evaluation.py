"""Evaluation: unseen seeds, the environment's own verdict, what planning cost, what failures are blamed on.

An episode succeeded when its environment terminated with a reward above 0. Levels are drawn with seeds from
`EVALUATION_SEED` on; training stays below it, so no level is met twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from neurosym.errors import LanguageModelError, MissionError, PlanningError
from neurosym.language.chat import Usage
from neurosym.seeds import EVALUATION_SEED

__all__ = [
    "CAUSES",
    "RELIABLE",
    "Contestant",
    "EpisodeResult",
    "Stage",
    "SuiteResult",
    "Tally",
    "TaskResult",
    "Watch",
    "evaluate",
    "play_seeds",
    "run_episode",
    "sum_up",
    "summarise",
]

RELIABLE = 0.95  # the success rate from which on a task counts as solved
CAUSES = ("planner", "model", "translator", "option", "time_limit")

_log = logging.getLogger(__name__)


class Tally(Protocol):
    """What an agent counts over all its episodes."""

    @property
    def plans(self) -> int: ...
    @property
    def plan_cache_hits(self) -> int: ...
    @property
    def planning_seconds(self) -> float: ...


class Contestant(Protocol):
    """What is evaluated: it is handed observations and nothing else."""

    @property
    def counters(self) -> Tally: ...
    def reset(self, obs: Any, /) -> None: ...
    def act(self, obs: Any, /) -> int: ...
    def blame(self) -> str: ...


class Stage(Protocol):
    """What provides the environments: a domain."""

    def make_env(self, task_id: str, render: bool = False) -> Any: ...


class Watch(Protocol):
    """Who looks on without taking part, such as a recorder. Its hooks are called in this order."""

    def began(self, task: str, seed: int, mission: str) -> None: ...
    def decided(self, obs: Any, action: int) -> None: ...
    def rewarded(self, reward: float) -> None: ...
    def ended(self, obs: Any, success: bool, cause: str | None = None) -> Any: ...


@dataclass(frozen=True)
class EpisodeResult:
    """One episode.

    Attributes:
        total: the return, the sum of rewards.
        cause: what a failure is blamed on, one of CAUSES; empty after a success.
        error: the exception that ended the episode, in one line; empty when there was none.
        plans, plan_cache_hits: plans made and plans found in the cache, in this episode.
        planning_seconds, seconds: wall time of planning, and of the whole episode with its environment.
        translator: what the translator has cost in this episode; all zero for rules.
    """

    task: str
    seed: int
    success: bool
    steps: int
    total: float
    cause: str
    error: str
    plans: int
    plan_cache_hits: int
    planning_seconds: float
    seconds: float
    translator: Usage = field(default_factory=Usage, hash=False)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> EpisodeResult:
        """What `dataclasses.asdict` gave; TypeError if it is not that."""
        return cls(**{**record, "translator": Usage(**record.get("translator", {}))})


@dataclass(frozen=True)
class TaskResult:
    """All episodes of one task; `as_record` is what `neurosym solve --json` prints.

    Attributes:
        mean_steps, mean_return: over all episodes, successful or not.
        env_steps, plans, plan_cache_hits, planning_seconds, seconds, translator: sums over the episodes.
        failures: how many episodes each of CAUSES is blamed for.
        seeds: each episode's level seed.
    """

    task: str
    episodes: int
    success_rate: float
    mean_steps: float
    mean_return: float
    env_steps: int
    plans: int
    plan_cache_hits: int
    planning_seconds: float
    seconds: float
    failures: dict[str, int]
    seeds: tuple[int, ...]
    translator: Usage = field(default_factory=Usage, hash=False)

    def as_record(self) -> dict[str, Any]:
        return {**asdict(self), "seeds": list(self.seeds)}


@dataclass(frozen=True)
class SuiteResult:
    """All tasks together; `as_record` is the `summary` of `neurosym solve --json`.

    Attributes:
        mean_success: the mean of the tasks' success rates, each task counting the same.
        tasks_reliable: how many tasks have a success rate of RELIABLE or more.
        planning_ms_per_step, ms_per_step: wall time of planning, and of everything, for each of `env_steps`.
        failures: how many episodes each of CAUSES is blamed for.
        translator: what the translator has cost in all episodes.
    """

    tasks: int
    episodes: int
    mean_success: float
    tasks_reliable: int
    env_steps: int
    planning_ms_per_step: float
    ms_per_step: float
    failures: dict[str, int]
    translator: Usage = field(default_factory=Usage, hash=False)

    def as_record(self) -> dict[str, Any]:
        return asdict(self)


def evaluate(
    agent: Contestant,
    domain: Stage,
    task_ids: Sequence[str],
    episodes: int = 100,
    seed: int = EVALUATION_SEED,
    *,
    watch: Callable[[Any], Watch] | None = None,
) -> Iterator[EpisodeResult | TaskResult]:
    """Play each task on the seeds `seed`, `seed + 1`, …; yield each episode's result and each task's sum.

    Args:
        episodes: for each task, at least 1.
        watch: makes the onlooker for a task's environment, which is then made for drawing.

    Raises:
        ValueError: `episodes` is below 1.
        UnavailableTaskError: a task's environment cannot start here.
    """
    if episodes < 1:
        raise ValueError(f"episodes must be at least 1, got {episodes}")
    for task in task_ids:
        results: list[EpisodeResult] = []
        with closing(play_seeds(agent, domain, task, range(seed, seed + episodes), watch=watch)) as played:
            for result in played:
                results.append(result)
                yield result
        yield summarise(results)


def play_seeds(
    agent: Contestant,
    domain: Stage,
    task: str,
    seeds: Iterable[int],
    *,
    watch: Callable[[Any], Watch] | None = None,
) -> Generator[EpisodeResult, None, None]:
    """Play one task on the levels of these seeds, one after the other.

    Raises:
        UnavailableTaskError: the task's environment cannot start here.
    """
    env = domain.make_env(task, render=watch is not None)
    try:
        onlooker = watch(env) if watch else None
        for seed in seeds:
            yield run_episode(agent, env, task, seed, onlooker)
    finally:
        env.close()


@dataclass
class _Course:
    """How far an episode has come; read after it has ended, however it ended."""

    obs: Any = None
    steps: int = 0
    total: float = 0.0
    success: bool = False
    watched: bool = False


def run_episode(
    agent: Contestant, env: Any, task: str, seed: int, watch: Watch | None = None
) -> EpisodeResult:
    """Play one episode. An exception is a failure, logged and blamed on someone.

    Raises:
        LanguageModelError: the agent cannot do without an answer that is not there. That is no failure of the agent,
            and the next episode would fare no better.
    """
    before, spent = _read(agent.counters), _usage(agent)
    course, started = _Course(), time.perf_counter()
    error: Exception | None = None
    try:
        _play(agent, env, task, seed, watch, course)
    except LanguageModelError:
        raise
    except Exception as caught:
        _log.warning("%s, seed %d, step %d: %r", task, seed, course.steps, caught, exc_info=caught)
        error = caught
    seconds = time.perf_counter() - started
    cause = "" if course.success else _blame(agent, error)
    if watch and course.watched:
        _take_leave(watch, course, cause)
    plans, hits, planning = (now - then for now, then in zip(_read(agent.counters), before, strict=True))
    return EpisodeResult(
        task=task,
        seed=seed,
        success=course.success,
        steps=course.steps,
        total=course.total,
        cause=cause,
        error=" ".join(repr(error).split()) if error else "",
        plans=int(plans),
        plan_cache_hits=int(hits),
        planning_seconds=planning,
        seconds=seconds,
        translator=_usage(agent) - spent,
    )


def _play(agent: Contestant, env: Any, task: str, seed: int, watch: Watch | None, course: _Course) -> None:
    obs, _ = env.reset(seed=seed)
    agent.reset(obs)
    course.obs = obs
    if watch:
        watch.began(task, seed, _mission(agent, obs))
        course.watched = True
    terminated = truncated = False
    while not (terminated or truncated):
        action = int(agent.act(obs))
        if watch:
            watch.decided(obs, action)
        obs, reward, terminated, truncated, _ = env.step(action)
        course.obs, course.steps, course.total = obs, course.steps + 1, course.total + float(reward)
        course.success = bool(terminated) and reward > 0
        if watch:
            watch.rewarded(float(reward))


def _take_leave(watch: Watch, course: _Course, cause: str) -> None:
    try:
        watch.ended(course.obs, course.success, cause or None)
    except Exception as caught:
        _log.warning("the onlooker could not take down how the episode ended: %r", caught, exc_info=caught)


def _read(tally: Tally) -> tuple[int, int, float]:
    return tally.plans, tally.plan_cache_hits, tally.planning_seconds


def _usage(agent: Contestant) -> Usage:
    """What the agent's translator has cost so far; an agent without one has none."""
    return Usage() + getattr(agent, "usage", Usage())


def _blame(agent: Contestant, error: Exception | None) -> str:
    """What the agent itself blames, unless the exception knows better."""
    if isinstance(error, MissionError):
        return "translator"
    if isinstance(error, PlanningError):
        return "planner"
    try:
        cause = agent.blame()
    except Exception as caught:
        _log.warning("the agent could not tell what went wrong: %r", caught)
        return "model"
    return cause if cause in CAUSES else "model"


def _mission(agent: Contestant, obs: Any) -> str:
    """What the agent was asked for, by its own account or by the observation's."""
    said = obs.get("mission", "") if isinstance(obs, dict) else ""
    return str(getattr(agent, "mission", said))


def summarise(results: Sequence[EpisodeResult]) -> TaskResult:
    """The sum of one task's episodes, of which there is at least one."""
    count = len(results)
    return TaskResult(
        task=results[0].task,
        episodes=count,
        success_rate=sum(result.success for result in results) / count,
        mean_steps=sum(result.steps for result in results) / count,
        mean_return=sum(result.total for result in results) / count,
        env_steps=sum(result.steps for result in results),
        plans=sum(result.plans for result in results),
        plan_cache_hits=sum(result.plan_cache_hits for result in results),
        planning_seconds=sum(result.planning_seconds for result in results),
        seconds=sum(result.seconds for result in results),
        failures={cause: sum(result.cause == cause for result in results) for cause in CAUSES},
        seeds=tuple(result.seed for result in results),
        translator=sum((result.translator for result in results), Usage()),
    )


def sum_up(results: Sequence[TaskResult]) -> SuiteResult:
    """The sum of all tasks, of which there may be none."""
    steps = sum(result.env_steps for result in results)
    each_ms = 1000 / max(steps, 1)
    return SuiteResult(
        tasks=len(results),
        episodes=sum(result.episodes for result in results),
        mean_success=sum(result.success_rate for result in results) / max(len(results), 1),
        tasks_reliable=sum(result.success_rate >= RELIABLE for result in results),
        env_steps=steps,
        planning_ms_per_step=each_ms * sum(result.planning_seconds for result in results),
        ms_per_step=each_ms * sum(result.seconds for result in results),
        failures={cause: sum(result.failures[cause] for result in results) for cause in CAUSES},
        translator=sum((result.translator for result in results), Usage()),
    )
