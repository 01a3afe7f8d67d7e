"""What the belief contract promises, of every domain there is and of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosym.belief import Belief
from neurosym.domain import Domain, domain_names, load_domain
from neurosym.options.features import Features
from neurosym.symbols import Problem
from tests.worlds import ALLEY

EXAMPLES = Path(__file__).parents[1] / "examples"
DOMAINS = {
    "alley": ALLEY,
    **{name: load_domain(name) for name in domain_names()},
    **{name: load_domain(EXAMPLES / name) for name in ("new_operator", "rooms")},
}
COUNT, STEPS, SEED = 3, 40, 1_000_000
TASKS = {  # for others, whatever is there
    "alley": "Alley-v0",
    "minigrid": "MiniGrid-DoorKey-5x5-v0",
    "new_operator": "Guard-TwoRooms-v0",
    "rooms": "MiniGrid-DoorKey-5x5-v0",
}


@pytest.fixture(params=sorted(DOMAINS), scope="module")
def domain(request: pytest.FixtureRequest) -> Domain:
    return DOMAINS[request.param]


@pytest.fixture(scope="module")
def episodes(domain: Domain) -> list[tuple[list[Any], list[int]]]:
    """Observations and random actions of a few episodes, none of which ends early."""
    task = TASKS.get(domain.name) or next(task.id for task in domain.tasks() if task.available)
    return [record(domain, task, SEED + n) for n in range(COUNT)]


def record(domain: Domain, task: str, seed: int) -> tuple[list[Any], list[int]]:
    env, rng = domain.make_env(task), np.random.default_rng(seed)
    seen, actions = [env.reset(seed=seed)[0]], []
    for _ in range(STEPS):
        actions.append(int(rng.choice(domain.idle_actions)))
        seen.append(env.step(actions[-1])[0])
    env.close()
    return seen, actions


def replay(domain: Domain, episodes: list[Any]) -> Iterator[Belief]:
    """The belief of a batch of episodes, after each step."""
    belief = domain.belief(len(episodes))
    belief.begin(np.ones(len(episodes), dtype=bool), domain.stack([seen[0] for seen, _ in episodes]))
    yield belief
    for t in range(STEPS):
        actions = np.array([taken[t] for _, taken in episodes])
        belief.update(actions, domain.stack([seen[t + 1] for seen, _ in episodes]))
        yield belief


def problem_of(domain: Domain, belief: Belief, index: int, episodes: list[Any], **setbacks: int) -> Problem:
    mission = episodes[index][0][0]["mission"]
    return belief.problem(index, domain.goal(mission).stages[0], setbacks)


def test_a_batch_believes_what_each_alone_would(domain: Domain, episodes: list[Any]) -> None:
    together = replay(domain, episodes)
    alone = [replay(domain, [episode]) for episode in episodes]
    for t, (belief, *others) in enumerate(zip(together, *alone, strict=True)):
        for n, other in enumerate(others):
            assert belief.state(n) == other.state(0), f"episode {n}, step {t}"


def test_states_are_made_of_the_model_and_of_the_problems_objects(
    domain: Domain, episodes: list[Any]
) -> None:
    arity = {predicate.name: len(predicate.parameters) for predicate in domain.model.predicates}
    for belief in replay(domain, episodes):
        problem = problem_of(domain, belief, 0, episodes)
        names = {entry.name for entry in (*problem.objects, *domain.model.constants)}
        for atom in belief.state(0) | problem.init:
            assert len(atom.args) == arity[atom.predicate], f"{atom}: not of the model"
        for atom in problem.init:
            assert names.issuperset(atom.args), f"{atom}: over something that is no object"


def test_states_are_read_and_not_changed(domain: Domain, episodes: list[Any]) -> None:
    for belief in replay(domain, episodes):
        once = belief.state(1)
        problem_of(domain, belief, 0, episodes)
        assert belief.state(1) == once


def test_no_subgoal_is_never_achieved(domain: Domain, episodes: list[Any]) -> None:
    for belief in replay(domain, episodes):
        nothing = np.zeros((COUNT, belief.subgoal_columns), dtype=np.int32)
        assert belief.achieved(nothing).tolist() == [False] * COUNT


def test_surprises_are_told_for_each_and_there_is_none_as_yet(domain: Domain, episodes: list[Any]) -> None:
    for t, belief in enumerate(replay(domain, episodes)):
        surprised = belief.surprised()
        assert (surprised.shape, surprised.dtype) == ((COUNT,), np.bool_)
        assert t or not surprised.any(), "an episode begins with no expectations"
        belief.state(0)
        assert np.array_equal(belief.surprised(), surprised), "it is asked, not used up"


def test_begin_forgets_where_it_is_told_to_and_nowhere_else(domain: Domain, episodes: list[Any]) -> None:
    *_, belief = replay(domain, episodes)
    kept = [belief.state(n) for n in range(COUNT)]
    mask = np.array([False, True, False])
    belief.begin(mask, domain.stack([seen[0] for seen, _ in episodes]))
    fresh = next(replay(domain, episodes))
    assert [belief.state(n) for n in (0, 2)] == [kept[0], kept[2]]
    assert belief.state(1) == fresh.state(1)


def subgoal_of(belief: Belief, n: int, step: Any, following: Any) -> tuple[np.ndarray, int]:
    """The subgoal of a step in world n, and its budget."""
    aim = belief.aim(n, step, following)
    assert aim is not None, f"{step}: the first step of a plan speaks of things that are there"
    assert aim.dtype == np.int32
    rows, budgets = belief.subgoals(np.array([n]), aim[None])
    assert rows.shape == (1, belief.subgoal_columns)
    assert rows.dtype == np.int32
    return rows[0], int(budgets[0])


def plan_steps(domain: Domain, episodes: list[Any]) -> Iterator[tuple[Belief, int, Any, Any]]:
    """Each belief with the first two steps of a plan."""
    from neurosym.planning import EmbeddedPlanner

    found = 0
    for belief in replay(domain, episodes):
        for n in range(COUNT):
            problem = problem_of(domain, belief, n, episodes)
            plan = EmbeddedPlanner().plan(problem, time_limit_s=5).plan
            if plan is not None and len(plan):
                found += 1
                yield belief, n, plan.steps[0], plan.steps[1] if len(plan) > 1 else None
    assert found > COUNT, "there were next to no plans to look at"


def test_a_step_of_a_plan_can_be_told(domain: Domain, episodes: list[Any]) -> None:
    for belief, n, step, following in plan_steps(domain, episodes):
        row, budget = subgoal_of(belief, n, step, following)
        assert row.any(), "a row of zeros would be no subgoal"
        assert budget >= 1
        subgoals = np.zeros((COUNT, belief.subgoal_columns), dtype=np.int32)
        subgoals[n] = row
        done = belief.achieved(subgoals)
        assert done.shape == (COUNT,)
        assert not np.delete(done, n).any(), "another world's subgoal"


def test_features_fit_the_specification(domain: Domain, episodes: list[Any]) -> None:
    subgoals = None
    for belief, n, step, following in plan_steps(domain, episodes):
        if subgoals is None:
            subgoals = np.zeros((COUNT, belief.subgoal_columns), dtype=np.int32)
        subgoals[n], _ = subgoal_of(belief, n, step, following)
        features = Features(*belief.features(subgoals))
        domain.feature_spec.check(features)
        assert len(features) == COUNT
        assert features.sparse.min() >= 0
        assert features.sparse.max() < domain.feature_spec.rows
        assert np.abs(features.dense).max() <= 10, "of order one"
        out = (np.empty_like(features.sparse), np.empty_like(features.dense))
        written = belief.features(subgoals, out=out)
        assert written[0] is out[0]
        assert np.array_equal(out[0], features.sparse)
        assert np.array_equal(out[1], features.dense)
        some = Features(*belief.features(subgoals, np.array([2, 0])))
        assert np.array_equal(some.sparse, features.sparse[[2, 0]])
        assert np.array_equal(some.dense, features.dense[[2, 0]])


def test_a_setback_makes_something_dearer(domain: Domain, episodes: list[Any]) -> None:
    belief = next(replay(domain, episodes))
    plain = dict(problem_of(domain, belief, 0, episodes).costs)
    dearer = 0
    for name in {arg for atom in plain for arg in atom.args}:
        costs = dict(problem_of(domain, belief, 0, episodes, **{name: 1}).costs)
        assert costs.keys() == plain.keys()
        assert all(costs[atom] >= plain[atom] for atom in plain)
        dearer += any(costs[atom] > plain[atom] for atom in plain)
    assert dearer, "setbacks change nothing: a step that fails would be tried for ever"
