"""The loop: perceive, plan, translate, act, monitor, for a batch of environments or for one.

`Executive` keeps, for every environment of a batch, the mission, the plan and the step in hand, and says what each
controller should bring about; it never chooses a primitive action. `Agent` is an executive of one environment and a
controller.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Observation
from neurosym.errors import MissionError, NeurosymError, PlanningError
from neurosym.language import Instruction, Translator
from neurosym.monitor import Cause, compare_effects, still_holds
from neurosym.options.features import Features
from neurosym.symbols import Goal, Operator, Plan, PlanResult, PlanStatus, Problem, State

if TYPE_CHECKING:
    from neurosym.domain import Domain
    from neurosym.options.controller import Controller

__all__ = ["Agent", "Counters", "Event", "Executive", "Outcome", "Planner", "load"]

PLANNING_TIME_LIMIT_S = 2.0
RETRIES = 1  # a step is tried once more before it is planned around
IDLE_STEPS = 8  # without a plan, look around for so long and then plan again


class Planner(Protocol):
    """Whoever turns a problem into a plan."""

    def plan(self, problem: Problem, *, time_limit_s: float) -> PlanResult: ...


@dataclass(frozen=True)
class Event:
    """Something worth marking on a timeline.

    Attributes:
        step: primitive steps taken in the episode when it happened.
        kind: "plan", "replan", "achieved", "failed" or "gave up".
    """

    step: int
    kind: str
    text: str


@dataclass
class Counters:
    """What deliberation has cost so far, over all episodes."""

    plans: int = 0
    plan_cache_hits: int = 0
    planning_seconds: float = 0.0
    options: Counter[tuple[str, bool]] = field(default_factory=Counter)  # (operator, achieved) → how often

    def count_plan(self, result: PlanResult) -> None:
        self.plans += 1
        self.plan_cache_hits += result.cached
        self.planning_seconds += result.seconds


@dataclass
class _Thread:
    """What the executive has in mind for one environment."""

    goal: Goal | None = None
    stage: int = 0
    plan: Plan | None = None
    position: int = 0
    budget: int = 0
    retried: int = 0
    steps: int = 0
    finished: bool = False
    mistaken: bool = False  # the world did not agree that the mission was accomplished
    paid: set[tuple[str, bytes]] = field(default_factory=set)
    trouble: Cause | None = None
    setbacks: Counter[str] = field(default_factory=Counter)
    instruction: Instruction | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def step(self) -> Operator | None:
        return self.plan.steps[self.position] if self.plan and self.position < len(self.plan) else None

    @property
    def following(self) -> Operator | None:
        return (
            self.plan.steps[self.position + 1] if self.plan and self.position + 1 < len(self.plan) else None
        )

    def note(self, kind: str, text: str) -> None:
        self.events.append(Event(self.steps, kind, text))


@dataclass(frozen=True)
class Outcome:
    """What a step brought, as far as options are concerned; bool[N] each.

    Attributes:
        achieved: the option in hand reached its subgoal.
        fresh: it did so for the first time in the episode. Undoing a step to do it again is not worth anything:
            see docs/learning.md, "Dawdling".
        overdue: the option ran out of its budget.
        finished: the whole mission is believed to be accomplished.
    """

    achieved: NDArray[np.bool_]
    fresh: NDArray[np.bool_]
    overdue: NDArray[np.bool_]
    finished: NDArray[np.bool_]


class Executive:
    """Plans, instructs and monitors for N environments.

    Args:
        domain: the world.
        count: N.
        planner: defaults to the embedded planner behind a plan cache.
        translator: defaults to the domain's rules.

    Attributes:
        subgoals: int32[N, columns], what each controller is to bring about; zeros where there is no plan.
    """

    def __init__(
        self,
        domain: Domain,
        count: int,
        planner: Planner | None = None,
        translator: Translator | None = None,
        time_limit_s: float = PLANNING_TIME_LIMIT_S,
    ) -> None:
        self.domain = domain
        self.planner = planner if planner is not None else _default_planner()
        self.translator: Translator = translator if translator is not None else domain.translator
        self.time_limit_s = time_limit_s
        self.belief = domain.belief(count)
        self.subgoals = np.zeros((count, self.belief.subgoal_columns), dtype=np.int32)
        self.threads = [_Thread() for _ in range(count)]
        self.counters = Counters()
        self._age = np.zeros(count, dtype=np.int64)
        self._budget = np.zeros(count, dtype=np.int64)

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        """Start episodes where bool[N] `mask` says so."""
        self.belief.begin(mask, observation)
        for n in np.flatnonzero(mask):
            thread = self.threads[n] = _Thread()
            try:
                thread.goal = self.translator.goal(observation["mission"][n], self.domain.vocabulary)
            except MissionError as error:
                thread.trouble = Cause.TRANSLATOR
                thread.note("gave up", str(error))
            self._deliberate(int(n), None)

    def update(self, actions: NDArray[np.int64], observation: Observation) -> Outcome:
        """Take in what int64[N] actions led to; where an option ended, see to what comes next."""
        self.belief.update(actions, observation)
        achieved = self.belief.achieved(self.subgoals)
        self._age += 1
        overdue = (self._age >= self._budget) & ~achieved
        fresh, finished = np.zeros_like(achieved), np.zeros_like(achieved)
        for n in np.flatnonzero(achieved | overdue):
            fresh[n] = achieved[n] and self._is_fresh(int(n))
            self._close_option(int(n), bool(achieved[n]))
            finished[n] = self.threads[n].finished
        return Outcome(achieved, fresh, overdue, finished)

    def features(self, which: NDArray[np.int64] | None = None) -> Features:
        """What the controllers see, of all environments or of those in int64[M] `which`."""
        return Features(*self.belief.features(self.subgoals, which))

    def blame(self, index: int) -> Cause:
        """Why the episode has not succeeded yet."""
        thread = self.threads[index]
        if thread.trouble is not None:
            return thread.trouble
        if thread.mistaken:
            return Cause.MODEL
        return Cause.OPTION if thread.setbacks else Cause.TIME_LIMIT

    def _is_fresh(self, n: int) -> bool:
        """Whether this step, with this subgoal, is achieved for the first time; from now on it is not."""
        key = (str(self.threads[n].step), self.subgoals[n].tobytes())
        known = key in self.threads[n].paid
        self.threads[n].paid.add(key)
        return not known

    def _close_option(self, n: int, achieved: bool) -> None:
        thread, step = self.threads[n], self.threads[n].step
        thread.steps += int(self._age[n])
        if step is not None:
            self.counters.options[step.name, achieved] += 1
            if achieved:
                thread.note("achieved", str(step))
            else:
                self._take_setback(thread, step)
        self._deliberate(n, step if achieved else None)

    def _take_setback(self, thread: _Thread, step: Operator) -> None:
        thread.note("failed", f"{step}: not achieved within {thread.budget} steps")
        thread.retried += 1
        if thread.retried > RETRIES:
            thread.setbacks[step.args[0] if step.args else step.name] += 1
            thread.retried = 0
            thread.plan = None

    def _deliberate(self, n: int, done: Operator | None) -> None:
        """Decide what is to be done next; `done` is the step that was just achieved."""
        thread = self.threads[n]
        problem = self._current_problem(n)
        if problem is None:
            self._idle(n)
            return
        if done is not None:
            self._monitor(thread, done, problem)
        steps = thread.plan.steps[thread.position :] if thread.plan else ()
        if not steps or not still_holds(steps, problem):
            self._plan_anew(thread, problem)
        self._instruct(n, problem.init)

    def _current_problem(self, n: int) -> Problem | None:
        """The problem of the first stage that is not accomplished; None when there is nothing to plan for."""
        thread = self.threads[n]
        if thread.goal is None:
            return None
        if thread.finished:  # and the episode goes on: begin the mission again
            thread.finished, thread.stage, thread.mistaken = False, 0, True
            self.belief.forget_accomplishments(n)
        while True:
            problem = self.belief.problem(n, thread.goal.stages[thread.stage], thread.setbacks)
            if not problem.goal.holds(problem.init):
                return problem
            thread.plan = None
            if thread.stage + 1 == len(thread.goal.stages):
                thread.finished = True
                return None
            thread.stage += 1
            self.belief.forget_accomplishments(n)

    def _monitor(self, thread: _Thread, done: Operator, problem: Problem) -> None:
        """Compare the achieved step's effects with what is seen, and step on in the plan if they agree."""
        thread.retried = 0
        discrepancy = compare_effects(done, problem)
        if discrepancy:
            thread.note("replan", f"{done}: {discrepancy}")
            thread.plan = None
        else:
            thread.position += 1

    def _plan_anew(self, thread: _Thread, problem: Problem) -> None:
        result = self._ask_planner(problem)
        self.counters.count_plan(result)
        first = not any(event.kind in ("plan", "replan") for event in thread.events)
        thread.plan, thread.position, thread.retried = result.plan, 0, 0
        if result.plan is not None:
            thread.trouble = None
            thread.note("plan" if first else "replan", " ".join(str(step) for step in result.plan.steps))
            return
        thread.trouble = Cause.MODEL if result.status is PlanStatus.UNSOLVABLE else Cause.PLANNER
        thread.note("gave up", f"{result.status.value}: {result.reason}")

    def _ask_planner(self, problem: Problem) -> PlanResult:
        start = time.perf_counter()
        try:
            return self.planner.plan(problem, time_limit_s=self.time_limit_s)
        except PlanningError as error:
            return PlanResult(PlanStatus.GAVE_UP, seconds=time.perf_counter() - start, reason=str(error))

    def _instruct(self, n: int, state: State) -> None:
        thread = self.threads[n]
        subgoal = None
        if thread.step is not None:
            subgoal = self.belief.subgoal(n, thread.step, thread.following)
        if subgoal is None or thread.step is None:
            self._idle(n)
            return
        try:
            thread.instruction = self.translator.instruct(thread.step, state)
        except NeurosymError as error:
            thread.trouble = Cause.TRANSLATOR
            thread.note("gave up", str(error))
            self._idle(n)
            return
        thread.budget = self.belief.budget(n, subgoal)
        self.subgoals[n] = subgoal
        self._age[n], self._budget[n] = 0, thread.budget

    def _idle(self, n: int) -> None:
        """No step to take: look around for a while."""
        self.threads[n].instruction = None
        self.threads[n].plan = None
        self.subgoals[n] = 0
        self._age[n], self._budget[n] = 0, IDLE_STEPS


class Agent:
    """Solves tasks of a domain from observations alone.

    Args:
        domain: the world.
        controller: learned, scripted or random.
        seed: of all chance in the agent's choices.
    """

    def __init__(
        self,
        domain: Domain,
        controller: Controller,
        seed: int = 0,
        planner: Planner | None = None,
        translator: Translator | None = None,
    ) -> None:
        self.domain, self.controller = domain, controller
        self.executive = Executive(domain, 1, planner, translator)
        self.rng = np.random.default_rng(seed)
        self._action: int | None = None

    def reset(self, observation: Mapping[str, Any]) -> None:
        """Begin an episode with its first observation."""
        self._action = None
        self.executive.begin(np.ones(1, dtype=np.bool_), self.domain.stack([observation]))

    def act(self, observation: Mapping[str, Any]) -> int:
        """The next primitive action; `observation` is what the last one led to, or the one given to `reset`."""
        self.observe(observation)
        if not self.executive.subgoals.any():
            self._action = int(self.rng.choice(self.domain.idle_actions))
        else:
            self._action = int(self.controller.act(self.executive.features(), self.rng)[0])
        return self._action

    def observe(self, observation: Mapping[str, Any]) -> None:
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

    def blame(self) -> str:
        """Which part is to blame that the episode has not succeeded yet."""
        return self.executive.blame(0).value

    def picture(self) -> NDArray[np.uint8] | None:
        """uint8[H, W, 3], what the agent believes, drawn for people."""
        return self.domain.picture(self.executive.belief, 0)

    @property
    def _thread(self) -> _Thread:
        return self.executive.threads[0]


def _default_planner() -> Planner:
    from neurosym.planning import EmbeddedPlanner, PlanCache

    return PlanCache(EmbeddedPlanner())


def load(
    domain: str | Domain, directory: str | Path | None = None, seed: int = 0, temperature: float = 1.0
) -> Agent:
    """An agent with the weights that ship with a domain, or with those in `directory`.

    Raises:
        UnknownNameError: no such domain.
        CheckpointError: the weights cannot be used.
    """
    import torch

    from neurosym.domain import load_domain
    from neurosym.options import NetworkController, load_checkpoint

    torch.set_num_threads(1)  # a small network runs fastest on one; see docs/learning.md
    world = load_domain(domain) if isinstance(domain, str) else domain
    network = load_checkpoint(directory or world.weights, world.feature_spec).network
    return Agent(world, NetworkController(network, temperature), seed)
