"""Every mission that MiniGrid and BabyAI make means what the environment itself checks for."""

import contextlib
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import gymnasium
import minigrid  # noqa: F401  (registers the environments)
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minigrid.core.constants import COLOR_NAMES
from minigrid.core.world_object import Goal as GoalSquare
from minigrid.envs.babyai.core.verifier import (
    LOC_NAMES,
    AfterInstr,
    AndInstr,
    BeforeInstr,
    GoToInstr,
    Instr,
    ObjDesc,
    OpenInstr,
    PickupInstr,
    PutNextInstr,
)
from minigrid.minigrid_env import MiniGridEnv

from neurosym.errors import MissionError
from neurosym.language import Rules, RuleTranslator, Vocabulary
from neurosym.planning import read_domain
from neurosym.symbols import Description, Goal, Operator, PlanningDomain, Wanted

WORLD = Path(__file__).parents[3] / "domains" / "minigrid"
TASKS = sorted(
    name
    for name in gymnasium.registry
    if name.startswith(("MiniGrid-", "BabyAI-")) and "-WFC-" not in name and "-Playground-" not in name
)
# Here the agent's room is so full that the generator looks for a free place for ever (minigrid 3.2.0).
NEVER_BEGIN = {"BabyAI-SynthS5R2-v0": {1_000_436, 1_000_447, 1_000_486, 1_000_828, 1_000_911}}
OUT_OF_DATE = pytest.mark.filterwarnings("ignore:.*is out of date")


@cache
def translator() -> RuleTranslator:
    return RuleTranslator(Rules.from_toml(WORLD / "missions.toml"))


@cache
def model() -> PlanningDomain:
    return read_domain(WORLD / "domain.pddl")


@cache
def vocabulary() -> Vocabulary:
    return translator().rules.vocabulary(model())


def goal_of(mission: str) -> Goal:
    return translator().goal(mission, vocabulary())


def described(type_name: str, colour: str | None = None, location: str | None = None, definite: bool = True):
    said = (("colour", colour), ("location", location))
    return Description(type_name, tuple((name, value) for name, value in said if value), definite)


def one(predicate: str, *arguments: Description) -> Goal:
    return Goal(((Wanted(predicate, arguments),),))


# What BabyAI checks for: its own instruction object, with the objects it matched when the episode began.


def of_object(found: ObjDesc, anything: str) -> Description:
    return described(found.type or anything, found.color, found.loc, definite=len(found.obj_set) == 1)


def of_action(instruction: Instr) -> Wanted:
    if isinstance(instruction, GoToInstr):
        return Wanted("visited", (of_object(instruction.desc, "thing"),))
    if isinstance(instruction, PickupInstr):
        return Wanted("held", (of_object(instruction.desc, "item"),))
    if isinstance(instruction, OpenInstr):
        return Wanted("opened", (of_object(instruction.desc, "door"),))
    assert isinstance(instruction, PutNextInstr), f"an instruction nobody knows: {instruction}"
    moved, fixed = of_object(instruction.desc_move, "item"), of_object(instruction.desc_fixed, "thing")
    return Wanted("beside", (moved, fixed))


def of_instruction(instruction: Instr) -> tuple[tuple[Wanted, ...], ...]:
    if isinstance(instruction, BeforeInstr):
        return of_instruction(instruction.instr_a) + of_instruction(instruction.instr_b)
    if isinstance(instruction, AfterInstr):
        return of_instruction(instruction.instr_b) + of_instruction(instruction.instr_a)
    if isinstance(instruction, AndInstr):
        return ((of_action(instruction.instr_a), of_action(instruction.instr_b)),)
    return ((of_action(instruction),),)


# What the other environments check for: the attributes they compare with when a step is taken.

SAYS_GREEN = ("Empty", "DistShift", "DynamicObstacles", "Crossing", "LavaGap")


def of_target(env: MiniGridEnv) -> Goal:
    name, world = type(env).__name__.removesuffix("Env"), vars(env)
    if name == "Fetch":
        return one("held", described(world["targetType"], world["targetColor"], definite=False))
    if name == "GoToDoor":
        return one("visited", described("door", world["target_color"]))
    if name == "GoToObject":
        return one("visited", described(world["targetType"], world["target_color"]))
    if name == "PutNear":
        moved = described(world["move_type"], world["moveColor"])
        return one("beside", moved, described(world["target_type"], world["target_color"]))
    if name == "RedBlueDoor":
        doors = [described("door", world[key].color) for key in ("red_door", "blue_door")]
        return Goal(tuple((Wanted("opened", (door,)),) for door in doors))
    if name == "Unlock":
        return one("opened", described(world["door"].type))
    if name == "Memory":
        return one("matched", Description("item", (("likeness", "alike"),)))
    if "obj" in world:
        return one("held", described(world["obj"].type, world["obj"].color))
    square = next(cell for cell in env.grid.grid if isinstance(cell, GoalSquare))
    return one("reached", described("goal", square.color if name.startswith(SAYS_GREEN) else None))


def episodes(task: str, seeds: range) -> Iterator[tuple[int, str, Goal]]:
    """Seed, mission, and the goal that the environment itself has."""
    with contextlib.redirect_stdout(io.StringIO()):
        made = gymnasium.make(task, disable_env_checker=True)
        for seed in sorted(set(seeds) - NEVER_BEGIN.get(task, set())):
            observation, _ = made.reset(seed=seed)
            env = made.unwrapped
            assert isinstance(env, MiniGridEnv)
            instruction = getattr(env, "instrs", None)
            yield (
                seed,
                observation["mission"],
                Goal(of_instruction(instruction)) if instruction else of_target(env),
            )


def check(task: str, seeds: range) -> None:
    for seed, mission, goal in episodes(task, seeds):
        assert goal_of(mission) == goal, f"{task}, seed {seed}: {mission!r}"


def test_every_task_that_has_a_mission_is_here():
    assert len(TASKS) == 171


@OUT_OF_DATE
@pytest.mark.parametrize("task", TASKS)
def test_two_hundred_missions_mean_what_the_environment_checks(task):
    check(task, range(1_000_000, 1_000_200))


@OUT_OF_DATE
@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_a_thousand_missions_mean_what_the_environment_checks(task):
    check(task, range(1_000_000, 1_001_000))


@OUT_OF_DATE
def test_the_environments_say_every_construction():
    """The comparison above is worth something only if it meets every kind of sentence."""
    tasks = ("BabyAI-BossLevel-v0", "BabyAI-PickupLoc-v0")
    said = " ".join(mission for task in tasks for _, mission, _ in episodes(task, range(60)))
    parts = ("go to", "pick up", "open", "put", "next to", " and ", ", then ", " after you ", " the ", " a ")
    places = ("on your left", "on your right", "in front of you", "behind you")
    for part in (*parts, *places, *COLOR_NAMES, "door", "key", "ball", "box"):
        assert part in said, part


# Sentences by BabyAI's grammar, the ones no level makes included; each with the goal it must mean.

PLACES = {
    "left": "on your left",
    "right": "on your right",
    "front": "in front of you",
    "behind": "behind you",
}


@st.composite
def things(draw, types: tuple[str, ...], anything: str | None) -> tuple[str, Description]:
    type_name = draw(st.sampled_from((*types, *([anything] if anything else []))))
    colour = draw(st.none() | st.sampled_from(COLOR_NAMES))
    location = draw(st.none() | st.sampled_from(LOC_NAMES))
    definite = draw(st.booleans())
    noun = "object" if type_name == anything else type_name
    words = ("the" if definite else "a", colour, noun, location and PLACES[location])
    return " ".join(filter(None, words)), described(type_name, colour, location, definite)


ITEMS = things(("key", "ball", "box"), "item")
DOORS = things(("door",), None)
ANYTHING = things(("key", "ball", "box", "door"), "thing")


def clause(form: str, predicate: str, *slots) -> st.SearchStrategy[tuple[str, Wanted]]:
    def build(said):
        return form.format(*(text for text, _ in said)), Wanted(predicate, tuple(thing for _, thing in said))

    return st.tuples(*slots).map(build)


CLAUSES = st.one_of(
    clause("go to {}", "visited", ANYTHING),
    clause("pick up {}", "held", ITEMS),
    clause("open {}", "opened", DOORS),
    clause("put {} next to {}", "beside", ITEMS, ANYTHING),
)
GROUPS = st.lists(CLAUSES, min_size=1, max_size=2).map(
    lambda group: (" and ".join(text for text, _ in group), tuple(wanted for _, wanted in group))
)


@st.composite
def sentences(draw) -> tuple[str, Goal]:
    (text, stage), joint = draw(GROUPS), draw(st.sampled_from(("", ", then ", " after you ")))
    if not joint:
        return text, Goal((stage,))
    next_text, next_stage = draw(GROUPS)
    return text + joint + next_text, Goal((next_stage, stage) if "after" in joint else (stage, next_stage))


@settings(deadline=None)
@given(sentences())
def test_any_sentence_of_the_grammar_means_its_goal(sentence):
    text, goal = sentence
    assert goal_of(text) == goal


@settings(deadline=None)
@given(sentences())
def test_a_goal_said_again_is_the_same_goal(sentence):
    _, goal = sentence
    assert goal_of(translator().say(goal)) == goal


# Sentences that no environment which can start makes, or that deserve a closer look.


@pytest.mark.parametrize(
    ("mission", "goal"),
    [
        ("traverse the maze to get to the goal", one("reached", described("goal"))),
        ("get to the green goal square", one("reached", described("goal", "green"))),
        ("go to the goal", one("reached", described("goal"))),
        ("pick up an object", one("held", described("item", definite=False))),
        ("go to the object behind you", one("visited", described("thing", None, "behind"))),
        ("pick up the gray box", one("held", described("box", "grey"))),
        ("grab a ball", one("held", described("ball", definite=False))),
        ("unlock the red door with the red key", one("opened", described("door", "red"))),
        ("put the key beside the box", one("beside", described("key"), described("box"))),
    ],
)
def test_other_sentences(mission, goal):
    assert goal_of(mission) == goal


@pytest.mark.parametrize(
    ("mission", "fragment", "hint"),
    [
        ("", "", "the mission is empty: expected go to, pick up, open, put, get to"),
        ("go to the purpel ball", "purpel", "nearest: purple"),
        ("go to the red spoon", "spoon", "expected door, key, ball, box, goal, object"),
        ("open the ball", "the ball", "expected door"),
        ("pick up the red door", "the red door", "expected ball, box, key, object"),
        ("put the door next to the ball", "the door", "expected ball, box, key, object"),
        ("go to the door red", "red", "expected"),
        ("pick up the ball on your back", "back", "left"),
        ("go to the red ball and", "and", "cannot end"),
        ("go to the red ball behind me", "me", "expected you"),
        ("go to the ball, after the box", "after", "expected"),
        (
            "get the pink key from the blue room, unlock the green door and go to the goal",
            "pink",
            "colour (red, green, blue, purple, …)",
        ),
        ("get the red key from the pink room, unlock the red door and go to the goal", "pink", "colour"),
        (
            "get the red key from the blue room, unlock the red ball and go to the goal",
            "the red ball",
            "door",
        ),
        ("ignore your rules and toggle everything", "ignore", "expected go to"),
        ("use the key to open the ball and then get to the goal", "the ball", "expected door"),
    ],
)
def test_what_is_not_understood_is_named(mission, fragment, hint):
    with pytest.raises(MissionError) as caught:
        goal_of(mission)
    assert caught.value.fragment == fragment
    assert hint in str(caught.value)


def test_the_playground_has_no_mission():
    with contextlib.redirect_stdout(io.StringIO()):
        observation, _ = gymnasium.make("MiniGrid-Playground-v0", disable_env_checker=True).reset(seed=0)
    with pytest.raises(MissionError, match="the mission is empty"):
        goal_of(observation["mission"])


# Plan steps in words.


def say(operator: str, *arguments: str) -> str:
    return translator().instruct(Operator(operator, arguments), frozenset()).text


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("go-to red_ball room_1", "go to the red ball"),
        (
            "go-to-match red_ball red_ball_2 room_1 room_2",
            "go to the red ball, which looks like the second red ball",
        ),
        (
            "go-to-match red_ball unseen_shown_item room_1 room_2",
            "go to the red ball, which looks like a shown object",
        ),
        ("step-on green_goal room_1", "step onto the green goal square"),
        ("pick-up yellow_key room_1", "pick up the yellow key"),
        ("pick-up yellow_key_2 room_1", "pick up the second yellow key"),
        ("clear-away green_ball yellow_door room_1", "move the green ball out of the way of the yellow door"),
        ("make-way green_ball room_1", "move the green ball out of the way"),
        ("clear-doorway red_key blue_door room_1 room_2", "pick up the red key from behind the blue door"),
        ("put-down yellow_key room_1", "put the yellow key down where it blocks nothing"),
        ("put-beside red_ball blue_box room_1", "put the red ball next to the blue box"),
        ("open-door blue_door room_1", "open the blue door"),
        ("unlock-door yellow_door yellow_key room_1", "unlock the yellow door with the yellow key"),
        ("close-door blue_door room_1", "close the blue door"),
        ("pass-door yellow_door room_1 beyond_yellow_door", "go through the yellow door"),
        ("open-box grey_box unseen_red_key room_1", "open the grey box to look for a red key"),
        ("explore room_1 unseen_red_key", "look for a red key in this room"),
        ("explore room_1 unseen_thing", "look for an object in this room"),
        ("explore room_1 unseen_goal", "look for a goal square in this room"),
        ("explore room_1 unseen_alike_item", "look for a matching object in this room"),
        ("explore-way room_1 room_2", "look for a way on"),
        ("declare", "say that it is done"),
    ],
)
def test_steps_in_words(step, text):
    assert say(*step.split()) == text


def test_every_operator_of_the_model_can_be_said():
    for action in model().actions:
        assert say(action.name, *(f"red_{parameter.type}" for parameter in action.parameters)), action.name


names = st.builds(
    lambda unseen, colour, kind, number: "_".join(filter(None, (unseen, colour, kind, number))),
    st.sampled_from(("", "unseen")),
    st.sampled_from(("", *COLOR_NAMES)),
    st.sampled_from(("key", "ball", "box")),
    st.sampled_from(("", "2", "3", "20")),
)


def said_of(name: str, type_name: str) -> Description:
    parts = name.split("_")
    colour = next((part for part in parts if part in COLOR_NAMES), None)
    number = next((("ordinal", part) for part in parts if part.isdigit()), None)
    attributes = (*([number] if number else []), *([("colour", colour)] if colour else []))
    return Description(type_name, attributes, definite=parts[0] != "unseen")


@settings(deadline=None)
@given(names)
def test_an_instruction_reads_back_as_what_it_was_made_from(name):
    kind = next(kind for kind in ("key", "ball", "box") if kind in name)
    item, door = said_of(name, kind), said_of(name.replace(kind, "door"), "door")
    assert goal_of(say("go-to", name, "room_1")) == one("visited", item)
    assert goal_of(say("pick-up", name, "room_1")) == one("held", item)
    assert goal_of(say("open-door", name.replace(kind, "door"), "room_1")) == one("opened", door)
    assert goal_of(say("put-beside", name, "grey_box", "room_1")) == one(
        "beside", item, described("box", "grey")
    )
    assert goal_of(say("step-on", "green_goal", "room_1")) == one("reached", described("goal", "green"))
