"""Methods that differ from the full agent in one thing about the plan."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from neurosym.ablation.methods import Trial
from neurosym.ablation.methods.guided import (
    BlindExecutive,
    RandomOrderExecutive,
    ScrambledExecutive,
    WrongGoals,
)
from neurosym.ablation.methods.operators import Choices
from neurosym.ablation.methods.practised import Practised
from neurosym.ablation.methods.separate import practise_separately
from neurosym.agent import Agent
from neurosym.deliberation import Stage
from neurosym.errors import MissionError
from neurosym.executive import Executive
from neurosym.language import Vocabulary
from neurosym.options import Features, Rollout
from neurosym.planning.applicable import applicable
from neurosym.symbols import Description, Goal, Problem, Signature, TypedName, Wanted
from tests.worlds import ALLEY, alley, kinds, look, play

CAREFUL = ALLEY.scripted_controller()
LEVEL = alley.draw("b.#.o", "ring the bell, then fetch the coin", coin=0)


def agent_of(kind: type[Executive], **settings: Any) -> Agent:
    return Agent(ALLEY, CAREFUL, guide=kind(ALLEY, 1, **settings))


def problem_of(level: Any) -> Problem:
    belief, world = ALLEY.belief(1), alley.Alleys([level], 1)
    belief.begin(np.ones(1, np.bool_), world.observation())
    return belief.problem(0, ALLEY.goal(level.mission).stages[0], {})


@pytest.mark.parametrize("text", ["b.#.o", "$o", "b.b#.o/$"])
def test_the_applicable_operators_are_found(text: str) -> None:
    problem = problem_of(alley.draw(text, "ring the bell, then fetch the coin"))
    names = [thing.name for thing in problem.objects]
    types = {thing.name: problem.domain.ancestors(thing.type) for thing in problem.objects}
    slow = {
        str(step)
        for action in problem.domain.actions
        for args in product(names, repeat=len(action.parameters))
        if all(p.type in types[arg] for p, arg in zip(action.parameters, args, strict=True))
        and (step := action.bind(args, {**dict.fromkeys(costs(action, args), 1.0)})).applicable(problem.init)
    }
    assert sorted(str(step) for step in applicable(problem)) == sorted(slow)
    assert slow


def costs(action: Any, args: tuple[str, ...]) -> list[Any]:
    binding = {parameter.name: arg for parameter, arg in zip(action.parameters, args, strict=True)}
    return [] if isinstance(action.cost, float) else [action.cost.bind(binding)]


def test_choices_are_those_that_can_be_aimed_at() -> None:
    belief, world = ALLEY.belief(1), alley.Alleys([LEVEL], 1)
    belief.begin(np.ones(1, np.bool_), world.observation())
    stage = Stage(ALLEY.goal(LEVEL.mission).stages[0])
    (situation,) = belief.situations(np.zeros(1, np.int64), [stage.wanted])
    found = Choices(belief).find(0, situation, stage)
    assert {step.name for step, _ in found} == {"open-box", "open-gate"}
    assert [str(step) for step, _ in found] == sorted(str(step) for step, _ in found)
    assert all(aim.any() for _, aim in found)


def test_steps_are_taken_in_any_order() -> None:
    agent = agent_of(RandomOrderExecutive)
    course = play(agent, LEVEL, steps=70)
    assert agent.counters.plans == 0
    assert len(set(course.instructions)) > 3
    assert play(agent, LEVEL, steps=70).actions == course.actions, "chance begins anew with each episode"
    assert course.actions != play(agent_of(Executive), LEVEL, steps=70).actions


def meddle(t: int, world: Any) -> None:
    """Somebody shuts the gate as soon as it is open."""
    world.image[0, 2] = np.where(world.image[0, 2] == alley.OPEN, alley.SHUT, world.image[0, 2])


def test_the_first_plan_is_followed_whatever_happens() -> None:
    level = alley.draw("..#.o", "ring the bell")
    assert play(agent_of(BlindExecutive), level).ended
    blind, seeing = agent_of(BlindExecutive), agent_of(Executive)
    told = play(blind, level, steps=40, mischief=meddle)
    assert kinds(blind).count("plan") == 1
    assert "replan" not in kinds(blind)
    assert blind.counters.plans == 1
    assert not told.ended
    play(seeing, level, steps=40, mischief=meddle)
    assert seeing.counters.plans > 1


@pytest.mark.parametrize(("kind", "decisions"), [(BlindExecutive, 0), (Executive, 1)])
def test_no_surprise_interrupts_it(
    kind: type[Executive], decisions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    executive, world = kind(ALLEY, 1), alley.Alleys([LEVEL], 1)
    executive.begin(np.ones(1, np.bool_), world.observation())
    asked: list[Any] = []
    monkeypatch.setattr(executive.belief, "surprised", lambda: np.ones(1, np.bool_))
    monkeypatch.setattr(executive, "_deliberate", lambda which, done: asked.extend(which.tolist()))
    executive.update(np.array([alley.RIGHT]), world.observation())
    assert len(asked) == decisions


def test_a_plan_that_has_come_to_its_end_is_not_made_again() -> None:
    agent = agent_of(BlindExecutive)
    play(agent, alley.draw("$", "fetch the coin", deeds=(alley.SOUNDING,)), steps=60)
    assert agent.counters.plans == 1
    assert agent.instruction is None


def test_a_step_that_speaks_of_what_is_not_there_is_waited_for() -> None:
    """By the first plan the coin is in the first box; it is in the other one."""
    agent = agent_of(BlindExecutive)
    course = play(agent, alley.draw("b..b", "fetch the coin", coin=3, start=1), steps=60)
    assert not course.ended
    assert agent.counters.plans == 1
    assert kinds(agent).count("gave up") > 1


def test_another_step_is_told_than_the_one_in_hand() -> None:
    executive = ScrambledExecutive(ALLEY, 64)
    world = alley.Alleys([LEVEL], 64)
    executive.begin(np.ones(64, np.bool_), world.observation())
    assert len(np.unique(executive.subgoals, axis=0)) == 1
    assert len(np.unique(executive.told, axis=0)) == 2, "to open the box, or the gate"
    told = executive.features()
    sparse, dense = executive.belief.features(executive.told)
    np.testing.assert_array_equal(told.sparse, sparse)
    np.testing.assert_array_equal(told.dense, dense)


def test_where_nothing_is_told_nothing_is_scrambled() -> None:
    executive = ScrambledExecutive(ALLEY, 1)
    executive.begin(np.ones(1, np.bool_), {**look_all(LEVEL), "mission": ["dance"]})
    assert not executive.told.any()


def look_all(level: Any) -> dict[str, Any]:
    seen = look(alley.Alleys([level], 1))
    return {"image": seen["image"][None], "mission": [seen["mission"]]}


@pytest.mark.parametrize("mission", alley.RANDOM_MISSIONS)
def test_missions_are_taken_for_others(mission: str) -> None:
    wrong, right = WrongGoals(ALLEY.translator), ALLEY.translator.goal(mission, ALLEY.vocabulary)
    found = wrong.goal(mission, ALLEY.vocabulary)
    assert found == wrong.goal(mission, ALLEY.vocabulary)
    assert ALLEY.vocabulary.check(found) is found
    pairs = list(zip(right.stages, found.stages, strict=True))
    assert pairs
    assert all(a.predicate != b.predicate for one, other in pairs for a, b in zip(one, other, strict=True))


class Single:
    """Understands one thing only."""

    def goal(self, mission: str, vocabulary: Vocabulary) -> Goal:
        return Goal(((Wanted("held", (Description("coin"),)),),))


def test_there_may_be_nothing_else_to_want() -> None:
    single: Any = Single()
    types = (TypedName("coin"), TypedName("bell"))
    held = (Signature("held", (TypedName("?c", "coin"),)),)
    with pytest.raises(MissionError, match="nothing else to want"):
        WrongGoals(single).goal("fetch", Vocabulary(types, held))
    either = (Signature("held", (TypedName("?c", "object"),)),)
    (stage,) = WrongGoals(single).goal("fetch", Vocabulary(types, either)).stages
    assert stage == (Wanted("held", (Description("bell", definite=False),)),)


def test_a_wrong_plan_is_for_another_goal() -> None:
    agent = agent_of(Executive, translator=WrongGoals(ALLEY.translator))
    course = play(agent, alley.draw("$.o", "fetch the coin"), steps=10)
    assert "(ring bell z0)" in str(agent.events[0].text)
    assert not course.ended


def test_each_operator_has_a_network_of_its_own(trial: Trial) -> None:
    practised = practise_separately(trial)
    before = [network.policy.weight.clone() for network in practised.network.networks]
    rollout = Rollout(practised.network.spec, 8, 8)
    practised.practice.fill(rollout)
    kinds = set(np.unique(rollout.sparse[..., -1][rollout.valid]).tolist())
    practised.learn(64)
    after = [network.policy.weight for network in practised.network.networks]
    moved = {k for k, (one, other) in enumerate(zip(before, after, strict=True)) if not one.equal(other)}
    assert moved
    assert moved < set(range(len(before))), "what was never begun is not learned"
    assert min(kinds) >= ALLEY.feature_spec.rows


def test_each_row_is_decided_by_its_own_network(trial: Trial) -> None:
    networks = practise_separately(trial).network
    rows = networks.spec.empty(3)
    rows.sparse[:, -1] = [networks.first, networks.first + 2, 0]
    logits, values = networks.evaluate(rows)
    for place, network in ((0, networks.networks[0]), (1, networks.networks[2])):
        np.testing.assert_array_equal(logits[place], network.evaluate(rows[place])[0][0])
        assert values[place] == network.evaluate(rows[place])[1][0]
    assert (logits[2] == 0).all()


def test_features_are_written_in_place(trial: Trial) -> None:
    guide: Any = practise_separately(trial).practice.executive
    out = Features(*(np.full_like(a, 7) for a in (guide.features().sparse, guide.features().dense)))
    assert guide.features(out=out) is out
    np.testing.assert_array_equal(out.sparse, guide.features().sparse)
    np.testing.assert_array_equal(out.dense, guide.features().dense)


def test_frames_are_whole_rollouts(trial: Trial) -> None:
    practised = Practised(trial)
    for asked, taken in ((1, 64), (95, 64), (96, 128), (128, 128)):
        practised.learn(asked)
        assert practised.frames == taken
