from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.options import FeatureSpec, OptionNetwork
from neurosym.options.table import pack_rows, sum_rows

SPEC = FeatureSpec(rows=50, width=12, dense=3, actions=4)


def random_sparse(rng: np.random.Generator, count: int, spec: FeatureSpec = SPEC) -> np.ndarray:
    """Padding anywhere, repeats allowed."""
    rows = rng.integers(1, spec.rows, (count, spec.width))
    return np.where(rng.random(rows.shape) < 0.4, 0, rows).astype(np.int32)


def count_matrix(sparse: np.ndarray, rows: int) -> torch.Tensor:
    """How often each state names each row, float64[N, rows]; the slow, obvious way."""
    counts = torch.zeros(len(sparse), rows, dtype=torch.float64)
    for i, names in enumerate(sparse):
        for row in names:
            if row != 0:
                counts[i, row] += 1
    return counts


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 9))
def test_sum_and_gradient_agree_with_a_dense_product(seed, count):
    rng = np.random.default_rng(seed)
    sparse = random_sparse(rng, count)
    table = torch.from_numpy(rng.standard_normal((50, 8)).astype(np.float32)).requires_grad_()
    weight = torch.from_numpy(rng.standard_normal((count, 8)).astype(np.float32))
    summed = sum_rows(table, pack_rows(sparse))
    (summed * weight).sum().backward()

    counts = count_matrix(sparse, 50)
    reference = table.detach().double().requires_grad_()
    expected = counts @ reference
    (expected * weight).sum().backward()
    torch.testing.assert_close(summed.double(), expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(table.grad.double(), reference.grad, atol=1e-4, rtol=1e-4)


def test_gradient_flows_only_to_rows_that_were_named():
    table = torch.ones(50, 8, requires_grad=True)
    sum_rows(table, pack_rows(np.array([[0, 7, 0, 7]], np.int32))).sum().backward()
    assert table.grad is not None
    assert table.grad[7].tolist() == [2.0] * 8
    assert table.grad.sum().item() == 16.0


def test_gradient_may_come_in_any_layout():
    table = torch.ones(50, 2, requires_grad=True)
    weight = torch.arange(6.0).reshape(2, 3).T
    (sum_rows(table, pack_rows(np.array([[1], [2], [3]], np.int32))) * weight).sum().backward()
    assert table.grad is not None
    assert table.grad[1:4].tolist() == weight.tolist()


def test_chosen_states_come_in_the_order_asked_for():
    lists = pack_rows(np.array([[0, 3, 0], [0, 0, 0], [5, 0, 4]], np.int32), np.array([2, 1, 0, 2]))
    assert lists.rows.tolist() == [5, 4, 3, 5, 4]
    assert lists.starts.tolist() == [0, 2, 2, 3]


@pytest.mark.parametrize("row", [50, -1])
def test_a_row_outside_the_table_is_refused(row):
    with pytest.raises(RuntimeError):
        sum_rows(torch.zeros(50, 8), pack_rows(np.array([[row]], np.int32)))


@pytest.mark.parametrize("hidden", [(16,), (16, 8), (16, 8, 4)])
@pytest.mark.parametrize("dense", [0, 3])
def test_forward_agrees_with_plain_matrix_products(hidden, dense):
    spec = FeatureSpec(50, 12, dense, 4)
    network = OptionNetwork(spec, hidden, seed=3)
    features = spec.empty(6)
    rng = np.random.default_rng(1)
    features.sparse[:] = random_sparse(rng, 6, spec)
    features.dense[:] = rng.standard_normal(features.dense.shape)

    x = count_matrix(features.sparse, 50).float() @ network.table
    x = torch.relu(x + torch.from_numpy(features.dense) @ network.dense + network.bias)
    for layer in network.trunk:
        x = torch.relu(layer(x))
    logits, value = network.evaluate(features)
    assert logits.shape == (6, 4)
    assert value.shape == (6,)
    np.testing.assert_allclose(logits, network.policy(x).detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(value, network.value(x).detach().numpy()[:, 0], atol=1e-5)


def test_order_and_place_of_rows_do_not_matter():
    features = SPEC.empty(2)
    features.sparse[0, :3] = [4, 9, 2]
    features.sparse[1, [11, 5, 0]] = [4, 9, 2]
    logits, value = OptionNetwork(SPEC, (16,)).evaluate(features)
    np.testing.assert_allclose(logits[0], logits[1], atol=1e-6)
    np.testing.assert_allclose(value[0], value[1], atol=1e-6)


def test_features_of_another_width_are_refused():
    with pytest.raises(ValueError, match="expected"):
        OptionNetwork(SPEC, (16,)).evaluate(FeatureSpec(50, 11, 3, 4).empty(2))


@pytest.mark.parametrize("hidden", [(), (16, 0)])
def test_hidden_widths_must_be_positive(hidden):
    with pytest.raises(ValueError, match="at least one positive width"):
        OptionNetwork(SPEC, hidden)


def test_initial_weights_depend_on_the_seed_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = OptionNetwork(SPEC, (16, 8), seed=5).state_dict()
    assert torch.equal(torch.get_rng_state(), before), "the global generator was used"
    torch.manual_seed(2)
    second = OptionNetwork(SPEC, (16, 8), seed=5).state_dict()
    other = OptionNetwork(SPEC, (16, 8), seed=6).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["table"], other["table"])
    assert not torch.equal(first["policy.weight"], other["policy.weight"])


def test_initial_policy_is_nearly_uniform_and_padding_is_zero():
    network = OptionNetwork(SPEC, (64, 64))
    features = SPEC.empty(20)
    features.sparse[:] = random_sparse(np.random.default_rng(0), 20)
    logits, value = network.evaluate(features)
    assert np.abs(logits).max() < 0.1
    assert value.std() > 0.1, "the value head should start at gain 1"
    assert not network.table[0].any()
