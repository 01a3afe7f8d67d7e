"""Compiled best-first searches over bit sets, which stop after a given number of steps and can be taken up again.

One step pops one node and evaluates at most one state, so that a caller can look at the clock between steps.
`astar` evaluates a node when it is popped and puts it back where its estimate rose (partial evaluation as in
lazy A*: Tolpin et al. 2013, "Toward rational deployment of multiple heuristics in A*"; until then a node has
its parent's value less the action's cost), and reopens. `greedy` is best-first search with deferred
evaluation and two queues, of which the one for preferred actions goes first more often while it makes
progress (Richter and Helmert 2009, "Preferred operators and deferred evaluation in satisficing planning").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.jit import inner, kernel
from neurosym.planning.heuristic_kernels import APPLICABLE, PREFERRED, evaluate, holds

__all__ = [
    "EXHAUSTED",
    "FOUND",
    "GROW",
    "MORE",
    "N_CURSOR",
    "STEPS",
    "Space",
    "astar",
    "enter",
    "greedy",
    "rehash",
]

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

MORE, FOUND, EXHAUSTED, GROW = 0, 1, 2, 3

# The cursor: counts and where the search stands. STEPS leaves out those that stopped short for want of room, so that it
# does not depend on when a caller looked at the clock.
N_NODES, N_OPEN, N_PREFERRED, EXPANDED, EVALUATED, SERIAL, GOAL, CREDIT, CREDIT_PREFERRED, STEPS = range(10)
N_CURSOR = 10

FRESH, VALUED, CLOSED, DEAD = 0, 1, 2, 3
BOOST = 1000


class Space(NamedTuple):
    """Nodes, the table that finds them by state, and the open lists.

    Attributes:
        words: uint64[nodes, words]; parent, op: int32[nodes]; g, h: float64[nodes]; status: uint8[nodes].
        table: int32[power of two], -1 is empty; spare: uint64[words], for the state being made.
        key, tie: float64[open], the order; node, action: int32[open];
        key2 .. action2: the open list of preferred actions.
    """

    words: NDArray[np.uint64]
    parent: Ints
    op: Ints
    g: Floats
    h: Floats
    status: NDArray[np.uint8]
    table: Ints
    spare: NDArray[np.uint64]
    key: Floats
    tie: Floats
    node: Ints
    action: Ints
    key2: Floats
    tie2: Floats
    node2: Ints
    action2: Ints


@inner
def _slot(s, words):
    mask = s.table.shape[0] - 1
    code = np.uint64(0x9E3779B97F4A7C15)
    for i in range(words.shape[0]):
        code = (code ^ words[i]) * np.uint64(0xC2B2AE3D27D4EB4F)
        code ^= code >> np.uint64(31)
    slot = np.int64(code & np.uint64(mask))
    while True:
        node = s.table[slot]
        if node < 0:
            return slot
        same = True
        for i in range(words.shape[0]):
            if s.words[node, i] != words[i]:
                same = False
                break
        if same:
            return slot
        slot = (slot + 1) & mask


@kernel
def rehash(s, cursor):
    """Fill a new, empty table."""
    for node in range(cursor[N_NODES]):
        s.table[_slot(s, s.words[node])] = node


@inner
def _push(keys, ties, nodes, actions, n, key, tie, node, action):
    i = n
    while i > 0:
        up = (i - 1) >> 1
        if keys[up] < key or (keys[up] == key and ties[up] <= tie):
            break
        keys[i], ties[i], nodes[i], actions[i] = keys[up], ties[up], nodes[up], actions[up]
        i = up
    keys[i], ties[i], nodes[i], actions[i] = key, tie, node, action


@inner
def _drop_first(keys, ties, nodes, actions, n):
    """Remove the first of n entries; n - 1 are left."""
    last = n - 1
    key, tie, node, action = keys[last], ties[last], nodes[last], actions[last]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= last:
            break
        right = child + 1
        if right < last and (
            keys[right] < keys[child] or (keys[right] == keys[child] and ties[right] < ties[child])
        ):
            child = right
        if key < keys[child] or (key == keys[child] and tie <= ties[child]):
            break
        keys[i], ties[i], nodes[i], actions[i] = keys[child], ties[child], nodes[child], actions[child]
        i = child
    keys[i], ties[i], nodes[i], actions[i] = key, tie, node, action


@inner
def _successor(t, words, op, out):
    for i in range(words.shape[0]):
        out[i] = words[i]
    for i in range(t.rem_ptr[op], t.rem_ptr[op + 1]):
        var = t.rem[i]
        out[var >> 6] &= ~(np.uint64(1) << np.uint64(var & 63))
    for i in range(t.add_ptr[op], t.add_ptr[op + 1]):
        var = t.add[i]
        out[var >> 6] |= np.uint64(1) << np.uint64(var & 63)


@inner
def _add_node(s, cursor, slot, words, parent, op, g):
    node = cursor[N_NODES]
    s.table[slot] = node
    for i in range(words.shape[0]):
        s.words[node, i] = words[i]
    s.parent[node], s.op[node], s.g[node] = parent, op, g
    s.h[node], s.status[node] = 0.0, FRESH
    cursor[N_NODES] = node + 1
    return node


@kernel
def enter(s, cursor, words):
    """Put the initial state in."""
    node = _add_node(s, cursor, _slot(s, words), words, -1, -1, 0.0)
    _push(s.key, s.tie, s.node, s.action, 0, 0.0, 0.0, node, -1)
    cursor[N_OPEN] = 1
    cursor[GOAL] = -1


@inner
def _is_goal(t, words):
    for end in range(t.real[0], t.cost.shape[0]):  # noqa: SIM110 - numba compiles no generators here
        if holds(t, end, words):
            return True
    return False


@inner
def _list_applicable(t, w, words):
    """Fill `w.applicable` for a state; returns how many."""
    n = 0
    for op in range(t.real[0]):
        if holds(t, op, words):
            w.applicable[n] = op
            n += 1
    return n


@inner
def _expand_astar(t, w, s, cursor, node, n, cost, weight, bound, words):
    for i in range(n):
        op = w.applicable[i]
        g = s.g[node] + cost[op]
        if g >= bound:
            continue
        _successor(t, s.words[node], op, words)
        slot = _slot(s, words)
        other = s.table[slot]
        if other < 0:
            other = _add_node(s, cursor, slot, words, node, op, g)
            s.h[other] = max(0.0, s.h[node] - cost[op])
        elif g < s.g[other] and s.status[other] != DEAD:
            s.g[other], s.parent[other], s.op[other] = g, node, op
            if s.status[other] == CLOSED:
                s.status[other] = VALUED
        else:
            continue
        if g + s.h[other] < bound:
            _open_astar(s, cursor, np.int64(other), weight)


@inner
def _open_astar(s, cursor, node, weight):
    """Open a node; among equals the lowest h goes first."""
    h = weight * s.h[node]
    _push(s.key, s.tie, s.node, s.action, cursor[N_OPEN], s.g[node] + h, h, node, 0)
    cursor[N_OPEN] += 1


@kernel
def astar(t, w, s, cursor, cost, heuristic, weight, bound, steps):
    """Weighted A*: up to `steps` pops. Plans that cost `bound` or more are not looked for.

    Returns:
        MORE, FOUND (the node is in `cursor[GOAL]`), EXHAUSTED, or GROW where the arrays must grow first.
    """
    words = s.spare
    for _ in range(steps):
        cursor[STEPS] += 1
        if cursor[N_OPEN] == 0:
            return EXHAUSTED
        key, node = s.key[0], np.int64(s.node[0])
        if s.status[node] >= CLOSED or key > s.g[node] + weight * s.h[node]:
            _drop_first(s.key, s.tie, s.node, s.action, cursor[N_OPEN])
            cursor[N_OPEN] -= 1
            continue
        if s.status[node] == FRESH:
            value = evaluate(t, w, s.words[node], cost, heuristic)
            cursor[EVALUATED] += 1
            _drop_first(s.key, s.tie, s.node, s.action, cursor[N_OPEN])
            cursor[N_OPEN] -= 1
            s.status[node] = VALUED if value < np.inf else DEAD
            s.h[node] = max(value, s.h[node])
            if value < np.inf and s.g[node] + s.h[node] < bound:
                _open_astar(s, cursor, node, weight)
            continue
        if _is_goal(t, s.words[node]):
            cursor[GOAL] = node
            return FOUND
        n = _list_applicable(t, w, s.words[node])
        if cursor[N_NODES] + n > s.parent.shape[0] or cursor[N_OPEN] + n > s.key.shape[0]:
            cursor[STEPS] -= 1
            return GROW
        _drop_first(s.key, s.tie, s.node, s.action, cursor[N_OPEN])
        cursor[N_OPEN] -= 1
        s.status[node] = CLOSED
        cursor[EXPANDED] += 1
        _expand_astar(t, w, s, cursor, node, n, cost, weight, bound, words)
    return MORE


@inner
def _pop_greedy(s, cursor):
    """The next (node, action) in the order of the queue whose turn it is; (-1, -1) where both are empty."""
    first, second = cursor[N_OPEN], cursor[N_PREFERRED]
    if first + second == 0:
        return -1, -1
    if second > 0 and (first == 0 or cursor[CREDIT_PREFERRED] <= cursor[CREDIT]):
        cursor[CREDIT_PREFERRED] += 1
        node, action = s.node2[0], s.action2[0]
        _drop_first(s.key2, s.tie2, s.node2, s.action2, second)
        cursor[N_PREFERRED] -= 1
    else:
        cursor[CREDIT] += 1
        node, action = s.node[0], s.action[0]
        _drop_first(s.key, s.tie, s.node, s.action, first)
        cursor[N_OPEN] -= 1
    return node, action


@inner
def _open_greedy(t, w, s, cursor, node, value):
    """Queue the actions applicable in a node just evaluated, and the preferred ones once more."""
    for i in range(w.size[APPLICABLE]):
        op = w.applicable[i]
        if op < t.real[0]:
            cursor[SERIAL] += 1
            tie = np.float64(cursor[SERIAL])
            _push(s.key, s.tie, s.node, s.action, cursor[N_OPEN], value, tie, node, op)
            cursor[N_OPEN] += 1
    for i in range(w.size[PREFERRED]):
        cursor[SERIAL] += 1
        tie = np.float64(cursor[SERIAL])
        _push(s.key2, s.tie2, s.node2, s.action2, cursor[N_PREFERRED], value, tie, node, w.preferred[i])
        cursor[N_PREFERRED] += 1


@kernel
def greedy(t, w, s, cursor, cost, heuristic, best, steps):
    """Greedy best-first search: up to `steps` pops. `best`: float64[1], the lowest value seen so far.

    Returns:
        MORE, FOUND (the node is in `cursor[GOAL]`), EXHAUSTED, or GROW where the arrays must grow first.
    """
    words = s.spare
    room = t.real[0] + 1
    for _ in range(steps):
        full = cursor[N_OPEN] + room > s.key.shape[0] or cursor[N_PREFERRED] + room > s.key2.shape[0]
        if full or cursor[N_NODES] + 1 > s.parent.shape[0]:
            return GROW
        cursor[STEPS] += 1
        parent, op = _pop_greedy(s, cursor)
        if parent < 0:
            return EXHAUSTED
        node = parent
        if op >= 0:
            _successor(t, s.words[parent], op, words)
            slot = _slot(s, words)
            if s.table[slot] >= 0:
                continue
            node = _add_node(s, cursor, slot, words, parent, op, s.g[parent] + t.cost[op])
        if _is_goal(t, s.words[node]):
            cursor[GOAL] = node
            return FOUND
        value = evaluate(t, w, s.words[node], cost, heuristic)
        cursor[EVALUATED] += 1
        s.h[node] = value
        if value == np.inf:
            continue
        cursor[EXPANDED] += 1
        if value < best[0]:
            best[0] = value
            cursor[CREDIT_PREFERRED] -= BOOST
        _open_greedy(t, w, s, cursor, node, value)
    return MORE
