"""From what was typed to domains and tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from neurosym.cli.command import UsageError
from neurosym.errors import PlanningError, UnavailableTaskError, UnknownNameError

if TYPE_CHECKING:
    from neurosym.cli.trust import Trust
    from neurosym.domain import Domain, Task

__all__ = ["Chosen", "choose", "choose_one", "choose_pddl"]

FIRST_PLAN_S = 30.0  # for the plan that shows that a PDDL problem can be solved


@dataclass
class Chosen:
    """Tasks of one domain, in the order in which they were asked for.

    Attributes:
        address: the domain's name or folder, by which another process can load it.
        skipped: those that cannot start here.
        whole: the domain itself was named.
    """

    domain: Domain
    address: str
    tasks: list[Task] = field(default_factory=list)
    skipped: list[Task] = field(default_factory=list)
    whole: bool = False

    def take(self, task: Task) -> None:
        pile = self.tasks if task.available else self.skipped
        if task not in pile:
            pile.append(task)


def choose(names: Sequence[str], trust: Trust, home: str | None = None) -> list[Chosen]:
    """The tasks meant by task ids, domain names and domain folders, one entry for each domain.

    Args:
        home: the domain, by name or folder, that the names belong to; no names then are all its tasks.

    Raises:
        UsageError: no names.
        UnknownNameError: a name is neither a task nor a domain.
        UnavailableTaskError: none of the tasks can start here.
    """
    if not names and home is None:
        raise UsageError("name at least one task; `neurosym tasks` lists them")
    chosen: dict[int, Chosen] = {}
    for name in names or [""]:
        found = _find(name, trust, home)
        entry = chosen.setdefault(id(found.domain), Chosen(found.domain, found.address))
        entry.whole |= found.whole
        for task in found.tasks:
            entry.take(task)
    if not any(entry.tasks for entry in chosen.values()):
        raise UnavailableTaskError(
            "; ".join(_excuse(task) for entry in chosen.values() for task in entry.skipped)
        )
    return list(chosen.values())


def choose_one(name: str, trust: Trust, home: str | None = None) -> tuple[Domain, Task]:
    """The one task meant, which can start.

    Raises:
        UnknownNameError: no task is called so.
        UnavailableTaskError: it cannot start here.
    """
    found = _find(name, trust, home)
    task = found.tasks[0]
    if found.whole:
        raise UsageError(f"{name} is a domain; name one of its tasks, such as {task.id}")
    if not task.available:
        raise UnavailableTaskError(_excuse(task))
    return found.domain, task


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
    # so that no plan is too long for its world
    domain.max_steps = max(domain.max_steps or 0, 2 * len(result.plan))
    return [Chosen(domain, domain.name, list(domain.tasks()))]


def _excuse(task: Task) -> str:
    return f"{task.id} cannot start: {task.reason}"


@dataclass(frozen=True)
class _Found:
    """What one word meant; see `Chosen`."""

    domain: Domain
    address: str
    tasks: list[Task]
    whole: bool


def _find(name: str, trust: Trust, home: str | None) -> _Found:
    from neurosym.domain import domain_names

    if home is not None:
        return _find_within(trust.load(home), _address(home), name)
    if name in domain_names() or (Path(name) / "domain.py").is_file():
        return _find_within(trust.load(name), _address(name), "")
    return _find_among_all(name)


def _address(domain: str) -> str:
    from neurosym.domain import domain_names

    return domain if domain in domain_names() else str(Path(domain).resolve())


def _find_within(domain: Domain, address: str, name: str) -> _Found:
    """The task of that name; all tasks if it is empty."""
    tasks = [task for task in domain.tasks() if name in ("", task.id)]
    if not tasks:
        raise UnknownNameError(f"task of {domain.name}", name, [task.id for task in domain.tasks()])
    return _Found(domain, address, tasks, not name)


def _find_among_all(name: str) -> _Found:
    from neurosym.domain import domain_names, find_task, load_domains

    try:
        domain, task = find_task(name)
    except UnknownNameError:
        tasks = [task.id for domain in load_domains() for task in domain.tasks()]
        raise UnknownNameError("task or domain", name, [*tasks, *domain_names()]) from None
    return _Found(domain, domain.name, [task], False)
