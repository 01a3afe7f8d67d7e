"""Any other library as the learner: a Gymnasium environment that plans, says what to do next and pays for doing it."""

from __future__ import annotations

from typing import Any, Literal, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from numpy.typing import NDArray

from neurosym.domain import Domain, load_domain
from neurosym.executive import Executive
from neurosym.language import Translator
from neurosym.options.features import FeatureSpec
from neurosym.planning import Planner

__all__ = ["PlanGuided"]

BONUS = 0.2  # a handful of steps make a plan, and the environment's own reward should stay the larger part
_MOST = 1e6  # dense features are of order one; checkers of environments want bounds that are finite
_ONE = np.ones(1, dtype=np.bool_)


class PlanGuided(gymnasium.Wrapper, RecordConstructorArgs):
    """A task whose observation says what the plan wants next, and whose reward pays for bringing it about.

    An executive plans from the observations alone, follows the plan, and plans again where the world disagrees, just as
    for this package's own agents. What is learned is the controller: how to do what is said, one step after the other.

    The observation is what the belief tells a controller, subgoal included; mission strings stay out of it. As a
    "vector" it is a Box, float32[rows + dense]: how often each fact is named, then the dense features. As "rows" it is
    a Dict of `rows`, int32[width], the numbers of the facts with 0 as padding, for a network that begins with an
    embedding bag, and `dense`, float32[dense]. Rewards are the environment's own, and `bonus` for each subgoal that is
    achieved for the first time in an episode.

    `info`, after a reset as well, holds `mission`, `plan` (operators as text, from the one in hand on; empty where
    there is none), `instruction` (text), `achieved` (whether the last action reached a subgoal for the first time),
    `own_reward` (the environment's) and `success` (the environment's verdict: it ended with a reward above 0).

    Args:
        env: a task of the domain, as `Domain.make_env` makes it.
        domain: the domain, or its name or folder.
        observation: see above.
        bonus: not negative.
        planner, translator: the domain's own unless given.

    Raises:
        UnknownNameError: no such domain.
        ValueError: an argument is out of range, or the environment's actions are not those of the domain.
    """

    def __init__(
        self,
        env: gymnasium.Env,
        domain: str | Domain,
        *,
        observation: Literal["vector", "rows"] = "vector",
        bonus: float = BONUS,
        planner: Planner | None = None,
        translator: Translator | None = None,
    ) -> None:
        RecordConstructorArgs.__init__(
            self,
            domain=domain,
            observation=observation,
            bonus=bonus,
            planner=planner,
            translator=translator,
        )
        gymnasium.Wrapper.__init__(self, env)
        if observation not in ("vector", "rows"):
            raise ValueError(f'observation must be "vector" or "rows", got {observation!r}')
        if not (np.isfinite(bonus) and bonus >= 0):
            raise ValueError(f"bonus must not be negative, got {bonus}")
        self.domain = load_domain(domain) if isinstance(domain, str) else domain
        self.bonus, self.form = bonus, observation
        spec = self.domain.feature_spec
        found = getattr(env.action_space, "n", None)
        if found != spec.actions:
            raise ValueError(
                f"the domain {self.domain.name!r} has {spec.actions} actions, this environment has "
                f"{'none that can be counted' if found is None else found}"
            )
        self.observation_space = _space(spec, observation)
        self.executive = Executive(self.domain, 1, planner, translator)
        self._mission = ""

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict]:
        obs, info = self.env.reset(seed=seed, options=options)
        seen = self.domain.stack([obs])
        self._mission = str(seen["mission"][0])
        self.executive.begin(_ONE, seen)
        return self._observe(), self._tell(info, achieved=False, reward=0.0, success=False)

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        obs, own, terminated, truncated, info = self.env.step(int(action))
        outcome = self.executive.update(np.array([int(action)], dtype=np.int64), self.domain.stack([obs]))
        reward, achieved = float(own), bool(outcome.fresh[0])
        told = self._tell(info, achieved=achieved, reward=reward, success=bool(terminated) and reward > 0)
        return self._observe(), reward + self.bonus * achieved, bool(terminated), bool(truncated), told

    def _observe(self) -> Any:
        features = self.executive.features()
        if self.form == "rows":
            both = {"rows": features.sparse[0].copy(), "dense": features.dense[0].copy()}
            return {key: both[key] for key in self.observation_space.spaces}  # type: ignore[attr-defined]
        return _vector(features.sparse[0], features.dense[0], self.domain.feature_spec)

    def _tell(self, info: dict, *, achieved: bool, reward: float, success: bool) -> dict[str, Any]:
        thread = self.executive.threads[0]
        following = thread.plan.steps[thread.position :] if thread.plan else ()
        return {
            **info,
            "mission": self._mission,
            "plan": tuple(str(step) for step in following),
            "instruction": thread.instruction.text if thread.instruction else "",
            "achieved": achieved,
            "own_reward": reward,
            "success": success,
        }


def _space(spec: FeatureSpec, form: str) -> spaces.Space:
    dense = spaces.Box(-_MOST, _MOST, (spec.dense,), np.float32)
    if form == "rows":
        rows = spaces.Box(0, spec.rows - 1, (spec.width,), np.int32)
        return spaces.Dict({"rows": rows, "dense": dense} if spec.dense else {"rows": rows})
    edge = np.full(spec.dense, _MOST, np.float32)
    least = np.concatenate([np.zeros(spec.rows, np.float32), -edge])
    most = np.concatenate([np.full(spec.rows, spec.width, np.float32), edge])
    return spaces.Box(least, most, dtype=np.float32)


def _vector(sparse: NDArray[np.int32], dense: NDArray[np.float32], spec: FeatureSpec) -> NDArray[np.float32]:
    """float32[rows + dense]; padding is not counted."""
    vector = np.bincount(sparse, minlength=spec.rows).astype(np.float32)
    vector[0] = 0.0
    return np.concatenate([vector, dense])
