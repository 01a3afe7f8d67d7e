"""Frames as grids of tiles: a drawn world repeats a few, so a frame becomes a small array of numbers."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["TILE_SIZES", "Sheet", "choose_tile", "cut", "pack_indices", "text_of"]

TILE_SIZES = (8, 10, 12, 16, 20, 24, 32, 40, 48, 64)
COLUMNS = 64  # tiles beside each other in a sheet
MOST_TILES = 16_384  # at 64 px a sheet of so many is 16,384 px high, which browsers still decode
SAMPLE = 12  # frames looked at to choose a tile size

Indices = NDArray[np.uint16]


class Sheet:
    """Every distinct tile of one size, numbered in the order of appearance."""

    def __init__(self, tile: int) -> None:
        self.tile = tile
        self._number: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._number)

    def indices(self, frame: NDArray[np.uint8]) -> Indices | None:
        """The tile numbers of a frame, uint16[rows * columns], or None when the sheet is full."""
        number = self._number
        tiles = cut(frame, self.tile)
        found = [number.setdefault(tile.tobytes(), len(number)) for tile in tiles]
        return np.array(found, np.uint16) if len(number) <= MOST_TILES else None

    def forget(self, length: int) -> None:
        """Drop the newest tiles until `length` are left."""
        while len(self._number) > length:
            self._number.popitem()

    def pixels(self) -> bytes:
        """The RGB bytes of every tile, one after the other."""
        return b"".join(self._number)

    def png(self, first: int = 0) -> bytes:
        """The tiles from number `first` on, `COLUMNS` to a row, as one PNG; indexed when 256 colours do."""
        tiles = list(self._number)[first:]
        size, rows = self.tile, -(-max(len(tiles), 1) // COLUMNS)
        grid = np.zeros((rows * COLUMNS, size, size, 3), np.uint8)
        for place, tile in enumerate(tiles):
            grid[place] = np.frombuffer(tile, np.uint8).reshape(size, size, 3)
        sheet = grid.reshape(rows, COLUMNS, size, size, 3).swapaxes(1, 2).reshape(rows * size, -1, 3)
        return _png(np.ascontiguousarray(sheet))


def cut(frame: NDArray[np.uint8], tile: int) -> NDArray[np.uint8]:
    """Cut uint8[H, W, 3] into uint8[rows * columns, tile, tile, 3]; a torn edge is filled with black."""
    height, width, _ = frame.shape
    rows, columns = -(-height // tile), -(-width // tile)
    if (height, width) != (rows * tile, columns * tile):
        padded = np.zeros((rows * tile, columns * tile, 3), np.uint8)
        padded[:height, :width] = frame
        frame = padded
    grid = frame.reshape(rows, tile, columns, tile, 3).swapaxes(1, 2)
    return np.ascontiguousarray(grid).reshape(rows * columns, tile, tile, 3)


def choose_tile(frames: Sequence[NDArray[np.uint8]]) -> int:
    """The tile size that stores a sample of `frames` in about the fewest bytes.

    Sizes that cut every frame evenly are tried first; a torn edge costs a tile of its own.
    """
    sample = frames[:: -(-len(frames) // SAMPLE)]
    even = [tile for tile in TILE_SIZES if all(side % tile == 0 for one in sample for side in one.shape[:2])]
    return min(even or TILE_SIZES, key=lambda tile: _cost(sample, tile))


def _cost(frames: Iterable[NDArray[np.uint8]], tile: int) -> float:
    sheet, indices = Sheet(tile), []
    for frame in frames:
        found = sheet.indices(frame)
        if found is None:
            return float("inf")
        indices.append(found.tobytes())
    # Each cell is one drawing call in the browser: between equals, the coarser grid wins.
    cells = max(len(part) for part in indices) // 2
    return len(zlib.compress(sheet.pixels(), 1)) + len(zlib.compress(b"".join(indices), 1)) + cells


def pack_indices(frames: Sequence[Indices]) -> bytes:
    """Deflated little-endian uint16: the first frame, then each less the one before, modulo 65,536."""
    stack = np.stack(frames).astype("<u2")
    stack[1:] = stack[1:] - stack[:-1]
    return zlib.compress(stack.tobytes(), 9)


def text_of(data: bytes) -> str:
    """Base64."""
    return base64.b64encode(data).decode("ascii")


def _png(pixels: NDArray[np.uint8]) -> bytes:
    packed = pixels.astype(np.int64) @ np.array([65536, 256, 1])
    colours = np.unique(packed)
    picture = Image.fromarray(pixels)
    if len(colours) <= 256:
        picture = Image.fromarray(np.searchsorted(colours, packed).astype(np.uint8), "P")
        picture.putpalette(b"".join(int(colour).to_bytes(3, "big") for colour in colours))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
