"""An independent check of plans: plain sets and nothing of the planner, so that neither can hide the other's fault.

The operators are built anew from the domain's schemas; what a plan claims about its own preconditions,
effects or costs is not believed.
"""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.symbols import ActionSchema, Atom, Literal, Operator, Plan, PlanningDomain, Problem, State

__all__ = ["Verdict", "validate"]


@dataclass(frozen=True)
class Verdict:
    """What replaying a plan showed; true exactly when the plan is valid.

    Attributes:
        step: the 0-based step that failed, the plan's length when the goal is unmet, None when valid.
        operator: the operator that failed, when one did.
        failed: the literals that did not hold: of the first failing step's precondition, or of the goal
            (of the alternative that comes closest, when there are several).
        reason: one line; empty when valid.
        cost: the cost of the steps that could be applied.
    """

    valid: bool
    step: int | None = None
    operator: Operator | None = None
    failed: tuple[Literal, ...] = ()
    reason: str = ""
    cost: float = 0.0

    def __bool__(self) -> bool:
        return self.valid


def validate(problem: Problem, plan: Plan) -> Verdict:
    """Replay `plan` from the initial state: the first failing step, or the unmet goal, or a pass."""
    types = {item.name: item.type for item in (*problem.domain.constants, *problem.objects)}
    costs, state, spent = dict(problem.costs), problem.init, 0.0
    for step, claimed in enumerate(plan.steps):
        complaint, operator = _rebuild(problem.domain, claimed, types, costs)
        if operator is None:
            return Verdict(False, step, claimed, (), f"step {step + 1}, {claimed}: {complaint}", spent)
        failed = tuple(sorted(literal for literal in operator.precondition if not _holds(literal, state)))
        if failed:
            reason = f"step {step + 1}, {operator}: the precondition {_listing(failed)} does not hold"
            return Verdict(False, step, operator, failed, reason, spent)
        state, spent = (state - operator.delete) | operator.add, spent + operator.cost
    return _judge_goal(problem, state, len(plan.steps), spent)


def _rebuild(
    domain: PlanningDomain, claimed: Operator, types: dict[str, str], costs: dict[Atom, float]
) -> tuple[str, Operator | None]:
    schema = next((action for action in domain.actions if action.name == claimed.name), None)
    if schema is None:
        return f"the domain has no action {claimed.name!r}", None
    complaint = _argument_complaint(domain, schema, claimed.args, types)
    if complaint:
        return complaint, None
    try:
        return "", schema.bind(claimed.args, costs)
    except KeyError as error:
        return f"the problem gives no value for {error.args[0]}", None


def _argument_complaint(
    domain: PlanningDomain, schema: ActionSchema, args: tuple[str, ...], types: dict[str, str]
) -> str:
    if len(args) != len(schema.parameters):
        return f"{schema.name} takes {len(schema.parameters)} arguments, got {len(args)}"
    for parameter, arg in zip(schema.parameters, args, strict=True):
        if arg not in types:
            return f"there is no object {arg!r}"
        if parameter.type not in domain.ancestors(types[arg]):
            return f"{arg} is a {types[arg]}, and {parameter.name} must be a {parameter.type}"
    return ""


def _judge_goal(problem: Problem, state: State, length: int, spent: float) -> Verdict:
    unmet = [
        tuple(sorted(literal for literal in part if not _holds(literal, state)))
        for part in problem.goal.alternatives
    ]
    if not unmet:
        return Verdict(False, length, None, (), "the goal has no alternatives, so nothing can meet it", spent)
    closest = min(unmet, key=len)
    if not closest:
        return Verdict(True, cost=spent)
    reason = f"after the last step the goal {_listing(closest)} does not hold"
    return Verdict(False, length, None, closest, reason, spent)


def _holds(literal: Literal, state: State) -> bool:
    atom = literal.atom
    truth = atom.args[0] == atom.args[1] if atom.predicate == "=" else atom in state
    return truth if literal.positive else not truth


def _listing(literals: tuple[Literal, ...]) -> str:
    return " and ".join(str(literal) for literal in literals)
