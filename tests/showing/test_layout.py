from __future__ import annotations

import random
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.showing.layout import count_crossings, order_layers

ARCS = st.sets(st.tuples(st.integers(0, 3), st.integers(4, 7)), max_size=12)
LAYERS = [[0, 1, 2, 3], [4, 5, 6, 7]]


@pytest.mark.parametrize(
    ("arcs", "crossings"),
    [
        ([], 0),
        ([(0, 4), (1, 5)], 0),
        ([(0, 5), (1, 4)], 1),
        ([(0, 4), (0, 5), (1, 4), (1, 5)], 1),
        ([(0, 4), (1, 4)], 0),
    ],
)
def test_crossings_are_counted(arcs: list[tuple[int, int]], crossings: int) -> None:
    assert count_crossings(LAYERS, arcs) == crossings


def test_arcs_of_different_layers_do_not_cross() -> None:
    assert count_crossings([[0, 1], [2, 3], [4, 5]], [(0, 3), (2, 5), (3, 4)]) == 1


@given(ARCS)
def test_the_order_is_a_better_one_or_as_good(arcs: set[tuple[int, int]]) -> None:
    ordered = order_layers(LAYERS, sorted(arcs))
    assert [sorted(layer) for layer in ordered] == LAYERS
    assert count_crossings(ordered, arcs) <= count_crossings(LAYERS, arcs)


def test_not_many_more_than_there_must_be() -> None:
    """Against every order there is, over many small graphs."""
    rng = random.Random(0)
    ours = fewest = 0
    for _ in range(40):
        arcs = rng.sample(list(product(LAYERS[0], LAYERS[1])), 8)
        ours += count_crossings(order_layers(LAYERS, arcs), arcs)
        fewest += min(
            count_crossings([upper, lower], arcs)
            for upper, lower in product(permutations(LAYERS[0]), permutations(LAYERS[1]))
        )
    assert fewest <= ours <= 1.3 * fewest


def test_what_need_not_cross_does_not() -> None:
    rng = random.Random(1)
    layers = [[(k, i) for i in range(12)] for k in range(3)]
    arcs = [((k, i), (k + 1, i)) for k in (0, 1) for i in range(12)]
    shuffled = [rng.sample(layer, 12) for layer in layers]
    assert count_crossings(shuffled, arcs) > 30
    assert count_crossings(order_layers(shuffled, arcs), arcs) == 0


def test_what_was_given_is_left_alone() -> None:
    layers = [[0, 1], [2, 3]]
    order_layers(layers, [(0, 3), (1, 2)])
    assert layers == [[0, 1], [2, 3]]


@pytest.mark.parametrize("layers", [[], [[]], [[], [1], []]])
def test_nothing_to_order(layers: list[list[int]]) -> None:
    assert order_layers(layers, []) == layers
