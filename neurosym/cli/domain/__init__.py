"""`neurosym domain`: what helps those who write a domain of their own, one module for each action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import tyro

from neurosym.cli.domain.check import Check
from neurosym.cli.domain.draft import DraftDomain
from neurosym.cli.domain.new import New
from neurosym.cli.domain.show import Show
from neurosym.cli.voice import Voice

__all__ = ["DomainCommands"]

_Actions = (
    Annotated[New, tyro.conf.subcommand("new")]
    | Annotated[DraftDomain, tyro.conf.subcommand("draft")]
    | Annotated[Check, tyro.conf.subcommand("check")]
    | Annotated[Show, tyro.conf.subcommand("show")]
)


@dataclass(kw_only=True)
class DomainCommands:
    """Look at a domain, yours or another."""

    action: Annotated[_Actions, tyro.conf.arg(name="")]

    @property
    def json(self) -> bool:
        return self.action.json

    def run(self, voice: Voice, given: list[str]) -> int:
        return self.action.run(voice, given)
