"""The report's files: the page, its Markdown twin, the figures and the tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from neurosym.ablation.records import CellRecord
from neurosym.ablation.report.facts import ReportFacts
from neurosym.ablation.report.markdown import render_markdown
from neurosym.ablation.report.outline import Outline, make_outline
from neurosym.ablation.report.page import render_page
from neurosym.ablation.report.summary import Summary, summarise_cells
from neurosym.ablation.report.svg import file_of
from neurosym.ablation.report.table import Table, csv_rows
from neurosym.ablation.report.tables import make_tables, raw_tables
from neurosym.errors import NeurosymError
from neurosym.files import write_whole

__all__ = ["write_report"]


def write_report(cells: Sequence[CellRecord], folder: Path, facts: ReportFacts) -> Path:
    """Write `report.html`, `report.md`, `figures/*.svg` and `tables/*.csv` into the folder, over older ones.

    Args:
        cells: done and failed ones; tasks are shown in the order in which they first come.
        folder: the ablation's; links to replays are relative to it, and lead to those that are there.

    Returns:
        The page.

    Raises:
        NeurosymError: there is no cell, none of the baseline, or the folder may not be written.
    """
    summary = summarise_cells([_with_pages(cell, folder) for cell in cells], facts)
    outline = make_outline(summary)
    for name in ("figures", "tables"):
        _make_folder(folder / name)
    _write_figures(outline, folder / "figures")
    _write_tables(summary, folder / "tables")
    write_whole(folder / "report.md", render_markdown(outline).encode())
    return write_whole(folder / "report.html", render_page(outline).encode())


def _with_pages(cell: CellRecord, folder: Path) -> CellRecord:
    """With those replays that are there; records may travel without them."""
    there = tuple(name for name in cell.replays if (folder / cell.key.folder / name).is_file())
    return replace(cell, replays=there)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NeurosymError(f"cannot write {folder}: {error.strerror or error}") from error


def _write_figures(outline: Outline, folder: Path) -> None:
    for figure in outline.figures:
        write_whole(folder / f"{figure.name}.svg", file_of(figure.svg).encode())


def _write_tables(summary: Summary, folder: Path) -> None:
    for table in [*make_tables(summary).values(), *raw_tables(summary)]:
        write_whole(folder / f"{table.name}.csv", _as_csv(table).encode())


def _as_csv(table: Table) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(csv_rows(table))
    return text.getvalue()
