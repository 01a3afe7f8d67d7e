"""Goals that somebody else asks for, judged as `minigrid` judges its own, and never by what the agent believes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from minigrid.core.world_object import Ball, Box, Door, Goal, Key, Lava
from minigrid.minigrid_env import MiniGridEnv, MissionSpace

from neurosym.agent import Agent
from neurosym.errors import DomainError, MissionError
from neurosym.suite import OtherGoal
from tests.domains.minigrid.play import DOMAIN, agent, make, random_action

LEFT, RIGHT, FORWARD, PICK_UP, DROP, TOGGLE = range(6)


def judged(env: Any, words: str) -> Any:
    return DOMAIN.judge(DOMAIN.goal(words), words)(env)


# the same verdict as minigrid's own, on its own missions

OWN = (
    "BabyAI-GoToLocal-v0",
    "BabyAI-PickupLoc-v0",
    "BabyAI-PutNextLocal-v0",
    "BabyAI-OpenDoorsOrderN4-v0",
    "BabyAI-MiniBossLevel-v0",
    "BabyAI-SynthLoc-v0",
    "BabyAI-GoToSeqS5R2-v0",
    "MiniGrid-Empty-Random-6x6-v0",
    "MiniGrid-DoorKey-6x6-v0",
    "MiniGrid-KeyCorridorS3R2-v0",
    "MiniGrid-UnlockPickup-v0",
    "MiniGrid-ObstructedMaze-1Dlh-v0",
)


def course(task: str, seed: int, wandering: float) -> tuple[list[int], bool, float]:
    """What an agent does in the task itself, whether it solves it, and what that pays."""
    env, observation = make(task, seed)
    player = agent(wandering, seed)
    player.reset(observation)
    actions, reward, over, cut = [], 0.0, False, False
    while not (over or cut):
        actions.append(player.act(observation))
        observation, reward, over, cut, _ = env.step(actions[-1])
    return actions, over and reward > 0, float(reward)


@pytest.mark.filterwarnings("ignore:.*is out of date")
@pytest.mark.parametrize("task", OWN)
@pytest.mark.parametrize("wandering", [0.0, 0.5])
def test_a_tasks_own_mission_is_judged_as_the_task_does(task: str, wandering: float) -> None:
    solved = 0
    for seed in range(6):
        actions, success, reward = course(task, seed, wandering)
        env = DOMAIN.make_env(task)
        mission = env.reset(seed=seed)[0]["mission"]
        env = judged(env, mission)
        assert env.reset(seed=seed)[0]["mission"] == mission
        for place, action in enumerate(actions):
            last = place + 1 == len(actions)
            _, paid, over, _, _ = env.step(action)
            assert over == (last and success), f"seed {seed}, step {place + 1} of {len(actions)}: {mission}"
        assert paid == pytest.approx(reward)
        solved += success
    assert solved, "nothing was ever solved, so nothing was compared"


# a small world, laid out by hand: what ends an episode, and what does not


class Yard(MiniGridEnv):
    """A walled yard; the agent stands at (1, 1) and looks east."""

    def __init__(self, things: dict[tuple[int, int], Any], size: int = 6, max_steps: int = 50) -> None:
        self.things = things
        super().__init__(MissionSpace(lambda: "get to the goal"), grid_size=size, max_steps=max_steps)

    def _gen_grid(self, width: int, height: int) -> None:
        from minigrid.core.grid import Grid

        self.grid = Grid(width, height)
        self.grid.wall_rect(0, 0, width, height)
        for place, thing in self.things.items():
            self.put_obj(thing, *place)
        self.agent_pos, self.agent_dir, self.mission = (1, 1), 0, "get to the goal"


def play(env: Any, *actions: int) -> tuple[float, bool, bool]:
    """The reward, and whether the episode terminated or was cut off, after the last action; it goes on until then."""
    for place, action in enumerate(actions):
        _, reward, over, cut, _ = env.step(action)
        assert not (over or cut) or place + 1 == len(actions), f"ended after action {place + 1}"
    return reward, over, cut


def begin(things: dict[tuple[int, int], Any], words: str, **settings: int) -> Any:
    env = judged(Yard(things, **settings), words)
    env.reset(seed=0)
    return env


def test_what_the_task_asks_for_ends_nothing() -> None:
    env = begin({(2, 1): Goal(), (4, 1): Ball("red")}, "go to the red ball")
    assert play(env, FORWARD) == (0.0, False, False), "the goal square was not asked for"
    reward, over, _ = play(env, FORWARD)
    assert over
    assert reward == pytest.approx(1 - 0.9 * 2 / 50)


def test_lava_ends_it_without_success() -> None:
    env = begin({(2, 1): Lava(), (4, 1): Ball("red")}, "go to the red ball")
    assert play(env, FORWARD) == (0.0, True, False)


def test_the_steps_are_the_tasks() -> None:
    env = begin({(4, 4): Ball("red")}, "go to the red ball", max_steps=3)
    assert play(env, LEFT, LEFT, LEFT) == (0.0, False, True)


def test_a_moving_ball_that_is_run_into_ends_it() -> None:
    env = judged(DOMAIN.make_env("MiniGrid-Dynamic-Obstacles-6x6-v0"), "get to the goal")
    env.reset(seed=0)
    paid, over = 0.0, False
    while not over:
        _, paid, over, _, _ = env.step(FORWARD)
    assert paid == -1


def test_the_goal_square() -> None:
    env = begin({(3, 1): Goal()}, "get to the goal square")
    assert play(env, FORWARD)[1] is False
    assert play(env, FORWARD)[1] is True


def test_stages_come_in_their_order() -> None:
    env = begin({(2, 1): Ball("red"), (1, 2): Key("blue")}, "go to the blue key, then go to the red ball")
    assert play(env, LEFT, RIGHT)[1] is False, "the red ball comes second"
    assert play(env, RIGHT, LEFT)[1] is True


def test_it_is_the_same_ball() -> None:
    acts = (
        PICK_UP,
        DROP,
        RIGHT,
        PICK_UP,
    )  # the one beside the key is put back there, and the other one is taken
    for words, over in (("it", False), ("a ball", True), ("the same one", False)):
        things = {(2, 1): Ball("red"), (1, 2): Ball("red"), (3, 1): Key("blue")}
        env = begin(things, f"put a ball next to the key, then pick {words} up")
        assert play(env, *acts)[1] is over, words
    assert play(env, DROP, LEFT, PICK_UP)[1] is True, "that is the one"


def test_what_is_hidden_in_a_box_counts() -> None:
    env = begin({(2, 1): Box("grey", Key("blue"))}, "go to the blue key")
    assert play(env, LEFT, RIGHT)[1] is False, "it is still in its box"
    assert play(env, TOGGLE)[1] is True


def test_put_beside_is_a_matter_of_putting_down() -> None:
    env = begin({(2, 1): Ball("red"), (1, 3): Key("blue")}, "bring the red ball to the blue key")
    assert play(env, PICK_UP, RIGHT, LEFT, DROP)[1] is False, "that is not beside it"
    assert play(env, PICK_UP, RIGHT, DROP)[1] is True


@pytest.mark.parametrize(("turns", "colour"), [(1, "red"), (0, "green")])
def test_the_door_one_started_from_is_the_nearest(turns: int, colour: str) -> None:
    """The red door is at one's side, the green one five steps away."""
    env = begin({(1, 2): Door("red"), (4, 1): Door("green")}, "come back to the door you started from")
    over = play(env, *[RIGHT] * turns)[1] if turns else play(env, FORWARD, FORWARD)[1]
    assert over is (colour == "red")


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ("go to the blue box", "the blue box"),
        ("pick up a key", "a key"),
        ("go to the ball behind you", "the behind ball"),
        ("get to the goal", "the goal"),
        ("open a door, then go to it", "a door"),
    ],
)
def test_a_level_without_such_a_thing_is_refused(words: str, fragment: str) -> None:
    env = judged(Yard({(2, 1): Ball("red")}), words)
    with pytest.raises(MissionError, match="there is no such thing in this level") as caught:
        env.reset(seed=0)
    assert caught.value.fragment == fragment


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("go to the second red ball", "knows no ordinal"),
        ("go to the matching object at the end of the hallway", "cannot judge whether"),
    ],
)
def test_what_nobody_can_judge_is_refused_at_once(words: str, reason: str) -> None:
    with pytest.raises(DomainError, match=reason):
        OtherGoal(DOMAIN, words)


def test_the_agent_sees_the_words_and_nothing_else() -> None:
    plain = DOMAIN.make_env("BabyAI-GoToLocal-v0")
    env = OtherGoal(DOMAIN, "go to a ball").make_env("BabyAI-GoToLocal-v0")
    before, _ = plain.reset(seed=3)
    after, info = env.reset(seed=3)
    assert set(after) == set(before) == {"image", "direction", "mission"}
    assert np.array_equal(after["image"], before["image"])
    assert (after["mission"], info) == ("go to a ball", {})
    assert env.step(LEFT)[0]["mission"] == "go to a ball"


# played by an agent that is told by hand how to do each step


def solved(task: str, words: str, seeds: range, player: Agent | None = None) -> list[int]:
    """The seeds, of those whose levels have what is asked for, that were solved; the others fail the test."""
    player = player or agent()
    env = OtherGoal(DOMAIN, words).make_env(task)
    done, failed = [], []
    for seed in seeds:
        try:
            observation, _ = env.reset(seed=seed)
        except MissionError:
            continue
        player.reset(observation)
        over = cut = False
        reward = 0.0
        while not (over or cut):
            observation, reward, over, cut, _ = env.step(player.act(observation))
        (done if over and reward > 0 else failed).append(seed)
    assert not failed, f"{words}: {failed}"
    return done


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("BabyAI-PutNextS7N4-v0", "pick up a ball and put it next to a box, then go to the same box"),
        ("BabyAI-GoToLocal-v0", "go to a ball, then go to a key. Then go back to that ball"),
        ("BabyAI-Synth-v0", "go to a box, then open a door, then come back to the door you started from"),
        ("BabyAI-GoTo-v0", "find a box, pick it up and leave it by the door you started from"),
        ("MiniGrid-DoorKey-8x8-v0", "get to the goal, then return to the door"),
        ("MiniGrid-UnlockPickup-v0", "unlock the door. Go back to the key"),
    ],
)
def test_an_agent_does_what_it_is_told(task: str, words: str) -> None:
    assert len(solved(task, words, range(1_000_000, 1_000_005))) > 2


def test_the_issues_own_sentence() -> None:
    words = "put the red ball beside the blue box, then come back to the door you started from"
    assert solved("BabyAI-BossLevel-v0", words, range(1_000_000, 1_000_005))


def test_the_thing_meant_again_is_the_one_of_the_stage_before() -> None:
    """The stages that follow speak of it by its name, and begin anew when the mission does."""
    env = OtherGoal(DOMAIN, "go to a ball, then go to a key, then go back to that ball").make_env(
        "BabyAI-GoToLocal-v0"
    )
    player = agent()
    observation, _ = env.reset(seed=1_000_000)
    player.reset(observation)
    thread = player.executive.threads[0]
    unnamed = thread.stages
    assert unnamed[0].wanted[0].arguments[0].referent == 1
    while thread.stage_index == 0:
        observation, _, over, cut, _ = env.step(player.act(observation))
        assert not over
        assert not cut
        player.observe(observation)
    name = thread.stages[2].wanted[0].arguments[0].name
    number = player.executive.belief.scene(0).things[name]
    faced = env.unwrapped.grid.get(*env.unwrapped.front_pos)
    assert faced.type == "ball"
    assert f"{faced.color}_ball" == name.rstrip("_23456789")
    assert number >= 0
    player.executive._enter_stage(0, 0)
    assert thread.stages == unnamed


def test_random_play_never_pays_before_the_goal() -> None:
    rng = np.random.default_rng(0)
    stage = OtherGoal(DOMAIN, "put a ball next to a box, then go to the same box")
    env = stage.make_env("BabyAI-PutNextLocal-v0")
    for seed in range(20):
        try:
            env.reset(seed=seed)
        except MissionError:
            continue
        over = cut = False
        while not (over or cut):
            _, reward, over, cut, _ = env.step(random_action(rng))
            assert float(reward) >= 0
            assert (float(reward) > 0) == over
