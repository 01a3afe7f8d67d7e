"""The wrapper for other libraries: its spaces, what it pays and tells, and that PPO from elsewhere learns by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env

import neurosym
from neurosym.domain import load_domain
from neurosym.errors import UnknownNameError
from neurosym.wrapper import PlanGuided

ALLEY = load_domain(Path(__file__).parent / "worlds" / "alley")
FORMS = ("vector", "rows")


def guided(task: str = "Alley-v0", **settings: Any) -> PlanGuided:
    return PlanGuided(ALLEY.make_env(task), ALLEY, **settings)


def follow(env: PlanGuided, seed: int, steps: int = 200) -> list[tuple[float, bool, bool, dict[str, Any]]]:
    """What the scripted controller gets for doing as it is told."""
    controller, rng = ALLEY.scripted_controller(), np.random.default_rng(0)
    env.reset(seed=seed)
    told = []
    for _ in range(steps):
        _, reward, terminated, truncated, info = env.step(controller.act(env.executive.features(), rng)[0])
        told.append((float(reward), terminated, truncated, info))
        if terminated or truncated:
            break
    return told


def holds_text(space: spaces.Space) -> bool:
    inner = space.spaces.values() if isinstance(space, spaces.Dict) else ()
    return isinstance(space, spaces.Text) or any(map(holds_text, inner))


@pytest.mark.filterwarnings("ignore:.*is different from the unwrapped version:UserWarning")
@pytest.mark.parametrize("form", FORMS)
def test_gymnasium_finds_nothing_wrong(form: Any) -> None:
    env = guided(observation=form)
    assert not holds_text(env.observation_space)
    check_env(env, skip_render_check=True)


@pytest.mark.parametrize("form", FORMS)
def test_stable_baselines3_finds_nothing_wrong(form: Any) -> None:
    checker = pytest.importorskip(
        "stable_baselines3.common.env_checker", reason="stable-baselines3 is not here"
    )
    checker.check_env(guided(observation=form))


def test_both_forms_tell_the_same() -> None:
    vector, rows = guided(), guided(observation="rows")
    seen, _ = vector.reset(seed=5)
    told, _ = rows.reset(seed=5)
    named = np.flatnonzero(seen[: ALLEY.feature_spec.rows])
    assert set(named) == set(told["rows"]) - {0}
    np.testing.assert_array_equal(seen[ALLEY.feature_spec.rows :], told["dense"])


def test_the_subgoal_is_in_the_observation() -> None:
    env = guided()
    first, info = env.reset(seed=0)
    env.executive.subgoals[:] = 0
    assert info["instruction"]
    assert not np.array_equal(first, env._observe())


def test_a_subgoal_is_paid_beside_the_environments_reward() -> None:
    told = follow(guided(bonus=0.25), seed=0)
    assert told[-1][3]["success"], "the scripted controller solves the alley"
    for reward, _, _, info in told:
        assert reward == pytest.approx(info["own_reward"] + 0.25 * info["achieved"])
    assert sum(info["achieved"] for *_, info in told) >= 2
    assert all(not info["success"] for *_, info in told[:-1])


def test_no_subgoal_is_paid_twice() -> None:
    """Wandering at random, nobody earns more bonuses than there are different subgoals."""
    env = guided(bonus=1.0)
    rng = np.random.default_rng(3)
    env.reset(seed=1)
    paid = 0
    for _ in range(300):
        *_, terminated, truncated, info = env.step(rng.integers(env.action_space.n))  # type: ignore[attr-defined]
        paid += info["achieved"]
        if terminated or truncated:
            break
    assert paid == len(env.executive.threads[0].paid)


def test_the_plan_is_told() -> None:
    env = guided()
    _, info = env.reset(seed=0)
    assert info["mission"] == "fetch the coin"
    assert info["plan"]
    assert all(step.startswith("(") for step in info["plan"])
    assert not info["achieved"]
    assert info["own_reward"] == 0.0


def test_episodes_are_the_same_for_the_same_seed() -> None:
    one, other = follow(guided(), seed=7), follow(guided(), seed=7)
    assert [row[:3] for row in one] == [row[:3] for row in other]


def test_it_is_public_and_takes_a_domain_by_name() -> None:
    assert neurosym.PlanGuided is PlanGuided
    env = ALLEY.make_env("Alley-v0")
    with pytest.raises(UnknownNameError, match="nowhere"):
        PlanGuided(env, "nowhere")


@pytest.mark.parametrize("settings", [{"bonus": -1.0}, {"bonus": float("nan")}, {"observation": "words"}])
def test_settings_out_of_range_are_refused(settings: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        guided(**settings)


def test_the_environment_has_to_be_of_the_domain() -> None:
    with pytest.raises(ValueError, match="has 4 actions, this environment has 6"):
        PlanGuided(load_domain("taxi").make_env("Taxi-v4"), ALLEY)


def test_ppo_from_elsewhere_learns_by_it() -> None:
    sb3 = pytest.importorskip("stable_baselines3", reason="stable-baselines3 is not here")
    from stable_baselines3.common.vec_env import DummyVecEnv

    worlds = DummyVecEnv([lambda: guided(bonus=0.5)] * 8)
    model = sb3.PPO("MlpPolicy", worlds, n_steps=64, batch_size=128, learning_rate=2e-3, gamma=0.95, seed=0)
    before = [solves(model, seed) for seed in range(1_000_000, 1_000_020)]
    model.learn(12_000)
    after = [solves(model, seed) for seed in range(1_000_000, 1_000_020)]
    assert sum(after) >= 18 > sum(before)


def solves(model: Any, seed: int) -> bool:
    env = guided()
    seen, info = env.reset(seed=seed)
    terminated = truncated = False
    while not (terminated or truncated):
        action, _ = model.predict(seen, deterministic=False)
        seen, _, terminated, truncated, info = env.step(int(action))
    return info["success"]
