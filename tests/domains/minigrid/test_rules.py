"""Instructions that no task gives but the verifier of BabyAI knows: every clause, joined and strict in every way.

The long one, 3000 instructions: `pytest -m slow tests/domains/minigrid/test_rules.py`
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from minigrid.core.world_object import Ball, Box, Door, Key
from minigrid.envs.babyai.core import verifier
from minigrid.envs.babyai.core.roomgrid_level import RoomGridLevel
from minigrid.envs.empty import EmptyEnv

from tests.domains.minigrid.guides import play
from tests.domains.minigrid.lockstep import Pair
from tests.domains.minigrid.play import codes, make, snapshots

# Few colours and much in the way, so that descriptions overlap and something happens at every turn.
COLOURS = ("red", "grey")
ODDS = np.array([0.12, 0.12, 0.3, 0.17, 0.13, 0.14, 0.02])


class AnyInstruction(RoomGridLevel):
    """Two small rooms full of things, and whatever instruction comes up, sensible or not."""

    def __init__(self) -> None:
        super().__init__(room_size=5, num_rows=1, num_cols=2, max_steps=60)

    def gen_mission(self) -> None:
        for room in range(2):
            for _ in range(4):
                self.add_object(room, 0, color=self._rand_elem(COLOURS))
        self.add_door(0, 0, 0, color=self._rand_elem(COLOURS), locked=self._rand_int(0, 4) == 0)
        self.place_agent()
        boxes: list[Any] = [thing for thing in self.grid.grid if thing is not None and thing.type == "box"]
        for box in boxes:
            inside = (Key, Ball, Box)[self._rand_int(0, 3)]
            box.contains = inside(self._rand_elem(COLOURS)) if self._rand_bool() else None
        self.instrs = self.draw(("one", "and", "before", "after"))

    def draw(self, joints: tuple[str, ...]) -> Any:
        joint, strict = self._rand_elem(joints), self._rand_bool()
        if joint == "one":
            return self.draw_clause(strict)
        if joint == "and":
            return verifier.AndInstr(self.draw_clause(self._rand_bool()), self.draw_clause(strict))
        join = verifier.BeforeInstr if joint == "before" else verifier.AfterInstr
        return join(self.draw(("one", "and")), self.draw(("one", "and")), strict)

    def draw_clause(self, strict: bool) -> Any:
        kind = self._rand_int(0, 4)
        if kind == 0:
            return verifier.GoToInstr(self.describe(("key", "ball", "box", "door", None)))
        if kind == 1:
            return verifier.OpenInstr(self.describe(("door",)), strict)
        thing = self.describe(("key", "ball", "box", None))
        if kind == 2:
            return verifier.PickupInstr(thing, strict)
        return verifier.PutNextInstr(thing, self.describe(("key", "ball", "box", "door", None)), strict)

    def describe(self, kinds: tuple[str | None, ...]) -> Any:
        """A description of something that is there, or the verifier has no words for it."""
        while True:
            colour, place = (
                self._rand_elem((None, *COLOURS)),
                self._rand_elem((None, None, *verifier.LOC_NAMES)),
            )
            description = verifier.ObjDesc(self._rand_elem(kinds), colour, place)
            if description.find_matching_objs(self)[0]:
                return description

    def validate_instrs(self, instr: Any) -> None:
        """Anything goes."""


@pytest.mark.parametrize("episodes", [130, pytest.param(3000, marks=pytest.mark.slow)])
def test_whatever_the_instruction_both_agree(episodes: int) -> None:
    """Compiled worlds are started anew from the middle of the episode now and then."""
    rng, endings, rewarded = np.random.default_rng(0), Counter[str](), Counter[str]()
    env = AnyInstruction()
    for seed in range(episodes):
        both = Pair(env, env.reset(seed=seed)[0], f"seed {seed}: {env.mission}")
        guided = play(env, seed // 2)
        while not both.over:
            both.step(next(guided) if seed % 2 else int(rng.choice(len(ODDS), p=ODDS)))
            if rng.random() < 0.05 and not both.over:
                both = Pair(env, env.gen_obs(), f"seed {seed}, from step {env.step_count} on: {env.mission}")
        endings["reward" if both.reward else "time" if env.step_count >= env.max_steps else "failure"] += 1
        rewarded[type(env.instrs).__name__] += both.reward > 0
    assert min(endings[ending] for ending in ("reward", "failure", "time")) > 10, endings
    assert len(rewarded) == 7, rewarded
    assert min(rewarded.values()) > 0, rewarded


def test_an_environment_with_other_rules_is_refused() -> None:
    class Mine(EmptyEnv):
        def step(self, action: Any) -> Any:
            return super().step(action)

    env = Mine()
    env.reset(seed=0)
    with pytest.raises(ValueError, match=r"do not know the rules of Mine\.step"):
        snapshots.snapshot(env)


def a_bare_room(*instructions: Any) -> Any:
    """A red box before the agent, a red ball to its right, nothing else in the room; the instruction just begun."""
    env = AnyInstruction()
    env.reset(seed=0)
    for x, y in np.ndindex(3, 3):
        env.grid.set(x + 1, y + 1, None)
    env.grid.set(2, 1, Box("red"))
    env.grid.set(3, 2, Ball("red"))
    env.agent_pos, env.agent_dir, env.carrying = (2, 2), 3, None
    env.instrs = instructions[0] if len(instructions) == 1 else verifier.BeforeInstr(*instructions)
    env.instrs.reset_verifier(env)
    return env


NOTHING: list[int] = []
A_DROP = [codes.RIGHT, codes.DROP, codes.LEFT]
A_DROP_THAT_FAILS = [codes.FORWARD, codes.DROP, codes.LEFT, codes.LEFT, codes.FORWARD, codes.LEFT, codes.LEFT]


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("between", [NOTHING, A_DROP, A_DROP_THAT_FAILS])
def test_a_thing_is_believed_to_be_where_it_was_until_something_is_dropped(
    between: list[int], anew: bool
) -> None:
    """One may go to a box that was opened and is gone. A drop tells the instruction, even if nothing can be dropped."""
    ball, box = verifier.ObjDesc("ball", "red"), verifier.ObjDesc("box", "red")
    env = a_bare_room(verifier.PickupInstr(ball), verifier.GoToInstr(box))
    both = Pair(env, env.gen_obs(), "a box that is gone")
    for action in [codes.TOGGLE, codes.RIGHT, codes.PICK_UP, *between, codes.LEFT]:
        assert not both.over
        if anew and env.step_count == 3:
            both = Pair(env, env.gen_obs(), "a box that is gone, from the middle on")
        both.step(action)
    assert env.grid.get(2, 1) is None
    assert (both.reward > 0) == (not between)


def test_a_thing_that_was_moved_is_still_the_thing_that_is_meant() -> None:
    ball, box = verifier.ObjDesc("ball", "red"), verifier.ObjDesc("box", "red")
    env = a_bare_room(verifier.PutNextInstr(ball, box))
    both = Pair(env, env.gen_obs(), "a box that was moved")
    move_the_box = [codes.PICK_UP, codes.LEFT, codes.DROP, codes.RIGHT, codes.RIGHT]
    for action in [*move_the_box, codes.PICK_UP, codes.LEFT, codes.FORWARD, codes.LEFT, codes.DROP]:
        assert not both.over
        both.step(action)
    assert both.reward > 0


def test_a_thing_that_is_meant_may_be_in_hand_from_the_start() -> None:
    """And be the only one that is meant."""
    env = a_bare_room(verifier.PickupInstr(verifier.ObjDesc("ball", "red")))
    env.carrying = env.grid.get(3, 2)
    env.grid.set(3, 2, None)
    env.update_objs_poss()
    both = Pair(env, env.gen_obs(), "a ball in hand")
    assert both.worlds.state.marks.shape == both.worlds.state.tiles.shape, "there is no room for its mark"
    for action in (codes.RIGHT, codes.DROP, codes.PICK_UP):
        assert not both.over
        both.step(action)
    assert both.reward > 0


def test_what_was_in_hand_from_the_start_does_not_count_when_dropped_at_once() -> None:
    """The verifier looks into the hand at the end of each step; before the first it has not looked."""
    for wait in (False, True):
        env = a_bare_room(
            verifier.PutNextInstr(verifier.ObjDesc("ball", "red"), verifier.ObjDesc("box", "red"))
        )
        env.carrying = env.grid.get(3, 2)
        env.grid.set(3, 2, None)
        env.grid.set(3, 1, env.grid.get(2, 1))
        env.grid.set(2, 1, None)
        env.update_objs_poss()
        both = Pair(env, env.gen_obs(), "a ball in hand")
        if wait:
            both.step(codes.DONE)
            both = Pair(env, env.gen_obs(), "a ball in hand that was looked at")
        both.step(codes.DROP)
        assert (both.reward > 0) == wait


@pytest.mark.parametrize("state", ["open", "closed", "locked"])
def test_to_touch_another_door_is_a_failure_if_one_is_strict(state: str) -> None:
    for strict in (False, True):
        env = a_bare_room(verifier.OpenInstr(verifier.ObjDesc("door", "red"), strict))
        env.grid.set(2, 1, Door("blue", is_open=state == "open", is_locked=state == "locked"))
        both = Pair(env, env.gen_obs(), f"a {state} blue door")
        both.step(codes.TOGGLE)
        assert both.over == strict
        assert both.reward == 0


def test_a_thing_in_hand_is_not_picked_up_again() -> None:
    """But for the very first step, before the verifier has looked into the hand."""
    for wait in (False, True):
        env = a_bare_room(verifier.PickupInstr(verifier.ObjDesc("ball", "red")))
        env.carrying = env.grid.get(3, 2)
        env.grid.set(3, 2, None)
        both = Pair(env, env.gen_obs(), "a ball in hand")
        for action in (codes.DONE, codes.PICK_UP) if wait else (codes.PICK_UP,):
            both.step(action)
        assert (both.reward > 0) == (not wait)


# States that the other rules seldom see. --------------------------------------------------------------------------


@pytest.mark.parametrize("blocked", [False, True])
def test_near_is_one_cell_away_wherever_it_is(blocked: bool) -> None:
    """A thing dropped before any cell of a room, or not dropped because something lies there."""
    env, _ = make("MiniGrid-PutNear-8x8-N3-v0", 0)
    env.target_pos, paid = (3, 4), set()
    thing = {"key": Key, "ball": Ball, "box": Box}[env.move_type](env.moveColor)
    for x, y in np.ndindex(6, 6):
        place = x + 1, y + 1
        for cell in np.ndindex(6, 6):
            env.grid.set(cell[0] + 1, cell[1] + 1, None)
        env.grid.set(*place, Ball("grey") if blocked else None)
        env.agent_pos, env.agent_dir = ((x, y + 1), 0) if x else ((2, y + 1), 2)
        env.carrying, env.step_count = thing, 0
        both = Pair(env, env.gen_obs(), f"dropped at {place}")
        both.step(codes.DROP)
        assert both.over
        paid |= {place} if both.reward else set()
    assert len(paid) == (0 if blocked else 9)


def test_two_doors_that_were_open_from_the_start() -> None:
    for closed in (0, 1, None):
        env, _ = make("MiniGrid-RedBlueDoors-6x6-v0", 0)
        for number, door in enumerate((env.red_door, env.blue_door)):
            door.is_open = True
            if number == closed:
                x, y = next(place for place in np.ndindex(12, 6) if env.grid.get(*place) is door)
                env.agent_pos, env.agent_dir = (x - 1, y), 0
        both = Pair(env, env.gen_obs(), f"door {closed} closed")
        both.step(codes.TOGGLE if closed is not None else codes.DONE)
        assert both.over
        assert (both.reward > 0) == (closed != 1)


def test_a_door_that_was_unlocked_from_the_start_counts_when_something_is_toggled() -> None:
    env, _ = make("MiniGrid-Unlock-v0", 0)
    env.door.is_locked, env.door.is_open = False, True
    both = Pair(env, env.gen_obs(), "an open door")
    for action in (codes.LEFT, codes.DONE):
        both.step(action)
        assert not both.over
    both.step(codes.TOGGLE)
    assert both.reward > 0
