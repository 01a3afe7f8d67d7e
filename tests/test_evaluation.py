from __future__ import annotations

import json
import logging
from dataclasses import asdict
from typing import Any

import pytest

from neurosym.errors import EngineError, LanguageModelError, MissionError
from neurosym.evaluation import (
    CAUSES,
    EpisodeResult,
    TaskResult,
    evaluate,
    play_seeds,
    run_episode,
    sum_up,
    summarise,
)
from neurosym.language import Usage
from neurosym.seeds import EVALUATION_SEED
from tests.fakes import LIMIT, Corridor, Walk, Walker

RECORD_KEYS = {
    "task",
    "episodes",
    "success_rate",
    "mean_steps",
    "mean_return",
    "env_steps",
    "plans",
    "plan_cache_hits",
    "planning_seconds",
    "seconds",
    "failures",
    "seeds",
    "translator",
}


def play(agent: Walker, seed: int = 0) -> EpisodeResult:
    return run_episode(agent, Corridor(), "corridor", seed)


def test_success_is_an_end_that_was_paid() -> None:
    result = play(Walker(), seed=3)
    assert result.success
    assert result.steps == 4
    assert result.total == 0.5
    assert result.cause == ""


def test_an_unpaid_end_is_a_failure() -> None:
    result = play(Walker(policy=lambda obs: 2))
    assert not result.success
    assert result.steps == 1
    assert result.cause == "option"


def test_running_out_of_time_is_a_failure() -> None:
    result = play(Walker(policy=lambda obs: 0, cause="time_limit"))
    assert not result.success
    assert result.steps == LIMIT
    assert result.cause == "time_limit"


def test_pay_at_the_time_limit_alone_is_no_success() -> None:
    class Wages(Corridor):
        def step(self, action: int) -> Any:
            obs, _, _, truncated, info = super().step(0)
            return obs, 1.0, False, truncated, info

    assert not run_episode(Walker(), Wages(), "wages", 0).success


def test_the_agent_is_shown_each_observation_and_nothing_else() -> None:
    agent = Walker()
    play(agent, seed=2)
    assert [int(obs["image"][0]) for obs in agent.seen] == [3, 3, 2, 1]
    assert {key for obs in agent.seen for key in obs} == {"image", "mission"}


def raise_it(error: BaseException) -> Any:
    def policy(obs: Any) -> int:
        raise error

    return policy


@pytest.mark.parametrize(
    ("error", "said", "cause"),
    [
        (RuntimeError("two\nlines"), "option", "option"),
        (RuntimeError(), "nonsense", "model"),
        (MissionError("what?"), "option", "translator"),
        (EngineError("no such engine"), "option", "planner"),
    ],
)
def test_an_exception_is_a_failure_with_a_cause(
    error: Exception, said: str, cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        result = play(Walker(policy=raise_it(error), cause=said))
    assert not result.success
    assert result.cause == cause
    assert type(error).__name__ in result.error
    assert "\n" not in result.error
    assert "corridor, seed 0, step 0" in caplog.text


def test_an_agent_that_cannot_even_blame() -> None:
    class Mute(Walker):
        def blame(self) -> str:
            raise ValueError

    assert play(Mute(policy=lambda obs: 2)).cause == "model"


def test_a_broken_environment_is_a_failure_too() -> None:
    class Broken(Corridor):
        def reset(self, **_: Any) -> Any:
            raise RecursionError("no level could be drawn")

    result = run_episode(Walker(), Broken(), "broken", 0)
    assert not result.success
    assert result.steps == 0
    assert "no level could be drawn" in result.error


def test_an_interrupt_is_not_swallowed() -> None:
    with pytest.raises(KeyboardInterrupt):
        play(Walker(policy=raise_it(KeyboardInterrupt())))


def test_counters_are_read_as_differences() -> None:
    agent = Walker()
    first, second = play(agent, seed=0), play(agent, seed=4)
    assert (first.plans, first.plan_cache_hits, first.planning_seconds) == (1, 1, 0.25)
    assert (second.plans, second.plan_cache_hits, second.planning_seconds) == (1, 5, 0.25)


def test_evaluate_sums_up_each_task() -> None:
    domain = Walk()
    results = list(evaluate(Walker(), domain, ["a", "b"], episodes=5))
    assert [type(result) for result in results] == ([EpisodeResult] * 5 + [TaskResult]) * 2
    summary = results[5]
    assert isinstance(summary, TaskResult)
    assert summary.task == "a"
    assert summary.seeds == tuple(range(EVALUATION_SEED, EVALUATION_SEED + 5))
    assert summary.success_rate == 1.0
    assert summary.mean_steps == 3.0
    assert summary.env_steps == 15
    assert summary.mean_return == 0.5
    assert summary.plans == 5
    assert summary.plan_cache_hits == 15
    assert summary.planning_seconds == pytest.approx(1.25)
    assert summary.failures == dict.fromkeys(CAUSES, 0)
    assert all(env.closed for env in domain.made)


def test_failures_are_counted_by_cause() -> None:
    lazy = Walker(policy=lambda obs: 0 if obs["image"][0] > 3 else 1)
    summary = list(evaluate(lazy, Walk(), ["a"], episodes=5, seed=0))[-1]
    assert isinstance(summary, TaskResult)
    assert summary.success_rate == pytest.approx(0.6)
    assert summary.failures == {**dict.fromkeys(CAUSES, 0), "option": 2}


def test_the_record_has_the_documented_keys() -> None:
    record = summarise([play(Walker())]).as_record()
    assert set(record) == RECORD_KEYS
    assert set(record["failures"]) == set(CAUSES)
    assert record["seeds"] == [0]


def test_no_episodes_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        next(evaluate(Walker(), Walk(), ["a"], episodes=0))


class Diary:
    def __init__(self, env: Any) -> None:
        self.env = env
        self.pages: list[Any] = []

    def began(self, task: str, seed: int, mission: str) -> None:
        self.pages.append(("began", task, seed, mission))

    def decided(self, obs: Any, action: int) -> None:
        self.pages.append(("decided", action))

    def rewarded(self, reward: float) -> None:
        self.pages.append(("rewarded", reward))

    def ended(self, obs: Any, success: bool, cause: str | None = None) -> None:
        self.pages.append(("ended", success, cause))


def test_an_onlooker_is_told_everything_in_order() -> None:
    domain, diaries = Walk(), []

    def watch(env: Any) -> Diary:
        diaries.append(Diary(env))
        return diaries[-1]

    list(evaluate(Walker(), domain, ["a"], episodes=1, seed=1, watch=watch))
    assert domain.made[0].render_mode == "rgb_array"
    assert diaries[0].pages == [
        ("began", "a", 1, "walk to the end"),
        ("decided", 1),
        ("rewarded", 0.0),
        ("decided", 1),
        ("rewarded", 0.5),
        ("ended", True, None),
    ]


def test_an_onlooker_that_fails_at_the_end_harms_nothing() -> None:
    class Torn(Diary):
        def ended(self, obs: Any, success: bool, cause: str | None = None) -> None:
            raise OSError

    assert run_episode(Walker(), Corridor(), "a", 0, Torn(None)).success


def test_seeds_are_played_in_the_order_given() -> None:
    domain = Walk()
    assert [one.seed for one in play_seeds(Walker(), domain, "a", [7, 2, 9])] == [7, 2, 9]
    assert len(domain.made) == 1
    assert domain.made[0].closed


def test_the_environment_is_closed_when_nobody_wants_more() -> None:
    domain = Walk()
    played = evaluate(Walker(), domain, ["a"], episodes=5)
    next(played)
    played.close()  # type: ignore[attr-defined]
    assert domain.made[0].closed


def test_a_suite_is_summed_up_task_by_task() -> None:
    lazy = Walker(policy=lambda obs: 0 if obs["image"][0] > 3 else 1)
    results = [summarise([run_episode(lazy, Corridor(), task, seed) for seed in range(5)]) for task in "ab"]
    results.append(summarise([run_episode(Walker(), Corridor(), "c", 0)]))
    total = sum_up(results)
    assert (total.tasks, total.episodes) == (3, 11)
    assert total.mean_success == pytest.approx((0.6 + 0.6 + 1.0) / 3), "each task counts the same"
    assert total.tasks_reliable == 1
    assert total.env_steps == 2 * (1 + 2 + 3 + LIMIT + LIMIT) + 1
    assert total.planning_ms_per_step == pytest.approx(1000 * 0.25 * 11 / total.env_steps)
    assert total.ms_per_step * total.env_steps == pytest.approx(1000 * sum(one.seconds for one in results))
    assert total.failures == {**dict.fromkeys(CAUSES, 0), "option": 4}


def test_an_empty_suite_has_sums_too() -> None:
    assert sum_up([]).as_record() == {
        "tasks": 0,
        "episodes": 0,
        "mean_success": 0.0,
        "tasks_reliable": 0,
        "env_steps": 0,
        "planning_ms_per_step": 0.0,
        "ms_per_step": 0.0,
        "failures": dict.fromkeys(CAUSES, 0),
        "translator": asdict(Usage()),
    }


class Talker(Walker):
    """A walker whose translator asks a model twice in each episode."""

    def __init__(self) -> None:
        super().__init__()
        self.usage = Usage(calls=100)

    def reset(self, obs: Any) -> None:
        super().reset(obs)
        self.usage.calls += 2
        self.usage.repairs += 1


def test_each_episode_knows_what_its_translator_cost() -> None:
    agent = Talker()
    first, second = play(agent), play(agent)
    assert first.translator == second.translator == Usage(calls=2, repairs=1)
    both = summarise([first, second])
    assert both.translator == Usage(calls=4, repairs=2)
    assert sum_up([both, both]).translator == Usage(calls=8, repairs=4)
    assert both.as_record()["translator"]["calls"] == 4


def test_an_agent_without_a_translator_has_none_to_pay() -> None:
    assert play(Walker()).translator == Usage()


def test_an_episode_can_be_read_from_its_record() -> None:
    result = play(Talker())
    assert EpisodeResult.from_record(json.loads(json.dumps(asdict(result)))) == result
    old = asdict(result)
    del old["translator"]
    assert EpisodeResult.from_record(old).translator == Usage()
    with pytest.raises(TypeError):
        EpisodeResult.from_record({"task": "a"})


def test_an_answer_that_is_not_there_is_no_failure_of_the_agent() -> None:
    def ask(obs: Any) -> int:
        raise LanguageModelError("offline")

    with pytest.raises(LanguageModelError, match="offline"):
        play(Walker(policy=ask))
