"""Perceive, decide, instruct, monitor, for a batch of environments.

For every environment of a batch the executive keeps the mission, the plan and the step in hand, and says what each
controller should bring about; it never chooses a primitive action.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosym.belief import Belief, Describing, FeatureArrays, Foresight, Observation, Situation
from neurosym.deliberation import Counters, Decision, Deliberator, Intention, Stage, Verdict
from neurosym.errors import DomainError, MissionError
from neurosym.language import Instruction, Tokenizer, Translator, Usage
from neurosym.monitor import Cause
from neurosym.options.features import Features
from neurosym.options.hearing import HearingSpec
from neurosym.planning import Planner
from neurosym.planning.memo import RecentlyUsed
from neurosym.referents import find_referents
from neurosym.symbols import Goal, Operator, Plan, Wanted

if TYPE_CHECKING:
    from neurosym.domain import Domain

__all__ = ["Event", "Executive", "Guide", "Outcome", "Thread"]

PLANNING_TIME_LIMIT_S = 2.0
RETRIES = 1  # a step is tried once more before it is planned around
KEPT_MISSIONS = 1 << 13
IDLE_STEPS = 8  # without a plan, look around for so long and then plan again


class Event(NamedTuple):
    """Something worth marking on a timeline.

    Attributes:
        step: primitive steps taken in the episode when it happened.
        kind: "plan", "replan", "achieved", "failed" or "gave up".
    """

    step: int
    kind: str
    text: str


@dataclass(slots=True)
class Thread:
    """What the executive has in mind for one environment.

    Attributes:
        goal, stages: what the mission asks for; None and empty if it is not understood.
        stage_index: the stage in hand.
        plan, position: the plan that is being followed, and which of its steps is in hand.
        intention: that step; None if there is no plan.
        decided: primitive steps of the episode when the step in hand was chosen.
        finished: the whole mission is believed to be accomplished; mistaken: it was, and the world did not agree.
        paid: steps and subgoals that were achieved in this episode; again: the last one not for the first time.
        failures: how often each step ran out of its budget since it was last planned around.
        setbacks: how often what is named could not be brought about.
        trouble: who is to blame that there is no plan.
        notes: `events`, as plain tuples, which cost training less.
    """

    goal: Goal | None = None
    stages: tuple[Stage, ...] = ()
    stage_index: int = 0
    plan: Plan | None = None
    position: int = 0
    intention: Intention | None = None
    instruction: Instruction | None = None
    steps: int = 0
    planned: bool = False
    finished: bool = False
    mistaken: bool = False
    trouble: Cause | None = None
    paid: set[tuple[str, bytes]] = field(default_factory=set)
    again: bool = False
    failures: Counter[str] = field(default_factory=Counter)
    setbacks: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def stage(self) -> Stage:
        return self.stages[self.stage_index]

    @property
    def step(self) -> Operator | None:
        return self.intention.step if self.intention else None

    @property
    def events(self) -> list[Event]:
        """What happened in the episode."""
        return [Event(*note) for note in self.notes]

    def drop_plan(self) -> None:
        self.plan, self.position, self.intention = None, 0, None

    def note(self, kind: str, text: str) -> None:
        self.notes.append((self.steps, kind, text))


@dataclass(frozen=True)
class Outcome:
    """What a step brought, as far as options are concerned; bool[N] each.

    Attributes:
        achieved: the option in hand reached its subgoal.
        fresh: it did so for the first time in the episode. Undoing a step to do it again is not worth anything:
            see docs/learning.md, "Dawdling".
        overdue: the option ran out of its budget.
        finished: the whole mission is believed to be accomplished.
        meddled: what the option was not about has been changed.
    """

    achieved: NDArray[np.bool_]
    fresh: NDArray[np.bool_]
    overdue: NDArray[np.bool_]
    finished: NDArray[np.bool_]
    meddled: NDArray[np.bool_]


class Guide(Protocol):
    """What tells N controllers what to do; an `Executive`, or what takes its place in an ablation."""

    @property
    def belief(self) -> Belief: ...
    @property
    def threads(self) -> Sequence[Thread]: ...
    @property
    def counters(self) -> Counters: ...
    @property
    def usage(self) -> Usage: ...

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        """Start episodes where bool[N] `mask` says so."""
        ...

    def update(self, actions: NDArray[np.int64], observation: Observation) -> Outcome:
        """Take in what int64[N] actions led to."""
        ...

    def instructed(self) -> NDArray[np.bool_]:
        """bool[N]: whether the controller is to act; without anything to do an agent idles."""
        ...

    def features(self, which: NDArray[np.int64] | None = None, out: Features | None = None) -> Features:
        """What the controllers see, of all environments or of those in int64[M] `which`; written to `out` if given."""
        ...

    def blame(self, index: int) -> Cause:
        """Why the episode has not succeeded yet."""
        ...


class Executive:
    """Plans, instructs and monitors for N environments.

    Args:
        domain: the world.
        count: N.
        planner: defaults to the domain's own.
        translator: defaults to the domain's rules.
        by_costs: see `Deliberator`.
        foresight: what the controllers expect of their options, where they can tell; see `Belief.heed`.
        hearing: what controllers take in that hear words; None for those that go by typed arguments.

    Attributes:
        subgoals: int32[N, columns], what each controller is to bring about; zeros where there is no plan.
        decides_by: the kind of deliberator; a method of an ablation puts another in its place.
    """

    decides_by: ClassVar[type[Deliberator]] = Deliberator

    def __init__(
        self,
        domain: Domain,
        count: int,
        planner: Planner | None = None,
        translator: Translator | None = None,
        time_limit_s: float = PLANNING_TIME_LIMIT_S,
        by_costs: bool = True,
        foresight: Foresight | None = None,
        hearing: HearingSpec | None = None,
    ) -> None:
        self.domain = domain
        self.translator: Translator = translator if translator is not None else domain.translator
        self.belief = domain.belief(count)
        self.belief.heed(foresight)
        planner = planner if planner is not None else domain.planner()
        self.deliberator = self.decides_by(self.belief, planner, self.translator, time_limit_s, by_costs)
        self.subgoals = np.zeros((count, self.belief.subgoal_columns), dtype=np.int32)
        self.threads = [Thread() for _ in range(count)]
        self._missions: RecentlyUsed[str, tuple[Goal, tuple[Stage, ...]]] = RecentlyUsed(KEPT_MISSIONS)
        self._stages: RecentlyUsed[tuple[tuple[Wanted, ...], tuple[Wanted, ...]], Stage] = RecentlyUsed(
            KEPT_MISSIONS
        )
        self._ear = None if hearing is None else _Ear(self.belief, hearing, count)
        self._age = np.zeros(count, dtype=np.int64)
        self._budget = np.zeros(count, dtype=np.int64)

    @property
    def counters(self) -> Counters:
        """What deliberation has cost so far."""
        return self.deliberator.counters

    @property
    def usage(self) -> Usage:
        """What the translator has cost so far."""
        return self.translator.usage

    def begin(self, mask: NDArray[np.bool_], observation: Observation) -> None:
        """Start episodes where bool[N] `mask` says so."""
        self.belief.begin(mask, observation)
        which = np.flatnonzero(mask)
        for n in which.tolist():
            self.threads[n] = self._open_thread(observation["mission"][n])
        self._deliberate(which, np.zeros(len(which), dtype=np.bool_))

    def update(self, actions: NDArray[np.int64], observation: Observation) -> Outcome:
        """Take in what int64[N] actions led to; where an option ended, see to what comes next."""
        self.belief.update(actions, observation)
        achieved, meddled = self.belief.achieved(self.subgoals), self.belief.meddled(self.subgoals)
        self._age += 1
        overdue = (self._age >= self._budget) & ~achieved
        fresh, finished = np.zeros_like(achieved), np.zeros_like(achieved)
        ended = np.flatnonzero(achieved | overdue | self._interrupted(achieved))
        done = achieved[ended]
        fresh[ended] = self._close_options(ended, done, overdue[ended])
        self._deliberate(ended, done)
        finished[ended] = [self.threads[n].finished for n in ended.tolist()]
        return Outcome(achieved, fresh, overdue, finished, meddled)

    def _interrupted(self, achieved: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool[N], where an option is to end before its time."""
        interrupted = self.belief.surprised()  # and halfway through its budget, an option has to show its use
        interrupted[self._disproved(np.flatnonzero((self._age == self._budget // 2) & ~achieved))] = True
        return interrupted

    def _disproved(self, which: NDArray[np.int64]) -> list[int]:
        """Those of int64[M] `which` whose plan does not serve any more, by what was seen since the option began."""
        following = [n for n in which.tolist() if self.threads[n].intention is not None]
        if not following:
            return []
        situations = self._situations(following)
        return [
            n for n, situation in zip(following, situations, strict=True) if not self._serves(n, situation)
        ]

    def _serves(self, n: int, situation: Situation) -> bool:
        thread = self.threads[n]
        decision = self.deliberator.follow(n, situation, thread.stage, thread.intention, False)
        return decision.verdict is Verdict.ACT

    def instructed(self) -> NDArray[np.bool_]:
        """bool[N]: where there is a step to take."""
        return np.any(self.subgoals, axis=1)

    def features(self, which: NDArray[np.int64] | None = None, out: Features | None = None) -> Features:
        """What the controllers see, of all environments or of those in int64[M] `which`; written to `out` if given."""
        arrays = None if out is None else (out.sparse, out.dense)
        if self._ear is not None:
            return Features(*self._ear.features(which, arrays))
        return Features(*self.belief.features(self.subgoals, which, arrays))

    def blame(self, index: int) -> Cause:
        """Why the episode has not succeeded yet."""
        thread = self.threads[index]
        if thread.trouble is not None:
            return thread.trouble
        if thread.mistaken:
            return Cause.MODEL
        return Cause.OPTION if thread.setbacks else Cause.TIME_LIMIT

    def _open_thread(self, mission: str) -> Thread:
        known = self._missions.find(mission)
        if known is None:
            try:
                known = self._read_mission(mission)
            except MissionError as error:
                thread = Thread(trouble=Cause.TRANSLATOR)
                thread.note("gave up", str(error))
                return thread
            self._missions.keep(mission, known)
        return Thread(*known)

    def _read_mission(self, mission: str) -> tuple[Goal, tuple[Stage, ...]]:
        """What a mission asks for, and what closes it; equal stages are one, so that missions share decisions."""
        goal = self.translator.goal(mission, self.domain.vocabulary)
        return goal, self._stages_of(goal)

    def _stages_of(self, goal: Goal) -> tuple[Stage, ...]:
        return self._staged([*goal.stages, *([self.domain.closing] if self.domain.closing else [])])

    def _staged(self, wanted: Sequence[tuple[Wanted, ...]]) -> tuple[Stage, ...]:
        stages = []
        for number, now in enumerate(wanted):
            later = tuple(entry for stage in wanted[number + 1 :] for entry in stage)
            stage = self._stages.find((now, later))
            if stage is None:
                stage = Stage(now, later)
                self._stages.keep((now, later), stage)
            stages.append(stage)
        return tuple(stages)

    def _close_options(
        self, ended: NDArray[np.int64], done: NDArray[np.bool_], overdue: NDArray[np.bool_]
    ) -> list[bool]:
        """Take note of how the options ended; whether each was achieved for the first time in its episode."""
        subgoals, size = self.subgoals[ended].tobytes(), self.subgoals.itemsize * self.subgoals.shape[1]
        fresh, outcomes = [], self.counters.options
        ages = self._age[ended].tolist()
        for place, (n, good, late, age) in enumerate(
            zip(ended.tolist(), done.tolist(), overdue.tolist(), ages, strict=True)
        ):
            thread = self.threads[n]
            thread.steps += age
            intention = thread.intention
            if intention is None or not (good or late):
                fresh.append(False)
                continue
            outcomes[intention.step.name, good] += 1
            if not good:
                self._take_setback(thread, intention, age)
                fresh.append(False)
                continue
            thread.note("achieved", intention.label)
            achieved = (intention.label, subgoals[place * size : (place + 1) * size])
            thread.again = achieved in thread.paid
            fresh.append(not thread.again)
            thread.paid.add(achieved)
        return fresh

    def _take_setback(self, thread: Thread, intention: Intention, age: int) -> None:
        thread.note("failed", f"{intention.label}: not achieved within {age} steps")
        if self._is_hopeless(thread, intention):
            step = intention.step
            thread.setbacks[step.args[0] if step.args else step.name] += 1
            thread.drop_plan()

    def _is_hopeless(self, thread: Thread, intention: Intention) -> bool:
        """A step was to no avail once more: whether it should be planned around."""
        thread.failures[intention.label] += 1
        if thread.failures[intention.label] <= RETRIES:
            return False
        del thread.failures[intention.label]
        return True

    def _deliberate(self, which: NDArray[np.int64], done: NDArray[np.bool_]) -> None:
        """Decide what is to be done next; bool[M] `done`: the step in hand was achieved just now."""
        acting: list[int] = []
        aims: list[int] = []
        pending = self._still_wanting(which.tolist(), done.tolist())
        while pending:
            situations = self._situations([n for n, _ in pending])
            pending, decided = [], zip(pending, situations, strict=True)
            for (n, good), situation in decided:
                decision = self._decide(n, situation, good)
                if decision.verdict is Verdict.ACT:
                    acting.append(n)
                    aims.append(decision.aim)
                elif decision.verdict is Verdict.REACHED and not self.threads[n].finished:
                    pending.append((n, False))
                else:
                    self._idle(n)
        if acting:
            self.subgoals[acting], self._budget[acting] = self.belief.subgoals(
                np.array(acting), self.deliberator.aims[aims]
            )
            self._age[acting] = 0

    def _situations(self, which: Sequence[int]) -> Sequence[Situation]:
        stages = [self.threads[n].stage for n in which]
        return self.belief.situations(
            np.array(which), [stage.wanted for stage in stages], [stage.later for stage in stages]
        )

    def _still_wanting(self, which: Sequence[int], done: Sequence[bool]) -> list[tuple[int, bool]]:
        """Those that have something to plan for; the others idle."""
        wanting = []
        for n, good in zip(which, done, strict=True):
            thread = self.threads[n]
            if thread.finished:  # and the episode goes on: begin the mission again
                thread.finished, thread.mistaken = False, True
                self._enter_stage(n, 0)
                good = False
            if thread.stages:
                wanting.append((n, good))
            else:
                self._idle(n)
        return wanting

    def _decide(self, n: int, situation: Situation, done: bool) -> Decision:
        thread = self.threads[n]
        decision = self.deliberator.follow(n, situation, thread.stage, thread.intention, done)
        if decision.verdict is Verdict.REACHED:
            if thread.stage_index + 1 == len(thread.stages):
                thread.finished = True
            else:
                self._enter_stage(n, thread.stage_index + 1)
            return decision
        if decision.verdict is Verdict.PLAN:
            if decision.note:
                thread.note("replan", decision.note)
            if decision.note and done and thread.again and thread.intention:
                self._leave_the_circle(thread, thread.intention)
            decision = self._plan_anew(n, situation)
        elif done:
            thread.position += 1
        if decision.verdict is Verdict.ACT:
            thread.intention, thread.instruction = decision.intention, decision.instruction
            if self._ear is not None and decision.instruction is not None:
                self._ear.hear(n, decision.instruction.text)
        else:
            thread.trouble = decision.trouble
            thread.note("gave up", decision.note)
        return decision

    def _leave_the_circle(self, thread: Thread, intention: Intention) -> None:
        """What was achieved before was achieved again, and again not to the effect that was planned."""
        if self._is_hopeless(thread, intention):
            thread.setbacks.update(intention.step.args)

    def _enter_stage(self, n: int, stage_index: int) -> None:
        thread = self.threads[n]
        if thread.goal is not None and thread.goal.referents:
            thread.stages = self._bound(n, thread) if stage_index else self._stages_of(thread.goal)
        thread.stage_index = stage_index
        thread.drop_plan()
        self.belief.forget_accomplishments(n)

    def _bound(self, n: int, thread: Thread) -> tuple[Stage, ...]:
        """The stages, about the very things that the one just reached was about."""
        names = find_referents(self.belief, n, thread.stage.wanted)
        return self._staged([tuple(one.bind(names) for one in stage.wanted) for stage in thread.stages])

    def _plan_anew(self, n: int, situation: Situation) -> Decision:
        thread = self.threads[n]
        decision = self.deliberator.plan(n, situation, thread.stage, thread.setbacks)
        if decision.verdict is Verdict.ACT:
            thread.plan, thread.position, thread.trouble = decision.plan, 0, None
            thread.note("replan" if thread.planned else "plan", decision.note)
            thread.planned = True
        return decision

    def _idle(self, n: int) -> None:
        """No step to take: look around for a while."""
        self.threads[n].instruction = None
        self.threads[n].drop_plan()
        self.subgoals[n] = 0
        self._age[n], self._budget[n] = 0, IDLE_STEPS


class _Ear:
    """What controllers that hear words are told: what is around, and the words of each one's instruction.

    Raises:
        DomainError: the belief tells nothing in words.
    """

    def __init__(self, belief: Belief, spec: HearingSpec, count: int) -> None:
        if not isinstance(belief, Describing):
            raise DomainError(
                f"{type(belief).__name__} has no surroundings to tell a controller that hears words"
            )
        self._belief, self._spec = belief, spec
        self._tokenizer = Tokenizer(spec.words, spec.length)
        self._heard = np.zeros((count, spec.length), dtype=np.int32)
        self._encoded: RecentlyUsed[str, NDArray[np.int32]] = RecentlyUsed(KEPT_MISSIONS)

    def hear(self, n: int, text: str) -> None:
        """From now on this is what environment `n` is told."""
        tokens = self._encoded.find(text)
        if tokens is None:
            tokens = self._tokenizer.encode(text)
            self._encoded.keep(text, tokens)
        self._heard[n] = tokens

    def features(self, which: NDArray[np.int64] | None, out: FeatureArrays | None) -> FeatureArrays:
        if out is None:
            empty = self._spec.features.empty(len(self._heard) if which is None else len(which))
            out = empty.sparse, empty.dense
        self._belief.surroundings(self._tokenizer.numbers, which, out)
        out[0][:, self._spec.described :] = self._heard if which is None else self._heard[which]
        return out
