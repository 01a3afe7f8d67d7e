"""`neurosym domain draft`: a language model writes a domain's files, and what is wrong with them goes back to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from neurosym.cli.command import DONE, FAILED, Command, UsageError
from neurosym.cli.translating import ServerFlags
from neurosym.cli.voice import Voice
from neurosym.errors import DomainError

if TYPE_CHECKING:
    from neurosym.drafting import Draft, Round

__all__ = ["DraftDomain"]

ROUNDS = 4
QUESTION_SECONDS = 600.0  # whole files take a model a while


@dataclass(kw_only=True)
class DraftDomain(Command):
    """Have a language model write a domain from a description, until the checks have nothing to complain about."""

    source: Annotated[Path, tyro.conf.arg(name="from", metavar="FILE")]
    """A text that describes the world, of at most 20,000 characters. It is data, whatever it says."""
    out: Path | None = None
    """The domain's folder, which must not exist; named as the description is, unless told otherwise."""
    rounds: int = ROUNDS
    """How many replies to ask for at most."""
    offline: bool = False
    """Ask no language model; use what it has answered before, and fail where it was not asked."""
    llm: ServerFlags = field(default_factory=ServerFlags)

    def run(self, voice: Voice, given: list[str]) -> int:
        from neurosym.cli.patience import asking_for_patience
        from neurosym.drafting import DraftStatus, draft_domain
        from neurosym.language.access import open_chat

        if self.rounds < 1:
            raise UsageError(f"--rounds must be at least 1, got {self.rounds}")
        folder = Path(self.source.stem) if self.out is None else self.out
        settings = self.llm.settings(offline=self.offline, question_s=QUESTION_SECONDS)
        description = _read(self.source)
        with asking_for_patience(voice):
            draft = draft_domain(
                description,
                open_chat(settings),
                folder,
                rounds=self.rounds,
                watch=lambda entry: _tell(voice, entry),
            )
        if voice.json:
            voice.answer(draft.as_record())
        else:
            _show(voice, draft)
        return DONE if draft.status is DraftStatus.DRAFTED else FAILED


def _read(path: Path) -> str:
    """The description, of which no more is read than it takes to see that it is too long.

    Raises:
        DomainError: it is too long, or no text.
        OSError: it cannot be read.
    """
    from neurosym.drafting.draft import MOST_DESCRIPTION

    with path.open("rb") as file:
        content = file.read(4 * MOST_DESCRIPTION + 1)  # a character has at most four bytes
    if len(content) > 4 * MOST_DESCRIPTION:
        raise DomainError(f"{path}: a description has at most {MOST_DESCRIPTION} characters")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise DomainError(f"{path}: a description is text in UTF-8") from None


def _tell(voice: Voice, entry: Round) -> None:
    """What is wrong with a reply, while the next one is asked for."""
    if entry.trouble:
        voice.mention("a reply without the files")
    elif entry.wrong:
        voice.mention(f"a draft with {len(entry.wrong)} {'fault' if len(entry.wrong) == 1 else 'faults'}")
    else:
        voice.mention("a draft with nothing to complain about")
    for line in entry.wrong:
        voice.mention(f"  {line}")


def _show(voice: Voice, draft: Draft) -> None:
    from neurosym.checking.report import explain
    from neurosym.drafting import DraftStatus

    for finding in draft.findings:
        voice.show(explain(finding), "")
    usage, rounds = draft.usage, len(draft.rounds)
    spent = f"{rounds} round{'s' * (rounds != 1)}, {usage.calls} calls, {usage.tokens} tokens"
    told = ": ".join(str(part) for part in (draft.folder, draft.reason) if part)
    voice.show(f"{draft.status.value}: {told} ({spent})")
    if draft.folder is not None and draft.status is DraftStatus.DRAFTED:
        where = draft.folder if draft.folder.is_absolute() else f"./{draft.folder}"
        files = f"{draft.folder / 'domain.pddl'} {draft.folder / 'p01.pddl'}"
        voice.show("", f"next: neurosym domain check {where}", f"      neurosym solve --pddl {files}")
