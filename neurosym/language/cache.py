"""Answers kept in a folder: what was asked once, in the same words of the same model, is not asked again.

FOLDER/ab/abcd….json   one reply each, named by the SHA-256 of all that it depends on
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from neurosym.errors import LanguageModelError
from neurosym.files import replace_file
from neurosym.language.chat import ChatModel, ChatReply, ChatRequest
from neurosym.language.prompt import subject

__all__ = ["CachedChat", "cache_folder", "request_digest"]


class CachedChat:
    """Answers from the folder where it can, and keeps what it is told otherwise.

    An answer from the folder has no calls and no tokens: nothing was spent. Whatever does not read as an answer counts
    as none, and is written anew. A folder that cannot be written to keeps nothing.

    Args:
        offline: the folder is all there is; nobody is asked.
        most_bytes: of a reply; what goes beyond is cut off, which is too long all the same for whoever reads it.
    """

    def __init__(
        self, chat: ChatModel, folder: Path | None = None, offline: bool = False, most_bytes: int = 65_536
    ) -> None:
        self.chat, self.folder = chat, cache_folder() if folder is None else folder
        self.offline, self.most_bytes = offline, most_bytes

    @property
    def name(self) -> str:
        return self.chat.name

    def ask(self, request: ChatRequest) -> ChatReply:
        """The reply.

        Raises:
            LanguageModelError: offline, the answer is not there; otherwise as the model.
        """
        path = self._path(request)
        kept = _read(path)
        if kept is not None:
            return kept
        if self.offline:
            raise LanguageModelError(
                f'offline, and {self.name} has not been asked this before: "{subject(request)}"'
            )
        reply = self.chat.ask(request)
        self._keep(path, reply)
        return reply

    def _path(self, request: ChatRequest) -> Path:
        digest = request_digest(self.name, request)
        return self.folder / digest[:2] / f"{digest}.json"

    def _keep(self, path: Path, reply: ChatReply) -> None:
        texts = [text[: self.most_bytes + 1] for text in reply.texts]
        # where it cannot be kept, it is there all the same, and is asked for again the next time
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            kept = json.dumps({"model": self.name, "texts": texts}).encode("ascii")
            replace_file(path, kept, durable=False)


def request_digest(model: str, request: ChatRequest) -> str:
    """A SHA-256 of all that a reply depends on."""
    whole = json.dumps({"model": model, **asdict(request)}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode("ascii")).hexdigest()


def cache_folder() -> Path:
    """Where answers are kept for this user; it may be deleted at any time."""
    import platformdirs

    return platformdirs.user_cache_path("neurosym", appauthor=False) / "language-models"


def _read(path: Path) -> ChatReply | None:
    try:
        texts = json.loads(path.read_bytes())["texts"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return None
    return ChatReply(tuple(texts), calls=0)
