"""When a task ends and what it pays: the rule of each family of tasks, and BabyAI's instructions. Compiled.

A rule is a number, the cells it names (`State.places`) and the things it names (bits of `State.marks`).
An instruction is one number, CLAUSES: four bits for each of up to four clauses, its kind and whether it is strict, then
a bit for a strict sequence. Clauses 0 and 1 are to be done first, in any order; then 2 and 3. Clause c speaks of the
things marked with bit 2c, and, if it says what to put them next to, of those with bit 2c + 1.
How far it has come is one number as well, PROGRESS, see the bits below.
"""

from __future__ import annotations

from neurosym.jit import inner

from .bank import CARRIED, CARRIED_MARKS, CLAUSES, MARKS, MAX_STEPS, PLACE, PROGRESS, RULE, STEPS
from .codes import DONE, DROP, FORWARD, PICK_UP, TOGGLE
from .physics import act, front_of, move_balls
from .tiles import (
    CLOSED_DOOR_TILES,
    COLOURS,
    EMPTY_TILE,
    GOAL_TILES,
    LAVA_TILE,
    LOCKED_DOOR_TILES,
    OPEN_DOOR_TILES,
)

# the rules; those from TAKE on speak of marked things
(
    PLAIN,  # to a goal, not into lava
    BALLS,  # to a goal, not into the balls, which move by chance; places: the balls
    SPOT,  # say `done` beside a place, toggle nothing
    FORK,  # go to the first place, not to the second
    DOORS,  # open the door at the first place, then the one at the second
    UNLOCK,  # open the door at the place
    TAKE,  # take a thing of set 0
    FETCH,  # the same, and take nothing else
    PUT_NEAR,  # drop a thing of set 0 near the place, and take nothing else
    INSTRUCTED,  # do what the instruction says
) = range(10)

CLAUSE_BITS = 4
GO, OPEN_DOOR, PICK, PUT_NEXT = range(1, 5)
STRICT_CLAUSE = 8
STRICT_SEQUENCE = 1 << 4 * CLAUSE_BITS

# bits of PROGRESS: clause c is done; clauses 0 and 1 were done; clause c has looked at what is carried
FIRST_DONE = 1 << 4
FIRST_WATCHING = 5

GOES_ON, SUCCESS, FAILURE = range(3)


@inner
def _is_open(tile):
    return OPEN_DOOR_TILES <= tile < OPEN_DOOR_TILES + COLOURS


@inner
def _is_door(tile):
    return _is_open(tile) or CLOSED_DOOR_TILES <= tile < LOCKED_DOOR_TILES + COLOURS


@inner
def _open_doors(state, n):
    """Bit k: the door at place k of two is open."""
    places = state.places[n]
    return _is_open(state.tiles[n, places[0]]) | _is_open(state.tiles[n, places[1]]) << 1


@inner
def _open_clause(state, n, c, strict, action, front):
    if action != TOGGLE:
        return GOES_ON
    tile = state.tiles[n, front]
    if _is_open(tile) and state.marks[n, front] >> 2 * c & 1:
        return SUCCESS
    return FAILURE if strict and _is_door(tile) else GOES_ON


@inner
def _pick_clause(state, n, c, strict, action, held):
    if action != PICK_UP:
        return GOES_ON
    agent = state.agent[n]
    if held == EMPTY_TILE and agent[CARRIED_MARKS] >> 2 * c & 1:
        return SUCCESS
    return FAILURE if strict and agent[CARRIED] != EMPTY_TILE else GOES_ON


@inner
def _put_next_clause(state, n, c, strict, action, front, held_marks):
    carried = state.agent[n, CARRIED]
    if strict and action == PICK_UP and carried != EMPTY_TILE:
        return FAILURE
    if action != DROP or carried != EMPTY_TILE or not held_marks >> 2 * c & 1:
        return GOES_ON
    stride, there = state.stride[0], MARKS + 2 * c + 1
    for beside in (front - stride, front - 1, front + 1, front + stride):
        if state.marks[n, beside] >> there & 1:
            return SUCCESS
    return GOES_ON


@inner
def _clause(state, n, c, action, front, held, held_marks):
    """Clause c after a step; what was in hand before counts from the second step on that the clause is asked."""
    agent = state.agent[n]
    clause = agent[CLAUSES] >> c * CLAUSE_BITS & 15
    kind, strict = clause & 7, clause & STRICT_CLAUSE != 0
    if not agent[PROGRESS] >> FIRST_WATCHING + c & 1:
        held, held_marks = EMPTY_TILE, 0
        agent[PROGRESS] |= 1 << FIRST_WATCHING + c
    if kind == GO:
        return SUCCESS if state.marks[n, front] >> MARKS + 2 * c & 1 else GOES_ON
    if kind == OPEN_DOOR:
        return _open_clause(state, n, c, strict, action, front)
    if kind == PICK:
        return _pick_clause(state, n, c, strict, action, held)
    return _put_next_clause(state, n, c, strict, action, front, held_marks)


@inner
def _part(state, n, c, action, front, held, held_marks):
    """Clause c, or clauses c and c + 1 joined by `and`; those can be done in any order and never fail."""
    agent = state.agent[n]
    if not agent[CLAUSES] >> (c + 1) * CLAUSE_BITS & 15:
        return _clause(state, n, c, action, front, held, held_marks)
    for each in range(c, c + 2):
        if _clause(state, n, each, action, front, held, held_marks) == SUCCESS:
            agent[PROGRESS] |= 1 << each
    return SUCCESS if agent[PROGRESS] >> c & 3 == 3 else GOES_ON


@inner
def _instruction(state, n, action, held, held_marks):
    """How the instruction stands after a step, as `minigrid.envs.babyai.core.verifier` has it."""
    agent = state.agent[n]
    front = front_of(agent, state.stride[0])
    if not agent[PROGRESS] & FIRST_DONE:
        first = _part(state, n, 0, action, front, held, held_marks)
        if not agent[CLAUSES] >> 2 * CLAUSE_BITS & 15 or first == FAILURE:
            return first
        if first == GOES_ON:
            if not agent[CLAUSES] & STRICT_SEQUENCE:
                return GOES_ON
            second = _part(state, n, 2, action, front, held, held_marks)
            return FAILURE if second == SUCCESS else GOES_ON
        agent[PROGRESS] |= FIRST_DONE
    return _part(state, n, 2, action, front, held, held_marks)


@inner
def _put_near(state, n, action, held):
    agent = state.agent[n]
    if action == PICK_UP and agent[CARRIED] != EMPTY_TILE and not agent[CARRIED_MARKS] & 1:
        return FAILURE
    if action != DROP or held == EMPTY_TILE:
        return GOES_ON
    stride = state.stride[0]
    apart = front_of(agent, stride) - state.places[n, 0] + stride + 1
    dropped = agent[CARRIED] == EMPTY_TILE
    near = 0 <= apart <= 2 * stride + 2 and apart % stride <= 2
    return SUCCESS if dropped and near else FAILURE


@inner
def _spot(state, n, action):
    if action == TOGGLE:
        return FAILURE
    if action != DONE:
        return GOES_ON
    apart = abs(state.agent[n, PLACE] - state.places[n, 0])
    return SUCCESS if apart == 1 or apart == state.stride[0] else FAILURE


@inner
def _verdict(state, n, action, held, held_marks, were_open):
    """What the task's own rule says after a step."""
    agent, places = state.agent[n], state.places[n]
    rule = agent[RULE]
    if rule == INSTRUCTED:
        return _instruction(state, n, action, held, held_marks)
    if rule == TAKE:
        return SUCCESS if action == PICK_UP and agent[CARRIED_MARKS] & 1 else GOES_ON
    if rule == FETCH:
        if agent[CARRIED] == EMPTY_TILE:
            return GOES_ON
        return SUCCESS if agent[CARRIED_MARKS] & 1 else FAILURE
    if rule == PUT_NEAR:
        return _put_near(state, n, action, held)
    if rule == SPOT:
        return _spot(state, n, action)
    if rule == FORK:
        if agent[PLACE] == places[0]:
            return SUCCESS
        return FAILURE if agent[PLACE] == places[1] else GOES_ON
    if rule == DOORS:
        if _is_open(state.tiles[n, places[1]]):
            return SUCCESS if were_open & 1 else FAILURE
        return FAILURE if were_open & 2 and _is_open(state.tiles[n, places[0]]) else GOES_ON
    if rule == UNLOCK and action == TOGGLE and _is_open(state.tiles[n, places[0]]):
        return SUCCESS
    return GOES_ON


@inner
def step(state, n, action, moves):
    """One step of world n: (reward, terminated). `moves` as in `move_balls`."""
    agent = state.agent[n]
    rule = agent[RULE]
    bumped = False
    if rule == BALLS:
        action = action if action <= FORWARD else 0
        tile = state.tiles[n, front_of(agent, state.stride[0])]
        bumped = action == FORWARD and tile != EMPTY_TILE and not GOAL_TILES <= tile < GOAL_TILES + COLOURS
        move_balls(state, n, moves)
    elif rule == FORK and action == PICK_UP:
        action = TOGGLE
    held, held_marks = agent[CARRIED], agent[CARRIED_MARKS]
    were_open = _open_doors(state, n) if rule == DOORS else 0
    tile = act(state, n, action)
    verdict = GOES_ON
    if action == FORWARD and GOAL_TILES <= tile <= LAVA_TILE:
        verdict = FAILURE if tile == LAVA_TILE else SUCCESS
    ruled = _verdict(state, n, action, held, held_marks, were_open)
    verdict = ruled if ruled != GOES_ON else verdict
    if bumped:
        return -1.0, True
    if verdict == SUCCESS:
        return 1 - 0.9 * (agent[STEPS] / agent[MAX_STEPS]), True
    return 0.0, verdict == FAILURE


__all__ = ["step"]
