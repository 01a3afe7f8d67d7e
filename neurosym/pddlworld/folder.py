"""A domain's folder without an environment: its first problem is the world, and its words say what is done there."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from neurosym.language import Rules, RuleTranslator, Vocabulary
from neurosym.pddlworld.belief import PddlBelief
from neurosym.pddlworld.domain import PddlDomain, PddlTranslator
from neurosym.planning import read_domain
from neurosym.symbols import Goal, PlanningDomain, State

if TYPE_CHECKING:
    from neurosym.language.understanding import Understanding

__all__ = ["FolderDomain"]


class FolderDomain(PddlDomain):
    """The world of a folder's `domain.pddl` and `p01.pddl`, spoken of as its `missions.toml` has it.

    The mission is the problem's goal as PDDL; each step is said in words. The model is the domain as it is written, so
    that `neurosym domain check` and `show` speak of its operators.

    Raises:
        PddlError: a file cannot be read, is broken, or uses what is not supported.
        PlanningError: the world is too large, or there is nothing to do in it.
    """

    def __init__(self, folder: Path | str) -> None:
        super().__init__(Path(folder) / "domain.pddl", Path(folder) / "p01.pddl")
        self.name = Path(folder).resolve().name

    @cached_property
    def model(self) -> PlanningDomain:
        return read_domain(self.files[0], reader="direct")

    @cached_property
    def translator(self) -> _Translator:  # type: ignore[override]
        return _Translator(Rules.from_toml(self.folder / "missions.toml"), self.world.mission)

    def belief(self, count: int) -> PddlBelief:
        return _Belief(self.strips, count)


class _Translator(RuleTranslator):
    """Says steps by rules; the one mission is the problem's goal."""

    def __init__(self, rules: Rules, mission: str) -> None:
        super().__init__(rules)
        self._problem = PddlTranslator(mission)

    def goal(self, mission: str, vocabulary: Vocabulary) -> Goal:
        return self._problem.goal(mission, vocabulary)

    def understand(self, mission: str, vocabulary: Vocabulary) -> Understanding:
        return self._problem.understand(mission, vocabulary)


class _Belief(PddlBelief):
    """What never changes is believed too, since the operators of the file ask for it."""

    def state(self, index: int) -> State:
        return super().state(index) | self.strips.world.always
