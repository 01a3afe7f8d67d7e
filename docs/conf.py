"""Sphinx's configuration."""

from __future__ import annotations

from neurosym import __version__

project = "neurosym"
author = "the neurosym authors"
copyright = "the neurosym authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"
html_theme = "furo"
html_title = f"neurosym {release}"
