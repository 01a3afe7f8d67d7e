"""Weights on disk: safetensors beside one JSON file, never pickles; saved whole or not at all, then checked.

    DIR/checkpoint.json                  what the tensors are for, and the name and SHA-256 of each file
    DIR/network-<digest>.safetensors     the weights, in single or half precision
    DIR/training-<digest>.safetensors    the optimiser's tensors, if the run is to go on

Tensor files are named by their content and `checkpoint.json` is renamed into place last, so that a process
killed at any moment leaves the old checkpoint or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from neurosym.errors import CheckpointError
from neurosym.options.features import FeatureSpec
from neurosym.options.network import OptionNetwork
from neurosym.options.training_state import TrainingState

__all__ = ["Checkpoint", "load_checkpoint", "save_checkpoint", "weights_digest"]

FORMAT = "neurosym options"
VERSION = 1
INDEX = "checkpoint.json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What `load_checkpoint` found.

    Attributes:
        network: in single precision, however it was saved.
        training: None if only weights were saved.
        meta: as given to `save_checkpoint`.
    """

    network: OptionNetwork
    training: TrainingState | None = None
    meta: dict[str, Any] = field(default_factory=dict)


def save_checkpoint(
    directory: Path | str,
    network: OptionNetwork,
    training: TrainingState | None = None,
    meta: Mapping[str, Any] | None = None,
    *,
    half: bool = False,
) -> None:
    """Writes a checkpoint into `directory`, made if missing, in place of the one that may be there.

    Args:
        training: `Learner.state()`, for a run that is to go on.
        meta: anything JSON can hold; given back by `load_checkpoint`.
        half: store the weights in half precision, for shipping; about three decimal digits are kept.

    Raises:
        CheckpointError: a weight is not finite or too large for half precision, `meta` is not JSON, or the
            disk refuses; the old checkpoint stands.
    """
    folder = Path(directory)
    weights = _stored(network, half)
    index = {
        "format": FORMAT,
        "version": VERSION,
        "spec": asdict(network.spec),
        "hidden": list(network.hidden),
        "meta": dict(meta or {}),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        index["network"] = _write_tensors(folder, "network", weights)
        if training is not None:
            index["training"] = _write_tensors(folder, "training", training.tensors)
            index["facts"] = training.facts
        _replace(folder / INDEX, json.dumps(index, indent=1, allow_nan=False).encode())
        _remove_others(folder, index)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{folder}: cannot be written as JSON: {error}") from error
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {error.strerror or error}") from error


def load_checkpoint(directory: Path | str, spec: FeatureSpec | None = None) -> Checkpoint:
    """Reads a checkpoint.

    Args:
        spec: the features the network must be for; any if None.

    Raises:
        CheckpointError: there is none, or it is corrupt, foreign, or for other features; one line says which.
    """
    folder = Path(directory)
    index = _read_index(folder)
    found, hidden = _sizes(folder, index)
    if spec is not None and found != spec:
        raise CheckpointError(f"{folder}: made for other features: {_difference(found, spec)}")
    network = _network(folder, found, hidden, _read_tensors(folder, index, "network"))
    training = None
    if "training" in index:
        training = TrainingState(_read_tensors(folder, index, "training"), _mapping(folder, index, "facts"))
    return Checkpoint(network, training, _mapping(folder, index, "meta"))


def weights_digest(directory: Path | str) -> str:
    """The SHA-256 of a checkpoint's weights, as it is written there: what tells one network from another.

    Raises:
        CheckpointError: there is no checkpoint, or it does not say.
    """
    folder = Path(directory)
    digest = _mapping(folder, _read_index(folder), "network").get("sha256")
    if not isinstance(digest, str):
        raise CheckpointError(f"{folder / INDEX}: network has no SHA-256")
    return digest


def _stored(network: OptionNetwork, half: bool) -> dict[str, torch.Tensor]:
    dtype = torch.float16 if half else torch.float32
    weights = {name: tensor.detach().to(dtype).contiguous() for name, tensor in network.state_dict().items()}
    _require_finite(weights, f"weights in {'half' if half else 'single'} precision")
    return weights


def _require_finite(tensors: dict[str, torch.Tensor], what: str) -> None:
    for name, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(f"{what}: {name} holds numbers that are not finite")


def _write_tensors(folder: Path, stem: str, tensors: dict[str, torch.Tensor]) -> dict[str, str]:
    data = save(tensors)
    digest = hashlib.sha256(data).hexdigest()
    name = f"{stem}-{digest[:12]}.safetensors"
    _replace(folder / name, data)
    return {"file": name, "sha256": digest}


def _replace(path: Path, data: bytes) -> None:
    """Writes the file whole or not at all; synchronised, or a power cut could leave a name without data."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _remove_others(folder: Path, index: dict[str, Any]) -> None:
    kept = {index[part]["file"] for part in ("network", "training") if part in index}
    for stem in ("network", "training"):
        for path in folder.glob(f"{stem}-????????????.safetensors"):
            if path.name not in kept:
                path.unlink(missing_ok=True)


def _read_index(folder: Path) -> dict[str, Any]:
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


def _sizes(folder: Path, index: dict[str, Any]) -> tuple[FeatureSpec, tuple[int, ...]]:
    try:
        spec, hidden = FeatureSpec(**index["spec"]), tuple(index["hidden"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / INDEX}: sizes are missing or wrong: {error}") from error
    if not hidden or not all(type(width) is int and width > 0 for width in hidden):
        raise CheckpointError(f"{folder / INDEX}: hidden must be positive integers, got {list(hidden)}")
    return spec, hidden


def _mapping(folder: Path, index: dict[str, Any], key: str) -> dict[str, Any]:
    value = index.get(key)
    if not isinstance(value, dict):
        raise CheckpointError(f"{folder / INDEX}: {key} is missing or not an object")
    return value


def _read_tensors(folder: Path, index: dict[str, Any], part: str) -> dict[str, torch.Tensor]:
    entry = _mapping(folder, index, part)
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


def _network(
    folder: Path, spec: FeatureSpec, hidden: tuple[int, ...], weights: dict[str, torch.Tensor]
) -> OptionNetwork:
    """The network with these weights; sizes are compared before any memory is taken."""
    try:
        with torch.device("meta"):
            network = OptionNetwork(spec, hidden, seed=None)
    except (RuntimeError, TypeError) as error:
        raise CheckpointError(f"{folder / INDEX}: sizes are beyond any network") from error
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise CheckpointError(f"{folder}: {name} is {found.get(name)}, expected {expected.get(name)}")
    if not all(tensor.is_floating_point() for tensor in weights.values()):
        raise CheckpointError(f"{folder}: weights are not floating-point numbers")
    single = {name: tensor.float() for name, tensor in weights.items()}
    _require_finite(single, str(folder))
    network.load_state_dict(single, assign=True)
    return network


def _difference(found: FeatureSpec, wanted: FeatureSpec) -> str:
    return ", ".join(
        f"{name} {value} instead of {asdict(wanted)[name]}"
        for name, value in asdict(found).items()
        if value != asdict(wanted)[name]
    )
