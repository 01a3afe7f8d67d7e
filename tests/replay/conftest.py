"""A drawn world without an engine, and a slow reader of saved pages."""

from __future__ import annotations

import base64
import html.parser
import io
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from neurosym.replay import Recorder

TILE = 32


class DrawnWorld:
    """A walk on a grid of cells, drawn with textured tiles; what is near the walker is lit."""

    def __init__(self, cells: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        colours = rng.integers(0, 255, (16, 3), np.uint8)
        textures = colours[rng.integers(0, 16, (16, TILE // 4, TILE // 4))].repeat(4, 1).repeat(4, 2)
        self.tiles, self.walker = textures[:12], textures[12:]
        self.map = rng.integers(0, 12, (cells, cells))
        self.place, self.facing, self._rng = np.array([cells // 2, cells // 2]), 0, rng
        self.seen = np.zeros((cells, cells), bool)
        self.move()

    def move(self) -> None:
        self.facing = int(self._rng.integers(4))
        step = [(0, 1), (1, 0), (0, -1), (-1, 0)][self.facing]
        self.place = np.clip(self.place + step, 0, len(self.map) - 1)
        row, column = self.place
        self.map[tuple(self._rng.integers(0, len(self.map), 2))] = self._rng.integers(0, 12)
        self.seen[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4] = True

    def world(self) -> np.ndarray:
        row, column = self.place
        grid = self.tiles[self.map]
        near = np.s_[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4]
        grid[near] = grid[near] // 2 + 100
        grid[row, column] = self.walker[self.facing]
        return _joined(grid)

    def view(self) -> np.ndarray:
        row, column = self.place
        around = np.pad(self.map, 3)[row : row + 7, column : column + 7]
        return _joined(self.tiles[np.rot90(around, self.facing)])

    def belief(self) -> np.ndarray:
        grid = self.tiles[self.map]
        grid[~self.seen] = 40
        return _joined(grid)


def _joined(grid: np.ndarray) -> np.ndarray:
    rows, columns, tile = grid.shape[:3]
    return grid.swapaxes(1, 2).reshape(rows * tile, columns * tile, 3)


def record_walk(recorder: Recorder, cells: int, steps: int, seed: int = 0) -> list[tuple[np.ndarray, ...]]:
    """One episode of `steps` actions; returns the three pictures of every step."""
    drawn, pictures = DrawnWorld(cells, seed), []
    plan = [f"(open door{number})" for number in range(5)]
    recorder.begin("walk", seed, "walk about")
    for step in range(steps + 1):
        pictures.append((drawn.world(), drawn.view(), drawn.belief()))
        events = [("plan", "5 steps")] if step == 0 else [("achieved", "(open door0)")] if step == 3 else []
        action = "forward" if step < steps else ""
        at = min(step // 3, 5)
        recorder.add(*pictures[-1], plan, at, f"open door {at}", action, float(step == steps - 1), events)
        drawn.move()
    recorder.end(True, steps, 1.0)
    return pictures


class PageReader(html.parser.HTMLParser):
    """Reads a saved page the slow way, with none of the package's code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._inside = False
        self.feed(text)
        self.record: dict[str, Any] = json.loads(self.scripts[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag == "script"
        if self._inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data

    def frame(self, episode: int, pane: str, step: int) -> np.ndarray | None:
        for segment in self.record["episodes"][episode]["panes"][pane]:
            if segment["first"] <= step < segment["first"] + segment["count"]:
                return self._picture(segment, step - segment["first"])
        return None

    def _picture(self, segment: dict[str, Any], at: int) -> np.ndarray:
        size = (segment["width"], segment["height"])
        if segment["kind"] == "pictures":
            return _image(segment["images"][segment["frames"][at]], size)
        sheet = next(one for one in self.record["sheets"] if one["tile"] == segment["tile"])
        tile, atlas = sheet["tile"], _image(sheet["png"], None)
        numbers = np.frombuffer(zlib.decompress(base64.b64decode(segment["data"])), "<u2")
        across, down = -(-size[0] // tile), -(-size[1] // tile)
        number = numbers.reshape(segment["count"], -1)[: at + 1].sum(0, dtype=np.int64) % 65536
        canvas = np.zeros((down * tile, across * tile, 3), np.uint8)
        for cell, which in enumerate(number):
            x, y = cell % across * tile, cell // across * tile
            left, top = which % sheet["columns"] * tile, which // sheet["columns"] * tile
            canvas[y : y + tile, x : x + tile] = atlas[top : top + tile, left : left + tile]
        return canvas[: size[1], : size[0]]


def _image(text: str, size: tuple[int, int] | None) -> np.ndarray:
    picture = Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB")
    return np.asarray(picture.resize(size) if size else picture)


@pytest.fixture
def read_page() -> Callable[[Path | str], PageReader]:
    return lambda page: PageReader(page.read_text("utf-8") if isinstance(page, Path) else page)


@pytest.fixture(scope="session")
def walk() -> Callable[..., list[tuple[np.ndarray, ...]]]:
    return record_walk
