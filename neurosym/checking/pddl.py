"""A domain's PDDL files, looked through for every mistake at once."""

from __future__ import annotations

from pathlib import Path

from neurosym.checking.codes import Severity
from neurosym.checking.declared import Action, Declaration, Declared
from neurosym.checking.finding import Finding, Sheet, did_you_mean
from neurosym.checking.lint import Lint
from neurosym.errors import PddlError, PlanTextError
from neurosym.planning import parse_plan, validate
from neurosym.planning.pddl import parse_domain, parse_problem
from neurosym.planning.reader import TOTAL_COST, contents
from neurosym.planning.sexpr import Branch, Node, Word
from neurosym.symbols import PlanningDomain, Problem

__all__ = ["check_pddl", "has_errors"]

_SECTIONS = (":requirements", ":types", ":constants", ":predicates", ":functions", ":action")
_PROBLEM_SECTIONS = (":domain", ":requirements", ":objects", ":init", ":goal", ":metric")
_PARTS = (":parameters", ":precondition", ":effect")


def has_errors(findings: list[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def check_pddl(sheet: Sheet, problems: list[Sheet]) -> tuple[Declared, list[Finding]]:
    """What `domain.pddl` and the problem files declare, and everything that is wrong with them.

    Where nothing is found, the real reader must accept the file too; what it complains about is reported.
    """
    known = Declared()
    lint = DomainLint(sheet, known)
    lint.look()
    model = None if has_errors(lint.findings) else _read_domain(sheet, lint.findings)
    findings = lint.findings
    for problem in problems:
        findings += _check_problem(problem, known, model)
    return known, findings


def _read_domain(sheet: Sheet, findings: list[Finding]) -> PlanningDomain | None:
    try:
        return parse_domain(sheet.text, path=sheet.path, reader="direct")
    except PddlError as error:
        findings.append(sheet.find_at("pddl-refused", error.line or 1, error.column or 1, error.message))
        return None


def _check_problem(sheet: Sheet, known: Declared, model: PlanningDomain | None) -> list[Finding]:
    lint = ProblemLint(sheet, known)
    lint.look()
    findings = lint.findings
    if model is None or has_errors(findings):
        return findings
    try:
        problem = parse_problem(sheet.text, model, path=sheet.path, reader="direct")
    except PddlError as error:
        return [*findings, sheet.find_at("pddl-refused", error.line or 1, error.column or 1, error.message)]
    return [
        *findings,
        *_check_plan(sheet.path.with_suffix(".plan"), problem, valid=True),
        *_check_plan(sheet.path.with_name(f"{sheet.path.stem}_invalid.plan"), problem, valid=False),
    ]


def _check_plan(path: Path, problem: Problem, valid: bool) -> list[Finding]:
    """A plan must work, and one that is there to be wrong must not."""
    if not path.is_file():
        return []
    sheet = Sheet(path, path.read_text(encoding="utf-8", errors="replace"))
    steps = [n for n, line in enumerate(sheet.text.splitlines(), 1) if line.split(";")[0].strip()] or [1]
    try:
        plan = parse_plan(sheet.text, problem, path=path)
    except PlanTextError as error:
        line = next((n for n in steps if f":{n}: " in str(error)), steps[0])
        message = str(error).removeprefix(f"{path}:{line}: ")
        return [sheet.find_at("plan-unreadable", line, 1, message)]
    verdict = validate(problem, plan)
    if valid and not verdict:
        step = steps[min(verdict.step or 0, len(steps) - 1)]
        return [sheet.find_at("plan-invalid", step, 1, verdict.reason)]
    if not valid and verdict:
        return [sheet.find_at("plan-not-invalid", steps[0], 1, "this plan works, and is there to be refused")]
    return []


class DomainLint(Lint):
    """Looks through a domain."""

    def look(self) -> None:
        sections = self.sections("domain")
        self.known.name = self.name
        found = self.once((section for section in sections if section.head != ":action"), _SECTIONS)
        self._look_at_types(found.get(":types"))
        for entry in self.typed_list(contents(found.get(":constants")), "a constant"):
            self.known.objects[entry.name] = entry.type
        self.known.kinds |= {kind for kind in self.known.objects.values() if kind}
        self._look_at_signatures(contents(found.get(":predicates")), "predicate", self.known.predicates)
        functions = [
            node
            for node in contents(found.get(":functions"))
            if not (isinstance(node, Word) and node.text in ("-", "number"))
        ]
        self._look_at_signatures(functions, "function", self.known.functions)
        for section in sections:
            if section.head == ":action":
                self._look_at_action(section)

    def _look_at_types(self, section: Branch | None) -> None:
        entries = self.typed_list(contents(section), "a type", check_types=False)
        self.known.types.update({e.name: e.type or "object" for e in entries if e.name != "object"})
        words = [node for node in contents(section) if isinstance(node, Word) and node.text != "-"]
        for word in words:
            if word.text != "object" and word.text not in self.known.types:
                hint = did_you_mean(word.text, [*self.known.types, "object"])
                self.report("pddl-undeclared-type", word, f"the type {word.text} is not declared", hint)
        for entry in entries:
            parents = list(self.known.ancestors(self.known.types.get(entry.name, "object")))
            if entry.name in parents and entry.name != "object":
                self.report("pddl-type-circle", entry.node, f"the type {entry.name} is its own ancestor")

    def _look_at_signatures(
        self, nodes: tuple[Node, ...] | list[Node], kind: str, found: dict[str, Declaration]
    ) -> None:
        for node in nodes:
            if not isinstance(node, Branch) or not node.head:
                self.report("pddl-syntax", node, f"expected a {kind}, such as ({kind} ?x - type)")
                continue
            parameters = tuple(self.typed_list(node.items[1:], "a variable"))
            if node.head in found:
                line = self.sheet.line_of(found[node.head].node.offset)
                self.report("pddl-duplicate-name", node, f"{node.head} is declared twice: see line {line}")
            else:
                found[node.head] = Declaration(node.head, parameters, node)

    def _look_at_action(self, section: Branch) -> None:
        name = section.items[1] if len(section.items) > 1 else None
        if not isinstance(name, Word) or name.text.startswith(":"):
            self.report("pddl-syntax", section, "expected (:action NAME ...)")
            return
        action = Action(name.text, name)
        if name.text in self.known.actions:
            line = self.sheet.line_of(self.known.actions[name.text].node.offset)
            self.report("pddl-duplicate-name", name, f"a second action {name.text}: see line {line}")
        else:
            self.known.actions[name.text] = action
        parts = self._parts(section, action)
        listed = parts.get(":parameters")
        if isinstance(listed, Branch):
            action.parameters = self.typed_list(listed.items, "a variable")
        scope = {entry.name: entry.type for entry in action.parameters}
        if ":precondition" in parts:
            action.condition = self.mentions(parts[":precondition"], scope)
        if ":effect" in parts:
            self._look_at_effect(parts[":effect"], action, scope)

    def _look_at_effect(self, node: Node, action: Action, scope: dict[str, str | None]) -> None:
        self.numbers = set()
        action.effect = self.mentions(node, scope)
        action.uses = self.numbers

    def _parts(self, section: Branch, action: Action) -> dict[str, Node]:
        parts: dict[str, Node] = {}
        keyword: Word | None = None
        for node in section.items[2:]:
            if keyword is not None:
                parts[keyword.text], keyword = node, None
            elif isinstance(node, Word) and node.text in _PARTS and node.text not in parts:
                keyword = node
                action.keywords[node.text] = node
            elif isinstance(node, Word):
                again = "a second" if node.text in parts else "unexpected"
                hint = did_you_mean(node.text, [part for part in _PARTS if part not in parts])
                self.report("pddl-syntax", node, f"{again} {node.text} in the action {action.name}", hint)
            elif not any(finding.code == "pddl-parenthesis" for finding in self.findings):
                self.report("pddl-syntax", node, f"expected one of {' '.join(_PARTS)}, found a list")
        if keyword is not None:
            self.report("pddl-syntax", keyword, f"expected a list after {keyword.text}")
        return parts


class ProblemLint(Lint):
    """Looks through a problem file; what it declares goes to the domain's."""

    def look(self) -> None:
        found = self.once(self.sections("problem"), _PROBLEM_SECTIONS)
        self.known.problems += 1
        self._look_at_domain(found.get(":domain"))
        constants = dict(self.known.objects)
        for entry in self.typed_list(contents(found.get(":objects")), "an object"):
            if entry.name in constants:
                self.report("pddl-duplicate-name", entry.node, f"{entry.name} is a constant of the domain")
            self.known.objects[entry.name] = entry.type
        for node in contents(found.get(":init")):
            self._look_at_fact(node)
        for node in contents(found.get(":goal")):
            self.known.wanted += self.mentions(node, {})
        self.known.kinds |= {kind for kind in self.known.objects.values() if kind}
        self.known.objects = constants

    def _look_at_domain(self, section: Branch | None) -> None:
        words = [node for node in contents(section) if isinstance(node, Word)]
        if section is not None and words and self.known.name and words[0].text != self.known.name:
            message = f"this problem is for the domain {words[0].text}, not {self.known.name}"
            self.report("pddl-wrong-domain", words[0], message, f"write {self.known.name}")

    def _look_at_fact(self, node: Node) -> None:
        if not isinstance(node, Branch):
            self.report("pddl-syntax", node, "expected an atom such as (predicate name)")
        elif node.head == "not":
            self.report("pddl-syntax", node, "what is not listed is false", "take it away")
        elif node.head == "=":
            if len(node.items) > 1 and isinstance(node.items[1], Branch) and node.items[1].head != TOTAL_COST:
                self.term(node.items[1], {})
        else:
            self.known.facts += self.atom(node, {})
