"""The picture of a domain, an SVG with nothing outside it: the causal graph, unrolled once, and a sample plan below.

The graph is bipartite, read from left to right: predicates that are read, the operators, predicates that are changed.
A path from p through an operator to q is the causal graph's arc from p to q, and two arcs that leave one operator are
two predicates that change together. Unrolled, the graph has no cycles, and each operator keeps its own arcs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from textwrap import wrap
from typing import NamedTuple

from neurosym.showing.causality import changed_by, read_by
from neurosym.showing.layout import order_layers
from neurosym.showing.sample import Sample, Step
from neurosym.showing.summary import OperatorRow, Summary

__all__ = ["draw", "draw_graph", "draw_plan", "style"]

MARGIN = 28
CHARACTER = 8.0  # of the monospaced font at 13 px, a little more than it needs
SMALL_CHARACTER = 7.4  # at 12 px
NODE_HEIGHT, ROW = 26, 38
GAP = 230  # between columns, for the arcs
HEAD = 34  # above a column
COLOURS = 6
LINE = 18
WORDS_WIDTH = 110  # characters of a sample's lines

LEGEND = (
    ("plus", "needs it, makes it true"),
    ("minus", "needs it false, makes it false"),
    ("both", "both, of different things"),
)
NOTES = (
    "A way from a predicate through an operator to another predicate is an arc of the causal graph;",
    "two predicates that one operator changes have arcs both ways.",
    "Dotted box: no operator changes it. Thick box: no operator reads it, only goals do.",
)


class Node(NamedTuple):
    """A node of the graph; `side` is its column."""

    side: int
    name: str

    @property
    def id(self) -> str:
        return f"{'ron'[self.side]}-{self.name}"


class Arc(NamedTuple):
    """An arc; `operator` is the one it belongs to, `mark` how it is drawn."""

    source: Node
    target: Node
    operator: str
    mark: str


@dataclass(frozen=True)
class Drawing:
    """Elements of an SVG, and the room they take."""

    width: float
    height: float
    elements: tuple[str, ...]

    def moved(self, x: float, y: float) -> str:
        return f'<g transform="translate({x:g} {y:g})">{"".join(self.elements)}</g>'


def draw(summary: Summary, sample: Sample | None = None) -> str:
    """The picture as a file of its own, that brings its style along."""
    parts = [draw_graph(summary), *([draw_plan(sample)] if sample else [])]
    width = max(part.width for part in parts) + 2 * MARGIN
    body, top = [], 76.0
    for part in parts:
        body.append(part.moved(MARGIN, top))
        top += part.height + 30
    title = f"{summary.name}: its causal graph, operator by operator"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 {width:g} {top:g}" '
        f'width="{width:g}" height="{top:g}" role="img"><title>{escape(title)}</title><style>{style()}</style>'
        f'<rect class="paper" width="100%" height="100%"/>'
        f"{_text(MARGIN, 38, title, 'title')}{_text(MARGIN, 60, summary.census, 'note')}{''.join(body)}</svg>\n"
    )


def style() -> str:
    """What the picture's classes look like, by day and by night."""
    return files("neurosym.showing").joinpath("picture.css").read_text(encoding="utf-8")


def draw_graph(summary: Summary) -> Drawing:
    """The columns, their arcs and what the arcs mean."""
    arcs = [arc for row in summary.operators for arc in _arcs(row)]
    operators = [Node(1, row.name) for row in summary.operators]
    ends = (
        [arc.source for arc in arcs if arc.source.side == 0],
        [arc.target for arc in arcs if arc.target.side == 2],
    )
    columns = [_once(ends[0]), operators, _once(ends[1])]
    columns = order_layers(columns, [(arc.source, arc.target) for arc in arcs])
    places = _places(columns)
    ports = _ports(arcs, places)
    kinds = {row.name: row.kind for row in summary.predicates}
    colours = {node.name: number % COLOURS for number, node in enumerate(columns[1])}
    elements = [
        *_heads(columns, places),
        *(
            _draw_arc(arc, ports[arc, arc.source], ports[arc, arc.target], colours[arc.operator])
            for arc in arcs
        ),
        *(_draw_node(node, places[node], kinds.get(node.name, "")) for column in columns for node in column),
    ]
    width = (
        max((place.right for place in places.values()), default=0) + 60
    )  # the legend may stand out a little
    height = max((place.y for place in places.values()), default=HEAD) + ROW
    return Drawing(width, height + (2 + len(NOTES)) * LINE, (*elements, *_legend(height + LINE)))


class _Place(NamedTuple):
    left: float
    right: float
    y: float  # of the middle


def _once(nodes: Iterable[Node]) -> list[Node]:
    return list(dict.fromkeys(nodes))


def _arcs(row: OperatorRow) -> Iterator[Arc]:
    operator, schema = Node(1, row.name), row.schema
    asked = {
        sign: {item.atom.predicate for item in schema.precondition if item.positive is sign}
        for sign in (True, False)
    }
    for predicate in read_by(schema):
        mark = _mark(predicate in asked[True], predicate in asked[False])
        yield Arc(Node(0, predicate), operator, row.name, mark)
    added, deleted = ({atom.predicate for atom in atoms} for atoms in (schema.add, schema.delete))
    for predicate in changed_by(schema):
        yield Arc(operator, Node(2, predicate), row.name, _mark(predicate in added, predicate in deleted))


def _mark(plus: bool, minus: bool) -> str:
    return "both" if plus and minus else "plus" if plus else "minus"


def _places(columns: Sequence[Sequence[Node]]) -> dict[Node, _Place]:
    """Columns beside each other, as wide as their longest name; all as high as the longest one."""
    tallest = max(len(column) for column in columns)
    places, left = {}, 0.0
    for column in columns:
        width = max((len(node.name) for node in column), default=0) * CHARACTER + 24
        pitch = ROW * tallest / max(len(column), 1)
        for number, node in enumerate(column):
            places[node] = _Place(left, left + width, HEAD + pitch * (number + 0.5))
        left += width + GAP
    return places


def _heads(columns: Sequence[Sequence[Node]], places: dict[Node, _Place]) -> Iterator[str]:
    for column, text in zip(columns, ("reads", "operator", "changes"), strict=True):
        if column:
            yield _text(places[column[0]].left, 12, text, "head")


def _draw_node(node: Node, place: _Place, kind: str) -> str:
    look = f"node operator {kind}" if node.side == 1 else f"node {kind}"
    y, width = place.y - NODE_HEIGHT / 2, place.right - place.left
    return (
        f'<g class="{look.strip()}" data-node="{escape(node.id)}">'
        f'<rect x="{place.left:g}" y="{y:g}" width="{width:g}" height="{NODE_HEIGHT}" rx="7"/>'
        f"{_text(place.left + 12, place.y + 4.5, node.name)}</g>"
    )


def _draw_arc(arc: Arc, start: tuple[float, float], end: tuple[float, float], colour: int) -> str:
    (x0, y0), (x1, y1) = start, end
    bend = (x0 + x1) / 2
    ends = f'data-from="{escape(arc.source.id)}" data-to="{escape(arc.target.id)}"'
    curve = f"M{x0:g} {y0:g}C{bend:g} {y0:g} {bend:g} {y1:g} {x1:g} {y1:g}"
    return f'<path class="arc arc-{colour} {arc.mark}" {ends} d="{curve}"/>'


def _ports(arcs: Sequence[Arc], places: dict[Node, _Place]) -> dict[tuple[Arc, Node], tuple[float, float]]:
    """Where each arc meets each of its nodes: spread over the node's side, in the order of the other ends."""
    meetings: dict[tuple[Node, float], list[tuple[float, Arc]]] = {}
    for arc in arcs:
        start, end = places[arc.source], places[arc.target]
        meetings.setdefault((arc.source, start.right), []).append((end.y, arc))
        meetings.setdefault((arc.target, end.left), []).append((start.y, arc))
    ports = {}
    for (node, x), met in meetings.items():
        step = min(5.0, (NODE_HEIGHT - 8) / len(met))
        for number, (_, arc) in enumerate(sorted(met)):
            ports[arc, node] = (x, places[node].y + step * (number - (len(met) - 1) / 2))
    return ports


def _legend(top: float) -> Iterator[str]:
    left = 0.0
    for mark, meaning in LEGEND:
        yield f'<path class="arc legend {mark}" d="M{left:g} {top:g}h36"/>'
        yield _text(left + 44, top + 4.5, meaning, "note")
        left += 44 + 7.2 * len(meaning) + 20
    for number, note in enumerate(NOTES, 1):
        yield _text(0, top + number * LINE + 6, note, "note")


def draw_plan(sample: Sample) -> Drawing:
    """The words, the goal, and each step with what it changes."""
    elements = [_text(0, 12, f"A sample plan: {sample.look.task}, seed {sample.look.seed}", "words")]
    top, width = 12.0, 0.0
    for word, said in sample.told:
        for number, piece in enumerate(wrap(said, WORDS_WIDTH)):
            top += LINE
            elements += [_text(0, top, word, "note")] if number == 0 else []
            elements.append(_text(80, top, piece, "small"))
            width = max(width, 80 + len(piece) * SMALL_CHARACTER)
    for number, step in enumerate(sample.steps, 1):
        drawing = _draw_step(number, step)
        elements.append(drawing.moved(0, top + 16))
        top += drawing.height + 16
        width = max(width, drawing.width)
    return Drawing(width, top + LINE, tuple(elements))


def _draw_step(number: int, step: Step) -> Drawing:
    costs = f"{step.operator}  costs {step.operator.cost:g}"
    elements = [
        '<circle class="number" cx="14" cy="12" r="13"/>',
        f'<text x="14" y="16.5" text-anchor="middle">{number}</text>',
        _text(40, 10, step.instruction, "words"),
        _text(40, 28, costs, "small"),
    ]
    changes = [("added", f"+ {atom}") for atom in sorted(map(str, step.added))]
    changes += [("deleted", f"− {atom}") for atom in sorted(map(str, step.deleted))]
    height, column, widest = 28, 0, max(len(costs), len(step.instruction))
    for kind, text in changes:
        if column == 0 or column + len(text) > WORDS_WIDTH:
            height, column = height + LINE, 0
        elements.append(_text(40 + column * SMALL_CHARACTER, height, text, f"small {kind}"))
        widest = max(widest, column + len(text))
        column += len(text) + 3
    return Drawing(40 + widest * SMALL_CHARACTER, height + 4, tuple(elements))


def _text(x: float, y: float, text: str, look: str = "") -> str:
    kind = f' class="{look}"' if look else ""
    return f'<text x="{x:g}" y="{y:g}"{kind}>{escape(text)}</text>'
