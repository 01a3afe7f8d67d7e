from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from neurosym.showing.page import render_page
from neurosym.showing.sample import Sample
from neurosym.showing.summary import Summary

NASTY = "</style><script>document.documentElement.dataset.broken='1'</script>$title"
POINT = """<script>
document.querySelector('[data-node="r-lies"]').dispatchEvent(new Event("pointerenter"));
</script></body>"""


def test_the_page_holds_everything(alley: Summary, sample: Sample) -> None:
    page = render_page(alley, sample)
    for text in (
        "open-box",
        "?from ?to - zone",
        "(may-hold ?b ?c)",
        "open {gate}",
        "static",
        "+ (held coin)",
    ):
        assert text in page, text
    assert 'data-from="r-lies"' in page
    assert "$" not in page.replace("${", "")


def test_the_page_asks_nobody(alley: Summary, sample: Sample) -> None:
    page = render_page(alley, sample)
    assert not re.findall(r"https?:|url\(|@import|<link|<img|<iframe| src=| on\w+=", page)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in page
    assert f"script-src 'sha256-{digest}'" in page


def test_why_there_is_no_sample(alley: Summary) -> None:
    assert "the &lt;bell&gt; is broken" in render_page(alley, None, "the <bell> is broken")


def test_names_cannot_become_markup(alley: Summary, tmp_path: Path, chromium: Any) -> None:
    file = tmp_path / "page.html"
    file.write_text(
        render_page(replace(alley, name=NASTY, folder=Path(NASTY)), None, NASTY), encoding="utf-8"
    )
    assert "data-broken" not in chromium.dom(file)


def test_pointing_at_a_predicate_leaves_its_arcs(
    alley: Summary, sample: Sample, tmp_path: Path, chromium: Any
) -> None:
    page = re.sub(r"<meta http-equiv[^>]*>", "", render_page(alley, sample)).replace("</body>", POINT)
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    dom = chromium.dom(file)
    lit = re.findall(r'class="arc [^"]*lit" data-from="([^"]*)" data-to="([^"]*)"', dom)
    readers, changers = {"open-box", "take", "ring"}, {"open-box", "take"}
    assert set(lit) == {("r-lies", f"o-{name}") for name in readers} | {
        (f"o-{name}", "n-lies") for name in changers
    }


def test_the_page_is_drawn(alley: Summary, sample: Sample, tmp_path: Path, chromium: Any) -> None:
    file = tmp_path / "page.html"
    file.write_text(render_page(alley, sample), encoding="utf-8")
    seen = chromium.screenshot(file, "", (1200, 900))
    assert seen[:6].mean() > 200, "by day the paper is light"
    assert seen.std() > 10, "the page is empty"
