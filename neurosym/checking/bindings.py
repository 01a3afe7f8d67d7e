"""What ties a world to its model, tried out: the first look at each task, as far as its first instruction."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from neurosym.belief import Belief
from neurosym.checking.atoms import AtomCheck
from neurosym.checking.declared import Declared
from neurosym.checking.finding import Finding, Sheet
from neurosym.checking.places import Scripts, TomlPlaces
from neurosym.domain import Domain
from neurosym.errors import MissionError, UnavailableTaskError
from neurosym.language.rules import Slot
from neurosym.options.features import Features
from neurosym.planning import Planner
from neurosym.symbols import Goal, Operator, Plan, PlanStatus, Problem

__all__ = ["BindingCheck"]

PLANNING_TIME_LIMIT_S = 2.0
_SIMILAR = 0.6


class BindingCheck:
    """Looks at tasks of a domain, each at the beginning of one episode.

    Args:
        words, pddl: missions.toml and domain.pddl, for places.

    Attributes:
        found: findings by code and place, so that each is made once.
        looks: how many episodes were begun; unsolvable: in how many of them there is proven to be no plan.
    """

    def __init__(
        self, domain: Domain, known: Declared, atoms: AtomCheck, scripts: Scripts, words: Sheet, pddl: Sheet
    ) -> None:
        self.domain, self.known, self.atoms, self.scripts = domain, known, atoms, scripts
        self.words, self.pddl = words, pddl
        self.found: dict[tuple[str, str, int], Finding] = {}
        self.looks = self.unsolvable = 0
        self.actions: set[int] = set()

    @cached_property
    def _planner(self) -> Planner:
        return self.domain.planner()

    @property
    def findings(self) -> list[Finding]:
        none = self.looks > 0 and self.unsolvable == self.looks and not self.found
        message = f"there is no plan at the beginning of any of the {self.looks} episodes that were begun"
        stuck = [self.scripts.at_definition("problem", "binding-no-plan", message)] if none else []
        return [*self.found.values(), *self._unlike_actions(), *stuck]

    def look_at(self, task: str, seed: int) -> None:
        """Begin one episode and go as far as the first instruction."""
        try:
            env = self.domain.make_env(task)
            try:
                observation, _ = env.reset(seed=seed)
                self.actions.add(int(getattr(env.action_space, "n", 0)))
                self._perceive(observation)
            finally:
                env.close()
        except UnavailableTaskError:
            return
        except Exception as error:  # whatever the domain's own Python may raise
            self.keep(self.scripts.at_error(error, "domain-failed", "problem"))

    def keep(self, finding: Finding) -> None:
        self.found.setdefault((finding.code, str(finding.file), finding.line), finding)

    def report_no_aim(self, step: Operator) -> None:
        """`Belief.aim` gave None: where the domain's Python names the operator, or else where it is declared."""
        message = f"Belief.aim gives None for {step}, the first step of a plan"
        finding = self.scripts.at_string(step.name, "binding-no-aim", message, within="aim")
        if finding is None:
            where = self.known.actions[step.name].node.offset
            finding = self.pddl.find(
                "binding-no-aim", where, message, f"say in aim what {step.name} is about"
            )
        self.keep(finding)

    def _unlike_actions(self) -> list[Finding]:
        """Tasks may have fewer actions than the domain, but one has them all."""
        counts = {
            "the environments": max(self.actions, default=self.domain.feature_spec.actions),
            "feature_spec": self.domain.feature_spec.actions,
            "action_names": len(self.domain.action_names),
        }
        if len(set(counts.values())) == 1:
            return []
        odd = "action_names" if counts["the environments"] == counts["feature_spec"] else "feature_spec"
        said = ", ".join(f"{name}: {count}" for name, count in counts.items())
        return [self.scripts.at_definition(odd, "binding-actions", f"the numbers of actions differ: {said}")]

    def _perceive(self, observation: Any) -> None:
        batch = self.domain.stack([observation])
        missions: Any = batch.get("mission", ()) if isinstance(batch, Mapping) else ()
        if not len(missions) or not isinstance(missions[0], str):
            message = "`stack` gives no dictionary with a text `mission` for each environment"
            self.keep(self.scripts.at_definition("stack", "binding-observation", message))
            return
        mission, belief = str(missions[0]), self.domain.belief(1)
        belief.begin(np.ones(1, dtype=np.bool_), batch)
        self.atoms.look_at_state(belief.state(0))
        try:
            goal = self.domain.goal(mission)
        except MissionError as error:
            self._report_mission(mission, error)
            return
        self.looks += 1
        problem = self._first_problem(belief, goal)
        self.atoms.look_at(problem)
        if not self.atoms.found:  # a planner would only say the same again
            self._instruct(belief, problem)

    def _first_problem(self, belief: Belief, goal: Goal) -> Problem:
        """Of the first stage that is not reached yet."""
        problem = None
        for number, stage in enumerate(goal.stages):
            later = tuple(wanted for after in goal.stages[number + 1 :] for wanted in after)
            problem = belief.problem(0, stage, {}, later)
            if not problem.goal.holds(problem.init):
                break
        assert problem is not None, "a goal has stages"
        return problem

    def _instruct(self, belief: Belief, problem: Problem) -> None:
        result = self._planner.plan(problem, time_limit_s=PLANNING_TIME_LIMIT_S)
        self.unsolvable += result.status is PlanStatus.UNSOLVABLE
        if not result.plan or not result.plan.steps:
            return
        aim = belief.aim(0, *_first_two(result.plan))
        if aim is None:
            self.report_no_aim(result.plan.steps[0])
            return
        subgoals, _ = belief.subgoals(np.zeros(1, dtype=np.int64), aim[None])
        self._check_features(belief.features(subgoals))

    def _check_features(self, arrays: tuple[Any, Any]) -> None:
        spec = self.domain.feature_spec
        try:
            features = Features(*arrays)
        except ValueError as error:
            self.keep(self.scripts.at_definition("features", "binding-features", str(error)))
            return
        message = ""
        try:
            spec.check(features)
        except ValueError as error:
            message = str(error)
        if (
            not message
            and not 0 <= features.sparse.min(initial=0) <= features.sparse.max(initial=0) < spec.rows
        ):
            low, high = features.sparse.min(), features.sparse.max()
            message = f"the sparse features name rows {low} to {high}: feature_spec has {spec.rows} rows"
        if message:
            self.keep(self.scripts.at_definition("feature_spec", "binding-features", message))
        elif not np.isfinite(features.dense).all():
            message = "the dense features hold numbers that are not finite"
            self.keep(self.scripts.at_definition("features", "binding-features", message))

    def _report_mission(self, mission: str, error: MissionError) -> None:
        code, message = "binding-mission", str(error)
        offset = self._nearest_saying(mission, error.fragment)
        finding = None if offset is not None else self.scripts.at_string(mission, code, message)
        where = TomlPlaces(self.words.text).header("phrases") if offset is None else offset
        self.keep(finding or self.words.find(code, where, message))

    def _nearest_saying(self, mission: str, fragment: str) -> int | None:
        """The place of the saying that looks most like what was not understood, or like what stands before it."""
        text, best = mission.lower(), (-1, 0.0, None)
        stop = max(text.find(fragment.lower()), 0)
        starts = [place for place in range(stop + 1) if place == 0 or text[place - 1] == " "]
        places = TomlPlaces(self.words.text)
        for number, phrase in enumerate(self.domain.translator.rules.phrases):
            for pattern in phrase.sayings:
                words = str(pattern[0]).lower()
                for start in starts:
                    ratio = difflib.SequenceMatcher(None, words, text[start : start + len(words)]).ratio()
                    if ratio >= _SIMILAR and (start, ratio) > best[:2]:
                        best = (
                            start,
                            ratio,
                            places.string(_as_written(pattern), places.header("phrases", number)),
                        )
        return best[2]


def _first_two(plan: Plan) -> tuple[Operator, Operator | None]:
    return plan.steps[0], plan.steps[1] if len(plan.steps) > 1 else None


def _as_written(pattern: tuple[str | Slot, ...]) -> str:
    """A saying as missions.toml has it."""
    return " ".join(f"{{{p.name}:{p.type}}}" if isinstance(p, Slot) else p for p in pattern)
