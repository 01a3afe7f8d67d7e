"""The suite that a domain's tests inherit: one test for each law."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from neurosym.domain import Domain, load_domain
from neurosym.seeds import EVALUATION_SEED
from neurosym.testing.beliefs import beliefs_agree
from neurosym.testing.bindings import bindings_cover
from neurosym.testing.files import invalid_plans_are_rejected, pddl_parses, plans_replay
from neurosym.testing.initiation import (
    no_subgoal_is_never_achieved,
    options_can_be_initiated,
    setbacks_make_something_dearer,
)
from neurosym.testing.law import Law, uphold
from neurosym.testing.observing import evaluation_sees_observations_only
from neurosym.testing.repeats import seeds_repeat
from neurosym.testing.samples import Samples, choose_tasks
from neurosym.testing.words import instructions_round_trip

__all__ = ["LAWS", "DomainConformance"]

LAWS: tuple[Law[Samples], ...] = (
    pddl_parses,
    bindings_cover,
    beliefs_agree,
    plans_replay,
    invalid_plans_are_rejected,
    instructions_round_trip,
    seeds_repeat,
    options_can_be_initiated,
    no_subgoal_is_never_achieved,
    setbacks_make_something_dearer,
    evaluation_sees_observations_only,
)
"""Every law, in the order in which they build on one another."""


class DomainConformance:
    """Holds a domain to the laws, one test each; inherit it in a class that pytest collects.

    Attributes:
        domain: the world: a `Domain`, its name, or the path of its folder.
        tasks: the ids of the tasks to be sampled; a few that can be played, evenly spread, if empty.
        seeds: an episode of each task is begun with each; the first is played by an agent with the scripted
            controller, the others by chance.
        steps: primitive steps of each episode; where one ends, another begins.
    """

    domain: ClassVar[Domain | str | Path]
    tasks: ClassVar[Sequence[str]] = ()
    seeds: ClassVar[Sequence[int]] = (EVALUATION_SEED, EVALUATION_SEED + 1)
    steps: ClassVar[int] = 40
    _samples: ClassVar[Samples | None] = None

    @classmethod
    def samples(cls) -> Samples:
        """What the laws look at, made once for each class."""
        found = cls.__dict__.get("_samples")
        if found is None:
            world = cls.domain if isinstance(cls.domain, Domain) else load_domain(cls.domain)
            found = cls._samples = Samples(world, cls.tasks or choose_tasks(world), cls.seeds, cls.steps)
        return found

    @classmethod
    def teardown_class(cls) -> None:
        """Let go of the samples."""
        cls._samples = None

    def test_pddl_parses(self) -> None:
        uphold(pddl_parses, self.samples())

    def test_bindings_cover(self) -> None:
        uphold(bindings_cover, self.samples())

    def test_beliefs_agree(self) -> None:
        uphold(beliefs_agree, self.samples())

    def test_plans_replay(self) -> None:
        uphold(plans_replay, self.samples())

    def test_invalid_plans_are_rejected(self) -> None:
        uphold(invalid_plans_are_rejected, self.samples())

    def test_instructions_round_trip(self) -> None:
        uphold(instructions_round_trip, self.samples())

    def test_seeds_repeat(self) -> None:
        uphold(seeds_repeat, self.samples())

    def test_options_can_be_initiated(self) -> None:
        uphold(options_can_be_initiated, self.samples())

    def test_no_subgoal_is_never_achieved(self) -> None:
        uphold(no_subgoal_is_never_achieved, self.samples())

    def test_setbacks_make_something_dearer(self) -> None:
        uphold(setbacks_make_something_dearer, self.samples())

    def test_evaluation_sees_observations_only(self) -> None:
        uphold(evaluation_sees_observations_only, self.samples())
