"""PDDL problems into symbols."""

from __future__ import annotations

from typing import NamedTuple

from neurosym.planning.reader import TOTAL_COST, Names, TreeReader, contents, word_text
from neurosym.planning.sexpr import Branch, Source, Word, parse_tree
from neurosym.symbols import Atom, Condition, PlanningDomain, Problem, State, TypedName

__all__ = ["ProblemReader", "Statement", "read_problem_tree"]


def read_problem_tree(source: Source, domain: PlanningDomain) -> Problem:
    """The problem for `domain` that `source` holds.

    Raises:
        PddlError: the text is broken, names something undeclared, or uses what is not supported.
    """
    return ProblemReader(source, domain).read()


class Statement(NamedTuple):
    """A problem, its goal as written: the list `(:goal CONDITION)`."""

    name: str
    names: Names
    objects: tuple[TypedName, ...]
    init: State
    costs: dict[Atom, float]
    goal: Branch


class ProblemReader(TreeReader):
    """Reads a problem; what it states can be had before its goal is read."""

    _SECTIONS = (":domain", ":requirements", ":objects", ":init", ":goal", ":metric")

    def __init__(self, source: Source, domain: PlanningDomain) -> None:
        super().__init__(source)
        self.domain = domain

    def read(self) -> Problem:
        stated = self.statement()
        goal = self._goal(self.goal_of(stated), stated.names)
        return Problem(
            self.domain, stated.objects, stated.init, goal, tuple(stated.costs.items()), stated.name
        )

    def statement(self) -> Statement:
        """All that the problem says."""
        name, sections = self.sections("problem")
        found = self.once(sections, self._SECTIONS)
        whole = parse_tree(self.source)
        for keyword in (":domain", ":init", ":goal"):
            if keyword not in found:
                raise self.source.error(f"the problem has no ({keyword} ...)", whole)
        self._check_domain(found[":domain"])
        self._check_metric(found.get(":metric"))
        names = Names(self.domain, {constant.name: constant.type for constant in self.domain.constants})
        objects = self.typed_list(contents(found.get(":objects")), "an object", names.types)
        for item in objects:
            if item.name in names.objects:
                raise self.source.error(f"{item.name} is already a constant of the domain", found[":objects"])
            names.objects[item.name] = item.type
        atoms, costs = self._init(found[":init"], names)
        return Statement(name, names, tuple(objects), frozenset(atoms), costs, found[":goal"])

    def goal_of(self, stated: Statement) -> Branch:
        """The condition in `(:goal CONDITION)`."""
        if len(stated.goal.items) != 2:
            raise self.source.error("expected (:goal CONDITION)", stated.goal)
        return self.branch(stated.goal.items[1], "a condition")

    def _check_domain(self, section: Branch) -> None:
        if len(section.items) != 2:
            raise self.source.error("expected (:domain NAME)", section)
        name = self.word(section.items[1], "the domain's name")
        if name != self.domain.name.lower():
            raise self.source.error(
                f"this problem is for the domain {name!r}, not {self.domain.name!r}", section
            )

    def _check_metric(self, section: Branch | None) -> None:
        if section is None:
            return
        nodes = section.items
        good = len(nodes) == 3 and isinstance(nodes[1], Word) and nodes[1].text == "minimize"
        if (
            not good
            or not isinstance(nodes[2], Branch)
            or [str(word_text(n)) for n in nodes[2].items] != [TOTAL_COST]
        ):
            raise self.source.error(
                f"expected (:metric minimize ({TOTAL_COST})): no other is supported", section
            )

    def _init(self, section: Branch, names: Names) -> tuple[list[Atom], dict[Atom, float]]:
        atoms: list[Atom] = []
        costs: dict[Atom, float] = {}
        for node in contents(section):
            branch = self.branch(node, "a ground atom")
            if branch.head != "=":
                if branch.head == "not":
                    raise self.source.error(
                        "(not ...) is not supported here: what is not listed is false", branch
                    )
                self._refuse_timed(branch)
                atoms.append(self.atom(branch, names, {}, equality=False))
                continue
            if len(branch.items) != 3:
                raise self.source.error("expected (= (function ...) NUMBER)", branch)
            term, value = self.branch(branch.items[1], "a function term"), self.number(branch.items[2])
            if term.head != TOTAL_COST:
                costs[self.term(term, names, {})] = value
        return atoms, costs

    def _refuse_timed(self, branch: Branch) -> None:
        when = branch.items[1] if branch.head == "at" and len(branch.items) > 1 else None
        if isinstance(when, Word) and when.text[0].isdigit():
            raise self.source.error("(at TIME ...), a timed initial literal, is not supported", branch)

    def _goal(self, goal: Branch, names: Names) -> Condition:
        parts = goal.items[1:] if goal.head == "or" else (goal,)
        alternatives = []
        for part in parts:
            conjuncts = self.conjuncts(part, "a conjunction")
            alternatives.append(frozenset(self.literal(conjunct, names, {}) for conjunct in conjuncts))
        return Condition(tuple(alternatives))
