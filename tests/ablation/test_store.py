"""Cells are there as a whole or not at all; a folder holds one study and has one writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosym.ablation.attempt import Player, Progress, attempt, how_it_goes
from neurosym.ablation.grid import split
from neurosym.ablation.records import CellRecord, Spent, add_up
from neurosym.ablation.store import Store, find_cell, read_cells, read_settings, runs_of
from neurosym.errors import NeurosymError
from tests.ablation import players
from tests.ablation.engines.conftest import order

SETTINGS = {"frames": 1000}


def keep(store: Store, seed: int, player: Player = players.play) -> CellRecord:
    folder = store.begin(order(seed))
    attempt(player, order(seed), folder)
    return store.settle(order(seed), folder, "")


def test_a_cell_is_kept_with_its_files(tmp_path: Path) -> None:
    with Store(tmp_path / "out", SETTINGS, {"note": "well"}) as store:
        cell = keep(store, 1)
        assert find_cell(store.folder, order(1)) == cell
        assert find_cell(store.folder, order(0)) is None
    assert read_cells(tmp_path / "out") == [cell]
    assert (tmp_path / "out" / cell.key.folder / cell.replays[0]).read_text() == str(cell.key)
    assert read_settings(tmp_path / "out") == {"settings": SETTINGS, "note": "well"}


def test_what_was_run_is_listed_once(tmp_path: Path) -> None:
    first, second = {"command": "a", "commit": None}, {"command": "b", "commit": None}
    assert runs_of(tmp_path / "none", first) == [first]
    for run in (first, second, first):
        with Store(tmp_path / "out", SETTINGS, {"runs": runs_of(tmp_path / "out", run)}):
            pass
    assert runs_of(tmp_path / "out", second) == [first, second]


def test_a_cell_that_failed_makes_way(tmp_path: Path) -> None:
    with Store(tmp_path / "out", SETTINGS, {}) as store:
        keep(store, 0, players.refuse)
        assert split(store.folder, [order(0)]) == ([], [order(0)])
        cell = keep(store, 0)
        assert split(store.folder, [order(0), order(1)]) == ([cell], [order(1)])


def test_nothing_left_behind_is_a_failed_cell(tmp_path: Path) -> None:
    with Store(tmp_path / "out", SETTINGS, {}) as store:
        cell = store.settle(order(), store.begin(order()), "its process ended")
    assert (cell.status, cell.reason) == ("failed", "its process ended")
    assert [one.reason for one in read_cells(tmp_path / "out")] == ["its process ended"]


def test_what_did_not_end_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "out" / "unfinished" / "x").mkdir(parents=True)
    (tmp_path / "out" / "study.json").write_text('{"settings": {"frames": 1000}}')
    with Store(tmp_path / "out", SETTINGS, {}):
        assert not (tmp_path / "out" / "unfinished").exists()


def test_one_writer(tmp_path: Path) -> None:
    with Store(tmp_path, SETTINGS, {}), pytest.raises(NeurosymError, match="another run is writing"):
        Store(tmp_path, SETTINGS, {})
    with Store(tmp_path, SETTINGS, {}):
        pass


def test_what_a_killed_write_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".study.json.4f8a").write_text("{")
    with Store(tmp_path, SETTINGS, {}) as store:
        assert keep(store, 0).status == "done"


def test_another_study(tmp_path: Path) -> None:
    with Store(tmp_path, SETTINGS, {}):
        pass
    with pytest.raises(NeurosymError, match=r"other frames \(1000, not 7\)"):
        Store(tmp_path, {"frames": 7}, {})


def test_a_cell_of_another_order(tmp_path: Path) -> None:
    with Store(tmp_path, SETTINGS, {}) as store:
        keep(store, 0)
        with pytest.raises(NeurosymError, match="made to another order"):
            find_cell(store.folder, order(0, episodes=7))


@pytest.mark.parametrize("text", ["", "[]", '{"settings": 3}'])
def test_a_study_file_of_something_else(tmp_path: Path, text: str) -> None:
    (tmp_path / "study.json").write_text(text)
    with pytest.raises(NeurosymError, match="does not say what this folder holds"):
        Store(tmp_path, SETTINGS, {})


def test_progress_is_told_about_once_a_second(tmp_path: Path) -> None:
    assert how_it_goes(tmp_path) == (0, "")
    progress = Progress(tmp_path)
    progress(5, "levels of Walk-v0")
    progress(6, "not yet")
    assert how_it_goes(tmp_path) == (5, "levels of Walk-v0")


def test_costs_are_added_up(tmp_path: Path) -> None:
    with Store(tmp_path, SETTINGS, {}) as store:
        cells = [keep(store, seed) for seed in range(2)]
    assert add_up(cell.spent for cell in cells) == Spent(2000, 800, 6, 0.5, 0, 6.0, 4.0)
    assert add_up([]) == Spent()
