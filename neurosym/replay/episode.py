"""Driving an agent through an episode while a recorder watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosym.drawing import draw_lines
from neurosym.replay.recorder import Outcome, Recorder

__all__ = ["EpisodeWatch", "Sees", "Thinks", "record_episode"]


class Thinks(Protocol):
    """What the recorder reads of an agent."""

    @property
    def plan(self) -> Any: ...
    @property
    def step_index(self) -> int: ...
    @property
    def instruction(self) -> Any: ...
    @property
    def events(self) -> Sequence[Any]: ...
    @property
    def mission(self) -> str: ...
    def reset(self, observation: Any) -> None: ...
    def act(self, observation: Any) -> int: ...
    def observe(self, observation: Any) -> None: ...
    def blame(self) -> str: ...
    def picture(self) -> NDArray[np.uint8] | None: ...


class Sees(Protocol):
    """What the recorder asks of a domain."""

    @property
    def action_names(self) -> Sequence[str]: ...
    def view(self, observation: Any) -> NDArray[np.uint8] | None: ...


class EpisodeWatch:
    """Turns one agent's episode into recorded steps; for callers who keep their own loop.

    Call `decided` after `agent.act` and before `env.step`, `rewarded` after `env.step`, `ended` at the end.

    Args:
        env: a Gymnasium environment, made with `render_mode="rgb_array"` if it can draw itself.
        action_name: how an action is called; by default its name in `domain.action_names`.
    """

    def __init__(
        self,
        recorder: Recorder,
        agent: Thinks,
        env: Any,
        domain: Sees,
        action_name: Callable[[int], str] | None = None,
    ) -> None:
        self.recorder, self.agent, self.env, self.domain = recorder, agent, env, domain
        self._action_name = action_name or self._named
        self._told = self._steps = 0
        self._total = 0.0
        self._pending: dict[str, Any] = {}

    def began(self, task: str, seed: int, mission: str) -> None:
        """A new episode; call it after `agent.reset`."""
        self._told = self._steps = 0
        self._total = 0.0
        self.recorder.begin(task, seed, mission)

    def decided(self, obs: Any, action: int) -> None:
        self._pending = {**self._glance(obs), "action": self._action_name(action)}

    def rewarded(self, reward: float) -> None:
        self._steps += 1
        self._total += float(reward)
        self.recorder.add(**self._pending, reward=float(reward))

    def ended(self, obs: Any, success: bool, cause: str | None = None) -> Outcome:
        """Records what the agent makes of the last observation; `cause` is asked of it when it is not given."""
        self.agent.observe(obs)
        last = self._glance(obs)
        if success:  # the plan was carried out, and the agent has let go of it
            plan = last["plan"] or self._pending.get("plan", [])
            last["plan"], last["plan_step"], last["instruction"] = plan, len(plan), ""
        self.recorder.add(**last, action="", reward=0.0)
        outcome = Outcome(success, self._steps, self._total, "" if success else cause or self.agent.blame())
        self.recorder.end(**vars(outcome))
        return outcome

    def _named(self, action: int) -> str:
        return self.domain.action_names[action].replace("_", " ")

    def _glance(self, obs: Any) -> dict[str, Any]:
        agent = self.agent
        news, self._told = agent.events[self._told :], len(agent.events)
        return {
            "world": _frame(self.env.render()),
            "view": self.domain.view(obs),
            "belief": agent.picture(),
            "plan": [str(step) for step in agent.plan.steps] if agent.plan else [],
            "plan_step": agent.step_index,
            "instruction": agent.instruction.text if agent.instruction else "",
            "events": [(event.kind, event.text) for event in news],
        }


def record_episode(
    agent: Thinks,
    env: Any,
    domain: Sees,
    seed: int,
    *,
    recorder: Recorder | None = None,
    task: str = "",
    action_name: Callable[[int], str] | None = None,
) -> Recorder:
    """Run one episode to its end and record it. Success is an end with reward above 0.

    Args:
        env: a Gymnasium environment made with `render_mode="rgb_array"`; it must end by itself.
        recorder: the recording to add to; a new one by default.
        task: the task's name; by default the environment's id.
    """
    name = task or (env.spec.id if env.spec else type(env.unwrapped).__name__)
    recorder = recorder or Recorder(name)
    watch = EpisodeWatch(recorder, agent, env, domain, action_name)
    obs, _ = env.reset(seed=seed)
    agent.reset(obs)
    watch.began(name, seed, agent.mission)
    reward, terminated, truncated = 0.0, False, False
    while not (terminated or truncated):
        action = int(agent.act(obs))
        watch.decided(obs, action)
        obs, reward, terminated, truncated, _ = env.step(action)
        watch.rewarded(float(reward))
    watch.ended(obs, success=bool(terminated) and float(reward) > 0)
    return recorder


def _frame(drawn: Any) -> NDArray[np.uint8]:
    """uint8[H, W, 3] of what an environment renders: a picture, or text, or nothing."""
    if drawn is None or isinstance(drawn, str):
        return draw_lines((drawn or "this world does not draw itself").splitlines())
    return np.asarray(drawn, np.uint8)
