"""PDDL trees into symbols, with every complaint pointing at its place in the text.

Supported: typed STRIPS, negative preconditions, equality, constants, action costs, and goals that are a
conjunction or a disjunction of conjunctions. Everything else is refused by its name. Source of the language:
McDermott et al. 1998, "PDDL, the Planning Domain Definition Language", with the types and costs of PDDL 2.1
and 3.1 (Fox and Long 2003; Helmert 2008, "Changes in PDDL 3.1").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from neurosym.errors import PddlError, UnknownNameError
from neurosym.planning.sexpr import Branch, Node, Source, Word, parse_tree
from neurosym.symbols import (
    ActionSchema,
    Atom,
    Condition,
    Literal,
    PlanningDomain,
    Problem,
    Signature,
    TypedName,
)

__all__ = ["NAME", "read_domain_tree", "read_problem_tree"]

NAME = re.compile(r"[a-z][a-z0-9_-]*")
TOTAL_COST = "total-cost"

_REQUIREMENTS = frozenset(
    [
        ":strips",
        ":typing",
        ":negative-preconditions",
        ":disjunctive-preconditions",
        ":equality",
        ":action-costs",
        ":existential-preconditions",
        ":universal-preconditions",
        ":quantified-preconditions",
        ":conditional-effects",
        ":fluents",
        ":numeric-fluents",
        ":adl",
    ]
)
_UNSUPPORTED = frozenset(
    [
        "or",
        "imply",
        "forall",
        "exists",
        "when",
        "preference",
        "oneof",
        "unknown",
        "assign",
        "decrease",
        "scale-up",
        "scale-down",
        "<",
        ">",
        "<=",
        ">=",
        "+",
        "-",
        "*",
        "/",
    ]
)


def read_domain_tree(source: Source) -> PlanningDomain:
    """The domain that `source` holds.

    Raises:
        PddlError: the text is broken, names something undeclared, or uses what is not supported.
    """
    return _DomainReader(source).read()


def read_problem_tree(source: Source, domain: PlanningDomain) -> Problem:
    """The problem for `domain` that `source` holds.

    Raises:
        PddlError: the text is broken, names something undeclared, or uses what is not supported.
    """
    return _ProblemReader(source, domain).read()


@dataclass
class _Names:
    """What has been declared so far."""

    domain: PlanningDomain
    objects: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.types = {"object", *(entry.name for entry in self.domain.types)}
        self.predicates = {entry.name: entry for entry in self.domain.predicates}
        self.functions = {entry.name: entry for entry in self.domain.functions}


class _Reader:
    """What domains and problems are read with."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def sections(self, kind: str) -> tuple[str, list[Branch]]:
        """The name in `(define (kind NAME) ...)` and the lists that follow."""
        tree = parse_tree(self.source)
        if tree.head != "define":
            raise self.source.error("expected (define ...)", tree)
        if len(tree.items) < 2 or not isinstance(tree.items[1], Branch) or tree.items[1].head != kind:
            raise self.source.error(f"expected ({kind} NAME) after define", tree)
        if len(tree.items[1].items) != 2:
            raise self.source.error(f"expected ({kind} NAME)", tree.items[1])
        rest = [self.branch(node, "a section such as (:init ...)") for node in tree.items[2:]]
        for section in rest:
            if not section.head.startswith(":"):
                raise self.source.error("expected a section such as (:init ...)", section)
        return self.name(tree.items[1].items[1], f"the {kind}'s name"), rest

    def once(self, sections: Iterable[Branch], known: Sequence[str]) -> dict[str, Branch]:
        """Sections by their keyword; unknown and repeated ones are refused."""
        found: dict[str, Branch] = {}
        for section in sections:
            if section.head not in known:
                raise self.source.error(
                    f"{section.head} is not supported; expected one of {' '.join(known)}", section
                )
            if section.head in found:
                raise self.source.error(f"a second {section.head}: expected one", section)
            found[section.head] = section
        return found

    def branch(self, node: Node, what: str) -> Branch:
        if isinstance(node, Word):
            raise self.source.error(f"expected {what}, found {node.text!r}", node)
        return node

    def word(self, node: Node, what: str) -> str:
        if isinstance(node, Branch):
            raise self.source.error(f"expected {what}, found a list", node)
        return node.text

    def name(self, node: Node, what: str, prefix: str = "") -> str:
        text = self.word(node, what)
        if not text.startswith(prefix) or not NAME.fullmatch(text, len(prefix)):
            form = "'?' and a letter" if prefix else "a letter"
            raise self.source.error(f"expected {what}, which starts with {form}, found {text!r}", node)
        return text

    def typed_list(
        self, nodes: Sequence[Node], what: str, types: set[str] | None, prefix: str = ""
    ) -> list[TypedName]:
        """`a b - type c` as typed names; `types` None accepts any type name."""
        result: list[TypedName] = []
        pending: list[str] = []
        seen: set[str] = set()
        position = 0
        while position < len(nodes):
            node = nodes[position]
            if isinstance(node, Word) and node.text == "-":
                type_name = self._type_after(nodes, position, pending, types)
                result.extend(TypedName(name, type_name) for name in pending)
                pending, position = [], position + 2
                continue
            name = self.name(node, what, prefix)
            if name in seen:
                raise self.source.error(f"{name} is declared twice", node)
            seen.add(name)
            pending.append(name)
            position += 1
        return result + [TypedName(name) for name in pending]

    def _type_after(
        self, nodes: Sequence[Node], dash: int, pending: list[str], types: set[str] | None
    ) -> str:
        if not pending:
            raise self.source.error("expected a name before '-'", nodes[dash])
        if dash + 1 == len(nodes):
            raise self.source.error("expected a type after '-'", nodes[dash])
        node = nodes[dash + 1]
        if isinstance(node, Branch):
            named = f"({node.head} ...)" if node.head else "a list"
            raise self.source.error(f"{named} as a type is not supported: expected one type name", node)
        name = self.name(node, "a type")
        if types is not None and name not in types:
            raise self.unknown("type", name, types, node)
        return name

    def unknown(self, kind: str, name: str, known: Iterable[str], node: Node) -> PddlError:
        return self.source.error(str(UnknownNameError(kind, name, known)), node)

    def conjuncts(self, node: Node, what: str) -> list[Branch]:
        """The parts of `(and ...)`, nested ones opened; `()` has none."""
        branch = self.branch(node, what)
        if not branch.items:
            return []
        if branch.head == "and":
            return [part for item in branch.items[1:] for part in self.conjuncts(item, what)]
        return [branch]

    def literal(self, branch: Branch, names: _Names, scope: Mapping[str, str]) -> Literal:
        """An atom, an equality, or the negation of one."""
        if branch.head == "not":
            if len(branch.items) != 2:
                raise self.source.error("expected (not (...)) with one part", branch)
            inner = self.branch(branch.items[1], "an atom after not")
            if inner.head in ("and", "not"):
                raise self.source.error(
                    f"({inner.head} ...) inside (not ...) is not supported: expected an atom", inner
                )
            return Literal(self.atom(inner, names, scope), False)
        return Literal(self.atom(branch, names, scope))

    def atom(self, branch: Branch, names: _Names, scope: Mapping[str, str], equality: bool = True) -> Atom:
        """A predicate with declared, rightly typed arguments."""
        if not branch.items:
            raise self.source.error("expected an atom, found ()", branch)
        predicate = self.word(branch.items[0], "a predicate")
        if predicate in _UNSUPPORTED and predicate not in names.predicates:
            raise self.source.error(
                f"({predicate} ...) is not supported here: expected atoms and (not ATOM)", branch
            )
        if predicate == "=" and equality:
            return Atom("=", self._arguments(branch, ("object", "object"), names, scope))
        if predicate not in names.predicates:
            raise self.unknown("predicate", predicate, names.predicates, branch.items[0])
        return Atom(predicate, self._arguments(branch, _types(names.predicates[predicate]), names, scope))

    def term(self, branch: Branch, names: _Names, scope: Mapping[str, str]) -> Atom:
        """A function with declared, rightly typed arguments."""
        function = branch.head
        if function not in names.functions:
            raise self.unknown("function", function or "()", [*names.functions, TOTAL_COST], branch)
        return Atom(function, self._arguments(branch, _types(names.functions[function]), names, scope))

    def _arguments(
        self, branch: Branch, types: Sequence[str], names: _Names, scope: Mapping[str, str]
    ) -> tuple[str, ...]:
        if len(branch.items) - 1 != len(types):
            wanted = f"{branch.head} takes {len(types)} arguments, got {len(branch.items) - 1}"
            raise self.source.error(wanted, branch)
        pairs = zip(branch.items[1:], types, strict=True)
        return tuple(self._argument(node, wanted, names, scope) for node, wanted in pairs)

    def _argument(self, node: Node, wanted: str, names: _Names, scope: Mapping[str, str]) -> str:
        name = self.word(node, "an argument")
        known = scope if name.startswith("?") else names.objects
        if name not in known:
            kind = "variable" if name.startswith("?") else "object"
            raise self.unknown(kind, name, [*scope, *names.objects], node)
        if wanted not in names.domain.ancestors(known[name]):
            raise self.source.error(f"{name} is a {known[name]}: expected a {wanted}", node)
        return name

    def number(self, node: Node) -> float:
        text = self.word(node, "a number")
        try:
            value = float(text)
        except ValueError:
            raise self.source.error(f"expected a number, found {text!r}", node) from None
        if not 0 <= value < float("inf"):
            raise self.source.error(f"expected a cost of 0 or more, found {text}", node)
        return value


class _DomainReader(_Reader):
    _SECTIONS = (":requirements", ":types", ":constants", ":predicates", ":functions", ":action")

    def read(self) -> PlanningDomain:
        name, sections = self.sections("domain")
        actions = [section for section in sections if section.head == ":action"]
        found = self.once((item for item in sections if item.head != ":action"), self._SECTIONS)
        self._check_requirements(found.get(":requirements"))
        types = self._types(found.get(":types"))
        type_names = {"object", *(entry.name for entry in types)}
        constants = self.typed_list(_rest(found.get(":constants")), "a constant", type_names)
        predicates = [
            self._signature(node, "predicate", type_names) for node in _rest(found.get(":predicates"))
        ]
        self._check_distinct(predicates, _rest(found.get(":predicates")))
        functions = self._functions(found.get(":functions"), type_names)
        bare = PlanningDomain(name, tuple(types), tuple(constants), tuple(predicates), tuple(functions))
        names = _Names(bare, {constant.name: constant.type for constant in constants})
        return PlanningDomain(
            name, bare.types, bare.constants, bare.predicates, bare.functions, self._actions(actions, names)
        )

    def _check_requirements(self, section: Branch | None) -> None:
        for node in _rest(section):
            flag = self.word(node, "a requirement")
            if flag not in _REQUIREMENTS:
                raise self.source.error(f"the requirement {flag} is not supported", node)

    def _types(self, section: Branch | None) -> list[TypedName]:
        nodes = _rest(section)
        types = [entry for entry in self.typed_list(nodes, "a type", None) if entry.name != "object"]
        parents = {entry.name: entry.type for entry in types}
        for node in nodes:
            name = node.text if isinstance(node, Word) else "-"
            if name not in ("-", "object") and name not in parents:
                raise self.unknown("type", name, [*parents, "object"], node)
            chain = {name}
            while (name := parents.get(name, "object")) != "object":
                if name in chain:
                    raise self.source.error(f"the type {name} is its own ancestor", node)
                chain.add(name)
        return types

    def _signature(self, node: Node, kind: str, types: set[str]) -> Signature:
        branch = self.branch(node, f"({kind} ?argument ...)")
        if not branch.items:
            raise self.source.error(f"expected a {kind}, found ()", branch)
        name = self.name(branch.items[0], f"a {kind}")
        return Signature(name, tuple(self.typed_list(branch.items[1:], "a variable", types, "?")))

    def _functions(self, section: Branch | None, types: set[str]) -> list[Signature]:
        nodes = [
            node for node in _rest(section) if not (isinstance(node, Word) and node.text in ("-", "number"))
        ]
        functions = [self._signature(node, "function", types) for node in nodes]
        self._check_distinct(functions, nodes)
        return [function for function in functions if function.name != TOTAL_COST]

    def _check_distinct(self, signatures: Sequence[Signature], nodes: Sequence[Node]) -> None:
        seen: set[str] = set()
        for signature, node in zip(signatures, nodes, strict=True):
            if signature.name in seen:
                raise self.source.error(f"{signature.name} is declared twice", node)
            seen.add(signature.name)

    def _actions(self, sections: Sequence[Branch], names: _Names) -> tuple[ActionSchema, ...]:
        read = [self._action(section, names) for section in sections]
        seen: set[str] = set()
        for section, (schema, _) in zip(sections, read, strict=True):
            if schema.name in seen:
                raise self.source.error(f"a second action {schema.name}: expected one", section)
            seen.add(schema.name)
        # Where no action says what it costs, each costs 1; where some do, the others are free, as in PDDL.
        default = 0.0 if any(cost is not None for _, cost in read) else 1.0
        return tuple(_with_cost(schema, default if cost is None else cost) for schema, cost in read)

    def _action(self, section: Branch, names: _Names) -> tuple[ActionSchema, float | Atom | None]:
        if len(section.items) < 2:
            raise self.source.error("expected (:action NAME ...)", section)
        name = self.name(section.items[1], "an action's name")
        parts = self._action_parts(section)
        listed = self.branch(parts[":parameters"], "a list of parameters") if ":parameters" in parts else None
        parameters = self.typed_list(listed.items if listed else (), "a variable", names.types, "?")
        scope = {parameter.name: parameter.type for parameter in parameters}
        condition = self.conjuncts(parts[":precondition"], "a condition") if ":precondition" in parts else []
        effects = self.conjuncts(parts[":effect"], "an effect") if ":effect" in parts else []
        changes = [effect for effect in effects if effect.head != "increase"]
        costs = [self._cost(effect, names, scope) for effect in effects if effect.head == "increase"]
        if len(costs) > 1:
            raise self.source.error(f"{name} increases {TOTAL_COST} twice: expected once", section)
        literals = [self._effect(change, names, scope) for change in changes]
        schema = ActionSchema(
            name,
            tuple(parameters),
            tuple(dict.fromkeys(self.literal(part, names, scope) for part in condition)),
            tuple(dict.fromkeys(literal.atom for literal in literals if literal.positive)),
            tuple(dict.fromkeys(literal.atom for literal in literals if not literal.positive)),
        )
        return schema, costs[0] if costs else None

    def _action_parts(self, section: Branch) -> dict[str, Node]:
        known, parts, rest = (":parameters", ":precondition", ":effect"), {}, section.items[2:]
        for keyword, value in zip(rest[::2], (*rest[1::2], None), strict=False):
            name = self.word(keyword, "one of :parameters :precondition :effect")
            if name not in known or name in parts:
                problem = "a second" if name in parts else "unexpected"
                raise self.source.error(f"{problem} {name}: expected one each of {' '.join(known)}", keyword)
            if value is None:
                raise self.source.error(f"expected a list after {name}", keyword)
            parts[name] = value
        return parts

    def _effect(self, branch: Branch, names: _Names, scope: Mapping[str, str]) -> Literal:
        literal = self.literal(branch, names, scope)
        if literal.atom.predicate == "=":
            raise self.source.error(
                "(= ...) is not an effect: expected atoms, (not ATOM) or (increase ...)", branch
            )
        return literal

    def _cost(self, branch: Branch, names: _Names, scope: Mapping[str, str]) -> float | Atom:
        target = branch.items[1] if len(branch.items) == 3 else None
        if not isinstance(target, Branch) or target.head != TOTAL_COST or len(target.items) != 1:
            raise self.source.error(
                f"expected (increase ({TOTAL_COST}) AMOUNT): other fluents are not supported", branch
            )
        amount = branch.items[2]
        return self.number(amount) if isinstance(amount, Word) else self.term(amount, names, scope)


class _ProblemReader(_Reader):
    _SECTIONS = (":domain", ":requirements", ":objects", ":init", ":goal", ":metric")

    def __init__(self, source: Source, domain: PlanningDomain) -> None:
        super().__init__(source)
        self.domain = domain

    def read(self) -> Problem:
        name, sections = self.sections("problem")
        found = self.once(sections, self._SECTIONS)
        whole = parse_tree(self.source)
        for keyword in (":domain", ":init", ":goal"):
            if keyword not in found:
                raise self.source.error(f"the problem has no ({keyword} ...)", whole)
        self._check_domain(found[":domain"])
        self._check_metric(found.get(":metric"))
        names = _Names(self.domain, {constant.name: constant.type for constant in self.domain.constants})
        objects = self.typed_list(_rest(found.get(":objects")), "an object", names.types)
        for item in objects:
            if item.name in names.objects:
                raise self.source.error(f"{item.name} is already a constant of the domain", found[":objects"])
            names.objects[item.name] = item.type
        atoms, costs = self._init(found[":init"], names)
        goal = self._goal(found[":goal"], names)
        return Problem(self.domain, tuple(objects), frozenset(atoms), goal, tuple(costs.items()), name)

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
            or [str(_text(n)) for n in nodes[2].items] != [TOTAL_COST]
        ):
            raise self.source.error(
                f"expected (:metric minimize ({TOTAL_COST})): no other is supported", section
            )

    def _init(self, section: Branch, names: _Names) -> tuple[list[Atom], dict[Atom, float]]:
        atoms: list[Atom] = []
        costs: dict[Atom, float] = {}
        for node in _rest(section):
            branch = self.branch(node, "a ground atom")
            if branch.head != "=":
                if branch.head == "not":
                    raise self.source.error(
                        "(not ...) is not supported here: what is not listed is false", branch
                    )
                atoms.append(self.atom(branch, names, {}, equality=False))
                continue
            if len(branch.items) != 3:
                raise self.source.error("expected (= (function ...) NUMBER)", branch)
            term, value = self.branch(branch.items[1], "a function term"), self.number(branch.items[2])
            if term.head != TOTAL_COST:
                costs[self.term(term, names, {})] = value
        return atoms, costs

    def _goal(self, section: Branch, names: _Names) -> Condition:
        if len(section.items) != 2:
            raise self.source.error("expected (:goal CONDITION)", section)
        goal = self.branch(section.items[1], "a condition")
        parts = goal.items[1:] if goal.head == "or" else (goal,)
        alternatives = []
        for part in parts:
            conjuncts = self.conjuncts(part, "a conjunction")
            alternatives.append(frozenset(self.literal(conjunct, names, {}) for conjunct in conjuncts))
        return Condition(tuple(alternatives))


def _with_cost(schema: ActionSchema, cost: float | Atom) -> ActionSchema:
    return ActionSchema(schema.name, schema.parameters, schema.precondition, schema.add, schema.delete, cost)


def _types(signature: Signature) -> tuple[str, ...]:
    return tuple(parameter.type for parameter in signature.parameters)


def _rest(section: Branch | None) -> tuple[Node, ...]:
    return section.items[1:] if section else ()


def _text(node: Node) -> str | None:
    return node.text if isinstance(node, Word) else None
