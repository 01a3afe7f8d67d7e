"""Words as a picture, for worlds and beliefs that have no other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_lines"]

_INK, _PAPER = (30, 30, 34), (246, 246, 242)
_SIZE, _LINE, _MARGIN = 16, 22, 14  # pixels
_LEAST = 240, 90  # width and height
_MOST_ROWS = 24


def draw_lines(lines: Sequence[str]) -> NDArray[np.uint8]:
    """uint8[H, W, 3]: the lines one under the other, in as many columns as it takes, dark on light."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(_SIZE)
    columns = [lines[start : start + _MOST_ROWS] for start in range(0, len(lines), _MOST_ROWS)]
    widths = [max(int(font.getlength(line)) for line in column) + _MARGIN for column in columns]
    height = _LINE * max(map(len, columns), default=0) + 2 * _MARGIN
    image = Image.new("RGB", (max(sum(widths) + _MARGIN, _LEAST[0]), max(height, _LEAST[1])), _PAPER)
    pen, left = ImageDraw.Draw(image), _MARGIN
    for column, width in zip(columns, widths, strict=True):
        for row, line in enumerate(column):
            pen.text((left, _MARGIN + _LINE * row), line, font=font, fill=_INK)
        left += width
    return np.array(image, dtype=np.uint8)
