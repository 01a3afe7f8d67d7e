"""Laws about a domain's files: the model reads, the plan beside it passes, the invalid one does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from neurosym.errors import NeurosymError
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
    yield from _reread(samples)


def _reread(samples: Samples) -> Iterator[str]:
    file = samples.domain.folder / "p01.pddl"
    if not file.is_file():
        yield f"{file}: there is no such file; a domain has a problem beside it, with a plan and an invalid plan"
        return
    problem = read_problem(file, samples.model, reader="direct")
    if _content(read_problem(file, samples.model)) != _content(problem):
        yield f"{file}: unified-planning reads it another way"
    written = parse_problem(write_problem(problem), samples.model, reader="direct")
    if _content(written) != _content(problem):
        yield f"{file}: it is another problem once it was written and read"


def _content(problem: Problem) -> tuple[object, ...]:
    """A problem without the order its objects and costs are listed in."""
    return set(problem.objects), problem.init, problem.goal, dict(problem.costs)


def _stored(samples: Samples, name: str) -> tuple[Problem, Plan]:
    """The problem and a plan beside the model.

    Raises:
        NeurosymError: one cannot be read.
    """
    folder = samples.domain.folder
    problem = read_problem(folder / "p01.pddl", samples.model, reader="direct")
    return problem, read_plan(folder / name, problem)


@law(
    PLANS,
    "`p01.plan` solves `p01.pddl`; in sampled states of every task there are plans, and each passes the validator.",
)
def plans_replay(samples: Samples) -> Iterator[str]:
    file = samples.domain.folder / "p01.plan"
    if (samples.domain.folder / "p01.pddl").is_file():
        verdict = validate(*_stored(samples, file.name))
        if not verdict:
            yield f"{file}: {verdict.reason}"
    for key, plan in samples.plans.items():
        moment = samples.moments[key]
        verdict = validate(moment.problem, plan)
        if not verdict:
            yield f"{moment.place}: the plan {plan}: {verdict.reason}"


@law(
    "invalid plans are rejected",
    "`p01_invalid.plan` is a plan for `p01.pddl` that fails; of plans with a step left out or two steps swapped, "
    "the validator and unified-planning's say the same.",
)
def invalid_plans_are_rejected(samples: Samples) -> Iterator[str]:
    folder = samples.domain.folder
    if (folder / "p01.pddl").is_file():
        yield from _judge_stored(samples, folder / "p01_invalid.plan")
        if (folder / "p01.plan").is_file():
            yield from _compare(str(folder / "p01.plan"), *_stored(samples, "p01.plan"))
    for key, plan in islice(samples.openings.items(), JUDGED_PLANS):
        yield from _compare(samples.moments[key].place, samples.moments[key].problem, plan)


def _judge_stored(samples: Samples, file: Path) -> Iterator[str]:
    try:
        problem, plan = _stored(samples, file.name)
    except NeurosymError as error:
        yield f"{error}; it should be a plan that can be read and fails"
        return
    if validate(problem, plan):
        yield f"{file}: it solves the problem"


def _compare(place: str, problem: Problem, plan: Plan) -> Iterator[str]:
    for mutant in (plan, *islice(_mutants(plan), MUTANTS)):
        verdict, other = validate(problem, mutant), _judge(problem, mutant)
        if other is not None and bool(verdict) is not other:
            said = "valid" if verdict else f"invalid ({verdict.reason})"
            yield f"{place}: the plan {mutant} is {said}, and for unified-planning it is not"


def _mutants(plan: Plan) -> Iterator[Plan]:
    """The plan with one step dropped, then with two neighbours swapped."""
    steps = plan.steps
    for k in range(len(steps)):
        yield Plan(steps[:k] + steps[k + 1 :])
        if k + 1 < len(steps):
            yield Plan((*steps[:k], steps[k + 1], steps[k], *steps[k + 2 :]))


def _renamed(problem: Problem, plan: Plan) -> tuple[Problem, Plan]:
    """The same with other names: unified-planning refuses an object that is called as its type is."""
    names = {entry.name: f"renamed-{k}" for k, entry in enumerate(problem.objects)}
    objects = tuple(TypedName(names[entry.name], entry.type) for entry in problem.objects)
    parts = [frozenset(literal.bind(names) for literal in part) for part in problem.goal.alternatives]
    renamed = Problem(
        domain=problem.domain,
        objects=objects,
        init=frozenset(atom.bind(names) for atom in problem.init),
        goal=Condition(tuple(parts)),
        costs=tuple((atom.bind(names), cost) for atom, cost in problem.costs),
    )
    steps = (Operator(step.name, tuple(names.get(arg, arg) for arg in step.args)) for step in plan.steps)
    return renamed, Plan(tuple(steps))


def _judge(problem: Problem, plan: Plan) -> bool | None:
    """Whether unified-planning's validator accepts a plan; None where it does not know this kind of problem."""
    from unified_planning.engines import SequentialPlanValidator, ValidationResultStatus
    from unified_planning.plans import ActionInstance, SequentialPlan

    problem, plan = _renamed(problem, plan)
    up = to_unified_planning(problem)
    if not SequentialPlanValidator.supports(up.kind):
        return None
    make = up.environment.expression_manager.ObjectExp
    steps = [
        ActionInstance(up.action(step.name), tuple(make(up.object(arg)) for arg in step.args))
        for step in plan.steps
    ]
    verdict = SequentialPlanValidator().validate(up, SequentialPlan(steps, up.environment))
    return verdict.status is ValidationResultStatus.VALID
