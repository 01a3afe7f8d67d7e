"""One thing that is spoken of more than once has one name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from neurosym.referents import agree, find_referents
from neurosym.symbols import Atom, Condition, Description, Literal, Wanted

BALL, SAME = Description("ball", (), False), Description("ball", (), False, referent=1)
BOX = Description("box", (), False, referent=2)


def test_a_thing_that_is_meant_again_has_one_name() -> None:
    stage = (Wanted("held", (SAME,)), Wanted("visited", (SAME,)))
    assert agree(stage, (Atom("held", ("ball_1",)), Atom("visited", ("ball_1",))))
    assert not agree(stage, (Atom("held", ("ball_1",)), Atom("visited", ("ball_2",))))


def test_things_that_are_meant_once_may_be_any() -> None:
    stage = (Wanted("held", (BALL,)), Wanted("visited", (BALL,)))
    assert agree(stage, (Atom("held", ("ball_1",)), Atom("visited", ("ball_2",))))


class Belief:
    """Two balls and a box, and what has been done to them."""

    def __init__(self, *done: Atom) -> None:
        self.done = frozenset(done)

    def problem(self, index: int, stage: tuple[Wanted, ...], setbacks: dict[str, int]) -> Any:
        (wanted,) = stage
        names = {"ball": ["ball_1", "ball_2"], "box": ["box"]}
        ways: list[tuple[str, ...]] = [()]
        for thing in wanted.arguments:
            ways = [
                (*way, name) for way in ways for name in ([thing.name] if thing.name else names[thing.type])
            ]
        condition = Condition(tuple(frozenset({Literal(Atom(wanted.predicate, way))}) for way in ways))
        return SimpleNamespace(goal=condition, init=self.done)


def find(belief: Belief, *stage: Wanted) -> dict[int, str]:
    return dict(find_referents(belief, 0, stage))  # type: ignore[arg-type]


def test_the_one_that_it_was_done_to_is_meant() -> None:
    belief = Belief(Atom("held", ("ball_2",)))
    assert find(belief, Wanted("held", (SAME,))) == {1: "ball_2"}


def test_what_is_wanted_of_one_thing_was_done_to_one() -> None:
    belief = Belief(Atom("held", ("ball_1",)), Atom("held", ("ball_2",)), Atom("visited", ("ball_2",)))
    assert find(belief, Wanted("held", (SAME,)), Wanted("visited", (SAME,))) == {1: "ball_2"}


def test_several_things_are_found_at_once() -> None:
    belief = Belief(Atom("beside", ("ball_2", "box")))
    assert find(belief, Wanted("beside", (SAME, BOX))) == {1: "ball_2", 2: "box"}


def test_nothing_was_done_and_nothing_is_found() -> None:
    assert find(Belief(), Wanted("held", (SAME,))) == {}
    assert find(Belief(Atom("held", ("ball_1",))), Wanted("held", (BALL,))) == {}
