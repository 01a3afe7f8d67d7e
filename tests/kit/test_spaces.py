"""Values of spaces as features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from neurosym.errors import DomainError
from neurosym.kit import Encoder

GRID = spaces.MultiDiscrete([3, 4])
NESTED = spaces.Dict(
    {
        "place": GRID,
        "mission": spaces.Text(20),
        "rest": spaces.Tuple((spaces.Discrete(5, start=-2), spaces.MultiBinary(3))),
        "speed": spaces.Box(-2.0, 6.0, (2,), np.float32),
    }
)


def encode(encoder: Encoder, value: Any) -> tuple[list[int], list[float]]:
    features = encoder.spec(2).empty(1)
    encoder.write(value, features.sparse[0, : encoder.width], features.dense[0])
    return features.sparse[0, : encoder.width].tolist(), features.dense[0].tolist()


def test_each_discrete_entry_and_value_has_a_row_of_its_own() -> None:
    encoder = Encoder(GRID)
    assert (encoder.rows, encoder.width, encoder.dense) == (8, 2, 0)
    rows = {(x, y): encode(encoder, (x, y))[0] for x in range(3) for y in range(4)}
    assert rows[0, 0] == [1, 4]
    assert rows[2, 3] == [3, 7]
    assert len({tuple(row) for row in rows.values()}) == 12


def test_parts_of_dicts_and_tuples_follow_one_another_and_words_are_left_out() -> None:
    encoder = Encoder(NESTED)
    value = {
        "place": np.array([1, 2]),
        "mission": "go",
        "rest": (-2, np.array([1, 0, 1])),
        "speed": np.array([-2.0, 4.0], np.float32),
    }
    sparse, dense = encode(encoder, value)
    assert encoder.rows == 1 + 7 + 5 + 6
    assert sparse == [2, 6, 8, 14, 15, 18]
    assert dense == pytest.approx([-1.0, 0.5])


@pytest.mark.parametrize("seed", range(5))
def test_equal_features_mean_equal_values(seed: int) -> None:
    space = spaces.Tuple((GRID, spaces.Discrete(3), spaces.MultiBinary(2)))
    space.seed(seed)
    encoder, seen = Encoder(space), {}
    for _ in range(200):
        value = space.sample()
        key = tuple(encode(encoder, value)[0])
        assert seen.setdefault(key, repr(value)) == repr(value)


def test_small_integer_boxes_are_discrete() -> None:
    encoder = Encoder(spaces.Box(np.array([0, 5]), np.array([2, 6]), dtype=np.int64))
    assert (encoder.rows, encoder.width, encoder.dense) == (1 + 3 + 2, 2, 0)
    assert encode(encoder, np.array([2, 5]))[0] == [3, 4]


def test_numbers_without_bounds_are_squeezed_and_keep_their_order() -> None:
    encoder = Encoder(spaces.Box(-np.inf, np.inf, (3,), np.float64))
    _, dense = encode(encoder, np.array([-1000.0, 0.0, 1000.0]))
    assert dense == pytest.approx([-np.log(1001), 0.0, np.log(1001)])
    great = np.finfo(np.float32).max  # CartPole's way to say that there is none
    assert abs(encode(Encoder(spaces.Box(-great, great, (1,))), np.array([3.0]))[1][0]) > 1


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (spaces.Dict({"a": spaces.Tuple((spaces.Text(3),))}), r"\['a'\]\[0\] is a Text space"),
        (spaces.Sequence(spaces.Discrete(2)), "is a Sequence space"),
        (spaces.Graph(spaces.Discrete(2), None), "is a Graph space"),
        (spaces.OneOf((spaces.Discrete(2), spaces.Discrete(3))), "is a OneOf space"),
        (spaces.Box(0, 255, (64, 64, 3), np.uint8), "12288 entries, more than 4096"),
    ],
)
def test_what_is_not_handled_is_refused_by_name_and_place(space: spaces.Space[Any], said: str) -> None:
    with pytest.raises(DomainError, match=said) as caught:
        Encoder(space)
    assert "feature" in str(caught.value), "the way out is told"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [(3, 0), (0, -1), (0,), (0, 0, 0)])
def test_values_of_another_space_are_refused(value: Any) -> None:
    with pytest.raises(DomainError, match="is not a value of feature_space"):
        encode(Encoder(GRID, "feature_space"), value)
