"""A layered layout: who stands where in each layer, so that few arcs cross.

Barycentre ordering of Sugiyama, Tagawa and Toda (1981, "Methods for visual understanding of hierarchical system
structures"), swept back and forth, with neighbours exchanged at the end where that helps.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

__all__ = ["count_crossings", "order_layers"]

SWEEPS = 12

Node = TypeVar("Node", bound=Hashable)
Layers = list[list[Node]]


def order_layers(layers: Sequence[Sequence[Node]], arcs: Iterable[tuple[Node, Node]]) -> Layers[Node]:
    """The layers with their nodes in a better order; the same input always gives the same order.

    Args:
        arcs: each from a node of a layer to one of the next.
    """
    arcs = list(dict.fromkeys(arcs))
    here = [list(layer) for layer in layers]
    best, fewest = here, count_crossings(here, arcs)
    for sweep in range(SWEEPS):
        here = _sweep(here, arcs, forwards=sweep % 2 == 0)
        crossings = count_crossings(here, arcs)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in here], crossings
    return _exchange_neighbours(best, arcs)


def count_crossings(layers: Sequence[Sequence[Node]], arcs: Iterable[tuple[Node, Node]]) -> int:
    """How many pairs of arcs cross."""
    place = _places(layers)
    arcs = [(place[source], place[target]) for source, target in arcs]
    return sum(
        first[0] == second[0] and (first[1] - second[1]) * (first_end[1] - second_end[1]) < 0
        for number, (first, first_end) in enumerate(arcs)
        for second, second_end in arcs[:number]
    )


def _places(layers: Sequence[Sequence[Node]]) -> dict[Node, tuple[int, int]]:
    """The layer of each node and its place there."""
    return {node: (k, place) for k, layer in enumerate(layers) for place, node in enumerate(layer)}


def _sweep(layers: Layers[Node], arcs: list[tuple[Node, Node]], forwards: bool) -> Layers[Node]:
    """Each layer in turn sorted by where its neighbours of the layer before stand on average."""
    layers = [list(layer) for layer in layers]
    turn = range(1, len(layers)) if forwards else range(len(layers) - 2, -1, -1)
    for k in turn:
        fixed = layers[k - 1 if forwards else k + 1]
        heights = {node: (place + 0.5) / len(fixed) for place, node in enumerate(fixed)}
        beside: dict[Node, list[float]] = {node: [] for node in layers[k]}
        for source, target in arcs:
            inner, outer = (target, source) if forwards else (source, target)
            if inner in beside and outer in heights:
                beside[inner].append(heights[outer])
        own = {node: (place + 0.5) / len(layers[k]) for place, node in enumerate(layers[k])}
        layers[k].sort(key=lambda node: _mean(beside[node], own[node]))
    return layers


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _exchange_neighbours(layers: Layers[Node], arcs: list[tuple[Node, Node]]) -> Layers[Node]:
    """Swap two that stand next to each other wherever fewer arcs cross then, until nothing helps."""
    fewest, better = count_crossings(layers, arcs), True
    while better:
        better = False
        for layer in layers:
            for place in range(len(layer) - 1):
                _swap(layer, place)
                crossings = count_crossings(layers, arcs)
                if crossings < fewest:
                    fewest, better = crossings, True
                else:
                    _swap(layer, place)
    return layers


def _swap(layer: list[Node], place: int) -> None:
    layer[place], layer[place + 1] = layer[place + 1], layer[place]
