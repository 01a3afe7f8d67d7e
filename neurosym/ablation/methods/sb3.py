"""The outside witness: PPO as stable-baselines3 has it, on the task's own environment, with nothing of ours in it."""

from __future__ import annotations

import importlib
import re
import zlib
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from neurosym.ablation.methods.registry import Trial
from neurosym.deliberation import Counters
from neurosym.domain import Domain
from neurosym.errors import NeurosymError
from neurosym.seeds import EVALUATION_SEED

__all__ = ["FlatObservation", "StableBaseline"]

# as rl-baselines3-zoo has it for MiniGrid-DoorKey-5x5 (hyperparams/ppo.yml), observations and rewards normalised; the
# other settings there are the library's defaults
WORLDS, STEPS, LEARNING_RATE = 8, 128, 2.5e-4
WORD_SLOTS = 64


class FlatObservation(gymnasium.Wrapper):
    """All numbers of an observation in a row, and the mission's words, counted by checksum.

    Levels are drawn from the seeds of training.
    """

    def __init__(self, env: Any, seed: int) -> None:
        super().__init__(env)
        self._rng = np.random.default_rng(seed)
        inner = env.observation_space
        self._rest = inner
        self._speaks = isinstance(inner, spaces.Dict) and "mission" in inner.spaces
        if self._speaks:
            self._rest = spaces.Dict({key: part for key, part in inner.spaces.items() if key != "mission"})
        size = spaces.flatdim(self._rest) + WORD_SLOTS * self._speaks
        self.observation_space = spaces.Box(-np.inf, np.inf, (size,), np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        seed = int(self._rng.integers(EVALUATION_SEED)) if seed is None else seed
        observation, info = self.env.reset(seed=seed, options=options)
        return self.flatten(observation), info

    def step(self, action: Any) -> Any:
        observation, *rest = self.env.step(int(action))
        return self.flatten(observation), *rest

    def flatten(self, observation: Any) -> NDArray[np.float32]:
        """float32[D], of what the environment returned."""
        if not self._speaks:
            return np.asarray(spaces.flatten(self._rest, observation), np.float32)
        seen = {key: value for key, value in observation.items() if key != "mission"}
        slots = [
            zlib.crc32(word.encode()) % WORD_SLOTS
            for word in re.findall(r"\w+", observation["mission"].lower())
        ]
        words = np.bincount(slots, minlength=WORD_SLOTS)
        return np.concatenate([np.asarray(spaces.flatten(self._rest, seen)), words]).astype(np.float32)


class StableBaseline:
    """A contender that learns by stable-baselines3.

    Raises:
        NeurosymError: it is not installed.
    """

    plans, planning_seconds = 0, 0.0

    def __init__(self, trial: Trial) -> None:
        try:
            library: Any = importlib.import_module("stable_baselines3")
            vectors: Any = importlib.import_module("stable_baselines3.common.vec_env")
        except ImportError as error:
            raise NeurosymError(
                f"stable-baselines3 cannot be imported: {error}; install neurosym-rl[bench]"
            ) from None
        importlib.import_module("torch").set_num_threads(1)
        self._trial = trial
        makers = [lambda k=k: self._make(trial.seed * WORLDS + k) for k in range(WORLDS)]
        worlds = vectors.VecNormalize(vectors.DummyVecEnv(makers))
        settings = {"n_steps": STEPS, "learning_rate": LEARNING_RATE}
        self.model = library.PPO("MlpPolicy", worlds, **settings, seed=trial.seed, device="cpu")
        self.settings: Mapping[str, Any] = {
            "library": f"stable-baselines3 {library.__version__}",
            "worlds": WORLDS,
            **settings,
        }

    @property
    def frames(self) -> int:
        return int(self.model.num_timesteps)

    def learn(self, frames: int) -> None:
        """All in one, the learning rate being constant, as is the library's default."""
        missing = frames - self.frames
        if self.frames == 0 or missing >= WORLDS * STEPS / 2:
            whole = max(1, round(missing / (WORLDS * STEPS))) * WORLDS * STEPS
            self.model.learn(whole, reset_num_timesteps=self.frames == 0)

    def agent(self) -> StablePlayer:
        return StablePlayer(self._trial.domain, self.model, self._make(0))

    def _make(self, seed: int) -> FlatObservation:
        return FlatObservation(self._trial.domain.make_env(self._trial.task), seed)


class StablePlayer:
    """Plays by a model of stable-baselines3, drawing actions from its policy as ours do; can be recorded."""

    plan, step_index, instruction = None, 0, None
    events: tuple[Any, ...] = ()

    def __init__(self, domain: Domain, model: Any, reader: FlatObservation) -> None:
        self.domain, self.counters, self.mission = domain, Counters(), ""
        self._model, self._reader, self._rng = model, reader, np.random.default_rng(0)

    def reset(self, observation: Any) -> None:
        self._rng = np.random.default_rng(0)
        self.mission = self.domain.mission(observation)

    def act(self, observation: Any) -> int:
        policy = self._model.policy
        flat = self._reader.flatten(observation)
        seen, _ = policy.obs_to_tensor(self._model.get_vec_normalize_env().normalize_obs(flat))
        chances = policy.get_distribution(seen).distribution.probs.detach().numpy()[0].astype(np.float64)
        return int(self._rng.choice(len(chances), p=chances / chances.sum()))

    def observe(self, observation: Any) -> None:
        """It keeps nothing in mind."""

    def blame(self) -> str:
        return "option"

    def picture(self) -> None:
        return None
