"""The law that what is perceived, planned and told fits the model."""

from __future__ import annotations

from collections.abc import Iterator

from neurosym.testing.atoms import misfit_of_model, misfits, never_true
from neurosym.testing.initiation import untold_operators
from neurosym.testing.law import Missing, law
from neurosym.testing.samples import BINDINGS, Samples

__all__ = ["bindings_cover"]


@law(
    BINDINGS,
    "every atom that is believed, wanted or priced is of the model, over objects that are there and of the right type; "
    "every predicate that a precondition reads is made true by an operator or by perception, somewhere; "
    "every operator that is planned or applicable has an aim, somewhere; the actions are the environment's.",
)
def bindings_cover(samples: Samples) -> Iterator[str]:
    yield from _actions(samples)
    signatures = {signature.name: signature for signature in samples.model.predicates}
    for moment in samples.moments.values():
        if complaint := next(misfits(moment.problem), ""):
            yield f"{moment.place}: {complaint}"
    for t, belief in samples.replay():
        for n, course in enumerate(samples.courses):
            for atom in sorted(belief.state(n)):
                if complaint := misfit_of_model(atom, signatures):
                    yield f"{course.place(t)}: {complaint}"
    for predicate in _never_true_anywhere(samples):
        yield f"the predicate {predicate} is read in a precondition, and no operator and no perception makes it true"
    for step, place in untold_operators(samples).items():
        yield f"the operator {step} has no aim in any sampled state, {place} among them"


def _never_true_anywhere(samples: Samples) -> list[str]:
    """The predicates that are read and never true; those that the samples do not show are looked for in other tasks."""
    predicates = never_true(samples.model, (moment.problem for moment in samples.moments.values()))
    others = (task.id for task in samples.domain.tasks() if task.available and task.id not in samples.tasks)
    for task in others:
        if not predicates:
            break
        more = Samples(samples.domain, (task,), samples.seeds[:1], samples.steps)
        try:
            shown = never_true(samples.model, (moment.problem for moment in more.moments.values()))
        except Missing:  # of a task that was not asked for
            continue
        predicates = [predicate for predicate in predicates if predicate in shown]
    return predicates


def _actions(samples: Samples) -> Iterator[str]:
    domain = samples.domain
    count = domain.feature_spec.actions
    if len(domain.action_names) != count:
        yield f"{len(domain.action_names)} actions have names, and feature_spec has {count}"
    if foreign := [action for action in domain.idle_actions if not 0 <= action < count]:
        yield f"the idle action {foreign[0]} is none of the {count} actions"
    for task in samples.tasks:
        env = domain.make_env(task)
        offered = getattr(env.action_space, "n", None)
        env.close()
        if offered != count:
            yield f"{task}: the environment has {offered} actions, and feature_spec has {count}"
