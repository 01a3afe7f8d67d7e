"""A language model drafts a domain, the checks say what is wrong with it, and it tries again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from neurosym.checking import Finding
from neurosym.drafting.files import read_files, write_files
from neurosym.drafting.inspection import Inspection, inspect
from neurosym.drafting.prompt import ask_for_draft, ask_for_repair, say
from neurosym.errors import DomainError, LanguageModelError
from neurosym.language import ChatModel, ChatRequest, Usage
from neurosym.language.reply import UnfitReplyError
from neurosym.scaffold import check_new_folder, write_pddl_binding

__all__ = ["MOST_DESCRIPTION", "ROUNDS", "UNFINISHED", "Draft", "DraftStatus", "Round", "draft_domain"]

ROUNDS = 4
MOST_DESCRIPTION = 20_000  # characters
UNFINISHED = "unfinished.txt"


class DraftStatus(Enum):
    """What came of it."""

    DRAFTED = "drafted"
    UNFINISHED = "unfinished"
    REFUSED = "refused"


@dataclass(frozen=True)
class Round:
    """One reply.

    Attributes:
        taken: it was no worse than those before it.
        findings: about its files; the files are bare names.
        trouble: why it held no files; empty if it did.
    """

    taken: bool
    findings: tuple[Finding, ...] = ()
    trouble: str = ""

    @property
    def wrong(self) -> list[str]:
        """All that is wrong with it, a line each, as the model is told."""
        return [self.trouble] if self.trouble else [say(finding) for finding in self.findings]

    def as_record(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {"taken": self.taken, "wrong": self.wrong}


@dataclass(frozen=True)
class Draft:
    """What became of a description.

    Attributes:
        status: a domain without errors; files with errors, the best of all rounds; or no files at all.
        reason: why it is not finished; empty if it is.
        folder: where the files are; None if there are none.
        findings: what is still wrong, or doubtful, with them.
        usage: what the model cost.
    """

    status: DraftStatus
    reason: str = ""
    folder: Path | None = None
    findings: tuple[Finding, ...] = ()
    rounds: tuple[Round, ...] = ()
    usage: Usage = field(default_factory=Usage)

    def as_record(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "status": self.status.value,
            "reason": self.reason,
            "folder": None if self.folder is None else str(self.folder),
            "findings": [finding.as_record() for finding in self.findings],
            "rounds": [entry.as_record() for entry in self.rounds],
            "usage": dict(vars(self.usage)),
        }


def draft_domain(
    description: str,
    model: ChatModel,
    folder: Path,
    *,
    rounds: int = ROUNDS,
    watch: Callable[[Round], None] | None = None,
) -> Draft:
    """Have a model write a domain, and again with what is wrong with it, until nothing is or the rounds are up.

    A draft that is done is a domain that can be played: `domain.py` is this package's own. One that is not keeps its
    best files in the folder, beside `unfinished.txt`, which says what is wrong with them. Nothing else is written.

    Args:
        description: data to the model, whatever it says; at most 20,000 characters.
        folder: must not exist, or be empty; its name is the domain's.
        rounds: replies to ask for, at least 1.
        watch: told of each round as it ends.

    Raises:
        DomainError: the folder is taken or its name cannot be a domain's, or the description is empty or too long.
        LanguageModelError: the model gave no answer to the first question.
    """
    check_new_folder(folder)
    if not description.strip() or len(description) > MOST_DESCRIPTION:
        raise DomainError(
            f"a description has 1 to {MOST_DESCRIPTION} characters, this one has {len(description.strip())}"
        )
    drafting = _Drafting(description, model)
    for entry in drafting.run(rounds):
        if watch is not None:
            watch(entry)
    return drafting.settle(folder)


class _Drafting:
    """The rounds so far, and the best of their drafts."""

    def __init__(self, description: str, model: ChatModel) -> None:
        self.description, self.model = description, model
        self.usage = Usage()
        self.rounds: list[Round] = []
        self.files: dict[str, str] = {}
        self.best = Inspection(())
        self.trouble = ""

    def run(self, rounds: int) -> Iterator[Round]:
        request = ask_for_draft(self.description)
        while len(self.rounds) < rounds and not self._is_flawless():
            try:
                reply = self._ask(request)
            except LanguageModelError as error:
                if not self.rounds:
                    raise
                self.trouble = str(error)
                return
            self.rounds.append(self._take(reply))
            yield self.rounds[-1]
            request = ask_for_repair(self.description, self.files, self.best.findings, self._rejected)

    @property
    def _rejected(self) -> list[str]:
        last = self.rounds[-1]
        return [] if last.taken else last.wrong

    def _is_flawless(self) -> bool:
        return bool(self.files) and not self.best.findings

    def _ask(self, request: ChatRequest) -> str:
        start = time.perf_counter()
        try:
            reply = self.model.ask(request)
        finally:
            self.usage.seconds += time.perf_counter() - start
        self.usage.calls += reply.calls
        self.usage.cache_hits += not reply.calls
        self.usage.tokens += reply.prompt_tokens + reply.completion_tokens
        self.usage.repairs += bool(self.rounds)
        return next(iter(reply.texts), "")

    def _take(self, reply: str) -> Round:
        """Keep what the reply holds if it is no worse than what there is."""
        try:
            files = read_files(reply)
        except UnfitReplyError as error:
            return Round(False, trouble=str(error))
        seen = inspect(files)
        taken = not self.files or seen.faults <= self.best.faults
        if taken:
            self.files, self.best = files, seen
        return Round(taken, seen.findings)

    def settle(self, folder: Path) -> Draft:
        """Write what there is, and say what came of it."""
        rounds = tuple(self.rounds)
        if not self.files:
            reason = self.trouble or f"no reply held the files: {rounds[-1].trouble}"
            return Draft(DraftStatus.REFUSED, reason, rounds=rounds, usage=self.usage)
        folder.mkdir(parents=True, exist_ok=True)
        write_files(self.files, folder)
        findings = tuple(replace(finding, file=folder / finding.file) for finding in self.best.findings)
        if self.best.plan:
            (folder / "p01.plan").write_text(self.best.plan, encoding="utf-8")
            write_pddl_binding(folder)
            return Draft(DraftStatus.DRAFTED, "", folder, findings, rounds, self.usage)
        lines = [say(finding) for finding in self.best.findings]
        (folder / UNFINISHED).write_text("\n".join(lines) + "\n", encoding="utf-8")
        reason = self.trouble or f"{_count(len(lines), 'fault')} left after {_count(len(rounds), 'round')}"
        return Draft(DraftStatus.UNFINISHED, reason, folder, findings, rounds, self.usage)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
