"""What a reply has to be like, as a JSON schema for the server, and as the check that decides.

A goal:         {"stages": [[{"predicate": …, "arguments": {"it": {"type": …, "attributes": {…}, "definite": …,
                 "same": …}}}]], "refusal": "", "quote": ""}
A refusal:      {"stages": [], "refusal": why, "quote": the part of the mission that was not understood}
An instruction: {"operator": …, "arguments": […], "text": …}

The schema is a hint that few servers keep; each reply is checked here in full, as if there were none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neurosym.errors import MissionError
from neurosym.language.reply import UnfitReplyError
from neurosym.language.vocabulary import Vocabulary
from neurosym.language.words import printable
from neurosym.symbols import Description, Goal, Operator, TypedName, Wanted

__all__ = [
    "TEXT_LIMIT",
    "Refused",
    "goal_from",
    "goal_schema",
    "instruction_schema",
    "record_of",
    "refusal_from",
    "text_from",
]

TEXT_LIMIT = 200
"""Characters in an instruction."""

_MOST_WANTED = 64
_REASON_LIMIT = 200
_TEXT = {"type": "string"}
_ATTRIBUTES = "_attributes"  # no type of PDDL begins like this


@dataclass(frozen=True)
class Refused:
    """A model's answer that it does not understand.

    Attributes:
        reason: one printable line; quote: the part of the mission that it is about.
    """

    reason: str
    quote: str


def goal_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """JSON schema of a goal within `vocabulary`, or of a refusal."""
    wanted = [
        _object(
            predicate={"type": "string", "enum": [signature.name]},
            arguments=_object(**{_bare(p): {"$ref": f"#/$defs/{p.type}"} for p in signature.parameters}),
        )
        for signature in vocabulary.predicates
    ]
    stage = {"type": "array", "items": {"anyOf": wanted}}
    types = sorted({p.type for signature in vocabulary.predicates for p in signature.parameters})
    attributes = {name: _one_of(values) for name, values in vocabulary.attributes}
    return {
        **_object(stages={"type": "array", "items": stage}, refusal=_TEXT, quote=_TEXT),
        "$defs": {
            **{name: _description(vocabulary, name) for name in types},
            _ATTRIBUTES: _object(**attributes),
        },
    }


def _description(vocabulary: Vocabulary, expected: str) -> dict[str, Any]:
    fitting = [entry.name for entry in vocabulary.types if vocabulary.is_a(entry.name, expected)]
    return _object(
        type={"type": "string", "enum": fitting},
        attributes={"$ref": f"#/$defs/{_ATTRIBUTES}"},
        definite={"type": "boolean"},
        same={"type": "integer", "minimum": 0, "maximum": _MOST_WANTED},
    )


def instruction_schema(step: Operator) -> dict[str, Any]:
    """JSON schema of what is said for `step`: its name and arguments stand fixed."""
    named = {"type": "string", "enum": list(dict.fromkeys(step.args))} if step.args else _TEXT
    count = len(step.args)
    return _object(
        operator={"type": "string", "enum": [step.name]},
        arguments={"type": "array", "items": named, "minItems": count, "maxItems": count},
        text=_TEXT,
    )


def _one_of(values: Sequence[str]) -> dict[str, Any]:
    """One of these, or null; with a list of types beside `enum`, llama-cpp-python would not heed the `enum`."""
    return {"anyOf": [{"type": "string", "enum": list(values)}, {"type": "null"}]}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def record_of(goal: Goal, vocabulary: Vocabulary) -> dict[str, Any]:
    """The reply that means `goal`: `goal_from(record_of(goal, vocabulary), vocabulary) == goal`."""
    signatures = {signature.name: signature.parameters for signature in vocabulary.predicates}

    def describe(thing: Description) -> dict[str, Any]:
        told = {"type": thing.type, "attributes": dict(thing.attributes), "definite": thing.definite}
        return {**told, "same": thing.referent}

    def say(wanted: Wanted) -> dict[str, Any]:
        names = [_bare(parameter) for parameter in signatures[wanted.predicate]]
        things = dict(zip(names, map(describe, wanted.arguments), strict=True))
        return {"predicate": wanted.predicate, "arguments": things}

    return {
        "stages": [[say(wanted) for wanted in stage] for stage in goal.stages],
        "refusal": "",
        "quote": "",
    }


def goal_from(data: Mapping[str, Any], vocabulary: Vocabulary) -> Goal:
    """The goal that a reply means.

    Raises:
        UnfitReplyError: it is no goal within `vocabulary`; says where it leaves it.
    """
    _check_keys(data, "the reply", ("stages",), ("refusal", "quote"))
    rows = [_list(row, "a stage") for row in _list(data["stages"], "stages")]
    if sum(map(len, rows)) > _MOST_WANTED or len(rows) > _MOST_WANTED:
        raise UnfitReplyError(f"a goal has at most {_MOST_WANTED} parts")
    goal = Goal(tuple(tuple(_wanted(entry, vocabulary) for entry in row) for row in rows)).number_referents()
    try:
        return vocabulary.check(goal)
    except MissionError as error:
        raise UnfitReplyError(printable(str(error), _REASON_LIMIT)) from None


def refusal_from(data: Mapping[str, Any], mission: str) -> Refused | None:
    """The model's own refusal; None if the reply is none.

    Raises:
        UnfitReplyError: it refuses and does not at once, or does not quote the mission.
    """
    reason, quote = data.get("refusal", ""), data.get("quote", "")
    if not (isinstance(reason, str) and isinstance(quote, str)):
        raise UnfitReplyError("refusal and quote must be text")
    if not reason.strip():
        return None
    if data.get("stages"):
        raise UnfitReplyError("give either stages or a refusal")
    if quote.strip() and quote not in mission:
        raise UnfitReplyError(f"quote must be a part of the mission, not {printable(quote, 40)!r}")
    return Refused(printable(reason, _REASON_LIMIT), quote.strip() or mission)


def text_from(data: Mapping[str, Any], step: Operator) -> str:
    """The words that a reply has for `step`.

    Raises:
        UnfitReplyError: it speaks of another step, or the text is no single printable line.
    """
    _check_keys(data, "the reply", ("operator", "arguments", "text"))
    if data["operator"] != step.name or data["arguments"] != list(step.args):
        raise UnfitReplyError(f"operator and arguments must be those of {step}")
    text = data["text"]
    if not isinstance(text, str) or not text.strip():
        raise UnfitReplyError("text must not be empty")
    if len(text) > TEXT_LIMIT:
        raise UnfitReplyError(f"text must have at most {TEXT_LIMIT} characters")
    if not text.isprintable():
        raise UnfitReplyError("text must be one printable line")
    return text.strip()


def _wanted(entry: Any, vocabulary: Vocabulary) -> Wanted:
    entry = _mapping(entry, "a part of a stage")
    _check_keys(entry, "a part of a stage", ("predicate", "arguments"))
    predicate, things = _text(entry["predicate"], "predicate"), _mapping(entry["arguments"], "arguments")
    signature = next((one for one in vocabulary.predicates if one.name == predicate), None)
    if signature is None:
        return Wanted(predicate)  # the vocabulary says what it knows instead
    names = [_bare(parameter) for parameter in signature.parameters]
    _check_keys(things, f"arguments of {predicate}", names)
    return Wanted(predicate, tuple(_describe(things[name], vocabulary) for name in names))


def _describe(entry: Any, vocabulary: Vocabulary) -> Description:
    """Attributes come out in the vocabulary's order, so that equal things are equal; foreign ones stay last."""
    entry = _mapping(entry, "an argument")
    _check_keys(entry, "an argument", ("type", "definite"), ("attributes", "same"))
    if not isinstance(entry["definite"], bool):
        raise UnfitReplyError("definite must be true or false")
    same = entry.get("same", 0)
    if type(same) is not int or not 0 <= same <= _MOST_WANTED:
        raise UnfitReplyError(f"same must be a whole number from 0 to {_MOST_WANTED}")
    given = _mapping(entry.get("attributes", {}), "attributes")
    said = {name: _text(value, name) for name, value in given.items() if value is not None}
    order = [name for name, _ in vocabulary.attributes if name in said]
    order += [name for name in said if name not in order]
    attributes = tuple((name, said[name]) for name in order)
    return Description(_text(entry["type"], "type"), attributes, entry["definite"], same)


def _bare(parameter: TypedName) -> str:
    return parameter.name.removeprefix("?")


def _check_keys(
    data: Mapping[str, Any], what: str, needed: Sequence[str], allowed: Sequence[str] = ()
) -> None:
    """A key nobody knows is refused: passed over, a misspelt attribute would ask for another thing."""
    missing = [name for name in needed if name not in data]
    if missing:
        raise UnfitReplyError(f"{what} lacks {missing[0]!r}")
    foreign = [name for name in data if name not in needed and name not in allowed]
    if foreign:
        expected = ", ".join((*needed, *allowed)) or "nothing"
        raise UnfitReplyError(f"{what} cannot have {printable(foreign[0], 40)!r}: expected {expected}")


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UnfitReplyError(f"{what} must be a JSON object")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise UnfitReplyError(f"{what} must be a JSON array")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise UnfitReplyError(f"{printable(what, 40)} must be text")
    return value
