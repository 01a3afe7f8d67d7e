"""The page, looked at in a browser."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosym.ablation.report import write_report
from neurosym.ablation.report.answer import answer_question
from neurosym.ablation.report.summary import summarise_cells
from tests.ablation.made_up import FACTS, METHODS, fail, make_cells

NASTY = "</style><script>document.documentElement.dataset.broken='1'</script>$title <b>"
PRESS = """<script>
document.getElementById("theme").click();
document.querySelector('[data-pick="flat"]').click();
</script></body>"""
# Whatever the page would fetch by itself; links are followed by the reader alone.
FETCHES = r"https?:(?!//www\.w3\.org/2000/svg)|url\(|@import|<link|<img|<iframe|<object| src=| style=| on\w+="


class Outline(HTMLParser):
    """The parts of a page that need words for those who cannot see it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    cells = make_cells()
    cells[1] = fail(cells[1], "no <planner> here")
    return write_report(cells, tmp_path / "ablation", FACTS)


def visible(dom: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", dom))


def test_the_page_says_everything(page: Path, chromium: Any) -> None:
    text = visible(chromium.dom(page))
    cells = make_cells()
    cells[1] = fail(cells[1], "")
    said = answer_question(summarise_cells(cells, FACTS))
    for part in (
        FACTS.question,
        said.sentence,
        *said.by_task,
        FACTS.command,
        FACTS.commit,
        "no <planner> here",
    ):
        assert part is not None
        assert part in text, part
    for heading in (
        "Learning curves",
        "Run against run",
        "Frames to a success rate",
        "Failures by cause",
        "Budgets",
    ):
        assert heading in text, heading


def test_the_page_asks_nobody(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.findall(FETCHES, text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in text
    assert f"script-src 'sha256-{digest}'" in text


def test_figures_and_tables_have_words(page: Path) -> None:
    outline = Outline(page.read_text(encoding="utf-8"))
    drawn = outline.all("svg")
    assert len(drawn) == 9
    assert all(each["role"] == "img" and each["aria-label"] for each in drawn)
    assert len(outline.all("caption")) == len(outline.all("table")) > 7
    names = [attributes["id"] for _, attributes in outline.found if "id" in attributes]
    assert len(set(names)) == len(names)
    for link in outline.all("a"):
        target = link["href"] or ""
        assert target.startswith("cells/") or target[1:] in names, target


@pytest.mark.parametrize("dark", [False, True])
def test_by_day_and_by_night(page: Path, chromium: Any, dark: bool) -> None:
    seen = chromium.screenshot(page, "", (1200, 1500), dark=dark)
    paper = seen[:6].mean()
    assert paper < 60 if dark else paper > 200, paper
    assert seen.std() > 10, "the page is empty"
    assert len(np.unique(seen.astype(np.int64) @ [65536, 256, 1])) > 100, "nothing is drawn in colour"


def test_buttons_turn_the_colours_and_pick_a_method(page: Path, chromium: Any) -> None:
    text = re.sub(r"<meta http-equiv[^>]*>", "", page.read_text(encoding="utf-8"))
    page.write_text(text.replace("</body>", PRESS), encoding="utf-8")
    dom = chromium.dom(page)
    assert 'data-theme="dark"' in dom
    outline = Outline(dom)
    picked = {each.get("data-method") for _, each in outline.found if "picked" in (each.get("class") or "")}
    assert picked == {"flat"}
    assert [each["data-pick"] for each in outline.all("button") if each.get("aria-pressed") == "true"] == [
        "flat"
    ]
    assert {each.get("data-pick") for each in outline.all("button")} >= set(METHODS)


def test_names_cannot_become_markup(tmp_path: Path, chromium: Any) -> None:
    cells = [
        replace(
            cell,
            order=replace(cell.order, key=replace(cell.key, task=NASTY)),
            settings={NASTY: cell.key.method},
        )
        for cell in make_cells(seeds=1, tasks=["Rooms-N6"])
    ]
    facts = replace(FACTS, question=NASTY, command=NASTY, changes={"full": NASTY}, versions={NASTY: NASTY})
    assert "data-broken" not in chromium.dom(write_report(cells, tmp_path, facts))
