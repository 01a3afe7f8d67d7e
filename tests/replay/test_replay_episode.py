from dataclasses import dataclass, field

import gymnasium
import numpy as np
import pytest

from neurosym.replay import EpisodeWatch, Recorder, record_episode
from neurosym.symbols import Operator, Plan


class Corridor(gymnasium.Env):
    """Walk right to the end; a step too many to the left is fatal."""

    metadata = {"render_modes": ["rgb_array"]}
    observation_space = gymnasium.spaces.Dict({})
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, length=4, patience=20):
        self.length, self.patience, self.place, self.clock = length, patience, 0, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = self.clock = 0
        return self._look(), {}

    def step(self, action):
        self.clock += 1
        self.place += 1 if action == 1 else -1
        won = self.place == self.length
        return self._look(), float(won), won or self.place < 0, self.clock >= self.patience, {}

    def render(self):
        picture = np.zeros((8, 8 * (self.length + 1), 3), np.uint8)
        picture[:, 8 * self.place : 8 * self.place + 8] = 255
        return picture

    def _look(self):
        return {"mission": "reach the end", "place": self.place}


@dataclass
class Words:
    text: str


@dataclass
class Happening:
    step: int
    kind: str
    text: str


@dataclass
class Walker:
    """Keeps the agent's contract with a fixed list of actions."""

    actions: list[int]
    plan: Plan | None = None
    step_index: int = 0
    instruction: Words | None = None
    events: list[Happening] = field(default_factory=list)
    clock: int = 0
    mission: str = "reach the end"

    def reset(self, obs):
        self.plan = Plan(tuple(Operator("walk", (f"cell{cell}",)) for cell in range(4)))
        self.events, self.step_index, self.clock = [Happening(0, "plan", "4 steps")], 0, 0

    def act(self, obs):
        if obs["place"] > self.step_index:
            self.step_index = obs["place"]
            self.events.append(Happening(self.clock, "achieved", f"(walk cell{obs['place'] - 1})"))
        self.instruction = Words(f"walk to cell {self.step_index}")
        self.clock += 1
        return self.actions[(self.clock - 1) % len(self.actions)]

    def observe(self, obs):
        if obs["place"] > self.step_index:
            self.events.append(Happening(self.clock, "achieved", f"(walk cell{obs['place'] - 1})"))

    def blame(self):
        return "option"

    def picture(self):
        return np.full((8, 8, 3), 60, np.uint8) if self.clock else None


class Blindfold:
    action_names = ("step_back", "step_on")

    def view(self, obs):
        return None


def recorded(actions, **corridor):
    recorder = record_episode(Walker(actions), Corridor(**corridor), Blindfold(), 7, task="Corridor-v0")
    return recorder.episodes[0]


def test_a_solved_episode_has_a_step_for_each_action_and_one_picture_more():
    episode = recorded([1])
    assert (episode.task, episode.seed, episode.mission) == ("Corridor-v0", 7, "reach the end")
    assert [moment.action for moment in episode.moments] == ["step on"] * 4 + [""]
    assert [moment.reward for moment in episode.moments] == [0, 0, 0, 1, 0]
    assert [moment.instruction for moment in episode.moments][:2] == ["walk to cell 0", "walk to cell 1"]
    assert vars(episode.outcome) == {"success": True, "steps": 4, "total": 1.0, "cause": ""}


def test_each_picture_is_of_the_moment_before_its_action():
    film = recorded([1]).films["world"]
    places = [int(film.frame(step)[0, :, 0].argmax()) // 8 for step in range(len(film))]
    assert places == [0, 1, 2, 3, 4]


def test_events_stand_at_the_step_at_which_they_became_known():
    moments = recorded([1]).moments
    assert [moment.events for moment in moments] == [
        (("plan", "4 steps"),),
        (("achieved", "(walk cell0)"),),
        (("achieved", "(walk cell1)"),),
        (("achieved", "(walk cell2)"),),
        (("achieved", "(walk cell3)"),),
    ]


def test_the_plan_is_followed_and_done_at_the_end():
    moments = recorded([1]).moments
    assert moments[0].plan == ("(walk cell0)", "(walk cell1)", "(walk cell2)", "(walk cell3)")
    assert [moment.plan_step for moment in moments] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("actions", "corridor"), [([0], {}), ([1, 0], {"patience": 6})])
def test_a_failure_is_blamed_on_what_the_agent_says(actions, corridor):
    outcome = recorded(actions, **corridor).outcome
    assert (outcome.success, outcome.cause) == (False, "option")


def test_episodes_gather_in_one_recorder_and_start_afresh():
    recorder = Recorder("two")
    walker = Walker([1])
    for seed in (1, 2):
        record_episode(walker, Corridor(), Blindfold(), seed, recorder=recorder, action_name=str)
    assert [episode.seed for episode in recorder.episodes] == [1, 2]
    assert recorder.episodes[1].moments[0].events == (("plan", "4 steps"),)
    assert recorder.episodes[1].outcome.steps == 4
    assert recorder.episodes[0].moments[0].action == "1"
    assert recorder.episodes[0].task == "Corridor"


def test_a_watch_may_be_told_the_cause_and_records_an_agent_without_a_plan():
    recorder, walker, env = Recorder("watch"), Walker([1]), Corridor()
    watch = EpisodeWatch(recorder, walker, env, Blindfold())
    obs, _ = env.reset()
    watch.began("Corridor-v0", 3, "reach the end")
    watch.decided(obs, 1)
    watch.rewarded(0.0)
    assert watch.ended(obs, success=False, cause="model").cause == "model"
    moments = recorder.episodes[0].moments
    assert [(moment.plan, moment.instruction) for moment in moments] == [((), ""), ((), "")]


def test_frames_of_a_real_grid_world_come_back_pixel_for_pixel(read_page):
    pytest.importorskip("minigrid")
    env = gymnasium.make("MiniGrid-KeyCorridorS3R3-v0", render_mode="rgb_array")
    env.reset(seed=5)
    recorder, frames, rng = Recorder("grid"), [], np.random.default_rng(0)
    recorder.begin("grid", 5, "")
    for _ in range(30):
        frames.append(env.render())
        recorder.add(frames[-1], frames[-1][:224, :224], None, [], 0, "", "", 0.0)
        env.step(int(rng.integers(3)))
    env.close()
    text = recorder.page()
    page = read_page(text)
    for step, frame in enumerate(frames):
        np.testing.assert_array_equal(page.frame(0, "world", step), frame)
    assert len(text) < 100_000
    assert {sheet["tile"] for sheet in page.record["sheets"]} <= {8, 16, 32}
