from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from neurosym.errors import CheckpointError, NeurosymError, UnavailableTaskError
from neurosym.evaluation import EpisodeResult
from neurosym.language import TranslatorChoice, Usage
from neurosym.suite import Absent, Block, Contest, cut, play_here, play_side_by_side, side_by_side
from tests.fakes import Walk, Walker
from tests.worlds import ALLEY_FOLDER, untaught


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> Contest:
    return Contest(ALLEY_FOLDER, untaught(tmp_path_factory.mktemp("weights")))


def test_blocks_hold_every_episode_once_task_after_task() -> None:
    blocks = cut(["a", "b"], range(10, 17), size=3)
    assert blocks[:3] == [Block("a", (10, 11, 12)), Block("a", (13, 14, 15)), Block("a", (16,))]
    assert [block.task for block in blocks] == ["a"] * 3 + ["b"] * 3


def test_what_is_done_is_in_no_block() -> None:
    done = {("a", 11), ("a", 12), ("b", 10), ("b", 11), ("b", 12), ("b", 13)}
    assert cut(["a", "b"], range(10, 14), done) == [Block("a", (10, 13))]


def test_a_task_that_cannot_start_does_not_stop_the_others() -> None:
    class Wet(Walk):
        def make_env(self, task_id: str, render: bool = False) -> Any:
            if task_id == "a":
                raise UnavailableTaskError("its floor is wet")
            return super().make_env(task_id, render)

    domain = Wet()
    news = list(play_here(Walker(), domain, cut(["a", "b"], range(2))))
    assert news[0] == Absent("a", "its floor is wet")
    assert [result.seed for result in news[1:] if isinstance(result, EpisodeResult)] == [0, 1]
    assert all(env.closed for env in domain.made)


def courses(news: Any) -> set[EpisodeResult]:
    """Episodes without what hangs on the clock and on what a process remembers."""
    return {
        replace(one, seconds=0.0, planning_seconds=0.0, plan_cache_hits=0) for one in news if one is not None
    }


def test_episodes_are_the_same_side_by_side(contest: Contest) -> None:
    blocks = cut(["Alley-v0", "Alley-Open-v0"], range(6), size=2)
    apart = courses(play_side_by_side(contest, blocks, 2))
    assert apart == courses(play_here(*contest.enter(), blocks[::-1]))
    assert len(apart) == 12


def test_a_sloppy_model_makes_no_difference_in_whatever_process(contest: Contest) -> None:
    sloppy = replace(contest, translator=TranslatorChoice("scripted", "sloppy"))
    blocks = cut(["Alley-v0"], range(4), size=2)
    apart = list(play_side_by_side(sloppy, blocks, 2))
    assert {replace(one, translator=Usage()) for one in courses(apart)} == courses(
        play_here(*contest.enter(), blocks)
    )
    assert sum(one.translator.calls for one in apart if isinstance(one, EpisodeResult)) > 0


def test_an_absent_task_is_told_from_the_other_process(contest: Contest) -> None:
    news = [one for one in play_side_by_side(contest, [Block("Alley-Lost-v0", (0,))], 1) if one]
    assert news == [Absent("Alley-Lost-v0", "Alley-Lost-v0 cannot start: nobody knows where it lies")]


def test_an_agent_that_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint here"):
        list(play_side_by_side(Contest(ALLEY_FOLDER, tmp_path), [Block("Alley-v0", (0,))], 1))


def test_a_process_that_dies_is_an_error_in_one_line() -> None:
    with pytest.raises(NeurosymError, match="exit code 3"):
        list(side_by_side([partial(os._exit, 3)], 1))
