"""Descriptions against BabyAI's own matching, and the problems that stages pose: well formed, honest, solvable."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from minigrid.core.constants import COLOR_NAMES
from minigrid.envs.babyai.core.verifier import LOC_NAMES, OBJ_TYPES, ObjDesc

from neurosym.planning import EmbeddedPlanner, parse_problem, validate, write_problem
from neurosym.symbols import Atom, Description, PlanStatus, Problem, Wanted
from tests.domains.minigrid.diary import REMEMBERED, moments
from tests.domains.minigrid.play import (
    DOMAIN,
    OUT_OF_DATE,
    STALE_START,
    TRUE_STARTS,
    Frame,
    agent,
    code_at,
    make,
    maps,
    question,
    scene,
    situation,
    survey,
    thing_at,
)
from tests.domains.minigrid.witness import Witness, around


def assert_assumptions(problem: Problem, witness: Witness, stage: tuple[Wanted, ...], told: str) -> None:
    """What was not seen may be wherever nobody has looked, and in every closed box; nothing else may be anywhere."""
    seen = witness.diary.seen
    unexplored = {
        room for room, cells in witness.rooms.items() if any(set(around(cell)) - seen for cell in cells)
    } | {thing.name for thing in problem.objects if thing.name.startswith("beyond_")}
    sought = {thing.name: thing.type for thing in problem.objects if thing.name.startswith("unseen_")}
    wanted_locations = {
        argument.get("location") is not None for wanted in stage for argument in wanted.arguments
    }
    for name, kind in sought.items():
        rooms = {atom.args[1] for atom in problem.init if atom.predicate == "may-be" and atom.args[0] == name}
        assert rooms == unexplored or (True in wanted_locations and rooms <= unexplored), (
            f"{told}: {name} in {rooms}"
        )
        colour = next((colour for colour in COLOR_NAMES if f"_{colour}_" in name), None)
        if kind == "key" and colour and "_".join(("unseen", colour, "key")) == name:
            keys = (thing for thing in witness.objects.values() if thing.type == "key")
            assert all(key.color != colour for key in keys), f"{told}: {name} was seen"
    names = {atom.args[0] for atom in problem.init if atom.predicate == "may-be"}
    assert names <= set(sought), f"{told}: {names - set(sought)} was seen"
    boxes = {name for name, thing in witness.objects.items() if thing.type == "box"}
    hiding = {atom.args[0] for atom in problem.init if atom.predicate == "hides"}
    assert hiding <= boxes, f"{told}: {hiding - boxes} are no boxes any more"


def assert_well_formed(problem: Problem, told: str) -> None:
    """Every atom is typed as the domain says, and every operator that can be grounded has its cost."""
    types = {thing.name: problem.domain.ancestors(thing.type) for thing in problem.objects}
    signatures = {signature.name: signature for signature in problem.domain.predicates}
    goal = {literal.atom for literal in itertools.chain(*problem.goal.alternatives)}
    for atom in problem.init | goal:
        parameters = signatures[atom.predicate].parameters
        assert len(parameters) == len(atom.args), f"{told}: {atom}"
        for parameter, name in zip(parameters, atom.args, strict=True):
            assert parameter.type in types[name], f"{told}: {atom}: {name} is no {parameter.type}"
    costs = dict(problem.costs)
    assert len(costs) == len(problem.costs), f"{told}: a cost is given twice"
    assert all(cost > 0 for cost in costs.values()), f"{told}: a cost is not positive"
    for signature in problem.domain.functions:
        for parameter in signature.parameters:
            for name, chain in types.items():
                if parameter.type in chain:
                    assert Atom(signature.name, (name,)) in costs, f"{told}: no ({signature.name} {name})"


@OUT_OF_DATE
@pytest.mark.parametrize("task", TRUE_STARTS)
def test_problems_are_well_formed_and_their_plans_valid(task: str) -> None:
    planner = EmbeddedPlanner()
    for seed in range(2):
        for player, diary, told in itertools.islice(moments(task, seed, wandering=0.2), 0, 30, 3):
            view = player.executive.belief.scene(0)
            goal = player.executive.threads[0].goal
            for stage in goal.stages:
                problem = player.executive.belief.problem(0, stage, {})
                assert problem.goal.alternatives, f"{told}: nothing is asked for"
                wanted = {wanted.predicate for wanted in stage}
                read = problem.domain.preconditions | wanted | ({"visited"} if "matched" in wanted else set())
                read -= {"beside"} - wanted  # read of what belongs together, and so nothing
                matters = {atom for atom in view.state() if atom.predicate in read}
                assert problem.init >= matters, told
                assert not (problem.init & view.state()) - matters, f"{told}: nothing reads it"
                assert_well_formed(problem, told)
                assert_assumptions(problem, Witness(diary, view), stage, told)
                result = planner.plan(problem, time_limit_s=10.0)
                if result.plan is not None:
                    assert validate(problem, result.plan), f"{told}: {validate(problem, result.plan).reason}"
                else:
                    assert result.status is PlanStatus.UNSOLVABLE, f"{told}: {result.status}, {result.reason}"


@OUT_OF_DATE
@pytest.mark.parametrize("task", [*TRUE_STARTS, STALE_START])
def test_there_is_a_plan_after_the_first_look(task: str) -> None:
    """Nothing is known yet, so anything may be anywhere: a plan exists, with searching in it."""
    for seed in range(5):
        player = agent()
        _, observation = make(task, seed)
        player.reset(observation)
        assert player.plan is not None or not player.executive.subgoals.any(), f"{task}, seed {seed}"
        assert player.plan is not None, f"{task}, seed {seed}: {player.events}"


def test_setbacks_make_operators_dearer() -> None:
    player = agent()
    _, observation = make("MiniGrid-DoorKey-8x8-v0", 0)
    player.reset(observation)
    stage = player.executive.threads[0].goal.stages[0]
    belief = player.executive.belief
    plain, dear = (dict(belief.problem(0, stage, setbacks).costs) for setbacks in ({}, {"yellow_key": 2}))
    assert {atom for atom in plain if plain[atom] != dear[atom]} <= {Atom("reach", ("yellow_key",))}
    name = next(name for name in belief.scene(0).things)
    costs = dict(belief.problem(0, stage, {name: 2}).costs)
    assert costs[Atom("reach", (name,))] == plain[Atom("reach", (name,))] + 2 * question.SETBACK_COST


def test_every_empty_box_makes_looking_into_the_next_dearer() -> None:
    task = "MiniGrid-ObstructedMaze-1Dlhb-v0"
    boxed = (
        it for it, _, _ in moments(task, 1_000_000, 0.0) if "grey_box" in it.executive.belief.scene(0).things
    )
    player = next(boxed)
    belief, stage = player.executive.belief, player.executive.threads[0].stage.wanted
    prices = []
    for count in range(6):
        belief.map.agent[0, maps.EMPTY_BOXES] = count
        belief._scene = None
        costs = dict(belief.problem(0, stage, {}).costs)
        prices.append({atom: cost for atom, cost in costs.items() if atom.predicate == "rummage"})
    assert prices[0], "there is a box"
    for count, price in enumerate(prices):
        doubt = question.DOUBT * min(count, situation.MOST_EMPTY_BOXES)
        assert price == {atom: cost + doubt for atom, cost in prices[0].items()}, count


def test_what_is_gone_lies_beside_nothing() -> None:
    """A box that something was put next to is opened: the problem that follows is one of things that are there."""
    player = agent()
    _, observation = make("BabyAI-PutNextLocal-v0", 0)
    player.reset(observation)
    belief, stage = player.executive.belief, player.executive.threads[0].stage.wanted
    world, names = belief.map, list(belief.scene(0).things)
    world.pairs[0, 0], world.pairs[0, 1], world.agent[0, maps.PAIRS] = (1, 2), (1, 3), 2
    world.ids[0, world.place[0, 1]], world.place[0, 1] = 0, maps.GONE
    belief._scene = None
    problem = belief.problem(0, stage, {})
    said = {atom for atom in problem.init if atom.predicate == "beside"}
    assert said == {Atom("beside", (names[0], names[2]))}
    assert EmbeddedPlanner().plan(problem, time_limit_s=10.0).plan is not None


def test_a_problem_survives_being_written_down() -> None:
    for task in ("MiniGrid-ObstructedMaze-Full-v1", "BabyAI-BossLevel-v0"):
        for player, _, told in itertools.islice(moments(task, 1, 0.1), 5):
            stage = player.executive.threads[0].goal.stages[0]
            problem = player.executive.belief.problem(0, stage, {})
            again = parse_problem(write_problem(problem), DOMAIN.model)
            assert again.init == problem.init, told
            assert dict(again.costs) == dict(problem.costs), told


# What words mean. -----------------------------------------------------------------------------------------------


def omniscient(env: Any) -> Any:
    """The belief of an agent that has just begun and has seen everything."""
    world, frame = maps.BeliefMap(1), Frame(env)
    for x, y in itertools.product(range(env.width), range(env.height)):
        thing, cell = thing_at(env, x, y), frame.cell(x, y)
        world.cells[0, cell] = code_at(env, x, y)
        if thing is not None and thing.type in REMEMBERED:
            number = int(world.agent[0, maps.THINGS])
            world.codes[0, number], world.ids[0, cell] = code_at(env, x, y), number + 1
            world.place[0, number] = world.home[0, number] = cell
            world.agent[0, maps.THINGS] += 1
    world.agent[0, [maps.HEADING, maps.START_HEADING]] = env.agent_dir
    spans = ((maps.WEST, -frame.x), (maps.EAST, env.width - frame.x))
    for column, value in (*spans, (maps.NORTH, -frame.y), (maps.SOUTH, env.height - frame.y)):
        world.agent[0, column] = value
    return world


def description(kind: str | None, colour: str | None, location: str | None) -> Description:
    said = (("colour", colour), ("location", location))
    return Description(kind or "thing", tuple((name, value) for name, value in said if value))


@OUT_OF_DATE
@pytest.mark.parametrize(
    "task", ["BabyAI-BossLevel-v0", "BabyAI-PickupLoc-v0", "BabyAI-GoToSeq-v0", "BabyAI-SynthLoc-v0"]
)
def test_descriptions_mean_what_babyai_means(task: str) -> None:
    """Every combination of type, colour and location, with everything known, as the episode begins."""
    found = 0
    for seed in range(6):
        env, _ = make(task, seed)
        world, frame = omniscient(env), Frame(env)
        view = scene.Scene(world, 0, survey.Survey.blank(), situation.RoomNames.blank(1))
        for kind, colour, location in itertools.product(
            (None, *OBJ_TYPES), (None, *COLOR_NAMES), (None, *LOC_NAMES)
        ):
            _, places = ObjDesc(kind, colour, location).find_matching_objs(env)
            real = {place for place in places if env.grid.get(*place).type in OBJ_TYPES}
            asked = question.Question(view, ())
            named = asked.candidates(description(kind, colour, location))
            ours = {
                frame.place(world.place[0, view.things[name]]) for name in named if name not in asked.sought
            }
            assert ours == real, f"{task}, seed {seed}: {kind}, {colour}, {location}"
            assert bool(asked.sought) == (not real), "what is not there is sought, and nothing else"
            found += len(real) * (location is not None)
    assert found > 50, "locations were tried on things"


def test_locations_are_those_of_the_beginning() -> None:
    """BabyAI matches once, when the episode begins; turning around and carrying things away changes nothing."""
    env, observation = make("BabyAI-PickupLoc-v0", 1)
    player = agent()
    player.reset(observation)
    belief = player.executive.belief
    first: dict[str, set[str]] = {}
    rng = np.random.default_rng(0)
    for _ in range(200):
        view = belief.scene(0)
        for location in LOC_NAMES:
            asked = question.Question(view, ())
            names = set(asked.candidates(description(None, None, location))) - set(asked.sought)
            assert first.get(location, set()) <= names, (
                f"{location}: {first[location] - names} is not there any more"
            )
            first[location] = names
        action = int(rng.choice([0, 1, 2, 2, 3, 4]))
        observation = env.step(action)[0]
        belief.update(np.array([action]), DOMAIN.stack([observation]))
    for location, names in first.items():
        env, _ = make("BabyAI-PickupLoc-v0", 1)
        _, places = ObjDesc(None, None, location).find_matching_objs(env)
        real = [place for place in places if env.grid.get(*place).type in OBJ_TYPES]
        assert len(names) == len(real), f"after a long walk everything {location} is known"


@OUT_OF_DATE
@pytest.mark.parametrize("task", ["BabyAI-MiniBossLevel-v0", "BabyAI-GoTo-v0", "BabyAI-Pickup-v0"])
def test_the_door_one_started_from_is_the_one_nearest_to_the_start(task: str) -> None:
    """After a look around in the room, the belief and the true state name the same door."""
    found = 0
    for seed in range(6):
        env, observation = make(task, seed)
        start = tuple(int(value) for value in env.agent_pos)
        room = env.room_from_pos(*start)
        doors = [(x, y) for x in range(env.width) for y in range(env.height) if room.pos_inside(x, y)]
        doors = [place for place in doors if (it := env.grid.get(*place)) is not None and it.type == "door"]
        distances = {place: abs(place[0] - start[0]) + abs(place[1] - start[1]) for place in doors}
        nearest = [place for place in doors if distances[place] == min(distances.values())]
        player, frame = agent(), Frame(env)
        player.reset(observation)
        belief = player.executive.belief
        for _ in range(4):
            observation = env.step(0)[0]
            belief.update(np.array([0]), DOMAIN.stack([observation]))
        view = belief.scene(0)
        asked = question.Question(view, ())
        names = asked.candidates(Description("door", (("location", "start"),)))
        seen = [frame.place(view.place[view.things[name]]) for name in names if name not in asked.sought]
        if set(nearest) <= {frame.place(cell) for cell in view.place if cell >= 0}:
            assert len(seen) == 1
            assert seen[0] in nearest, f"seed {seed}"
            found += 1
    assert found > 2


def test_what_is_known_by_name_is_that_thing_alone() -> None:
    _, observation = make("BabyAI-GoToLocal-v0", 0)
    player = agent()
    player.reset(observation)
    asked = question.Question(player.executive.belief.scene(0), ())
    names = asked.candidates(Description("thing", (), False))
    assert len(names) > 1
    for name in names:
        assert asked.candidates(Description("thing", (), False, name=name)) == [name]


def test_within_a_stage_a_thing_meant_again_is_one_thing() -> None:
    _, observation = make("BabyAI-PutNextS7N4-v0", 1_000_000)
    player = agent()
    player.reset(observation)
    view = player.executive.belief.scene(0)
    (stage,) = DOMAIN.goal("pick up an object and go to it").stages
    (free,) = DOMAIN.goal("pick up an object and go to an object").stages
    pairs = [
        sorted(literal.atom.args for literal in way)
        for way in question.Question(view, stage).condition.alternatives
    ]
    assert pairs
    assert all(one == other for one, other in pairs)
    assert len(question.Question(view, free).condition.alternatives) > len(pairs)
