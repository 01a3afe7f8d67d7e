"""Pages: one HTML file each with its style, its script and its data; they ask the network for nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from importlib.resources import files
from string import Template
from typing import Any

__all__ = ["content_policy", "render_index", "render_page"]


def render_page(title: str, record: dict[str, Any]) -> str:
    """The page of a recording. `record` must be JSON; `page.js` and `pictures.js` say how it is read."""
    return _render("page.html", ["page.css"], ["pictures.js", "page.js"], title, record)


def render_index(title: str, record: dict[str, Any]) -> str:
    """The page that lists failures. `record` must be JSON; `index.js` says how it is read."""
    return _render("index.html", ["page.css", "index.css"], ["index.js"], title, record)


def _render(page: str, styles: list[str], scripts: list[str], title: str, record: dict[str, Any]) -> str:
    style, script = "".join(map(_asset, styles)), "".join(map(_asset, scripts))
    return Template(_asset(page)).substitute(
        title=html.escape(title),
        policy=content_policy(style, script),
        style=style,
        script=script,
        data=_inert_json(record),
    )


def _asset(name: str) -> str:
    return files("neurosym.replay").joinpath(name).read_text(encoding="utf-8")


def content_policy(style: str, script: str) -> str:
    """A content security policy: only this style and this script, no network, whatever the recording says."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _inert_json(record: dict[str, Any]) -> str:
    """JSON without a character that HTML could take for markup: inside strings, < is as good as \\u003c."""
    text = json.dumps(record, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
