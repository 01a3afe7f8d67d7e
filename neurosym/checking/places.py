"""Where things stand in TOML and Python files, whose own readers keep no places or only some."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

from neurosym.checking.finding import Finding, Sheet

__all__ = ["Scripts", "TomlPlaces", "read_sheet"]

_STAND_INS = {"state": ("atoms",), "problem": ("atoms",), "stack": ("mission", "make_env")}
"""Where a definition that a domain may do without would be corrected."""


def read_sheet(path: Path) -> Sheet:
    """The file's text, bytes that are no UTF-8 replaced; empty if there is no such file."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return Sheet(path, text)


class TomlPlaces:
    """Offsets of headers, keys and strings in a TOML text; 0 for what is not found."""

    def __init__(self, text: str) -> None:
        self.text = text

    def header(self, name: str, number: int = 0) -> int:
        """The `number`-th `[name]` or `[[name]]`."""
        found = [start for start, line in self._lines() if line.strip("[]") == name and line.startswith("[")]
        return found[number] if number < len(found) else 0

    def key(self, section: str, name: str) -> int:
        """The line in `[section]` that begins with this key, quoted or not."""
        first = self.header(section)
        for start, line in self._lines():
            if start > first and line.startswith("["):
                break
            if start > first and line.partition("=")[0].strip().strip("\"'") == name:
                return start
        found = self.string(name, first)
        return found or first

    def string(self, value: str, after: int = 0) -> int:
        """The first string of this value after an offset, or before it where there is none after it."""
        for start in (after, 0):
            for quote in "\"'":
                found = self.text.find(f"{quote}{value}{quote}", start)
                if found >= 0:
                    return found + 1
        return 0

    def last_string(self, value: str) -> int:
        return max(self.text.rfind(f'"{value}"'), self.text.rfind(f"'{value}'"), -1) + 1

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Each line without comment and surrounding space, with the offset of its first character."""
        start = 0
        for line in self.text.splitlines(keepends=True):
            stripped = line.lstrip()
            content = stripped.split("#")[0].strip() if stripped.startswith("[") else stripped.rstrip()
            yield start + len(line) - len(stripped), content
            start += len(line)


@dataclass(frozen=True, slots=True)
class _Spot:
    sheet: Sheet
    node: ast.expr | ast.stmt


class Scripts:
    """The Python files of a domain's folder, its tests left out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sheets = {
            path.resolve(): read_sheet(path)
            for path in sorted(folder.rglob("*.py"))
            if not path.name.startswith("test_")
        }

    @cached_property
    def _nodes(self) -> list[_Spot]:
        spots = []
        for sheet in self.sheets.values():
            try:
                tree = ast.parse(sheet.text)
            except (SyntaxError, ValueError):
                continue
            nodes = (node for node in ast.walk(tree) if isinstance(node, ast.expr | ast.stmt))
            spots += [_Spot(sheet, node) for node in nodes]
        return spots

    @cached_property
    def _strings(self) -> dict[str, list[_Spot]]:
        strings: dict[str, list[_Spot]] = {}
        for spot in self._nodes:
            if isinstance(spot.node, ast.Constant) and isinstance(spot.node.value, str):
                strings.setdefault(spot.node.value, []).append(spot)
        return strings

    @property
    def names(self) -> set[str]:
        """Every string that is written out."""
        return set(self._strings)

    def at_string(
        self, value: str, code: str, message: str, suggestion: str = "", within: str = ""
    ) -> Finding | None:
        """A finding where the string is written out first, in a function named `within` if it is there."""
        spots = self._strings.get(value, [])
        bodies = [spot for spot in self._nodes if within and _defines(spot.node, within)]
        inside = [spot for spot in spots if any(_encloses(body, spot) for body in bodies)]
        return _find((inside or spots)[0], code, message, suggestion) if spots else None

    def at_atom(self, name: str, arity: int, code: str, message: str, suggestion: str = "") -> Finding:
        """A finding where an atom is made, as `Atom(name, (…))` or `(name, …)`, or wherever the name stands."""
        for spot in self._nodes:
            named = _name_in_atom(spot.node, name, arity)
            if named is not None:
                return _find(_Spot(spot.sheet, named), code, message, suggestion)
        found = self.at_string(name, code, message, suggestion)
        return found or self.at_definition("state", code, message, suggestion)

    def at_definition(self, name: str, code: str, message: str, suggestion: str = "") -> Finding:
        """A finding where a function or a class's attribute of this name is defined; else at the top of domain.py."""
        for known in (name, *_STAND_INS.get(name, ())):
            for spot in self._nodes:
                if _defines(spot.node, known):
                    return _find(spot, code, message, suggestion)
        path = self.folder / "domain.py"
        sheet = self.sheets.get(path.resolve(), Sheet(path, ""))
        return sheet.find_at(code, 1, 1, message, suggestion)

    def at_error(self, error: BaseException, code: str, otherwise: str = "") -> Finding:
        """A finding at the last line of the folder's Python that an error passed through.

        Args:
            otherwise: what is defined where the finding is made if there is no such line.
        """
        message = f"{type(error).__name__}: {' '.join(str(error).split())}"
        if isinstance(error, SyntaxError) and error.filename:
            sheet = self.sheets.get(Path(error.filename).resolve())
            if sheet is not None:
                return sheet.find_at(code, error.lineno or 1, error.offset or 1, f"SyntaxError: {error.msg}")
        for sheet, line in reversed(list(self._passed(error.__traceback__))):
            text = sheet.text.splitlines()[line - 1] if line <= len(sheet.text.splitlines()) else ""
            return sheet.find_at(code, line, len(text) - len(text.lstrip()) + 1, message)
        return self.at_definition(otherwise, code, message)

    def _passed(self, trace: TracebackType | None) -> Iterator[tuple[Sheet, int]]:
        while trace is not None:
            sheet = self.sheets.get(Path(trace.tb_frame.f_code.co_filename).resolve())
            if sheet is not None:
                yield sheet, trace.tb_lineno
            trace = trace.tb_next


def _find(spot: _Spot, code: str, message: str, suggestion: str) -> Finding:
    column = spot.node.col_offset + 1
    return spot.sheet.find_at(code, spot.node.lineno, column, message, suggestion)


def _encloses(body: _Spot, spot: _Spot) -> bool:
    last = body.node.end_lineno or body.node.lineno
    return body.sheet is spot.sheet and body.node.lineno <= spot.node.lineno <= last


def _name_in_atom(node: ast.expr | ast.stmt, name: str, arity: int) -> ast.expr | None:
    """The predicate's name where an expression makes an atom of it with so many arguments."""
    if isinstance(node, ast.Tuple) and len(node.elts) == arity + 1 and _is_string(node.elts[0], name):
        return node.elts[0]
    if not isinstance(node, ast.Call) or not node.args or not _is_string(node.args[0], name):
        return None
    listed = node.args[1] if len(node.args) > 1 else ast.Tuple([])
    return node.args[0] if isinstance(listed, ast.Tuple) and len(listed.elts) == arity else None


def _is_string(node: ast.expr, value: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _defines(node: ast.expr | ast.stmt, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name == name
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)
