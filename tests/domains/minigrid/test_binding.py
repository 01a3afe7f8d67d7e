"""The tables by which another domain is bound to MiniGrid: how they are read, applied and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from neurosym.domain import load_domain
from neurosym.errors import DomainError
from neurosym.symbols import Atom
from tests.domains.minigrid.play import DOMAIN, module

binding = module("binding")
ROOMS = load_domain(Path(__file__).parents[3] / "examples" / "rooms")
TYPES = {"red_key": "key", "green_goal": "goal", "room_1": "room", "room_2": "room", "door": "door"}


def said(rules: dict[str, list[str]], *atoms: str) -> list[str]:
    table = [
        (binding.read_patterns(ours), [binding.read_head(one) for one in theirs])
        for ours, theirs in rules.items()
    ]
    known = [Atom(name, args) for name, args in map(binding.read_head, atoms)]
    return sorted(map(str, binding.say(table, known, DOMAIN.model, TYPES)))


def test_atoms_are_said_in_other_words() -> None:
    assert said({"in ?r": ["in-room ?r"], "empty-handed": ["handempty"]}, "in room_1", "empty-handed") == [
        "(handempty)",
        "(in-room room_1)",
    ]


def test_what_is_not_listed_says_nothing() -> None:
    assert said({"in ?r": ["in-room ?r"]}, "clear room_1") == []


def test_a_pattern_may_ask_for_a_type_or_one_above_it() -> None:
    rules = {"at ?i:item ?r": ["item-in ?i ?r"], "at ?g:goal ?r": ["goal-in ?g ?r"]}
    assert said(rules, "at red_key room_1", "at green_goal room_1", "at door room_1") == [
        "(goal-in green_goal room_1)",
        "(item-in red_key room_1)",
    ]


def test_patterns_are_joined_by_their_variables() -> None:
    rules = {"links ?d ?a ?b and free ?d ?b": ["connects ?d ?a ?b"]}
    links = "links door room_1 room_2", "links door room_2 room_1"
    assert said(rules, *links, "free door room_2") == ["(connects door room_1 room_2)"]
    assert said(rules, *links) == []


def test_names_are_made_of_others() -> None:
    assert said({"in ?r": ["at-door rest_of_?r ?r"]}, "in room_1") == ["(at-door rest_of_room_1 room_1)"]


@pytest.mark.parametrize(
    ("table", "change", "complaint"),
    [
        (
            "atoms",
            {"inside ?room": ["in-room ?room"]},
            r"atoms has \(inside \?room\), but there is no such name",
        ),
        (
            "atoms",
            {"in ?room": ["in-hall ?room"]},
            r"atoms has \(in-hall \?room\), but there is no such name",
        ),
        ("atoms", {"in ?room": ["in-room ?room ?room"]}, "but it takes 1 arguments"),
        ("operators", {"fly ?a": [["declare"]]}, r"operators has \(fly \?a\), but there is no such name"),
        (
            "operators",
            {"drop ?i ?r": [["throw ?i"]]},
            r"operators has \(throw \?i\), but there is no such name",
        ),
        ("efforts", {"length ?x": "?x"}, r"efforts has \(length \?x\), but there is no such name"),
        ("opposites", {"shut": "unlocked"}, r"opposites has \(shut \?it\), but there is no such name"),
        ("goals", {"in-room": "visited"}, "goal 'in-room' means 'visited', which no atom says"),
    ],
)
def test_tables_that_speak_of_what_there_is_not_are_told_in_one_line(
    table: str, change: dict[str, Any], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ROOMS, table, {**getattr(ROOMS, table), **change})
    with pytest.raises(DomainError, match=complaint) as caught:
        ROOMS.belief(1)
    assert "\n" not in str(caught.value)


def test_an_operator_that_is_not_bound_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = {said: choices for said, choices in ROOMS.operators.items() if not said.startswith("drop")}
    monkeypatch.setattr(ROOMS, "operators", rest)
    with pytest.raises(DomainError, match="does not say what drop is to MiniGrid"):
        ROOMS.belief(1)
