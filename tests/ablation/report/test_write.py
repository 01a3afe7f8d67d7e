"""The files of a report, and reports made again from the cells' files."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from neurosym.ablation.report import write_report
from neurosym.ablation.store import read_cells
from neurosym.errors import NeurosymError
from tests.ablation.made_up import FACTS, make_cells, save


def test_a_report_made_again_is_the_same(tmp_path: Path) -> None:
    cells = make_cells(seeds=2)
    save(cells, tmp_path)
    first = write_report(cells, tmp_path, FACTS)
    assert first == tmp_path / "report.html"
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    write_report(read_cells(tmp_path), tmp_path, FACTS)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_every_figure_that_the_twin_shows_is_there(tmp_path: Path) -> None:
    cells = make_cells()
    save(cells, tmp_path)
    write_report(cells, tmp_path, FACTS)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\]\((figures/[^)]*)\)", text))
    assert shown == {f"figures/{path.name}" for path in (tmp_path / "figures").iterdir()}
    assert "**Over 2 tasks, full reaches 90 % success" in text
    assert FACTS.command in text
    assert "[1](cells/full/Corridor-S3/seed-0/replay-1000000.html)" in text


def test_replays_that_are_not_there_are_not_linked_to(tmp_path: Path) -> None:
    page = write_report(make_cells(), tmp_path, FACTS)
    for path in (page, tmp_path / "report.md"):
        assert "replay-1000000.html" not in path.read_text(encoding="utf-8"), path.name


def test_commands_are_told_where_there_was_more_than_one(tmp_path: Path) -> None:
    runs = [
        {"command": "neurosym ablate --seeds 2", "commit": "feedbeef", "version": "0.1.0"},
        {"command": FACTS.command, "commit": None, "version": FACTS.version},
    ]
    for told, facts in ((False, replace(FACTS, runs=runs[1:])), (True, replace(FACTS, runs=runs))):
        page = write_report(make_cells(), tmp_path, facts)
        for path in (page, tmp_path / "report.md"):
            assert ("feedbeef" in path.read_text(encoding="utf-8")) is told, path.name


def test_tables_are_plain_numbers(tmp_path: Path) -> None:
    write_report(make_cells(), tmp_path, FACTS)
    with (tmp_path / "tables" / "frames.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (flat,) = [row for row in rows if (row["task"], row["method"]) == ("Corridor-S3", "flat")]
    assert math.isinf(float(flat["to 90 %"]))
    assert float(flat["to 90 % budget"]) == 5e6
    assert (flat["to 90 % reached"], flat["to 90 % runs"]) == ("0", "5")
    for path in (tmp_path / "tables").iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            assert len({len(row) for row in csv.reader(file)}) == 1, path.name


def test_settings_that_differ_stand_apart_from_those_that_do_not(tmp_path: Path) -> None:
    cells = [
        replace(
            cell,
            settings={"changed": "nothing is learned"} if cell.key.method == "scripted" else cell.settings,
        )
        for cell in make_cells()
    ]
    write_report(cells, tmp_path, FACTS)
    differing, shared = (
        settings_in(tmp_path / "tables" / f"{name}.csv") for name in ("settings", "shared-settings")
    )
    assert set(differing) == {"changed", "plan"}, "what one method alone has is no setting that several share"
    assert (differing["plan"]["full"], differing["plan"]["flat"]) == ("true", "false")
    assert {name: row["value"] for name, row in shared.items()} == {
        "learner.hidden": "[64]",
        "learner.rate": "0.0003",
    }


def settings_in(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["setting"]: row for row in csv.DictReader(file)}


def test_both_forms_carry_the_warning(tmp_path: Path) -> None:
    page = write_report(make_cells(seeds=2), tmp_path, FACTS)
    for path in (page, tmp_path / "report.md"):
        assert "Fewer than 5 seeds" in path.read_text(encoding="utf-8"), path.name


def test_no_cells_are_told(tmp_path: Path) -> None:
    with pytest.raises(NeurosymError, match="no cell"):
        write_report(read_cells(tmp_path), tmp_path, FACTS)


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NeurosymError, match="cannot write"):
        write_report(make_cells(seeds=1), tmp_path / "file", FACTS)
