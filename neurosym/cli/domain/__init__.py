"""`neurosym domain`: what helps those who write a domain of their own, one module for each action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import tyro

from neurosym.cli.command import Command
from neurosym.cli.domain.show import Show
from neurosym.cli.voice import Voice

__all__ = ["DomainCommands"]

# A union of one would make no subcommand; what is suppressed makes it two and is not shown.
_Actions = Annotated[Show, tyro.conf.subcommand("show")] | Annotated[Command, tyro.conf.Suppress]


@dataclass(kw_only=True)
class DomainCommands:
    """Look at a domain, yours or another."""

    action: Annotated[_Actions, tyro.conf.arg(name="")]

    @property
    def json(self) -> bool:
        return self.action.json

    def run(self, voice: Voice, given: list[str]) -> int:
        return self.action.run(voice, given)
