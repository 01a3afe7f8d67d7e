"""Compiled heuristics over the delete relaxation: h-max, h-add, FF, LM-cut.

h-max and h-add: Bonet and Geffner 2001, "Planning as heuristic search", by generalised Dijkstra (Liu, Koenig
and Furcy 2002). FF: Hoffmann and Nebel 2001, with h-add's supporters as in Keyder and Geffner 2008. LM-cut:
Helmert and Domshlak 2009, "Landmarks, critical paths and abstractions: what's the difference anyway?".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.jit import inner, kernel

__all__ = ["ADD", "BLIND", "FF", "LMCUT", "MAX", "Scratch", "evaluate", "make_scratch"]

BLIND, MAX, ADD, FF, LMCUT = 0, 1, 2, 3, 4

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


class Scratch(NamedTuple):
    """What the heuristics write into; V variables and the goal, N actions.

    Attributes:
        value: float64[V + 1], the cost of reaching each variable; best: int32[V + 1], the action that
            reaches it so.
        left: int32[N], preconditions not reached yet; cost: float64[N], the cost used, which LM-cut lowers.
        total: float64[N], the cost of the preconditions; last: int32[N], the dearest precondition.
        heap: int32[V + 1], a binary heap of variables by value; place: int32[V + 1], where each is in it, or
            -1.
        var_mark: uint8[V + 1]; op_mark: uint8[N]; var_stack: int32[V + 1]; op_stack: int32[N].
        applicable: int32[N], actions whose preconditions the state holds; preferred: int32[N], those the
            relaxed plan uses.
        size: int64[4], the heap's length, applicable ones, preferred ones, actions on the stack.
    """

    value: Floats
    best: Ints
    left: Ints
    cost: Floats
    total: Floats
    last: Ints
    heap: Ints
    place: Ints
    var_mark: NDArray[np.uint8]
    op_mark: NDArray[np.uint8]
    var_stack: Ints
    op_stack: Ints
    applicable: Ints
    preferred: Ints
    size: NDArray[np.int64]


HEAP, APPLICABLE, PREFERRED, STACKED = 0, 1, 2, 3


def make_scratch(n_vars: int, n_ops: int) -> Scratch:
    """Scratch for V = `n_vars` variables and N = `n_ops` actions."""
    return Scratch(
        np.empty(n_vars + 1),
        np.empty(n_vars + 1, np.int32),
        np.empty(n_ops, np.int32),
        np.empty(n_ops),
        np.empty(n_ops),
        np.empty(n_ops, np.int32),
        np.empty(n_vars + 1, np.int32),
        np.full(n_vars + 1, -1, np.int32),
        np.zeros(n_vars + 1, np.uint8),
        np.zeros(n_ops, np.uint8),
        np.empty(n_vars + 1, np.int32),
        np.empty(n_ops, np.int32),
        np.empty(n_ops, np.int32),
        np.empty(n_ops, np.int32),
        np.zeros(4, np.int64),
    )


@inner
def _push(w, var):
    """Put a variable into the heap, or move it up after its value fell."""
    i = w.place[var]
    if i < 0:
        i = w.size[HEAP]
        w.size[HEAP] = i + 1
    value = w.value[var]
    while i > 0:
        up = (i - 1) >> 1
        if w.value[w.heap[up]] <= value:
            break
        w.heap[i] = w.heap[up]
        w.place[w.heap[i]] = i
        i = up
    w.heap[i] = var
    w.place[var] = i


@inner
def _pop(w):
    """Take the variable with the least value out of the heap."""
    first = w.heap[0]
    w.place[first] = -1
    n = w.size[HEAP] - 1
    w.size[HEAP] = n
    if n > 0:
        last = w.heap[n]
        value = w.value[last]
        i = 0
        while True:
            child = 2 * i + 1
            if child >= n:
                break
            if child + 1 < n and w.value[w.heap[child + 1]] < w.value[w.heap[child]]:
                child += 1
            if value <= w.value[w.heap[child]]:
                break
            w.heap[i] = w.heap[child]
            w.place[w.heap[i]] = i
            i = child
        w.heap[i] = last
        w.place[last] = i
    return first


@inner
def _empty_heap(w):
    for i in range(w.size[HEAP]):
        w.place[w.heap[i]] = -1
    w.size[HEAP] = 0


@inner
def _reach_by(t, w, op, total):
    """An action's preconditions are all reached: its effects may become cheaper."""
    value = total + w.cost[op]
    for i in range(t.add_ptr[op], t.add_ptr[op + 1]):
        var = t.add[i]
        if value < w.value[var]:
            w.value[var] = value
            w.best[var] = op
            _push(w, var)


@inner
def _seed(t, w, words, cost):
    """Reset, reach what the state holds, and list what can be applied in it."""
    for var in range(w.value.shape[0]):
        w.value[var] = np.inf
    _empty_heap(w)
    n = 0
    for op in range(cost.shape[0]):
        w.cost[op], w.total[op], w.last[op] = cost[op], 0.0, -1
        w.left[op] = t.pre_ptr[op + 1] - t.pre_ptr[op]
        if w.left[op] == 0:
            w.applicable[n] = op
            n += 1
    for word in range(words.shape[0]):
        bits = words[word]
        var = word << 6
        while bits != 0:
            if bits & np.uint64(0xFF) == 0:
                bits >>= np.uint64(8)
                var += 8
                continue
            if bits & np.uint64(1):
                w.value[var] = 0.0
                w.best[var] = -1
                for i in range(t.by_pre_ptr[var], t.by_pre_ptr[var + 1]):
                    op = t.by_pre[i]
                    w.left[op] -= 1
                    w.last[op] = var
                    if w.left[op] == 0:
                        w.applicable[n] = op
                        n += 1
            bits >>= np.uint64(1)
            var += 1
    w.size[APPLICABLE] = n


@inner
def explore(t, w, words, cost, add, whole):
    """Costs of all variables from a state: h-add where `add`, else h-max; stops at the goal unless `whole`."""
    _seed(t, w, words, cost)
    goal = w.value.shape[0] - 1
    for i in range(w.size[APPLICABLE]):
        _reach_by(t, w, w.applicable[i], w.total[w.applicable[i]])
    while w.size[HEAP] > 0:
        var = _pop(w)
        if var == goal and not whole:
            break
        if var == goal:
            continue
        key = w.value[var]
        for i in range(t.by_pre_ptr[var], t.by_pre_ptr[var + 1]):
            op = t.by_pre[i]
            w.left[op] -= 1
            w.last[op] = var
            w.total[op] = w.total[op] + key if add else key
            if w.left[op] == 0:
                _reach_by(t, w, op, w.total[op])
    return w.value[goal]


@inner
def _relaxed_plan(t, w, words, cost):
    """The cost of the plan that the cheapest supporters make, and which of its actions the state allows."""
    goal = w.value.shape[0] - 1
    w.var_stack[0], top, at, n_ops, n = goal, 1, 0, 0, 0
    w.var_mark[goal] = 1
    result = 0.0
    while at < top:
        op = w.best[w.var_stack[at]]
        at += 1
        if op < 0 or w.op_mark[op] == 1:
            continue
        w.op_mark[op] = 1
        w.op_stack[n_ops] = op
        n_ops += 1
        result += cost[op]
        for i in range(t.pre_ptr[op], t.pre_ptr[op + 1]):
            need = t.pre[i]
            if w.var_mark[need] == 0:
                w.var_mark[need] = 1
                w.var_stack[top] = need
                top += 1
    for i in range(top):
        w.var_mark[w.var_stack[i]] = 0
    for i in range(n_ops):
        op = w.op_stack[i]
        w.op_mark[op] = 0
        if op < t.real[0] and holds(t, op, words):
            w.preferred[n] = op
            n += 1
    w.size[PREFERRED] = n
    return result


@inner
def holds(t, op, words):
    """Whether a state holds an action's preconditions."""
    for i in range(t.pre_ptr[op], t.pre_ptr[op + 1]):
        var = t.pre[i]
        if (words[var >> 6] >> np.uint64(var & 63)) & np.uint64(1) == 0:
            return False
    return True


@inner
def _mark_goal_zone(t, w):
    """Mark what reaches the goal for free through the dearest preconditions; returns how many were marked."""
    goal = w.value.shape[0] - 1
    w.var_stack[0], top, at = goal, 1, 0
    w.var_mark[goal] = 2
    while at < top:
        var = w.var_stack[at]
        at += 1
        for i in range(t.by_add_ptr[var], t.by_add_ptr[var + 1]):
            op = t.by_add[i]
            if w.left[op] == 0 and w.cost[op] == 0.0 and w.last[op] >= 0 and w.var_mark[w.last[op]] == 0:
                w.var_mark[w.last[op]] = 2
                w.var_stack[top] = w.last[op]
                top += 1
    return top


@inner
def _cross(t, w, op, top):
    """Follow an action forward: into the cut where it enters the goal zone, else on to what it adds."""
    enters = False
    for i in range(t.add_ptr[op], t.add_ptr[op + 1]):
        enters = enters or w.var_mark[t.add[i]] == 2
    if enters:
        if w.op_mark[op] == 0:
            w.op_mark[op] = 1
            w.op_stack[w.size[STACKED]] = op
            w.size[STACKED] += 1
        return top
    for i in range(t.add_ptr[op], t.add_ptr[op + 1]):
        var = t.add[i]
        if w.var_mark[var] == 0:
            w.var_mark[var] = 1
            w.var_stack[top] = var
            top += 1
    return top


@inner
def _find_cut(t, w, words):
    """Put the actions that lead into the goal zone on the stack, and return the least of their costs."""
    top = _mark_goal_zone(t, w)
    first = top
    w.size[STACKED] = 0
    for op in range(np.int64(0), w.cost.shape[0]):
        if w.last[op] < 0 and w.left[op] == 0:
            top = _cross(t, w, op, top)
    for var in range(w.value.shape[0] - 1):
        if (words[var >> 6] >> np.uint64(var & 63)) & np.uint64(1) and w.var_mark[var] == 0:
            w.var_mark[var] = 1
            w.var_stack[top] = var
            top += 1
    at = first
    while at < top:
        var = w.var_stack[at]
        at += 1
        for i in range(t.by_pre_ptr[var], t.by_pre_ptr[var + 1]):
            op = np.int64(t.by_pre[i])
            if w.left[op] == 0 and w.last[op] == var:
                top = _cross(t, w, op, top)
    for i in range(top):
        w.var_mark[w.var_stack[i]] = 0
    least = np.inf
    for i in range(w.size[STACKED]):
        w.op_mark[w.op_stack[i]] = 0
        least = min(least, w.cost[w.op_stack[i]])
    return least


@inner
def _lower(t, w, least):
    """Take a cut's cost off its actions and bring the h-max values down."""
    _empty_heap(w)
    for i in range(w.size[STACKED]):
        op = w.op_stack[i]
        w.cost[op] -= least
        _reach_by(t, w, op, w.total[op])
    goal = w.value.shape[0] - 1
    while w.size[HEAP] > 0:
        var = _pop(w)
        if var == goal:
            continue
        key = w.value[var]
        for i in range(t.by_pre_ptr[var], t.by_pre_ptr[var + 1]):
            op = t.by_pre[i]
            if w.left[op] > 0 or w.last[op] != var or w.total[op] <= key:
                continue
            dearest = var
            for j in range(t.pre_ptr[op], t.pre_ptr[op + 1]):
                if w.value[t.pre[j]] > w.value[dearest]:
                    dearest = t.pre[j]
            w.last[op] = dearest
            if w.value[dearest] < w.total[op]:
                w.total[op] = w.value[dearest]
                _reach_by(t, w, op, w.total[op])


@inner
def _lmcut(t, w, words):
    """The sum of the costs of cuts, after `explore` found the h-max values and the goal in reach."""
    goal = w.value.shape[0] - 1
    result = 0.0
    while w.value[goal] > 0.0:
        least = _find_cut(t, w, words)
        result += least
        _lower(t, w, least)
    return result


@kernel
def evaluate(t, w, words, cost, heuristic):
    """The heuristic's value of a state, inf for a dead end; lists the applicable and preferred actions on the way."""
    w.size[PREFERRED] = 0
    value = explore(t, w, words, cost, heuristic == ADD or heuristic == FF, heuristic == LMCUT)
    if value == np.inf or heuristic == MAX or heuristic == ADD:
        return value
    if heuristic == BLIND:
        return 0.0
    if heuristic == LMCUT:
        return _lmcut(t, w, words)
    return _relaxed_plan(t, w, words, cost)
