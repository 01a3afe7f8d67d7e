"""The state of one `minigrid` environment, as a level that compiled worlds can start from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from minigrid.envs.babyai.core import verifier
from minigrid.envs.babyai.core.roomgrid_level import RoomGridLevel
from minigrid.envs.blockedunlockpickup import BlockedUnlockPickupEnv
from minigrid.envs.dynamicobstacles import DynamicObstaclesEnv
from minigrid.envs.fetch import FetchEnv
from minigrid.envs.gotodoor import GoToDoorEnv
from minigrid.envs.gotoobject import GoToObjectEnv
from minigrid.envs.keycorridor import KeyCorridorEnv
from minigrid.envs.memory import MemoryEnv
from minigrid.envs.obstructedmaze import ObstructedMazeEnv
from minigrid.envs.putnear import PutNearEnv
from minigrid.envs.redbluedoors import RedBlueDoorEnv
from minigrid.envs.unlock import UnlockEnv
from minigrid.envs.unlockpickup import UnlockPickupEnv
from minigrid.minigrid_env import MiniGridEnv

from . import rules
from .bank import MARKS, PLACES, Levels
from .tiles import EMPTY_TILE, tile_of

# the rule of an environment is that of the class whose `step` it has
RULES: dict[type, int] = {
    MiniGridEnv: rules.PLAIN,
    DynamicObstaclesEnv: rules.BALLS,
    GoToDoorEnv: rules.SPOT,
    GoToObjectEnv: rules.SPOT,
    MemoryEnv: rules.FORK,
    RedBlueDoorEnv: rules.DOORS,
    UnlockEnv: rules.UNLOCK,
    BlockedUnlockPickupEnv: rules.TAKE,
    KeyCorridorEnv: rules.TAKE,
    ObstructedMazeEnv: rules.TAKE,
    UnlockPickupEnv: rules.TAKE,
    FetchEnv: rules.FETCH,
    PutNearEnv: rules.PUT_NEAR,
    RoomGridLevel: rules.INSTRUCTED,
}
KINDS = {
    verifier.GoToInstr: rules.GO,
    verifier.OpenInstr: rules.OPEN_DOOR,
    verifier.PickupInstr: rules.PICK,
    verifier.PutNextInstr: rules.PUT_NEXT,
}
DONE = "success"  # what `minigrid` writes down for a clause that is done


@dataclass(frozen=True)
class _Meant:
    """The things that a rule or an instruction means, and the places where it believes them to be."""

    things: Iterable[Any] = ()
    places: Iterable[tuple[int, int]] = ()


def snapshot(env: Any) -> Levels:
    """One level, the state that an unwrapped environment is in: things, agent, clock, and how far its mission is.

    Raises:
        ValueError: it holds something, or follows rules, that the compiled worlds do not know.
    """
    grid, rule = env.grid, _rule(env)
    clauses, progress, meant = _instruction(env) if rule == rules.INSTRUCTED else (0, 0, _wanted(env, rule))
    members = _members(meant)
    here = np.array([members.get(id(grid.get(*place)), 0) for place in _places(grid)], dtype=np.int64)
    supposed = np.zeros_like(here)
    for bit, each in enumerate(meant):
        for place in each.places:
            supposed[_cell(env, place)] |= 1 << bit
    marks = here | supposed << MARKS
    marked = np.flatnonzero(marks)
    start = (
        _cell(env, env.agent_pos), env.agent_dir, _tile(env.carrying), members.get(id(env.carrying), 0),
        env.step_count, env.max_steps, env.see_through_walls, rule, clauses, progress, (here != supposed).any(),
        _shown_at(env),
    )  # fmt: skip
    named = [_cell(env, place) for place in _named(env, rule)]
    return Levels(
        tiles=np.array([_tile(grid.get(*place)) for place in _places(grid)], dtype=np.uint8),
        size=np.array([[grid.width, grid.height]], dtype=np.int16),
        start=np.array([start], dtype=np.int32),
        places=np.array([named + [-1] * (PLACES - len(named))], dtype=np.int16),
        marked=np.array([len(marked)], dtype=np.int16),
        mark_cells=marked.astype(np.int16),
        marks=marks[marked].astype(np.uint16),
        missions=(env.mission,),
        tasks=("" if env.spec is None else env.spec.id,),
    )


def _places(grid: Any) -> Iterator[tuple[int, int]]:
    return ((x, y) for x in range(grid.width) for y in range(grid.height))


def _cell(env: Any, place: Iterable[int]) -> int:
    x, y = (int(value) for value in place)
    return x * env.grid.height + y


def _tile(thing: Any) -> int:
    if thing is None:
        return EMPTY_TILE
    return tile_of(*thing.encode(), inside=_tile(thing.contains))


def owner_of_step(env: Any) -> type:
    """The class that an environment's `step` was written for."""
    return next(cls for cls in type(env).__mro__ if "step" in vars(cls))


def _rule(env: Any) -> int:
    owner = owner_of_step(env)
    if owner not in RULES:
        raise ValueError(
            f"{type(env).__name__}: the compiled worlds do not know the rules of {owner.__name__}.step"
        )
    return RULES[owner]


def _named(env: Any, rule: int) -> list[tuple[int, int]]:
    """The places that a rule speaks of."""
    if rule == rules.BALLS:
        return [ball.cur_pos for ball in env.obstacles]
    if rule in (rules.SPOT, rules.PUT_NEAR):
        return [env.target_pos]
    if rule == rules.FORK:
        return [env.success_pos, env.failure_pos]
    if rule == rules.DOORS:
        return [_where(env, env.red_door), _where(env, env.blue_door)]
    return [_where(env, env.door)] if rule == rules.UNLOCK else []


def _where(env: Any, thing: Any) -> tuple[int, int]:
    return next(place for place in _places(env.grid) if env.grid.get(*place) is thing)


def _wanted(env: Any, rule: int) -> list[_Meant]:
    """What a rule wants taken; rules believe nothing, they know."""
    things = [thing for thing in (*env.grid.grid, env.carrying) if thing is not None]
    if rule == rules.TAKE:
        things = [env.obj]
    elif rule == rules.FETCH:
        things = [thing for thing in things if (thing.type, thing.color) == (env.targetType, env.targetColor)]
    elif rule == rules.PUT_NEAR:
        things = [thing for thing in things if (thing.type, thing.color) == (env.move_type, env.moveColor)]
    else:
        return []
    return [_Meant(things, [place for place in _places(env.grid) if _is_among(env.grid.get(*place), things)])]


def _is_among(thing: Any, things: Iterable[Any]) -> bool:
    return any(thing is other for other in things)


def _members(meant: list[_Meant]) -> dict[int, int]:
    """Each thing's marks, by its identity."""
    members: dict[int, int] = {}
    for bit, each in enumerate(meant):
        for thing in each.things:
            members[id(thing)] = members.get(id(thing), 0) | 1 << bit
    return members


def _instruction(env: Any) -> tuple[int, int, list[_Meant]]:
    """CLAUSES, PROGRESS and what each bit of the marks means."""
    instr = env.instrs
    parts, code, progress = [instr], 0, 0
    if isinstance(instr, (verifier.BeforeInstr, verifier.AfterInstr)):
        after = isinstance(instr, verifier.AfterInstr)
        parts = [instr.instr_b, instr.instr_a] if after else [instr.instr_a, instr.instr_b]
        code = rules.STRICT_SEQUENCE if instr.strict else 0
        progress = rules.FIRST_DONE if (instr.b_done if after else instr.a_done) == DONE else 0
    meant = [_Meant()] * MARKS
    for number, part in enumerate(parts):
        for c, clause, done in _clauses(part, 2 * number):
            code |= (KINDS[type(clause)] | rules.STRICT_CLAUSE * getattr(clause, "strict", False)) << 4 * c
            watching = getattr(clause, "preCarrying", None) is not None
            progress |= done << c | watching << rules.FIRST_WATCHING + c
            for bit, name in enumerate(
                ("desc_move", "desc_fixed") if hasattr(clause, "desc_move") else ("desc",)
            ):
                description = getattr(clause, name)
                meant[2 * c + bit] = _Meant(description.obj_set, description.obj_poss)
    return code, progress, meant


def _clauses(part: Any, first: int) -> list[tuple[int, Any, bool]]:
    """The clauses of a part: (number, instruction, already done)."""
    if isinstance(part, verifier.AndInstr):
        return [(first, part.instr_a, part.a_done == DONE), (first + 1, part.instr_b, part.b_done == DONE)]
    return [(first, part, False)]


def _shown_at(env: Any) -> int:
    """Where a thing already in hand is still to be seen: `PutNext.reset` hands it over after drawing the first view."""
    late = env.step_count == 0 and env.carrying and getattr(env, "start_carrying", False)
    return _cell(env, env.carrying.init_pos) if late else -1


__all__ = ["owner_of_step", "snapshot"]
