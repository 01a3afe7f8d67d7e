"""Words as a picture, for worlds and beliefs that have no other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_lines"]

_INK, _PAPER = (30, 30, 34), (246, 246, 242)
_SIZE, _MARGIN, _LEAST_WIDTH = 18, 14, 240  # pixels


def draw_lines(lines: Sequence[str]) -> NDArray[np.uint8]:
    """uint8[H, W, 3]: the lines one under the other, dark on light."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(_SIZE)
    text = "\n".join(lines) or " "
    left, top, right, bottom = ImageDraw.Draw(Image.new("RGB", (1, 1))).multiline_textbbox((0, 0), text, font)
    size = max(_LEAST_WIDTH, int(right - left) + 2 * _MARGIN), int(bottom - top) + 2 * _MARGIN
    image = Image.new("RGB", size, _PAPER)
    ImageDraw.Draw(image).multiline_text((_MARGIN - left, _MARGIN - top), text, _INK, font)
    return np.asarray(image, dtype=np.uint8)
