"""`neurosym domain show`: what a domain says, as text, as a picture and as a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from neurosym.cli.command import DONE, UsageError
from neurosym.cli.trust import Trust, Trusting
from neurosym.cli.voice import Voice
from neurosym.errors import NeurosymError
from neurosym.seeds import EVALUATION_SEED

if TYPE_CHECKING:
    from rich.table import Table

    from neurosym.domain import Domain
    from neurosym.showing.sample import Sample
    from neurosym.showing.summary import OperatorRow, PredicateRow, Summary

__all__ = ["Show"]


@dataclass(kw_only=True)
class Show(Trusting):
    """Show a domain's operators, predicates, causal graph and a sample plan."""

    domain: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="NAME|PATH")]
    """The domain's name or its folder."""
    task: str | None = None
    """The task of the sample plan; the first one that can start unless told otherwise."""
    seed: int = EVALUATION_SEED
    """The seed of its level."""
    svg: Path | None = None
    """Write a picture of the causal graph and the sample plan."""
    html: Path | None = None
    """Write everything as one web page."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.cli.patience import asking_for_patience
        from neurosym.showing.summary import summarise

        self._check()
        trust = self.warrant(voice)
        domain = trust.load(self.domain)
        summary = summarise(domain)
        with asking_for_patience(voice):
            sample, trouble = self._plan(domain, trust)
        written = self._draw(summary, sample, trouble)
        if voice.json:
            voice.answer(_record(summary, sample, trouble, written))
        else:
            _show(voice, summary, sample, trouble)
            voice.show(*(f"written: {path}" for path in written))
        return DONE

    def _check(self) -> None:
        if self.seed < 0:
            raise UsageError(f"--seed must not be negative, got {self.seed}")
        for path in (self.svg, self.html):
            if path is not None and not path.absolute().parent.is_dir():
                raise UsageError(f"{path}: there is no folder {path.parent} to write into")

    def _plan(self, domain: Domain, trust: Trust) -> tuple[Sample | None, str]:
        """The sample, or why there is none; a task that was asked for by name must exist and start."""
        from neurosym.cli.names import choose_one
        from neurosym.planning import planner
        from neurosym.showing.sample import Look, plan_for

        if self.task is not None:
            task = choose_one(self.task, trust, self.domain)[1]
        else:
            task = next((task for task in domain.tasks() if task.available), None)
        if task is None:
            return None, "none of its tasks can start here"
        try:
            return plan_for(
                domain, Look.at(domain, task.id, self.seed), domain.planner_with(planner("neurosym"))
            ), ""
        except NeurosymError as error:  # a domain that is not finished yet can be looked at all the same
            return None, f"{task.id}, seed {self.seed}: {error}"

    def _draw(self, summary: Summary, sample: Sample | None, trouble: str) -> list[str]:
        """Write what was asked for and return the names of the files."""
        from neurosym.files import write_whole

        texts: dict[Path, str] = {}
        if self.svg is not None:
            from neurosym.showing.picture import draw

            texts[self.svg] = draw(summary, sample)
        if self.html is not None:
            from neurosym.showing.page import render_page

            texts[self.html] = render_page(summary, sample, trouble)
        return [str(write_whole(path, text.encode("utf-8"))) for path, text in texts.items()]


def _record(summary: Summary, sample: Sample | None, trouble: str, written: list[str]) -> dict[str, Any]:
    told = {**sample.record(), "steps": [step.record() for step in sample.steps]} if sample else None
    return {**summary.record(), "sample": told, "trouble": trouble, "written": written}


def _show(voice: Voice, summary: Summary, sample: Sample | None, trouble: str) -> None:
    from neurosym.cli.plan import show_sample

    voice.show(f"{summary.name}: {summary.census}", f"{summary.folder}")
    voice.show("", "OPERATORS", *(line for row in summary.operators for line in _describe(row)))
    voice.show("", "PREDICATES", _table(summary.predicates))
    voice.show("", "CAUSAL GRAPH", *_say_arcs(summary))
    if sample is None:
        voice.show("", "SAMPLE PLAN", f"none: {trouble}")
        return
    voice.show("", f"SAMPLE PLAN  {sample.look.task}, seed {sample.look.seed}")
    show_sample(voice, sample)


def _describe(row: OperatorRow) -> list[str]:
    parts = {"needs": row.needs, "adds": row.adds, "deletes": row.deletes}
    lines = [f"  {word:<8} {' '.join(texts)}" for word, texts in parts.items() if texts]
    lines += [f"  {'cost':<8} {row.cost}", f"  {'said':<8} {row.said or '(no template)'}"]
    return [row.head, *lines]


def _table(rows: Iterable[PredicateRow]) -> Table:
    from rich.table import Table

    table = Table("predicate", "kind", "read by", "made true by", "made false by", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row.head, row.kind, *map(" ".join, (row.readers, row.adders, row.deleters)))
    return table


def _say_arcs(summary: Summary) -> list[str]:
    """For each predicate that changes: those that its changes depend on, and those that change with it."""
    lines = []
    for row in summary.predicates:
        arcs = [arc for arc in summary.arcs if arc.target == row.name]
        read = [arc.source for arc in arcs if arc.reading]
        together = [arc.source for arc in arcs if arc.together]
        if arcs:
            lines.append(f"{row.name} <- {' '.join(read) or '(nothing)'}")
            lines += [f"{'':>{len(row.name)}} with {' '.join(together)}"] if together else []
    return lines
