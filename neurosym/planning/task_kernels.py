"""Compiled kernels that turn reached facts and ground actions into a propositional task.

A variable is a fact that may change and that matters, or the complement of one where some precondition or goal asks
for its absence; with complements every task is plain STRIPS (Gazen and Knoblock 1997, "Combining the expressivity of
UCPOP with the efficiency of Graphplan"). What cannot help to reach the goal is left out, by walking from the goal
back to what adds it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from neurosym.planning.reach_kernels import N_FACTS, N_INIT, N_OPS, find

__all__ = ["find_goal", "goal_variables", "lay_out", "mark_changes", "resolve", "select"]


@njit(cache=True)
def _fact_of(dom, store, op, lit, key):
    """The fact that a literal is for a ground action, -1 where it is not reachable."""
    pred, start = dom.lit_pred[lit], dom.lit_ptr[lit]
    for i in range(dom.arity[pred]):
        term = dom.lit_term[start + i]
        key[i] = -1 - term if term < 0 else store.op_args[op, term]
    return find(store, pred, key, dom.arity[pred])


@njit(cache=True)
def _adds(dom, store, op, action, fact, key):
    for lit in range(dom.section[action, 2], dom.section[action, 3]):
        if _fact_of(dom, store, op, lit, key) == fact:
            return True
    return False


@njit(cache=True)
def find_goal(dom, prob, store):
    """int32[G]: the fact of each goal literal, -1 where it is not reachable."""
    result = np.empty(prob.goal_pred.shape[0], np.int32)
    for i in range(result.shape[0]):
        pred = prob.goal_pred[i]
        result[i] = find(store, pred, prob.goal_args[i], dom.arity[pred])
    return result


@njit(cache=True)
def mark_changes(dom, prob, store, cursor, goal_fact):
    """What is deleted by some action, what is asked for as absent, which actions can ever be applied, their costs.

    Returns:
        deleted: uint8[facts]; negated: uint8[facts]; alive: uint8[ops]; cost: float64[ops], -1 where the cost function
        has no value.
    """
    n_facts, n_ops, n_init = cursor[N_FACTS], cursor[N_OPS], cursor[N_INIT]
    key = np.empty(store.args.shape[1], np.int32)
    deleted, negated = np.zeros(n_facts, np.uint8), np.zeros(n_facts, np.uint8)
    alive, cost = np.ones(n_ops, np.uint8), np.empty(n_ops)
    for op in range(n_ops):
        action = store.op_action[op]
        for lit in range(dom.section[action, 3], dom.section[action, 4]):
            fact = _fact_of(dom, store, op, lit, key)
            if fact >= 0 and deleted[fact] == 0 and not _adds(dom, store, op, action, fact, key):
                deleted[fact] = 1
    for op in range(n_ops):
        action = store.op_action[op]
        for lit in range(dom.section[action, 1], dom.section[action, 2]):
            fact = _fact_of(dom, store, op, lit, key)
            if fact >= 0:
                if fact < n_init and deleted[fact] == 0:
                    alive[op] = 0
                negated[fact] = 1
        cost[op] = dom.cost[action]
        if dom.cost_lit[action] >= 0:
            fact = _fact_of(dom, store, op, dom.cost_lit[action], key)
            cost[op] = store.value[fact] if fact >= 0 else -1.0
    for i in range(goal_fact.shape[0]):
        if goal_fact[i] >= 0 and prob.goal_sign[i] == 0:
            negated[goal_fact[i]] = 1
    return deleted, negated, alive, cost


@njit(cache=True)
def resolve(dom, store, cursor, deleted, negated, alive):
    """Each action's preconditions, added and deleted variables; fact f is variable f, its complement n_facts + f.

    Returns:
        three CSR pairs (pointers int32[ops + 1], variables int32[...]).
    """
    n_facts, n_ops, n_init = cursor[N_FACTS], cursor[N_OPS], cursor[N_INIT]
    key = np.empty(store.args.shape[1], np.int32)
    sizes = np.zeros(3, np.int64)
    for op in range(n_ops):
        row = dom.section[store.op_action[op]]
        sizes[0] += row[2] - row[0]
        sizes[1] += row[4] - row[2]
        sizes[2] += row[4] - row[2]
    pre, add, rem = np.empty(sizes[0], np.int32), np.empty(sizes[1], np.int32), np.empty(sizes[2], np.int32)
    pre_ptr, add_ptr, rem_ptr = (
        np.zeros(n_ops + 1, np.int32),
        np.zeros(n_ops + 1, np.int32),
        np.zeros(n_ops + 1, np.int32),
    )
    n_pre, n_add, n_rem = 0, 0, 0
    for op in range(n_ops):
        action = store.op_action[op]
        if alive[op] == 1:
            for lit in range(dom.section[action, 0], dom.section[action, 2]):
                if dom.fluent[dom.lit_pred[lit]] == 0:
                    continue
                fact = _fact_of(dom, store, op, lit, key)
                if lit >= dom.section[action, 1]:
                    if fact >= 0:
                        pre[n_pre] = n_facts + fact
                        n_pre += 1
                elif fact >= n_init or deleted[fact] == 1:
                    pre[n_pre] = fact
                    n_pre += 1
            for lit in range(dom.section[action, 2], dom.section[action, 4]):
                fact = _fact_of(dom, store, op, lit, key)
                added = lit < dom.section[action, 3]
                if fact < 0 or (not added and _adds(dom, store, op, action, fact, key)):
                    continue
                first, second = (fact, n_facts + fact) if added else (n_facts + fact, fact)
                if added or negated[fact] == 1:
                    add[n_add] = first
                    n_add += 1
                if not added or negated[fact] == 1:
                    rem[n_rem] = second
                    n_rem += 1
        pre_ptr[op + 1], add_ptr[op + 1], rem_ptr[op + 1] = n_pre, n_add, n_rem
    return pre_ptr, pre[:n_pre], add_ptr, add[:n_add], rem_ptr, rem[:n_rem]


@njit(cache=True)
def invert(ptr, idx, size):
    """The CSR of the opposite direction: for each of `size` columns, the rows that hold it."""
    out_ptr = np.zeros(size + 1, np.int32)
    for i in range(idx.shape[0]):
        out_ptr[idx[i] + 1] += 1
    for i in range(size):
        out_ptr[i + 1] += out_ptr[i]
    fill = out_ptr[:-1].copy()
    out = np.empty(idx.shape[0], np.int32)
    for row in range(ptr.shape[0] - 1):
        for i in range(ptr[row], ptr[row + 1]):
            out[fill[idx[i]]] = row
            fill[idx[i]] += 1
    return out_ptr, out


@njit(cache=True)
def select(pre_ptr, pre, add_ptr, add, goal_vars, alive, n_vars):
    """What matters for the goal: uint8[variables] and uint8[ops], found from the goal backwards."""
    by_add_ptr, by_add = invert(add_ptr, add, n_vars)
    var_used, op_used = np.zeros(n_vars, np.uint8), np.zeros(alive.shape[0], np.uint8)
    stack = np.empty(n_vars + 1, np.int32)
    top = 0
    for var in goal_vars:
        if var_used[var] == 0:
            var_used[var] = 1
            stack[top] = var
            top += 1
    while top > 0:
        top -= 1
        var = stack[top]
        for i in range(by_add_ptr[var], by_add_ptr[var + 1]):
            op = by_add[i]
            if op_used[op] == 1 or alive[op] == 0:
                continue
            op_used[op] = 1
            for j in range(pre_ptr[op], pre_ptr[op + 1]):
                if var_used[pre[j]] == 0:
                    var_used[pre[j]] = 1
                    stack[top] = pre[j]
                    top += 1
    return var_used, op_used


@njit(cache=True)
def _pack(ptr, idx, op_used, new_number, n_used, extra):
    """The CSR of the actions and variables in use, with room for `extra` empty rows at the end."""
    out_ptr = np.zeros(n_used + extra + 1, np.int32)
    out = np.empty(idx.shape[0], np.int32)
    row, n = 0, 0
    for op in range(op_used.shape[0]):
        if op_used[op] == 1:
            for i in range(ptr[op], ptr[op + 1]):
                if new_number[idx[i]] >= 0:
                    out[n] = new_number[idx[i]]
                    n += 1
            row += 1
            out_ptr[row] = n
    for i in range(extra):
        out_ptr[row + 1 + i] = n
    return out_ptr, out[:n]


@njit(cache=True)
def _append_goal(ptr, idx, first, goal_ptr, goal):
    """Put rows behind row `first`; the rows there must be empty."""
    joined = np.concatenate((idx, goal))
    for i in range(goal_ptr.shape[0] - 1):
        ptr[first + i + 1] = idx.shape[0] + goal_ptr[i + 1]
    return ptr, joined


@njit(cache=True)
def lay_out(cursor, raw, var_used, op_used, goal_ptr, goal_vars, cost):
    """Renumber densely, add an end action without cost for each alternative of the goal, and set the first state.

    Returns:
        pre, add, rem, by_pre, by_add as CSR pairs; cost float64[actions]; source int32[real actions], the store's
        number; state uint64[words]; var_source int32[variables].
    """
    n_facts, n_init = cursor[N_FACTS], cursor[N_INIT]
    new_number = np.full(var_used.shape[0] + 1, -1, np.int32)
    var_source = np.flatnonzero(var_used).astype(np.int32)
    n_vars = var_source.shape[0]
    for i in range(n_vars):
        new_number[var_source[i]] = i
    source = np.flatnonzero(op_used).astype(np.int32)
    n_ops, n_ends = source.shape[0], goal_ptr.shape[0] - 1
    goal = np.empty(goal_vars.shape[0], np.int32)
    for i in range(goal.shape[0]):
        goal[i] = new_number[goal_vars[i]]
    pre_ptr, pre = _pack(raw[0], raw[1], op_used, new_number, n_ops, n_ends)
    add_ptr, add = _pack(raw[2], raw[3], op_used, new_number, n_ops, n_ends)
    rem_ptr, rem = _pack(raw[4], raw[5], op_used, new_number, n_ops, n_ends)
    pre_ptr, pre = _append_goal(pre_ptr, pre, n_ops, goal_ptr, goal)
    ends_ptr = np.arange(n_ends + 1).astype(np.int32)
    add_ptr, add = _append_goal(add_ptr, add, n_ops, ends_ptr, np.full(n_ends, n_vars, np.int32))
    costs = np.zeros(n_ops + n_ends)
    for i in range(n_ops):
        costs[i] = cost[source[i]]
    state = np.zeros((n_vars + 63) // 64 + (n_vars == 0), np.uint64)
    for i in range(n_vars):
        var = var_source[i]
        if (var < n_init) if var < n_facts else (var - n_facts >= n_init):
            state[i >> 6] |= np.uint64(1) << np.uint64(i & 63)
    by_pre_ptr, by_pre = invert(pre_ptr, pre, n_vars)
    by_add_ptr, by_add = invert(add_ptr, add, n_vars + 1)
    return (
        (pre_ptr, pre, add_ptr, add, rem_ptr, rem, by_pre_ptr, by_pre, by_add_ptr, by_add, costs),
        source,
        state,
        var_source,
    )


@njit(cache=True)
def goal_variables(prob, cursor, goal_fact, deleted):
    """The alternatives of the goal that may come true, as CSR over variables, and a literal that never can (or -1)."""
    n_facts, n_init = cursor[N_FACTS], cursor[N_INIT]
    n_parts = prob.goal_ptr.shape[0] - 1
    out_ptr, out = np.zeros(n_parts + 1, np.int32), np.empty(goal_fact.shape[0], np.int32)
    kept, n, missing = 0, 0, -1
    for part in range(n_parts):
        possible, start = True, n
        for i in range(prob.goal_ptr[part], prob.goal_ptr[part + 1]):
            fact = goal_fact[i]
            always = 0 <= fact < n_init and deleted[fact] == 0
            if prob.goal_sign[i] == 1:
                if fact < 0:
                    possible, missing = False, i
                elif not always:
                    out[n] = fact
                    n += 1
            elif always:
                possible, missing = False, i
            elif fact >= 0:
                out[n] = n_facts + fact
                n += 1
        if possible:
            kept += 1
            out_ptr[kept] = n
        else:
            n = start
    return out_ptr[: kept + 1], out[:n], missing
