"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from neurosym.errors import NeurosymError

__all__ = ["replace_file", "write_whole"]


def write_whole(path: Path | str, data: bytes) -> Path:
    """As `replace_file`, for a file that a user asked for.

    Raises:
        NeurosymError: the folder is missing or may not be written.
    """
    target = Path(path)
    try:
        replace_file(target, data)
    except OSError as error:
        raise NeurosymError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def replace_file(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write `data` beside `path` and move it into place, so that no reader ever meets half a file; what was there
    stands if anything goes wrong, and nothing else is left behind.

    Args:
        durable: wait until it is on disk, or a power cut could leave the name without the data.

    Raises:
        OSError: the folder is missing, full, or may not be written.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
