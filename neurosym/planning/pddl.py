"""PDDL files to symbols and back.

Text is first read by a reader of our own, which finds mistakes and names their place, and then through
unified-planning's `PDDLReader`, whose reading is what is returned. `reader="direct"` stops after the first
step: it gives the same symbols (the tests hold the two together) without the second and a half that
importing unified-planning's model takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal as Choice
from typing import TypeAlias

from neurosym.errors import PddlError, PlanningError
from neurosym.planning.domain_reader import read_domain_tree
from neurosym.planning.problem_reader import read_problem_tree
from neurosym.planning.reader import NAME, TOTAL_COST
from neurosym.planning.sexpr import Source
from neurosym.symbols import ActionSchema, Condition, Literal, PlanningDomain, Problem, Signature, TypedName

__all__ = [
    "Reader",
    "parse_domain",
    "parse_problem",
    "read_domain",
    "read_problem",
    "write_domain",
    "write_problem",
]

Reader: TypeAlias = Choice["unified-planning", "direct"]


def read_domain(path: Path | str, *, reader: Reader = "unified-planning") -> PlanningDomain:
    """The domain in a PDDL file.

    Raises:
        PddlError: the file cannot be read, is broken, or uses what is not supported.
    """
    return parse_domain(_text(path), path=path, reader=reader)


def read_problem(path: Path | str, domain: PlanningDomain, *, reader: Reader = "unified-planning") -> Problem:
    """The problem for `domain` in a PDDL file.

    Raises:
        PddlError: the file cannot be read, is broken, or uses what is not supported.
    """
    return parse_problem(_text(path), domain, path=path, reader=reader)


@lru_cache(maxsize=64)
def parse_domain(
    text: str, *, path: Path | str | None = None, reader: Reader = "unified-planning"
) -> PlanningDomain:
    """The domain that `text` holds; the same text gives the same object. `path` is for messages only.

    Raises:
        PddlError: the text is broken, or uses what is not supported.
    """
    source = Source(text, path)
    domain = read_domain_tree(source)
    if reader == "direct":
        return domain
    from neurosym.planning.interop import domain_through_unified_planning

    return domain_through_unified_planning(source)


def parse_problem(
    text: str, domain: PlanningDomain, *, path: Path | str | None = None, reader: Reader = "unified-planning"
) -> Problem:
    """The problem for `domain` that `text` holds. `path` is for messages only.

    Raises:
        PddlError: the text is broken, or uses what is not supported.
    """
    source = Source(text, path)
    problem = read_problem_tree(source, domain)
    if reader == "direct":
        return problem
    from neurosym.planning.interop import problem_through_unified_planning

    return problem_through_unified_planning(source, domain, write_domain(domain))


def _text(path: Path | str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PddlError(f"cannot be read: {error}", path=path) from error


def write_domain(domain: PlanningDomain) -> str:
    """The domain as PDDL; reading it gives an equal domain.

    Raises:
        PlanningError: a name cannot be written in PDDL.
    """
    costed = any(action.cost != 1.0 for action in domain.actions)
    requirements = ":strips :typing :negative-preconditions :equality :disjunctive-preconditions"
    functions = [f"{_call(function)} - number" for function in domain.functions]
    if costed:
        functions.insert(0, f"({TOTAL_COST}) - number")
    lines = [
        f"(define (domain {_name(domain.name)})",
        f"  (:requirements {requirements}{' :action-costs' if costed else ''})",
        *_section(":types", _typed(domain.types)),
        *_section(":constants", _typed(domain.constants)),
        *_section(":predicates", [_call(predicate) for predicate in domain.predicates]),
        *_section(":functions", functions),
        *(line for action in domain.actions for line in _action(action, costed)),
    ]
    return "\n".join(lines) + ")\n"


def write_problem(problem: Problem) -> str:
    """The problem as PDDL; reading it gives an equal problem.

    Raises:
        PlanningError: a name cannot be written in PDDL.
    """
    costed = any(action.cost != 1.0 for action in problem.domain.actions)
    values = [f"(= {term} {_number(value)})" for term, value in problem.costs]
    lines = [
        f"(define (problem {_name(problem.name)})",
        f"  (:domain {_name(problem.domain.name)})",
        *_section(":objects", _typed(problem.objects)),
        *(_section(":init", [*map(str, sorted(problem.init)), *values]) or ["  (:init)"]),
        f"  (:goal {_condition(problem.goal)})",
        *([f"  (:metric minimize ({TOTAL_COST}))"] if costed else []),
    ]
    return "\n".join(lines) + ")\n"


def _section(keyword: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    return [f"  ({keyword}", *(f"    {item}" for item in items[:-1]), f"    {items[-1]})"]


def _typed(items: Iterable[TypedName]) -> list[str]:
    return [f"{_name(item.name)} - {_name(item.type)}" for item in items]


def _parameters(items: Iterable[TypedName]) -> str:
    return " ".join(f"{_variable(item.name)} - {_name(item.type)}" for item in items)


def _call(signature: Signature) -> str:
    return f"({' '.join([_name(signature.name), _parameters(signature.parameters)]).strip()})"


def _action(action: ActionSchema, costed: bool) -> list[str]:
    effects = [str(atom) for atom in action.add] + [f"(not {atom})" for atom in action.delete]
    if costed:
        amount = _number(action.cost) if isinstance(action.cost, int | float) else str(action.cost)
        effects.append(f"(increase ({TOTAL_COST}) {amount})")
    return [
        f"  (:action {_name(action.name)}",
        f"    :parameters ({_parameters(action.parameters)})",
        f"    :precondition {_conjunction(action.precondition)}",
        f"    :effect (and {' '.join(effects)}))" if effects else "    :effect (and))",
    ]


def _condition(condition: Condition) -> str:
    if len(condition.alternatives) == 1:
        return _conjunction(sorted(condition.alternatives[0]))
    return f"(or {' '.join(_conjunction(sorted(part)) for part in condition.alternatives)})"


def _conjunction(literals: Iterable[Literal]) -> str:
    return f"({' '.join(['and', *map(str, literals)])})"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise PlanningError(
            f"the name {name!r} cannot be written in PDDL: it must be a lower-case letter, then a-z 0-9 _ -"
        )
    return name


def _variable(name: str) -> str:
    return f"?{_name(name.removeprefix('?'))}"
