"""What domains and problems are looked through with: like the reader's rules, but no mistake ends the reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from neurosym.checking.declared import Declaration, Declared, Mention, Parameter
from neurosym.checking.finding import Finding, Sheet, did_you_mean
from neurosym.checking.tree import grow_tree
from neurosym.planning.reader import NAME, TOTAL_COST
from neurosym.planning.sexpr import Branch, Node, Word

__all__ = ["Lint", "Scope"]

Scope = Mapping[str, "str | None"]

_LOOSE = frozenset(["or", "imply", "forall", "exists", "when", "preference"])
_QUANTIFIERS = ("forall", "exists")


class Lint:
    """Findings about one file, and what it declares, gathered in `known`."""

    def __init__(self, sheet: Sheet, known: Declared) -> None:
        self.sheet, self.known = sheet, known
        self.findings: list[Finding] = []
        self.numbers: set[str] = set()  # variables that a cost speaks of, in the action in hand

    def report(self, code: str, node: Node, message: str, suggestion: str = "") -> None:
        self.findings.append(self.sheet.find(code, node.offset, message, suggestion))

    def sections(self, kind: str) -> list[Branch]:
        """The lists after `(define (kind NAME)`; the name goes to `self.name`."""
        tree, broken = grow_tree(self.sheet)
        self.findings += broken
        self.name = ""
        if tree.head != "define":
            self.report("pddl-syntax", tree, "expected (define ...)", f"write (define ({kind} NAME) ...)")
            return []
        rest = list(tree.items[1:])
        if rest and isinstance(rest[0], Branch) and rest[0].head == kind:
            header = rest.pop(0)
            if isinstance(header, Branch) and len(header.items) == 2 and isinstance(header.items[1], Word):
                self.name = header.items[1].text
        if not self.name:
            self.report("pddl-syntax", tree, f"expected ({kind} NAME) after define", f"write ({kind} NAME)")
        return [item for item in rest if self._is_section(item) and isinstance(item, Branch)]

    def _is_section(self, item: Node) -> bool:
        if isinstance(item, Branch) and item.head.startswith(":"):
            return True
        if not any(finding.code == "pddl-parenthesis" for finding in self.findings):
            self.report("pddl-syntax", item, "expected a section such as (:action ...)")
        return False

    def once(self, sections: Iterable[Branch], allowed: Sequence[str]) -> dict[str, Branch]:
        """Sections by their keyword."""
        found: dict[str, Branch] = {}
        for section in sections:
            if section.head not in allowed:
                self.report(
                    "pddl-syntax",
                    section,
                    f"unknown section {section.head}",
                    did_you_mean(section.head, allowed),
                )
            elif section.head in found:
                self.report("pddl-duplicate-name", section, f"a second {section.head}: expected one")
            else:
                found[section.head] = section
        return found

    # lists of names -----------------------------------------------------------------------------------------------

    def typed_list(self, nodes: Sequence[Node], what: str, check_types: bool = True) -> list[Parameter]:
        """`a b - type c` as names with types."""
        entries: list[Parameter] = []
        pending: list[Word] = []
        place = 0
        while place < len(nodes):
            node = nodes[place]
            place += 1
            if isinstance(node, Word) and node.text == "-":
                type_name = self._type(node, nodes[place : place + 1], check_types)
                entries += [Parameter(word.text, type_name, word) for word in pending]
                pending, place = [], place + 1
            elif isinstance(node, Word) and self._is_name(node, what):
                pending.append(node)
            elif isinstance(node, Branch):
                self.report("pddl-syntax", node, f"expected {what}, found a list")
        entries += [Parameter(word.text, "object", word) for word in pending]
        return self._distinct(entries, what)

    def _type(self, dash: Word, following: Sequence[Node], check: bool) -> str | None:
        if not following:
            self.report("pddl-syntax", dash, "expected a type after '-'")
            return None
        node = following[0]
        if isinstance(node, Branch):
            self.report(
                "pddl-syntax", node, "expected one type, found a list", "declare a common parent type"
            )
            return None
        if check and node.text != "object" and node.text not in self.known.types:
            hint = did_you_mean(node.text, [*self.known.types, "object"])
            self.report("pddl-undeclared-type", node, f"the type {node.text} is not declared", hint)
            return None
        return node.text

    def _is_name(self, node: Word, what: str) -> bool:
        prefix = "?" if what == "a variable" else ""
        if node.text.startswith(prefix) and NAME.fullmatch(node.text, len(prefix)):
            return True
        form = "'?' and a letter" if prefix else "a letter"
        self.report("pddl-syntax", node, f"expected {what}, which starts with {form}, found {node.text!r}")
        return False

    def _distinct(self, entries: list[Parameter], what: str) -> list[Parameter]:
        seen: dict[str, Parameter] = {}
        for entry in entries:
            if entry.name in seen:
                line = self.sheet.line_of(seen[entry.name].node.offset)
                self.report(
                    "pddl-duplicate-name", entry.node, f"{entry.name} is declared twice: see line {line}"
                )
            else:
                seen[entry.name] = entry
        return list(seen.values())

    # conditions and effects -----------------------------------------------------------------------------------------

    def mentions(self, node: Node, scope: Scope, positive: bool = True, sure: bool = True) -> list[Mention]:
        """The literals of a condition or an effect, however deep."""
        if isinstance(node, Word):
            self.report("pddl-syntax", node, f"expected a list such as (and ...), found {node.text!r}")
            return []
        head, parts = node.head, node.items[1:]
        if not node.items:
            return []
        if head == "increase":
            self._read_cost(node, scope)
            return []
        if head in ("and", "not", *_LOOSE):
            sure = sure and head not in _LOOSE
            if head in _QUANTIFIERS and parts and isinstance(parts[0], Branch):
                bound = self.typed_list(parts[0].items, "a variable")
                scope, parts = {**scope, **{entry.name: entry.type for entry in bound}}, parts[1:]
            sign = not positive if head == "not" else positive
            return [mention for part in parts for mention in self.mentions(part, scope, sign, sure)]
        return self.atom(node, scope, positive, sure)

    def atom(self, node: Branch, scope: Scope, positive: bool = True, sure: bool = True) -> list[Mention]:
        """The atom, whose mistakes are reported; nothing where it has no predicate at all."""
        if not node.head:
            self.report("pddl-syntax", node, "expected an atom such as (predicate ?x)")
            return []
        args = [item for item in node.items[1:] if isinstance(item, Word)]
        if node.head == "=":
            self._check_arguments(node, args, (None, None), scope)
        elif node.head in self.known.predicates:
            self._check_call(node, args, self.known.predicates[node.head], scope)
        else:
            hint = did_you_mean(node.head, self.known.predicates)
            self.report("pddl-undeclared-predicate", node, f"the predicate {node.head} is not declared", hint)
            self._check_arguments(node, args, (None,) * len(args), scope)
        return [Mention(node.head, tuple(word.text for word in args), positive, sure, node)]

    def term(self, node: Branch, scope: Scope) -> None:
        """A function applied to arguments."""
        args = [item for item in node.items[1:] if isinstance(item, Word)]
        if node.head == TOTAL_COST:
            return
        if node.head in self.known.functions:
            self._check_call(node, args, self.known.functions[node.head], scope)
            return
        hint = did_you_mean(node.head, [*self.known.functions, TOTAL_COST])
        self.report(
            "pddl-undeclared-function", node, f"the function {node.head or '()'} is not declared", hint
        )

    def _read_cost(self, node: Branch, scope: Scope) -> None:
        for part in node.items[1:]:
            if isinstance(part, Branch):
                self.term(part, scope)
                self.numbers |= {item.text for item in part.items[1:] if isinstance(item, Word)}

    def _check_call(self, node: Branch, args: list[Word], declared: Declaration, scope: Scope) -> None:
        wanted = [parameter.type for parameter in declared.parameters]
        if len(node.items) - 1 != len(wanted):
            self.report(
                "pddl-wrong-arity",
                node,
                f"{declared.name} takes {len(wanted)} arguments, got {len(node.items) - 1}",
                f"it is declared as {declared}",
            )
        else:
            self._check_arguments(node, args, wanted, scope)

    def _check_arguments(
        self, node: Branch, args: list[Word], wanted: Sequence[str | None], scope: Scope
    ) -> None:
        if len(args) != len(wanted) or len(args) != len(node.items) - 1:
            self.report("pddl-syntax", node, f"({node.head} ...) takes {len(wanted)} names")
            return
        for word, type_name in zip(args, wanted, strict=True):
            self._check_argument(word, type_name, scope)

    def _check_argument(self, word: Word, wanted: str | None, scope: Scope) -> None:
        variable = word.text.startswith("?")
        known: Scope = scope if variable else self.known.objects
        if word.text not in known:
            code = "pddl-undeclared-variable" if variable else "pddl-undeclared-object"
            what = "is no parameter here" if variable else "is neither a constant nor an object"
            self.report(code, word, f"{word.text} {what}", did_you_mean(word.text, known))
        elif not self.known.is_a(known[word.text], wanted):
            message = f"{word.text} is a {known[word.text]}: expected a {wanted}"
            fitting = [name for name, kind in known.items() if kind and self.known.is_a(kind, wanted)]
            hint = f"of that type: {', '.join(fitting)}" if fitting else f"nothing here is a {wanted}"
            self.report("pddl-wrong-type", word, message, hint)
