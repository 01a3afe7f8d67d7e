"""What a method is, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from neurosym.errors import NeurosymError
from neurosym.evaluation import Contestant
from neurosym.replay.episode import Thinks

if TYPE_CHECKING:
    from neurosym.domain import Domain
    from neurosym.training import TrainingConfig

__all__ = ["METHODS", "Budget", "Contender", "Method", "Player", "Trial", "method"]

Budget = Literal["plan", "flat", "none"]


@dataclass(frozen=True)
class Trial:
    """What a method works with: the same for all methods of a task and a seed.

    Attributes:
        frames: environment frames there are to learn from.
        config: the settings that all methods share, but for the size of a rollout, which goes by the budget.
        make_levels: what `Domain.training_levels` returns for the task and this seed; made when asked for.
    """

    domain: Domain
    task: str
    seed: int
    frames: int
    config: TrainingConfig
    make_levels: Callable[[], Any]


class Player(Contestant, Thinks, Protocol):
    """What plays a task, and can be recorded.

    Attributes:
        domain: whose environments it plays in.
    """

    @property
    def domain(self) -> Any: ...


class Contender(Protocol):
    """A method at work on a task.

    Attributes:
        frames: environment frames learned from so far.
        plans, planning_seconds: calls of the planner in learning, and their wall time.
        settings: all that was set, as JSON.
    """

    @property
    def frames(self) -> int: ...
    @property
    def plans(self) -> int: ...
    @property
    def planning_seconds(self) -> float: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...

    def learn(self, frames: int) -> None:
        """Go on learning until about so many frames, those before included, are learned from."""
        ...

    def agent(self) -> Player:
        """What has been learned so far, ready to play the task's own environment."""
        ...


@dataclass(frozen=True)
class Method:
    """One way to solve a task: the full agent with one thing changed.

    Attributes:
        changed: what differs from the full agent, in a line.
        budget: how its frames are counted out: as for plan-guided methods, as for flat ones, or none where nothing is
            learned.
        make: sets it to work.
    """

    name: str
    changed: str
    budget: Budget
    make: Callable[[Trial], Contender] = field(repr=False)

    @property
    def learned(self) -> bool:
        return self.budget != "none"


METHODS: dict[str, Method] = {}
"""All methods by name, in the order in which a report shows them."""


def method(
    name: str, changed: str, budget: Budget
) -> Callable[[Callable[[Trial], Contender]], Callable[[Trial], Contender]]:
    """Enter the function below as a method into `METHODS`.

    Raises:
        NeurosymError: there is one of that name already, or no such budget.
    """
    if budget not in get_args(Budget):
        raise NeurosymError(
            f"method {name!r}: the budget is one of {', '.join(get_args(Budget))}, not {budget!r}"
        )

    def enter(make: Callable[[Trial], Contender]) -> Callable[[Trial], Contender]:
        if name in METHODS:
            raise NeurosymError(f"there is a method {name!r} already: {METHODS[name].changed}")
        METHODS[name] = Method(name, changed, budget, make)
        return make

    return enter
