from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from neurosym.agent import Agent, load
from neurosym.domain import load_domain
from neurosym.errors import CheckpointError, DeviceError, DomainError
from neurosym.language import ScrambledTranslator, SilentTranslator, Translator
from neurosym.options import (
    Checkpoint,
    Features,
    HearingNetwork,
    Learner,
    NetworkController,
    OptionNetwork,
    ParallelLearner,
    PPOConfig,
    Rollout,
    devices,
    load_checkpoint,
    save_checkpoint,
)
from neurosym.options.blueprint import blueprint_of, build
from neurosym.training import TrainingConfig, TrainingEvent, network, train
from neurosym.training.network import Practice
from tests.worlds import ALLEY, alley, play

SMALL = TrainingConfig(worlds=16, steps=8, hidden=(16,), levels=5, ppo=PPOConfig(minibatch=64))
LEARNING = TrainingConfig(
    worlds=64,
    steps=16,
    hidden=(32, 32),
    levels=200,
    episode_limit=60,
    ppo=PPOConfig(learning_rate=3e-3, minibatch=256),
)
ROLLOUT = SMALL.worlds * SMALL.steps
SCRIPTED = ALLEY.scripted_controller()


class Elsewhere(type(ALLEY)):
    """Alleys with levels of one's own; `asked` holds the seeds asked for, `left` that nobody listens any more."""

    def __init__(self, *levels: Any, make: Any = alley.Alleys) -> None:
        self.levels, self.make, self.asked, self.left = levels, make, [], False

    def training_levels(
        self, task_ids: Sequence[str], seeds: range
    ) -> Generator[tuple[int, int, str], None, list[Any]]:
        self.asked.append(seeds)
        try:
            yield 1, 2, "Alley-v0"
            yield 2, 2, "Alley-v0"
        finally:
            self.left = True
        return list(self.levels or [alley.random_level(seed) for seed in seeds])

    def training_worlds(self, levels: Sequence[Any], count: int, seed: int) -> Any:
        return self.make(levels, count, seed)


def run(out: Path, frames: int, domain: Any = ALLEY, config: TrainingConfig = SMALL, **more: Any) -> Any:
    return train(domain, frames=frames, out=out, config=config, **more)


class Inline:
    """ParallelLearner without the other process, which takes seconds to start: learns when it is waited for."""

    def __init__(
        self,
        network: OptionNetwork,
        config: PPOConfig,
        seed: int,
        *,
        steps: int,
        worlds: int,
        state: Any = None,
        device: str = "cpu",
    ) -> None:
        self.network, self._ahead = network, build(blueprint_of(network))
        self._ahead.load_state_dict(network.state_dict())
        self._learner = Learner(self._ahead, config, seed, device)
        if state is not None:
            self._learner.load_state(state)
        self.state = self._learner.state
        self._rollouts = [Rollout(network.spec, steps, worlds) for _ in range(2)]
        self._turn, self._progress = 0, -1.0

    @property
    def rollout(self) -> Rollout:
        return self._rollouts[self._turn]

    def submit(self, progress: float) -> dict[str, float]:
        metrics = self.finish()
        self._progress, self._turn = progress, 1 - self._turn
        return metrics

    def finish(self) -> dict[str, float]:
        if self._progress < 0:
            return {}
        metrics = self._learner.update(self._rollouts[1 - self._turn], self._progress)
        self.network.load_state_dict(self._ahead.state_dict())
        self._progress = -1.0
        return metrics

    def __enter__(self) -> Inline:
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture(autouse=True, scope="module")
def inline() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "ParallelLearner", Inline)
        yield


@pytest.fixture
def in_parallel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ParallelLearner", ParallelLearner)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[TrainingEvent]]:
    """A run of three rollouts that saved itself after each."""
    out = tmp_path_factory.mktemp("run")
    return out, list(run(out, 3 * ROLLOUT, config=replace(SMALL, checkpoint_frames=ROLLOUT)))


def contents(folder: Path) -> tuple[Checkpoint, dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    saved = load_checkpoint(folder)
    assert saved.training is not None
    return saved, saved.network.state_dict(), saved.training.tensors


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_short_run_on_minigrid(tmp_path: Path, in_parallel: None) -> None:
    minigrid, task = load_domain("minigrid"), "MiniGrid-DoorKey-5x5-v0"
    events = list(train(minigrid, [task], frames=600, out=tmp_path, seed=3, config=SMALL))
    status = [event.status for event in events]
    assert status[0] == f"levels of {task}"
    assert status == sorted(status, reverse=True), "all levels first, then the training"
    assert events[-1].frames == 5 * ROLLOUT, "whole rollouts are taken, until there are enough"
    assert {event.total_frames for event in events} == {600}
    frames = [event.frames for event in events]
    assert frames == sorted(frames)
    metrics = events[-1].metrics
    assert {"success_rate", "option_success_rate", "planning_share", "frames_per_second", "entropy"} <= set(
        metrics
    )
    assert 0 <= metrics["option_success_rate"] <= 1
    assert set(metrics) <= {f"success/{task}", *metrics}
    assert load_checkpoint(tmp_path, minigrid.feature_spec).meta["tasks"] == [task]


def test_the_run_is_a_folder(finished: Any) -> None:
    out, _ = finished
    config = json.loads((out / "config.json").read_text())
    assert (config["domain"], config["tasks"], config["seed"]) == ("alley", ["Alley-v0"], 0)
    assert config["config"]["worlds"] == 16
    assert config["config"]["ppo"]["minibatch"] == 64
    saved, weights, _ = contents(out)
    assert saved.network.hidden == (16,)
    assert saved.meta["frames"] == 3 * ROLLOUT
    assert saved.meta["config"] == config["config"]
    assert saved.training is not None
    assert saved.training.facts["frames"] == 3 * ROLLOUT
    assert saved.training.facts["updates"] == 3
    shipped = load_checkpoint(out / "weights", ALLEY.feature_spec)
    assert shipped.training is None
    assert shipped.meta["frames"] == 3 * ROLLOUT
    for name, tensor in shipped.network.state_dict().items():
        assert torch.equal(tensor, weights[name].half().float()), name


def test_the_last_event_tells_that_all_is_done(finished: Any) -> None:
    _, events = finished
    assert (events[-1].frames, events[-1].total_frames) == (3 * ROLLOUT, 3 * ROLLOUT)
    assert events[-1].seconds > 0


def test_a_seed_says_it_all(finished: Any, tmp_path: Path) -> None:
    out, _ = finished
    config = replace(SMALL, checkpoint_frames=ROLLOUT)
    list(run(tmp_path / "again", 3 * ROLLOUT, config=config))
    list(run(tmp_path / "other", 3 * ROLLOUT, config=config, seed=1))
    _, weights, adam = contents(out)
    _, weights_again, adam_again = contents(tmp_path / "again")
    assert same(weights, weights_again)
    assert same(adam, adam_again)
    assert not same(weights, contents(tmp_path / "other")[1])


def test_a_finished_run_resumed_is_left_as_it_is(finished: Any, tmp_path: Path) -> None:
    out, _ = finished
    copy = Path(shutil.copytree(out, tmp_path / "copy"))
    list(run(copy, 3 * ROLLOUT, resume=True))
    (before, weights, adam), (after, weights_after, adam_after) = contents(out), contents(copy)
    assert same(weights, weights_after)
    assert same(adam, adam_after)
    assert before.training is not None
    assert after.training is not None
    for fact in ("frames", "updates", "rng"):
        assert after.training.facts[fact] == before.training.facts[fact], fact
    events = list(run(copy, 5 * ROLLOUT, resume=True))
    assert events[-1].frames == 5 * ROLLOUT
    going_on, weights_on, _ = contents(copy)
    assert going_on.training is not None
    assert going_on.training.facts["updates"] == 5
    assert going_on.training.facts["seconds"] > before.training.facts["seconds"]
    assert not same(weights, weights_on)


def test_closing_saves(tmp_path: Path) -> None:
    going = run(tmp_path, 1000 * ROLLOUT)
    event = next(event for event in going if not event.status)
    going.close()
    saved, _, _ = contents(tmp_path)
    assert saved.training is not None
    assert saved.training.facts["frames"] == event.frames == ROLLOUT
    assert saved.training.facts["updates"] == 1, "the update under way is waited for"


def test_an_interrupt_in_the_middle_of_a_rollout_saves_what_was_learned(tmp_path: Path) -> None:
    class Interrupted(alley.Alleys):
        clock = itertools.count()

        def step(self, actions: Any) -> Any:
            if next(self.clock) == 2 * SMALL.steps + 3:
                raise KeyboardInterrupt
            return super().step(actions)

    with pytest.raises(KeyboardInterrupt):
        list(run(tmp_path, 1000 * ROLLOUT, Elsewhere(make=Interrupted)))
    saved, _, _ = contents(tmp_path)
    assert saved.meta["frames"] == 2 * ROLLOUT


def test_weights_alone_cannot_be_trained_on(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, OptionNetwork(ALLEY.feature_spec, (16,)))
    with pytest.raises(CheckpointError, match="weights alone"):
        next(run(tmp_path, ROLLOUT, resume=True))


def test_there_must_be_something_to_resume(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        next(run(tmp_path / "nothing", ROLLOUT, resume=True))
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    ("seed", "levels"), [(0, 5), (7, 1000), (999, 1000), (1000, 1000), (123_456_789, 1000), (3, 400_000)]
)
def test_levels_of_evaluation_are_never_practised_on(seed: int, levels: int, tmp_path: Path) -> None:
    domain = Elsewhere(alley.draw("o", "ring the bell"))
    next(run(tmp_path, ROLLOUT, domain, replace(SMALL, levels=levels), seed=seed))
    (seeds,) = domain.asked
    first = seeds.start
    assert len(seeds) == levels
    assert first >= 0
    assert first + levels <= 1_000_000
    assert first == seed * levels or seed * levels + levels > 1_000_000, "other seeds, other levels"


def test_it_is_told_how_far_the_levels_are(tmp_path: Path) -> None:
    domain = Elsewhere(alley.draw("o", "ring the bell"))
    going = run(tmp_path, ROLLOUT, domain)
    first = next(going)
    assert (first.frames, first.total_frames) == (0, ROLLOUT)
    assert (first.status, first.prepared) == ("levels of Alley-v0", (1, 2))
    assert next(going).prepared == (2, 2)


def test_who_stops_listening_stops_the_making_of_levels(tmp_path: Path) -> None:
    domain = Elsewhere(alley.draw("o", "ring the bell"))
    going = run(tmp_path, ROLLOUT, domain)
    next(going)
    assert not domain.left
    going.close()
    assert domain.left


@pytest.mark.parametrize("levels", [0, 1_000_001])
def test_so_many_levels_there_are_not(levels: int) -> None:
    with pytest.raises(ValueError, match="levels"):
        TrainingConfig(levels=levels)


def test_tasks_that_nothing_can_be_planned_for(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match=r"nothing to practise.*proven unsolvable"):
        list(run(tmp_path, ROLLOUT, Elsewhere(alley.draw("..o", "fetch the coin"))))


def test_learning_happens(tmp_path: Path) -> None:
    going = (event.metrics for event in run(tmp_path, 50 * 1024, config=LEARNING) if not event.status)
    first = next(going)
    assert first["option_success_rate"] < 0.5, "an untrained network stumbles on a near target now and then"
    assert any(min(now["option_success_rate"], now["success_rate"]) > 0.85 for now in going)


def share_solved(folder: Path, translator: Translator) -> float:
    """Of forty levels that were not practised on."""
    network = load_checkpoint(folder, ALLEY.feature_spec, ALLEY.hearing).network
    player = Agent(ALLEY, NetworkController(network), translator=translator)
    return float(np.mean([play(player, alley.random_level(seed)).ended for seed in range(1000, 1040)]))


def test_words_are_learned_to_be_heard_and_scrambled_ones_lead_astray(tmp_path: Path) -> None:
    config = replace(LEARNING, controller="text")
    list(run(tmp_path, 60 * 1024, config=config))
    rules = ALLEY.translator
    right = share_solved(tmp_path / "weights", rules)
    assert right > 0.9
    scrambled = ScrambledTranslator(rules, rules.rules, ALLEY.model)
    assert share_solved(tmp_path / "weights", scrambled) < right - 0.3
    assert share_solved(tmp_path / "weights", SilentTranslator(rules)) < right - 0.3


def test_a_run_that_hears_words_goes_on_as_one(tmp_path: Path) -> None:
    config = replace(SMALL, controller="text")
    list(run(tmp_path, ROLLOUT, config=config))
    before = contents(tmp_path)[1]
    list(run(tmp_path, 2 * ROLLOUT, config=SMALL, resume=True))
    saved, after, _ = contents(tmp_path)
    assert isinstance(saved.network, HearingNetwork)
    assert not same(before, after)
    assert (
        load(ALLEY, tmp_path / "weights").executive.features().sparse.shape[1] == ALLEY.hearing.features.width
    )


def test_a_domain_that_tells_nothing_in_words(tmp_path: Path) -> None:
    class Mute(Elsewhere):
        hearing = None  # type: ignore[assignment]

    with pytest.raises(DomainError, match="alley tells its controllers nothing in words"):
        list(run(tmp_path, ROLLOUT, Mute(), replace(SMALL, controller="text")))


def test_a_table_hears_no_words(tmp_path: Path) -> None:
    class Tabular(Elsewhere):
        learner = "table"

    with pytest.raises(DomainError, match="a table, which hears no words"):
        list(run(tmp_path, ROLLOUT, Tabular(), replace(SMALL, controller="text")))


def test_there_are_two_kinds_of_controllers() -> None:
    with pytest.raises(ValueError, match="typed or text, got 'spoken'"):
        replace(SMALL, controller="spoken")  # type: ignore[arg-type]


class Scripted:
    """Does as the script says, with a value of 0.8 for every state."""

    def __init__(self, network: OptionNetwork, script: Any = SCRIPTED.act) -> None:
        self.network, self.script = network, script

    def act_with_values(self, features: Features, rng: Any) -> Any:
        actions = self.script(features, rng)
        return actions, np.zeros(len(actions), np.float32), np.full(len(actions), 0.8, np.float32)


class Steady(OptionNetwork):
    def evaluate(self, features: Features) -> Any:
        return np.zeros((len(features), 4), np.float32), np.full(len(features), 0.8, np.float32)


def practise(level: Any, script: Any = SCRIPTED.act, **settings: Any) -> tuple[Practice, Rollout]:
    """One rollout of two worlds that both play `level`."""
    config = replace(SMALL, worlds=2, gamma=0.9, kappa=0.5, **settings)
    network = Steady(ALLEY.feature_spec, (16,))
    practice = Practice(ALLEY, alley.Alleys([level], 2), network, config, [level.task], seed=0)
    practice.controller = Scripted(network, script)  # type: ignore[assignment]
    rollout = Rollout(ALLEY.feature_spec, config.steps, 2)
    practice.fill(rollout)
    return practice, rollout


def test_a_step_of_the_plan_is_paid_a_share_and_the_end_the_rest() -> None:
    practice, rollout = practise(alley.draw("b", "fetch the coin", coin=0), steps=4)
    assert rollout.reward[:, 0].tolist() == [0.5, 1.0, 0.5, 1.0]
    assert rollout.discount[:, 0].tolist() == pytest.approx([0.45, 0.0, 0.45, 0.0])
    assert rollout.valid.all()
    assert list(practice.scores.episodes["Alley-v0"]) == [True] * 4


def test_episodes_are_of_the_tasks_that_the_curriculum_draws() -> None:
    """And each that is over is told to it, by its own task."""
    easy = alley.draw("b", "fetch the coin", coin=0, task="Alley-Open-v0")
    lost = alley.draw("b", "fetch the coin", task="Alley-v0")
    network, asked = Steady(ALLEY.feature_spec, (16,)), []

    class Watched(alley.Alleys):
        def start(self, indices: Any, tasks: Any = None) -> None:
            super().start(indices, tasks)
            if tasks is not None:
                asked.extend(tasks)
                assert [self.task_of(int(n)) for n in indices] == list(tasks)

    worlds = Watched([easy, lost], 8)
    config = replace(SMALL, worlds=8, steps=60)
    practice = Practice(ALLEY, worlds, network, config, ["Alley-Open-v0", "Alley-v0"], seed=0)
    practice.controller = Scripted(network)  # type: ignore[assignment]
    practice.fill(Rollout(ALLEY.feature_spec, 60, 8))
    assert set(asked) == {"Alley-Open-v0", "Alley-v0"}
    (open_fast, fast), (open_slow, slow) = practice.curriculum.fast, practice.curriculum.slow
    assert open_fast > open_slow > 0.5 > slow > fast, "one is solved, the other is not"


def test_what_an_option_was_not_told_to_do_is_paid_as_a_failure_and_the_episode_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def first_box_was_none_of_its_business(belief: Any, subgoals: Any) -> Any:
        return belief.image[:, 0] == alley.COIN

    monkeypatch.setattr(type(ALLEY.belief(1)), "meddled", first_box_was_none_of_its_business)
    practice, rollout = practise(alley.draw("b", "fetch the coin", coin=0), steps=2)
    assert rollout.reward[:, 0].tolist() == [0.0, 1.0]
    assert rollout.discount[:, 0].tolist() == [0.0, 0.0]
    assert rollout.valid.all()
    assert list(practice.scores.episodes["Alley-v0"]) == [True] * 2, "only what it is worth has changed"


def test_snapshots_are_the_weights_as_they_were_then(tmp_path: Path) -> None:
    out, config = tmp_path / "run", replace(SMALL, snapshots=(64, 1 << 40))
    list(train(ALLEY, frames=512, out=out, config=config))
    early, late = (load_checkpoint(out / name, ALLEY.feature_spec) for name in ("at-64", "weights"))
    assert not (out / f"at-{1 << 40}").exists(), "the run was over before"
    assert 64 <= early.meta["frames"] < late.meta["frames"]
    assert not torch.equal(early.network.bias, late.network.bias)


def test_a_cut_episode_is_worth_what_was_yet_to_come() -> None:
    def stay(features: Features, rng: Any) -> Any:
        return np.full(len(features), alley.LEFT)

    practice, rollout = practise(alley.draw("..o", "ring the bell"), stay, steps=6, episode_limit=3)
    assert rollout.reward[:, 0].tolist() == pytest.approx([0, 0, 0.9 * 0.8] * 2)
    assert rollout.discount[:, 0].tolist() == pytest.approx([0.9, 0.9, 0] * 2)
    assert list(practice.scores.episodes["Alley-v0"]) == [False] * 4


def test_a_device_that_is_not_here_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    absent = "cuda:77"
    assert absent not in devices()
    with pytest.raises(DeviceError, match=absent):
        next(iter(train(ALLEY, frames=64, out=tmp_path / "run", device=absent)))
    assert not (tmp_path / "run").exists()


def test_an_end_that_the_world_does_not_reward_is_a_failure() -> None:
    """Whatever the agent believes to have accomplished."""
    practice, rollout = practise(alley.draw("b", "fetch the coin", coin=0, worth=0.0), steps=2)
    assert rollout.reward[:, 0].tolist() == [0.5, 0.0]
    assert rollout.discount[1].tolist() == [0.0, 0.0]
    assert list(practice.scores.episodes["Alley-v0"]) == [False] * 2


def test_an_end_that_the_world_rewards_is_a_success() -> None:
    """Although the agent, for all it knows, has a bell to ring."""
    deeds = (alley.IN_HAND,)
    level = alley.draw("b.o", "fetch the coin, then ring the bell", deeds, coin=0)
    practice, rollout = practise(level, steps=2)
    assert rollout.reward[:, 0].tolist() == [0.5, 1.0]
    assert list(practice.scores.episodes["Alley-v0"]) == [True] * 2


def test_a_state_that_no_plan_leads_on_from_is_a_failure() -> None:
    """The only box is opened, and it is empty."""
    practice, rollout = practise(alley.draw("b", "fetch the coin"), steps=2)
    assert rollout.reward[:, 0].tolist() == [0.0, 0.0]
    assert rollout.discount[:, 0].tolist() == [0.0, 0.0]
    assert rollout.valid.all(), "the step that led there is learned from"
    assert list(practice.scores.episodes["Alley-v0"]) == [False] * 4


def test_steps_without_a_subgoal_are_not_learned_from() -> None:
    _, rollout = practise(alley.draw("..o", "fetch the coin"))
    assert not rollout.valid.any()
    assert set(np.unique(rollout.action)) <= set(ALLEY.idle_actions)


def test_success_rates_are_of_recent_episodes_and_of_options_since_the_last_look() -> None:
    practice, _ = practise(alley.draw("b", "fetch the coin", coin=0), steps=4)
    counts = practice.executive.counters.options
    metrics = practice.scores.metrics(counts)
    assert metrics == {"success_rate": 1.0, "option_success_rate": 1.0, "success/Alley-v0": 1.0}
    counts["take", False] += 4
    assert practice.scores.metrics(counts)["option_success_rate"] == 0.0
