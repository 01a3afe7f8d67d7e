"""A small pen for charts: scales, axes and marks as SVG, in colours that the page's style decides."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files

from neurosym.ablation.report.wording import say_frames

__all__ = ["TONES", "Pen", "Plot", "Scale", "file_of", "spread", "text_width", "tone"]

TONES = 8
DASHES = ("", "7 3", "2 3", "9 3 2 3")
CHARACTER = 7.5  # of the labels' font, a little more than it needs


def tone(number: int) -> str:
    """The class and the dashes of the method that stands at `number`; eight colours, then other dashes."""
    dash = DASHES[(number + number // TONES) % len(DASHES)]
    return f'class="tone-{number % TONES}"' + (f' stroke-dasharray="{dash}"' if dash else "")


def text_width(text: str) -> float:
    return CHARACTER * len(text)


@dataclass(frozen=True)
class Scale:
    """From values to pixels: `start` is drawn at `left`, `end` at `right`; both above 0 if `log`."""

    start: float
    end: float
    left: float
    right: float
    log: bool = False

    def __call__(self, value: float) -> float:
        at = min(max(value, self.start), self.end)
        part = (self._bent(at) - self._bent(self.start)) / (
            (self._bent(self.end) - self._bent(self.start)) or 1
        )
        return self.left + part * (self.right - self.left)

    def _bent(self, value: float) -> float:
        return math.log10(value) if self.log else value

    def ticks(self, about: int = 5) -> list[float]:
        """Round values within the scale."""
        if self.log:
            return self._log_ticks()
        rough = (self.end - self.start) / about
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
        first = math.ceil(self.start / step - 1e-9)
        return [step * k for k in range(first, math.floor(self.end / step + 1e-9) + 1)]

    def _log_ticks(self) -> list[float]:
        exponents = range(math.floor(math.log10(self.start)), math.ceil(math.log10(self.end)) + 1)
        ticks = [factor * 10.0**exponent for exponent in exponents for factor in (1, 2, 5)]
        inside = [tick for tick in ticks if self.start * 0.999 <= tick <= self.end * 1.001]
        return inside if len(inside) <= 8 else [tick for tick in inside if f"{tick:e}"[0] == "1"]


@dataclass
class Pen:
    """Collects the elements of a picture."""

    elements: list[str] = field(default_factory=list)

    def line(self, points: Iterable[tuple[float, float]], look: str) -> None:
        drawn = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.elements.append(f'<path d="M{drawn}" {look}/>')

    def area(
        self, above: Sequence[tuple[float, float]], below: Sequence[tuple[float, float]], look: str
    ) -> None:
        drawn = "L".join(f"{x:.1f} {y:.1f}" for x, y in [*above, *reversed(below)])
        self.elements.append(f'<path d="M{drawn}Z" {look}/>')

    def text(self, x: float, y: float, text: str, look: str = "", anchor: str = "start") -> None:
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.elements.append(
            f'<text x="{x:.1f}" y="{y:.1f}"{side} {look}>{escape(text)}</text>'.replace(" >", ">")
        )

    def box(self, x: float, y: float, width: float, height: float, look: str) -> None:
        size = f'width="{width:.1f}" height="{height:.1f}"'
        self.elements.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} {look}/>')

    def dot(self, x: float, y: float, radius: float, look: str) -> None:
        self.elements.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {look}/>')

    def begin(self, look: str) -> None:
        self.elements.append(f"<g {look}>")

    def end(self) -> None:
        self.elements.append("</g>")


@dataclass(frozen=True)
class Plot:
    """A rectangle with two scales; y grows upwards."""

    x: Scale
    y: Scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x(x), self.y(y)

    def points(self, xs: Iterable[float], ys: Iterable[float]) -> list[tuple[float, float]]:
        return [self.at(x, y) for x, y in zip(xs, ys, strict=True)]

    def draw_grid(self, pen: Pen, say_x: Callable[[float], str] = say_frames, with_y: bool = True) -> None:
        """Hairlines and numbers along both axes."""
        bottom, top = self.y.left, self.y.right
        for tick in self.x.ticks():
            pen.line([(self.x(tick), bottom), (self.x(tick), top)], 'class="hair"')
            pen.text(self.x(tick), bottom + 15, say_x(tick), 'class="tick"', "middle")
        for tick in self.y.ticks(4) if with_y else ():
            pen.line([(self.x.left, self.y(tick)), (self.x.right, self.y(tick))], 'class="hair"')
            pen.text(self.x.left - 7, self.y(tick) + 4, f"{tick:g}", 'class="tick"', "end")
        pen.line([(self.x.left, bottom), (self.x.right, bottom)], 'class="axis"')


def spread(places: Sequence[float], apart: float, top: float, bottom: float) -> list[float]:
    """The places moved so that they are `apart`, in their order, and within top and bottom where there is room."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = [0.0] * len(places)
    lowest = top
    for index in order:
        moved[index] = max(places[index], lowest)
        lowest = moved[index] + apart
    highest = bottom
    for index in reversed(order):
        moved[index] = min(moved[index], highest)
        highest = moved[index] - apart
    return moved


def file_of(svg: str) -> str:
    """The picture as a file of its own, which brings its style along."""
    looks = files("neurosym.ablation.report").joinpath("figure.css").read_text(encoding="utf-8")
    paper = '<rect class="paper" width="100%" height="100%"/>'
    head, rest = svg.split(">", 1)
    return f"{head}><style>{looks}</style>{paper}{rest}\n"
