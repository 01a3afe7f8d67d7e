"""A network on disk, with what it takes to train on; see `store` for the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from neurosym.errors import CheckpointError
from neurosym.options.blueprint import Blueprint, build
from neurosym.options.features import FeatureSpec
from neurosym.options.hearing import HearingSpec
from neurosym.options.network import OptionNetwork
from neurosym.options.store import (
    INDEX,
    mapping_in,
    read_index,
    read_spec,
    read_tensors,
    require_finite,
    write_store,
)
from neurosym.options.training_state import TrainingState

__all__ = ["Checkpoint", "load_checkpoint", "save_checkpoint", "weights_digest"]


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
    parts = {"network": _stored(network, half)}
    entries = {"spec": asdict(network.spec), "hidden": list(network.hidden), "meta": dict(meta or {})}
    if network.hearing is not None:
        entries["hearing"] = asdict(network.hearing)
    if training is not None:
        parts["training"] = dict(training.tensors)
        entries["facts"] = training.facts
    write_store(Path(directory), parts, entries)


def load_checkpoint(
    directory: Path | str, spec: FeatureSpec | None = None, hearing: HearingSpec | None = None
) -> Checkpoint:
    """Reads a checkpoint.

    Args:
        spec: the features the network must be for; any if None.
        hearing: where there is a `spec`, those it must be for if it hears words, but for its vocabulary, which is its
            own; None where nothing is told in words.

    Raises:
        CheckpointError: there is none, or it is corrupt, foreign, or for other features; one line says which.
    """
    folder = Path(directory)
    index = read_index(folder)
    blueprint = _read_blueprint(folder, index, spec, hearing)
    network = _network(folder, blueprint, read_tensors(folder, index, "network"))
    training = None
    if "training" in index:
        training = TrainingState(read_tensors(folder, index, "training"), mapping_in(folder, index, "facts"))
    return Checkpoint(network, training, mapping_in(folder, index, "meta"))


def weights_digest(directory: Path | str) -> str:
    """The SHA-256 of what was learned, as it is written there: what tells one network or table from another.

    Raises:
        CheckpointError: there is no checkpoint, or it does not say.
    """
    folder = Path(directory)
    index = read_index(folder)
    part = "table" if "table" in index else "network"
    digest = mapping_in(folder, index, part).get("sha256")
    if not isinstance(digest, str):
        raise CheckpointError(f"{folder / INDEX}: {part} has no SHA-256")
    return digest


def _stored(network: OptionNetwork, half: bool) -> dict[str, torch.Tensor]:
    dtype = torch.float16 if half else torch.float32
    weights = {name: tensor.detach().to(dtype).contiguous() for name, tensor in network.state_dict().items()}
    require_finite(weights, f"weights in {'half' if half else 'single'} precision")
    return weights


def _read_blueprint(
    folder: Path, index: Mapping[str, Any], spec: FeatureSpec | None, hearing: HearingSpec | None
) -> Blueprint:
    hidden = _hidden(folder, index)
    if "hearing" not in index:
        return Blueprint(read_spec(folder, index, spec), hidden)
    if spec is not None and hearing is None:
        raise CheckpointError(f"{folder}: its network hears words, and here nothing is told in words")
    entry = mapping_in(folder, index, "hearing")
    try:
        found = HearingSpec(**{**entry, "words": tuple(entry["words"])})
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / INDEX}: what is heard is missing or wrong: {error}") from error
    if spec is not None and hearing is not None and replace(hearing, words=found.words) != found:
        raise CheckpointError(f"{folder}: made to hear of other things than are told of here")
    return Blueprint(read_spec(folder, index, found.features), hidden, found)


def _hidden(folder: Path, index: Mapping[str, Any]) -> tuple[int, ...]:
    hidden = index.get("hidden")
    if not isinstance(hidden, list):
        raise CheckpointError(f"{folder / INDEX}: sizes are missing or wrong: 'hidden'")
    if not hidden or not all(type(width) is int and width > 0 for width in hidden):
        raise CheckpointError(f"{folder / INDEX}: hidden must be positive integers, got {hidden}")
    return tuple(hidden)


def _network(folder: Path, blueprint: Blueprint, weights: dict[str, torch.Tensor]) -> OptionNetwork:
    """The network with these weights; sizes are compared before any memory is taken."""
    try:
        with torch.device("meta"):
            network = build(blueprint)
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
    require_finite(single, str(folder))
    network.load_state_dict(single, assign=True)
    return network
