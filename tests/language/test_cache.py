"""What was asked once is not asked again, and offline nothing is."""

import json
from dataclasses import replace

import pytest

from neurosym.errors import LanguageModelError
from neurosym.language import CachedChat, ChatReply, ChatRequest, Message, ScriptedChat
from neurosym.language.cache import request_digest
from neurosym.language.prompt import goal_question

REQUEST = ChatRequest(
    (Message("system", "be good"), goal_question("put the cup into the oven")), {"type": "object"}
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "answers"


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_answer_is_kept_and_costs_nothing_the_second_time(folder):
    model = ScriptedChat(["first", "second"])
    first = CachedChat(model, folder).ask(REQUEST)
    again = CachedChat(model, folder).ask(REQUEST)
    assert (first.texts, first.calls) == (("first",), 1)
    assert again == ChatReply(("first",), 0, 0, calls=0)
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, messages=(*REQUEST.messages, Message("user", "please"))),
        replace(REQUEST, messages=(REQUEST.messages[0], goal_question("put the cup in the oven"))),
        replace(REQUEST, schema={"type": "array"}),
        replace(REQUEST, schema=None),
        replace(REQUEST, samples=2),
        replace(REQUEST, temperature=0.5),
        replace(REQUEST, most_tokens=7),
    ],
)
def test_another_question_is_another_entry(other):
    assert request_digest("small", other) != request_digest("small", REQUEST)


def test_another_model_is_another_entry():
    assert request_digest("small", REQUEST) != request_digest("large", REQUEST)
    assert request_digest("small", REQUEST) == request_digest("small", replace(REQUEST))


def test_offline_replays_and_says_what_is_missing(folder):
    CachedChat(ScriptedChat(["first"]), folder).ask(REQUEST)
    silent = ScriptedChat([])
    offline = CachedChat(silent, folder, offline=True)
    assert offline.ask(REQUEST).texts == ("first",)
    with pytest.raises(LanguageModelError, match=r'^offline, and scripted has not .*: "wash the plates"$'):
        offline.ask(replace(REQUEST, messages=(REQUEST.messages[0], goal_question("wash the plates"))))
    assert silent.requests == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b"{}", b'{"texts": "first"}', b'{"texts": [1]}', b"null", b"[" * 5000],
)
def test_an_entry_that_is_no_answer_is_written_anew(folder, content):
    model = ScriptedChat(["first", "second"])
    chat = CachedChat(model, folder)
    chat.ask(REQUEST)
    (entry,) = files(folder)
    entry.write_bytes(content)
    assert chat.ask(REQUEST).texts == ("second",)
    assert json.loads(entry.read_bytes())["texts"] == ["second"]
    assert files(folder) == [entry]


def test_any_text_can_be_kept(folder):
    text = 'half a pair \ud800, a null \x00 and a "quote"'
    CachedChat(ScriptedChat([text]), folder).ask(REQUEST)
    assert CachedChat(ScriptedChat([]), folder).ask(REQUEST).texts == (text,)


def test_endless_replies_do_not_fill_the_disk(folder):
    CachedChat(ScriptedChat(["x" * 10_000]), folder, most_bytes=100).ask(REQUEST)
    assert CachedChat(ScriptedChat([]), folder).ask(REQUEST).texts == ("x" * 101,)


def test_what_failed_is_not_kept(folder):
    with pytest.raises(LanguageModelError):
        CachedChat(ScriptedChat([]), folder).ask(REQUEST)
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path):
    place = tmp_path / "file"
    place.write_text("in the way")
    chat = CachedChat(ScriptedChat(["first", "second"]), place)
    assert [chat.ask(REQUEST).texts[0] for _ in range(2)] == ["first", "second"]


def test_the_users_own_cache_is_the_usual_place(monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, **_: tmp_path / name)
    assert CachedChat(ScriptedChat([])).folder == tmp_path / "neurosym" / "language-models"
