"""Worlds that are drawn for one predicament each, and what the agent makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from minigrid.core.grid import Grid
from minigrid.core.mission import MissionSpace
from minigrid.core.world_object import Ball, Box, Door, Goal, Key, Wall
from minigrid.minigrid_env import MiniGridEnv

from neurosym.agent import Agent
from neurosym.symbols import Atom, Operator
from tests.domains.minigrid.play import DOMAIN, codes, make, maps, subgoals

LETTERS: dict[str, Callable[[], Any]] = {
    "#": Wall,
    "O": lambda: Door("yellow", is_open=True),
    "D": lambda: Door("yellow"),
    "E": lambda: Door("purple"),
    "b": lambda: Ball("blue"),
    "r": lambda: Ball("red"),
    "k": lambda: Key("green"),
    "x": lambda: Box("green"),
    "y": lambda: Box("purple"),
    "G": Goal,
}
HEADINGS = ">v<^"
Mischief = Callable[[int, Any], None]


class Drawn(MiniGridEnv):
    """A world from rows of letters; the agent is an arrow. Nothing in it ends an episode but a goal square."""

    def __init__(self, rows: tuple[str, ...], mission: str) -> None:
        self.rows, self.words = rows, mission
        space = MissionSpace(mission_func=lambda: mission)
        super().__init__(space, width=len(rows[0]), height=len(rows), max_steps=200)

    def _gen_grid(self, width: int, height: int) -> None:
        self.grid, self.mission = Grid(width, height), self.words
        for y, row in enumerate(self.rows):
            for x, letter in enumerate(row):
                if letter in HEADINGS:
                    self.agent_pos, self.agent_dir = (x, y), HEADINGS.index(letter)
                elif letter != ".":
                    self.grid.set(x, y, LETTERS[letter]())


@dataclass
class Story:
    """What the agent was told, each once in a row, and by which steps; it ends when all is believed to be done."""

    player: Agent
    env: Any
    told: list[str] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        return [operator.name for operator in self.operators]

    @property
    def thread(self) -> Any:
        return self.player.executive.threads[0]

    @property
    def state(self) -> Any:
        return self.player.state


def play(env: Any, mischief: Mischief = lambda t, env: None, steps: int = 120) -> Story:
    """With the scripted controller; `mischief` meddles with the world before step t."""
    story = Story(Agent(DOMAIN, DOMAIN.scripted_controller(), seed=0), env)
    observation, _ = env.reset(seed=0)
    story.player.reset(observation)
    for t in range(steps):
        step = story.thread.step
        told = story.player.instruction.text if story.player.instruction else "(nothing)"
        if story.told[-1:] != [told]:
            story.told.append(told)
            story.operators.append(step or Operator("nothing"))
        if step is not None and step.name == "declare":
            return story
        mischief(t, env)
        observation, _, terminated, _, _ = env.step(story.player.act(observation))
        story.player.observe(observation)
        if terminated:
            break
    return story


def failed(story: Story) -> list[str]:
    return [event.text for event in story.player.events if event.kind == "failed"]


# Ways. ----------------------------------------------------------------------------------------------------------


def test_what_lies_right_behind_a_door_is_picked_up_from_its_doorway() -> None:
    rooms = ("#########", "#...#...#", "#.>.Ob..#", "#...#..k#", "#########")
    story = play(Drawn(rooms, "pick up the green key"))
    assert story.told == [
        "pick up the blue ball from behind the yellow door",
        "put the blue ball down where it blocks nothing",  # in the room behind, which one is in now
        "pick up the green key",
        "say that it is done",
    ]
    assert not failed(story)


def test_a_clear_doorway_needs_no_clearing() -> None:
    rooms = ("#########", "#...#...#", "#.>.O.b.#", "#...#..k#", "#########")
    assert play(Drawn(rooms, "pick up the green key")).steps == ["pass-door", "pick-up", "declare"]


def test_what_bars_the_unseen_part_of_a_room_is_moved_out_of_the_way() -> None:
    story = play(Drawn(("##############", "#>..b.......k#", "##############"), "pick up the green key"))
    assert story.steps[:3] == ["explore", "make-way", "explore"], "first a look back"
    assert story.told[1] == "move the blue ball out of the way"
    assert story.steps[-2:] == ["pick-up", "declare"]
    assert not failed(story)


RING = ("#####", "#>..#", "#.#b#", "#..k#", "#####")
ROOM = ("#####", "#>..#", "#..b#", "#..k#", "#####")
ONE_THEN_THE_OTHER = "pick up the blue ball, then pick up the green key"


def test_a_thing_is_put_elsewhere_than_where_it_was_in_the_way() -> None:
    """In a ring of corridors the best places are on both sides of the key, and the ball lay in one of them."""
    env = Drawn(RING, ONE_THEN_THE_OTHER)
    story = play(env)
    assert story.steps == ["pick-up", "put-down", "pick-up", "declare"]
    ball = next((n % 5, n // 5) for n, thing in enumerate(env.grid.grid) if thing and thing.type == "ball")
    assert ball == (2, 3), "on the other side"
    assert not failed(story)


@pytest.mark.parametrize("rows", [RING, ROOM])
def test_the_row_says_where_a_thing_is_not_to_be_put(rows: tuple[str, ...]) -> None:
    player, env = Agent(DOMAIN, DOMAIN.scripted_controller(), seed=0), Drawn(rows, ONE_THEN_THE_OTHER)
    observation, _ = env.reset(seed=0)
    player.reset(observation)
    while player.executive.threads[0].step.name != "put-down":
        observation = env.step(player.act(observation))[0]
        player.observe(observation)
    row, belief = player.executive.subgoals[0], player.executive.belief
    assert row[subgoals.BASELINE] == 0, "there is room where it bars nothing"
    assert row[subgoals.CELL] == maps.cell_of(2, 1), "from the agent's first place"
    belief.update(np.array([codes.DROP]), DOMAIN.stack([env.step(codes.DROP)[0]]))
    assert env.carrying is None
    assert not belief.achieved(row[None])[0], "back where it was"


# What one may hope for. ------------------------------------------------------------------------------------------


def test_what_one_may_get_around_by_cells_not_seen_is_not_in_the_way() -> None:
    """Halfway through the option's budget the plan is looked at again; by then it has been seen that one cannot."""
    room = ("#######", "#.....#", "#.....#", "#>...b#", "####bk#", "#######")
    player, env = Agent(DOMAIN, DOMAIN.scripted_controller(), seed=0), Drawn(room, "pick up the green key")
    observation, _ = env.reset(seed=0)
    player.reset(observation)
    assert Atom("obstructs", ("blue_ball", "green_key")) not in player.state
    story = play(Drawn(room, "pick up the green key"))
    assert story.steps[-1] == "declare"
    assert "clear-away" in story.steps


# What is none of an option's business. ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "mission", "action", "meddles"),
    [
        (("#####", "#>k.#", "#..b#", "#####"), "pick up the green key", codes.PICK_UP, False),
        (("#####", "#>k.#", "#..b#", "#####"), "pick up the blue ball", codes.PICK_UP, True),
        (("#####", "#>k.#", "#..b#", "#####"), "go to the green key", codes.PICK_UP, True),
        (("#####", "#>k.#", "#..b#", "#####"), "pick up the blue ball", codes.TOGGLE, False),
        (
            ("#######", "#.>D..#", "#.....#", "###E###", "#.....#", "#######"),
            "open the yellow door",
            codes.TOGGLE,
            False,
        ),
        (
            ("#######", "#.>D..#", "#..#..#", "#..E..#", "#..#..#", "#######"),
            "open the purple door",
            codes.TOGGLE,
            True,
        ),
        (("#######", "#>x.y.#", "#.....#", "#######"), "pick up the purple box", codes.TOGGLE, True),
        (("#####", "#>k.#", "#..b#", "#####"), "pick up the blue ball", codes.LEFT, False),
    ],
)
def test_an_option_meddles_with_what_it_was_not_told_of(
    rows: tuple[str, ...], mission: str, action: int, meddles: bool
) -> None:
    player, env = Agent(DOMAIN, DOMAIN.scripted_controller(), seed=0), Drawn(rows, mission)
    observation, _ = env.reset(seed=0)
    player.reset(observation)
    executive = player.executive
    outcome = executive.update(np.array([action]), DOMAIN.stack([env.step(action)[0]]))
    assert bool(outcome.meddled[0]) == meddles


# What was done stays done. --------------------------------------------------------------------------------------


def test_what_was_put_next_to_a_thing_counts_wherever_it_is_by_now() -> None:
    room = ("##########", "#>r......#", "#........#", "#......x.#", "##########")
    story = play(Drawn(room, "put the red ball next to the green box and pick up the green box"))
    assert story.steps[-1] == "declare", "the ball lay beside the box, and the box was held"
    assert story.steps[:-1] == ["pick-up", "put-beside", "pick-up"]
    pair = Atom("beside", ("red_ball", "green_box"))
    assert pair not in story.state, "a new stage has begun"


# What moves by itself. ------------------------------------------------------------------------------------------


def test_a_ball_that_moves_by_itself_interrupts_and_bars_nothing_any_more() -> None:
    def roll(t: int, env: Any) -> None:
        if t == 1:
            ball = env.grid.get(4, 1)
            env.grid.set(4, 1, None)
            env.grid.set(6, 1, ball)

    env = Drawn(("#########", "#>..b..G#", "#########"), "get to the green goal square")
    story = play(env, roll, steps=4)
    assert story.told[:2] == [
        "move the blue ball out of the way of the green goal square",
        "step onto the green goal square",
    ]
    replans = [event.step for event in story.player.events if event.kind == "replan"]
    assert replans == [2], "as soon as it was seen"
    assert not failed(story)
    assert not story.thread.failures
    assert not story.thread.setbacks
    goal = Atom("clear", ("green_goal",))
    assert goal in story.state, "the ball lies in the corridor still, and will make way"


def test_a_ball_that_the_agent_carries_off_is_no_surprise() -> None:
    story = play(Drawn(("#########", "#>..b..G#", "#########"), "pick up the blue ball"))
    assert story.steps == ["pick-up", "declare"]
    assert not story.player.executive.belief.map.agent[0, maps.RESTLESS]


# Doubt. ---------------------------------------------------------------------------------------------------------


def test_after_an_empty_box_one_rather_looks_behind_a_door() -> None:
    """With two boxes and a door at hand, the boxes are cheaper, until one of them was empty."""
    rooms = ("##########", "#>x..y...#", "#........#", "########D#", "#........#", "#k.......#", "##########")
    story = play(Drawn(rooms, "pick up the green key"))
    assert story.steps[0] == "explore"
    looked = [name for name in story.steps if name in ("open-box", "open-door")]
    assert looked == ["open-box", "open-door"]
    assert story.steps[-1] == "declare"
    assert story.player.executive.belief.map.agent[0, maps.EMPTY_BOXES] == 1


BOX_AND_DOOR = (
    "##########",
    "#>x......#",
    "#........#",
    "########D#",
    "#........#",
    "#k.......#",
    "##########",
)


@pytest.mark.parametrize(
    ("mission", "looked"),
    [
        ("pick up the green key", ["open-box", "open-door"]),
        ("pick up the green key, then pick up the green box", ["open-door"]),
        ("pick up the green key, then go to the green box in front of you", ["open-door"]),
        ("pick up the green key, then go to the purple box", ["open-box", "open-door"]),
    ],
)
def test_a_box_that_is_wanted_later_is_not_used_up(mission: str, looked: list[str]) -> None:
    story = play(Drawn(BOX_AND_DOOR, mission), steps=60)
    assert [name for name in story.steps if name in ("open-box", "open-door")][: len(looked)] == looked


# Matching. ------------------------------------------------------------------------------------------------------


def matched(seed: int) -> tuple[Story, Any]:
    env, _ = make("MiniGrid-MemoryS9-v0", seed)

    class Same:
        """The level that was made, once more."""

        grid = env.grid

        def reset(self, seed: int) -> Any:
            return env.gen_obs(), {}

        def __getattr__(self, name: str) -> Any:
            return getattr(env, name)

    return play(Same()), env


@pytest.mark.parametrize("seed", range(6))
def test_the_shown_thing_is_looked_at_and_the_one_like_it_gone_to(seed: int) -> None:
    story, env = matched(seed)
    assert tuple(env.agent_pos) == env.success_pos, story.told
    step = next(operator for operator in story.operators if operator.name == "go-to-match")
    shown = env.grid.get(1, env.height // 2 - 1)
    for name in step.args[:2]:
        assert name.startswith(f"{shown.color}_{shown.type}"), f"{step}: it looks like what was shown"


def test_as_long_as_the_shown_thing_was_not_seen_it_is_looked_for() -> None:
    """It may be like anything; what was seen at the end of the hallway is not gone to at a venture."""
    room = ("#########", "#...#####", "#......k#", "#.>.....#", "#......b#", "#k..#####", "#########")
    story = play(Drawn(room, "go to the matching object at the end of the hallway"))
    assert story.told[0] == "look for a shown object in this room"
    assert story.steps[-2:] == ["go-to-match", "declare"]
    assert story.told[-2] == "go to the green key, which looks like the second green key"
    assert Atom("matched", ("green_key",)) not in story.state, "a new stage has begun"


def test_with_the_shown_thing_in_sight_at_once_it_is_not_looked_for() -> None:
    room = ("#########", "#..k#####", "#......k#", "#>......#", "#......b#", "#...#####", "#########")
    # what is shown is what does not lie ahead: beside the start, on the same line
    room = (*room[:1], "#...#####", "#k.....k#", *room[3:])
    story = play(Drawn(room, "go to the matching object at the end of the hallway"))
    assert story.steps[-2:] == ["go-to-match", "declare"]
    assert not any("shown object" in told for told in story.told)


# Declaring. -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["MiniGrid-GoToDoor-6x6-v0", "MiniGrid-GoToObject-6x6-N2-v0"])
def test_that_it_is_done_is_said_where_the_world_wants_to_hear_it(task: str) -> None:
    for seed in range(3):
        env, observation = make(task, seed)
        player = Agent(DOMAIN, DOMAIN.scripted_controller(), seed=0)
        player.reset(observation)
        for _ in range(60):
            action = player.act(observation)
            observation, reward, terminated, _, _ = env.step(action)
            if terminated:
                break
        assert (terminated, reward > 0, action) == (True, True, codes.DONE), f"{task}, seed {seed}"
        assert player.blame() == "time_limit", "nothing went wrong"


def test_nothing_is_declared_before_the_mission_is_believed_to_be_accomplished() -> None:
    story = play(Drawn(("########", "#>....k#", "########"), "pick up the green key"))
    assert story.steps == ["pick-up", "declare"]
    env, player = story.env, story.player
    player.observe(env.step(player.act(env.gen_obs()))[0])
    assert story.thread.finished
    assert Atom("declared") in story.state
