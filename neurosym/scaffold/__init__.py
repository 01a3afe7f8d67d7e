"""New domains: folders that work at once, written from templates."""

from __future__ import annotations

from neurosym.scaffold.write import check_new_folder, write_domain_folder, write_pddl_binding

__all__ = ["check_new_folder", "write_domain_folder", "write_pddl_binding"]
