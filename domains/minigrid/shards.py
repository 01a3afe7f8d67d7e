"""Levels are made and kept in shards: consecutive seeds of one task, in a file of their own.

A file begins with the SHA-256 of what follows, which is in NumPy's npz format: the arrays of `Levels`, and `about`, the
rest as JSON. Files are replaced, never written to, and each is made under a lock; so processes may share a folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from .bank import Levels
from .generators import MINIGRID_VERSION, generate

SHARD_SEEDS = 500  # a second's work or less
LOCK_SECONDS = 600.0
SOURCES = ("bank.py", "codes.py", "generators.py", "rules.py", "shards.py", "snapshot.py", "tiles.py")
_DIGEST_BYTES = hashlib.sha256().digest_size
_log = logging.getLogger("neurosym.levels")


class DamagedShardError(ValueError):
    """A file does not hold the shard that it is named after."""


@dataclass(frozen=True)
class Shard:
    """Which levels: a task's id, consecutive seeds, and the version of what makes them."""

    task: str
    seeds: range
    version: str

    @property
    def file(self) -> Path:
        """Where they are kept, below the folder of all levels."""
        return Path(self.version, self.task, f"{self.seeds.start:06}-{self.seeds.stop - 1:06}.levels")

    @property
    def about(self) -> dict[str, Any]:
        """What its file says about itself."""
        return {"version": self.version, "task": self.task, "seeds": [self.seeds.start, self.seeds.stop]}


@dataclass(frozen=True)
class Content:
    """What a shard holds.

    Attributes:
        levels: in the order of their seeds; None if no seed has one.
        skipped: the seeds that have none, because making it takes too long.
    """

    levels: Levels | None
    skipped: tuple[int, ...]


@cache
def version() -> str:
    """Of whatever decides what a file holds: `minigrid`'s version, and a digest of our own source."""
    here = Path(__file__).parent
    digest = hashlib.sha256(b"".join((here / name).read_bytes() for name in SOURCES))
    return f"minigrid-{MINIGRID_VERSION}-{digest.hexdigest()[:12]}"


def shards(task_ids: Sequence[str], seeds: range) -> list[Shard]:
    """These seeds of each task, cut at the multiples of SHARD_SEEDS, so that other ranges find the same files."""
    cuts = [
        seeds.start,
        *range(seeds.start // SHARD_SEEDS * SHARD_SEEDS + SHARD_SEEDS, seeds.stop, SHARD_SEEDS),
    ]
    return [
        Shard(task, range(start, stop), version())
        for task in task_ids
        for start, stop in zip(cuts, [*cuts[1:], seeds.stop], strict=True)
        if start < stop
    ]


def encode(shard: Shard, levels: Sequence[Levels], skipped: Sequence[int]) -> bytes:
    """The file of a shard; `levels` are joined."""
    joined = Levels.join(levels) if levels else None
    about = {**shard.about, "missions": joined.missions if joined else [], "skipped": list(skipped)}
    arrays: dict[str, Any] = {} if joined is None else joined.arrays()
    body = io.BytesIO()
    np.savez_compressed(body, about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8), **arrays)
    return hashlib.sha256(body.getvalue()).digest() + body.getvalue()


def decode(shard: Shard, data: bytes) -> Content:
    """What the file of a shard holds.

    Raises:
        DamagedShardError: it is damaged, or the file of another shard or version.
    """
    digest, body = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise DamagedShardError("its checksum is wrong")
    with np.load(io.BytesIO(body), allow_pickle=False) as file:
        arrays = dict(file)
    about = json.loads(arrays.pop("about").tobytes())
    if {key: about.get(key) for key in shard.about} != shard.about:
        raise DamagedShardError("it holds other levels than its name says")
    missions = about["missions"]
    levels = Levels.from_arrays(arrays, missions, [shard.task] * len(missions)) if missions else None
    return Content(levels, tuple(about["skipped"]))


def read(shard: Shard, folder: Path) -> Content | None:
    """What is kept of a shard below `folder`; None, with a line on the log if need be, where it has to be made."""
    path = folder / shard.file
    try:
        return decode(shard, path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (DamagedShardError, OSError) as error:
        _log.warning("%s: %s; its levels are made again", path, error)
        return None


def obtain(shard: Shard, folder: Path) -> tuple[bytes, str]:
    """A shard's file, made if another process did not in the meantime, and why it could not be kept, if so."""
    path = folder / shard.file
    made = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
            with suppress(FileNotFoundError, DamagedShardError):
                decode(shard, kept := path.read_bytes())
                return kept, ""
            made = encode(shard, *generate(shard.task, shard.seeds))
            _replace(path, made)
    except OSError as error:
        return made or encode(shard, *generate(shard.task, shard.seeds)), str(error)
    return made, ""


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it; the caller holds its lock."""
    unfinished = path.with_suffix(".unfinished")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
