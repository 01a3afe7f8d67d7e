"""PDDL text as a tree, whatever its parentheses: each mistake is reported, put right, and read past."""

from __future__ import annotations

from dataclasses import dataclass, field

from neurosym.checking.finding import Finding, Sheet
from neurosym.planning.sexpr import Branch, Node, Word, split_tokens

__all__ = ["grow_tree"]

_PARTS = (":parameters", ":precondition", ":effect")
_JOINING = ("and", "or", "not", "imply", "forall", "exists", "when", "preference", "either")
_COUNTING = ("increase", "decrease", "assign", "scale-up", "scale-down", "<=", ">=", *"=<>+-*/")
_HOLDERS = frozenset((*_JOINING, *_COUNTING))


@dataclass
class _Open:
    """A list that is not closed yet; `before` is the end of the word or parenthesis in front of it."""

    offset: int
    before: int = 0
    items: list[Node] = field(default_factory=list)

    @property
    def head(self) -> str:
        return self.items[0].text if self.items and isinstance(self.items[0], Word) else ""

    @property
    def is_flat(self) -> bool:
        """It is an atom, a declaration or a list of parameters: none holds another list."""
        return bool(self.head) and not self.head.startswith(":") and self.head not in _HOLDERS

    def close(self) -> Branch:
        return Branch(tuple(self.items), self.offset)


def grow_tree(sheet: Sheet) -> tuple[Branch, list[Finding]]:
    """The list that the text holds, as it was probably meant, and what is wrong with its parentheses."""
    grower = _Grower(sheet)
    return grower.grow(), grower.findings


class _Grower:
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.findings: list[Finding] = []
        self.stack: list[_Open] = []
        self.done: Branch | None = None
        self.last = self.closed = 0  # the end of the last token; the last ')'

    def grow(self) -> Branch:
        for token, offset in split_tokens(self.sheet.text):
            if token == "(":
                self._open(offset)
            elif token == ")":
                self._close(offset)
            else:
                self._add_word(token.lower(), offset)
            self.last = offset + len(token) - 1
        if self.stack:
            self._miss(self.last, self.stack[-1], "before the end of the file")
            self._close_until(0)
        if self.done is None:
            self.findings.append(self.sheet.find("pddl-syntax", 0, "the text is empty", "write (define ...)"))
        return self.done or Branch((), 0)

    def _open(self, offset: int) -> None:
        if self.done is not None:
            self._excess(self.closed, "closes the whole (define ...), and more follows")
            self.stack.append(_Open(self.done.offset, 0, list(self.done.items)))
            self.done = None
        if len(self.stack) > 2 and self.stack[-1].is_flat:
            self._miss(self.last, self.stack[-1], "before the next '('")
            self._close_until(len(self.stack) - 1)
        self.stack.append(_Open(offset, self.last))

    def _close(self, offset: int) -> None:
        if self.stack:
            self._close_until(len(self.stack) - 1)
            self.closed = offset
        else:
            self._excess(offset, "closes nothing")

    def _add_word(self, word: str, offset: int) -> None:
        if not self.stack:
            message = f"{word!r} stands outside of all parentheses"
            self.findings.append(self.sheet.find("pddl-syntax", offset, message, "take it away"))
            return
        if word.startswith(":") and not self.stack[-1].items:
            self._begin_section(word)
        elif word in _PARTS and self.stack[-1].head != ":action":
            self._find_action(word)
        self.stack[-1].items.append(Word(word, offset))

    def _begin_section(self, word: str) -> None:
        """`(:action` and its like stand in the outermost list."""
        if len(self.stack) <= 2:
            return
        section = self.stack.pop()
        self._miss(section.before, self.stack[-1], f"before ({word}")
        self._close_until(1)
        self.stack.append(section)

    def _find_action(self, word: str) -> None:
        """A part of an action that does not stand in one: a ')' too few or too many in front of it."""
        depths = [depth for depth, entry in enumerate(self.stack, 1) if entry.head == ":action"]
        outer = self.stack[-1].items
        if depths:
            self._miss(self.last, self.stack[-1], f"before {word}")
            self._close_until(depths[-1])
        elif len(self.stack) == 1 and isinstance(outer[-1], Branch) and outer[-1].head == ":action":
            self._excess(self.closed, f"closes the action, and its {word} follows")
            action = outer.pop()
            self.stack.append(_Open(action.offset, 0, list(action.items)))  # type: ignore[union-attr]

    def _close_until(self, depth: int) -> None:
        while len(self.stack) > depth:
            branch = self.stack.pop().close()
            if self.stack:
                self.stack[-1].items.append(branch)
            else:
                self.done = branch

    def _miss(self, where: int, opened: _Open, when: str) -> None:
        named = f"({opened.head} ..." if opened.head else "a '('"
        line = self.sheet.line_of(opened.offset)
        message = f"a ')' is missing {when}: {named} of line {line} is still open"
        self.findings.append(self.sheet.find("pddl-parenthesis", where, message, "write ')' after this"))

    def _excess(self, where: int, what: str) -> None:
        message = f"this ')' is one too many: it {what}"
        self.findings.append(self.sheet.find("pddl-parenthesis", where, message, "take a ')' away here"))
