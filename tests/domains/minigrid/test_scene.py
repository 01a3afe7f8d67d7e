"""The believed atoms against the simulator."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from neurosym.symbols import Atom
from tests.domains.minigrid.diary import moments
from tests.domains.minigrid.play import OUT_OF_DATE, TRUE_STARTS, code_at, codes, maps
from tests.domains.minigrid.witness import Witness, around

WHEREABOUTS = ("in", "at", "links", "free", "behind", "clear", "obstructs")


def true_atoms(witness: Witness) -> set[Atom]:
    """Every atom that should hold, by the simulator; those of WHEREABOUTS are checked apart."""
    atoms = set()
    for name, thing in witness.objects.items():
        if thing is witness.env.carrying:
            atoms.add(Atom("carrying", (name,)))
        if thing.type == "door":
            atoms |= {Atom("open", (name,))} if thing.is_open else set()
            atoms |= {Atom("locked", (name,))} if thing.is_locked else set()
            keys = (other for other, key in witness.objects.items() if fits(key, thing))
            atoms |= {Atom("fits", (key, name)) for key in keys}
        if witness.earned(name, maps.VISITED):
            atoms.add(Atom("visited", (name,)))
        if witness.earned(name, maps.HELD):
            atoms.add(Atom("held", (name,)))
        if witness.earned(name, maps.OPENED):
            atoms.add(Atom("opened", (name,)))
        if thing.type == "goal" and witness.place(name) == witness.here:
            atoms.add(Atom("reached", (name,)))
    names = {id(thing): name for name, thing in witness.objects.items()}
    pairs = [tuple(names.get(id(thing)) for thing in pair) for pair in witness.diary.pairs]
    atoms |= {Atom("beside", pair) for pair in pairs if all(pair)}  # wherever both are by now
    matching = matches(witness)
    atoms |= {Atom("matched", (it,)) for it, _ in matching if witness.earned(it, maps.VISITED)}
    atoms |= {Atom("declared")} if witness.diary.declared else set()
    return atoms | ({Atom("empty-handed")} if witness.env.carrying is None else set())


def matches(witness: Witness) -> set[tuple[str, str]]:
    """Items ahead of where the agent began, each with one that was elsewhere and looks the same."""
    items = [name for name, thing in witness.objects.items() if thing.type in ("key", "ball", "box")]
    looks = {name: (witness.objects[name].type, witness.objects[name].color) for name in items}
    return {
        (it, shown)
        for it, shown in itertools.product(items, items)
        if looks[it] == looks[shown] and witness.lies_ahead(it) and not witness.lies_ahead(shown)
    }


def fits(key: Any, door: Any) -> bool:
    return key.type == "key" and key.color == door.color and door.is_locked


def assert_state(state: frozenset[Atom], witness: Witness, told: str) -> None:
    told_so = {atom for atom in state if atom.predicate not in WHEREABOUTS}
    truth = true_atoms(witness)
    assert told_so == truth, f"{told}: believed {told_so - truth}, not believed {truth - told_so}"
    assert_in(state, witness, told)
    for name, thing in witness.objects.items():
        if thing is witness.env.carrying:
            assert not {atom for atom in state if atom.predicate in WHEREABOUTS and name in atom.args}, told
        else:
            assert_at(state, witness, name, told)
            assert_way(state, witness, name, told)
    for room in witness.rooms:
        assert_way_to_the_unseen(state, witness, room, told)


def assert_in(state: frozenset[Atom], witness: Witness, told: str) -> None:
    rooms = {atom.args[0] for atom in state if atom.predicate == "in"}
    spots = set(around(witness.here)) if witness.in_doorway else {witness.here}
    open_to = {
        spot for spot in spots if code_at(witness.env, *spot) & 15 in (codes.EMPTY, codes.FLOOR, codes.GOAL)
    }
    possible = {
        name for name, cells in witness.rooms.items() if cells & open_to
    }  # those one can step into, if any
    possible = possible or {name for name, cells in witness.rooms.items() if cells & spots}
    assert len(rooms) == (1 if possible else 0), f"{told}: the agent is in {rooms}"
    assert rooms <= possible, f"{told}: the agent is in {rooms}, not in one of {possible}"


def assert_at(state: frozenset[Atom], witness: Witness, name: str, told: str) -> None:
    """Items lie in one room; a door is reached from the seen rooms beside it, and from what lies unseen behind it."""
    rooms = {atom.args[1] for atom in state if atom.predicate == "at" and atom.args[0] == name}
    place = witness.place(name)
    assert place is not None, f"{told}: {name} is nowhere"
    is_door = witness.objects[name].type == "door"
    spots = set(around(place)) if is_door else {place}
    expected = {room for room, cells in witness.rooms.items() if cells & spots}
    if is_door and expected and any(spot not in witness.diary.seen for spot in spots):
        expected.add(f"beyond_{name}")
    assert rooms == expected, f"{told}: {name} at {rooms}, not {expected}"
    links = {atom.args[1:] for atom in state if atom.predicate == "links" and atom.args[0] == name}
    assert links == (set(itertools.permutations(expected, 2)) if is_door else set()), (
        f"{told}: {name} links {links}"
    )
    if links:
        assert_behind(state, witness, name, expected, told)


def assert_behind(state: frozenset[Atom], witness: Witness, door: str, rooms: set[str], told: str) -> None:
    """Right behind a door, on each side, lies an item or nothing."""
    for room in rooms:
        spots = [spot for spot in around(witness.place(door)) if spot in witness.rooms.get(room, set())]
        lying = [name for name, thing in witness.objects.items() if thing.can_pickup()]
        items = {Atom("behind", (name, door, room)) for name in lying if witness.place(name) in spots}
        said = {atom for atom in state if atom.predicate == "behind" and atom.args[1:] == (door, room)}
        assert said == items, f"{told}: behind {door}"
        assert (Atom("free", (door, room)) in state) == (not items), f"{told}: {door} is free, or not"


def assert_way(state: frozenset[Atom], witness: Witness, name: str, told: str) -> None:
    """Clear is what nothing obstructs. Of what is in the agent's room that means: one can get there as things are."""
    obstacle = assert_clear_or_obstructed(state, name, told)
    if obstacle:
        assert not witness.can_reach(name), f"{told}: nothing obstructs {name}"
        assert witness.can_be_reached(obstacle), f"{told}: something else comes before {obstacle}"
    here = next((atom.args[0] for atom in state if atom.predicate == "in"), None)
    if not obstacle and here and Atom("at", (name, here)) in state and witness.objects[name].type != "door":
        assert witness.can_be_reached(name) or witness.in_doorway, f"{told}: there is no way to {name}"


def assert_clear_or_obstructed(state: frozenset[Atom], name: str, told: str) -> str | None:
    """The item that obstructs it."""
    obstacles = [atom.args[0] for atom in state if atom.predicate == "obstructs" and atom.args[1] == name]
    is_clear = Atom("clear", (name,)) in state
    assert len(obstacles) == (0 if is_clear else 1), f"{told}: {name} is obstructed by {obstacles}"
    return obstacles[0] if obstacles else None


def assert_way_to_the_unseen(state: frozenset[Atom], witness: Witness, room: str, told: str) -> None:
    """The same of what was not seen of a room."""
    rim = witness.rim(room)
    if not rim:
        assert not {
            atom for atom in state if atom.predicate in ("clear", "obstructs") and room == atom.args[-1]
        }, told
        return
    obstacle = assert_clear_or_obstructed(state, room, told)
    if obstacle:
        assert not rim & witness.reach, f"{told}: nothing obstructs what was not seen of {room}"
        assert witness.can_be_reached(obstacle), f"{told}: something else comes before {obstacle}"
    elif Atom("in", (room,)) in state and not witness.in_doorway:
        steps = [*witness.steps, witness.walk_over_goals()]
        assert any(rim & reached for reached in steps), f"{told}: something obstructs {room}"


@OUT_OF_DATE
@pytest.mark.parametrize("task", TRUE_STARTS)
def test_every_atom_is_true_and_every_true_atom_is_there(task: str) -> None:
    for seed in range(3):
        for player, diary, told in moments(task, seed, wandering=0.3):
            view = player.executive.belief.scene(0)
            assert_state(view.state(), Witness(diary, view), told)
