"""What a reply has to be like: the schema agrees with the check, and the check lets nothing else through."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.language.reply import UnfitReplyError
from neurosym.language.schema import (
    TEXT_LIMIT,
    Refused,
    goal_from,
    goal_schema,
    instruction_schema,
    record_of,
    refusal_from,
    text_from,
)
from neurosym.symbols import Description, Goal, Operator, Wanted

BIG_CUP = Description("cup", (("size", "big"), ("place", "shelf")), definite=False)
GOAL = Goal(((Wanted("clean", (BIG_CUP,)),), (Wanted("inside", (Description("dish"), Description("oven"))),)))
STEP = Operator("wash", ("cup_2", "kitchen"))
SAID = {"operator": "wash", "arguments": ["cup_2", "kitchen"], "text": "wash the second cup"}


def test_a_goal_survives_the_way_there_and_back(vocabulary):
    assert goal_from(json.loads(json.dumps(record_of(GOAL, vocabulary))), vocabulary) == GOAL


def test_attributes_come_out_in_the_vocabularys_order(vocabulary):
    record = record_of(GOAL, vocabulary)
    things = record["stages"][0][0]["arguments"]
    things["d"]["attributes"] = {"place": "shelf", "number": None, "size": "big"}
    assert goal_from(record, vocabulary) == GOAL


def test_a_goal_needs_neither_refusal_nor_attributes(vocabulary):
    record = {
        "stages": [[{"predicate": "hot", "arguments": {"o": {"type": "oven", "definite": True}}}]],
    }
    assert goal_from(record, vocabulary) == Goal(((Wanted("hot", (Description("oven"),)),),))


def edited(record, path, value):
    """A copy in which what lies at `path` is another value, or is gone."""
    record = copy.deepcopy(record)
    *way, last = path
    place = record
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return record


THING = ("stages", 0, 0, "arguments", "d")


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("stages",), None, "the reply lacks 'stages'"),
        (("stages",), {}, "stages must be a JSON array"),
        (("stages",), [], "asks for nothing"),
        (("stages", 0), [], "asks for nothing"),
        (("stages", 0), "clean", "a stage must be a JSON array"),
        (("stages", 0, 0), "clean", "a part of a stage must be a JSON object"),
        (("stages",), [[]] * 65, "at most 64"),
        (("note",), "hello", "cannot have 'note': expected stages, refusal, quote"),
        (("stages", 0, 0, "predicate"), "broken", "predicate 'broken' is not in the vocabulary"),
        (("stages", 0, 0, "predicate"), 7, "predicate must be text"),
        (("stages", 0, 0, "predicate"), ["clean"], "predicate must be text"),
        (("stages", 0, 0, "why"), "x", "a part of a stage cannot have 'why'"),
        (("stages", 0, 0, "arguments"), [], "arguments must be a JSON object"),
        (("stages", 0, 0, "arguments"), {}, "arguments of clean lacks 'd'"),
        ((*THING[:-1], "e"), {}, "arguments of clean cannot have 'e': expected d"),
        ((*THING, "type"), None, "an argument lacks 'type'"),
        ((*THING, "type"), "spoon", "type 'spoon' is not in the vocabulary"),
        ((*THING, "type"), "oven", "expected something of type dish"),
        ((*THING, "type"), 1, "type must be text"),
        ((*THING, "definite"), None, "an argument lacks 'definite'"),
        ((*THING, "definite"), 1, "definite must be true or false"),
        ((*THING, "atributes"), {}, "an argument cannot have 'atributes'"),
        ((*THING, "attributes"), [], "attributes must be a JSON object"),
        ((*THING, "attributes", "size"), "huge", "size 'huge' is not"),
        ((*THING, "attributes", "size"), 3, "size must be text"),
        ((*THING, "attributes", "age"), "old", "attribute 'age' is not"),
        ((*THING, "same"), -1, "same must be a whole number from 0 to 64"),
        ((*THING, "same"), 65, "same must be a whole number"),
        ((*THING, "same"), True, "same must be a whole number"),
        ((*THING, "same"), "1", "same must be a whole number"),
    ],
)
def test_what_leaves_the_vocabulary_is_refused(vocabulary, path, value, reason):
    record = edited(record_of(GOAL, vocabulary), path, value)
    with pytest.raises(UnfitReplyError, match=reason) as caught:
        goal_from(record, vocabulary)
    assert str(caught.value).isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_whatever_stands_anywhere_the_goal_is_in_the_vocabulary_or_refused(vocabulary, data):
    record = record_of(GOAL, vocabulary)
    places = [
        ("stages",),
        ("stages", 0),
        ("stages", 0, 0),
        ("stages", 0, 0, "predicate"),
        THING[:-1],
        THING,
        *((*THING, name) for name in ("type", "attributes", "definite", "same")),
    ]
    path = data.draw(st.sampled_from(places))
    value = data.draw(JSON.filter(lambda drawn: drawn is not None))
    try:
        goal = goal_from(edited(record, path, value), vocabulary)
    except UnfitReplyError:
        return
    assert vocabulary.check(goal) is goal


def test_a_thing_that_is_meant_twice_is_the_same_one(vocabulary):
    thing = Description("dish", definite=False, referent=1)
    goal = Goal(((Wanted("clean", (thing,)),), (Wanted("clean", (thing,)),)))
    record = record_of(goal, vocabulary)
    assert goal_from(record, vocabulary) == goal
    for stage in record["stages"]:
        stage[0]["arguments"]["d"]["same"] = 7
    assert goal_from(record, vocabulary) == goal, "numbers mean nothing but that things are the same"
    record["stages"][0][0]["arguments"]["d"]["same"] = 3
    assert not goal_from(record, vocabulary).referents


def test_a_refusal_quotes_what_was_not_understood():
    data = {"stages": [], "refusal": "what is a\nspoon?", "quote": "the spoon"}
    assert refusal_from(data, "wash the spoon") == Refused("what is a\\nspoon?", "the spoon")
    assert refusal_from({"refusal": "no"}, "wash the spoon") == Refused("no", "wash the spoon")


def test_what_does_not_refuse_is_no_refusal(vocabulary):
    assert refusal_from(record_of(GOAL, vocabulary), "wash the cup") is None
    assert refusal_from({}, "wash the cup") is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"refusal": "no", "quote": "the fork"}, "quote must be a part of the mission, not 'the fork'"),
        ({"refusal": ["no"]}, "must be text"),
        ({"refusal": "no", "quote": 3}, "must be text"),
        ({"refusal": "no", "stages": [[]]}, "either stages or a refusal"),
    ],
)
def test_a_refusal_must_be_about_the_mission(data, reason):
    with pytest.raises(UnfitReplyError, match=reason):
        refusal_from(data, "wash the spoon")


def test_a_step_is_said_in_words():
    assert text_from(SAID, STEP) == "wash the second cup"
    assert text_from({**SAID, "text": " wash it "}, STEP) == "wash it"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"operator": "carry"}, "must be those of \\(wash cup_2 kitchen\\)"),
        ({"arguments": ["kitchen", "cup_2"]}, "must be those of"),
        ({"arguments": ["cup_2"]}, "must be those of"),
        ({"arguments": "cup_2 kitchen"}, "must be those of"),
        ({"text": ""}, "must not be empty"),
        ({"text": "  "}, "must not be empty"),
        ({"text": None}, "must not be empty"),
        ({"text": "wash\nit"}, "one printable line"),
        ({"text": "wash \x1b[2J"}, "one printable line"),
        ({"text": "wash \u202e it"}, "one printable line"),
        ({"text": "x" * (TEXT_LIMIT + 1)}, "at most 200"),
        ({"action": 5}, "cannot have 'action'"),
    ],
)
def test_another_step_or_no_line_of_text_is_refused(changes, reason):
    with pytest.raises(UnfitReplyError, match=reason):
        text_from({**SAID, **changes}, STEP)


def test_the_schema_of_goals_holds_the_vocabulary(vocabulary):
    schema = goal_schema(vocabulary)
    parts = schema["properties"]["stages"]["items"]["items"]["anyOf"]
    assert [part["properties"]["predicate"]["enum"] for part in parts] == [
        [signature.name] for signature in vocabulary.predicates
    ]
    assert schema["$defs"]["dish"]["properties"]["type"]["enum"] == ["dish", "cup"]
    assert schema["$defs"]["_attributes"]["properties"]["size"] == {
        "anyOf": [{"type": "string", "enum": ["big", "small"]}, {"type": "null"}]
    }


def test_every_object_of_a_schema_is_closed_as_strict_servers_want_it(vocabulary):
    def objects(schema):
        if isinstance(schema, dict):
            if schema.get("type") == "object":
                yield schema
            for part in schema.values():
                yield from objects(part)
        elif isinstance(schema, list):
            for part in schema:
                yield from objects(part)

    found = [*objects(goal_schema(vocabulary)), *objects(instruction_schema(STEP))]
    assert len(found) > 10
    for one in found:
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])


def test_the_schema_of_an_instruction_fixes_the_step():
    properties = instruction_schema(STEP)["properties"]
    assert properties["operator"]["enum"] == ["wash"]
    assert properties["arguments"]["items"]["enum"] == ["cup_2", "kitchen"]
    assert properties["arguments"]["minItems"] == properties["arguments"]["maxItems"] == 2
