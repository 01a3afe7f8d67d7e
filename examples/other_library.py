"""stable-baselines3's PPO as the learner, with the plan and without it, on the same task and the same budget.

python examples/other_library.py [TASK] [FRAMES]          needs: pip install stable-baselines3
"""

import sys

import gymnasium
import numpy as np
import torch
from gymnasium.wrappers import FilterObservation, FlattenObservation
from stable_baselines3 import PPO
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import DummyVecEnv

from neurosym import PlanGuided
from neurosym.domain import load_domain

MINIGRID = load_domain("minigrid")
SETTINGS = {
    "n_steps": 64,
    "batch_size": 256,
    "n_epochs": 6,
    "learning_rate": 1e-3,
    "gamma": 0.97,
    "gae_lambda": 0.9,
    "ent_coef": 0.01,
    "seed": 0,
}


class TrainingSeeds(gymnasium.Wrapper):
    """Every episode is another level, of the seeds below 1,000,000 that evaluation stays clear of."""

    def __init__(self, env: gymnasium.Env, seed: int) -> None:
        super().__init__(env)
        self._rng = np.random.default_rng(seed)

    def reset(self, *, seed=None, options=None):
        return self.env.reset(seed=int(self._rng.integers(1_000_000)), options=options)


class Facts(BaseFeaturesExtractor):
    """Sums a learned vector for each fact that is named: what a flat network would do, without its zeros."""

    def __init__(self, space: gymnasium.spaces.Dict, width: int = 128) -> None:
        super().__init__(space, width)
        spec = MINIGRID.feature_spec
        self.rows = torch.nn.EmbeddingBag(spec.rows, width, mode="sum", padding_idx=0)
        self.dense = torch.nn.Linear(spec.dense, width)

    def forward(self, observation: dict[str, torch.Tensor]) -> torch.Tensor:
        return torch.relu(self.rows(observation["rows"].long()) + self.dense(observation["dense"]))


def guided(task: str) -> gymnasium.Env:
    return PlanGuided(MINIGRID.make_env(task), MINIGRID, observation="rows", bonus=0.5)


def flat(task: str) -> gymnasium.Env:
    return FlattenObservation(FilterObservation(MINIGRID.make_env(task), ["image", "direction"]))


def train(make, task: str, frames: int, policy: str, **settings) -> PPO:
    worlds = DummyVecEnv([lambda n=n: TrainingSeeds(make(task), n) for n in range(16)])
    return PPO(policy, worlds, **SETTINGS, **settings).learn(frames)


def success_rate(model: PPO, env: gymnasium.Env, episodes: int = 50) -> float:
    """On levels that were not trained on, by the environment's own reward."""
    solved = 0
    for seed in range(1_000_000, 1_000_000 + episodes):
        observation, _ = env.reset(seed=seed)
        reward, terminated, truncated, info = 0.0, False, False, {}
        while not (terminated or truncated):
            action, _ = model.predict(observation, deterministic=False)
            observation, reward, terminated, truncated, info = env.step(int(action))
        solved += terminated and info.get("own_reward", reward) > 0
    return solved / episodes


def main(task: str = "MiniGrid-MultiRoom-N4-S5-v0", frames: str = "100000") -> None:
    torch.set_num_threads(1)
    extractor = {"policy_kwargs": {"features_extractor_class": Facts, "net_arch": [64]}}
    with_plan = train(guided, task, int(frames), "MultiInputPolicy", **extractor)
    without = train(flat, task, int(frames), "MlpPolicy")
    print(f"{task}, {int(frames):,} frames, 50 unseen levels")
    print(f"PPO with the plan     {success_rate(with_plan, guided(task)):.2f}")
    print(f"PPO without the plan  {success_rate(without, flat(task)):.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
