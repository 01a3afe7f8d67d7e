from __future__ import annotations

import pytest

from neurosym.checking.chances import tempts
from neurosym.symbols import Atom
from tests.worlds import ALLEY

STATE = frozenset(
    [
        Atom("in", ("z0",)),
        Atom("lies", ("box", "z0")),
        Atom("lies", ("bell", "z1")),
        Atom("links", ("gate", "z0", "z1")),
    ]
)


@pytest.mark.parametrize(
    ("wrong", "misled"),
    [
        (Atom("open", ("gate",)), True),  # one would walk through it
        (Atom("open", ("door",)), False),  # there is no way through that
        (Atom("may-hold", ("box", "coin")), True),
        (Atom("may-hold", ("bell", "coin")), False),  # it lies elsewhere
        (Atom("rung", ("bell",)), False),  # nothing asks for it
        (Atom("in", ("z1",)), True),
    ],
)
def test_who_would_be_misled(wrong: Atom, misled: bool) -> None:
    assert tempts(wrong, STATE | {wrong}, ALLEY.model) is misled


def test_negative_preconditions_count() -> None:
    shut = Atom("links", ("gate", "z0", "z1"))
    assert tempts(shut, STATE, ALLEY.model)
    assert tempts(shut, STATE | {Atom("open", ("gate",))}, ALLEY.model)
    assert not tempts(shut, frozenset([shut]), ALLEY.model)
