"""Learned numbers on disk: safetensors beside one JSON file, never pickles; saved whole or not at all, then checked.

    DIR/checkpoint.json                what the tensors are for, and the name and SHA-256 of each file
    DIR/PART-<digest>.safetensors      tensors, one file for each part

Tensor files are named by their content and `checkpoint.json` is renamed into place last, so that a process
killed at any moment leaves the old checkpoint or the new one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from neurosym.errors import CheckpointError
from neurosym.files import replace_file
from neurosym.options.features import FeatureSpec

__all__ = ["INDEX", "mapping_in", "read_index", "read_spec", "read_tensors", "require_finite", "write_store"]

FORMAT = "neurosym options"
VERSION = 1
PARTS = ("network", "table", "training")
INDEX = "checkpoint.json"


def write_store(
    folder: Path, parts: Mapping[str, Mapping[str, torch.Tensor]], entries: Mapping[str, Any]
) -> None:
    """Writes parts and entries into `folder`, made if missing, in place of what may be there.

    Args:
        parts: tensors by the name of their part, one of PARTS.
        entries: anything JSON can hold; `read_index` gives it back.

    Raises:
        CheckpointError: an entry is not JSON, or the disk refuses; what was there stands.
    """
    index: dict[str, Any] = {"format": FORMAT, "version": VERSION, **entries}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, tensors in parts.items():
            index[part] = _write_tensors(folder, part, tensors)
        replace_file(folder / INDEX, json.dumps(index, indent=1, allow_nan=False).encode())
        _remove_others(folder, {index[part]["file"] for part in parts})
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{folder}: cannot be written as JSON: {error}") from error
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {error.strerror or error}") from error


def require_finite(tensors: Mapping[str, torch.Tensor], what: str) -> None:
    """CheckpointError if a number is not finite; `what` says what they are."""
    for name, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(f"{what}: {name} holds numbers that are not finite")


def _write_tensors(folder: Path, part: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, str]:
    data = save(dict(tensors))
    digest = hashlib.sha256(data).hexdigest()
    name = f"{part}-{digest[:12]}.safetensors"
    replace_file(folder / name, data)
    return {"file": name, "sha256": digest}


def _remove_others(folder: Path, kept: set[str]) -> None:
    for part in PARTS:
        for path in folder.glob(f"{part}-????????????.safetensors"):
            if path.name not in kept:
                path.unlink(missing_ok=True)


def read_index(folder: Path) -> dict[str, Any]:
    """The entries of the checkpoint in `folder`; CheckpointError, in one line, if there is none of ours."""
    path = folder / INDEX
    try:
        index = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise CheckpointError(f"{folder}: no checkpoint here ({INDEX} is missing)") from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: not JSON: {error}") from error
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        raise CheckpointError(f"{path}: not a checkpoint of this package")
    if index.get("version") != VERSION:
        raise CheckpointError(f"{path}: version {index.get('version')!r}, this package reads {VERSION}")
    return index


def mapping_in(folder: Path, index: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The entry `key`, which has to be an object; CheckpointError if it is not."""
    value = index.get(key)
    if not isinstance(value, dict):
        raise CheckpointError(f"{folder / INDEX}: {key} is missing or not an object")
    return value


def read_spec(folder: Path, index: Mapping[str, Any], wanted: FeatureSpec | None) -> FeatureSpec:
    """The features that a checkpoint is for.

    Raises:
        CheckpointError: it does not say, or they are others than `wanted`; any will do if that is None.
    """
    try:
        found = FeatureSpec(**index["spec"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / INDEX}: sizes are missing or wrong: {error}") from error
    if wanted is not None and found != wanted:
        raise CheckpointError(f"{folder}: made for other features: {_difference(found, wanted)}")
    return found


def read_tensors(folder: Path, index: Mapping[str, Any], part: str) -> dict[str, torch.Tensor]:
    """The tensors of a part; CheckpointError if they are missing, corrupt or changed."""
    entry = mapping_in(folder, index, part)
    name, digest = entry.get("file"), entry.get("sha256")
    if not isinstance(name, str) or Path(name).name != name:
        raise CheckpointError(f"{folder / INDEX}: {part} names no file beside it")
    path = folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise CheckpointError(f"{path}: corrupt or changed: its SHA-256 is not the recorded one")
    try:
        return load(data)
    except SafetensorError as error:
        raise CheckpointError(f"{path}: not safetensors: {error}") from error


def _difference(found: FeatureSpec, wanted: FeatureSpec) -> str:
    return ", ".join(
        f"{name} {value} instead of {asdict(wanted)[name]}"
        for name, value in asdict(found).items()
        if value != asdict(wanted)[name]
    )
