"""Every code that a check may give, with what it means, why it matters and how to mend it. They do not change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["CODES", "Code", "Severity", "reference"]


class Severity(Enum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding."""

    name: str
    severity: Severity
    means: str
    why: str
    mend: str


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_PDDL = (
    Code(
        "pddl-parenthesis",
        _ERROR,
        "A parenthesis is missing, or there is one too many.",
        "What follows is read as part of something else, or not at all.",
        "Write or take away the parenthesis at the place shown.",
    ),
    Code(
        "pddl-syntax",
        _ERROR,
        "Something stands where PDDL has no place for it.",
        "The reader does not know what is meant.",
        "Compare the line with a domain that works.",
    ),
    Code(
        "pddl-refused",
        _ERROR,
        "The planner's reader does not accept the file.",
        "Nothing can be planned with it. Mostly it uses a part of PDDL that is not supported.",
        "Say it with typed STRIPS, negative preconditions and action costs.",
    ),
    Code(
        "pddl-duplicate-name",
        _ERROR,
        "A type, object, predicate, function, action, variable or section is there twice.",
        "Only one of the two can be meant.",
        "Rename one of the two, or take it away.",
    ),
    Code(
        "pddl-undeclared-type",
        _ERROR,
        "A type is used that `:types` does not list.",
        "Nothing can be of that type.",
        "Add it to `:types`, or correct the name.",
    ),
    Code(
        "pddl-undeclared-predicate",
        _ERROR,
        "A predicate is used that `:predicates` does not list.",
        "It would never hold, and no effect on it would be noticed.",
        "Add it to `:predicates`, or correct the name.",
    ),
    Code(
        "pddl-undeclared-function",
        _ERROR,
        "A cost speaks of a function that `:functions` does not list.",
        "The cost would have no value.",
        "Add it to `:functions`, or correct the name.",
    ),
    Code(
        "pddl-undeclared-variable",
        _ERROR,
        "A variable is used that is no parameter.",
        "It stands for nothing.",
        "Add it to `:parameters`, or correct the name.",
    ),
    Code(
        "pddl-undeclared-object",
        _ERROR,
        "An object is named that is neither a constant nor an object of the problem.",
        "There is no such thing.",
        "Declare it in `:constants` or `:objects`, or write a variable with `?`.",
    ),
    Code(
        "pddl-wrong-arity",
        _ERROR,
        "A predicate or function has too many or too few arguments.",
        "It is another predicate than the one declared.",
        "Give it the arguments of its declaration.",
    ),
    Code(
        "pddl-wrong-type",
        _ERROR,
        "An argument is of another type than the declaration asks for.",
        "Such an atom can never hold.",
        "Swap the arguments, or widen the declared type.",
    ),
    Code(
        "pddl-type-circle",
        _ERROR,
        "A type is its own ancestor.",
        "It has no place in the tree of types.",
        "Give it another parent.",
    ),
    Code(
        "pddl-wrong-domain",
        _ERROR,
        "A problem file names another domain.",
        "It was written for other rules.",
        "Write this domain's name, or move the file.",
    ),
    Code(
        "pddl-unused-predicate",
        _WARNING,
        "A predicate that nothing reads and no action changes.",
        "It makes states larger and says nothing; often it was meant to be part of a precondition.",
        "Use it or take it away.",
    ),
    Code(
        "pddl-never-true",
        _WARNING,
        "A predicate that preconditions ask for, that no action adds and that neither a problem file nor the "
        "perception makes true.",
        "What asks for it can never be done.",
        "Let an action add it, let the perception say it, or do not ask for it.",
    ),
    Code(
        "pddl-never-reached",
        _WARNING,
        "A predicate that missions ask for and that no action adds.",
        "Such a mission has no plan.",
        "Let an action add it.",
    ),
    Code(
        "pddl-never-applies",
        _WARNING,
        "An action that can never be applied: its preconditions contradict each other, ask for what is never true, "
        "or a parameter has a type that nothing has.",
        "Plans that need it do not exist.",
        "Correct the precondition or the type.",
    ),
    Code(
        "pddl-unread-effect",
        _WARNING,
        "An effect on a predicate that no precondition, phrase or goal reads.",
        "It changes nothing that a plan depends on.",
        "Read it somewhere, or take the effect away.",
    ),
    Code(
        "pddl-unused-parameter",
        _WARNING,
        "A parameter that the action does not speak of.",
        "The action is tried once for each thing it could stand for, which makes planning slow for nothing.",
        "Take it away, or say what it is for.",
    ),
)
_PLANS = (
    Code(
        "plan-unreadable",
        _ERROR,
        "A plan file does not name steps of this domain and objects of its problem.",
        "It shows nothing.",
        "Write one step a line: `(action object …)`.",
    ),
    Code(
        "plan-invalid",
        _ERROR,
        "The plan beside a problem does not solve it.",
        "Either the plan or the model is not what was meant.",
        "Follow the plan by hand up to the step shown.",
    ),
    Code(
        "plan-not-invalid",
        _ERROR,
        "The plan that is there to be wrong works.",
        "The model permits what it was to forbid.",
        "Add the precondition that forbids it.",
    ),
    Code(
        "plan-none",
        _ERROR,
        "A drafted problem for which no plan is found, or which needs none.",
        "There is nothing to do in such a world, or no way to do it.",
        "Follow by hand what has to happen, and see which precondition is never met.",
    ),
)
_WORDS = (
    Code(
        "words-unreadable",
        _ERROR,
        "`missions.toml` is not a TOML file.",
        "No mission can be understood.",
        "Correct the place shown.",
    ),
    Code(
        "words-syntax",
        _ERROR,
        "An entry of `missions.toml` has no meaning.",
        "The words cannot be used.",
        "Write it as docs/language.md shows.",
    ),
    Code(
        "words-unknown-type",
        _ERROR,
        "A noun or a slot for a type that the model does not have.",
        "What is spoken of cannot exist.",
        "Correct the name, or add the type to `:types`.",
    ),
    Code(
        "words-unknown-predicate",
        _ERROR,
        "A phrase means a predicate that the model does not have.",
        "The mission is understood and can never be planned for.",
        "Correct the name, or add the predicate to `:predicates`.",
    ),
    Code(
        "words-wrong-arguments",
        _ERROR,
        "A phrase gives its predicate too many or too few arguments, or some of the wrong type.",
        "The goal it means can never hold.",
        "Let the slots follow the predicate's declaration.",
    ),
    Code(
        "words-missing-template",
        _ERROR,
        "An operator that `[operators]` has no words for.",
        "A step that cannot be said is a step that cannot be done.",
        'Add `"operator ?parameter …" = "words {parameter}"`.',
    ),
    Code(
        "words-unknown-operator",
        _ERROR,
        "A template for an operator that the model does not have.",
        "The operator that is meant stays without words.",
        "Correct the name, or take the template away.",
    ),
    Code(
        "words-wrong-parameters",
        _ERROR,
        "A template with more or fewer parameters than its operator, or with a slot that is none of them.",
        "The words would speak of the wrong things.",
        "List the operator's parameters in their order, and use these in the words.",
    ),
    Code(
        "words-ambiguous-template",
        _WARNING,
        "Two operators would be said with the same words.",
        "A controller that is told so cannot know which one is meant, nor can a person.",
        "Word one of them differently.",
    ),
    Code(
        "words-ambiguous-phrase",
        _WARNING,
        "Two phrases with different meanings have the same words.",
        "The first is always taken; the other can never be asked for.",
        "Word one of them differently, or give its slot a more special type.",
    ),
    Code(
        "words-two-readings",
        _ERROR,
        "A mission could be read in two ways.",
        "No mission can be understood until that is settled.",
        "Take one of the two ways to say it away.",
    ),
)
_BINDINGS = (
    Code(
        "domain-missing-file",
        _ERROR,
        "A file that every domain has is not there.",
        "The domain cannot be used.",
        "Write it; the documentation on domains says what it holds.",
    ),
    Code(
        "domain-import",
        _ERROR,
        "`domain.py`, or what it imports, cannot be imported.",
        "There is no world to perceive or to act in.",
        "Correct the line shown.",
    ),
    Code(
        "domain-failed",
        _ERROR,
        "The domain's own Python raised an error.",
        "Playing would end in the same way.",
        "Correct the line shown.",
    ),
    Code(
        "domain-weights",
        _WARNING,
        "The weights that come with the domain cannot be used.",
        "The check plays with another controller, and so would everyone.",
        "Train again, or take the weights away.",
    ),
    Code(
        "binding-observation",
        _ERROR,
        "`Domain.stack` gives no dictionary with a text `mission` for each environment.",
        "Without a mission there is nothing to plan for.",
        "Let the environment return a `mission`, or let `stack` add one.",
    ),
    Code(
        "binding-actions",
        _ERROR,
        "The numbers of actions do not agree: the environment's, `feature_spec`'s and `action_names`'.",
        "A controller would choose actions that do not exist, or never some that do.",
        "Make the three agree.",
    ),
    Code(
        "binding-features",
        _ERROR,
        "The features do not fit the `feature_spec`: their type, their width, or the rows that they name.",
        "A network cannot be made for them.",
        "Correct `feature_spec` or `features`.",
    ),
    Code(
        "binding-unknown-predicate",
        _ERROR,
        "The perception says an atom whose predicate the model does not have.",
        "What it says is never read.",
        "Correct the name, or add the predicate to `:predicates`.",
    ),
    Code(
        "binding-wrong-arity",
        _ERROR,
        "The perception says an atom with too many or too few arguments.",
        "It matches no precondition.",
        "Give it the arguments of the declaration in `domain.pddl`.",
    ),
    Code(
        "binding-unknown-object",
        _ERROR,
        "The perception says an atom about something that is not among the problem's objects.",
        "The planner knows no such thing.",
        "Add it to the problem's `objects`, or say nothing of it.",
    ),
    Code(
        "binding-wrong-type",
        _ERROR,
        "The perception says an atom about something of another type than the declaration asks for.",
        "It matches no precondition.",
        "Correct the object's type, or the order of the arguments.",
    ),
    Code(
        "binding-never-true",
        _WARNING,
        "A predicate that preconditions or goals read and that the perception never made true: not when the episodes "
        "began, and not when options that add it had been achieved.",
        "Plans go by what is believed; what is never believed is never done, or is done for ever.",
        "Let the belief's `state` or `problem` say it.",
    ),
    Code(
        "binding-not-seen",
        _NOTE,
        "A predicate that preconditions ask for and that was not seen to be true in what was played, though the "
        "domain's Python knows its name.",
        "It may be rare, or its condition may never be met.",
        "Play more episodes, or a task where it should come up: `--episodes`, `--task`.",
    ),
    Code(
        "binding-mission",
        _ERROR,
        "A mission of one of the tasks is not understood.",
        "The agent does not know what it is to do, and idles.",
        "Add a phrase or a noun to `missions.toml`.",
    ),
    Code(
        "binding-goal",
        _ERROR,
        "A mission is understood, but its goal does not come down to atoms about objects of the problem.",
        "No plan can reach it.",
        "Let the belief's `problem` choose objects for what is wanted, assumed ones if nothing was seen.",
    ),
    Code(
        "binding-no-aim",
        _ERROR,
        "`Belief.aim` gives None for the first step of a plan.",
        "The step cannot be told to a controller, so the agent gives up.",
        "Say in `aim` what this operator is about.",
    ),
    Code(
        "binding-no-plan",
        _ERROR,
        "No task has a plan at the beginning of an episode.",
        "The agent cannot do anything.",
        "Look at one task with `neurosym plan`; mostly a predicate is missing from the initial state.",
    ),
)
_AGREEMENT = (
    Code(
        "agreement-missing",
        _WARNING,
        "An effect that the model predicts and that was never believed after the option was achieved.",
        "Later steps that count on it fail, and the agent plans again and again.",
        "Take the effect away, or let the perception say it.",
    ),
    Code(
        "agreement-unreliable",
        _WARNING,
        "An effect that the model predicts and that was believed after some of the options only.",
        "Plans that count on it break.",
        "Find what it depends on and make that a precondition, or split the operator in two.",
    ),
    Code(
        "agreement-unexpected",
        _WARNING,
        "Something that changed nearly every time the option was achieved, and that the model does not predict.",
        "Plans go on with a state that is not the world's.",
        "Add the effect to the operator.",
    ),
    Code(
        "agreement-not-achieved",
        _WARNING,
        "An operator that the model says is applicable, and that was to no avail most of the time.",
        "Either the world asks for more than the precondition says, or the controller cannot do it.",
        "Compare the states shown with those in which it works, and add the precondition.",
    ),
)

_PARTS = {
    "PDDL": _PDDL,
    "Plans": _PLANS,
    "Words": _WORDS,
    "Python and bindings": _BINDINGS,
    "Agreement with the world": _AGREEMENT,
}
CODES: dict[str, Code] = {code.name: code for codes in _PARTS.values() for code in codes}
"""By name, in the order in which they are explained."""


def reference() -> str:
    """The codes as the Markdown that docs/checking.md holds."""
    lines: list[str] = []
    for part, codes in _PARTS.items():
        lines += [f"### {part}", ""]
        for code in codes:
            lines += [f"`{code.name}` ({code.severity.value})"]
            lines += [f": {code.means} *Why:* {code.why} *Mend:* {code.mend}", ""]
    return "\n".join(lines)
