"""A language model behind any server that speaks the chat completions of OpenAI.

A hosted model, vLLM, Ollama, llama.cpp, `transformers serve`: they differ in what they take, so what one refuses is
left out and the question put again. The `openai` client carries the question; how long to wait, how much to read and
when to try again is decided here.
"""

from __future__ import annotations

import random
import re
import ssl
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neurosym.errors import LanguageModelError
from neurosym.language.chat import ChatReply, ChatRequest
from neurosym.language.completion import Heard, read_completion, well_formed
from neurosym.language.noreply import NoReplyError, RefusedError, judge
from neurosym.language.secrecy import keep_out_of_logs, scrub
from neurosym.language.settings import LanguageModelSettings
from neurosym.language.words import printable

if TYPE_CHECKING:
    from neurosym.language.bounded_http import Allowance

__all__ = ["HOSTED", "OpenAIChat", "host_of"]

HOSTED = "https://api.openai.com/v1"

_LONGEST_CONNECT_S = 10.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_QUOTED = 240

# On the wire a token comes in a JSON object of its own, a few hundred bytes long.
_BYTES_A_TOKEN = 1024
_BYTES_AROUND = 65_536

# What not every server takes, in the order in which it is left out.
_SCHEMA = "response_format"
_OPTIONAL = (_SCHEMA, "stream_options", "n", "temperature", "max_tokens")


@dataclass
class _Question:
    request: ChatRequest
    deadline: float
    calls: int = 0

    @property
    def left_s(self) -> float:
        return self.deadline - time.monotonic()


class OpenAIChat:
    """Asks one model at one server.

    Args:
        settings: `base_url`, `model`, `key`, `timeout_s` (the longest silence), `question_s` (a question with all its
            retries and samples), `retries`, and `reply_bytes` are read.

    Raises:
        LanguageModelError: the extra is not installed, or the settings name no model or no address.
    """

    def __init__(self, settings: LanguageModelSettings) -> None:
        _require_extra()
        self._settings = settings
        self._url = settings.base_url or HOSTED
        self._host = host_of(self._url)
        self._key = settings.key.strip()
        self._check()
        self._lacks: frozenset[str] = frozenset()
        self._ssl = _ssl_context() if self._url.startswith("https:") else None
        self._chance = random.Random()
        keep_out_of_logs(self._key)

    def __reduce__(self) -> tuple[type[OpenAIChat], tuple[LanguageModelSettings]]:
        return OpenAIChat, (self._settings,)

    @property
    def name(self) -> str:
        return self._settings.model

    def ask(self, request: ChatRequest) -> ChatReply:
        """The replies; fewer than were asked for where the server fails after some of them.

        Raises:
            LanguageModelError: there is none. One line that names host and model, without the key.
        """
        question = _Question(request, time.monotonic() + self._settings.question_s)
        heard: list[Heard] = []
        try:
            while (missing := request.samples - sum(len(some.texts) for some in heard)) > 0:
                heard.append(self._persist(question, missing))
        except NoReplyError as error:
            if not heard:
                raise self._told(error, question.calls) from None
        return ChatReply(
            texts=tuple(self._scrub(text) for some in heard for text in some.texts),
            prompt_tokens=sum(some.prompt_tokens for some in heard),
            completion_tokens=sum(some.completion_tokens for some in heard),
            calls=question.calls,
        )

    def _persist(self, question: _Question, samples: int) -> Heard:
        """Ask, and ask again after a pause while that may help and there is time."""
        for attempt in range(self._settings.retries + 1):
            try:
                return self._negotiate(question, samples)
            except NoReplyError as error:
                pause_s = self._pause_s(attempt, error.wait_s)
                last = attempt == self._settings.retries
                if last or not error.passing or pause_s >= question.left_s:
                    raise
                time.sleep(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def _pause_s(self, attempt: int, wait_s: float | None) -> float:
        """Twice as long each time, with some chance in it, so that many who failed together do not return together."""
        pause_s = _FIRST_PAUSE_S * 2**attempt if wait_s is None else wait_s
        return min(pause_s * self._chance.uniform(1.0, 1.5), _LONGEST_PAUSE_S)

    def _negotiate(self, question: _Question, samples: int) -> Heard:
        """Ask; leave out what the server refuses, and remember that if it helped."""
        lacks, first = self._lacks, None
        while True:
            body = self._body(question.request, samples, lacks)
            try:
                heard = self._send(body, question, samples)
            except RefusedError as refusal:
                first = first or refusal
                unwanted = _unwanted(refusal, body)
                if unwanted is None:
                    raise first from None
                lacks |= {unwanted}
            else:
                self._lacks = lacks | ({"n"} if len(heard.texts) < samples else set())
                return heard

    def _body(self, request: ChatRequest, samples: int, lacks: frozenset[str]) -> dict[str, Any]:
        optional: dict[str, Any] = {
            "max_tokens": request.most_tokens,
            "temperature": request.temperature,
            "stream_options": {"include_usage": True},
        }
        if samples > 1:
            optional["n"] = samples
        if request.schema is not None:
            optional[_SCHEMA] = _constraint(request.schema, "json_schema" not in lacks)
        body = {name: value for name, value in optional.items() if name not in lacks}
        if "max_tokens" in lacks:
            body["max_completion_tokens"] = request.most_tokens
        messages = [{"role": said.role, "content": well_formed(said.text)} for said in request.messages]
        return {"model": self.name, "messages": messages, "stream": True, **body}

    def _send(self, body: Mapping[str, Any], question: _Question, samples: int) -> Heard:
        import httpx2
        import openai

        from neurosym.language.bounded_http import Allowance

        request, most_bytes = question.request, self._settings.reply_bytes
        on_the_wire = _BYTES_AROUND + samples * (most_bytes + request.most_tokens * _BYTES_A_TOKEN)
        allowance = Allowance(question.deadline, on_the_wire)
        try:
            with self._client(allowance) as client:
                allowance.wait(None)  # a call that has no time left is none
                question.calls += 1
                replies = client.chat.completions.with_streaming_response
                with replies.create(**body) as response:
                    return read_completion(
                        response.iter_bytes(),
                        samples=samples,
                        most_tokens=request.most_tokens,
                        most_bytes=most_bytes,
                    )
        except openai.APIStatusError as error:
            raise judge(error.status_code, error.response.headers, error.response.text) from None
        except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise NoReplyError(f"cannot be asked ({type(error).__name__}: {error})") from None

    @contextmanager
    def _client(self, allowance: Allowance) -> Iterator[Any]:
        """A client for one request, on a connection of its own."""
        import httpx2
        import openai

        from neurosym.language.bounded_http import BoundedTransport

        silence_s = self._settings.timeout_s
        transport = BoundedTransport(self._url, allowance, self._ssl)
        with httpx2.Client(transport=transport, follow_redirects=False) as http:
            yield openai.OpenAI(
                api_key=self._key or "none",
                base_url=self._url,
                max_retries=0,
                timeout=httpx2.Timeout(silence_s, connect=min(silence_s, _LONGEST_CONNECT_S)),
                default_headers={"Accept-Encoding": "identity"},
                http_client=http,
            )

    def _check(self) -> None:
        if not self.name or not self.name.isprintable():
            raise self._told(
                NoReplyError("no model is named: set NEUROSYM_LLM_MODEL to one that the server knows")
            )
        if not self._key.isascii() or not self._key.isprintable() or " " in self._key:
            raise self._told(NoReplyError("OPENAI_API_KEY holds characters that no key has"))
        if self._url == HOSTED and not self._key:
            raise self._told(NoReplyError("wants a key: set OPENAI_API_KEY"))

    def _told(self, error: NoReplyError, calls: int = 0) -> LanguageModelError:
        reason = printable(self._scrub(error.reason), _QUOTED)
        return LanguageModelError(
            f"language model {printable(self.name)!r} at {self._host}: {reason}", calls=calls
        )

    def _scrub(self, text: str) -> str:
        return scrub(text, self._key)


def host_of(url: str) -> str:
    """Host and port, for people to read.

    Raises:
        LanguageModelError: it is no address of a server, or it carries a secret.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, parts, port = None, urllib.parse.SplitResult("", "", "", "", ""), None
    if not host or parts.scheme not in ("http", "https") or not url.isprintable() or " " in url:
        raise LanguageModelError("the address of a language model is not like http://127.0.0.1:8000/v1")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise LanguageModelError(
            f"the address of the language model at {host} has more than host and path: keys belong in OPENAI_API_KEY"
        )
    return host if port is None else f"{host}:{port}"


def _constraint(schema: Mapping[str, Any], usual: bool) -> dict[str, Any]:
    """The schema as OpenAI writes it, or as some servers did before."""
    if usual:
        named = {"name": "reply", "schema": schema, "strict": True}
        return {"type": "json_schema", "json_schema": named}
    return {"type": "json_object", "schema": schema}


def _unwanted(refusal: RefusedError, body: Mapping[str, Any]) -> str | None:
    """What to leave out: what the server names, else the schema: its usual form first, then any."""
    words = set(re.findall(r"\w+", refusal.reason))
    asked = [name for name in _OPTIONAL if name in body]
    named = [name for name in asked if name in words]
    unwanted = next(iter(named + [name for name in asked if name == _SCHEMA]), None)
    return "json_schema" if unwanted == _SCHEMA and body[_SCHEMA]["type"] == "json_schema" else unwanted


def _require_extra() -> None:
    try:
        import openai  # noqa: F401
    except ImportError:
        raise LanguageModelError(
            'language models are asked with the openai client: pip install "neurosym-rl[llm]"'
        ) from None


def _ssl_context() -> ssl.SSLContext:
    import httpx2

    return httpx2.create_ssl_context()
