from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import pytest

from benchmarks import bot
from neurosym.evaluation import EpisodeResult
from neurosym.seeds import EVALUATION_SEED
from neurosym.suite import Block


def test_the_bot_solves_what_it_is_for() -> None:
    played = bot.play(Block("BabyAI-GoToLocal-v0", (EVALUATION_SEED, EVALUATION_SEED + 1)))
    assert [(one.seed, one.success) for one in played] == [
        (EVALUATION_SEED, True),
        (EVALUATION_SEED + 1, True),
    ]
    assert all(one.steps > 0 and one.total > 0 for one in played)


def test_an_exception_is_a_failure_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    (played,) = bot.play(Block("BabyAI-KeyInBox-v0", (EVALUATION_SEED,)))
    assert not played.success
    assert bot.why(played) == "AssertionError"
    assert not caplog.records
    assert not logging.getLogger("neurosym.evaluation").disabled


def test_a_level_that_is_never_made_costs_its_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.generators, "LEVEL_SECONDS", 0.5)
    start = time.process_time()
    stuck, next_one = bot.play(Block("BabyAI-SynthS5R2-v0", (1_000_436, EVALUATION_SEED)))
    assert bot.why(stuck) == "UnavailableTaskError"
    assert next_one.success
    assert time.process_time() - start < 10


def episode(seed: int, success: bool, error: str = "") -> EpisodeResult:
    return EpisodeResult("a", seed, success, 4 + 2 * seed, float(success), "", error, 0, 0, 0.0, 0.1)


def test_a_record_counts_failures_by_name() -> None:
    episodes = [episode(0, True), episode(1, False), episode(2, False, "KeyError('x')")]
    assert bot.record_of("a", episodes) == {
        "task": "a",
        "episodes": 3,
        "success_rate": 1 / 3,
        "mean_steps": 6.0,
        "failures": {"KeyError": 1, "unsolved": 1},
        "seeds": [0, 1, 2],
        "successes": [1, 0, 0],
        "steps": [4, 6, 8],
    }


def test_it_writes_what_it_measured(tmp_path: Path) -> None:
    out = tmp_path / "bot.json"
    bot.main(["BabyAI-GoToRedBall-v0", "--episodes", "2", "--out", str(out)])
    record = json.loads(out.read_text())
    assert set(record) == {"tasks", "minigrid", "version", "commit", "command"}
    assert record["command"].startswith("python -m benchmarks.bot BabyAI-GoToRedBall-v0 --episodes 2")
    assert record["tasks"][0]["seeds"] == [EVALUATION_SEED, EVALUATION_SEED + 1]
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["MiniGrid-Empty-5x5-v0"], "not MiniGrid-Empty-5x5-v0"),
        (["--episodes", "0"], "must be at least 1"),
        (["--out", "nowhere/at/all.json"], "no such folder"),
    ],
)
def test_bad_usage(
    words: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        bot.main(["--out", str(tmp_path / "bot.json"), *words])
    assert left.value.code == 2
    assert complaint in capsys.readouterr().err


def test_it_plays_all_of_babyai() -> None:
    assert len(bot.tasks_of_the_bot()) == 96
