"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from neurosym.errors import NeurosymError

__all__ = ["write_whole"]


def write_whole(path: Path | str, data: bytes) -> Path:
    """Write `data` beside `path` and move it into place, so that no reader ever meets half a file, nor does one
    who looks after the power was cut.

    Raises:
        NeurosymError: the folder is missing or may not be written.
    """
    target = Path(path)
    try:
        _write_and_move(target, data)
    except OSError as error:
        raise NeurosymError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def _write_and_move(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
