"""A PDDL problem as a Gymnasium environment."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from neurosym.drawing import draw_lines
from neurosym.errors import PlanningError
from neurosym.pddlworld.formula import TooManyError, alternatives, holds
from neurosym.pddlworld.grounding import GroundWorld, ground
from neurosym.pddlworld.reader import World, read_world
from neurosym.pddlworld.strips import MOST_ALTERNATIVES
from neurosym.symbols import Atom, Literal, State

__all__ = ["MAX_STEPS", "PddlEnv", "ground_world"]

MAX_STEPS = 1000


def ground_world(domain: Path | str, problem: Path | str) -> GroundWorld:
    """The world that two PDDL files describe, without variables; files that say the same give the same object.

    Raises:
        PddlError: a file cannot be read, is broken, or uses what is not supported.
        PlanningError: the world is too large, or there is nothing to do in it.
    """
    return _ground(_ById(read_world(domain, problem)))


class _ById:
    """A world told apart by identity, as a key: `read_world` gives the same one for the same text."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __hash__(self) -> int:
        return id(self.world)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.world is self.world


@lru_cache(maxsize=8)
def _ground(key: _ById) -> GroundWorld:
    return ground(key.world)


class PddlEnv(gymnasium.Env[NDArray[np.int8], np.int64]):
    """One problem of a PDDL domain; nothing in it is left to chance.

    Action: the number of a ground action, by `action_names`. One whose precondition does not hold changes nothing.
    Observation: int8[F], 1 for each of the atoms `fluent_names` that holds. Atoms that can never change are left out.
    Reward: 1 where the goal is reached, which ends the episode, else 0. Where the goal holds from the start, the first
    action, whatever it is, changes nothing and reaches it.
    `info`: `legal`, whether the last action's precondition held; `action_mask`, int8[actions], 1 for each action that
    is legal now; `cost` of the last action, 0 if it was not legal; `total_cost` so far; `goal`, whether it holds.

    Args:
        domain, problem: the files.
        max_steps: the episode is truncated after so many actions; never, if None.
        render_mode: "ansi", the true atoms one a line, or "rgb_array", the same as a picture.

    Raises:
        PddlError: a file cannot be read, is broken, or uses what is not supported.
        PlanningError: the world is too large, or there is nothing to do in it.
    """

    metadata = {"render_modes": ["ansi", "rgb_array"], "render_fps": 4}

    def __init__(
        self,
        domain: Path | str,
        problem: Path | str,
        *,
        max_steps: int | None = MAX_STEPS,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(
                f"render_mode must be one of {self.metadata['render_modes']}, got {render_mode!r}"
            )
        self.world = ground_world(domain, problem)
        self.max_steps, self.render_mode = max_steps, render_mode
        self.action_names = tuple(str(action) for action in self.world.actions)
        self.fluent_names = tuple(str(atom) for atom in self.world.fluents)
        self.action_space: spaces.Discrete = spaces.Discrete(len(self.world.actions))
        self.observation_space = spaces.MultiBinary(len(self.world.fluents))
        self._numbers = {atom: number for number, atom in enumerate(self.world.fluents)}
        self._preconditions = _Preconditions(self.world, self._numbers)
        self._values = self._initial()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.int8], dict[str, Any]]:
        """The problem's initial state."""
        super().reset(seed=seed)
        self._values, self._steps, self._total_cost = self._initial(), 0, 0.0
        return self._observe(), self._info(True, 0.0)

    def step(self, action: np.int64 | int) -> tuple[NDArray[np.int8], float, bool, bool, dict[str, Any]]:
        """Take one action."""
        legal, cost = bool(self._preconditions.met(self._values)[action]), 0.0
        if legal and not self.goal_holds():
            cost = self.world.actions[int(action)].cost
            self._apply(int(action))
        self._steps += 1
        self._total_cost += cost
        reached = self.goal_holds()
        truncated = self.max_steps is not None and self._steps >= self.max_steps and not reached
        return self._observe(), float(reached), reached, truncated, self._info(legal, cost)

    def goal_holds(self) -> bool:
        """Whether the goal holds now."""
        return holds(self.world.goal, self._true)

    def state(self) -> State:
        """The atoms that hold now, those that never change included."""
        return self.world.always | {self.world.fluents[number] for number in np.flatnonzero(self._values)}

    def render(self) -> Any:
        """The true atoms, as text or as a picture."""
        atoms = "\n".join(str(atom) for atom in sorted(self.state()))
        if self.render_mode == "ansi":
            return atoms
        return draw_lines(atoms.splitlines()) if self.render_mode == "rgb_array" else None

    def _initial(self) -> NDArray[np.bool_]:
        return np.array([atom in self.world.init for atom in self.world.fluents])

    def _true(self, literal: Literal) -> bool:
        return bool(self._values[self._numbers[literal.atom]]) is literal.positive

    def _apply(self, action: int) -> None:
        """All conditions are looked at before anything changes; then atoms are deleted, and then added."""
        happening = [
            effect for effect in self.world.actions[action].effects if holds(effect.condition, self._true)
        ]
        for value, changes in ((False, [e.delete for e in happening]), (True, [e.add for e in happening])):
            for atom in frozenset[Atom]().union(*changes):
                self._values[self._numbers[atom]] = value

    def _observe(self) -> NDArray[np.int8]:
        return self._values.astype(np.int8)

    def _info(self, legal: bool, cost: float) -> dict[str, Any]:
        return {
            "legal": legal,
            "action_mask": self._preconditions.met(self._values).astype(np.int8),
            "cost": cost,
            "total_cost": self._total_cost,
            "goal": self.goal_holds(),
        }


class _Preconditions:
    """The preconditions of all actions, looked at together: each is a disjunction of conjunctions."""

    def __init__(self, world: GroundWorld, numbers: dict[Atom, int]) -> None:
        owner: list[int] = []
        literals: list[int] = []
        parts: list[int] = []
        for number, action in enumerate(world.actions):
            try:
                ways = alternatives(action.precondition, MOST_ALTERNATIVES)
            except TooManyError:
                raise PlanningError(
                    f"{world.problem}: the precondition of {action} has more than {MOST_ALTERNATIVES} alternatives"
                ) from None
            for way in ways:
                literals += [numbers[lit.atom] + len(numbers) * (not lit.positive) for lit in way]
                parts += [len(owner)] * len(way)
                owner.append(number)
        self._owner, self._parts = np.array(owner), np.array(parts, dtype=np.int64)
        self._literals = np.array(literals, dtype=np.int64)
        self._count = len(world.actions)

    def met(self, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool[actions] for bool[F] values."""
        false = ~np.concatenate([values, ~values])[self._literals]
        failed = np.bincount(self._parts[false], minlength=len(self._owner))
        return np.bincount(self._owner[failed == 0], minlength=self._count) > 0
