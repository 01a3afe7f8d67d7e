"""What the laws look at: a domain's files, episodes of it, and what is believed and planned in them.

Each part is made when it is first asked for. Where one cannot be had, a certain law is broken, and it alone is blamed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from neurosym.belief import Belief, Observation
from neurosym.domain import Domain, TrainingWorlds
from neurosym.planning import EmbeddedPlanner, PlanCache, read_problem
from neurosym.planning.applicable import applicable
from neurosym.symbols import Goal, Operator, Plan, PlanningDomain, PlanResult, PlanStatus, Problem, Wanted
from neurosym.testing.atoms import misfits, never_true
from neurosym.testing.courses import Course, equal, record
from neurosym.testing.law import Missing, tell

__all__ = [
    "BELIEFS",
    "BINDINGS",
    "EVALUATION",
    "INSTRUCTIONS",
    "PDDL",
    "PLANS",
    "SEEDS",
    "Moment",
    "Samples",
    "choose_tasks",
]

PDDL, BINDINGS, BELIEFS, PLANS = "PDDL parses", "bindings cover", "beliefs agree", "plans replay"
INSTRUCTIONS, SEEDS = "instructions round-trip", "seeds repeat"
EVALUATION = "evaluation sees observations only"

PLANNING_TIME_LIMIT_S = 5.0
SAMPLED_TASKS = 4
OF_EACH_KIND = 2  # operators that are tried in one state
PRACTICE_WORLDS, PRACTICE_LEVELS = 3, 3

T = TypeVar("T")


def _owned(name: str) -> Callable[[Callable[[Any], T]], cached_property[T]]:
    """A part that many laws look at; the law called `name` is broken where it cannot be made."""

    def wrap(make: Callable[[Any], T]) -> cached_property[T]:
        def guarded(samples: Samples) -> T:
            try:
                return make(samples)
            except Missing:
                raise
            except Exception as error:
                raise Missing(name, tell(error)) from error

        return cached_property(guarded)

    return wrap


@dataclass(frozen=True)
class Moment:
    """What there is to plan for in one world at one time: the first stage that is not reached yet.

    Attributes:
        place: task, seed and step, for people.
        wanted, later: that stage, and what those after it want.
        news: the facts or the goal differ from those of the moment before.
    """

    place: str
    problem: Problem
    wanted: tuple[Wanted, ...]
    later: tuple[Wanted, ...]
    news: bool


class Samples:
    """Samples of one domain.

    Args:
        domain: the world.
        tasks: the tasks to be sampled.
        seeds: an episode of each task is begun with each; the first is played by an agent, the others by chance.
        steps: primitive steps of each.
    """

    def __init__(self, domain: Domain, tasks: Sequence[str], seeds: Sequence[int], steps: int) -> None:
        self.domain, self.tasks, self.seeds, self.steps = domain, tuple(tasks), tuple(seeds), steps

    @_owned(PDDL)
    def model(self) -> PlanningDomain:
        return self.domain.model

    @_owned(PDDL)
    def stored(self) -> Problem:
        """The problem beside the model."""
        return read_problem(self.domain.folder / "p01.pddl", self.model, reader="direct")

    @_owned(EVALUATION)
    def courses(self) -> tuple[Course, ...]:
        """One for each task and seed, all of the same length."""
        return tuple(
            record(self.domain, task, seed, self.steps, led=seed == self.seeds[0])
            for task in self.tasks
            for seed in self.seeds
        )

    @property
    def count(self) -> int:
        return len(self.courses)

    @_owned(EVALUATION)
    def stacked(self) -> tuple[Observation, ...]:
        """What all courses see at each time, as one batch; each row is what a stack of one would be."""
        batches = []
        for t in range(self.steps + 1):
            batches.append(self.domain.stack([course.frames[t].now for course in self.courses]))
            for n, course in enumerate(self.courses):
                if complaint := self._odd_row(batches[-1], n, course.frames[t].now):
                    raise Missing(EVALUATION, f"{course.place(t)}: {complaint}")
        return tuple(batches)

    def _odd_row(self, batch: Observation, n: int, observation: Mapping[str, Any]) -> str:
        alone = self.domain.stack([observation])
        if not isinstance(alone.get("mission", [None])[0], str):
            return "the stacked observation has no 'mission', which says what to do"
        for key in sorted(batch.keys() | alone.keys()):
            if key not in batch or key not in alone or not equal(batch[key][n], alone[key][0]):
                return f"{key!r} is another in a stack of {self.count} than alone"
        return ""

    @_owned(INSTRUCTIONS)
    def goals(self) -> dict[str, Goal]:
        """What each mission that was met asks for."""
        _ = self.model
        missions = sorted({mission for batch in self.stacked for mission in batch["mission"]})
        return {mission: self.domain.goal(mission) for mission in missions}

    def replay(self, which: Sequence[int] | None = None) -> Iterator[tuple[int, Belief]]:
        """The belief of some courses, of all if None, at each time; the arrays it was given are its own."""
        courses = [self.courses[n] for n in (range(self.count) if which is None else which)]
        belief = self.domain.belief(len(courses))
        for t in range(self.steps + 1):
            frames = [course.frames[t] for course in courses]
            if t == 0:
                belief.begin(np.ones(len(courses), np.bool_), self._stack(frame.now for frame in frames))
            else:
                actions = np.array([frame.action for frame in frames], dtype=np.int64)
                belief.update(actions, self._stack(frame.observation for frame in frames))
                over = np.array([frame.restart is not None for frame in frames])
                if over.any():
                    belief.begin(over, self._stack(frame.now for frame in frames))
            yield t, belief

    def _stack(self, observations: Iterator[Mapping[str, Any]]) -> Observation:
        return self.domain.stack(copy.deepcopy(list(observations)))

    @_owned(BELIEFS)
    def moments(self) -> dict[tuple[int, int], Moment]:
        """What there is to plan for at each time t in each course n, by (t, n)."""
        goals = self.goals
        found: dict[tuple[int, int], Moment] = {}
        for t, belief in self.replay():
            for n, course in enumerate(self.courses):
                belief.state(n)
                goal = goals[self.stacked[t]["mission"][n]]
                found[t, n] = self._look(belief, n, goal, course.place(t), found.get((t - 1, n)))
        return found

    def _look(self, belief: Belief, n: int, goal: Goal, place: str, before: Moment | None) -> Moment:
        stages = [*goal.stages, self.domain.closing] if self.domain.closing else [*goal.stages]
        for number, wanted in enumerate(stages):
            later = tuple(entry for stage in stages[number + 1 :] for entry in stage)
            problem = belief.problem(n, wanted, {}, later)
            if not problem.goal.holds(problem.init):
                break
        told, known = (None if p is None else (p.objects, p.init, p.goal) for p in (problem, _of(before)))
        return Moment(place, problem, wanted, later, news=told != known)

    @_owned(PLANS)
    def plans(self) -> dict[tuple[int, int], Plan]:
        """A plan for each moment that brings news, where there is one; every task has some."""
        planner = PlanCache(EmbeddedPlanner(), canonical=False)
        found: dict[tuple[int, int], Plan] = {}
        first: dict[str, str] = {}
        for (t, n), moment in self.moments.items():
            if not moment.news:
                continue
            result = _plan(planner, moment.problem)
            if result.plan is not None and len(result.plan):
                found[t, n] = result.plan
            first.setdefault(self.courses[n].task, f"{moment.place}: {result.status.value}: {result.reason}")
        planned = {self.courses[n].task for _, n in found}
        if unplanned := [told for task, told in first.items() if task not in planned]:
            raise Missing(self._blame(), f"there is no plan in any sampled state of a task: {unplanned[0]}")
        return found

    def _blame(self) -> str:
        """The law to blame that there are no plans: problems may be about what is not there."""
        _, problems = self.allowed, [moment.problem for moment in self.moments.values()]
        ill = any(True for problem in problems for _ in misfits(problem))
        return BINDINGS if ill or never_true(self.model, problems) else PLANS

    @_owned(BINDINGS)
    def allowed(self) -> dict[tuple[int, int], tuple[Operator, ...]]:
        """Some operators that the model allows, for each moment that brings news."""
        found = {}
        for key, moment in self.moments.items():
            if moment.news:
                try:
                    found[key] = tuple(applicable(moment.problem, OF_EACH_KIND))
                except KeyError as error:
                    gap = f"{moment.place}: the problem gives no value for {error.args[0]}"
                    raise Missing(BINDINGS, gap) from error
        return found

    @cached_property
    def openings(self) -> dict[tuple[int, int], Plan]:
        """The first plan of each course."""
        first: dict[int, tuple[int, int]] = {}
        for t, n in self.plans:
            first.setdefault(n, (t, n))
        return {key: self.plans[key] for key in first.values()}

    @_owned(SEEDS)
    def practice(self) -> tuple[TrainingWorlds, TrainingWorlds]:
        """Training worlds, made twice from the same tasks and seeds."""
        return self._practise(), self._practise()

    def _practise(self) -> TrainingWorlds:
        making = self.domain.training_levels(self.tasks, range(PRACTICE_LEVELS))
        while True:
            try:
                next(making)
            except StopIteration as done:
                return self.domain.training_worlds(done.value, PRACTICE_WORLDS, 0)


def _of(moment: Moment | None) -> Problem | None:
    return None if moment is None else moment.problem


def _plan(planner: PlanCache, problem: Problem) -> PlanResult:
    try:
        return planner.plan(problem, time_limit_s=PLANNING_TIME_LIMIT_S)
    except Exception as error:
        return PlanResult(PlanStatus.GAVE_UP, reason=tell(error))


def choose_tasks(domain: Domain) -> tuple[str, ...]:
    """A few of the tasks that can be played, evenly spread."""
    ids = [task.id for task in domain.tasks() if task.available]
    step = max(1, len(ids) // SAMPLED_TASKS)
    return tuple(ids[::step][:SAMPLED_TASKS])
