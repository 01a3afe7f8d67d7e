"""New domains: folders that work at once, written from templates."""

from __future__ import annotations

from neurosym.scaffold.write import write_domain_folder

__all__ = ["write_domain_folder"]
