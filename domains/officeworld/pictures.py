"""The office as text and as a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .world import HEIGHT, PLACES, PLANTS, ROOM, WIDTH, Cell, passable

__all__ = ["draw_office", "print_office"]

UP, RIGHT = 0, 1
MARKS = {"coffee": "C", "mail": "M", "office": "O"}
CELL, WALL = 40, 4
FLOOR, GRID, STONE, LEAF, POT = "#f6f2e9", "#e7e0d1", "#3d3a38", "#3f8f4a", "#a5602f"
CUP, PAPER, DESK, LETTER, AGENT = "#6b4226", "#ffffff", "#b98a56", "#24527a", "#c8352b"


def mark(cell: Cell) -> str:
    """One character for what lies in a cell."""
    if cell in PLANTS:
        return "*"
    return next((MARKS.get(place, place) for place, cells in PLACES.items() if cell in cells), ".")


def print_office(agent: Cell) -> str:
    """Lines of text, the top row first: C coffee, M mail, O office, a to d, * plants, @ the agent."""
    lines = [rim()]
    for y in reversed(range(HEIGHT)):
        row = "".join(("@" if (x, y) == agent else mark((x, y))) + edge((x, y), RIGHT) for x in range(WIDTH))
        lines.append("|" + row)
        if y % ROOM == 0:
            lines.append(rim(y - 1))
    return "\n".join(lines)


def edge(cell: Cell, action: int) -> str:
    """What is drawn to the right of a cell, between rooms only."""
    if (cell[0] + 1) % ROOM:
        return ""
    return " " if passable(cell, action) else "|"


def rim(y: int = HEIGHT - 1) -> str:
    """The wall above a row, with gaps where doors are."""
    spans = (
        "".join(" " if y >= 0 and passable((x, y), UP) else "-" for x in range(left, left + ROOM))
        for left in range(0, WIDTH, ROOM)
    )
    return "+" + "+".join(spans) + "+"


def draw_office(agent: Cell) -> NDArray[np.uint8]:
    """uint8[360, 480, 3]."""
    image = Image.new("RGB", (WIDTH * CELL, HEIGHT * CELL), FLOOR)
    pen = ImageDraw.Draw(image)
    cells = [(x, y) for x in range(WIDTH) for y in range(HEIGHT)]
    for cell in cells:
        left, top = corner(cell)
        pen.rectangle((left, top, left + CELL - 1, top + CELL - 1), outline=GRID)
        draw_thing(pen, mark(cell), left + CELL // 2, top + CELL // 2)
    for cell in cells:
        draw_walls(pen, cell)
    left, top = corner(agent)
    pen.ellipse((left + 11, top + 11, left + 29, top + 29), fill=AGENT, outline="white", width=2)
    return np.asarray(image).copy()


def corner(cell: Cell) -> tuple[int, int]:
    """The upper left corner of a cell, in pixels."""
    return cell[0] * CELL, (HEIGHT - 1 - cell[1]) * CELL


def draw_thing(pen: ImageDraw.ImageDraw, sign: str, x: int, y: int) -> None:
    """What lies in a cell, around its middle."""
    match sign:
        case ".":
            pass
        case "*":
            pen.polygon((x - 7, y + 3, x + 7, y + 3, x + 5, y + 14, x - 5, y + 14), fill=POT)
            for shift in (-7, 0, 7):
                pen.ellipse((x + shift - 6, y - 13 + abs(shift) // 2, x + shift + 6, y + 4), fill=LEAF)
        case "C":
            pen.arc((x + 3, y - 5, x + 14, y + 6), 0, 360, fill=CUP, width=3)
            pen.rounded_rectangle((x - 10, y - 8, x + 8, y + 10), 3, fill=CUP)
        case "M":
            pen.rectangle((x - 13, y - 9, x + 13, y + 9), fill=PAPER, outline=STONE, width=2)
            pen.line((x - 13, y - 9, x, y + 2, x + 13, y - 9), fill=STONE, width=2)
        case "O":
            pen.rectangle((x - 17, y - 17, x + 16, y + 16), fill=DESK)
            write(pen, "office", x, y, 11, "white")
        case _:
            write(pen, sign, x, y, 22, LETTER)


def write(pen: ImageDraw.ImageDraw, text: str, x: int, y: int, size: int, colour: str) -> None:
    pen.text((x, y), text, fill=colour, font_size=size, anchor="mm")


def draw_walls(pen: ImageDraw.ImageDraw, cell: Cell) -> None:
    """The walls right of and above a cell, and the rim of the office left of and below it."""
    left, top = corner(cell)
    right, bottom = left + CELL, top + CELL
    sides = (
        (left, top, right, top),
        (right, top, right, bottom),
        (left, bottom, right, bottom),
        (left, top, left, bottom),
    )
    for action, side in enumerate(sides):
        if not passable(cell, action):
            pen.line(side, fill=STONE, width=WALL)
