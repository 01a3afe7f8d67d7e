"""Compiled kernels that turn reached facts and ground actions into a propositional task.

A variable is a fact that may change and that matters, or the complement of one where some precondition or
goal asks for its absence; with complements every task is plain STRIPS (Gazen and Knoblock 1997, "Combining
the expressivity of UCPOP with the efficiency of Graphplan"). What cannot help to reach the goal is left
out, by walking from the goal back to what adds it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosym.jit import inner, kernel
from neurosym.planning.reach_kernels import N_FACTS, N_INIT, N_OPS, find

__all__ = ["N_COUNTS", "Draft", "draft", "lay_out"]

Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]

# Counts that the draft ends with: what is in use, alternatives kept, a goal literal that can never hold.
VARS, OPS, PRE, ADD, REM, PARTS, GOALS, MISSING = range(8)
N_COUNTS = 8


class Draft(NamedTuple):
    """The task over all facts; variable f is fact f, variable F + f its complement.

    Attributes:
        deleted, negated: uint8[F], whether some action deletes the fact, or asks for its absence.
        alive, used: uint8[ops], whether the action can ever be applied, and whether it matters.
        cost: float64[ops], -1 where the cost function has no value.
        goal_fact: int32[G]; goal_ptr, goal: CSR, the variables of each alternative that may come true.
        pre_ptr .. rem: CSR, the variables that each action needs, adds and removes.
        by_add_ptr, by_add: CSR, the actions that add each variable.
        number: int32[2F], each variable's number in the task, -1 where it does not matter.
        stack: int32[2F]; key: int32[width]; counts: int64[8].
    """

    deleted: Bytes
    negated: Bytes
    alive: Bytes
    used: Bytes
    cost: NDArray[np.float64]
    goal_fact: Ints
    goal_ptr: Ints
    goal: Ints
    pre_ptr: Ints
    pre: Ints
    add_ptr: Ints
    add: Ints
    rem_ptr: Ints
    rem: Ints
    by_add_ptr: Ints
    by_add: Ints
    number: Ints
    stack: Ints
    key: Ints
    counts: NDArray[np.int64]


@inner
def _fact_of(dom, store, op, lit, key):
    """The fact that a literal is for a ground action, -1 where it is not reachable."""
    pred, start = dom.lit_pred[lit], dom.lit_ptr[lit]
    for i in range(dom.arity[pred]):
        term = dom.lit_term[start + i]
        key[i] = -1 - term if term < 0 else store.op_args[op, term]
    return find(store, pred, key, dom.arity[pred])


@inner
def _adds(dom, store, op, action, fact, key):
    for lit in range(dom.section[action, 2], dom.section[action, 3]):
        if _fact_of(dom, store, op, lit, key) == fact:
            return True
    return False


@inner
def _mark_changes(dom, prob, store, cursor, d):
    """What is deleted, what is asked for as absent, which actions can ever be applied, and their costs."""
    for op in range(cursor[N_OPS]):
        action = store.op_action[op]
        for lit in range(dom.section[action, 3], dom.section[action, 4]):
            fact = _fact_of(dom, store, op, lit, d.key)
            if fact >= 0 and d.deleted[fact] == 0 and not _adds(dom, store, op, action, fact, d.key):
                d.deleted[fact] = 1
    for op in range(cursor[N_OPS]):
        action = store.op_action[op]
        d.alive[op] = 1
        for lit in range(dom.section[action, 1], dom.section[action, 2]):
            fact = _fact_of(dom, store, op, lit, d.key)
            if fact >= 0:
                d.negated[fact] = 1
                if fact < cursor[N_INIT] and d.deleted[fact] == 0:
                    d.alive[op] = 0
        d.cost[op] = dom.cost[action]
        if dom.cost_lit[action] >= 0:
            fact = _fact_of(dom, store, op, dom.cost_lit[action], d.key)
            d.cost[op] = store.value[fact] if fact >= 0 else -1.0
    for i in range(prob.goal_pred.shape[0]):
        pred = prob.goal_pred[i]
        d.goal_fact[i] = find(store, pred, prob.goal_args[i], dom.arity[pred])
        if d.goal_fact[i] >= 0 and prob.goal_sign[i] == 0:
            d.negated[d.goal_fact[i]] = 1


@inner
def _keep_goal(prob, cursor, d):
    """The alternatives of the goal that may come true, as variables; what always holds is left out."""
    n_facts, n_init = cursor[N_FACTS], cursor[N_INIT]
    kept, n = np.int64(0), np.int64(0)
    for part in range(prob.goal_ptr.shape[0] - 1):
        possible, start = True, n
        for i in range(prob.goal_ptr[part], prob.goal_ptr[part + 1]):
            fact, wanted = d.goal_fact[i], prob.goal_sign[i] == 1
            always = fact >= 0 and fact < n_init and d.deleted[fact] == 0
            if (wanted and fact < 0) or (not wanted and always):
                possible = False
                d.counts[MISSING] = i
            elif fact >= 0 and not always:
                d.goal[n] = fact if wanted else n_facts + fact
                n += 1
        if possible:
            kept += 1
            d.goal_ptr[kept] = n
        else:
            n = start
    d.counts[PARTS], d.counts[GOALS] = kept, n


@inner
def _resolve_needs(dom, store, cursor, d, op, n):
    """Write an action's preconditions behind the first n; returns how many there are then."""
    action = store.op_action[op]
    for lit in range(dom.section[action, 0], dom.section[action, 2]):
        if dom.fluent[dom.lit_pred[lit]] == 0:
            continue
        fact = _fact_of(dom, store, op, lit, d.key)
        if lit >= dom.section[action, 1]:
            if fact >= 0:
                d.pre[n] = cursor[N_FACTS] + fact
                n += 1
        elif fact >= cursor[N_INIT] or d.deleted[fact] == 1:
            d.pre[n] = fact
            n += 1
    return n


@inner
def _resolve_effects(dom, store, cursor, d, op, n_add, n_rem):
    """Write an action's effects, on complements too; returns how many there are then."""
    action, n_facts = store.op_action[op], cursor[N_FACTS]
    for lit in range(dom.section[action, 2], dom.section[action, 4]):
        fact = _fact_of(dom, store, op, lit, d.key)
        added = lit < dom.section[action, 3]
        if fact < 0 or (not added and _adds(dom, store, op, action, fact, d.key)):
            continue
        if added or d.negated[fact] == 1:
            d.add[n_add] = fact if added else n_facts + fact
            n_add += 1
        if not added or d.negated[fact] == 1:
            d.rem[n_rem] = n_facts + fact if added else fact
            n_rem += 1
    return n_add, n_rem


@inner
def _resolve(dom, store, cursor, d):
    n_pre, n_add, n_rem = np.int64(0), np.int64(0), np.int64(0)
    for op in range(cursor[N_OPS]):
        if d.alive[op] == 1:
            n_pre = _resolve_needs(dom, store, cursor, d, op, n_pre)
            n_add, n_rem = _resolve_effects(dom, store, cursor, d, op, n_add, n_rem)
        d.pre_ptr[op + 1], d.add_ptr[op + 1], d.rem_ptr[op + 1] = n_pre, n_add, n_rem


@inner
def _invert(ptr, idx, rows, out_ptr, out):
    """The CSR of the opposite direction: for each column, the rows that hold it; `out_ptr` must be zero."""
    columns = out_ptr.shape[0] - 1
    for i in range(ptr[rows]):
        out_ptr[idx[i] + 1] += 1
    for i in range(columns):
        out_ptr[i + 1] += out_ptr[i]
    for row in range(rows):
        for i in range(ptr[row], ptr[row + 1]):
            out[out_ptr[idx[i]]] = row
            out_ptr[idx[i]] += 1
    for i in range(columns, 0, -1):
        out_ptr[i] = out_ptr[i - 1]
    out_ptr[0] = 0


@inner
def _want(d, var, top):
    if d.number[var] >= 0:
        return top
    d.number[var] = 0
    d.stack[top] = var
    return top + 1


@inner
def _select(cursor, d):
    """Walk from the goal backwards and mark the variables (number 0 instead of -1) and actions that matter."""
    _invert(d.add_ptr, d.add, cursor[N_OPS], d.by_add_ptr, d.by_add)
    top = 0
    for i in range(d.counts[GOALS]):
        top = _want(d, d.goal[i], top)
    while top > 0:
        top -= 1
        var = d.stack[top]
        for i in range(d.by_add_ptr[var], d.by_add_ptr[var + 1]):
            op = d.by_add[i]
            if d.used[op] == 0:
                d.used[op] = 1
                for j in range(d.pre_ptr[op], d.pre_ptr[op + 1]):
                    top = _want(d, d.pre[j], top)


@inner
def _count_used(ptr, idx, used, number):
    n = 0
    for op in range(used.shape[0]):
        if used[op] == 1:
            for i in range(ptr[op], ptr[op + 1]):
                n += number[idx[i]] >= 0
    return n


@kernel
def draft(dom, prob, store, cursor, d):
    """Fill a draft whose arrays are empty: zeros, and -1 in `number`."""
    d.counts[MISSING] = -1
    _mark_changes(dom, prob, store, cursor, d)
    _keep_goal(prob, cursor, d)
    _resolve(dom, store, cursor, d)
    _select(cursor, d)
    n = 0
    for var in range(d.number.shape[0]):
        if d.number[var] >= 0:
            d.number[var] = n
            n += 1
    d.counts[VARS] = n
    for op in range(d.used.shape[0]):
        d.counts[OPS] += d.used[op]
    d.counts[PRE] = _count_used(d.pre_ptr, d.pre, d.used, d.number)
    d.counts[ADD] = _count_used(d.add_ptr, d.add, d.used, d.number)
    d.counts[REM] = _count_used(d.rem_ptr, d.rem, d.used, d.number)


@inner
def _pack(ptr, idx, used, number, out_ptr, out):
    """Copy the rows in use, renumbered."""
    row, n = 0, 0
    for op in range(used.shape[0]):
        if used[op] == 1:
            for i in range(ptr[op], ptr[op + 1]):
                if number[idx[i]] >= 0:
                    out[n] = number[idx[i]]
                    n += 1
            row += 1
            out_ptr[row] = n


@kernel
def lay_out(cursor, d, t, source, state):
    """Write the task into arrays of the sizes that the draft counted; pointers must be zero.

    Each alternative of the goal becomes an end action without cost, behind the real ones. `source`:
    int32[real actions], their numbers in the store. `state`: uint64[words], zero, becomes the first state.
    """
    n_facts, n_init, n_ops, n_vars = cursor[N_FACTS], cursor[N_INIT], d.counts[OPS], d.counts[VARS]
    _pack(d.pre_ptr, d.pre, d.used, d.number, t.pre_ptr, t.pre)
    _pack(d.add_ptr, d.add, d.used, d.number, t.add_ptr, t.add)
    _pack(d.rem_ptr, d.rem, d.used, d.number, t.rem_ptr, t.rem)
    row = 0
    for op in range(d.used.shape[0]):
        if d.used[op] == 1:
            source[row] = op
            t.cost[row] = d.cost[op]
            row += 1
    n_pre, n_add = d.counts[PRE], d.counts[ADD]
    for part in range(d.counts[PARTS]):
        for i in range(d.goal_ptr[part], d.goal_ptr[part + 1]):
            t.pre[n_pre] = d.number[d.goal[i]]
            n_pre += 1
        t.add[n_add] = n_vars
        n_add += 1
        t.pre_ptr[n_ops + part + 1], t.add_ptr[n_ops + part + 1] = n_pre, n_add
        t.rem_ptr[n_ops + part + 1] = d.counts[REM]
        t.cost[n_ops + part] = 0.0
    t.real[0] = n_ops
    _invert(t.pre_ptr, t.pre, n_ops + d.counts[PARTS], t.by_pre_ptr, t.by_pre)
    _invert(t.add_ptr, t.add, n_ops + d.counts[PARTS], t.by_add_ptr, t.by_add)
    for var in range(d.number.shape[0]):
        i = d.number[var]
        true = var < n_init if var < n_facts else var - n_facts >= n_init
        if i >= 0 and true:
            state[i >> 6] |= np.uint64(1) << np.uint64(i & 63)
