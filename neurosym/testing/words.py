"""The law that missions and instructions are understood both ways."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from neurosym.language.rules import Slot, Template
from neurosym.symbols import Description, Goal, PlanningDomain, Wanted
from neurosym.testing.law import law, tell
from neurosym.testing.samples import INSTRUCTIONS, Samples

__all__ = ["instructions_round_trip"]


@law(
    INSTRUCTIONS,
    "every mission that is met parses; what is said of a goal parses back to it; every operator has a template, "
    "and no two share their words.",
)
def instructions_round_trip(samples: Samples) -> Iterator[str]:
    goals = samples.goals
    for task in samples.domain.tasks():
        if task.mission:
            yield from _understood(samples, task.id, task.mission)
    for goal in (*goals.values(), *_simple_goals(samples)):
        yield from _round_trip(samples, goal)
    yield from _shared_words(samples)
    yield from _spoken_steps(samples)


def _understood(samples: Samples, task: str, mission: str) -> Iterator[str]:
    try:
        samples.domain.goal(mission)
    except Exception as error:
        yield f"{task}: its example {mission!r} is not understood: {tell(error)}"


def _simple_goals(samples: Samples) -> Iterator[Goal]:
    """Of each phrase, what its first saying asks for of the most general things."""
    rules = samples.domain.translator.rules
    for phrase in rules.phrases:
        types = {part.name: part.type for part in phrase.sayings[0] if isinstance(part, Slot)}
        if set(types) == set(phrase.variables) and all(kind in rules.noun_of for kind in types.values()):
            things = tuple(Description(types[name]) for name in phrase.variables)
            yield Goal(((Wanted(phrase.predicate, things),),))


def _round_trip(samples: Samples, goal: Goal) -> Iterator[str]:
    try:
        said = samples.domain.translator.say(goal)
    except Exception as error:
        yield f"the goal {goal} cannot be said: {tell(error)}"
        return
    try:
        back = samples.domain.goal(said)
    except Exception as error:
        yield f"the goal {goal} is said {said!r}, which is not understood: {tell(error)}"
        return
    if back != goal:
        yield f"the goal {goal} is said {said!r}, which asks for {back}"


def _shared_words(samples: Samples) -> Iterator[str]:
    for one, other in combinations(samples.domain.translator.rules.templates, 2):
        if _alike(samples.model, one, other):
            yield f"the operators {one.operator} and {other.operator} share their words"


def _alike(model: PlanningDomain, one: Template, other: Template) -> bool:
    """Whether both could say the same: equal words around things of types that overlap."""
    if len(one.pattern) != len(other.pattern):
        return False
    for left, right in zip(one.pattern, other.pattern, strict=True):
        if isinstance(left, Slot) and isinstance(right, Slot):
            types = _type(model, one, left), _type(model, other, right)
            if types[0] not in model.ancestors(types[1]) and types[1] not in model.ancestors(types[0]):
                return False
        elif left != right:
            return False
    return True


def _type(model: PlanningDomain, template: Template, slot: Slot) -> str:
    parameters = model.action(template.operator).parameters
    return parameters[template.parameters.index(f"?{slot.name}")].type


def _spoken_steps(samples: Samples) -> Iterator[str]:
    """Steps of plans, in words."""
    operators: dict[str, str] = {}
    for key, plan in samples.plans.items():
        moment = samples.moments[key]
        for step in plan.steps:
            text = samples.domain.translator.instruct(step, moment.problem.init).text
            if not text.strip():
                yield f"{moment.place}: {step} is said without a word"
            elif operators.setdefault(text, step.name) != step.name:
                yield f"{moment.place}: {step} is said {text!r}, as {operators[text]} is"
