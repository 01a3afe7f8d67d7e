"""The page: one HTML file with its style, its script and the recording; it asks the network for nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from importlib.resources import files
from string import Template
from typing import Any

__all__ = ["render_page"]


def render_page(title: str, record: dict[str, Any]) -> str:
    """The whole page. `record` must be JSON; `page.js` and `pictures.js` say how it is read."""
    style, script = _asset("page.css"), _asset("pictures.js") + _asset("page.js")
    return Template(_asset("page.html")).substitute(
        title=html.escape(title),
        policy=_policy(style, script),
        style=style,
        script=script,
        data=_inert_json(record),
    )


def _asset(name: str) -> str:
    return files("neurosym.replay").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
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
