"""A domain made of plain Gymnasium environments: what its author writes, and what follows from that."""

from __future__ import annotations

import importlib
import inspect
from abc import abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from neurosym.domain import Domain, Task
from neurosym.drawing import draw_lines
from neurosym.errors import DomainError, UnavailableTaskError, UnknownNameError
from neurosym.kit.belief import GymBelief
from neurosym.kit.efforts import with_efforts
from neurosym.kit.spaces import MISSION, Encoder
from neurosym.kit.subgoal import Subgoal
from neurosym.kit.worlds import GymWorlds, Level
from neurosym.options.controller import RandomController
from neurosym.options.features import FeatureSpec
from neurosym.symbols import Atom, Description, PlanningDomain, State, TypedName

__all__ = ["GymDomain", "SayMission"]


class SayMission(gymnasium.ObservationWrapper):
    """Says a task's mission beside its observation: {"observation": …, "mission": words}.

    For environments that ask for the same thing every time and so do not say it.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], mission: str) -> None:
        super().__init__(env)
        self.mission = mission
        words = spaces.Text(max(1, len(mission)), charset=frozenset(mission) or frozenset(" "))
        self.observation_space = spaces.Dict({"observation": env.observation_space, MISSION: words})

    def observation(self, observation: Any) -> dict[str, Any]:
        return {"observation": observation, MISSION: self.mission}


class GymDomain(Domain):
    """A domain of Gymnasium environments with discrete actions.

    Beside this class its folder holds `domain.pddl` and `missions.toml`. An author sets `missions` and writes `atoms`;
    the rest has defaults.

    Attributes:
        missions: each task's id, which is a Gymnasium id unless `make` knows better, and a mission of it by way of
            example.
        feature_space: what `features` returns values of; the observation space with the subgoal, if None.
        budget: primitive steps that an option may take.
    """

    missions: Mapping[str, str]
    feature_space: gymnasium.Space[Any] | None = None
    budget: int = 100

    def __init__(self) -> None:
        self.folder = Path(inspect.getfile(type(self))).parent
        self.name = self.folder.name
        self.training_tasks = tuple(task.id for task in self.tasks() if task.available)
        self._subgoals: list[Subgoal | None] = [None]
        self._numbers: dict[tuple[str, str], int] = {}

    # What an author writes.

    @abstractmethod
    def atoms(self, observation: Any) -> Iterable[Sequence[str]]:
        """What holds, as tuples of names: ("at", "red_stand"). What is not said is false."""

    def mission(self, observation: Any) -> str:
        """What is asked for, in words; by default the observation's `mission`, or the only mission there is."""
        if isinstance(observation, Mapping) and MISSION in observation:
            return str(observation[MISSION])
        if len(set(self.missions.values())) > 1:
            raise DomainError(
                f"{self.name}: its tasks differ and observations do not say which: write mission()"
            )
        return next(iter(self.missions.values()))

    def objects(self, observation: Any) -> Mapping[str, str]:
        """The types of the things there are beside the constants of domain.pddl, by name."""
        return {}

    def features(self, observation: Any, subgoal: Subgoal) -> Any:
        """All that the controller sees, a value of `feature_space`: of the observation what matters to this subgoal."""
        return (observation, *self._say(subgoal.step), *self._say(subgoal.following))

    def achieved(self, observation: Any, state: State, subgoal: Subgoal) -> bool:
        """Whether the subgoal is brought about: by default, whether the operator's effects are seen in `state`."""
        return subgoal.step.add <= state and not (subgoal.step.delete & state)

    def costs(self, observation: Any) -> Iterable[tuple[Sequence[str], float]]:
        """Values of the functions that domain.pddl gives operators as cost: (("distance", "a", "b"), 3.0)."""
        return ()

    def perceive(self, before: Any, action: int | None, observation: Any) -> Any:
        """What the other methods are given as observation: what is believed, where one look does not tell all.

        Args:
            before: what this returned one step before; None at the start of an episode.
            action: what was done since.
        """
        return observation

    def refer(
        self, observation: Any, description: Description, objects: Sequence[TypedName]
    ) -> Sequence[str]:
        """The names of what fits a description: by default, of its type, with its attributes in the name."""
        values = {value for _, value in description.attributes}
        return [
            entry.name
            for entry in (*self.model.constants, *objects)
            if description.type in self.model.ancestors(entry.type) and values <= set(entry.name.split("_"))
        ]

    def make(self, task_id: str, render_mode: str | None) -> gymnasium.Env[Any, Any]:
        """The task's environment."""
        return gymnasium.make(task_id, render_mode=render_mode)

    # What follows.

    @cached_property
    def feature_spec(self) -> FeatureSpec:  # type: ignore[override]
        return self.encoder.spec(len(self.action_names))

    @cached_property
    def encoder(self) -> Encoder:
        """Writes what `features` returns."""
        if self.feature_space is not None:
            return Encoder(self.feature_space, "feature_space")
        observed = self._example.observation_space
        return Encoder(spaces.Tuple((observed, *self._step_space, *self._step_space)))

    if TYPE_CHECKING:
        action_names: tuple[str, ...]
    else:

        @cached_property
        def action_names(self) -> tuple[str, ...]:
            """Names of the actions, for people; their numbers, unless an author sets them."""
            space = self._example.action_space
            if not isinstance(space, spaces.Discrete) or space.start != 0:
                raise DomainError(
                    f"{self.name}: actions are {space}; an option's policy chooses among Discrete(n), counted from 0"
                )
            return tuple(f"action {number}" for number in range(int(space.n)))

    @cached_property
    def idle_actions(self) -> tuple[int, ...]:  # type: ignore[override]
        return tuple(range(len(self.action_names)))

    @cached_property
    def costed_model(self) -> PlanningDomain:
        """The domain that is planned for: each operator of constant cost costs what it is expected to take."""
        return with_efforts(self.model)

    def static_part(self, state: State) -> State:
        """The atoms that no operator changes."""
        return frozenset(atom for atom in state if atom.predicate not in self.model.effects)

    def read_state(self, observation: Any) -> State:
        """`atoms` as symbols."""
        return frozenset(Atom(predicate, tuple(args)) for predicate, *args in self.atoms(observation))

    def read_costs(self, observation: Any) -> Iterator[tuple[Atom, float]]:
        """`costs` as symbols."""
        for (function, *args), value in self.costs(observation):
            yield Atom(function, tuple(args)), float(value)

    def number_of(self, subgoal: Subgoal) -> int:
        """The subgoal's number among those met in this process, from 1 on."""
        key = str(subgoal.step), str(subgoal.following)
        if key not in self._numbers:
            self._numbers[key] = len(self._subgoals)
            self._subgoals.append(subgoal)
        return self._numbers[key]

    def subgoal(self, number: int) -> Subgoal:
        """The subgoal of that number."""
        found = self._subgoals[number]
        assert found is not None
        return found

    def budget_of(self, observation: Any, subgoal: Subgoal) -> int:
        """Primitive steps that the option may take."""
        return self.budget

    def tasks(self) -> Sequence[Task]:
        return [Task(task, *self._availability(task), mission=said) for task, said in self.missions.items()]

    def _availability(self, task: str) -> tuple[bool, str]:
        """By Gymnasium's registry, for tasks that it is asked to make; an id such as module:Id-v0 is imported first."""
        if type(self).make is GymDomain.make:
            module, _, name = task.rpartition(":")
            try:
                if module:
                    importlib.import_module(module)
                gymnasium.spec(name)
            except (gymnasium.error.Error, ImportError) as error:
                return False, " ".join(str(error).split())
        return True, ""

    def make_env(self, task_id: str, render: bool = False) -> gymnasium.Env[Any, Any]:
        if task_id not in self.missions:
            raise UnknownNameError("task", task_id, self.missions)
        available, reason = self._availability(task_id)
        if not available:
            raise UnavailableTaskError(f"{task_id} cannot start: {reason}")
        return self.make(task_id, "rgb_array" if render else None)

    def stack(self, observations: Sequence[Any]) -> dict[str, Any]:
        seen = list(observations)
        return {"observation": seen, MISSION: _Lazily(self.mission, seen)}

    def belief(self, count: int) -> GymBelief:
        return GymBelief(self, count)

    def training_levels(
        self, task_ids: Sequence[str], seeds: range
    ) -> Generator[tuple[int, int, str], None, list[Level]]:
        levels = [(task, seed) for task in task_ids for seed in seeds]
        yield len(levels), len(levels), task_ids[-1]
        return levels

    def training_worlds(self, levels: Sequence[Level], count: int, seed: int) -> GymWorlds:
        return GymWorlds(self, levels, count, seed)

    def scripted_controller(self) -> RandomController:
        """Nobody wrote one: any action."""
        return RandomController(len(self.action_names))

    @cached_property
    def _example(self) -> gymnasium.Env[Any, Any]:
        """An environment to ask for its spaces."""
        env = self.make_env(next(iter(self.training_tasks or self.missions)))
        env.close()
        return env

    @cached_property
    def _constants(self) -> dict[str, int]:
        return {entry.name: number for number, entry in enumerate(self.model.constants, start=1)}

    @cached_property
    def _step_space(self) -> tuple[spaces.Discrete[Any], ...]:
        arity = max((len(action.parameters) for action in self.model.actions), default=0)
        argument = spaces.Discrete(len(self._constants) + 1)
        return (spaces.Discrete(len(self.model.actions) + 1), *[argument] * arity)

    def _say(self, step: Any) -> tuple[int, ...]:
        """A step in numbers: its operator, and which constants it is about; 0 for nothing and for other things."""
        said = np.zeros(len(self._step_space), dtype=np.int64)
        if step is not None:
            names = [action.name for action in self.model.actions]
            said[0] = 1 + names.index(step.name)
            said[1 : 1 + len(step.args)] = [self._constants.get(arg, 0) for arg in step.args]
        return tuple(said.tolist())

    def picture(self, belief: Any, index: int) -> NDArray[np.uint8]:
        """uint8[H, W, 3]: what is believed, in words."""
        return draw_lines([str(atom) for atom in sorted(belief.state(index))])


class _Lazily(Sequence[str]):
    """What a function says of each observation, said when it is asked for."""

    def __init__(self, say: Callable[[Any], str], observations: Sequence[Any]) -> None:
        self._say, self._observations = say, observations

    def __len__(self) -> int:
        return len(self._observations)

    def __getitem__(self, index: Any) -> Any:
        return self._say(self._observations[index])
