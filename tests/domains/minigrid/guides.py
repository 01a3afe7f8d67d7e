"""Players that see the whole simulator, so that the lockstep tests get to where rewards are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from minigrid.envs.babyai.core import verifier
from minigrid.utils.baby_ai_bot import BabyAIBot, DisappearedBoxError

from tests.domains.minigrid.play import code_at, codes, random_action, rules, snapshots, thing_at

Place = tuple[int, int]
Test = Callable[[Place, Place], bool]  # of where one stands and what one faces
Deed = tuple[Test, int | None]  # get there, then do this

STEPS = {heading: (int(codes.HEADING_X[heading]), int(codes.HEADING_Y[heading])) for heading in range(4)}
NOISE = (0.0, 0.1, 0.4, 1.0)
SEARCHES = 60  # in one step; more than it ever needs


def play(env: Any, seed: int) -> Iterator[int]:
    """Actions for an episode, each to be taken before the next is asked for. Every fourth seed they are random."""
    rng, noise = np.random.default_rng(seed), NOISE[seed % len(NOISE)]
    bot = isinstance(env.unwrapped, snapshots.RoomGridLevel) and not _beyond_the_bot(env)
    guide = _Bot(env) if bot else _Oracle(env)
    while True:
        wanted = guide.action()
        action = random_action(rng) if wanted is None or rng.random() < noise else wanted
        yield action
        guide.taken(action)


def _beyond_the_bot(env: Any) -> bool:
    return getattr(env, "start_carrying", False) or type(env).__name__ == "KeyInBox"


class _Bounded(BabyAIBot):
    """Now and then BabyAI's bot goes round in circles for ever, thinking what to do next."""

    searches = 0

    def _breadth_first_search(self, *args: Any, **kwargs: Any) -> Any:
        self.searches += 1
        if self.searches > SEARCHES:
            raise RecursionError("going round in circles")
        return super()._breadth_first_search(*args, **kwargs)


class _Bot:
    """BabyAI's own; it is lost when a box was opened, or an assertion of its own fails."""

    def __init__(self, env: Any) -> None:
        self.bot, self.last, self.lost = _Bounded(env), None, False

    def action(self) -> int | None:
        self.bot.searches = 0
        try:
            action: Any = None if self.lost else self.bot.replan(self.last)
            return None if action is None else int(action)
        except (AssertionError, AttributeError, DisappearedBoxError, IndexError, RecursionError, TypeError):
            self.lost = True
            return None

    def taken(self, action: int) -> None:
        self.last = action


class _Oracle:
    """Does the first deed that it finds a way to."""

    def __init__(self, env: Any) -> None:
        self.env, self.ahead = env, deque[int]()

    def action(self) -> int | None:
        if not self.ahead:
            ways = (_way(self.env, *deed) for deed in _deeds(self.env))
            self.ahead.extend(next((way for way in ways if way), ()))
        return self.ahead[0] if self.ahead else None

    def taken(self, action: int) -> None:
        moving = bool(getattr(self.env, "obstacles", ()))
        if not self.ahead or self.ahead.popleft() != action or moving:
            self.ahead.clear()


def _way(env: Any, there: Test, action: int | None) -> list[int] | None:
    """The shortest way to where a test holds, doors being opened on the way, and what is to be done there."""
    start = (int(env.agent_pos[0]), int(env.agent_pos[1]), int(env.agent_dir))
    before: dict[tuple[int, int, int], tuple[Any, list[int]]] = {start: (None, [])}
    queue = deque([start])
    while queue:
        here = x, y, heading = queue.popleft()
        front = x + STEPS[heading][0], y + STEPS[heading][1]
        if there((x, y), front):
            way = [] if action is None else [action]
            while before[here][0] is not None:
                way = before[here][1] + way
                here = before[here][0]
            return way
        nexts = [((x, y, (heading + 3) % 4), [codes.LEFT]), ((x, y, (heading + 1) % 4), [codes.RIGHT])]
        thing = thing_at(env, *front)
        if code_at(env, *front) == codes.EMPTY or (thing and thing.can_overlap() and thing.type != "lava"):
            nexts.append(((*front, heading), [codes.FORWARD]))
        elif thing and thing.type == "door" and not thing.is_locked:
            nexts.append(((*front, heading), [codes.TOGGLE, codes.FORWARD]))
        for state, actions in nexts:
            if state not in before:
                before[state] = (here, actions)
                queue.append(state)
    return None


def _deeds(env: Any) -> Iterator[Deed]:
    """What the task wants, then what might make that possible."""
    rule, held = snapshots.RULES[snapshots.owner_of_step(env)], env.carrying
    if rule == rules.SPOT:
        yield lambda here, _: _apart(here, env.target_pos) == 1, codes.DONE
    elif rule == rules.FORK:
        yield lambda here, _: here == env.success_pos, None
    elif rule == rules.DOORS:
        yield _faces(env, env.blue_door if env.red_door.is_open else env.red_door), codes.TOGGLE
    elif rule == rules.FETCH:
        yield from _take(env, lambda thing: (thing.type, thing.color) == (env.targetType, env.targetColor))
    elif rule == rules.PUT_NEAR and held:
        x, y = env.target_pos
        yield (
            lambda _, front: _bare(env, front) and max(abs(front[0] - x), abs(front[1] - y)) == 1,
            codes.DROP,
        )
    elif rule == rules.PUT_NEAR:
        yield from _take(env, lambda thing: (thing.type, thing.color) == (env.move_type, env.moveColor))
    elif rule == rules.TAKE:
        yield from _take(env, lambda thing: thing is env.obj)
    elif rule == rules.INSTRUCTED:
        yield from _instructed(env, env.instrs)
    yield lambda here, _: getattr(env.grid.get(*here), "type", "") == "goal", None
    yield from _unlock(env)


def _instructed(env: Any, instr: Any) -> Iterator[Deed]:
    if isinstance(instr, verifier.PutNextInstr) and any(
        env.carrying is thing for thing in instr.desc_move.obj_set
    ):
        places = instr.desc_fixed.obj_poss
        yield (
            lambda _, front: _bare(env, front) and any(_apart(front, place) == 1 for place in places),
            codes.DROP,
        )


def _take(env: Any, wanted: Callable[[Any], bool]) -> Iterator[Deed]:
    """Pick up what is wanted; if there is a way to it but something in hand, put that away."""
    things = [thing for thing in env.grid.grid if thing is not None and wanted(thing)]
    for thing in things:
        if env.carrying is None:
            yield _faces(env, thing), codes.PICK_UP
        elif _way(env, _faces(env, thing), codes.PICK_UP):
            yield from _put_away(env)


def _unlock(env: Any) -> Iterator[Deed]:
    """Open a locked door; else get its key, out of a box if need be; else clear what stands before it."""
    doors = [
        thing for thing in env.grid.grid if thing is not None and thing.type == "door" and thing.is_locked
    ]
    held = env.carrying
    for door in doors:
        if held and (held.type, held.color) == ("key", door.color):
            yield _faces(env, door), codes.TOGGLE
    if held:
        yield from _put_away(env)
        return
    near = [place for door in doors for place in _around(_where(env, door))]
    for thing in env.grid.grid:
        if thing is not None and thing.can_pickup() and _where(env, thing) in near:
            yield _faces(env, thing), codes.PICK_UP
    for thing in env.grid.grid:
        if thing is not None and thing.type == "box" and thing.contains:
            yield _faces(env, thing), codes.TOGGLE
    for thing in env.grid.grid:
        if thing is not None and thing.type == "key" and any(thing.color == door.color for door in doors):
            yield _faces(env, thing), codes.PICK_UP


def _put_away(env: Any) -> Iterator[Deed]:
    """Drop what is in hand where it is in nobody's way, or anywhere."""
    doors = [thing for thing in env.grid.grid if thing is not None and thing.type == "door"]
    near = {place for door in doors for place in _around(_where(env, door))}
    yield lambda _, front: _bare(env, front) and front not in near, codes.DROP
    yield lambda _, front: _bare(env, front), codes.DROP


def _where(env: Any, thing: Any) -> Place:
    number = next(number for number, other in enumerate(env.grid.grid) if other is thing)
    return number % env.grid.width, number // env.grid.width


def _around(place: Place) -> list[Place]:
    return [(place[0] + dx, place[1] + dy) for dx, dy in STEPS.values()]


def _apart(one: Place, other: Place) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _bare(env: Any, place: Place) -> bool:
    return code_at(env, *place) == codes.EMPTY


def _faces(env: Any, thing: Any) -> Test:
    return lambda _, front: thing_at(env, *front) is thing
