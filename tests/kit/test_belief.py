"""Beliefs that follow from what is said of one observation. The laws that hold for all beliefs are in
tests/test_belief_contract.py."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from neurosym.belief import FeatureArrays
from neurosym.errors import MissionError
from neurosym.kit import GymDomain, Subgoal
from neurosym.kit.belief import DETOUR, GymBelief
from neurosym.symbols import Atom, Description, Operator, Wanted

LIT = (Wanted("lit"),)
START, AT_LEVER, OPENED, AT_LAMP = (2, 0, 0), (0, 0, 0), (0, 1, 0), (8, 1, 0)


@dataclass
class Oracle:
    """Foresees what it is told to."""

    effort: float = 3.0
    remembered: dict[str, float] = field(default_factory=dict)

    def efforts(self, features: FeatureArrays) -> np.ndarray:
        return np.full(len(features[0]), self.effort)

    def remember(self, label: str, effort: float) -> None:
        self.remembered[label] = effort


def believing(domain: GymDomain, *views: tuple[int, int, int]) -> GymBelief:
    belief = domain.belief(len(views))
    belief.begin(np.ones(len(views), dtype=np.bool_), domain.stack(list(views)))
    return belief


def walk(domain: GymDomain, start: str, to: str) -> Operator:
    return domain.model.action("walk").bind((start, to))


def told(belief: GymBelief, *steps: Operator) -> np.ndarray:
    aims = np.array([belief.aim(n, step, None) for n, step in enumerate(steps)])
    return belief.subgoals(np.arange(len(steps)), aims)[0]


def test_a_step_is_achieved_where_its_effects_are_seen(lamps: GymDomain) -> None:
    step = walk(lamps, "hall", "lever")
    belief = believing(lamps, START, AT_LEVER, AT_LAMP)
    assert belief.achieved(told(belief, step, step, step)).tolist() == [False, True, False]


def test_an_option_begins_where_its_precondition_holds_and_is_interrupted_where_it_does_not(
    lamps: GymDomain,
) -> None:
    step = walk(lamps, "hall", "lever")
    belief = believing(lamps, START, START, START)
    rows = told(belief, step, step, step)
    assert belief.can_begin(rows).tolist() == [True] * 3
    assert not belief.surprised().any()
    belief.update(np.zeros(3, dtype=np.int64), lamps.stack([START, AT_LEVER, AT_LAMP]))
    assert belief.can_begin(rows).tolist() == [True, False, False]
    assert belief.surprised().tolist() == [False, False, True], "the second is done, the third is elsewhere"


def test_costs_are_what_is_foreseen_now_or_was_before(lamps: GymDomain) -> None:
    belief = believing(lamps, OPENED)
    unit = dict(belief.problem(0, LIT, {}).costs)
    assert set(unit.values()) == {1.0}
    oracle = Oracle(effort=7.26, remembered={"(walk lamp lever)": 5.0})
    belief.heed(oracle)
    costs = dict(belief.problem(0, LIT, {}).costs)
    assert costs[Atom("effort-of-walk", ("lever", "lamp"))] == 7.5, "in halves of a step"
    assert costs[Atom("effort-of-walk", ("lamp", "lever"))] == 5.0
    assert costs[Atom("effort-of-light")] == 1.0, "never tried"
    assert oracle.remembered["(walk lever lamp)"] == 7.5


def test_situations_differ_where_costs_do(lamps: GymDomain) -> None:
    belief, oracle = believing(lamps, OPENED), Oracle()
    belief.heed(oracle)

    def situation() -> object:
        return belief.situations(np.array([0]), [LIT])[0]

    before = situation()
    assert situation() == before
    oracle.effort = 4.0
    assert situation() != before
    assert situation().facts == before.facts  # type: ignore[attr-defined]


def test_setbacks_are_detours(lamps: GymDomain) -> None:
    belief = believing(lamps, OPENED)
    costs = dict(belief.problem(0, LIT, {"lamp": 2, "light": 1}).costs)
    assert costs[Atom("effort-of-walk", ("lever", "lamp"))] == 1 + 2 * DETOUR
    assert costs[Atom("effort-of-light")] == 1 + DETOUR
    assert costs[Atom("effort-of-pull")] == 1


def test_what_is_not_there_cannot_be_asked_for(lamps: GymDomain) -> None:
    belief = believing(lamps, START)
    with pytest.raises(MissionError, match="no spot that fits"):
        belief.problem(0, (Wanted("at", (Description("spot", (("colour", "red"),)),)),), {})


def test_any_thing_that_fits_will_do(lamps: GymDomain) -> None:
    goal = believing(lamps, START).problem(0, (Wanted("at", (Description("spot"),)),), {}).goal
    assert {str(literal) for part in goal.alternatives for literal in part} == {"(at lever)", "(at lamp)"}
    assert len(goal.alternatives) == 2


def test_a_subgoal_keeps_its_number(lamps: GymDomain) -> None:
    first = lamps.number_of(Subgoal(walk(lamps, "hall", "lamp")))
    second = lamps.number_of(Subgoal(walk(lamps, "lamp", "lever")))
    assert first != second
    assert lamps.number_of(Subgoal(walk(lamps, "hall", "lamp"))) == first
    assert lamps.subgoal(first).args == ("hall", "lamp")
