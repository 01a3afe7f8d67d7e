"""`neurosym ablate`: does the plan help? Methods × tasks × seeds, and a report."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from neurosym.cli.command import UsageError
from neurosym.cli.trust import Trusting
from neurosym.cli.voice import Voice
from neurosym.errors import UnknownNameError
from neurosym.provenance import provenance

if TYPE_CHECKING:
    from neurosym.ablation.methods import Method
    from neurosym.ablation.methods.registry import Budget
    from neurosym.ablation.own_methods import OwnMethods
    from neurosym.ablation.study import Study
    from neurosym.domain import Domain

__all__ = ["Ablate"]


@dataclass(kw_only=True)
class Ablate(Trusting):
    """Ask whether the plan helps: the same learner with and without it, cell by cell, and a report.

    The folder keeps every cell that was finished; the same command goes on there, wherever it was stopped.
    """

    preset: str | None = None
    """A study that comes with a domain: quick, laptop or paper."""
    config: Path | None = None
    """A study in a TOML file; options of the command line go before it."""
    tasks: tuple[str, ...] = ()
    """Tasks, or a domain for all of its tasks."""
    methods: tuple[str, ...] = ()
    """Methods to compare, or all; full and flat unless told otherwise."""
    baseline: str | None = None
    """The method that the first one is compared with; the second one unless told otherwise."""
    methods_from: tuple[str, ...] = ()
    """Python files that enter methods of your own."""
    domain: str | None = None
    """The domain of the tasks, by its name or its folder."""
    seeds: int | None = None
    """How many learning seeds each method has on each task; 5 unless told otherwise."""
    frames: int | None = None
    """Environment frames to learn from, for methods that are guided by a plan; 1,000,000 unless told otherwise."""
    flat_frames: int | None = None
    """The same for methods that are not; 5,000,000 unless told otherwise."""
    episodes: int | None = None
    """Episodes in the end, on unseen seeds; 100 unless told otherwise."""
    engine: Literal["local", "ray", "slurm"] = "local"
    """Where cells are played: in processes of this machine, as Ray tasks, or as SLURM jobs."""
    jobs: int | None = None
    """Cells at a time: one for each core on this machine, all on a cluster, unless told otherwise."""
    address: str | None = None
    """Of a Ray cluster; one is started on this machine without."""
    out: Path | None = None
    """Folder of the cells and the report; ablations/NAME unless told otherwise."""
    dry_run: bool = False
    """Only say which cells there are and what they would cost."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.ablation.cell import play_cell
        from neurosym.ablation.engines import find_engine
        from neurosym.ablation.made import made_with
        from neurosym.cli.ablating import Ablation
        from neurosym.processes import cores

        self._check()
        study, places, own = self._study(voice)
        methods = _methods()
        kinds: dict[str, Budget] = {name: method.budget for name, method in methods.items()}
        study, homes, domains = self._with_tasks(study, places, voice)
        orders = list(study.orders(kinds, homes))
        engine = find_engine(self.engine, self.address, study.slurm)
        ablation = Ablation(
            study=study,
            kinds=kinds,
            changes={name: method.changed for name, method in methods.items()},
            orders=orders,
            player=own.wrap(play_cell),
            engine=engine,
            jobs=self.jobs or (cores() if engine.here else max(len(orders), 1)),
            folder=self.out or Path("ablations") / self._name(study),
            provenance=provenance(given),
            made={home: own.sign(made_with(domain)) for home, domain in domains.items()},
        )
        with _stopping():
            return ablation.say_what_it_costs(voice) if self.dry_run else ablation.run(voice)

    def _check(self) -> None:
        if self.preset and self.config:
            raise UsageError("--preset and --config both say which study; give one of them")
        if self.jobs is not None and self.jobs < 1:
            raise UsageError(f"--jobs must be at least 1, got {self.jobs}")
        if self.address and self.engine != "ray":
            raise UsageError("--address is of a Ray cluster; add --engine ray")

    def _study(self, voice: Voice) -> tuple[Study, dict[str, str], OwnMethods]:
        """What is asked, where each part of it was written, and methods of the user's own."""
        from neurosym.ablation.own_methods import OwnMethods
        from neurosym.ablation.study import Study, StudyError, read_study

        source = self._source(voice)
        try:
            values, places = read_study(source) if source else ({}, {})
            flags = {
                entry.name: value
                for entry in fields(Study)
                if (value := getattr(self, entry.name, None)) not in (None, ())
            }
            places |= {name: f"--{name.replace('_', '-')}" for name in flags}
            study = Study().with_values({**values, **flags}, places)
            own = OwnMethods([Path(name) for name in study.methods_from])
            own.enter()
            return study.with_methods(list(_methods()), places), places, own
        except StudyError as error:
            raise UsageError(str(error)) from None

    def _source(self, voice: Voice) -> Path | None:
        from neurosym.ablation.study import find_preset
        from neurosym.domain import load_domains

        if self.preset is None:
            return self.config
        named = [self.warrant(voice).load(self.domain)] if self.domain else []
        return find_preset(self.preset, [*named, *load_domains()])

    def _with_tasks(
        self, study: Study, places: Mapping[str, str], voice: Voice
    ) -> tuple[Study, dict[str, str], dict[str, Domain]]:
        """The study with the ids of all tasks that can start here, the address of each one's domain, and these."""
        from neurosym.cli.names import choose

        try:
            chosen = choose(study.tasks, self.warrant(voice), study.domain)
        except UnknownNameError as error:
            raise UsageError(f"{places.get('tasks', '--domain')}: {error}") from None
        for task in (task for entry in chosen for task in entry.skipped):
            voice.complain(f"skipping {task.id}: {task.reason}")
        homes = {task.id: entry.address for entry in chosen for task in entry.tasks}
        return replace(study, tasks=tuple(homes)), homes, {entry.address: entry.domain for entry in chosen}

    def _name(self, study: Study) -> str:
        return self.preset or (self.config.stem if self.config else study.tasks[0])


def _methods() -> Mapping[str, Method]:
    from neurosym.ablation.methods import METHODS

    return METHODS


@contextmanager
def _stopping() -> Iterator[None]:
    """Being asked to end is like Ctrl-C: what is under way is put in order first."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
