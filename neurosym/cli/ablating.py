"""An ablation under way: what it will cost, the cells that are missing, the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from neurosym.ablation.attempt import Player
from neurosym.ablation.engines import Engine
from neurosym.ablation.estimate import Cost, Rates, calibrate, estimate, samples
from neurosym.ablation.grid import play_cells, split
from neurosym.ablation.made import Made
from neurosym.ablation.methods.registry import Budget
from neurosym.ablation.records import CellOrder, CellRecord, Spent, add_up
from neurosym.ablation.store import Store, check_folder, read_cells, read_settings, runs_of
from neurosym.ablation.study import Study
from neurosym.cli.command import DONE, FAILED, INTERRUPTED
from neurosym.cli.doctor import versions
from neurosym.cli.gridview import GridView, told
from neurosym.cli.patience import asking_for_patience
from neurosym.cli.voice import Voice
from neurosym.errors import NeurosymError
from neurosym.processes import cores

__all__ = ["Ablation"]


@dataclass(frozen=True)
class Ablation:
    """A study, and where and how it is carried out.

    Attributes:
        kinds: the kind of budget of each method; changes: what each changes, in words.
        jobs: cells at a time.
        provenance: version, commit and command.
        made: what cells of each domain, by its address, would be made with now.
    """

    study: Study
    kinds: Mapping[str, Budget]
    changes: Mapping[str, str]
    orders: Sequence[CellOrder]
    player: Player
    engine: Engine
    jobs: int
    folder: Path
    provenance: Mapping[str, str | None]
    made: Mapping[str, Made]

    def say_what_it_costs(self, voice: Voice) -> int:
        """Show the cells that are missing, and an estimate; leave nothing behind."""
        check_folder(self.folder, self.study.settings)
        _, missing = split(self.folder, self.orders)
        cost = self._estimate(missing, read_cells(self.folder), voice)[1]
        if voice.json:
            rows = [{**asdict(order.key), "frames": order.frames} for order in missing]
            voice.answer({"cells": rows, "estimate": cost.as_record(), **self.provenance})
        else:
            for order in missing:
                voice.show(
                    f"{order.key.method}  {order.key.task}  seed {order.key.seed}  {order.frames:,} frames"
                )
            for method, hours in cost.methods.items():
                voice.show(f"{method}: {'not known' if hours is None else told(3600 * hours)}")
            voice.show(_in_words(cost, self.jobs))
        return DONE

    def run(self, voice: Voice) -> int:
        """Play what is missing, and write the report; the exit code.

        Raises:
            NeurosymError: the folder holds something else, or nobody is to be compared with.
        """
        self._require_baseline()
        notes = self._notes()
        with asking_for_patience(voice), Store(self.folder, self.study.settings, notes) as store:
            done, missing = split(self.folder, self.orders)
            if done:
                voice.mention(f"{self.folder}: {len(done)} of {len(self.orders)} cells are there already")
                self._look_at_makers(done, voice)
            cells, interrupted = list(done), False
            try:
                self._play(store, missing, cells, voice)
            except KeyboardInterrupt:
                interrupted = True
                voice.complain(self._farewell(len(cells)))
            report = None if interrupted else self._report(notes, voice)
        self._answer(cells, report, interrupted, voice)
        if interrupted:
            return INTERRUPTED
        return DONE if report and any(cell.status == "done" for cell in cells) else FAILED

    def _look_at_makers(self, done: Sequence[CellRecord], voice: Voice) -> None:
        """Say which cells another code has made: they may not be what this one would make."""
        here = {order.key: self.made[order.domain] for order in self.orders}
        other = [cell for cell in done if cell.made is not None and cell.made != here[cell.key]]
        unlike = {
            name
            for cell in other
            for name, value in here[cell.key].items()
            if (cell.made or {}).get(name) != value
        }
        if other:
            voice.complain(
                f"{len(other)} of them were made by other code ({', '.join(sorted(unlike))}); --out takes another "
                "folder, in which they are made anew"
            )

    def _require_baseline(self) -> None:
        """Without a cell of the baseline there is no report, which is better known now."""
        baseline = self.study.baseline
        if baseline in self.study.methods:
            return
        if not any(cell.key.method == baseline for cell in read_cells(self.folder)):
            raise NeurosymError(
                f"the baseline {baseline} is not among the methods {', '.join(self.study.methods)}, "
                f"and {self.folder} holds no cell of it"
            )

    def _estimate(
        self, missing: Sequence[CellOrder], cells: Sequence[CellRecord], voice: Voice
    ) -> tuple[Rates, Cost]:
        """The rates that finished cells tell, or short ones where there are none yet; and what is missing costs."""
        rates = Rates(self.kinds, cells)
        unknown = samples(missing, rates)
        if unknown:
            voice.mention(f"measuring how fast this machine is, by {len(unknown)} short cells")
            with closing(calibrate(unknown, self.player, min(self.jobs, cores()))) as measured:
                for cell in measured:
                    if cell is not None:
                        rates.learn(cell)
        return rates, estimate(missing, self.kinds, rates, self.jobs)

    def _play(
        self, store: Store, missing: Sequence[CellOrder], cells: list[CellRecord], voice: Voice
    ) -> None:
        """Say what cells will cost, play them, and add each to `cells` as it is kept."""
        rates, cost = self._estimate(missing, read_cells(self.folder), voice)
        if missing:
            voice.mention(_in_words(cost, self.jobs))
        done = len(self.orders) - len(missing)
        with (
            GridView(voice, missing, done, rates, self.jobs) as view,
            closing(play_cells(store, missing, self.player, self.engine, self.jobs)) as stream,
        ):
            for news in stream:
                if isinstance(news, CellRecord):
                    cells.append(news)
                    view.take(news)
                elif news is not None:
                    view.hear(news)

    def _report(self, notes: Mapping[str, Any], voice: Voice) -> Path | None:
        """Write the report over all cells that lie in the folder; None if that cannot be done, with the reason said."""
        from neurosym.ablation.report import ReportFacts, write_report

        facts = ReportFacts(
            command=str(self.provenance["command"]),
            commit=self.provenance["commit"],
            version=str(self.provenance["version"]),
            started=notes["started"],
            versions={name: version for name, version in versions().items() if version},
            question=self.study.question,
            baseline=self.study.baseline,
            subject=next((name for name in self.study.methods if name != self.study.baseline), ""),
            changes=self.changes,
            runs=notes["runs"],
        )
        try:
            return write_report(self._in_order(read_cells(self.folder)), self.folder, facts)
        except NeurosymError as error:
            voice.complain(f"no report: {error}")
            return None

    def _in_order(self, cells: Sequence[CellRecord]) -> list[CellRecord]:
        """By method and task as they were asked for, what was not asked for this time behind them, and by seed."""
        methods, tasks = (
            {name: number for number, name in enumerate(names)}
            for names in (self.study.methods, self.study.tasks)
        )
        return sorted(
            cells,
            key=lambda cell: (
                methods.get(cell.key.method, len(methods)),
                tasks.get(cell.key.task, len(tasks)),
                cell.key,
            ),
        )

    def _notes(self) -> dict[str, Any]:
        """What `study.json` keeps beside the settings: when it was begun, and what was typed then and since."""
        now = datetime.now(UTC).isoformat(" ", "minutes")
        return {
            "started": (read_settings(self.folder) or {}).get("started", now),
            "question": self.study.question,
            "runs": runs_of(self.folder, self.provenance),
        }

    def _farewell(self, kept: int) -> str:
        again = self.provenance["command"]
        return (
            f"interrupted; {kept} of {len(self.orders)} cells are kept in {self.folder}, go on with: {again}"
        )

    def _answer(
        self, cells: Sequence[CellRecord], report: Path | None, interrupted: bool, voice: Voice
    ) -> None:
        spent = add_up(cell.spent for cell in cells)
        failed = [cell for cell in cells if cell.status == "failed"]
        for cell in failed:
            voice.complain(f"failed: {cell.key.folder}: {cell.reason}")
        if voice.json:
            voice.answer(
                {
                    "out": str(self.folder),
                    "cells": [_row(cell) for cell in self._in_order(cells)],
                    "missing": len(self.orders) - len(cells) + len(failed),
                    "spent": asdict(spent),
                    "report": str(report) if report else None,
                    "interrupted": interrupted,
                    **self.provenance,
                }
            )
            return
        done = len(cells) - len(failed)
        voice.show(f"{done} of {len(self.orders)} cells are done; {_spent_in_words(spent)}")
        if report:
            voice.show(str(report))


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
    return (
        f"{text}; about {told(3600 * cost.core_hours)} one by one, {told(cost.seconds)} with {jobs} at a time"
    )


def _spent_in_words(spent: Spent) -> str:
    return (
        f"spent {spent.frames:,} frames and {spent.evaluation_frames:,} of evaluation, {spent.plans:,} plans in "
        f"{told(spent.planning_seconds)}, {spent.model_calls:,} model calls, {told(spent.seconds)} in all cells"
    )
