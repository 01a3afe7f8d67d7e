"""Levels that other seeds make again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import repeated
from benchmarks.ceiling import DOMAIN
from neurosym.seeds import EVALUATION_SEED

JUDGED = range(EVALUATION_SEED, EVALUATION_SEED + 12)


def seen(task: str, seed: int) -> bytes:
    """What `minigrid` itself shows of a level: everything but what boxes hold."""
    env = DOMAIN.make_env(task)
    obs, _ = env.reset(seed=seed)
    inner = env.unwrapped
    return repr((inner.grid.encode().tobytes(), inner.agent_pos, inner.agent_dir, obs["mission"])).encode()


def test_a_task_with_one_level_repeats_it() -> None:
    assert repeated.compare("MiniGrid-Empty-5x5-v0", range(3), JUDGED) == {
        "different": 1,
        "repeated_seeds": list(JUDGED),
    }


@pytest.mark.parametrize(
    "task", ["MiniGrid-DoorKey-5x5-v0", "MiniGrid-RedBlueDoors-6x6-v0", "BabyAI-GoToObj-v0"]
)
def test_it_agrees_with_what_minigrid_shows(task: str) -> None:
    practised = {seen(task, seed) for seed in range(60)}
    found = repeated.compare(task, range(60), JUDGED)
    assert found["different"] == len(practised)
    assert found["repeated_seeds"] == [seed for seed in JUDGED if seen(task, seed) in practised]


def test_levels_differ_by_what_is_hidden_and_by_what_is_asked() -> None:
    (level,) = repeated.levels_by_seed("MiniGrid-KeyCorridorS3R1-v0", range(1))[0].values()
    same = level._replace(tiles=level.tiles.copy())
    other = level.tiles.copy()
    other[1, 1] ^= 1
    assert repeated.fingerprint(same) == repeated.fingerprint(level)
    changed = (
        level._replace(tiles=other),
        level._replace(marks=np.zeros_like(level.marks)),
        level._replace(places=((1, 1),)),
    )
    assert len({repeated.fingerprint(each) for each in (level, *changed)}) == 4


def test_success_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = "MiniGrid-Empty-5x5-v0"
    episodes = [{"task": task, "seed": seed, "success": seed % 2 == 0} for seed in JUDGED]
    (tmp_path / "episodes.jsonl").write_text("".join(json.dumps(each) + "\n" for each in episodes))
    out = tmp_path / "found.json"
    few = ["--tasks", task, "--levels", "2", "--episodes", "12", "--jobs", "1"]
    repeated.main([*few, "--played", str(tmp_path), "--out", str(out)])
    found = json.loads(out.read_text())
    assert found["apart"]["practised"] == {"episodes": 12, "success": 0.5, "tasks": 1, "mean_success": 0.5}
    assert found["apart"]["others"]["episodes"] == 0
    assert "practised: 0.5000 of 12 episodes" in capsys.readouterr().out


def test_a_folder_without_episodes_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ["--tasks", "MiniGrid-Empty-5x5-v0", "--levels", "1", "--episodes", "1", "--jobs", "1"]
    with pytest.raises(SystemExit):
        repeated.main([*few, "--played", str(tmp_path)])
    assert "episodes.jsonl: No such file" in capsys.readouterr().err
