"""Laws about a domain's files: the model reads, the plan beside it passes, the invalid one does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from neurosym.errors import PlanTextError
from neurosym.planning import (
    parse_domain,
    parse_problem,
    read_domain,
    read_plan,
    read_problem,
    validate,
    write_domain,
    write_problem,
)
from neurosym.planning.interop import to_unified_planning
from neurosym.symbols import Condition, Operator, Plan, Problem, TypedName
from neurosym.testing.atoms import misfits
from neurosym.testing.law import law
from neurosym.testing.samples import PDDL, PLANS, Samples

__all__ = ["invalid_plans_are_rejected", "pddl_parses", "plans_replay"]

JUDGED_PLANS, MUTANTS = 6, 8  # the independent checker is slow


@law(
    PDDL,
    "`domain.pddl` and `p01.pddl` are read alike by both readers, and again after they were written; "
    "the domain's `model` is what `domain.pddl` says.",
)
def pddl_parses(samples: Samples) -> Iterator[str]:
    file = samples.domain.folder / "domain.pddl"
    model = read_domain(file, reader="direct")
    if samples.model != model:
        yield f"{file}: the domain's model is not what the file says"
    if read_domain(file) != model:
        yield f"{file}: unified-planning reads it another way"
    if parse_domain(write_domain(model), reader="direct") != model:
        yield f"{file}: it is another domain once it was written and read"
    file = samples.domain.folder / "p01.pddl"
    if file.is_file():
        yield from _reread(samples, file)
    else:
        yield f"{file}: there is no such file; a domain has a problem beside it, with a plan and an invalid plan"


def _reread(samples: Samples, file: Path) -> Iterator[str]:
    if _content(read_problem(file, samples.model)) != _content(samples.stored):
        yield f"{file}: unified-planning reads it another way"
    written = parse_problem(write_problem(samples.stored), samples.model, reader="direct")
    if _content(written) != _content(samples.stored):
        yield f"{file}: it is another problem once it was written and read"


def _content(problem: Problem) -> tuple[object, ...]:
    """A problem without the order its objects and costs are listed in."""
    return set(problem.objects), problem.init, problem.goal, dict(problem.costs)


@law(
    PLANS,
    "`p01.plan` solves `p01.pddl`; in sampled states of every task there are plans, and each passes the validator.",
)
def plans_replay(samples: Samples) -> Iterator[str]:
    for key, plan in samples.plans.items():
        moment = samples.moments[key]
        verdict = validate(moment.problem, plan)
        if not verdict:
            yield f"{moment.place}: the plan {plan}: {verdict.reason}"
    file = samples.domain.folder / "p01.plan"
    verdict = validate(samples.stored, read_plan(file, samples.stored))
    if not verdict:
        yield f"{file}: {verdict.reason}"


@law(
    "invalid plans are rejected",
    "`p01_invalid.plan` is a plan for `p01.pddl` that fails; of plans with a step left out or two steps swapped, "
    "the validator and unified-planning's say the same.",
)
def invalid_plans_are_rejected(samples: Samples) -> Iterator[str]:
    yield from _judge_stored(samples)
    for key, plan in islice(samples.openings.items(), JUDGED_PLANS):
        moment = samples.moments[key]
        if not any(misfits(moment.problem)):
            yield from _compare(moment.place, moment.problem, plan)


def _judge_stored(samples: Samples) -> Iterator[str]:
    problem, folder = samples.stored, samples.domain.folder
    try:
        if validate(problem, read_plan(folder / "p01_invalid.plan", problem)):
            yield f"{folder / 'p01_invalid.plan'}: it solves the problem"
    except PlanTextError as error:
        yield f"{error}; it should be a plan that can be read and fails"
    if (folder / "p01.plan").is_file():
        yield from _compare("p01.pddl", problem, read_plan(folder / "p01.plan", problem))


def _compare(place: str, problem: Problem, plan: Plan) -> Iterator[str]:
    judge = _Judge(problem)
    if not judge.knows:
        return
    for mutant in (plan, *islice(_mutants(plan), MUTANTS)):
        verdict = validate(problem, mutant)
        if bool(verdict) is not judge.accepts(mutant):
            said = "valid" if verdict else f"invalid ({verdict.reason})"
            yield f"{place}: the plan {mutant} is {said}, and for unified-planning it is not"


def _mutants(plan: Plan) -> Iterator[Plan]:
    """The plan with one step dropped, then with two neighbours swapped."""
    steps = plan.steps
    for k in range(len(steps)):
        yield Plan(steps[:k] + steps[k + 1 :])
        if k + 1 < len(steps):
            yield Plan((*steps[:k], steps[k + 1], steps[k], *steps[k + 2 :]))


class _Judge:
    """unified-planning's validator, for plans of one problem.

    Things get other names: it refuses an object that is called as its type is.

    Attributes:
        knows: whether it can judge this kind of problem.
    """

    def __init__(self, problem: Problem) -> None:
        from unified_planning.engines import SequentialPlanValidator

        self._names = {entry.name: f"renamed-{k}" for k, entry in enumerate(problem.objects)}
        self._up = to_unified_planning(_rename(problem, self._names))
        self.knows = SequentialPlanValidator.supports(self._up.kind)

    def accepts(self, plan: Plan) -> bool:
        from unified_planning.engines import SequentialPlanValidator, ValidationResultStatus
        from unified_planning.plans import SequentialPlan

        steps = [self._step(step) for step in plan.steps]
        verdict = SequentialPlanValidator().validate(self._up, SequentialPlan(steps, self._up.environment))
        return verdict.status is ValidationResultStatus.VALID

    def _step(self, step: Operator) -> Any:
        from unified_planning.plans import ActionInstance

        things = (self._up.object(self._names.get(arg, arg)) for arg in step.args)
        make = self._up.environment.expression_manager.ObjectExp
        return ActionInstance(self._up.action(step.name), tuple(make(thing) for thing in things))


def _rename(problem: Problem, names: dict[str, str]) -> Problem:
    parts = (frozenset(literal.bind(names) for literal in part) for part in problem.goal.alternatives)
    return Problem(
        domain=problem.domain,
        objects=tuple(TypedName(names[entry.name], entry.type) for entry in problem.objects),
        init=frozenset(atom.bind(names) for atom in problem.init),
        goal=Condition(tuple(parts)),
        costs=tuple((atom.bind(names), cost) for atom, cost in problem.costs),
    )
