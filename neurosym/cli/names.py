"""From what was typed to domains and tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from neurosym.cli.command import UsageError
from neurosym.errors import PlanningError, UnavailableTaskError, UnknownNameError

if TYPE_CHECKING:
    from neurosym.domain import Domain, Task

__all__ = ["Chosen", "choose", "choose_one", "choose_pddl"]

FIRST_PLAN_S = 30.0  # for the plan that shows that a PDDL problem can be solved


@dataclass
class Chosen:
    """Tasks of one domain, in the order in which they were asked for.

    Attributes:
        skipped: those that cannot start here.
        whole: the domain itself was named.
    """

    domain: Domain
    tasks: list[Task] = field(default_factory=list)
    skipped: list[Task] = field(default_factory=list)
    whole: bool = False

    def take(self, task: Task) -> None:
        pile = self.tasks if task.available else self.skipped
        if task not in pile:
            pile.append(task)


def choose(names: Sequence[str]) -> list[Chosen]:
    """The tasks meant by task ids, domain names and domain folders, one entry for each domain.

    Raises:
        UsageError: no names.
        UnknownNameError: a name is neither a task nor a domain.
        UnavailableTaskError: none of the tasks can start here.
    """
    if not names:
        raise UsageError("name at least one task; `neurosym tasks` lists them")
    chosen: dict[str, Chosen] = {}
    for name in names:
        domain, tasks, whole = _find(name)
        entry = chosen.setdefault(domain.name, Chosen(domain))
        entry.whole |= whole
        for task in tasks:
            entry.take(task)
    if not any(entry.tasks for entry in chosen.values()):
        raise UnavailableTaskError(
            "; ".join(_excuse(task) for entry in chosen.values() for task in entry.skipped)
        )
    return list(chosen.values())


def choose_one(name: str) -> tuple[Domain, Task]:
    """The one task meant, which can start.

    Raises:
        UnknownNameError: no task is called so.
        UnavailableTaskError: it cannot start here.
    """
    domain, tasks, whole = _find(name)
    if whole:
        raise UsageError(f"{name} is a domain; name one of its tasks, such as {tasks[0].id}")
    if not tasks[0].available:
        raise UnavailableTaskError(_excuse(tasks[0]))
    return domain, tasks[0]


def choose_pddl(files: tuple[Path, Path]) -> list[Chosen]:
    """The one task of two PDDL files, once a plan for it was found.

    Raises:
        PlanningError: a file is broken or uses what is not supported, or no plan was found; says why.
    """
    from neurosym.pddlworld import PddlDomain

    domain = PddlDomain(*files)
    result = domain.plan(time_limit_s=FIRST_PLAN_S)
    if result.plan is None:
        raise PlanningError(f"{files[1]}: {result.status.value}: {result.reason}")
    domain.max_steps = max(
        domain.max_steps or 0, 2 * len(result.plan)
    )  # so that no plan is too long for its world
    return [Chosen(domain, list(domain.tasks()))]


def _excuse(task: Task) -> str:
    return f"{task.id} cannot start: {task.reason}"


def _find(name: str) -> tuple[Domain, list[Task], bool]:
    """The domain, its tasks meant by `name`, and whether the domain itself was meant."""
    from neurosym.domain import domain_names, find_task, load_domain

    if name in domain_names() or (Path(name) / "domain.py").is_file():
        domain = load_domain(name)
        return domain, list(domain.tasks()), True
    try:
        domain, task = find_task(name)
    except UnknownNameError:
        tasks = (task.id for known in domain_names() for task in load_domain(known).tasks())
        raise UnknownNameError("task or domain", name, [*tasks, *domain_names()]) from None
    return domain, [task], False
