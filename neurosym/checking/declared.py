"""What a PDDL file declares and says, as far as it can be made out; nothing here stops at a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from neurosym.planning.sexpr import Node, Word

__all__ = ["Action", "Declaration", "Declared", "Mention", "Parameter"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name with its type; `type` is None where that is not declared."""

    name: str
    type: str | None
    node: Word


@dataclass(frozen=True, slots=True)
class Declaration:
    """A predicate or a function."""

    name: str
    parameters: tuple[Parameter, ...]
    node: Node

    def __str__(self) -> str:
        parameters = (f"{entry.name} - {entry.type or 'object'}" for entry in self.parameters)
        return f"({' '.join((self.name, *parameters))})"


@dataclass(frozen=True, slots=True)
class Mention:
    """A literal as it is written.

    Attributes:
        sure: it stands in the outermost conjunction, and so must hold, or does happen.
    """

    predicate: str
    args: tuple[str, ...]
    positive: bool
    sure: bool
    node: Node

    def __str__(self) -> str:
        atom = f"({' '.join((self.predicate, *self.args))})"
        return atom if self.positive else f"(not {atom})"


@dataclass
class Action:
    """An action; `uses` are the variables that its cost speaks of, `keywords` the places of its parts."""

    name: str
    node: Node
    parameters: list[Parameter] = field(default_factory=list)
    condition: list[Mention] = field(default_factory=list)
    effect: list[Mention] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)
    keywords: dict[str, Node] = field(default_factory=dict)

    def keyword(self, name: str) -> Node:
        """Where the part of this name begins; the action's name, if it has none."""
        return self.keywords.get(name, self.node)


@dataclass
class Declared:
    """All that a domain and its problem files declare.

    Attributes:
        types: each type with its parent.
        objects: constants, with their types; while a problem file is read, its objects too.
        kinds: the types of constants and objects there are.
        facts: what problem files take to be true at the start.
        wanted: what their goals speak of.
        problems: how many problem files there are.
    """

    name: str = ""
    types: dict[str, str] = field(default_factory=dict)
    objects: dict[str, str | None] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    predicates: dict[str, Declaration] = field(default_factory=dict)
    functions: dict[str, Declaration] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    facts: list[Mention] = field(default_factory=list)
    wanted: list[Mention] = field(default_factory=list)
    problems: int = 0

    def ancestors(self, type_name: str) -> Iterator[str]:
        """The type itself, its parents, `object`."""
        seen: set[str] = set()
        while type_name != "object" and type_name not in seen:
            yield type_name
            seen.add(type_name)
            type_name = self.types.get(type_name, "object")
        yield "object"

    def is_a(self, type_name: str | None, wanted: str | None) -> bool:
        """Whether the one is the other or a kind of it; true where either is not known."""
        return type_name is None or wanted is None or wanted in self.ancestors(type_name)

    def overlap(self, one: str | None, other: str | None) -> bool:
        """Whether a thing may be of both types."""
        return self.is_a(one, other) or self.is_a(other, one)
