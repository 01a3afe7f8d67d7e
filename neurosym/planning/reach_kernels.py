"""Compiled kernels of the grounder: relaxed reachability as a semi-naive join over facts.

A fact that comes to be reachable is matched with each precondition that it can meet; the other preconditions
are joined over the facts linked so far, the most selective first. A set of facts is joined once: when its
newest member is linked, and there at the first precondition that this member meets. (Semi-naive evaluation:
Bancilhon and Ramakrishnan 1986; grounding as logic program: Helmert 2009, "Concise finite-domain
representations for PDDL planning tasks", section 6.) The join keeps its stack in arrays, so that it can stop
anywhere and go on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.jit import inner, kernel

__all__ = ["DONE", "GROW", "MORE", "N_CURSOR", "Store", "find", "load", "reach", "rehash"]

Ints = NDArray[np.int32]

DONE, MORE, GROW = 0, 1, 2

# The cursor: where the run stands.
N_FACTS, N_OPS, LINKED, STAGE, TRIGGER, DEPTH, ACTION, TRIG_LIT, TRIG_FACT, MASK, N_INIT, N_STATIC = range(12)
N_CURSOR = 12


class Store(NamedTuple):
    """Facts, ground actions and the join's stack.

    Attributes:
        pred: int32[facts]; args: int32[facts, width]; value: float64[facts].
        link: int32[facts, width + 1], the next fact with the same argument there; the last column: of the
            predicate.
        head: int32[rows, objects] and count: int32[rows, objects], the first fact of each list and its
            length.
        head_all, count_all: int32[predicates], the same for whole predicates.
        table: int32[power of two], the hash table; -1 is empty.
        op_action: int32[ops]; op_args: int32[ops, parameters].
        lit, cand, column: int32[depth], the stack; binding, level: int32[parameters]; key: int32[width].
    """

    pred: Ints
    args: Ints
    value: NDArray[np.float64]
    link: Ints
    head: Ints
    count: Ints
    head_all: Ints
    count_all: Ints
    table: Ints
    op_action: Ints
    op_args: Ints
    lit: Ints
    cand: Ints
    column: Ints
    binding: Ints
    level: Ints
    key: Ints


@inner
def _slot(store, pred, key, arity):
    """The table slot where this fact is, or where it would go."""
    mask = store.table.shape[0] - 1
    code = np.uint64(pred) * np.uint64(0x9E3779B97F4A7C15)
    for i in range(arity):
        code = (code ^ np.uint64(key[i] + 1)) * np.uint64(0xC2B2AE3D27D4EB4F)
        code ^= code >> np.uint64(29)
    slot = np.int64(code & np.uint64(mask))
    while True:
        fact = store.table[slot]
        if fact < 0:
            return slot
        if store.pred[fact] == pred:
            same = True
            for i in range(arity):
                if store.args[fact, i] != key[i]:
                    same = False
                    break
            if same:
                return slot
        slot = (slot + 1) & mask


@inner
def find(store, pred, key, arity):
    """The number of a fact, -1 where there is none."""
    return store.table[_slot(store, pred, key, arity)]


@inner
def _add_fact(store, cursor, pred, key, arity):
    slot = _slot(store, pred, key, arity)
    if store.table[slot] >= 0:
        return
    fact = cursor[N_FACTS]
    store.table[slot] = fact
    store.pred[fact] = pred
    for i in range(arity):
        store.args[fact, i] = key[i]
    cursor[N_FACTS] = fact + 1


@kernel
def rehash(arity, store, cursor):
    """Fill a new, empty table."""
    for fact in range(cursor[N_FACTS]):
        pred = store.pred[fact]
        store.table[_slot(store, pred, store.args[fact], arity[pred])] = fact


@kernel
def load(arity, store, cursor, pred, args, value, static):
    """Put the initial facts in; those that never change must come first."""
    for i in range(pred.shape[0]):
        if i == static:
            cursor[N_STATIC] = cursor[N_FACTS]
        store.value[cursor[N_FACTS]] = value[i]
        _add_fact(store, cursor, pred[i], args[i], arity[pred[i]])
    if static == pred.shape[0]:
        cursor[N_STATIC] = cursor[N_FACTS]
    cursor[N_INIT] = cursor[N_FACTS]
    cursor[DEPTH] = -1
    cursor[LINKED] = 0


@inner
def _link(dom, store, fact):
    pred = store.pred[fact]
    row = dom.row[pred]
    last = store.link.shape[1] - 1
    for i in range(dom.arity[pred]):
        obj = store.args[fact, i]
        store.link[fact, i] = store.head[row + i, obj]
        store.head[row + i, obj] = fact
        store.count[row + i, obj] += 1
    store.link[fact, last] = store.head_all[pred]
    store.head_all[pred] = fact
    store.count_all[pred] += 1


@inner
def _term(store, term):
    """The object that a term stands for now, -1 where it is not bound."""
    return -1 - term if term < 0 else store.binding[term]


@inner
def _unify(dom, prob, store, action, lit, fact, level):
    """Bind the literal's variables to the fact's arguments; bindings already made stay for `_unbind`."""
    start = dom.lit_ptr[lit]
    for i in range(dom.lit_ptr[lit + 1] - start):
        term = dom.lit_term[start + i]
        obj = store.args[fact, i]
        bound = _term(store, term)
        if bound >= 0:
            if bound != obj:
                return False
        else:
            if prob.type_ok[dom.param_type[dom.param_ptr[action] + term], obj] == 0:
                return False
            store.binding[term] = obj
            store.level[term] = level
    return _equalities_hold(dom, store, action)


@inner
def _equalities_hold(dom, store, action):
    for e in range(dom.eq_ptr[action], dom.eq_ptr[action + 1]):
        left, right = _term(store, dom.eq[e, 0]), _term(store, dom.eq[e, 1])
        if left >= 0 and right >= 0 and (left == right) != (dom.eq[e, 2] == 1):
            return False
    return True


@inner
def _unbind(dom, store, action, level):
    for p in range(dom.param_ptr[action + 1] - dom.param_ptr[action]):
        if store.level[p] == level:
            store.binding[p] = -1
            store.level[p] = -1


@inner
def _estimate(dom, store, lit):
    """How many facts may match: the shortest list (column, length), column -2 where all terms are bound."""
    pred = dom.lit_pred[lit]
    start = dom.lit_ptr[lit]
    column, best, free = store.link.shape[1] - 1, store.count_all[pred], 0
    for i in range(dom.arity[pred]):
        obj = _term(store, dom.lit_term[start + i])
        if obj < 0:
            free += 1
        elif store.count[dom.row[pred] + i, obj] <= best:
            column, best = i, store.count[dom.row[pred] + i, obj]
    if free == 0:
        return -2, 0
    return column, best


@inner
def _lookup(dom, store, lit, key):
    """The fact that a literal with all terms bound stands for, -1 where there is none."""
    pred = dom.lit_pred[lit]
    start = dom.lit_ptr[lit]
    for i in range(dom.arity[pred]):
        key[i] = _term(store, dom.lit_term[start + i])
    return find(store, pred, key, dom.arity[pred])


@inner
def _open_level(dom, prob, store, cursor, depth, key):
    """Choose what to join next at this depth: the most selective literal, else a free parameter, else emit."""
    action = cursor[ACTION]
    first = dom.section[action, 0]
    chosen, column, best = -1, 0, np.int64(1) << 60
    for lit in range(first, dom.section[action, 1]):
        if (cursor[MASK] >> (lit - first)) & 1 == 0:
            where, size = _estimate(dom, store, lit)
            if size < best:
                chosen, column, best = lit, where, size
    if chosen >= 0:
        store.lit[depth], store.column[depth] = chosen, column
        cursor[MASK] |= np.int64(1) << (chosen - first)
        pred = dom.lit_pred[chosen]
        if column == -2:
            fact = _lookup(dom, store, chosen, key)
            store.cand[depth] = fact if fact <= cursor[LINKED] else -1
        elif column == store.link.shape[1] - 1:
            store.cand[depth] = store.head_all[pred]
        else:
            obj = _term(store, dom.lit_term[dom.lit_ptr[chosen] + column])
            store.cand[depth] = store.head[dom.row[pred] + column, obj]
        return
    store.lit[depth] = -1
    for p in range(dom.param_ptr[action + 1] - dom.param_ptr[action]):
        if store.binding[p] < 0:
            store.lit[depth] = -2 - p
            store.cand[depth] = prob.type_ptr[dom.param_type[dom.param_ptr[action] + p]]
            return


@inner
def _close_level(dom, store, cursor, depth):
    lit = store.lit[depth]
    if lit >= 0:
        cursor[MASK] &= ~(np.int64(1) << (lit - dom.section[cursor[ACTION], 0]))
    cursor[DEPTH] = depth - 1


@inner
def _advance_literal(dom, prob, store, cursor, depth, key):
    """Try the next fact for the literal at this depth."""
    fact, lit, column = np.int64(store.cand[depth]), np.int64(store.lit[depth]), store.column[depth]
    if fact < 0:
        _close_level(dom, store, cursor, depth)
        return
    store.cand[depth] = store.link[fact, column] if column >= 0 else -1
    # The trigger fact may meet literals behind the trigger literal only: those before it have had their turn.
    if fact == cursor[TRIG_FACT] and lit < cursor[TRIG_LIT]:
        return
    if _unify(dom, prob, store, cursor[ACTION], lit, fact, depth):
        cursor[DEPTH] = depth + 1
        _open_level(dom, prob, store, cursor, depth + 1, key)


@inner
def _advance_parameter(dom, prob, store, cursor, depth, key):
    """Try the next object for the free parameter at this depth."""
    action, p = cursor[ACTION], -2 - store.lit[depth]
    kind = dom.param_type[dom.param_ptr[action] + p]
    at = store.cand[depth]
    if at == prob.type_ptr[kind + 1]:
        _close_level(dom, store, cursor, depth)
        return
    store.cand[depth] = at + 1
    store.binding[p] = prob.type_objects[at]
    store.level[p] = depth
    if _equalities_hold(dom, store, action):
        cursor[DEPTH] = depth + 1
        _open_level(dom, prob, store, cursor, depth + 1, key)


@inner
def _possible(dom, store, cursor, key):
    """Whether every equality and negative precondition of the bound action can ever hold."""
    action = cursor[ACTION]
    if not _equalities_hold(dom, store, action):
        return False
    for lit in range(np.int64(dom.section[action, 1]), np.int64(dom.section[action, 2])):
        fact = _lookup(dom, store, lit, key)
        if 0 <= fact < cursor[N_INIT] and dom.deletable[dom.lit_pred[lit]] == 0:
            return False
    return True


@inner
def _emit(dom, store, cursor, key):
    """Keep the bound action and the facts it adds; false where the arrays are full."""
    action = cursor[ACTION]
    adds = dom.section[action, 3] - dom.section[action, 2]
    op = cursor[N_OPS]
    if op == store.op_action.shape[0] or 2 * (cursor[N_FACTS] + adds) > store.table.shape[0]:
        return False
    if cursor[N_FACTS] + adds > store.pred.shape[0]:
        return False
    store.op_action[op] = action
    for p in range(dom.param_ptr[action + 1] - dom.param_ptr[action]):
        store.op_args[op, p] = store.binding[p]
    cursor[N_OPS] = op + 1
    for lit in range(dom.section[action, 2], dom.section[action, 3]):
        pred, start = dom.lit_pred[lit], dom.lit_ptr[lit]
        for i in range(dom.arity[pred]):
            key[i] = _term(store, dom.lit_term[start + i])
        _add_fact(store, cursor, pred, key, dom.arity[pred])
    return True


@inner
def _start(dom, prob, store, cursor, action, lit, fact, key):
    """Begin to join an action, triggered by a fact at a literal (both -1 for an action without trigger)."""
    store.binding[:] = -1
    store.level[:] = -1
    cursor[ACTION], cursor[TRIG_LIT], cursor[TRIG_FACT], cursor[MASK] = action, lit, fact, 0
    if lit >= 0:
        if not _unify(dom, prob, store, action, lit, fact, np.int64(1 << 20)):
            return
        cursor[MASK] = np.int64(1) << (lit - dom.section[action, 0])
    cursor[DEPTH] = 0
    _open_level(dom, prob, store, cursor, cursor[DEPTH], key)


@inner
def _next_trigger(dom, prob, store, cursor, key):
    """Begin the next join; false where none is left."""
    if cursor[STAGE] == 0:
        while cursor[LINKED] < cursor[N_STATIC]:
            _link(dom, store, cursor[LINKED])
            cursor[LINKED] += 1
        cursor[LINKED] -= 1
        cursor[STAGE], cursor[TRIGGER] = 1, 0
    if cursor[STAGE] == 1:
        if cursor[TRIGGER] < dom.untriggered.shape[0]:
            cursor[TRIGGER] += 1
            action, none = np.int64(dom.untriggered[cursor[TRIGGER] - 1]), np.int64(-1)
            _start(dom, prob, store, cursor, action, none, none, key)
            return True
        cursor[STAGE], cursor[TRIGGER] = 2, 0
    if cursor[STAGE] == 2:
        if cursor[LINKED] + 1 == cursor[N_FACTS]:
            return False
        cursor[LINKED] += 1
        _link(dom, store, cursor[LINKED])
        cursor[STAGE], cursor[TRIGGER] = 3, dom.trigger_ptr[store.pred[cursor[LINKED]]]
    fact = cursor[LINKED]
    if cursor[TRIGGER] == dom.trigger_ptr[store.pred[fact] + 1]:
        cursor[STAGE] = 2
        return True
    lit = np.int64(dom.trigger[cursor[TRIGGER]])
    cursor[TRIGGER] += 1
    _start(dom, prob, store, cursor, np.int64(dom.lit_action[lit]), lit, fact, key)
    return True


@kernel
def reach(dom, prob, store, cursor, budget):
    """Take up to `budget` steps: DONE, MORE where steps are left, GROW where the arrays must grow first."""
    key = store.key
    for _ in range(budget):
        depth = cursor[DEPTH]
        if depth < 0:
            if not _next_trigger(dom, prob, store, cursor, key):
                return DONE
            continue
        lit = store.lit[depth]
        if lit == -1:
            if _possible(dom, store, cursor, key) and not _emit(dom, store, cursor, key):
                return GROW
            cursor[DEPTH] = depth - 1
            continue
        _unbind(dom, store, cursor[ACTION], depth)
        if lit >= 0:
            _advance_literal(dom, prob, store, cursor, depth, key)
        else:
            _advance_parameter(dom, prob, store, cursor, depth, key)
    return MORE
