"""PDDL domains into symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from neurosym.planning.reader import TOTAL_COST, Names, TreeReader, contents
from neurosym.planning.sexpr import Branch, Node, Source, Word
from neurosym.symbols import ActionSchema, Atom, Literal, PlanningDomain, Signature, TypedName

__all__ = ["DomainReader", "read_domain_tree"]

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


def read_domain_tree(source: Source) -> PlanningDomain:
    """The domain that `source` holds.

    Raises:
        PddlError: the text is broken, names something undeclared, or uses what is not supported.
    """
    return DomainReader(source).read()


class DomainReader(TreeReader):
    """Reads a domain; what it declares, and an action's parts, can be had apart."""

    _SECTIONS = (":requirements", ":types", ":constants", ":predicates", ":functions", ":action")

    def read(self) -> PlanningDomain:
        names, actions = self.declarations()
        return replace(names.domain, actions=self._actions(actions, names))

    def declarations(self) -> tuple[Names, list[Branch]]:
        """What the domain declares, its actions left out, and the actions' sections."""
        name, sections = self.sections("domain")
        actions = [section for section in sections if section.head == ":action"]
        found = self.once((item for item in sections if item.head != ":action"), self._SECTIONS)
        self._check_requirements(found.get(":requirements"))
        types = self._types(found.get(":types"))
        type_names = {"object", *(entry.name for entry in types)}
        constants = self.typed_list(contents(found.get(":constants")), "a constant", type_names)
        predicates = [
            self._signature(node, "predicate", type_names) for node in contents(found.get(":predicates"))
        ]
        self._check_distinct(predicates, contents(found.get(":predicates")))
        functions = self._functions(found.get(":functions"), type_names)
        bare = PlanningDomain(name, tuple(types), tuple(constants), tuple(predicates), tuple(functions))
        return Names(bare, {constant.name: constant.type for constant in constants}), actions

    def _check_requirements(self, section: Branch | None) -> None:
        for node in contents(section):
            flag = self.word(node, "a requirement")
            if flag not in _REQUIREMENTS:
                raise self.source.error(f"the requirement {flag} is not supported", node)

    def _types(self, section: Branch | None) -> list[TypedName]:
        nodes = contents(section)
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
        nodes = [node for node in contents(section) if not isinstance(node, Word)]
        for node in contents(section):
            if isinstance(node, Word) and node.text not in ("-", "number"):
                raise self.source.error(
                    f"a function of type {node.text}, an object fluent, is not supported", node
                )
        functions = [self._signature(node, "function", types) for node in nodes]
        self._check_distinct(functions, nodes)
        return [function for function in functions if function.name != TOTAL_COST]

    def _check_distinct(self, signatures: Sequence[Signature], nodes: Sequence[Node]) -> None:
        seen: set[str] = set()
        for signature, node in zip(signatures, nodes, strict=True):
            if signature.name in seen:
                raise self.source.error(f"{signature.name} is declared twice", node)
            seen.add(signature.name)

    def _actions(self, sections: Sequence[Branch], names: Names) -> tuple[ActionSchema, ...]:
        read = [self._action(section, names) for section in sections]
        self.check_one_of_each([schema.name for schema, _ in read], sections)
        # Where no action says what it costs, each costs 1; where some do, the others are free, as in PDDL.
        default = 0.0 if any(cost is not None for _, cost in read) else 1.0
        return tuple(_with_cost(schema, default if cost is None else cost) for schema, cost in read)

    def check_one_of_each(self, actions: Sequence[str], sections: Sequence[Branch]) -> None:
        """Refuse a second action of the same name."""
        for number, (name, section) in enumerate(zip(actions, sections, strict=True)):
            if name in actions[:number]:
                raise self.source.error(f"a second action {name}: expected one", section)

    def heading(self, section: Branch, names: Names) -> tuple[str, tuple[TypedName, ...], dict[str, Node]]:
        """An action's name, its parameters, and its parts by their keywords."""
        if len(section.items) < 2:
            raise self.source.error("expected (:action NAME ...)", section)
        name = self.name(section.items[1], "an action's name")
        parts = self._action_parts(section)
        listed = self.branch(parts[":parameters"], "a list of parameters") if ":parameters" in parts else None
        parameters = self.typed_list(listed.items if listed else (), "a variable", names.types, "?")
        return name, tuple(parameters), parts

    def _action(self, section: Branch, names: Names) -> tuple[ActionSchema, float | Atom | None]:
        name, parameters, parts = self.heading(section, names)
        scope = {parameter.name: parameter.type for parameter in parameters}
        condition = self.conjuncts(parts[":precondition"], "a condition") if ":precondition" in parts else []
        effects = self.conjuncts(parts[":effect"], "an effect") if ":effect" in parts else []
        changes = [effect for effect in effects if effect.head != "increase"]
        costs = [self.cost(effect, names, scope) for effect in effects if effect.head == "increase"]
        if len(costs) > 1:
            raise self.source.error(f"{name} increases {TOTAL_COST} twice: expected once", section)
        literals = [self._effect(change, names, scope) for change in changes]
        schema = ActionSchema(
            name,
            parameters,
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

    def _effect(self, branch: Branch, names: Names, scope: Mapping[str, str]) -> Literal:
        literal = self.literal(branch, names, scope)
        if literal.atom.predicate == "=":
            raise self.source.error(
                "(= ...) is not an effect: expected atoms, (not ATOM) or (increase ...)", branch
            )
        return literal

    def cost(self, branch: Branch, names: Names, scope: Mapping[str, str]) -> float | Atom:
        """What `(increase (total-cost) AMOUNT)` adds."""
        target = branch.items[1] if len(branch.items) == 3 else None
        if not isinstance(target, Branch) or target.head != TOTAL_COST or len(target.items) != 1:
            raise self.source.error(
                f"expected (increase ({TOTAL_COST}) AMOUNT): other fluents are not supported", branch
            )
        amount = branch.items[2]
        return self.number(amount) if isinstance(amount, Word) else self.term(amount, names, scope)


def _with_cost(schema: ActionSchema, cost: float | Atom) -> ActionSchema:
    return ActionSchema(schema.name, schema.parameters, schema.precondition, schema.add, schema.delete, cost)
