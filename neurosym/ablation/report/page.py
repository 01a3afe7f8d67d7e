"""The report as one HTML file that asks the network for nothing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import quote

from neurosym.ablation.report.figures import Figure
from neurosym.ablation.report.outline import Outline, Section
from neurosym.ablation.report.svg import TONES
from neurosym.ablation.report.table import Column, Links, Table, say_cell
from neurosym.replay.page import content_policy

__all__ = ["render_page"]

TEXTUAL = ("text", "links")


def render_page(outline: Outline) -> str:
    """The page."""
    facts = outline.summary.facts
    looks, script = _asset("figure.css") + _asset("page.css"), _asset("page.js")
    return Template(_asset("page.html")).substitute(
        title=escape(facts.question),
        policy=content_policy(looks, script),
        style=looks,
        script=script,
        scope=escape(outline.scope),
        started=escape(facts.started),
        version=escape(facts.version),
        commit=escape(facts.commit or "not from a checkout"),
        command=escape(facts.command),
        warnings="".join(f"<li>{escape(each)}</li>" for each in outline.summary.warnings),
        alarm="" if outline.summary.warnings else " hidden",
        verdict="settled" if outline.answer.settled else "unsettled",
        answer=escape(outline.answer.sentence),
        by_task=_by_task(outline.answer.by_task),
        links="".join(f'<a href="#{each.id}">{escape(each.title)}</a>' for each in outline.sections),
        keys="".join(_key(number, name) for number, name in enumerate(outline.summary.methods)),
        sections="".join(map(_section, outline.sections)),
    )


def _asset(name: str) -> str:
    return files("neurosym.ablation.report").joinpath(name).read_text(encoding="utf-8")


def _by_task(sentences: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(each)}</li>" for each in sentences)
    return f"<h3>Task by task</h3><ul>{items}</ul>" if items else ""


def _key(number: int, method: str) -> str:
    return f'<button type="button" class="tone-{number % TONES}" data-pick="{escape(method)}">{escape(method)}</button>'


def _section(section: Section) -> str:
    prose = f'<p class="soft">{escape(section.prose)}</p>' if section.prose else ""
    figures = "".join(map(_figure, section.figures))
    return (
        f'<section id="{section.id}"><h2>{escape(section.title)}</h2>{prose}'
        f'{f"""<div class="figures">{figures}</div>""" if figures else ""}'
        f"{''.join(map(_table, section.tables))}</section>"
    )


def _figure(figure: Figure) -> str:
    return f"<figure>{figure.svg}</figure>"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col"{_side(column)}>{escape(column.head)}</th>' for column in table.columns)
    body = "".join(f"<tr>{_row(table, row)}</tr>" for row in table.rows)
    note = f'<p class="soft note">{escape(table.note)}</p>' if table.note else ""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(table.title)}">'
        f"<table><caption>{escape(table.title)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}"
    )


def _row(table: Table, row: tuple[Any, ...]) -> str:
    cells = list(zip(table.columns, row, strict=True))
    first, rest = cells[0], cells[1:]
    return f'<th scope="row">{_cell(*first)}</th>' + "".join(
        f"<td{_side(column)}>{_cell(column, cell)}</td>" for column, cell in rest
    )


def _side(column: Column) -> str:
    return "" if column.kind in TEXTUAL else ' class="number"'


def _cell(column: Column, cell: Any) -> str:
    if isinstance(cell, Links):
        return " ".join(
            f'<a href="{escape(quote(path))}">{number}</a>' for number, path in enumerate(cell.paths, 1)
        )
    return escape(say_cell(cell, column.kind))
