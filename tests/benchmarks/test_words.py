from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import words
from neurosym.agent import Agent
from neurosym.options import HearingNetwork, save_checkpoint
from tests.worlds import ALLEY, alley, play, untaught

TRAINED = {"text": {"frames": 1_000_000, "command": "neurosym train", "commit": "def"}}


def cell(rate: float, episodes: int = 50, **others: Any) -> dict[str, Any]:
    return {
        "success_rate": rate,
        "mean_steps": 12.4,
        "episodes": episodes,
        "commit": "abc",
        "command": "x",
        **others,
    }


def page(**means: float) -> str:
    found = {
        tuple(name.split("_")): {task: cell(mean) for task in words.TASKS} for name, mean in means.items()
    }
    return "\n".join(words.lines_of(found, TRAINED))  # type: ignore[arg-type]


def test_the_page_says_what_words_cost_and_whether_they_matter():
    told = page(typed_right=1.0, text_right=0.99, text_scrambled=0.1, text_silent=0.98)
    assert "with words is -0.010 against typed arguments, within the 0.02 that words may cost." in told
    assert "With scrambled instructions success is 0.890 lower: the words matter." in told
    assert "With silent instructions success is 0.010 lower: the words are decoration." in told
    assert "| MiniGrid-DoorKey-8x8-v0 | 1.00 (12) | 0.99 (12) | 0.10 (12) | 0.98 (12) |" in told
    assert "| **mean** | **1.000** | **0.990** | **0.100** | **0.980** |" in told
    assert "- By `x`, commit `abc`." in told
    assert "- `text` is what 1,000,000 frames led to, by `neurosym train`, commit `def`." in told


def test_the_page_says_where_words_cost_too_much():
    assert "is -0.050 against typed arguments, beyond the 0.02" in page(typed_right=1.0, text_right=0.95)


def test_what_is_not_measured_yet_is_left_out():
    assert "with words is" not in page(text_right=0.95)
    part = "\n".join(words.lines_of({("text", "right"): {words.TASKS[0]: cell(1.0, 20)}}, {}))
    assert f"| {words.TASKS[1]} |  |" in part
    assert "| episodes each | 20 |" in part


def test_cells_are_played_once_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    played = []

    def pretend(domain: Any, weights: Path, saying: str, task: str, episodes: int) -> dict[str, Any]:
        played.append((weights, saying, task, episodes))
        return cell(0.5, episodes)

    monkeypatch.setattr(words, "play", pretend)
    counts = {"right": 5, "silent": 3}
    for _ in range(2):
        words.measure({"text": Path("a")}, tmp_path, ["right", "silent"], counts, {"command": "x"})
    assert len(played) == 2 * len(words.TASKS)
    assert {entry[1::2] for entry in played} == {("right", 5), ("silent", 3)}
    found = words.read(tmp_path)
    assert list(found) == [("text", "right"), ("text", "silent")]
    assert found["text", "silent"][words.TASKS[3]]["episodes"] == 3
    assert json.loads(next(tmp_path.glob("*.json")).read_text())["command"] == "x"


@pytest.mark.parametrize("saying", words.SAYINGS)
def test_every_episode_is_counted_once(tmp_path: Path, saying: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(words, "SIDE_BY_SIDE", 3)
    save_checkpoint(tmp_path, HearingNetwork(ALLEY.hearing, (8,), seed=0))
    record = words.play(ALLEY, tmp_path, saying, "Alley-Open-v0", 7)
    assert record["episodes"] == 7
    assert 0 <= record["success_rate"] <= 1
    assert 1 <= record["mean_steps"] <= alley.STEP_LIMIT


def test_a_typed_controller_does_the_same_whatever_is_said(tmp_path: Path):
    records = [words.play(ALLEY, untaught(tmp_path), saying, "Alley-v0", 5) for saying in words.SAYINGS]
    assert records == [records[0]] * len(records)


def test_what_is_said_reaches_the_agent():
    level = alley.draw("..b.#.o", "ring the bell, then fetch the coin", coin=2)
    said = [
        play(Agent(ALLEY, ALLEY.scripted_controller(), translator=words.translator_of(ALLEY, saying)), level)
        for saying in words.SAYINGS
    ]
    assert all(course.actions == said[0].actions for course in said)
    assert all(np.all(course.ended) for course in said)
    right, scrambled, silent, wrong = (course.instructions for course in said)
    assert set(silent) == {""}
    assert not set(right) & set(scrambled) or scrambled != right
    assert wrong != right
