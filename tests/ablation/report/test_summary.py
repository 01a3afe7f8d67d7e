"""The numbers of a report come from the cells that are there, and it says which are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neurosym.ablation.report.summary import summarise_cells
from neurosym.ablation.statistics import interquartile_mean
from neurosym.errors import NeurosymError
from tests.ablation.made_up import FACTS, METHODS, TASKS, fail, make_cell, make_cells


def test_aggregates_are_of_the_last_success_rates() -> None:
    cells = make_cells(seeds=5)
    summary = summarise_cells(cells, FACTS)
    scores = np.reshape([cell.curve[-1].success for cell in cells if cell.key.method == "flat"], (2, 5)).T
    assert summary.aggregates["flat"].iqm.value == pytest.approx(interquartile_mean(scores))
    assert summary.warnings == ()
    assert summary.absent == ()


def test_few_seeds_are_warned_of() -> None:
    (warning,) = summarise_cells(make_cells(seeds=4), FACTS).warnings
    assert warning.startswith("Fewer than 5 seeds: some method has 4 on some task, or")


def test_unlike_code_and_errors_are_warned_of() -> None:
    cells = [replace(cell, made={"commit": "abc" if cell.key.seed else "def"}) for cell in make_cells()]
    broken = replace(cells[0].episodes[0], error="ValueError('no')")
    cells[0] = replace(cells[0], episodes=(broken, *cells[0].episodes[1:]))
    errors, code = summarise_cells(cells, FACTS).warnings
    assert code == "Not all cells were made by the same code: commit differs (32 with abc, 8 with def)."
    assert errors == (
        "full on Corridor-S3: 1 of 200 last episodes were ended by an error and count as failures; the first is "
        "ValueError('no')"
    )


def test_a_lost_cell_is_listed_and_takes_its_seed_from_the_aggregates_only() -> None:
    cells = make_cells(seeds=6)
    cells[0] = fail(cells[0], "no planner here")
    del cells[7]
    summary = summarise_cells(cells, FACTS)
    assert [(str(each.key.folder), each.reason) for each in summary.absent] == [
        ("cells/full/Corridor-S3/seed-0", "no planner here"),
        ("cells/full/Rooms-N6/seed-1", "not run"),
    ]
    assert summary.aggregates["full"].runs == 4
    assert summary.aggregates["flat"].runs == 6
    assert len(summary.runs["Rooms-N6", "full"].cells) == 5
    assert any("2 of 48 cells" in warning for warning in summary.warnings)


def test_a_method_that_fails_on_a_task_has_no_aggregate() -> None:
    cells = [
        fail(cell, "broken") if (cell.key.method, cell.key.task) == ("full", TASKS[0]) else cell
        for cell in make_cells()
    ]
    summary = summarise_cells(cells, FACTS)
    assert "full" not in summary.aggregates
    assert summary.comparisons["full"].gain is None
    assert any("for full" in warning for warning in summary.warnings)


def test_nothing_but_failures_is_still_a_report() -> None:
    summary = summarise_cells([fail(cell, "broken") for cell in make_cells(seeds=1)], FACTS)
    assert len(summary.absent) == 8
    assert "nothing to compare" in summary.warnings[0]


def test_the_facts_order_the_methods_and_name_the_subject() -> None:
    cells = sorted(make_cells(), key=lambda cell: cell.key)
    summary = summarise_cells(cells, FACTS)
    assert summary.methods == tuple(METHODS)
    assert summary.subject == "full"
    assert summarise_cells(cells, replace(FACTS, subject="scripted")).subject == "scripted"
    assert summarise_cells(cells, replace(FACTS, subject="flat")).subject == "full"


def test_failures_are_shares_of_all_last_episodes() -> None:
    runs = summarise_cells(make_cells(), FACTS).runs["Corridor-S3", "flat"]
    failed = [not episode.success for cell in runs.cells for episode in cell.episodes]
    assert sum(runs.failures.values()) == pytest.approx(np.mean(failed))


def test_what_cannot_be_summed_up_is_told_in_a_line() -> None:
    with pytest.raises(NeurosymError, match="no cells"):
        summarise_cells([], FACTS)
    with pytest.raises(NeurosymError, match="no cell is of the baseline flat; there are full"):
        summarise_cells([make_cell("full", TASKS[0], 0)], FACTS)
