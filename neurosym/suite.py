"""Many episodes: cut into blocks that are played in this process, or in several side by side.

An episode does not depend on those before it, so which process plays which block makes no difference, and a run that
was stopped can go on with what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.agent import Agent, load
from neurosym.domain import Domain, load_domain
from neurosym.errors import NeurosymError, UnavailableTaskError
from neurosym.evaluation import Contestant, EpisodeResult, Stage, play_seeds
from neurosym.language import TranslatorChoice
from neurosym.processes import in_processes

if TYPE_CHECKING:
    import gymnasium
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BLOCK_EPISODES",
    "Absent",
    "Block",
    "Contest",
    "OtherGoal",
    "cut",
    "play_here",
    "play_side_by_side",
    "side_by_side",
]

BLOCK_EPISODES = 5  # few, so that no process waits long for another at the end


@dataclass(frozen=True)
class Block:
    """Episodes of one task, by the seeds of their levels."""

    task: str
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Absent:
    """A task that cannot start after all, and why."""

    task: str
    reason: str


class OtherGoal:
    """A domain whose tasks are played for another goal than their own; their environments judge it.

    The words are read by the domain's rules, whatever the agent makes of them.

    Raises:
        MissionError: the words are not understood.
        DomainError: the domain cannot judge the goal.
    """

    def __init__(self, domain: Domain, words: str) -> None:
        self.domain, self.words = domain, words
        self._judge = domain.judge(domain.goal(words), words)

    @property
    def action_names(self) -> Sequence[str]:
        return self.domain.action_names

    def make_env(self, task_id: str, render: bool = False) -> gymnasium.Env:
        """The task's environment, asking for the other goal."""
        return self._judge(self.domain.make_env(task_id, render))

    def view(self, observation: Any) -> NDArray[np.uint8] | None:
        return self.domain.view(observation)


@dataclass(frozen=True)
class Contest:
    """Who plays in which world, as another process can be told.

    Attributes:
        domain: the domain's name or folder.
        weights: the folder of the agent's weights; those that come with the domain if None.
        translator: the domain's rules if None. Each process counts and spends for itself.
        words: what is asked for instead of the tasks' own missions, if anything is.
    """

    domain: str | Path
    weights: Path | None = None
    translator: TranslatorChoice | None = None
    words: str | None = None

    def enter(self) -> tuple[Agent, Domain | OtherGoal]:
        """The agent and its domain, loaded once in each process."""
        return _enter(self)


@lru_cache(maxsize=1)
def _enter(contest: Contest) -> tuple[Agent, Domain | OtherGoal]:
    domain = load_domain(contest.domain)
    agent = load(domain, contest.weights, translator=contest.translator)
    return agent, domain if contest.words is None else OtherGoal(domain, contest.words)


def cut(
    tasks: Sequence[str],
    seeds: range,
    done: Container[tuple[str, int]] = (),
    size: int = BLOCK_EPISODES,
) -> list[Block]:
    """All episodes that are not `done`, task after task, in blocks of at most `size`."""
    blocks = []
    for task in tasks:
        missing = [seed for seed in seeds if (task, seed) not in done]
        blocks += [Block(task, tuple(missing[i : i + size])) for i in range(0, len(missing), size)]
    return blocks


def play_here(
    agent: Contestant, domain: Stage, blocks: Sequence[Block]
) -> Generator[EpisodeResult | Absent, None, None]:
    """Play the blocks one after the other in this process."""
    for block in blocks:
        try:
            with closing(play_seeds(agent, domain, block.task, block.seeds)) as played:
                yield from played
        except UnavailableTaskError as error:
            yield Absent(block.task, str(error))


def play_side_by_side(
    contest: Contest, blocks: Sequence[Block], jobs: int, prepare: Callable[[], object] = tuple
) -> Generator[EpisodeResult | Absent | None, None, None]:
    """Play the blocks in at most `jobs` processes; None now and then while no block is finished.

    Args:
        prepare: called in each process before anything else.

    Raises:
        NeurosymError: the agent cannot be loaded, or a process has ended by itself.
    """
    plays = [partial(_play, contest, block) for block in blocks]
    with closing(side_by_side(plays, jobs, prepare)) as outcomes:
        for results in outcomes:
            yield from results or (None,)


def side_by_side(
    work: Sequence[Callable[[], Any]], jobs: int, prepare: Callable[[], object] = tuple
) -> Generator[Any, None, None]:
    """What each piece of work returned, in the order in which they are done; None now and then while none is.

    Raises:
        NeurosymError: a process has ended by itself.
    """
    with closing(in_processes(work, jobs, prepare)) as outcomes:
        try:
            for outcome in outcomes:
                yield None if outcome is None else outcome[1]
        except RuntimeError as error:
            raise NeurosymError(str(error)) from error


def _play(contest: Contest, block: Block) -> list[EpisodeResult | Absent]:
    return list(play_here(*contest.enter(), [block]))
