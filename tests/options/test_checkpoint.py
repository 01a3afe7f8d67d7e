from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from neurosym.errors import CheckpointError
from neurosym.options import (
    FeatureSpec,
    Learner,
    OptionNetwork,
    Rollout,
    TrainingState,
    load_checkpoint,
    save_checkpoint,
    weights_digest,
)
from neurosym.options import store as module

SPEC = FeatureSpec(rows=20, width=3, dense=2, actions=4)


@pytest.fixture
def network() -> OptionNetwork:
    return OptionNetwork(SPEC, (8, 6), seed=1)


@pytest.fixture
def folder(tmp_path: Path, network: OptionNetwork) -> Path:
    save_checkpoint(tmp_path / "run", network, meta={"frames": 7})
    return tmp_path / "run"


def rollout(seed: int) -> Rollout:
    rng = np.random.default_rng(seed)
    filled = Rollout(SPEC, 4, 5)
    filled.sparse[:] = rng.integers(SPEC.rows, size=filled.sparse.shape)
    filled.action[:] = rng.integers(SPEC.actions, size=filled.action.shape)
    filled.valid[:] = True
    filled.log_prob[:] = np.log(0.25)
    filled.reward[:] = rng.random(filled.reward.shape)
    return filled


def weights(network: OptionNetwork) -> dict[str, torch.Tensor]:
    return network.state_dict()


def files(folder: Path) -> list[str]:
    return sorted(re.sub("-[0-9a-f]{12}", "", path.name) for path in folder.iterdir())


def tensor_file(folder: Path, stem: str = "network") -> Path:
    (path,) = folder.glob(f"{stem}-*.safetensors")
    return path


def read_index(folder: Path) -> dict:
    return json.loads((folder / "checkpoint.json").read_text())


def edit_index(folder: Path, **changes) -> None:
    index = {**read_index(folder), **changes}
    kept = {key: value for key, value in index.items() if value is not None}
    (folder / "checkpoint.json").write_text(json.dumps(kept))


def replace_tensors(folder: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Other tensors under a matching checksum: what another program might have written."""
    path = tensor_file(folder)
    save_file(tensors, path)
    digest = module.hashlib.sha256(path.read_bytes()).hexdigest()
    edit_index(folder, network={"file": path.name, "sha256": digest})


def test_round_trip_is_exact(folder, network):
    found = load_checkpoint(folder, SPEC)
    assert found.meta == {"frames": 7}
    assert found.training is None
    assert (found.network.spec, found.network.hidden) == (SPEC, (8, 6))
    assert all(torch.equal(weights(found.network)[name], tensor) for name, tensor in weights(network).items())
    assert files(folder) == ["checkpoint.json", "network.safetensors"]


def test_loaded_weights_can_be_trained(folder):
    network = load_checkpoint(folder).network
    before = network.table.detach().clone()
    Learner(network).update(rollout(0))
    assert not torch.equal(network.table, before)


def test_half_precision_is_half_the_size_and_nearly_the_same(tmp_path):
    network = OptionNetwork(FeatureSpec(8000, 160, 20, 7), (128, 128))
    save_checkpoint(tmp_path, network, half=True)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2_200_000
    found = load_checkpoint(tmp_path).network
    assert found.table.dtype == torch.float32
    for name, tensor in weights(network).items():
        torch.testing.assert_close(weights(found)[name], tensor, atol=1e-6, rtol=1e-3)


def test_an_interrupted_run_goes_on_as_if_nothing_had_happened(tmp_path, network):
    straight = Learner(network, seed=3)
    straight.update(rollout(1))
    save_checkpoint(tmp_path, network, straight.state(), {"frames": 20})
    found = load_checkpoint(tmp_path, SPEC)
    assert found.training is not None
    resumed = Learner(found.network, seed=99)
    resumed.load_state(found.training)
    assert resumed.updates == 1
    for seed in (2, 3):
        assert straight.update(rollout(seed)) == resumed.update(rollout(seed))
    assert all(
        torch.equal(a, b) for a, b in zip(network.parameters(), found.network.parameters(), strict=True)
    )


def test_a_fresh_learner_can_be_saved_and_resumed(tmp_path, network):
    save_checkpoint(tmp_path, network, Learner(network, seed=3).state())
    found = load_checkpoint(tmp_path)
    assert found.training is not None
    resumed = Learner(found.network)
    resumed.load_state(found.training)
    assert resumed.update(rollout(1)) == Learner(network, seed=3).update(rollout(1))


def test_saving_again_replaces_and_leaves_nothing_behind(folder, network):
    (folder / "notes.txt").write_text("mine")
    save_checkpoint(folder, OptionNetwork(SPEC, (8, 6), seed=2), Learner(network).state(), {"frames": 8})
    save_checkpoint(folder, OptionNetwork(SPEC, (8, 6), seed=3), meta={"frames": 9})
    assert load_checkpoint(folder).meta == {"frames": 9}
    assert files(folder) == ["checkpoint.json", "network.safetensors", "notes.txt"]


@pytest.mark.parametrize("survivors", [0, 1, 2])
def test_a_process_killed_while_saving_leaves_the_old_checkpoint(folder, network, monkeypatch, survivors):
    """Killed after so many files were renamed into place; the index is the third."""
    old = weights(load_checkpoint(folder).network)["table"]
    renamed = []

    def killed(path: Path, data: bytes, replace=module.replace_file) -> None:
        if len(renamed) == survivors:
            raise KeyboardInterrupt
        renamed.append(path)
        replace(path, data)

    monkeypatch.setattr(module, "replace_file", killed)
    newer = OptionNetwork(SPEC, (8, 6), seed=2)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(folder, newer, Learner(newer).state(), {"frames": 8})
    found = load_checkpoint(folder)
    assert found.meta == {"frames": 7}
    assert torch.equal(weights(found.network)["table"], old)


def test_a_disk_that_refuses_leaves_the_old_checkpoint_and_no_litter(folder, network, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CheckpointError, match="No space left on device"):
        save_checkpoint(folder, OptionNetwork(SPEC, (8, 6), seed=2))
    assert load_checkpoint(folder).meta == {"frames": 7}
    assert files(folder) == ["checkpoint.json", "network.safetensors"]


@pytest.mark.parametrize(("number", "half"), [(np.nan, False), (np.inf, False), (1e6, True)])
def test_weights_that_are_not_finite_are_not_saved(folder, network, number, half):
    with torch.no_grad():
        network.bias[0] = number
    with pytest.raises(CheckpointError, match="bias holds numbers that are not finite"):
        save_checkpoint(folder, network, half=half)
    assert load_checkpoint(folder).meta == {"frames": 7}


@pytest.mark.parametrize("meta", [{"a": object()}, {"a": np.float32(1)}, {"a": float("nan")}])
def test_meta_must_be_json(folder, network, meta):
    with pytest.raises(CheckpointError, match="cannot be written as JSON"):
        save_checkpoint(folder, OptionNetwork(SPEC, (8, 6), seed=2), meta=meta)
    assert load_checkpoint(folder).meta == {"frames": 7}


def truncate(folder: Path) -> None:
    path = tensor_file(folder)
    path.write_bytes(path.read_bytes()[:-10])


def flip_a_bit(folder: Path) -> None:
    path = tensor_file(folder)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def put_a_pickle(folder: Path) -> None:
    path = tensor_file(folder)
    path.write_bytes(pickle.dumps({"table": 1}))
    digest = module.hashlib.sha256(path.read_bytes()).hexdigest()
    edit_index(folder, network={"file": path.name, "sha256": digest})


def drop_a_tensor(folder: Path) -> None:
    tensors = load_file(tensor_file(folder))
    replace_tensors(folder, {name: tensor for name, tensor in tensors.items() if name != "bias"})


def add_a_tensor(folder: Path) -> None:
    replace_tensors(folder, {**load_file(tensor_file(folder)), "zebra": torch.zeros(2)})


def poison(folder: Path) -> None:
    tensors = load_file(tensor_file(folder))
    tensors["bias"][0] = torch.nan
    replace_tensors(folder, tensors)


def make_integers(folder: Path) -> None:
    replace_tensors(folder, {name: tensor.int() for name, tensor in load_file(tensor_file(folder)).items()})


def point_outside(folder: Path) -> None:
    edit_index(folder, network={"file": "../network.safetensors", "sha256": ""})


def write_index(text: str):
    return lambda folder: (folder / "checkpoint.json").write_text(text)


DAMAGE = {
    "no folder": (lambda folder: folder.rename(folder.with_name("gone")), "no checkpoint here"),
    "no index": (lambda folder: (folder / "checkpoint.json").unlink(), "no checkpoint here"),
    "index is a folder": (
        lambda folder: ((folder / "checkpoint.json").unlink(), (folder / "checkpoint.json").mkdir()),
        "cannot be read: Is a directory",
    ),
    "index cut short": (write_index('{"format": "neuro'), "not JSON"),
    "index is binary": (
        lambda folder: (folder / "checkpoint.json").write_bytes(b"\xff\xfe\x00"),
        "not JSON",
    ),
    "index nested too deep": (write_index("[" * 100_000), "not JSON"),
    "index is a list": (write_index("[1]"), "not a checkpoint of this package"),
    "index of another program": (write_index('{"format": "other"}'), "not a checkpoint of this package"),
    "newer version": (lambda folder: edit_index(folder, version=2), "version 2, this package reads 1"),
    "no spec": (lambda folder: edit_index(folder, spec=None), "sizes are missing or wrong: 'spec'"),
    "spec with a stranger": (
        lambda folder: edit_index(folder, spec={"rows": 20, "depth": 3}),
        "sizes are missing or wrong",
    ),
    "spec out of range": (
        lambda folder: edit_index(folder, spec={"rows": 0, "width": 3, "dense": 2, "actions": 4}),
        "rows must be an integer of at least 2",
    ),
    "hidden out of range": (lambda folder: edit_index(folder, hidden=[8, -6]), "hidden must be positive"),
    "hidden not a number": (lambda folder: edit_index(folder, hidden=["8"]), "hidden must be positive"),
    "hidden empty": (lambda folder: edit_index(folder, hidden=[]), "hidden must be positive"),
    "hidden not a list": (lambda folder: edit_index(folder, hidden=8), "sizes are missing or wrong"),
    "hidden too large for any memory": (
        lambda folder: edit_index(folder, hidden=[10**9, 10**9]),
        r"bias is \(8,\), expected \(1000000000,\)",
    ),
    "hidden too large for any number": (lambda folder: edit_index(folder, hidden=[10**30]), "beyond any"),
    "rows too many for any number": (
        lambda folder: edit_index(folder, spec={"rows": 2**62, "width": 3, "dense": 2, "actions": 4}),
        "beyond any",
    ),
    "another network": (lambda folder: edit_index(folder, hidden=[8, 5]), r"is \(.*\), expected \(.*\)"),
    "no meta": (lambda folder: edit_index(folder, meta=None), "meta is missing or not an object"),
    "no file named": (lambda folder: edit_index(folder, network={}), "network names no file beside it"),
    "a file elsewhere": (point_outside, "network names no file beside it"),
    "weights gone": (lambda folder: tensor_file(folder).unlink(), "No such file"),
    "weights cut short": (truncate, "corrupt or changed"),
    "weights changed": (flip_a_bit, "corrupt or changed"),
    "weights are a pickle": (put_a_pickle, "not safetensors"),
    "a tensor too few": (drop_a_tensor, r"bias is None, expected \(8,\)"),
    "a tensor too many": (add_a_tensor, r"zebra is \(2,\), expected None"),
    "weights not finite": (poison, "bias holds numbers that are not finite"),
    "weights are integers": (make_integers, "not floating-point"),
    "training gone": (
        lambda folder: edit_index(folder, training={"file": "gone", "sha256": ""}),
        "gone: cannot be read: No such file",
    ),
    "facts gone": (
        lambda folder: edit_index(folder, training=read_index(folder)["network"]),
        "facts is missing or not an object",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_named_in_one_line(folder, damage):
    spoil, message = DAMAGE[damage]
    spoil(folder)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_checkpoint(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def test_other_features_are_refused_with_the_difference(folder):
    with pytest.raises(CheckpointError, match="rows 20 instead of 30, actions 4 instead of 5"):
        load_checkpoint(folder, FeatureSpec(30, 3, 2, 5))


def foreign_tensor(state: TrainingState) -> TrainingState:
    return TrainingState({**state.tensors, "exp_avg/bias": torch.zeros(3)}, state.facts)


def missing_tensor(state: TrainingState) -> TrainingState:
    return TrainingState({k: v for k, v in state.tensors.items() if k != "step/bias"}, state.facts)


def no_generator(state: TrainingState) -> TrainingState:
    return TrainingState(state.tensors, {"updates": 3})


def odd_generator(state: TrainingState) -> TrainingState:
    return TrainingState(state.tensors, {"updates": 3, "rng": {"bit_generator": "MT19937"}})


@pytest.mark.parametrize("spoil", [foreign_tensor, missing_tensor, no_generator, odd_generator])
def test_foreign_training_state_changes_nothing(network, spoil):
    learner, twin = (Learner(OptionNetwork(SPEC, (8, 6), seed=1), seed=3) for _ in range(2))
    other = Learner(network, seed=4)
    other.update(rollout(1))
    with pytest.raises(CheckpointError, match="training state"):
        learner.load_state(spoil(other.state()))
    assert learner.updates == 0
    assert learner.update(rollout(2)) == twin.update(rollout(2))


def test_weights_are_told_apart_by_their_digest(tmp_path: Path) -> None:
    for folder, seed in (("a", 0), ("b", 0), ("c", 1)):
        save_checkpoint(tmp_path / folder, OptionNetwork(SPEC, (8,), seed=seed), meta={"folder": folder})
    a, b, c = (weights_digest(tmp_path / folder) for folder in "abc")
    assert a == b != c
    assert len(a) == 64


def test_weights_that_do_not_say_which_they_are(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint here"):
        weights_digest(tmp_path)
    save_checkpoint(tmp_path, OptionNetwork(SPEC, (8,), seed=0))
    index = json.loads((tmp_path / "checkpoint.json").read_text())
    del index["network"]["sha256"]
    (tmp_path / "checkpoint.json").write_text(json.dumps(index))
    with pytest.raises(CheckpointError, match="no SHA-256"):
        weights_digest(tmp_path)
