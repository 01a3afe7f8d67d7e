"""What domains and problems are read with: PDDL trees into symbols, every complaint pointing at its place.

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
    Atom,
    Literal,
    PlanningDomain,
    Signature,
    TypedName,
)

__all__ = ["NAME", "TOTAL_COST", "Names", "TreeReader", "contents", "signature_types"]

NAME = re.compile(r"[a-z][a-z0-9_-]*")
TOTAL_COST = "total-cost"

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


@dataclass
class Names:
    """What has been declared so far."""

    domain: PlanningDomain
    objects: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.types = {"object", *(entry.name for entry in self.domain.types)}
        self.predicates = {entry.name: entry for entry in self.domain.predicates}
        self.functions = {entry.name: entry for entry in self.domain.functions}


class TreeReader:
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

    def literal(self, branch: Branch, names: Names, scope: Mapping[str, str]) -> Literal:
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

    def atom(self, branch: Branch, names: Names, scope: Mapping[str, str], equality: bool = True) -> Atom:
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
        return Atom(
            predicate, self._arguments(branch, signature_types(names.predicates[predicate]), names, scope)
        )

    def term(self, branch: Branch, names: Names, scope: Mapping[str, str]) -> Atom:
        """A function with declared, rightly typed arguments."""
        function = branch.head
        if function not in names.functions:
            raise self.unknown("function", function or "()", [*names.functions, TOTAL_COST], branch)
        return Atom(
            function, self._arguments(branch, signature_types(names.functions[function]), names, scope)
        )

    def _arguments(
        self, branch: Branch, types: Sequence[str], names: Names, scope: Mapping[str, str]
    ) -> tuple[str, ...]:
        if len(branch.items) - 1 != len(types):
            wanted = f"{branch.head} takes {len(types)} arguments, got {len(branch.items) - 1}"
            raise self.source.error(wanted, branch)
        pairs = zip(branch.items[1:], types, strict=True)
        return tuple(self._argument(node, wanted, names, scope) for node, wanted in pairs)

    def _argument(self, node: Node, wanted: str, names: Names, scope: Mapping[str, str]) -> str:
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


def signature_types(signature: Signature) -> tuple[str, ...]:
    return tuple(parameter.type for parameter in signature.parameters)


def contents(section: Branch | None) -> tuple[Node, ...]:
    return section.items[1:] if section else ()


def word_text(node: Node) -> str | None:
    return node.text if isinstance(node, Word) else None
