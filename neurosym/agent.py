"""An agent for one environment: an executive that decides what is to be done, and a controller that does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Foresight
from neurosym.deliberation import Counters
from neurosym.executive import Event, Executive, Guide, Thread
from neurosym.language import Instruction, Translator, TranslatorChoice, Usage
from neurosym.options.controller import NetworkController
from neurosym.planning import Planner
from neurosym.symbols import Plan, State

if TYPE_CHECKING:
    from neurosym.domain import Domain
    from neurosym.options.controller import Controller

__all__ = ["Agent", "load"]


class Agent:
    """Solves tasks of a domain from observations alone.

    Args:
        domain: the world.
        controller: learned, scripted or random.
        seed: of all chance in the agent's choices, which is the same in every episode: what an agent does in one does
            not depend on those it has played before.
        guide: what tells the controller what to do; an executive with this planner and this translator, if None.

    Attributes:
        mission: what the episode asks for, in words.
    """

    def __init__(
        self,
        domain: Domain,
        controller: Controller,
        seed: int = 0,
        planner: Planner | None = None,
        translator: Translator | None = None,
        guide: Guide | None = None,
    ) -> None:
        self.domain, self.controller = domain, controller
        if guide is None:
            foresight = controller if isinstance(controller, Foresight) else None
            hearing = controller.hearing if isinstance(controller, NetworkController) else None
            guide = Executive(domain, 1, planner, translator, foresight=foresight, hearing=hearing)
        self.executive: Guide = guide
        self.seed, self.rng = seed, np.random.default_rng(seed)
        self.mission = ""
        self._action: int | None = None

    def reset(self, observation: Any) -> None:
        """Begin an episode with its first observation, as the environment gives it."""
        self._action = None
        self.rng = np.random.default_rng(self.seed)
        seen = self.domain.stack([observation])
        self.mission = str(seen["mission"][0])
        self.executive.begin(np.ones(1, dtype=np.bool_), seen)

    def act(self, observation: Any) -> int:
        """The next primitive action; `observation` is what the last one led to, or the one given to `reset`."""
        self.observe(observation)
        if not self.executive.instructed()[0]:
            self._action = int(self.rng.choice(self.domain.idle_actions))
        else:
            self._action = int(self.controller.act(self.executive.features(), self.rng)[0])
        return self._action

    def observe(self, observation: Any) -> None:
        """Take in what the last action led to without acting again, as at the end of an episode."""
        if self._action is not None:
            action = np.array([self._action], dtype=np.int64)
            self.executive.update(action, self.domain.stack([observation]))
            self._action = None

    @property
    def plan(self) -> Plan | None:
        """The plan that is being followed."""
        return self._thread.plan

    @property
    def step_index(self) -> int:
        """Which step of the plan is in hand."""
        return self._thread.position

    @property
    def instruction(self) -> Instruction | None:
        """What the controller was told, in words."""
        return self._thread.instruction

    @property
    def state(self) -> State:
        """The atoms believed to hold."""
        return self.executive.belief.state(0)

    @property
    def events(self) -> list[Event]:
        """What happened since `reset`."""
        return self._thread.events

    @property
    def counters(self) -> Counters:
        """What deliberation has cost, over all episodes."""
        return self.executive.counters

    @property
    def usage(self) -> Usage:
        """What the translator has cost, over all episodes."""
        return self.executive.usage

    def blame(self) -> str:
        """Which part is to blame that the episode has not succeeded yet."""
        return self.executive.blame(0).value

    def picture(self) -> NDArray[np.uint8] | None:
        """uint8[H, W, 3], what the agent believes, drawn for people."""
        return self.domain.picture(self.executive.belief, 0)

    @property
    def _thread(self) -> Thread:
        return self.executive.threads[0]


def load(
    domain: str | Domain,
    directory: str | Path | None = None,
    seed: int = 0,
    temperature: float = 1.0,
    translator: Translator | TranslatorChoice | None = None,
) -> Agent:
    """An agent with what ships with a domain as learned, or with what is in `directory`, where it needs any.

    Args:
        domain: its name, the path of its folder, whose Python is then run without asking, or the domain itself.
        directory: the folder of the weights; those that ship with the domain, if None.
        seed: of all chance in the agent's choices.
        temperature: of a network's policy, see `NetworkController`; a table takes the best action.
        translator: the domain's rules if None.

    Raises:
        UnknownNameError: no such domain.
        DomainError: the folder cannot be loaded, or a language model is to translate for a domain without rules.
        LanguageModelError: the one that is chosen cannot be asked from here.
        CheckpointError: the weights cannot be used.
    """
    from neurosym.domain import load_domain

    world = load_domain(domain) if isinstance(domain, str) else domain
    if isinstance(translator, TranslatorChoice):
        translator = translator.translator(world.translator, world.vocabulary)
    if world.learner is None:
        return Agent(world, world.scripted_controller(), seed, translator=translator)
    import torch

    from neurosym.options import load_checkpoint, load_table

    folder = directory or world.weights
    if world.learner == "table":
        return Agent(world, load_table(folder, world.feature_spec)[0], seed, translator=translator)
    torch.set_num_threads(1)  # a small network runs fastest on one; see docs/learning.md
    network = load_checkpoint(folder, world.feature_spec, world.hearing).network
    return Agent(world, NetworkController(network, temperature), seed, translator=translator)
