"""The command line: one module for each subcommand, and here what they share: parsing, errors, exit codes.

Exit codes: 0 success, 1 the work failed, 2 bad usage, 130 interrupted. What is heavy is imported by the
subcommand that needs it, so that `neurosym --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import tyro

from neurosym.cli.ablate import Ablate
from neurosym.cli.command import FAILED, INTERRUPTED, WRONG_USAGE, Command, UsageError
from neurosym.cli.doctor import Doctor
from neurosym.cli.domain import DomainCommands
from neurosym.cli.plan import PlanTask
from neurosym.cli.solve import Solve
from neurosym.cli.tasks import Tasks
from neurosym.cli.train import Train
from neurosym.cli.voice import Voice, listening
from neurosym.errors import NeurosymError, UnknownNameError

__all__ = ["main"]

_DESCRIPTION = "Plan in symbols, say each step in words, act by options learned with reinforcement."

_COMMANDS = (
    Annotated[Tasks, tyro.conf.subcommand("tasks")]
    | Annotated[PlanTask, tyro.conf.subcommand("plan")]
    | Annotated[Train, tyro.conf.subcommand("train")]
    | Annotated[Solve, tyro.conf.subcommand("solve")]
    | Annotated[Ablate, tyro.conf.subcommand("ablate")]
    | Annotated[DomainCommands, tyro.conf.subcommand("domain")]
    | Annotated[Doctor, tyro.conf.subcommand("doctor")]
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; argparse-like mistakes leave by `SystemExit(2)`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        return _say_version()
    command: Command | DomainCommands = tyro.cli(
        _COMMANDS,  # type: ignore[arg-type]
        prog="neurosym",
        description=_DESCRIPTION,
        args=given,
        config=(tyro.conf.FlagCreatePairsOff, tyro.conf.OmitSubcommandPrefixes),
    )
    try:
        with listening(command.json) as voice:
            return _run(command, voice, given)
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


def _run(command: Command | DomainCommands, voice: Voice, given: list[str]) -> int:
    try:
        return command.run(voice, given)
    except (UsageError, UnknownNameError) as error:
        return _refuse(voice, error, str(error), WRONG_USAGE)
    except NeurosymError as error:
        return _refuse(voice, error, str(error), FAILED)
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _refuse(voice, error, f"{where}{error.strerror or error}", FAILED)
    except KeyboardInterrupt as error:
        return _refuse(voice, error, "interrupted", INTERRUPTED)


def _refuse(voice: Voice, error: BaseException, message: str, code: int) -> int:
    line = " ".join(message.split()) or type(error).__name__
    voice.complain(line)
    if voice.json:
        voice.answer({"error": line, "kind": type(error).__name__, "details": vars(error)})
    return code


def _say_version() -> int:
    from neurosym import __version__

    sys.stdout.write(f"neurosym {__version__}\n")
    return 0
