"""`neurosym plan`: what one look at a level leads to, from the words to the plan and back to words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from neurosym.cli.command import DONE, FAILED, UsageError
from neurosym.cli.translating import Translating
from neurosym.cli.trust import InDomain
from neurosym.cli.voice import Voice
from neurosym.errors import MissionError
from neurosym.seeds import EVALUATION_SEED

if TYPE_CHECKING:
    from neurosym.domain import Domain, Task
    from neurosym.planning import Planner
    from neurosym.showing.sample import Sample
    from neurosym.symbols import Goal

__all__ = ["PlanTask", "show_sample"]


@dataclass(kw_only=True)
class PlanTask(InDomain, Translating):
    """Show how a mission becomes a goal, a plan and instructions. Nothing learned is needed."""

    task: Annotated[str | None, tyro.conf.Positional, tyro.conf.arg(metavar="TASK")] = None
    """The task to look at."""
    pddl: Annotated[tuple[Path, Path] | None, tyro.conf.arg(metavar="DOMAIN PROBLEM")] = None
    """Two PDDL files to plan for, instead of a task."""
    seed: int = EVALUATION_SEED
    """The level's seed."""
    goal: str | None = None
    """Words to plan for instead of the task's own mission."""
    engine: str = "neurosym"
    """The planning engine; `neurosym doctor` lists them."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.cli.patience import asking_for_patience
        from neurosym.showing.sample import Look, plan_for

        choice = self.choose_translator()
        domain, task, engine = self._choose(voice)
        translator = choice.translator(domain.translator, domain.vocabulary)
        try:
            with asking_for_patience(voice):
                look = Look.at(domain, task.id, self.seed, self.goal, translator)
                sample = plan_for(domain, look, engine, translator)
        except MissionError as error:
            return _tell_what_was_heard(voice, domain, error)
        if voice.json:
            voice.answer({**sample.record(), **_heard(domain, sample.look.mission, sample.look.goal)})
        else:
            show_sample(voice, sample)
        return DONE if sample.result.plan is not None else FAILED

    def _choose(self, voice: Voice) -> tuple[Domain, Task, Planner]:
        from neurosym.cli.names import choose_one
        from neurosym.planning import planner

        if (self.task is None) == (self.pddl is None):
            raise UsageError("name one task, or two files with --pddl; `neurosym tasks` lists the tasks")
        if self.pddl is None:
            domain, task = choose_one(str(self.task), self.warrant(voice), self.domain)
        else:
            from neurosym.pddlworld import PddlDomain

            domain = PddlDomain(*self.pddl)
            task = domain.tasks()[0]
        return domain, task, domain.planner_with(planner(self.engine))


def _heard(domain: Domain, mission: str, goal: Goal) -> dict[str, Any]:
    """What was understood of words that became a goal: each clause, or all of it where the rules were not asked."""
    heard = domain.translator.understand(mission, domain.vocabulary).record()
    if heard["not_understood"] or not heard["understood"]:
        return {"understood": [{"text": mission, "goal": str(goal)}], "not_understood": []}
    return heard


def _tell_what_was_heard(voice: Voice, domain: Domain, error: MissionError) -> int:
    """Words that became no goal: the clauses that are understood all the same, and the others."""
    if not error.mission:
        raise error
    heard = domain.translator.understand(error.mission, domain.vocabulary)
    voice.complain(str(error))
    if voice.json:
        details = {"mission": error.mission, "fragment": error.fragment}
        told = {"error": str(error), "kind": type(error).__name__, "details": details}
        voice.answer({**told, **heard.record()})
    elif heard.understood:
        width = max(len(text) for text, _ in heard.understood)
        voice.show("understood", *(f"  {text:<{width}}  {goal}" for text, goal in heard.understood))
        voice.show("not understood", *(f"  {reason}" for _, reason in heard.not_understood))
    return FAILED


def show_sample(voice: Voice, sample: Sample) -> None:
    """The words, the goal, and the plan with its instructions beside it."""
    voice.show(*(f"{word:<9} {said}" for word, said in sample.told))
    if sample.result.plan is None:
        return
    width = max((len(str(step.operator)) for step in sample.steps), default=0)
    voice.show("", *(f"{step.operator!s:<{width}}  ; {step.instruction}" for step in sample.steps))
    voice.show(f"; cost = {sample.result.plan.cost:g}")
