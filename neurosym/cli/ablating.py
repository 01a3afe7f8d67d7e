"""An ablation under way: what it will cost, the cells that are missing, the report."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.ablation.attempt import Player
from neurosym.ablation.engines import Engine
from neurosym.ablation.estimate import Cost, Rates, calibrate, estimate, samples
from neurosym.ablation.grid import add_up, play_cells, split
from neurosym.ablation.records import CellOrder, CellRecord, Spent
from neurosym.ablation.store import Store, read_cells, read_settings
from neurosym.ablation.study import Budget, Study
from neurosym.cli.command import DONE, FAILED, INTERRUPTED
from neurosym.cli.gridview import GridView, told
from neurosym.cli.patience import asking_for_patience
from neurosym.cli.voice import Voice

__all__ = ["Ablation"]


@dataclass(frozen=True)
class Ablation:
    """A study, and where and how it is carried out.

    Attributes:
        kinds: the kind of budget of each method.
        jobs: cells at a time.
        facts: what the report says of its making: version, commit, command, engine.
    """

    study: Study
    kinds: Mapping[str, Budget]
    orders: Sequence[CellOrder]
    engine: Engine
    jobs: int
    folder: Path
    facts: Mapping[str, Any]

    def say_what_it_costs(self, voice: Voice) -> int:
        """Show the cells that are missing, and an estimate; leave nothing behind."""
        cells = read_cells(self.folder)
        done = {cell.order for cell in cells if cell.status == "done"}
        missing = [order for order in self.orders if order not in done]
        cost = self._estimate(missing, cells, voice)[1]
        if voice.json:
            rows = [{**asdict(order.key), "frames": order.frames} for order in missing]
            voice.answer({"cells": rows, "estimate": cost.as_record(), **self._provenance})
        else:
            for order in missing:
                voice.show(f"{order.key.method}  {order.key.task}  seed {order.key.seed}  {order.frames:,} frames")
            voice.show(_in_words(cost, self.jobs))
        return DONE

    def run(self, voice: Voice) -> int:
        """Play what is missing, and write the report; the exit code."""
        with asking_for_patience(voice), Store(self.folder, self.study.settings, self._notes()) as store:
            done, missing = split(store, self.orders)
            if done:
                voice.mention(f"{self.folder}: {len(done)} of {len(self.orders)} cells are there already")
            cost, played, interrupted = None, [], False
            try:
                rates, cost = self._estimate(missing, read_cells(self.folder), voice)
                voice.mention(_in_words(cost, self.jobs))
                self._play(store, missing, rates, played, voice)
            except KeyboardInterrupt:
                interrupted = True
                voice.complain(self._farewell(len(done) + len(played)))
            cells = sorted([*done, *played], key=lambda cell: cell.key)
            report = {} if interrupted else self._report()
        self._answer(cells, cost, report, interrupted, voice)
        if interrupted:
            return INTERRUPTED
        return DONE if any(cell.status == "done" for cell in cells) else FAILED

    def _estimate(
        self, missing: Sequence[CellOrder], cells: Sequence[CellRecord], voice: Voice
    ) -> tuple[Rates, Cost]:
        """The rates that finished cells tell, or short ones where there are none yet; and what is missing costs."""
        rates = Rates(self.kinds, cells)
        unknown = samples(missing, rates, self.kinds)
        if unknown:
            voice.mention(f"measuring how fast this machine is, by {len(unknown)} short cells")
            with closing(calibrate(unknown, _player())) as measured:
                for cell in measured:
                    if cell is not None:
                        rates.learn(cell)
        return rates, estimate(missing, self.kinds, rates, self.jobs)

    def _play(
        self,
        store: Store,
        missing: Sequence[CellOrder],
        rates: Rates,
        played: list[CellRecord],
        voice: Voice,
    ) -> None:
        """Play cells, and add each to `played` as it is kept."""
        done = len(self.orders) - len(missing)
        with (
            GridView(voice, missing, done, rates, self.jobs) as view,
            closing(play_cells(store, missing, _player(), self.engine, self.jobs)) as stream,
        ):
            for news in stream:
                if isinstance(news, CellRecord):
                    played.append(news)
                    view.take(news)
                elif news is not None:
                    view.hear(news)

    def _report(self) -> dict[str, str]:
        """Write the report over all cells that lie in the folder."""
        from neurosym.ablation.report import write_report

        asked = {"question": self.study.question, "baseline": self.study.baseline}
        return write_report(read_cells(self.folder), self.folder, {**asked, **self.facts})

    @property
    def _provenance(self) -> dict[str, Any]:
        return {name: self.facts[name] for name in ("version", "commit", "command")}

    def _notes(self) -> dict[str, Any]:
        """What `study.json` keeps for people: who and what has worked on the folder."""
        before = read_settings(self.folder) if self.folder.is_dir() else None
        runs = list((before or {}).get("runs", []))
        runs += [] if self._provenance in runs else [self._provenance]
        return {"question": self.study.question, "runs": runs}

    def _farewell(self, kept: int) -> str:
        again = self.facts["command"]
        return f"interrupted; {kept} of {len(self.orders)} cells are kept in {self.folder}, go on with: {again}"

    def _answer(
        self, cells: Sequence[CellRecord], cost: Cost | None, report: Mapping[str, str], interrupted: bool, voice: Voice
    ) -> None:
        spent = add_up(cells)
        failed = [cell for cell in cells if cell.status == "failed"]
        if voice.json:
            voice.answer(
                {
                    "out": str(self.folder),
                    "cells": [_row(cell) for cell in cells],
                    "missing": len(self.orders) - len(cells) + len(failed),
                    "spent": asdict(spent),
                    "estimate": cost.as_record() if cost else None,
                    "report": report,
                    "interrupted": interrupted,
                    **self._provenance,
                }
            )
            return
        for cell in failed:
            voice.complain(f"failed: {cell.key.folder}: {cell.reason}")
        voice.show(f"{len(cells) - len(failed)} of {len(self.orders)} cells are done; {_spent_in_words(spent)}")
        for path in report.values():
            voice.show(path)


def _player() -> Player:
    from neurosym.ablation.cell import play_cell

    return play_cell


def _row(cell: CellRecord) -> dict[str, Any]:
    last = cell.curve[-1] if cell.curve else None
    return {
        **asdict(cell.key),
        "status": cell.status,
        "reason": cell.reason,
        "success": last.success if last else None,
        "frames": cell.spent.frames,
        "seconds": cell.spent.seconds,
    }


def _in_words(cost: Cost, jobs: int) -> str:
    frames = ", ".join(f"{count:,} frames of {kind} methods" for kind, count in cost.frames.items() if count)
    text = f"{cost.cells} cells: {frames or 'no learning'}, {cost.episodes:,} episodes"
    if cost.core_hours is None or cost.seconds is None:
        return f"{text}; how long that takes is not known"
    return f"{text}; about {cost.core_hours:.1f} core-hours, {told(cost.seconds)} with {jobs} at a time"


def _spent_in_words(spent: Spent) -> str:
    return (
        f"spent {spent.frames:,} frames and {spent.evaluation_frames:,} of evaluation, {spent.plans:,} plans in "
        f"{told(spent.planning_seconds)}, {spent.model_calls:,} model calls, {told(spent.seconds)} in all cells"
    )
