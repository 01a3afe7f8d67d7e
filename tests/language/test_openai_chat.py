"""The client against a server that misbehaves: bounded in time and memory, one clear line, the key nowhere."""

from __future__ import annotations

import builtins
import gzip
import json
import logging
import pickle
import re
import shutil
import socket
import ssl
import subprocess
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from neurosym.errors import LanguageModelError
from neurosym.language import ChatReply, ChatRequest, Message
from neurosym.language import openai_chat as module
from neurosym.language.noreply import read_wait
from neurosym.language.openai_chat import OpenAIChat, host_of
from neurosym.language.settings import LanguageModelSettings
from tests.language.server import Call, Script, Server, Wire, answer, forever, piece, silence, stream, whole

KEY = "sk-Secret/0123+456"
MODEL = "tiny-model"
SCHEMA = {"type": "object", "properties": {"goal": {"type": "string"}}, "required": ["goal"]}
GOOD = stream(
    piece("go to "), piece("the door", finish="stop"), {"choices": [], "usage": {"prompt_tokens": 7}}
)

# Two kinds of haste: for a server that says nothing, and for one that never comes to an end.
SILENCE: dict[str, Any] = {"timeout_s": 0.3, "question_s": 20}
DEADLINE: dict[str, Any] = {"timeout_s": 20, "question_s": 0.7}
MOST_SECONDS = 12
MOST_MEMORY = 3_000_000


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Short pauses, no proxy between the test and its server, and every logger at its most talkative."""
    monkeypatch.setattr(module, "_FIRST_PAUSE_S", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    caplog.set_level(logging.DEBUG)


def chat(url: str, **settings: Any) -> OpenAIChat:
    usual: dict[str, Any] = {
        "timeout_s": 20,
        "question_s": 20,
        "retries": 0,
        "reply_bytes": 20_000,
    }
    return OpenAIChat(LanguageModelSettings(base_url=url, model=MODEL, key=KEY, **usual | settings))


def question(**fields: Any) -> ChatRequest:
    return ChatRequest(
        (Message("system", "be brief"), Message("user", "where to?")), most_tokens=200, **fields
    )


def ask(
    *scripts: Script, request: ChatRequest | None = None, **settings: Any
) -> tuple[ChatReply, list[Call]]:
    with Server(scripts) as server:
        return chat(server.url, **settings).ask(request or question()), server.calls


def failure(*scripts: Script, request: ChatRequest | None = None, **settings: Any) -> tuple[str, list[Call]]:
    """The one line of a question that fails, without the part that names model and host."""
    with Server(scripts) as server:
        asked = chat(server.url, **settings)
        with pytest.raises(LanguageModelError) as caught:
            asked.ask(request or question())
    line, prefix = str(caught.value), f"language model 'tiny-model' at {host_of(server.url)}: "
    assert line.startswith(prefix), line
    assert line.isprintable(), "one line, and nothing a terminal would obey"
    assert len(line) < 400, "a line that can be read"
    assert caught.value.calls == len(server.calls)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__, "a traceback would show the request"
    return line.removeprefix(prefix), server.calls


# What goes well.


def test_a_question_and_its_answer() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
    reply, (call,) = ask(stream(piece("go to "), piece("the door"), piece(None, finish="stop"), usage))
    assert reply == ChatReply(("go to the door",), prompt_tokens=7, completion_tokens=3, calls=1)
    assert call.path == "/v1/chat/completions"
    assert call.headers["authorization"] == f"Bearer {KEY}"
    assert call.headers["accept-encoding"] == "identity"
    assert call.body["model"] == MODEL
    assert call.body["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "where to?"},
    ]
    assert call.body["max_tokens"] == 200
    assert call.body["temperature"] == 0.0
    assert "response_format" not in call.body
    assert "n" not in call.body


def test_the_name_is_the_model() -> None:
    assert chat("http://127.0.0.1:1/v1").name == MODEL


def test_a_schema_is_asked_for() -> None:
    _, (call,) = ask(GOOD, request=question(schema=SCHEMA))
    assert call.body["response_format"]["type"] == "json_schema"
    assert call.body["response_format"]["json_schema"]["schema"] == SCHEMA


def test_a_server_that_does_not_stream() -> None:
    reply, _ = ask(whole("the door", usage={"prompt_tokens": 5, "completion_tokens": 2}))
    assert reply == ChatReply(("the door",), 5, 2)


def test_comments_and_other_fields_of_a_stream_are_passed_over() -> None:
    reply, _ = ask(stream(b": still thinking", b"event: message\nid: 3", piece("the door", finish="stop")))
    assert reply.texts == ("the door",)


def test_a_last_word_is_as_good_as_a_reason_to_finish() -> None:
    assert ask(stream(piece("the "), piece("door")))[0].texts == ("the door",)


def test_a_character_may_come_in_halves() -> None:
    assert ask(stream(piece("a\ud83d"), piece("\ude00b")))[0].texts == ("a\U0001f600b",)


def test_line_separators_inside_json_end_no_line() -> None:
    raw = 'data: {"choices":[{"delta":{"content":"a\u2028b\u0085c"},"finish_reason":"stop"}]}'
    reply, _ = ask(stream(raw.encode()))
    assert reply.texts == ("a\u2028b\u0085c",)


@pytest.mark.parametrize("lying", [-5, True, "9", 10**30, None, 1.5])
def test_a_token_count_that_makes_no_sense_is_none(lying: object) -> None:
    reply, _ = ask(
        stream(piece("a", finish="stop"), {"usage": {"prompt_tokens": lying, "completion_tokens": 4}})
    )
    assert reply.prompt_tokens == (1 if lying is True else 0)
    assert reply.completion_tokens == 4


# Several samples.


def test_samples_in_one_request() -> None:
    both = stream(piece("one", 0), piece("two", 1), piece("!", 0, "stop"), piece("!", 1, "stop"))
    reply, (call,) = ask(both, request=question(samples=2))
    assert reply.texts == ("one!", "two!")
    assert call.body["n"] == 2


def test_samples_by_asking_again_where_one_request_brings_one() -> None:
    with Server((GOOD,)) as server:
        asked = chat(server.url)
        reply = asked.ask(question(samples=3))
        asked.ask(question(samples=2))
    assert reply.texts == ("go to the door",) * 3
    assert (reply.calls, reply.prompt_tokens) == (3, 21)
    assert ["n" in call.body for call in server.calls] == [True, False, False, False, False]


def test_fewer_samples_where_the_server_fails_in_between() -> None:
    reply, calls = ask(GOOD, answer(b"", "503 Busy"), request=question(samples=3))
    assert reply.texts == ("go to the door",)
    assert reply.calls == len(calls) == 2


@pytest.mark.parametrize("index", [5, -1, "0", None, 0.5])
def test_samples_that_nobody_asked_for_are_not_kept(index: object) -> None:
    assert "sent no text" in failure(stream(piece("a", index, "stop")))[0]


# What a server does not take.


def refuses(*names: str, status: str = "400 Bad Request") -> Script:
    """Refuses each of these fields, naming it, and answers without them."""

    def play(call: Call, wire: Wire) -> None:
        foreign = [name for name in names if name in call.body]
        said = json.dumps({"error": {"message": f"unknown field: {foreign}"}}).encode()
        (answer(said, status) if foreign else GOOD)(call, wire)

    return play


@pytest.mark.parametrize("status", ["400 Bad Request", "422 Unprocessable Entity"])
def test_a_server_without_schemas_is_asked_without_and_remembered(status: str) -> None:
    with Server((refuses("response_format", status=status),)) as server:
        asked = chat(server.url)
        first, second = asked.ask(question(schema=SCHEMA)), asked.ask(question(schema=SCHEMA))
    assert (first.calls, second.calls) == (3, 1)
    assert ["response_format" in call.body for call in server.calls] == [True, True, False, False]


def test_a_schema_is_the_first_to_go_where_the_server_names_nothing() -> None:
    def play(call: Call, wire: Wire) -> None:
        (answer(b"no", "400 No") if "response_format" in call.body else GOOD)(call, wire)

    assert ask(play, request=question(schema=SCHEMA))[0].calls == 3


@pytest.mark.parametrize("status", ["422 Unprocessable Entity", "500 Internal Server Error"])
def test_a_server_that_knows_another_form_of_the_schema(status: str) -> None:
    def play(call: Call, wire: Wire) -> None:
        known = call.body["response_format"]["type"] == "json_object"
        said = b"[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type')}]"
        (GOOD if known else answer(said, status))(call, wire)

    with Server((play,)) as server:
        asked = chat(server.url)
        calls = [asked.ask(question(schema=SCHEMA)).calls for _ in range(2)]
    assert calls == [2, 1]
    assert server.calls[-1].body["response_format"] == {"type": "json_object", "schema": SCHEMA}


@pytest.mark.parametrize("name", ["stream_options", "temperature", "n"])
def test_whatever_the_server_names_is_left_out(name: str) -> None:
    reply, calls = ask(refuses(name), request=question(samples=2))
    assert reply.texts == ("go to the door",) * 2
    assert [name in call.body for call in calls] == [True, False, False]


def test_the_newer_name_of_the_token_limit() -> None:
    _, calls = ask(refuses("max_tokens"))
    assert "max_tokens" not in calls[1].body
    assert calls[1].body["max_completion_tokens"] == 200


def test_a_question_that_is_refused_for_itself_is_refused_for_good() -> None:
    with Server((answer(b'{"error": {"message": "too long"}}', "400 Bad Request"), GOOD)) as server:
        server.scripts = (server.scripts[0],) * 3 + (GOOD,)
        asked = chat(server.url, retries=3)
        with pytest.raises(
            LanguageModelError, match=r"does not take the question \(HTTP 400\); it says: .*too long"
        ):
            asked.ask(question(schema=SCHEMA))
        asked.ask(question(schema=SCHEMA))
    assert ["response_format" in call.body for call in server.calls] == [True, True, False, True], (
        "nothing was learned"
    )


# Trying again.


def test_trouble_that_passes() -> None:
    reply, calls = ask(answer(b"oh", "500 Oh"), answer(b"oh", "502 Oh"), GOOD, retries=2)
    assert reply.texts == ("go to the door",)
    assert reply.calls == len(calls) == 3


def test_retries_end() -> None:
    line, calls = failure(answer(b"oh", "500 Oh"), retries=2)
    assert line == "is in trouble (HTTP 500); it says: oh"
    assert len(calls) == 3


def test_pauses_grow_and_have_some_chance_in_them() -> None:
    asked = chat("http://127.0.0.1:1/v1")
    pauses = [[asked._pause_s(attempt, None) for _ in range(50)] for attempt in range(4)]
    for attempt, some in enumerate(pauses):
        assert 0.01 * 2**attempt <= min(some) < max(some) <= 0.015 * 2**attempt


def test_the_server_says_how_long_to_wait() -> None:
    began = time.monotonic()
    reply, _ = ask(answer(b"", "429 Slow", "text/plain", "Retry-After: 0.3"), GOOD, retries=1)
    assert reply.texts == ("go to the door",)
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("asked", ["3600", "1e999", "Fri, 31 Dec 2099 23:59:59 GMT"])
def test_nobody_waits_longer_than_the_question_may_take(asked: str) -> None:
    began = time.monotonic()
    slow = answer(b"", "429 Slow", "text/plain", f"Retry-After: {asked}")
    line, calls = failure(slow, retries=5, question_s=10)
    assert line == "asks for fewer questions (HTTP 429)"
    assert len(calls) == 1
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("asked", ["3600", "1e999", "Fri, 31 Dec 2099 23:59:59 GMT"])
def test_waiting_is_bounded_whatever_the_server_asks(asked: str) -> None:
    seconds = read_wait(asked)
    assert seconds is not None
    assert chat("http://127.0.0.1:1/v1")._pause_s(0, seconds) == 30


@pytest.mark.parametrize("asked", ["nan", "soon", "", "Fri, 99 Dec 2099"])
def test_a_wait_that_makes_no_sense_is_not_heard(asked: str) -> None:
    assert read_wait(asked) is None


@pytest.mark.parametrize("asked", ["-5", "-inf", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_a_wait_that_is_over_is_none(asked: str) -> None:
    assert read_wait(asked) == 0


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("401 Unauthorized", "does not accept the key: set OPENAI_API_KEY"),
        ("403 Forbidden", "does not let this key use the model"),
        (
            "404 Not Found",
            "knows no such model or address: check NEUROSYM_LLM_MODEL and NEUROSYM_LLM_BASE_URL",
        ),
        ("413 Too Large", "finds the question too long"),
        ("418 Teapot", r"refuses \(HTTP 418\)"),
    ],
)
def test_what_does_not_pass_is_not_tried_again(status: str, said: str) -> None:
    line, calls = failure(answer(b'{"error": {"message": "because"}}', status), retries=3)
    assert re.match(said, line), line
    assert "because" in line
    assert len(calls) == 1


def test_an_account_without_credit_is_not_asked_again() -> None:
    line, calls = failure(answer(b'{"error": {"code": "insufficient_quota"}}', "429 Slow"), retries=3)
    assert line.startswith("says that the account has no credit left")
    assert len(calls) == 1


# Servers that misbehave.


def never_listening() -> str:
    """An address that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


def head(kind: str = "text/event-stream", *headers: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {kind}", *headers, "", ""]).encode()


def endless(data: bytes, *, pause_s: float = 0.0, start: bytes = head()) -> Script:
    def play(call: Call, wire: Wire) -> None:
        wire.send(start)
        wire.drip(forever(data), pause_s)

    return play


def chunked(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def hang_up(call: Call, wire: Wire) -> None:
    """Says nothing and is gone."""


def half_a_body(call: Call, wire: Wire) -> None:
    wire.send(head("application/json", "Content-Length: 1000") + b'{"choices": [')


def echo(status: str, kind: str = "application/json") -> Script:
    """Sends back, in its body and in its headers, what it should have kept to itself."""

    def play(call: Call, wire: Wire) -> None:
        said = json.dumps({"error": {"message": f"bad header {call.headers['authorization']} " * 9}}).encode()
        answer(said, status, kind, f"X-Seen: {call.headers['authorization']}")(call, wire)

    return play


SSE_CHUNKED = head("text/event-stream", "Transfer-Encoding: chunked")
HUGE_TEXT = json.dumps({"choices": [{"message": {"content": "x" * 10_000_000}}]}).encode()
BOMB = gzip.compress(b"\0" * 50_000_000)

SILENT, LATE, EITHER = "fell silent", "in the time for one question", "in the time|sent more than"
FAILURES: dict[str, tuple[Script, str]] = {
    "silent": (silence, SILENT),
    "silent beyond the deadline": (silence, LATE),
    "hangs up": (hang_up, "half-way"),
    "silent after its headers": (
        lambda call, wire: (wire.send(head()), silence(call, wire))[0],
        "fell silent",
    ),
    "drips its headers": (
        endless(b"X", pause_s=0.05, start=b"HTTP/1.1 200 OK\r\nX-A: "),
        "in the time for one question",
    ),
    "drips a body": (endless(b" ", pause_s=0.05), LATE),
    "drips comments": (endless(b": hm\n\n", pause_s=0.05), LATE),
    "drips empty events": (endless(event(piece("")), pause_s=0.05), LATE),
    "ten megabytes": (answer(b'"' + b"x" * 10_000_000), "sent more than"),
    "ten megabytes of a reply": (answer(HUGE_TEXT), "sent more than"),
    "ten megabytes of an error": (answer(b"x" * 10_000_000, "500 Oh"), "sent more than"),
    "an endless line": (endless(b"x" * 5000), "sent more than"),
    "an endless event": (endless(b"x" * 5000, start=head() + b'data: {"a": "'), "sent more than"),
    "endless empty events": (endless(event(piece(""))), "sent more than"),
    "endless chunks": (endless(chunked(b": hm\n\n" * 99), start=SSE_CHUNKED), "sent more than"),
    "endless tiny chunks": (
        endless(chunked(b"\n") * 1000, start=SSE_CHUNKED),
        EITHER,
    ),
    "endless provisional responses": (
        endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, start=b""),
        EITHER,
    ),
    "huge headers": (
        endless(b"X-A: " + b"x" * 5000 + b"\r\n", start=b"HTTP/1.1 200 OK\r\n"),
        r"HTTP|sent more than",
    ),
    "a gzip bomb": (
        answer(BOMB, "200 OK", "application/json", "Content-Encoding: gzip"),
        r"compressed \(gzip\)",
    ),
    "a gzip bomb as an error": (
        answer(BOMB, "500 Oh", "text/plain", "Content-Encoding: gzip"),
        r"compressed \(gzip\)",
    ),
    "deep JSON": (answer(b'{"a":' * 20_000), "nested too deep"),
    "deep JSON in a stream": (stream(b"data: " + b"[" * 100_000), "nested too deep"),
    "deep JSON as an error": (answer(b"[" * 100_000, "500 Oh"), "is in trouble"),
    "half of JSON": (answer(b'{"choices": ['), "not JSON"),
    "half of a body": (half_a_body, "half-way"),
    "half of a stream": (stream(piece("go to"), done=False), "half-way"),
    "half of a stream and an error": (
        stream(piece("go"), {"error": {"message": "no memory"}}),
        "error.*no memory",
    ),
    "a page": (answer(b"<html>Welcome!</html>", "200 OK", "text/html"), "no chat completion.*Welcome"),
    "no HTTP": (lambda call, wire: wire.send(b"220 smtp.example ESMTP\r\n"), "does not keep to HTTP"),
    "an empty body": (answer(b""), "half-way"),
    "no choices": (stream({"choices": []}), "sent no text"),
    "no content": (stream(piece(None, finish="stop")), "sent no text"),
    "a number for JSON": (stream(5), "no chat completion"),
    "a list for JSON": (answer(b"[1]"), "no chat completion"),
    "a huge number": (answer(b'{"usage": ' + b"9" * 10_000 + b"}"), r"not JSON|sent no text"),
    "wrong types": (
        stream({"choices": 5}, {"choices": [7, None]}, {"choices": {"a": 1}}, {"usage": []}),
        "sent no text",
    ),
    "wrong types further in": (
        stream({"choices": [{"delta": 3}, {"message": "x"}]}, piece(["a"])),
        "sent no text",
    ),
    "a key in an error": (echo("400 Bad"), r"\*\*\*"),
    "a key in a refusal": (echo("401 Bad"), r"\*\*\*"),
    "a key in trouble": (echo("500 Bad"), r"\*\*\*"),
    "a key in a success": (echo("200 OK"), r"\*\*\*"),
    "a terminal's orders": (answer(b"\x1b[2J\x07 oh", "500 Oh"), r"\\x1b"),
}


def bounded(work: Callable[[], Any]) -> Any:
    """What `work` gives, once it has been seen to take neither long nor much."""
    tracemalloc.start()
    began = time.monotonic()
    try:
        return work()
    finally:
        seconds, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert seconds < MOST_SECONDS, f"took {seconds:.1f} s"
        assert peak < MOST_MEMORY, f"held {peak} bytes"


@pytest.mark.parametrize("name", FAILURES)
def test_a_server_that_misbehaves(name: str, caplog: pytest.LogCaptureFixture) -> None:
    script, said = FAILURES[name]
    failure(hang_up)  # what is made once is made before memory is measured
    limits = SILENCE if said == SILENT else DEADLINE if said in (LATE, EITHER) else {}
    line, _ = bounded(lambda: failure(script, **limits))
    assert re.search(said, line), line
    assert KEY not in line
    assert KEY not in caplog.text


def test_nobody_listens() -> None:
    asked = chat(never_listening(), retries=2)
    with pytest.raises(LanguageModelError, match=r"cannot be reached .*is it running, is the address right"):
        bounded(lambda: asked.ask(question()))


@pytest.mark.parametrize("text", ["x", "long " * 30])
def test_an_endless_reply_is_cut(text: str) -> None:
    reply, _ = bounded(lambda: ask(endless(event(piece(text)))))
    assert len(reply.texts[0]) <= 201 * len(text)


def test_a_reply_is_cut_at_its_bytes() -> None:
    reply, _ = ask(endless(event(piece("é" * 1000))))
    assert reply.texts == ("é" * 10_000,)


def test_an_endless_sample_beside_a_finished_one() -> None:
    forever_one = event(piece("done", 0, "stop")) + event(piece("x", 1))
    reply, _ = bounded(lambda: ask(endless(forever_one), request=question(samples=2)))
    assert reply.texts[0].startswith("done")
    assert len(reply.texts) == 2


def test_a_finished_reply_stands_though_the_stream_goes_on_in_silence() -> None:
    def play(call: Call, wire: Wire) -> None:
        wire.send(head() + event(piece("done", finish="stop")))
        silence(call, wire)

    assert ask(play, **SILENCE)[0].texts == ("done",)


def test_invalid_unicode_is_marked() -> None:
    raw = b'data: {"choices":[{"delta":{"content":"a\xff\xfe\\ud800b"},"finish_reason":"stop"}]}'
    reply, _ = ask(stream(raw))
    assert reply.texts == ("a\ufffd\ufffd\ufffdb",)


def test_invalid_unicode_can_be_asked() -> None:
    _, (call,) = ask(GOOD, request=ChatRequest((Message("user", "go \ud800 on"),)))
    assert call.body["messages"][0]["content"] == "go \ufffd on"


def test_a_reply_does_not_bring_the_key_back(caplog: pytest.LogCaptureFixture) -> None:
    reply, _ = ask(stream(piece(f"your key is {KEY[:5]}"), piece(KEY[5:]), piece(".", finish="stop")))
    assert reply.texts == ("your key is ***.",)
    assert KEY not in caplog.text


def test_a_wrong_content_type_does_no_harm() -> None:
    assert ask(stream(piece("a", finish="stop"), kind="text/html; charset=utf-99"))[0].texts == ("a",)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_the_key_follows_no_redirect(status: str) -> None:
    with Server((GOOD,)) as elsewhere:
        line, calls = failure(answer(b"", status, "text/plain", f"Location: {elsewhere.url}/x"), retries=2)
    assert line.startswith(f"redirects to {elsewhere.url}/x: the key does not follow")
    assert len(calls) == 1
    assert not elsewhere.calls


def test_the_deadline_holds_for_all_tries_together() -> None:
    began = time.monotonic()
    line, calls = failure(silence, retries=50, timeout_s=0.4, question_s=1)
    assert "silent" in line or "in the time" in line
    assert 2 <= len(calls) <= 3
    assert time.monotonic() - began < MOST_SECONDS


def test_where_a_pause_outlasts_the_deadline_nothing_more_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = time.sleep
    monkeypatch.setattr(module.time, "sleep", lambda _: sleep(1.2))
    line, calls = failure(silence, retries=50, timeout_s=0.3, question_s=1)
    assert "in the time for one question" in line
    assert len(calls) == 1


def test_loggers_do_speak(caplog: pytest.LogCaptureFixture) -> None:
    """Else the key's absence from what they say would prove nothing."""
    failure(echo("401 Bad"))
    assert "X-Seen" in caplog.text
    assert {"openai", "httpcore2", "httpx2"} <= {record.name.split(".")[0] for record in caplog.records}


def test_a_proxy_is_used_where_the_environment_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server((GOOD,)) as proxy:
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1").replace("//", "//me:pass@"))
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1").replace("//", "//me:pass@"))
        chat("http://models.invalid/v1").ask(question())
    (call,) = proxy.calls
    assert call.path == "http://models.invalid/v1/chat/completions"
    assert call.headers["proxy-authorization"].startswith("Basic ")


# Over TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """For 127.0.0.1, signed by itself: the certificate and its key."""
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("openssl makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "certificate.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run([tool, *made, *subject], check=True, capture_output=True)
    return files


@pytest.fixture
def tls(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Of a server that the client trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_a_question_over_tls(tls: ssl.SSLContext) -> None:
    with Server((GOOD,), tls) as server:
        assert chat(server.url).ask(question()).texts == ("go to the door",)


@pytest.mark.parametrize(
    ("script", "said"),
    [(endless(b": hm\n\n", pause_s=0.05), LATE), (silence, LATE), (endless(b"x" * 5000), "sent more than")],
)
def test_limits_hold_over_tls(tls: ssl.SSLContext, script: Script, said: str) -> None:
    with Server((script,), tls) as server, pytest.raises(LanguageModelError, match=said):
        bounded(lambda: chat(server.url, **(DEADLINE if said == LATE else {})).ask(question()))


def test_a_certificate_of_somebody_else(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with (
        Server((GOOD,), tls) as server,
        pytest.raises(LanguageModelError, match=r"cannot be reached .*CERTIFICATE"),
    ):
        chat(server.url).ask(question())
    assert not server.calls


# Settings.


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "openai":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(LanguageModelError, match=r'pip install "neurosym-rl\[llm\]"'):
        chat("http://127.0.0.1:1/v1")


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://:80/v1",
        "http://a:99999/v1",
        "http://a b/v1",
        "http://[::1/v1",
        "http://a\n/v1",
        "http:///v1",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(LanguageModelError, match=r"is not like http://127.0.0.1:8000/v1"):
        chat(url)


@pytest.mark.parametrize("url", ["http://me:hidden@a/v1", "http://a/v1?key=hidden", "http://a/v1#hidden"])
def test_an_address_with_a_secret(url: str) -> None:
    with pytest.raises(LanguageModelError, match="keys belong in OPENAI_API_KEY") as caught:
        chat(url)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("model", ["", "a\nb", "\udcff"])
def test_a_model_that_is_none(model: str) -> None:
    with pytest.raises(LanguageModelError, match="no model is named: set NEUROSYM_LLM_MODEL"):
        OpenAIChat(LanguageModelSettings(base_url="http://a/v1", model=model))


@pytest.mark.parametrize("key", ["a\r\nX-B: c", "schlüssel", "two words"])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(LanguageModelError, match="OPENAI_API_KEY holds characters that no key has") as caught:
        OpenAIChat(LanguageModelSettings(base_url="http://a/v1", model=MODEL, key=key))
    assert key not in str(caught.value)


def test_a_key_may_end_in_a_line_feed() -> None:
    with Server((GOOD,)) as server:
        OpenAIChat(LanguageModelSettings(base_url=server.url, model=MODEL, key=f"{KEY}\n")).ask(question())
    assert server.calls[0].headers["authorization"] == f"Bearer {KEY}"


def test_hosted_models_want_a_key() -> None:
    with pytest.raises(LanguageModelError, match=r"at api.openai.com: wants a key: set OPENAI_API_KEY"):
        OpenAIChat(LanguageModelSettings(model=MODEL))


def test_it_travels_to_other_processes() -> None:
    again = pickle.loads(pickle.dumps(chat("https://a.invalid/v1")))
    assert isinstance(again, OpenAIChat)
    assert again.name == MODEL


def test_a_word_for_a_key_spoils_no_reply() -> None:
    with Server((GOOD,)) as server:
        asked = OpenAIChat(LanguageModelSettings(base_url=server.url, model=MODEL, key="door"))
        assert asked.ask(question()).texts == ("go to the door",)


def test_the_key_is_in_no_representation() -> None:
    asked = chat("http://127.0.0.1:1/v1")
    assert KEY not in repr(asked) + str(asked)
