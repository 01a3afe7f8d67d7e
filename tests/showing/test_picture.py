from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest

from neurosym.domain import Domain
from neurosym.planning import planner
from neurosym.showing.causality import changed_by, read_by
from neurosym.showing.picture import draw
from neurosym.showing.sample import Look, Sample, plan_for
from neurosym.showing.summary import Summary, summarise
from neurosym.symbols import ActionSchema

SVG = "{http://www.w3.org/2000/svg}"
MEASURE = """
<script>
const box = (e) => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
const all = (what) => [...document.querySelectorAll(what)];
document.documentElement.dataset.boxes = JSON.stringify({
  texts: all("text").map((e) => [e.textContent, ...box(e)]),
  nodes: all(".node").map((e) => [box(e.querySelector("text")), box(e.querySelector("rect"))]),
  picture: box(document.querySelector("svg")),
});
</script>
"""


def elements(picture: str, name: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture).iter(SVG + name))


def words(picture: str) -> list[str]:
    return ["".join(element.itertext()) for element in elements(picture, "text")]


def test_the_graph_is_the_models(domain: Domain) -> None:
    arcs = {
        (path.get("data-from"), path.get("data-to"))
        for path in elements(draw(summarise(domain)), "path")
        if path.get("data-from")
    }
    expected = {(f"r-{p}", f"o-{a.name}") for a in domain.model.actions for p in read_by(a)}
    expected |= {(f"o-{a.name}", f"n-{p}") for a in domain.model.actions for p in changed_by(a)}
    assert arcs == expected


@pytest.mark.parametrize(
    ("ends", "look"),
    [
        (("r-lies", "o-take"), "plus"),
        (("r-open", "o-open-gate"), "minus"),
        (("o-take", "n-lies"), "minus"),
        (("o-pass-gate", "n-in"), "both"),
    ],
)
def test_arcs_tell_true_from_false(alley: Summary, ends: tuple[str, str], look: str) -> None:
    (arc,) = (p for p in elements(draw(alley), "path") if (p.get("data-from"), p.get("data-to")) == ends)
    assert look in str(arc.get("class")).split()


def test_the_plan_is_told(alley: Summary, sample: Sample) -> None:
    told = words(draw(alley, sample))
    for step in sample.steps:
        assert step.instruction in told
    assert "+ (held coin)" in told
    assert "− (lies coin z1)" in told
    assert "− (lies coin z1)" not in words(draw(alley))


def test_nothing_comes_from_elsewhere(alley: Summary, sample: Sample) -> None:
    picture = draw(alley, sample).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.findall(r"https?:|url\(|@import|href|<script|<image|foreignObject", picture)


def test_the_same_picture_twice(alley: Summary, sample: Sample) -> None:
    assert draw(alley, sample) == draw(alley, sample)


def test_names_cannot_become_markup(alley: Summary) -> None:
    nasty = '<script>"&'
    assert nasty in "".join(words(draw(replace(alley, name=nasty))))


def test_a_domain_without_operators(alley: Summary) -> None:
    assert "operator" not in words(draw(replace(alley, operators=(), arcs=())))


def test_an_operator_without_anything(alley: Summary) -> None:
    row = replace(alley.operators[0], schema=ActionSchema("wait"))
    assert "wait" in words(draw(replace(alley, operators=(row,))))


def measure(picture: str, tmp_path: Any, chromium: Any) -> dict[str, Any]:
    page = tmp_path / "picture.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{picture}{MEASURE}", encoding="utf-8")
    (found,) = re.findall(r'data-boxes="([^"]*)"', chromium.dom(page))
    return json.loads(unescape(found))


@pytest.fixture
def boxes(domain: Domain, tmp_path: Any, chromium: Any) -> dict[str, Any]:
    """Where a browser puts everything."""
    task = next(task.id for task in domain.tasks() if task.available)
    sample = plan_for(domain, Look.at(domain, task, 1_000_000), planner("neurosym"))
    return measure(draw(summarise(domain), sample), tmp_path, chromium)


def test_no_label_lies_on_another(boxes: dict[str, Any]) -> None:
    assert len(boxes["texts"]) > 20
    for (one, *first), (other, *second) in itertools.combinations(boxes["texts"], 2):
        apart = (
            first[2] <= second[0] or second[2] <= first[0] or first[3] <= second[1] or second[3] <= first[1]
        )
        assert apart, f"{one!r} lies on {other!r}"


def test_labels_fit_their_boxes_and_all_fits_the_picture(boxes: dict[str, Any]) -> None:
    for text, box in boxes["nodes"]:
        assert box[0] + 4 < text[0] < text[2] < box[2] - 4
    left, top, right, bottom = boxes["picture"]
    for text, *box in boxes["texts"]:
        assert left < box[0] < box[2] < right, text
        assert top < box[1] < box[3] < bottom, text
