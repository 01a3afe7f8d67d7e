"""Larger worlds are what they are said to be, are played, and their results are written down."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import ceiling, generalisation
from benchmarks.generalisation import Player, parcels, play, play_all, record
from benchmarks.larger import page, worlds
from benchmarks.larger.worlds import SIDES, WORLDS, LargerWorlds, choose_worlds
from neurosym.errors import UnknownNameError
from tests.domains.minigrid.play import snapshots

SCRIPTED = Player(scripted=True)
SMALLEST = "LockedAway-2x2"
WIDEST = 57  # that a belief holds
PAGE = Path(__file__).parents[2] / "docs" / "generalisation.md"


def begin(world: str, seed: int) -> Any:
    env = LargerWorlds().make_env(world)
    env.reset(seed=seed)
    return env.unwrapped


def things(env: Any, kind: str) -> list[tuple[int, int]]:
    return [
        (x, y)
        for x in range(env.width)
        for y in range(env.height)
        if env.grid.get(x, y) is not None and env.grid.get(x, y).type == kind
    ]


def timeless(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if "seconds" not in key and "ms" not in key}


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_fits_and_can_be_solved(name: str) -> None:
    for seed in range(3):
        env = begin(name, seed)
        assert max(env.width, env.height) <= WIDEST
        (level,) = ceiling.levels_of(snapshots.snapshot(env))
        assert not ceiling.is_proven_unsolvable(level)


def test_no_larger_rooms_would_fit() -> None:
    assert max(SIDES) * worlds.ROOM_SIZE + 1 > WIDEST


@pytest.mark.parametrize("side", [2, 3, 6])
def test_the_ball_is_locked_away_and_its_key_is_not(side: int) -> None:
    for seed in range(20):
        env = begin(f"LockedAway-{side}x{side}", seed)
        locked = env.locked_room
        (ball,) = things(env, "ball")
        doors = [env.grid.get(*place) for place in things(env, "door")]
        (colour,) = (door.color for door in doors if door.is_locked)
        (key,) = (place for place in things(env, "key") if env.grid.get(*place).color == colour)
        assert locked.pos_inside(*ball)
        assert not locked.pos_inside(*key)
        assert not locked.pos_inside(*env.agent_pos)
        assert len(things(env, "key") + things(env, "box")) == 1 + side * side // 2
        assert env.mission == f"pick up the {env.grid.get(*ball).color} ball"


def test_there_are_as_many_rooms_as_said() -> None:
    for name, world in WORLDS.items():
        env = begin(name, 0)
        assert world.rooms == (len(env.rooms) if hasattr(env, "rooms") else env.num_rows * env.num_cols)


def test_parcels_hold_every_seed_once() -> None:
    some = choose_worlds(["KeyCorridor-S3R10", SMALLEST])
    for world in some:
        seeds = [seed for name, part in parcels(some, range(7, 20)) if name == world.name for seed in part]
        assert seeds == list(range(7, 20))
    with pytest.raises(UnknownNameError):
        choose_worlds(["LockedAway-2x3"])


def test_figures_do_not_depend_on_the_number_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = range(1_000_000, 1_000_006)
    monkeypatch.setattr(generalisation, "PARCEL", 2)
    together = play_all(SCRIPTED, choose_worlds([SMALLEST]), seeds, jobs=2)[SMALLEST]
    apart = [
        played
        for start in (1_000_004, 1_000_000, 1_000_002)
        for played in play(SCRIPTED, SMALLEST, range(start, start + 2))
    ]
    assert timeless(together) == timeless(record(WORLDS[SMALLEST], apart))
    assert together["success_rate"] > 0.5


def result_with_a_failure() -> dict[str, Any]:
    (solved,) = play(SCRIPTED, SMALLEST, range(1_000_000, 1_000_001))
    failure = replace(solved.result, success=False, cause="time_limit")
    lost = solved._replace(result=failure, note="step 9, failed: it went wrong")
    return {
        "command": "python -m benchmarks.generalisation",
        "commit": "0123456789abcdef-dirty",
        "player": "somebody",
        "seed": 1_000_000,
        "worlds": {
            SMALLEST: record(WORLDS[SMALLEST], [solved, lost]),
            "LockedAway-3x3": record(WORLDS["LockedAway-3x3"], [solved]),
            "MultiRoom-N12-S10": record(WORLDS["MultiRoom-N12-S10"], [solved]),
        },
    }


def test_failures_are_told() -> None:
    result = result_with_a_failure()
    assert result["worlds"][SMALLEST]["success_rate"] == 0.5
    assert result["worlds"][SMALLEST]["failures"]["time_limit"] == 1
    assert "seed 1000000: time_limit after" in page.describe(result)
    assert "it went wrong" in page.describe(result)


def test_a_page_is_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="it comes with the extra `bench`")
    copy, result = tmp_path / "page.md", result_with_a_failure()
    copy.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    page.update_page(copy, result)
    text = copy.read_text(encoding="utf-8")
    worlds_part, rooms_part = text.split("<!-- begin rooms -->")
    assert "| MultiRoom-N12-S10 | 12 | 1.00 |" in worlds_part
    assert "| LockedAway-2x2 | 4 | 0.50 |" in rooms_part
    assert "time limit 1 |" in rooms_part
    assert "2x2" not in worlds_part
    assert "1 or 2 episodes of each" in text
    assert "commit 0123456789-dirty" in text
    plot = (tmp_path / page.PLOT).read_text()
    assert plot.startswith("<?xml")
    page.update_page(copy, result)
    assert (tmp_path / page.PLOT).read_text() == plot, "the same figures make the same file"


def test_a_page_without_places_is_refused(tmp_path: Path) -> None:
    result = result_with_a_failure()
    result["worlds"] = {"MultiRoom-N12-S10": result["worlds"]["MultiRoom-N12-S10"]}
    (tmp_path / "page.md").write_text("nothing")
    with pytest.raises(ValueError, match="begin worlds"):
        page.update_page(tmp_path / "page.md", result)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, again = tmp_path / "new" / "out.json", tmp_path / "again.json"
    words = ["--controller", "scripted", "--episodes", "1", "--only", SMALLEST, "--jobs", "1"]
    generalisation.main([*words, "--out", str(out)])
    result = json.loads(out.read_text())
    assert result["player"] == "the scripted controller"
    assert result["worlds"][SMALLEST]["episodes"] == 1
    generalisation.main(["--results", str(out), "--out", str(again)])
    assert json.loads(again.read_text()) == result
    first, second = capsys.readouterr().out.strip().split("\nworld ")
    assert first == f"world {second}".strip()


def test_options_that_do_not_go_together() -> None:
    for words in (["--episodes", "0"], ["--jobs", "0"], ["--controller", "scripted", "--agent", "here"]):
        with pytest.raises(SystemExit):
            generalisation.read_options(words)
