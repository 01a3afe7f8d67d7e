"""Plans as text in the IPC form: one `(action a b)` per line, and `; cost = N` at the end.

Source of the form: the plan files of the International Planning Competition, as VAL and Fast Downward read
and write them.
"""

from __future__ import annotations

from pathlib import Path

from neurosym.errors import PlanTextError, UnknownNameError
from neurosym.symbols import Operator, Plan, Problem

__all__ = ["format_plan", "parse_plan", "read_plan"]


def format_plan(plan: Plan) -> str:
    """The plan's steps, one a line, and its cost as a comment; ends with a newline."""
    lines = [str(step) for step in plan.steps]
    return "\n".join([*lines, f"; cost = {plan.cost:.12g}"]) + "\n"


def read_plan(path: Path | str, problem: Problem) -> Plan:
    """`parse_plan` on a file.

    Raises:
        PlanTextError: the file cannot be read, or is not a plan for this problem.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanTextError(f"cannot read the plan {path}: {error}") from error
    return parse_plan(text, problem, path=path)


def parse_plan(text: str, problem: Problem, *, path: Path | str | None = None) -> Plan:
    """Read a plan. Everything after `;` is a comment; an empty text is the empty plan.

    Whether the steps can be applied is not looked at: that is `validate`'s work.

    Raises:
        PlanTextError: a line is not `(action a b)`, or names an action or object the problem does not have.
    """
    reader = _Reader(problem, path)
    return Plan(
        tuple(step for number, line in enumerate(text.splitlines(), 1) for step in reader.steps(number, line))
    )


class _Reader:
    def __init__(self, problem: Problem, path: Path | str | None) -> None:
        self._domain, self._path, self._costs = problem.domain, path or "<plan>", dict(problem.costs)
        self._types = {item.name: item.type for item in (*problem.domain.constants, *problem.objects)}

    def steps(self, number: int, line: str) -> list[Operator]:
        content = line.split(";", 1)[0].strip().lower()
        if not content:
            return []
        if not (content.startswith("(") and content.endswith(")") and len(content.split("(")) == 2):
            raise self._error(number, line, "expected one step, written (action argument ...)")
        words = content[1:-1].split()
        if not words or ")" in content[:-1]:
            raise self._error(number, line, "expected one step, written (action argument ...)")
        return [self._operator(number, line, words[0], tuple(words[1:]))]

    def _operator(self, number: int, line: str, name: str, args: tuple[str, ...]) -> Operator:
        schemas = {action.name: action for action in self._domain.actions}
        if name not in schemas:
            raise self._error(number, line, str(UnknownNameError("action", name, schemas)))
        for arg in args:
            if arg not in self._types:
                raise self._error(number, line, str(UnknownNameError("object", arg, self._types)))
        parameters = schemas[name].parameters
        if len(parameters) != len(args):
            raise self._error(number, line, f"{name} takes {len(parameters)} arguments, got {len(args)}")
        for parameter, arg in zip(parameters, args, strict=True):
            if parameter.type not in self._domain.ancestors(self._types[arg]):
                complaint = f"{arg} is a {self._types[arg]}, and {parameter.name} must be a {parameter.type}"
                raise self._error(number, line, complaint)
        try:
            return schemas[name].bind(args, self._costs)
        except KeyError as error:
            raise self._error(number, line, f"the problem gives no value for {error.args[0]}") from error

    def _error(self, number: int, line: str, message: str) -> PlanTextError:
        return PlanTextError(f"{self._path}:{number}: {message}: {line.strip()}")
