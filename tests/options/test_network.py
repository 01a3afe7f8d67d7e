from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.options import FeatureSpec, OptionNetwork
from neurosym.options.table import RowGradient, add_rows, pack_rows

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
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 9), hidden=st.sampled_from([1, 8, 20]))
def test_sum_and_gradient_agree_with_a_dense_product(seed, count, hidden):
    """Some states, in any order, some of them twice."""
    rng = np.random.default_rng(seed)
    sparse = random_sparse(rng, 9)
    chosen = rng.integers(9, size=count)
    table = rng.standard_normal((50, hidden)).astype(np.float32)
    weight = rng.standard_normal((count, hidden)).astype(np.float32)
    lists, summed = pack_rows(sparse, 50), np.ones((count, hidden), np.float32)
    add_rows(table, lists, chosen, summed)
    rows, gradient = RowGradient((50, hidden)).of(lists, chosen, weight)

    counts = count_matrix(sparse[chosen], 50).numpy()
    named = np.flatnonzero(counts.any(0))
    np.testing.assert_allclose(summed, 1 + counts @ table, atol=1e-4)
    assert rows.tolist() == named.tolist()
    np.testing.assert_allclose(gradient, counts[:, named].T @ weight, atol=1e-4)


def test_a_gradient_leaves_nothing_behind_for_the_next():
    gradients = RowGradient((50, 2))
    lists = pack_rows(np.array([[3, 4], [0, 4], [5, 6]], np.int32), 50)
    gradients.of(lists, np.array([0, 1, 2]), np.full((3, 2), 9, np.float32))
    rows, gradient = gradients.of(lists, np.array([1]), np.ones((1, 2), np.float32))
    assert (rows.tolist(), gradient.tolist()) == ([4], [[1.0, 1.0]])


def test_a_state_chosen_many_times_counts_as_often():
    lists = pack_rows(np.array([[3, 4]], np.int32), 50)
    rows, gradient = RowGradient((50, 1)).of(
        lists, np.zeros(100_000, np.int64), np.ones((100_000, 1), np.float32)
    )
    assert (rows.tolist(), gradient.tolist()) == ([3, 4], [[100_000.0], [100_000.0]])


def test_lists_are_packed_in_order():
    lists = pack_rows(np.array([[0, 3, 0], [0, 0, 0], [5, 0, 4]], np.int32), 6)
    assert lists.rows.tolist() == [3, 5, 4]
    assert lists.bounds.tolist() == [0, 1, 1, 3]


def test_lists_without_padding_are_packed():
    lists = pack_rows(np.array([[1, 2], [3, 4]], np.int32), 5)
    assert lists.rows.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("row", [50, -1])
def test_a_row_outside_the_table_is_refused(row):
    features = SPEC.empty(2)
    features.sparse[1, 3] = row
    with pytest.raises(ValueError, match="the table has 0 to 49"):
        OptionNetwork(SPEC, (8,)).evaluate(features)


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
    defined = network(torch.from_numpy(features.sparse), torch.from_numpy(features.dense))
    np.testing.assert_allclose(logits, defined[0].detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(value, defined[1].detach().numpy(), atol=1e-5)


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
