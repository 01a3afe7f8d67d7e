from __future__ import annotations

import numpy as np
import pytest

from neurosym.options import Features, FeatureSpec

SPEC = FeatureSpec(rows=10, width=4, dense=2, actions=3)


def numbered(count: int) -> Features:
    features = SPEC.empty(count)
    features.sparse[:, 0] = np.arange(count)
    features.dense[:, 1] = np.arange(count)
    return features


@pytest.mark.parametrize(
    ("size", "value"),
    [("rows", 1), ("width", 0), ("dense", -1), ("actions", 0), ("rows", 2.0), ("width", True), ("rows", "9")],
)
def test_spec_refuses_a_size_out_of_range(size, value):
    with pytest.raises(ValueError, match=f"^{size} must be an integer of at least"):
        FeatureSpec(**{"rows": 10, "width": 4, "dense": 2, "actions": 3, size: value})


def test_empty_names_no_row():
    features = SPEC.empty(5)
    assert features.sparse.shape == (5, 4)
    assert features.dense.shape == (5, 2)
    assert not features.sparse.any()
    assert not features.dense.any()


@pytest.mark.parametrize(
    ("sparse", "dense", "message"),
    [
        (np.zeros((3, 4), np.int64), np.zeros((3, 2), np.float32), r"sparse must be int32 .* int64\[3, 4\]"),
        (np.zeros(4, np.int32), np.zeros((1, 2), np.float32), r"sparse must be int32 with 2 axes"),
        (np.zeros((3, 4), np.int32), np.zeros((3, 2)), r"dense must be float32 .* float64\[3, 2\]"),
        (np.zeros((3, 4), np.int32), np.zeros((2, 2), np.float32), "sparse holds 3 states but dense holds 2"),
    ],
)
def test_features_refuse_a_wrong_shape_or_dtype(sparse, dense, message):
    with pytest.raises(ValueError, match=message):
        Features(sparse, dense)


@pytest.mark.parametrize("wrong", [FeatureSpec(10, 5, 2, 3), FeatureSpec(10, 4, 1, 3)])
def test_check_refuses_other_widths(wrong):
    SPEC.check(numbered(2))
    with pytest.raises(ValueError, match=r"are \(4, 2\) wide, expected"):
        wrong.check(numbered(2))


@pytest.mark.parametrize(
    ("index", "chosen"),
    [
        (2, [2]),
        (np.int64(0), [0]),
        (-1, [4]),
        (-2, [3]),
        (slice(1, 3), [1, 2]),
        (np.array([4, 0]), [4, 0]),
        (np.array([False, True, False, False, True]), [1, 4]),
    ],
)
def test_indexing_keeps_both_parts_together(index, chosen):
    part = numbered(5)[index]
    assert len(part) == len(chosen)
    assert part.sparse[:, 0].tolist() == chosen
    assert part.dense[:, 1].tolist() == chosen


def test_one_state_out_of_range_is_an_error():
    with pytest.raises(IndexError):
        numbered(5)[5]


def test_concatenate_keeps_the_order():
    whole = Features.concatenate([numbered(3), numbered(2)])
    assert whole.sparse[:, 0].tolist() == [0, 1, 2, 0, 1]
    assert whole.dense[:, 1].tolist() == [0, 1, 2, 0, 1]
