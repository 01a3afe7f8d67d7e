"""Keys stay out of what a server says back, and out of what is logged on the way."""

from __future__ import annotations

import logging

__all__ = ["keep_out_of_logs", "scrub"]


# Local servers are given a word for a key, such as "none"; to strike that out would spoil innocent text.
_SHORTEST_SECRET = 6


def scrub(text: str, key: str) -> str:
    """`text` without the key."""
    return text if len(key) < _SHORTEST_SECRET else text.replace(key, "***")


class _KeyFilter(logging.Filter):
    """Takes every key that was ever used out of what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        message = scrubbed = record.getMessage()
        for key in self.keys:
            scrubbed = scrub(scrubbed, key)
        if scrubbed != message:
            record.msg, record.args = scrubbed, ()
        return True


_KEY_FILTER = _KeyFilter()


def keep_out_of_logs(key: str) -> None:
    """No logger of the client or of what it stands on shows the key, even if a server sends it back in a header."""
    import neurosym.language.bounded_http  # noqa: F401  # its loggers exist from here on

    _KEY_FILTER.keys.add(key)
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in ("openai", "httpx2", "httpcore2"):
            logging.getLogger(name).addFilter(_KEY_FILTER)
