"""The frames of one pane, kept small while an episode runs.

A drawn world compresses well and is kept exactly. What does not compress (a camera picture, noise) would fill
the memory within an episode; it is kept as a small lossy picture from the start.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["Film", "Kept", "PictureEncoder", "Run"]

Frame = NDArray[np.uint8]

DRAWN_RATIO = 4  # drawn worlds shrink 50 to 100 times under zlib, photographs less than twice
LADDER = tuple((side, quality) for side in (320, 240, 160, 112, 80, 56, 32, 16) for quality in (60, 35, 15))


@dataclass(frozen=True)
class Kept:
    """One distinct frame: exact (deflated RGB bytes) or a WebP picture of it."""

    height: int
    width: int
    exact: bool
    data: bytes

    def pixels(self) -> Frame:
        """uint8[height, width, 3]."""
        if self.exact:
            flat = np.frombuffer(zlib.decompress(self.data), np.uint8)
            return flat.reshape(self.height, self.width, 3)
        picture = Image.open(io.BytesIO(self.data)).convert("RGB").resize((self.width, self.height))
        return np.asarray(picture, np.uint8)


@dataclass(frozen=True)
class Run:
    """Successive frames of one size and one kind; `kept[indices[k]]` is frame `first + k`."""

    first: int
    indices: tuple[int, ...]
    height: int
    width: int
    exact: bool


class PictureEncoder:
    """WebP pictures of at most `limit` bytes each.

    It walks down a ladder of sizes and qualities and stays on the rung it needed, so that an episode does not
    flicker between sharp and soft.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._rung = 0

    def encode(self, frame: Frame) -> bytes:
        """`frame`: uint8[H, W, 3]."""
        picture = Image.fromarray(frame)
        while True:
            side, quality = LADDER[self._rung]
            data = _webp(picture, side, quality)
            if len(data) <= self.limit or self._rung == len(LADDER) - 1:
                return data
            self._rung += 1


class Film:
    """The frames of one pane of one episode, in order. A frame may be missing, and sizes may change.

    Args:
        limit: the most bytes a lossy picture of a frame may take.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.kept: list[Kept] = []
        self._index: list[int | None] = []
        self._known: dict[bytes, int] = {}
        self._encoder = PictureEncoder(limit)

    def __len__(self) -> int:
        return len(self._index)

    def add(self, frame: Frame | None) -> None:
        """Append a frame, uint8[H, W, 3], or None when there is nothing to show.

        Raises:
            ValueError: the shape or the dtype is wrong.
        """
        self._index.append(None if frame is None else self._keep(_checked(frame)))

    def frame(self, step: int) -> Frame | None:
        """Frame `step`, uint8[H, W, 3]; exact unless it had to be kept as a lossy picture."""
        index = self._index[step]
        return None if index is None else self.kept[index].pixels()

    def runs(self) -> Iterator[Run]:
        """The film cut wherever the size or the kind of its frames changes; missing frames are in no run."""
        start = 0
        while start < len(self._index):
            kind, end = self._kind(start), start + 1
            while end < len(self._index) and self._kind(end) == kind:
                end += 1
            if kind is not None:
                yield Run(start, tuple(i for i in self._index[start:end] if i is not None), *kind)
            start = end

    def _kind(self, step: int) -> tuple[int, int, bool] | None:
        index = self._index[step]
        if index is None:
            return None
        kept = self.kept[index]
        return kept.height, kept.width, kept.exact

    def _keep(self, frame: Frame) -> int:
        height, width, _ = frame.shape
        raw = np.ascontiguousarray(frame).tobytes()
        key = hashlib.sha256(b"%d %d " % (height, width) + raw).digest()
        if key not in self._known:
            self._known[key] = len(self.kept)
            data = zlib.compress(raw, 1)
            exact = len(data) * DRAWN_RATIO <= len(raw) or len(data) <= self.limit
            self.kept.append(Kept(height, width, exact, data if exact else self._encoder.encode(frame)))
        return self._known[key]


def _checked(frame: Frame) -> Frame:
    frame = np.asarray(frame)
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
        raise ValueError(f"a frame must be uint8[H, W, 3], got {frame.dtype}{list(frame.shape)}")
    return frame


def _webp(picture: Image.Image, side: int, quality: int) -> bytes:
    small = picture.copy()
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "WEBP", quality=quality, method=4)
    return out.getvalue()
