"""A layered layout: who stands where in each layer, so that few arcs cross.

Barycentre ordering of Sugiyama, Tagawa and Toda (1981, "Methods for visual understanding of hierarchical system
structures"), swept back and forth, with neighbours exchanged after each sweep where that helps.
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
    candidates = [_exchange_neighbours(here, arcs)]
    for sweep in range(SWEEPS):
        here = _sweep(here, arcs, forwards=sweep % 2 == 0)
        candidates.append(_exchange_neighbours(here, arcs))
    return min(candidates, key=lambda order: count_crossings(order, arcs))


def count_crossings(layers: Sequence[Sequence[Node]], arcs: Iterable[tuple[Node, Node]]) -> int:
    """How many pairs of arcs cross."""
    place = _places(layers)
    ends = [(place[source], place[target]) for source, target in arcs]
    return sum(
        first[0] == second[0] and (first[1] - second[1]) * (first_end[1] - second_end[1]) < 0
        for number, (first, first_end) in enumerate(ends)
        for second, second_end in ends[:number]
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


def _exchange_neighbours(layers: Sequence[Sequence[Node]], arcs: list[tuple[Node, Node]]) -> Layers[Node]:
    """Two that stand next to each other are swapped wherever fewer arcs cross then, until nothing helps."""
    ordered = [list(layer) for layer in layers]
    beside: dict[Node, list[Node]] = {node: [] for layer in layers for node in layer}
    for source, target in arcs:
        beside[source].append(target)
        beside[target].append(source)
    place = _places(layers)
    better = True
    while better:
        better = False
        for layer in ordered:
            for i in range(len(layer) - 1):
                upper, lower = ([place[node] for node in beside[layer[i + shift]]] for shift in (0, 1))
                if _crossings(lower, upper) < _crossings(upper, lower):
                    place[layer[i]], place[layer[i + 1]] = place[layer[i + 1]], place[layer[i]]
                    layer[i], layer[i + 1] = layer[i + 1], layer[i]
                    better = True
    return ordered


def _crossings(upper: list[tuple[int, int]], lower: list[tuple[int, int]]) -> int:
    """How often the arcs of a node cross those of the one below it, by the places of their other ends."""
    return sum(k == m and i > j for k, i in upper for m, j in lower)
