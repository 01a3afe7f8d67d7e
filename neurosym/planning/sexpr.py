"""PDDL text as a tree of lists and words that know where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from neurosym.errors import PddlError

__all__ = ["Branch", "Node", "Source", "Word", "parse_tree", "split_tokens"]

_TOKEN = re.compile(r";[^\n]*|[()]|[^\s();]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, in lower case: PDDL does not tell cases apart."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A list in parentheses."""

    items: tuple[Node, ...]
    offset: int

    @property
    def head(self) -> str:
        """The first word, or an empty string where the list does not start with one."""
        return self.items[0].text if self.items and isinstance(self.items[0], Word) else ""


Node: TypeAlias = Word | Branch


@dataclass(frozen=True, slots=True)
class Source:
    """The text being read and where it came from."""

    text: str
    path: Path | str | None = None

    def error(self, message: str, where: Node | int) -> PddlError:
        """An error that points at a node or an offset."""
        offset = where if isinstance(where, int) else where.offset
        start = self.text.rfind("\n", 0, offset) + 1
        stop = self.text.find("\n", offset)
        line = self.text[start : stop if stop >= 0 else len(self.text)]
        number = self.text.count("\n", 0, offset) + 1
        return PddlError(message, path=self.path, line=number, column=offset - start + 1, source=line)


def split_tokens(text: str) -> Iterator[tuple[str, int]]:
    """Parentheses and words as written, each with its offset; comments are left out."""
    for match in _TOKEN.finditer(text):
        if match.group()[0] != ";":
            yield match.group(), match.start()


def parse_tree(source: Source) -> Branch:
    """The one list that the text holds.

    Raises:
        PddlError: parentheses do not match, or there is anything beside that list.
    """
    open_lists: list[tuple[int, list[Node]]] = []
    done: Branch | None = None
    for token, offset in split_tokens(source.text):
        if done is not None:
            raise source.error(f"expected the end of the text, found {token!r}", offset)
        if token == "(":
            open_lists.append((offset, []))
        elif token[0] == ":" and len(open_lists) > 2 and not open_lists[-1][1]:
            raise source.error(
                f"expected ')' before ({token}: a '(' above it is still open", open_lists[-1][0]
            )
        elif not open_lists:
            raise source.error(f"expected '(', found {token!r}", offset)
        elif token == ")":
            start, items = open_lists.pop()
            branch = Branch(tuple(items), start)
            if open_lists:
                open_lists[-1][1].append(branch)
            else:
                done = branch
        else:
            open_lists[-1][1].append(Word(token.lower(), offset))
    if open_lists:
        raise source.error("this '(' is never closed: expected ')' before the end", open_lists[-1][0])
    if done is None:
        raise source.error("the text is empty: expected (define ...)", 0)
    return done
