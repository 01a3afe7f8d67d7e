"""Drafts: a language model writes a domain's files, and the checks have it put them right."""

from __future__ import annotations

from neurosym.drafting.draft import Draft, DraftStatus, Round, draft_domain

__all__ = ["Draft", "DraftStatus", "Round", "draft_domain"]
