"""What every subcommand is: a dataclass whose fields are its arguments, and `run`."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.cli.voice import Voice
from neurosym.errors import NeurosymError

__all__ = ["DONE", "FAILED", "INTERRUPTED", "WRONG_USAGE", "Command", "UsageError"]

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


class UsageError(NeurosymError):
    """Arguments that parse but make no sense."""


@dataclass(kw_only=True)
class Command:
    json: bool = False
    """Print one JSON object on standard output; everything else goes to standard error."""

    def run(self, voice: Voice, given: list[str]) -> int:
        """Do the work and return the exit code.

        Args:
            given: the command line's arguments as they were typed, for the record.
        """
        raise NotImplementedError
