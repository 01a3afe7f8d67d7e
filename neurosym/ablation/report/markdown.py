"""The report as Markdown, with the same words and tables and with links to the figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from neurosym.ablation.report.outline import Outline, Section
from neurosym.ablation.report.table import Column, Links, Table, say_cell

__all__ = ["render_markdown"]


def render_markdown(outline: Outline) -> str:
    """The text, in GitHub's Markdown; figures are looked for in `figures/`."""
    return "\n\n".join(_blocks(outline)) + "\n"


def _blocks(outline: Outline) -> Iterator[str]:
    facts = outline.summary.facts
    yield f"# {_inline(facts.question)}"
    yield f"{outline.scope} · begun {_inline(facts.started)}"
    for warning in outline.summary.warnings:
        yield f"> **Warning.** {_inline(warning)}"
    yield f"**{_inline(outline.answer.sentence)}**"
    if outline.answer.by_task:
        yield "\n".join(f"- {_inline(sentence)}" for sentence in outline.answer.by_task)
    for section in outline.sections:
        yield from _section(section)
    fence = _fence(facts.command)
    yield f"{fence}console\n{facts.command}\n{fence}"
    yield f"neurosym {_inline(facts.version)}, commit {_inline(facts.commit or 'not from a checkout')}."


def _section(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    if section.prose:
        yield _inline(section.prose)
    for figure in section.figures:
        yield f"![{_inline(f'{figure.title}. {figure.alt}')}](figures/{quote(figure.name)}.svg)"
    for table in section.tables:
        yield f"**{_inline(table.title)}**"
        yield _table(table)
        if table.note:
            yield _inline(table.note)


def _table(table: Table) -> str:
    rule = ["---" if column.kind in ("text", "links") else "---:" for column in table.columns]
    rows = [
        [_cell(column, cell) for column, cell in zip(table.columns, row, strict=True)] for row in table.rows
    ]
    return "\n".join(_line(row) for row in ([_inline(column.head) for column in table.columns], rule, *rows))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(column: Column, cell: Any) -> str:
    if isinstance(cell, Links):
        return " ".join(f"[{number}]({quote(path)})" for number, path in enumerate(cell.paths, 1))
    return _inline(say_cell(cell, column.kind))


def _inline(text: str) -> str:
    """Text in which no character means anything to Markdown."""
    line = " ".join(text.split())
    return "".join(f"\\{character}" if character in "\\`*_|<>[]#" else character for character in line)


def _fence(text: str) -> str:
    ticks = 3
    while "`" * ticks in text:
        ticks += 1
    return "`" * ticks
