"""`neurosym domain new`: a domain's folder to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from neurosym.cli.command import DONE, Command
from neurosym.cli.voice import Voice

__all__ = ["New"]


@dataclass(kw_only=True)
class New(Command):
    """Write a folder that works at once: a small world, or a Gymnasium environment, for you to go on from."""

    name: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="NAME")]
    """The domain's name, which is also its folder's; a path puts it elsewhere."""
    env: str | None = None
    """A Gymnasium id to make it about, such as CartPole-v1; module:Id-v0 imports a module first."""

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.scaffold import write_domain_folder

        folder = Path(self.name)
        written = write_domain_folder(folder, self.env)
        if voice.json:
            voice.answer({"folder": str(folder), "files": [path.name for path in written]})
            return DONE
        where = folder if folder.is_absolute() else f"./{folder}"
        for path in written:
            voice.show(str(path))
        voice.show("", f"next: neurosym domain check {where}", f"      neurosym train {where}")
        return DONE
