"""The page of a domain: one HTML file that asks the network for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from string import Template

from neurosym.replay.page import content_policy
from neurosym.showing.picture import draw_graph, style
from neurosym.showing.sample import Sample, Step
from neurosym.showing.summary import OperatorRow, PredicateRow, Summary

__all__ = ["render_page"]


def render_page(summary: Summary, sample: Sample | None, trouble: str = "") -> str:
    """The page.

    Args:
        trouble: why there is no sample.
    """
    looks, script = style() + _asset("page.css"), _asset("page.js")
    return Template(_asset("page.html")).substitute(
        title=escape(summary.name),
        census=escape(summary.census),
        folder=escape(str(summary.folder)),
        policy=content_policy(looks, script),
        style=looks,
        script=script,
        sample=_say_sample(sample) if sample else f"<p>{escape(trouble)}</p>",
        graph=_graph(summary),
        operators=_table(OPERATOR_HEADS, map(_operator_cells, summary.operators)),
        predicates=_table(PREDICATE_HEADS, map(_predicate_cells, summary.predicates)),
    )


OPERATOR_HEADS = ("operator", "needs", "changes", "cost", "said")
PREDICATE_HEADS = ("predicate", "kind", "read by", "made true by", "made false by")


def _asset(name: str) -> str:
    return files("neurosym.showing").joinpath(name).read_text(encoding="utf-8")


def _graph(summary: Summary) -> str:
    graph = draw_graph(summary)
    size = f'viewBox="-4 -4 {graph.width + 8:g} {graph.height:g}" width="{graph.width + 8:g}" height="{graph.height:g}"'
    return f'<svg class="picture" {size} role="img" aria-label="The causal graph">{"".join(graph.elements)}</svg>'


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{head}</th>" for head in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _head(row: OperatorRow | PredicateRow) -> str:
    return f"<b>{escape(row.name)}</b> {_codes(row.parameters)}"


def _operator_cells(row: OperatorRow) -> tuple[str, ...]:
    changes = _codes(row.adds, "added", "+ ") + _codes(row.deletes, "deleted", "− ")
    return (_head(row), _codes(row.needs), changes, _codes([row.cost]), escape(row.said))


def _predicate_cells(row: PredicateRow) -> tuple[str, ...]:
    return (_head(row), row.kind, *(_codes(names) for names in (row.readers, row.adders, row.deleters)))


def _codes(texts: Iterable[str], kind: str = "", sign: str = "") -> str:
    look = f' class="{kind}"' if kind else ""
    return " ".join(f"<code{look}>{sign}{escape(text)}</code>" for text in texts)


def _say_sample(sample: Sample) -> str:
    look = sample.look
    pairs = [("task", f"{look.task}, seed {look.seed}"), *sample.told]
    if sample.result.plan:
        pairs.append(("cost", f"{sample.result.plan.cost:g}"))
    told = "".join(f"<dt>{escape(word)}</dt><dd>{escape(said)}</dd>" for word, said in pairs)
    steps = "".join(_say_step(number, step) for number, step in enumerate(sample.steps, 1))
    atoms = _codes(sorted(map(str, look.problem.init)))
    return f"<dl>{told}</dl><ol>{steps}</ol><details><summary>What was believed at first</summary>{atoms}</details>"


def _say_step(number: int, step: Step) -> str:
    changes = _codes(sorted(map(str, step.added)), "added", "+ ") + _codes(
        sorted(map(str, step.deleted)), "deleted", "− "
    )
    return (
        f'<li><span class="count">{number}</span><b>{escape(step.instruction)}</b>'
        f'<span class="soft"><code>{escape(str(step.operator))}</code> costs {step.operator.cost:g}</span>'
        f'<span class="changes">{changes}</span></li>'
    )
