"""Words as pictures."""

from __future__ import annotations

import numpy as np

from neurosym.drawing import draw_lines


def test_lines_stand_one_under_the_other() -> None:
    one, two = draw_lines(["(at red_stand)"]), draw_lines(["(at red_stand)", "(aboard)"])
    assert (one.dtype, one.shape[2]) == (np.uint8, 3)
    assert draw_lines(["(aboard)"] * 8).shape[0] > two.shape[0] >= one.shape[0]
    assert draw_lines(["(aboard)"] * 30).shape[0] == draw_lines(["(aboard)"] * 24).shape[0], "a second column"
    assert two.min() < 100, "dark"
    assert two.max() > 200, "on light"


def test_long_lines_are_wide_and_no_lines_are_blank() -> None:
    assert draw_lines(["x" * 100]).shape[1] > draw_lines(["x"]).shape[1]
    assert len(np.unique(draw_lines([]).reshape(-1, 3), axis=0)) == 1
