"""Where a learner works: names of devices, and the learner on an accelerator where there is one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurosym.errors import DeviceError, UnknownNameError
from neurosym.options import Learner, OptionNetwork, ParallelLearner, devices
from neurosym.options import device as module
from tests.options.test_learner import SPEC, filled_rollout

needs_accelerator = pytest.mark.skipif(len(devices()) == 1, reason="torch finds no accelerator here")


def test_the_cpu_is_always_there():
    assert devices()[0] == "cpu"
    assert module.find_device("cpu") == torch.device("cpu")


@pytest.fixture
def two_accelerators(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)


@pytest.mark.usefixtures("two_accelerators")
def test_accelerators_are_named_one_by_one():
    assert devices() == ("cpu", "cuda", "cuda:0", "cuda:1")
    assert module.find_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(DeviceError, match=r"^no device 'cuda:2' here.*; devices: cpu, cuda, cuda:0, cuda:1$"):
        module.find_device("cuda:2")


@pytest.fixture
def no_accelerator(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)


@pytest.mark.usefixtures("no_accelerator")
@pytest.mark.parametrize("make", [Learner, ParallelLearner])
def test_a_device_that_is_not_here_is_one_clear_line(make, monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", None)
    sizes = {} if make is Learner else {"steps": 2, "worlds": 2}
    with pytest.raises(
        DeviceError, match=r"^no device 'cuda' here: torch \S+ is built without CUDA; devices: cpu$"
    ):
        make(OptionNetwork(SPEC, (4,)), device="cuda", **sizes)


@pytest.mark.usefixtures("no_accelerator")
def test_a_word_that_is_no_device_is_told_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown device 'cudda'; nearest: cuda"):
        module.find_device("cudda")


@needs_accelerator
def test_an_accelerator_learns_the_same():
    here, there = OptionNetwork(SPEC, (16, 16)), OptionNetwork(SPEC, (16, 16))
    on_cpu, on_accelerator = Learner(here), Learner(there, device=devices()[1])
    for seed in range(2):
        expected = on_cpu.update(filled_rollout(seed))
        assert on_accelerator.update(filled_rollout(seed)) == pytest.approx(expected, abs=1e-3)
    for name, weight in here.state_dict().items():
        np.testing.assert_allclose(there.state_dict()[name], weight, atol=1e-3, err_msg=name)
    assert {tensor.device.type for tensor in on_accelerator.state().tensors.values()} == {"cpu"}
