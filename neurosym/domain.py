"""What a world must provide, and loading a domain by its name or from its folder."""

from __future__ import annotations

import importlib
import logging
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Belief, Observation
from neurosym.errors import DomainError, UnknownNameError
from neurosym.options.config import TableConfig
from neurosym.options.features import FeatureSpec
from neurosym.options.hearing import HearingSpec
from neurosym.registry import Installed, Source, sources
from neurosym.symbols import Goal, PlanningDomain, Wanted

if TYPE_CHECKING:
    import gymnasium

    from neurosym.language import RuleTranslator, Vocabulary
    from neurosym.options.controller import Controller
    from neurosym.planning import Planner

__all__ = ["Domain", "Task", "TrainingWorlds", "domain_names", "find_task", "load_domain", "load_domains"]

_PACKAGE = "neurosym_domains"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """A Gymnasium id of a domain.

    Attributes:
        available: its environment can start here; `reason` says why not.
        mission: what it asks for, by way of example; empty if that varies too much to say.
    """

    id: str
    available: bool = True
    reason: str = ""
    mission: str = ""


class TrainingWorlds(Protocol):
    """A batch of N worlds to practise in. Nothing resets by itself."""

    def start(self, indices: NDArray[np.int64], tasks: Sequence[str] | None = None) -> None:
        """Begin new episodes, drawn from the training levels, in the worlds at int64[M] `indices`.

        Args:
            tasks: the ids of M tasks, whose levels are to be drawn from; from all levels, if None.
        """
        ...

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
        """Apply int64[N] actions; reward, terminated and truncated as the task's environment gives them, each [N].

        A task is solved where an episode terminates with a reward above 0.
        """
        ...

    def observation(self) -> Observation:
        """What an agent sees now. The arrays may be overwritten by the next step."""
        ...

    def task_of(self, index: int) -> str:
        """The id of the task that a world is playing."""
        ...


class Domain(ABC):
    """Everything about one world. A domain's folder defines one subclass in `domain.py`, and `DOMAIN`, its instance.

    Attributes:
        name: the folder's name.
        folder: where its files lie.
        feature_spec: sizes of what its controllers see, and the number of actions.
        idle_actions: actions that are safe to take at random when there is no plan.
        training_tasks: what `train` practises on when no task is named.
        closing: what to bring about when a mission is believed to be accomplished and the episode goes on, as in
            worlds that want to be told so; nothing, if empty.
        learner: what controls its options: one network for all, or a table, for small worlds of discrete features; None
            where nothing is to be learned, and the scripted controller is all that its options take.
        table: settings of the table.
        training: settings of `TrainingConfig` that suit this world better than the usual ones.
    """

    name: str
    folder: Path
    feature_spec: FeatureSpec
    idle_actions: tuple[int, ...]
    action_names: tuple[str, ...]
    training_tasks: tuple[str, ...]
    closing: tuple[Wanted, ...] = ()
    learner: Literal["network", "table"] | None = "network"
    table: TableConfig = TableConfig()
    training: Mapping[str, Any] = MappingProxyType({})

    @cached_property
    def model(self) -> PlanningDomain:
        """The PDDL domain."""
        from neurosym.planning import read_domain

        return read_domain(self.folder / "domain.pddl", reader="direct")

    @cached_property
    def translator(self) -> RuleTranslator:
        """The rules of `missions.toml`."""
        from neurosym.language import Rules, RuleTranslator

        return RuleTranslator(Rules.from_toml(self.folder / "missions.toml"))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words and predicates that missions may use."""
        return self.translator.rules.vocabulary(self.model)

    def goal(self, mission: str) -> Goal:
        """What a mission asks for; MissionError if it does not parse."""
        return self.translator.goal(mission, self.vocabulary)

    def mission(self, observation: Any) -> str:
        """What an environment's observation asks for, in words."""
        return str(observation["mission"])

    @property
    def weights(self) -> Path:
        """The folder of the weights that ship with the domain."""
        return self.folder / "weights"

    @property
    def cache(self) -> Path:
        """A folder of this platform and user for what can be made again. It may be missing, or deleted at any time."""
        import platformdirs

        return platformdirs.user_cache_path("neurosym", appauthor=False) / self.name

    @property
    def hearing(self) -> HearingSpec | None:
        """What controllers that hear words are told; its beliefs are `Describing` then. None where nothing is."""
        return None

    def planner(self) -> Planner:
        """Whom an agent asks for plans where it is given no planner: the embedded one, behind a cache."""
        from neurosym.planning import EmbeddedPlanner, PlanCache

        return PlanCache(EmbeddedPlanner(), canonical=False)

    def planner_with(self, engine: Planner) -> Planner:
        """An engine whose plans are made of what this domain's beliefs take for steps."""
        return engine

    @abstractmethod
    def tasks(self) -> Sequence[Task]:
        """Every task, those that cannot start here included."""

    @abstractmethod
    def make_env(self, task_id: str, render: bool = False) -> gymnasium.Env:
        """The task's own environment; `render` asks for rgb_array frames.

        Raises:
            UnknownNameError: no such task.
            UnavailableTaskError: it cannot start here.
        """

    def judge(self, goal: Goal, mission: str) -> Callable[[gymnasium.Env], gymnasium.Env]:
        """What makes a task's environment ask for another goal than its own and judge that on its true state.

        The observations say `mission` where they said the task's own, and tell nothing more than before. An episode
        that terminates with a reward above 0 has reached the goal.

        Raises:
            DomainError: this domain cannot judge it.
        """
        raise DomainError(f"{self.name} cannot judge other goals than its tasks' own")

    @abstractmethod
    def stack(self, observations: Sequence[Mapping[str, Any]]) -> Observation:
        """Observations of single environments as one batch."""

    @abstractmethod
    def belief(self, count: int) -> Belief:
        """Fresh beliefs about `count` environments."""

    @abstractmethod
    def training_levels(
        self, task_ids: Sequence[str], seeds: range
    ) -> Generator[tuple[int, int, str], None, Any]:
        """Make levels of these tasks to practise on, one for each seed, in whatever form `training_worlds` takes them.

        Yields how many are made, of how many, and the task of the last one, now and then; returns the levels. They
        depend on task and seed alone. Seeds are consecutive and stay below 1,000,000; evaluation begins there.
        """

    @abstractmethod
    def training_worlds(self, levels: Any, count: int, seed: int) -> TrainingWorlds:
        """A batch of `count` worlds that start from these levels, drawn at random by `seed`."""

    @abstractmethod
    def scripted_controller(self) -> Controller:
        """A controller written by hand, for tests and ablations only."""

    def reveal(
        self, belief: Belief, which: NDArray[np.int64], source: TrainingWorlds | gymnasium.Env
    ) -> None:
        """Tell a belief what its worlds hold, seen or not, where episodes have just begun. For upper bounds only.

        Args:
            which: int64[M], the worlds.
            source: the training worlds that the belief is about, or the one environment.

        Raises:
            DomainError: this domain cannot tell.
        """
        raise DomainError(f"the domain {self.name!r} cannot tell what was not seen")

    def view(self, observation: Mapping[str, Any]) -> NDArray[np.uint8] | None:
        """uint8[H, W, 3], what the agent sees, drawn for people."""
        return None

    def picture(self, belief: Belief, index: int) -> NDArray[np.uint8] | None:
        """uint8[H, W, 3], what the agent believes, drawn for people."""
        return None


def domain_names() -> list[str]:
    """The domains that can be loaded by name, built in or installed (entry points of the group `neurosym.domains`)."""
    return list(sources())


def load_domain(name_or_path: str | Path) -> Domain:
    """The domain of that name, or in that folder. A name goes before a folder; a `Path` is never a name.

    Raises:
        UnknownNameError: neither a known name nor a folder.
        DomainError: the folder lacks `domain.py`, or that cannot be imported or defines no DOMAIN.
    """
    known = sources()
    claims = known.get(name_or_path) if isinstance(name_or_path, str) else None
    if claims:
        return _load_named(str(name_or_path), claims)
    folder = Path(name_or_path)
    if not folder.is_dir():
        raise UnknownNameError("domain", str(name_or_path), known)
    return _load_folder(folder)


def load_domains() -> Iterator[Domain]:
    """Every domain that has a name, in the order of names. One that cannot be loaded costs a line in the log."""
    for name in domain_names():
        try:
            yield load_domain(name)
        except DomainError as error:
            _warn_once(str(error))


def _load_named(name: str, claims: Sequence[Source]) -> Domain:
    source, *others = claims
    if others:
        losers = " or ".join(map(str, others))
        _warn_once(f"the domain {name!r} is taken to be the one {source}, not the one {losers}")
    domain = _load_installed(source) if isinstance(source, Installed) else _load_folder(source.folder)
    if domain.name != name:
        raise DomainError(f"the domain {name!r} {source} calls itself {domain.name!r}; the names must agree")
    return domain


@lru_cache
def _warn_once(text: str) -> None:
    _log.warning("%s", text)


def _load_installed(source: Installed) -> Domain:
    entry = source.entry
    try:
        found = entry.load()
        if isinstance(found, ModuleType):
            found = _module_with_domain(found).DOMAIN
    except Exception as error:  # somebody else's code, which may fail in any way
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise DomainError(f"the domain {entry.name!r} {source} cannot be loaded: {reason}") from error
    if not isinstance(found, Domain):
        raise DomainError(f"the domain {entry.name!r} {source}: {entry.value} is no neurosym.domain.Domain")
    return found


def _module_with_domain(module: ModuleType) -> ModuleType:
    """The module itself, or `domain.py` in a package that is laid out as a domain's folder is."""
    if hasattr(module, "DOMAIN") or not hasattr(module, "__path__"):
        return module
    return importlib.import_module(f"{module.__name__}.domain")


def _load_folder(folder: Path) -> Domain:
    if not (folder / "domain.py").is_file():
        raise DomainError(f"{folder}: no domain.py in this folder")
    try:
        module = _import_folder(folder.resolve())
    except (ImportError, SyntaxError) as error:
        place = f"{error.filename}:{error.lineno}" if isinstance(error, SyntaxError) else folder / "domain.py"
        raise DomainError(f"{place}: cannot be imported: {error.msg}") from error
    domain = getattr(module, "DOMAIN", None)
    if not isinstance(domain, Domain):
        raise DomainError(f"{folder / 'domain.py'}: defines no DOMAIN, an instance of neurosym.domain.Domain")
    return domain


def _import_folder(folder: Path) -> ModuleType:
    """Import `folder/domain.py`, the folder being a package of its own so that its files import one another."""
    parent = sys.modules.setdefault(_PACKAGE, ModuleType(_PACKAGE))
    parent.__path__ = []  # type: ignore[attr-defined]
    name = f"{_PACKAGE}.{folder.name}"
    package = sys.modules.get(name)
    if package is None or list(getattr(package, "__path__", [])) != [str(folder)]:
        package = ModuleType(name)
        package.__path__ = [str(folder)]  # type: ignore[attr-defined]
        for stale in [entry for entry in sys.modules if entry.startswith(f"{name}.")]:
            del sys.modules[stale]
        sys.modules[name] = package
    return importlib.import_module(f"{name}.domain")


def find_task(task_id: str) -> tuple[Domain, Task]:
    """The domain a task belongs to, and the task.

    Raises:
        UnknownNameError: no domain has such a task; carries the nearest names.
    """
    known: list[str] = []
    for domain in load_domains():
        for task in domain.tasks():
            if task.id == task_id:
                return domain, task
            known.append(task.id)
    raise UnknownNameError("task", task_id, known)
