from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neurosym.cli.command import UsageError
from neurosym.cli.ledger import Ledger
from neurosym.evaluation import EpisodeResult

SETTINGS: dict[str, Any] = {"tasks": ["a", "b"], "episodes": 3, "weights": {"walk": "0123"}}
EPISODE = EpisodeResult("a", 7, False, 12, 0.1 + 0.2, "option", "", 3, 1, 0.125, 1.5)


def open_ledger(folder: Path, **others: Any) -> Ledger:
    return Ledger(folder, {**SETTINGS, **others}, "neurosym solve a b")


def fill(folder: Path, *episodes: EpisodeResult) -> None:
    with open_ledger(folder) as ledger:
        for episode in episodes:
            ledger.write(episode)


def test_episodes_are_there_again(tmp_path: Path) -> None:
    folder, other = tmp_path / "deep" / "run", replace(EPISODE, task="b", error="RuntimeError('ö')")
    fill(folder, EPISODE, other)
    with open_ledger(folder) as ledger:
        assert ledger.episodes == {("a", 7): EPISODE, ("b", 7): other}


def test_an_episode_is_on_disk_when_it_is_over(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.write(EPISODE)
        assert json.loads((tmp_path / "episodes.jsonl").read_text())["seed"] == 7


@pytest.mark.parametrize("bytes_lost", [1, 2, 40])
def test_a_line_that_was_cut_off_is_dropped(tmp_path: Path, bytes_lost: int) -> None:
    fill(tmp_path, EPISODE, replace(EPISODE, seed=8))
    path = tmp_path / "episodes.jsonl"
    path.write_bytes(path.read_bytes()[:-bytes_lost])
    with open_ledger(tmp_path) as ledger:
        assert list(ledger.episodes) == [("a", 7)]
        ledger.write(replace(EPISODE, seed=8))
    with open_ledger(tmp_path) as ledger:
        assert list(ledger.episodes) == [("a", 7), ("a", 8)]


def test_settings_tell_what_is_played_and_the_command(tmp_path: Path) -> None:
    fill(tmp_path)
    assert json.loads((tmp_path / "settings.json").read_text()) == {
        **SETTINGS,
        "command": "neurosym solve a b",
    }


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"episodes": 4}, "with other episodes (3, not 4)"),
        ({"weights": {"walk": "4567"}}, "with other weights"),
        ({"tasks": ["a"]}, "with other tasks"),
        ({"commit": "abc"}, "with other commit (null, not abc)"),
    ],
)
def test_another_run_is_refused(tmp_path: Path, others: dict[str, Any], words: str) -> None:
    fill(tmp_path, EPISODE)
    with pytest.raises(UsageError) as caught:
        open_ledger(tmp_path, **others)
    assert words in str(caught.value)
    assert "--out takes another folder" in str(caught.value)
    fill(tmp_path)  # it is not locked


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with open_ledger(tmp_path), pytest.raises(UsageError, match="another run is writing"):
        open_ledger(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "null", "{"])
def test_settings_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text)
    with pytest.raises(UsageError, match="does not say what this folder holds"):
        open_ledger(tmp_path)


def test_episodes_without_settings(tmp_path: Path) -> None:
    (tmp_path / "episodes.jsonl").write_text("")
    with pytest.raises(UsageError, match=r"no settings\.json"):
        open_ledger(tmp_path)


@pytest.mark.parametrize("line", ["[1]", "{}", "words", '{"task": "a"}'])
def test_a_line_that_is_no_episode(tmp_path: Path, line: str) -> None:
    fill(tmp_path, EPISODE)
    with (tmp_path / "episodes.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(UsageError, match="line 2: not an episode"):
        open_ledger(tmp_path)


def test_the_end_is_written_whole(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        path = ledger.finish({"tasks": []})
    assert json.loads(path.read_text()) == {"tasks": []}
