"""Another system's planning domain on MiniGrid: its atoms, its goals and its operators, told by tables alone.

Everything goes through `neurosym.belief.Belief`: the other domain's problems are MiniGrid's own, optimistic assumptions
included, put into its words; its operators become MiniGrid's, one after the other if need be. See docs/bindings.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Belief, FeatureArrays, Foresight, Observation, Situation
from neurosym.domain import Task
from neurosym.errors import UnknownNameError
from neurosym.symbols import (
    Atom,
    Condition,
    Description,
    Literal,
    Operator,
    PlanningDomain,
    Problem,
    Signature,
    State,
    TypedName,
    Wanted,
)

from .binding import check_tables, fill, read_head, read_patterns, say
from .domain import MiniGridDomain

if TYPE_CHECKING:
    import gymnasium

SETBACK_EFFORT = 40.0  # that an operator is dearer for each time it failed
EFFORT = "effort"

Rows: TypeAlias = NDArray[np.int32]


class BoundDomain(MiniGridDomain):
    """MiniGrid as another system's PDDL sees it. A subclass fills in the tables; `?x:type` matches that type alone.

    In a name, `beyond_?x` stands for a name made of what `?x` is. Names that MiniGrid does not have are objects of the
    type that the other domain's predicate asks for.

    Attributes:
        task_ids: the tasks whose missions it can express.
        types: MiniGrid's types under their other names; the rest are called alike.
        atoms: what each of MiniGrid's atoms says in the other domain; those that are not listed say nothing.
        opposites: where the first does not hold of an object, the second does; for want of negative preconditions.
        goals: the predicates that missions ask for, and those of MiniGrid's that they mean.
        operators: what each operator is to MiniGrid: the first of these sequences that speaks of what is there.
        efforts: what MiniGrid's costs are the effort of; what an operator's first argument takes is what it costs.
    """

    task_ids: tuple[str, ...]
    types: Mapping[str, str] = {}
    atoms: Mapping[str, Sequence[str]]
    opposites: Mapping[str, str] = {}
    goals: Mapping[str, str]
    operators: Mapping[str, Sequence[Sequence[str]]]
    efforts: Mapping[str, str] = {}
    closing = ()

    @property
    def hearing(self) -> None:
        """Nothing: operators that are several of MiniGrid's have no words for each of those."""
        return None

    @property
    def weights(self) -> Path:
        return MiniGridDomain.folder / "weights"

    @cached_property
    def original(self) -> MiniGridDomain:
        """MiniGrid itself."""
        return MiniGridDomain()

    def tasks(self) -> Sequence[Task]:
        return tuple(task for task in super().tasks() if task.id in self.task_ids)

    def make_env(self, task_id: str, render: bool = False) -> gymnasium.Env:
        if task_id not in self.task_ids:
            raise UnknownNameError("task", task_id, self.task_ids)
        return super().make_env(task_id, render)

    def belief(self, count: int) -> Belief:
        """Fresh beliefs; DomainError if the tables speak of what there is not."""
        check_tables(self, self.original.model)
        return BoundBelief(self, self.original.belief(count), count)

    def picture(self, belief: Belief, index: int) -> NDArray[np.uint8]:
        return super().picture(cast(BoundBelief, belief).inner, index)


class BoundBelief:
    """MiniGrid's beliefs in the words of another domain; see `neurosym.belief.Belief`.

    A subgoal is one of MiniGrid's, with one more column: whether more is to be done before the operator is.
    """

    def __init__(self, domain: BoundDomain, inner: Belief, count: int) -> None:
        self.inner, self.tables = inner, domain
        self._on_the_way = np.zeros(count, dtype=np.bool_)
        self.theirs, self.ours = _priced(domain.model), domain.original.model
        self.subgoal_columns = inner.subgoal_columns + 1
        self._atoms = [
            (read_patterns(ours), list(map(read_head, theirs))) for ours, theirs in domain.atoms.items()
        ]
        self._efforts = [
            (read_patterns(ours), [(EFFORT, (whose,))]) for ours, whose in domain.efforts.items()
        ]
        self._operators = {
            read_head(said)[0]: (read_head(said)[1], [list(map(read_head, legs)) for legs in choices])
            for said, choices in domain.operators.items()
        }
        self._meant = lru_cache(maxsize=1 << 14)(self._mean)  # one object for equal stages, as situations ask

    def heed(self, foresight: Foresight | None) -> None:
        self.inner.heed(foresight)

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        self._on_the_way = self._on_the_way & ~mask
        self.inner.begin(mask, observation)

    def update(self, actions: NDArray[np.int64], observation: Observation) -> None:
        self._on_the_way = np.zeros(len(actions), dtype=np.bool_)
        self.inner.update(actions, observation)

    def forget_accomplishments(self, index: int) -> None:
        self.inner.forget_accomplishments(index)

    # in words ---------------------------------------------------------------------------------------------------

    def state(self, index: int) -> State:
        objects = self.inner.problem(index, (), {}).objects
        return self._translate(self.inner.state(index), objects)[0]

    def problem(
        self,
        index: int,
        stage: tuple[Wanted, ...],
        setbacks: Mapping[str, int],
        later: tuple[Wanted, ...] = (),
    ) -> Problem:
        ours = self.inner.problem(index, self._meant(stage), {}, self._meant(later))
        types = {entry.name: entry.type for entry in ours.objects}
        init, objects = self._translate(ours.init, ours.objects)
        goal = [
            say(self._atoms, [literal.atom for literal in part], self.ours, types)
            for part in ours.goal.alternatives
        ]
        return Problem(
            self.theirs,
            objects,
            init,
            Condition(tuple(frozenset(map(Literal, part)) for part in goal)),
            tuple(self._price(ours, objects, setbacks)),
        )

    def situations(
        self,
        which: NDArray[np.int64],
        stages: Sequence[tuple[Wanted, ...]],
        later: Sequence[tuple[Wanted, ...]] | None = None,
    ) -> Sequence[Situation]:
        rest = None if later is None else [self._meant(stage) for stage in later]
        return self.inner.situations(which, [self._meant(stage) for stage in stages], rest)

    def _mean(self, stage: tuple[Wanted, ...]) -> tuple[Wanted, ...]:
        """What a stage wants, in MiniGrid's words."""
        types = {theirs: ours for ours, theirs in self.tables.types.items()}

        def describe(thing: Description) -> Description:
            return replace(thing, type=types.get(thing.type, thing.type))

        return tuple(
            Wanted(self.tables.goals[wanted.predicate], tuple(map(describe, wanted.arguments)))
            for wanted in stage
        )

    def _translate(
        self, atoms: Iterable[Atom], objects: Iterable[TypedName]
    ) -> tuple[State, tuple[TypedName, ...]]:
        """What MiniGrid's atoms say, and the objects of the other domain, those made up for it at the end."""
        types = {entry.name: entry.type for entry in objects}
        said = set(say(self._atoms, atoms, self.ours, types))
        named = {name: self.tables.types.get(type_name, type_name) for name, type_name in types.items()}
        signatures = {signature.name: signature.parameters for signature in self.theirs.predicates}
        for atom in sorted(said):
            for name, parameter in zip(atom.args, signatures[atom.predicate], strict=True):
                named.setdefault(name, parameter.type)
        for holds, otherwise in self.tables.opposites.items():
            (kind,) = (parameter.type for parameter in signatures[holds])
            fitting = (name for name, type_name in named.items() if kind in self.theirs.ancestors(type_name))
            said |= {Atom(otherwise, (name,)) for name in fitting if Atom(holds, (name,)) not in said}
        return frozenset(said), tuple(TypedName(*entry) for entry in named.items())

    def _price(
        self, ours: Problem, objects: Iterable[TypedName], setbacks: Mapping[str, int]
    ) -> Iterator[tuple[Atom, float]]:
        effort = {entry.name: 1.0 + SETBACK_EFFORT * setbacks.get(entry.name, 0) for entry in objects}
        for atom, cost in ours.costs:
            for said in say(self._efforts, [atom], self.ours, {}):
                if said.args[0] in effort:
                    effort[said.args[0]] += cost
        return ((Atom(EFFORT, (name,)), cost) for name, cost in effort.items())

    # in numbers -------------------------------------------------------------------------------------------------

    def aim(self, index: int, step: Operator, following: Operator | None) -> Rows | None:
        steps = self._become(index, step)
        if not steps:
            return None
        then = steps[1:] or (self._become(index, following) if following else [])
        aim = self.inner.aim(index, steps[0], then[0] if then else None)
        return None if aim is None else np.append(aim, np.int32(len(steps) > 1))

    def _become(self, index: int, step: Operator) -> list[Operator]:
        """MiniGrid's operators for one of the other domain's; none if no sequence speaks of what is there."""
        state = self.inner.state(index)
        parameters, choices = self._operators[step.name]
        binding = dict(zip(parameters, step.args, strict=True))
        for legs in choices:
            steps = [Operator(name, fill(args, binding)) for name, args in legs]
            if self._is_done(steps[0], state) or self.inner.aim(index, steps[0], None) is None:
                continue
            return steps
        return []

    def _is_done(self, step: Operator, state: State) -> bool:
        """Whether what must not hold before a step does."""
        action = self.ours.action(step.name)
        binding = {parameter.name: arg for parameter, arg in zip(action.parameters, step.args, strict=True)}
        return any(part.atom.bind(binding) in state for part in action.precondition if not part.positive)

    def subgoals(self, which: NDArray[np.int64], aims: Rows) -> tuple[Rows, NDArray[np.int64]]:
        rows, budgets = self.inner.subgoals(which, _ours(aims))
        return np.column_stack([rows, aims[:, -1]]), budgets

    def can_begin(self, subgoals: Rows) -> NDArray[np.bool_]:
        return self.inner.can_begin(_ours(subgoals))

    def surprised(self) -> NDArray[np.bool_]:
        """Where the first of several operators is done it is decided anew, in the light of what was seen meanwhile."""
        return self.inner.surprised() | self._on_the_way

    def meddled(self, subgoals: Rows) -> NDArray[np.bool_]:
        return self.inner.meddled(_ours(subgoals))

    def achieved(self, subgoals: Rows) -> NDArray[np.bool_]:
        done, unfinished = self.inner.achieved(_ours(subgoals)), subgoals[:, -1] > 0
        self._on_the_way = done & unfinished
        return done & ~unfinished

    def features(
        self, subgoals: Rows, which: NDArray[np.int64] | None = None, out: FeatureArrays | None = None
    ) -> FeatureArrays:
        return self.inner.features(_ours(subgoals), which, out)


def _ours(rows: Rows) -> Rows:
    """MiniGrid's part of aims and subgoals."""
    return np.ascontiguousarray(rows[:, :-1])


def _priced(model: PlanningDomain) -> PlanningDomain:
    """The same domain, in which an operator costs the effort that its first argument takes."""
    actions = (
        replace(action, cost=Atom(EFFORT, (action.parameters[0].name,))) if action.parameters else action
        for action in model.actions
    )
    functions = (*model.functions, Signature(EFFORT, (TypedName("?it"),)))
    return replace(model, functions=functions, actions=tuple(actions))


__all__ = ["BoundBelief", "BoundDomain"]
