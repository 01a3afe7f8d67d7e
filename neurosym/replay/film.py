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
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["Film", "Kept", "PictureEncoder", "Run"]

Frame = NDArray[np.uint8]

DRAWN_RATIO = 4  # drawn worlds shrink 50 to 100 times under zlib, photographs less than twice
BAND = 32  # rows deflated together: most bands of a drawn world are those of the step before
LADDER = tuple((side, quality) for side in (320, 240, 160, 112, 80, 56, 32, 16) for quality in (60, 35, 15))


@dataclass(frozen=True)
class Kept:
    """One distinct frame: exact, as deflated bands of RGB rows from the top down, or one WebP picture."""

    height: int
    width: int
    exact: bool
    data: tuple[bytes, ...]

    def pixels(self) -> Frame:
        """uint8[height, width, 3]."""
        if self.exact:
            flat = np.frombuffer(b"".join(map(_inflated, self.data)), np.uint8)
            return flat.reshape(self.height, self.width, 3)
        picture = Image.open(io.BytesIO(self.data[0])).convert("RGB").resize((self.width, self.height))
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
        self._known: dict[tuple[int, tuple[bytes, ...]], int] = {}
        self._bands: dict[bytes, bytes] = {}
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
        bands = [frame[top : top + BAND].tobytes() for top in range(0, height, BAND)]
        digests = tuple(hashlib.sha256(band).digest() for band in bands)
        if (width, digests) not in self._known:
            self._known[width, digests] = len(self.kept)
            self.kept.append(self._made(frame, bands, digests))
        return self._known[width, digests]

    def _made(self, frame: Frame, bands: list[bytes], digests: tuple[bytes, ...]) -> Kept:
        height, width, _ = frame.shape
        known = self._bands
        data = tuple(
            known.get(digest) or zlib.compress(band, 1) for digest, band in zip(digests, bands, strict=True)
        )
        size = sum(map(len, data))
        if size * DRAWN_RATIO > frame.nbytes and size > self.limit:
            return Kept(height, width, False, (self._encoder.encode(frame),))
        known.update(zip(digests, data, strict=True))
        return Kept(height, width, True, tuple(known[digest] for digest in digests))


@lru_cache(maxsize=256)
def _inflated(band: bytes) -> bytes:
    return zlib.decompress(band)


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
