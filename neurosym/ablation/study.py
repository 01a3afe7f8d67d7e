"""What is asked: which methods on which tasks, how many seeds, how many frames; from a TOML file or from a caller.

question = "Does the plan help?"
tasks = ["SomeTask-v0"]
methods = ["full", "flat"]      # "all" stands for every method
seeds = 5
frames = 1_000_000              # for methods that are guided by a plan
flat_frames = 5_000_000         # for those that are not
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from neurosym.ablation.methods.registry import Budget
from neurosym.ablation.records import CURVE_EPISODES, EPISODES, POINTS, CellKey, CellOrder
from neurosym.domain import Domain, domain_names
from neurosym.errors import NeurosymError, UnknownNameError
from neurosym.seeds import EVALUATION_SEED

__all__ = ["ALL", "Study", "StudyError", "find_preset", "preset_names", "read_study"]

ALL = "all"  # stands for every method
PRESETS = "presets"  # the folder of a domain that holds them

_LEAST = {"first_seed": EVALUATION_SEED}  # 1 for all other numbers


class StudyError(NeurosymError):
    """A study that makes no sense; the message says where."""


@dataclass(frozen=True)
class Study:
    """Methods × tasks × seeds, and how long each learns and is evaluated.

    Attributes:
        tasks: task ids.
        methods: names of methods; the first is what the question is about.
        domain: name or folder of the domain that the tasks belong to; whoever has such tasks, if None.
        seeds: how many; learning seeds are 0, 1, …
        frames, flat_frames: environment frames for a method that is guided by a plan, and for one that is not.
        points, curve_episodes, episodes, first_seed: as in `CellOrder`.
        question, baseline: what the report is to answer, and the method that the first one is compared with.
        methods_from: Python files that enter methods of the user's own.
        slurm: parameters of the jobs, by the names submitit gives them.
    """

    tasks: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("full", "flat")
    domain: str | None = None
    seeds: int = 5
    frames: int = 1_000_000
    flat_frames: int = 5_000_000
    points: int = POINTS
    curve_episodes: int = CURVE_EPISODES
    episodes: int = EPISODES
    first_seed: int = EVALUATION_SEED
    question: str = "Does the plan help?"
    baseline: str = ""
    methods_from: tuple[str, ...] = ()
    slurm: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, int]:
        """What all cells of a folder have in common: seeds, tasks and methods may be added, these stay."""
        names = ("frames", "flat_frames", "points", "curve_episodes", "episodes", "first_seed")
        return {name: getattr(self, name) for name in names}

    def with_values(self, values: Mapping[str, Any], places: Mapping[str, str]) -> Study:
        """The same with some values changed.

        Args:
            places: where each value was written, for the message.

        Raises:
            StudyError: a number is too small, or a list is empty.
        """
        for name, value in values.items():
            least = _LEAST.get(name, 1)
            if isinstance(value, int) and value < least:
                raise StudyError(f"{places[name]}: must be at least {least:,}, got {value:,}")
            if isinstance(value, tuple) and not value:
                raise StudyError(f"{places[name]}: names nothing")
        lists = {
            name: tuple(dict.fromkeys(value)) for name, value in values.items() if isinstance(value, tuple)
        }
        return replace(self, **{**values, **lists})

    def with_methods(self, known: Sequence[str], places: Mapping[str, str]) -> Study:
        """The same with `ALL` spelt out, and a baseline: the second method if there is one, unless one was named.

        Args:
            places: as in `with_values`.

        Raises:
            StudyError: a method nobody knows; names the nearest.
        """
        methods = tuple(known) if ALL in self.methods else self.methods
        asked = [("methods", name) for name in methods] + [("baseline", self.baseline)] * bool(self.baseline)
        for key, name in asked:
            if name not in known:
                raise StudyError(f"{places.get(key, key)}: {UnknownNameError('method', name, [*known, ALL])}")
        return replace(self, methods=methods, baseline=self.baseline or methods[:2][-1])

    def orders(self, budgets: Mapping[str, Budget], homes: Mapping[str, str]) -> Iterator[CellOrder]:
        """Every cell, seed after seed, so that there is something to compare early.

        Args:
            budgets: which frames each method takes.
            homes: the name or folder of each task's domain.
        """
        frames = {"plan": self.frames, "flat": self.flat_frames, "none": 0}
        for seed in range(self.seeds):
            for task in self.tasks:
                for method in self.methods:
                    yield CellOrder(
                        CellKey(method, task, seed),
                        homes[task],
                        frames[budgets[method]],
                        self.points,
                        self.curve_episodes,
                        self.episodes,
                        self.first_seed,
                    )


_FIELDS = {entry.name: str(entry.type) for entry in fields(Study)}


def read_study(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The values that a TOML file gives for a `Study`, and where each was written, as FILE:KEY.

    A domain's folder and `methods_from` are looked for beside the file.

    Raises:
        StudyError: no such file, no TOML, an unknown key, or a value of the wrong type.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyError(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path}: no TOML: {error}") from None
    values = {key: _value(f"{path}:{key}", key, value) for key, value in table.items()}
    if "domain" in values and values["domain"] not in domain_names():
        values["domain"] = str(path.parent / values["domain"])
    if "methods_from" in values:
        values["methods_from"] = tuple(str(path.parent / name) for name in values["methods_from"])
    return values, {key: f"{path}:{key}" for key in table}


def _value(place: str, key: str, value: Any) -> Any:
    """`value` as the field wants it."""
    if key not in _FIELDS:
        near = difflib.get_close_matches(key, _FIELDS, n=3, cutoff=0.5)
        hint = f"; nearest: {', '.join(near)}" if near else f"; known: {', '.join(_FIELDS)}"
        raise StudyError(f"{place}: unknown key{hint}")
    kind = _FIELDS[key]
    if kind.startswith("tuple"):
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        raise _wrong(place, "a list of names", value)
    if kind == "int" and (not isinstance(value, int) or isinstance(value, bool)):
        raise _wrong(place, "a whole number", value)
    if kind.startswith("str") and not isinstance(value, str):
        raise _wrong(place, "a text in quotes", value)
    if kind.startswith("Mapping") and not isinstance(value, dict):
        raise _wrong(place, "a table", value)
    return value


def _wrong(place: str, wanted: str, value: Any) -> StudyError:
    return StudyError(f"{place}: {wanted} is expected, got {value!r}")


def preset_names(domains: Sequence[Domain]) -> list[str]:
    """Studies that these domains bring along."""
    return sorted({path.stem for domain in domains for path in (domain.folder / PRESETS).glob("*.toml")})


def find_preset(name: str, domains: Sequence[Domain]) -> Path:
    """The TOML file of a preset: `presets/NAME.toml` in the folder of the first domain that has it.

    Raises:
        UnknownNameError: none has.
    """
    for domain in domains:
        path = domain.folder / PRESETS / f"{name}.toml"
        if path.is_file():
            return path
    raise UnknownNameError("preset", name, preset_names(domains))
