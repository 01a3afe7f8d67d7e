"""A reply is read as data, in bounds, or refused in one line."""

import json
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.language.hostility import HOSTILE_REPLIES
from neurosym.language.reply import DEPTH_LIMIT, UnfitReplyError, read_object

LIMIT = 65_536


def read(text):
    """The object and no reason, or nothing and the reason."""
    try:
        return read_object(text, LIMIT), ""
    except UnfitReplyError as error:
        return None, str(error)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, "}"]}',
        ' \n{"a": [1, "}"]}\n ',
        '```json\n{"a": [1, "}"]}\n```',
        'Sure! Here it is: {"a": [1, "}"]} Anything else?',
        'A set {1, 2} is no JSON, but {"a": [1, "}"]} is.',
        'First {"a": [1, "}"]}, and once more: {"a": [1, "}"]}',
    ],
)
def test_words_and_fences_around_the_object_are_passed_over(text):
    assert read_object(text, LIMIT) == {"a": [1, "}"]}


def test_quotes_and_escapes_do_not_end_a_string():
    data = {"a": 'she said "{" and \\', "b": "\\\\"}
    assert read_object(json.dumps(data), LIMIT) == data


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("I cannot do that.", "expected one JSON object, not 'I cannot do that.'"),
        ("[1]", "expected one JSON object"),
        ('{"a": 1', "no JSON: .* at character 7"),
        ("{'a': 1}", "no JSON"),
        ('{"a": 1,}', "no JSON"),
        ('{"a": 1} {"a": 2}', "expected one JSON object, not 2"),
        ('{"a": 1, "a": 2}', "the same key twice"),
        ('{"a": {"b": 1, "b": 1}}', "the same key twice"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": -Infinity}', "-Infinity is no number"),
        ('{"a": 1e999}', "too large"),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"a": "\ud800"}', "surrogate"),
        ('{"\\ud800": 1}', "surrogate"),
        ('{"a": ' + "9" * 5000 + "}", "number without end"),
        ("{" * 9, "no JSON"),
    ],
)
def test_what_is_no_object_is_refused_in_one_line(text, reason):
    with pytest.raises(UnfitReplyError, match=reason) as caught:
        read_object(text, LIMIT)
    assert str(caught.value).isprintable()


def test_a_reply_may_be_as_long_as_allowed_and_no_longer():
    text = json.dumps({"a": "x" * 100})
    assert read_object(text, len(text))
    with pytest.raises(UnfitReplyError, match="longer than"):
        read_object(text, len(text) - 1)


def test_bytes_are_counted_not_characters():
    with pytest.raises(UnfitReplyError, match="longer than 20 bytes"):
        read_object('{"a": "ÄÖÜÄÖÜ"}', 20)


def test_nesting_has_a_limit_which_goals_are_far_from():
    inner = DEPTH_LIMIT - 1
    assert read_object('{"a": ' + "[" * inner + "]" * inner + "}", LIMIT)
    with pytest.raises(UnfitReplyError, match="nested more than"):
        read_object('{"a": ' + "[" * (inner + 1) + "]" * (inner + 1) + "}", LIMIT)


@pytest.mark.parametrize("name", HOSTILE_REPLIES)
def test_hostile_replies_cost_neither_time_nor_memory(name):
    text = HOSTILE_REPLIES[name]()
    tracemalloc.start()
    started = time.perf_counter()
    _, reason = read(text)
    seconds, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reason.isprintable()
    assert len(reason) < 400
    assert seconds < 2.0
    assert peak < 2_000_000


@given(st.text() | st.text(alphabet='{}[]",:\\ab1\ud800 \n'))
def test_any_text_gives_an_object_or_a_reason(text):
    data, reason = read(text)
    assert (data is None) == bool(reason)
    assert reason.isprintable()
    if data is not None:
        assert isinstance(data, dict)
        json.dumps(data, allow_nan=False, ensure_ascii=False).encode("utf-8")
