"""`neurosym tasks`: what can be solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurosym.cli.command import DONE
from neurosym.cli.trust import InDomain
from neurosym.cli.voice import Voice

if TYPE_CHECKING:
    from rich.table import Table

    from neurosym.domain import Task

__all__ = ["Tasks"]


@dataclass(kw_only=True)
class Tasks(InDomain):
    """List what can be solved, and what cannot start here and why."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.domain import load_domains

        domains = load_domains() if self.domain is None else [self.warrant(voice).load(self.domain)]
        listed = [(domain.name, domain.tasks()) for domain in domains]
        if voice.json:
            voice.answer({"tasks": [_record(name, task) for name, tasks in listed for task in tasks]})
            return DONE
        for name, tasks in listed:
            can = sum(task.available for task in tasks)
            voice.show(
                f"{name}: {can} tasks" + (f", {len(tasks) - can} more cannot start" * (can < len(tasks)))
            )
            voice.show(_table(tasks))
        return DONE


def _record(domain: str, task: Task) -> dict[str, str | bool]:
    return {
        "task": task.id,
        "domain": domain,
        "available": task.available,
        "reason": task.reason,
        "mission": task.mission,
    }


def _table(tasks: Sequence[Task]) -> Table:
    from rich.table import Table

    table = Table("task", "a mission", box=None, pad_edge=False)
    for task in tasks:
        table.add_row(task.id, task.mission if task.available else f"cannot start: {task.reason}")
    return table
