"""The state of one `minigrid` environment, as a level that compiled worlds can start from."""

from __future__ import annotations

from typing import Any

from .bank import Levels


def snapshot(env: Any) -> Levels:
    """One level, the state that an unwrapped environment is in: things, agent, clock, and how far its mission is."""
    raise NotImplementedError


__all__ = ["snapshot"]
