"""What an ablation's cells are and what they leave behind: one method on one task with one seed.

DIR/cells/METHOD/TASK/seed-N/cell.json      written last and whole, so that a cell is there or it is not
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from neurosym.errors import NeurosymError
from neurosym.evaluation import EpisodeResult
from neurosym.seeds import EVALUATION_SEED

__all__ = [
    "CELL_FILE",
    "CURVE_EPISODES",
    "EPISODES",
    "POINTS",
    "CellKey",
    "CellOrder",
    "CellRecord",
    "CurvePoint",
    "Spent",
    "add_up",
    "read_cell",
]

CELL_FILE = "cell.json"
POINTS, CURVE_EPISODES, EPISODES = 16, 20, 100  # of a cell, unless asked otherwise

T = TypeVar("T")


@dataclass(frozen=True, order=True)
class CellKey:
    """One method on one task with one learning seed."""

    method: str
    task: str
    seed: int

    @property
    def folder(self) -> Path:
        """Where the cell lies, relative to the ablation's folder."""
        return Path("cells") / self.method / self.task / f"seed-{self.seed}"


@dataclass(frozen=True)
class CellOrder:
    """What is to be done for a cell; all that its outcome depends on.

    Attributes:
        domain: the name or folder that the domain is loaded by.
        frames: environment frames to learn from; a method that learns nothing takes none.
        points: how many points the learning curve has, the last at `frames`, each at 1/√2 of the next.
        curve_episodes: episodes for each point of the curve but the last.
        episodes: for the last point; all on the seeds from `first_seed` on, which no training level has.
        part_of: frames of the cell of which this is only the beginning, learned with that one's sizes and schedule.
    """

    key: CellKey
    domain: str
    frames: int
    points: int = POINTS
    curve_episodes: int = CURVE_EPISODES
    episodes: int = EPISODES
    first_seed: int = EVALUATION_SEED
    part_of: int | None = None


@dataclass(frozen=True)
class CurvePoint:
    """How good the method was after so many frames, on unseen seeds.

    Attributes:
        success: success rate, in [0, 1]; mean_return, mean_steps: over all episodes.
        seconds: wall time spent on learning by then, without evaluation.
    """

    frames: int
    success: float
    mean_return: float
    mean_steps: float
    episodes: int
    seconds: float


@dataclass(frozen=True)
class Spent:
    """What a cell has cost.

    Attributes:
        frames: environment frames learned from; evaluation_frames: those of evaluation.
        plans, planning_seconds: how often a new plan was needed, known already or not, and the wall time of that, in
            learning and evaluation together.
        model_calls: requests to a language model.
        seconds: wall time of everything; learning_seconds: of learning alone.
    """

    frames: int = 0
    evaluation_frames: int = 0
    plans: int = 0
    planning_seconds: float = 0.0
    model_calls: int = 0
    seconds: float = 0.0
    learning_seconds: float = 0.0


def add_up(costs: Iterable[Spent]) -> Spent:
    """The sum."""
    every = list(costs)
    return Spent(**{entry.name: sum(getattr(cost, entry.name) for cost in every) for entry in fields(Spent)})


@dataclass(frozen=True)
class CellRecord:
    """What a cell left behind.

    Attributes:
        status: "failed" says that the method could not be run here; `reason` is one line that says why.
        curve: by frames; one point, at 0, for a method that learns nothing.
        episodes: of the last point.
        replays: replay pages of some last episodes, as paths relative to the cell's folder.
        settings: all settings of the method, as JSON.
        made: what it was made with, as `neurosym.ablation.made` has it; None in cells older than that.
    """

    order: CellOrder
    status: Literal["done", "failed"]
    reason: str = ""
    curve: tuple[CurvePoint, ...] = ()
    episodes: tuple[EpisodeResult, ...] = ()
    spent: Spent = Spent()
    replays: tuple[str, ...] = ()
    settings: Mapping[str, Any] | None = None
    made: Mapping[str, str | None] | None = None

    @property
    def key(self) -> CellKey:
        return self.order.key

    def as_record(self) -> dict[str, Any]:
        """Plain JSON; `from_record` reads it."""
        return {
            **{f.name: getattr(self, f.name) for f in fields(self)},
            "order": asdict(self.order),
            "curve": [asdict(point) for point in self.curve],
            "episodes": [asdict(episode) for episode in self.episodes],
            "spent": asdict(self.spent),
            "replays": list(self.replays),
            "settings": dict(self.settings or {}),
            "made": None if self.made is None else dict(self.made),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> CellRecord:
        """What `as_record` gave; KeyError, TypeError or ValueError if it is not that."""
        order = dict(record["order"])
        order["key"] = CellKey(**order["key"])
        return cls(
            order=CellOrder(**order),
            status=record["status"],
            reason=record["reason"],
            curve=_each(CurvePoint, record["curve"]),
            episodes=tuple(map(EpisodeResult.from_record, record["episodes"])),
            spent=Spent(**record["spent"]),
            replays=tuple(record["replays"]),
            settings=dict(record["settings"]),
            made=record.get("made"),
        )


def _each(kind: type[T], rows: Sequence[Mapping[str, Any]]) -> tuple[T, ...]:
    return tuple(kind(**row) for row in rows)


def read_cell(folder: Path) -> CellRecord | None:
    """The cell in `folder`; None if it is not there.

    Raises:
        NeurosymError: what is there is no cell.
    """
    path = folder / CELL_FILE
    try:
        return CellRecord.from_record(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NeurosymError(f"{path}: not a cell of an ablation: {error!r}") from None
