"""Scales and labels keep to their place."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.ablation.report.figures import draw_figures
from neurosym.ablation.report.summary import summarise_cells
from neurosym.ablation.report.svg import Scale, file_of, spread, tone
from tests.ablation.made_up import FACTS, TASKS, make_cells

SPAN = st.floats(1, 1e7)


def test_a_scale_goes_from_end_to_end() -> None:
    assert [Scale(0, 10, 100, 200)(value) for value in (0, 5, 10, 20)] == [100, 150, 200, 200]
    assert Scale(1e3, 1e5, 0, 100, log=True)(1e4) == pytest.approx(50)


@given(SPAN, SPAN, st.booleans())
def test_ticks_lie_within_the_scale(start: float, width: float, log: bool) -> None:
    scale = Scale(start, start + width, 0, 1, log)
    for tick in scale.ticks():
        assert start * 0.998 - 1e-6 <= tick <= (start + width) * 1.002 + 1e-6


@given(st.lists(st.floats(0, 300), max_size=12))
def test_labels_do_not_overlap_and_keep_their_order(places: list[float]) -> None:
    moved = spread(places, 15, 0, 300)
    ranked = sorted(moved)
    assert all(b - a >= 15 - 1e-9 for a, b in pairwise(ranked))
    assert all(-1e-9 <= place <= 300 + 1e-9 for place in moved)
    order = sorted(range(len(places)), key=lambda index: places[index])
    assert [moved[index] for index in order] == ranked


def test_sixteen_methods_look_different() -> None:
    assert len({tone(number) for number in range(16)}) == 16


def test_every_figure_is_xml_that_says_what_it_shows() -> None:
    figures = draw_figures(summarise_cells(make_cells(), FACTS))
    assert len({figure.name for figure in figures}) == len(figures) == 3 * len(TASKS) + 3
    for figure in figures:
        root = ElementTree.fromstring(file_of(figure.svg))
        assert root.get("role") == "img"
        assert len(root.get("aria-label", "")) > 40
        assert "nan" not in figure.svg
        assert "inf" not in figure.svg.replace("infinite", "")
