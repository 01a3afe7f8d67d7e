"""A table: one model, told as text for people and as plain numbers for CSV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from neurosym.ablation.milestones import Milestone, Ratio
from neurosym.ablation.report import wording
from neurosym.ablation.statistics import Estimate

__all__ = ["Column", "Links", "Table", "csv_rows", "say_cell"]


class Links(NamedTuple):
    """Files beside the report, as paths relative to it."""

    paths: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A head and how its cells are said, one of SAID."""

    head: str
    kind: str = "text"


@dataclass(frozen=True)
class Table:
    """A table; `name` is its file's, `title` its caption, `note` how to read it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""


SAID: dict[str, Callable[[Any], str]] = {
    "text": str,
    "count": wording.say_count,
    "frames": wording.say_frames,
    "seconds": wording.say_seconds,
    "share": wording.say_share,
    "percent": wording.say_percent,
    "estimate": wording.say_estimate,
    "gain": lambda estimate: wording.say_estimate(estimate, "signed"),
    "milestone": wording.say_milestone,
    "ratio": wording.say_ratio,
    "links": lambda links: ", ".join(links.paths),
}


def say_cell(cell: Any, kind: str) -> str:
    """The cell as text; a dash where there is nothing."""
    return "–" if cell is None else SAID[kind](cell)


def csv_rows(table: Table) -> list[list[Any]]:
    """Heads and rows in plain numbers: an estimate takes three columns, a milestone six, a ratio four."""
    heads = [head for column in table.columns for head in _spread_head(column)]
    rows = [
        [
            value
            for column, cell in zip(table.columns, row, strict=True)
            for value in _spread(column.kind, cell)
        ]
        for row in table.rows
    ]
    return [heads, *rows]


PARTS: dict[str, tuple[str, ...]] = {
    "estimate": ("", "low", "high"),
    "gain": ("", "low", "high"),
    "milestone": ("", "low", "high", "budget", "reached", "runs"),
    "ratio": ("least", "most", "low", "high"),
}


def _spread_head(column: Column) -> list[str]:
    return [f"{column.head} {part}".strip() for part in PARTS.get(column.kind, ("",))]


def _spread(kind: str, cell: Any) -> list[Any]:
    match cell:
        case Links(paths):
            return [" ".join(paths)]
        case None:
            return [""] * len(PARTS.get(kind, ("",)))
        case Estimate(value, low, high):
            return [value, low, high]
        case Milestone(times, value, low, high):
            return [value, low, high, times.budget, times.reached, len(times.frames)]
        case Ratio(least, most, low, high):
            return [least, most, low, high]
        case _:
            return [cell]
