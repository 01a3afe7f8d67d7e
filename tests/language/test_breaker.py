"""A server that gives no answers is left alone for a while."""

from __future__ import annotations

import pytest

from neurosym.errors import LanguageModelError
from neurosym.language import ChatReply, ChatRequest, Message
from neurosym.language.breaker import CircuitBreaker

REQUEST = ChatRequest((Message("user", "go"),))


class Moody:
    """Answers as it is told to, and counts how often it is asked."""

    name = "moody"

    def __init__(self) -> None:
        self.well, self.asked = False, 0

    def ask(self, request: ChatRequest) -> ChatReply:
        self.asked += 1
        if not self.well:
            raise LanguageModelError("connection refused", calls=3)
        return ChatReply(("yes",))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moody() -> Moody:
    return Moody()


def fail(breaker: CircuitBreaker, times: int) -> str:
    said = ""
    for _ in range(times):
        with pytest.raises(LanguageModelError) as caught:
            breaker.ask(REQUEST)
        said = str(caught.value)
    return said


def test_a_dead_server_is_left_alone_and_tried_again(moody: Moody) -> None:
    clock = Clock()
    breaker = CircuitBreaker(moody, failures=3, rest_s=60.0, clock=clock)
    assert fail(breaker, 3) == "connection refused"
    said = fail(breaker, 20)
    assert moody.asked == 3
    assert said == (
        "not asked, after 3 questions in a row without an answer; again in 60 s. The last time: connection refused"
    )
    clock.now += 61
    fail(breaker, 20)
    assert moody.asked == 4, "one question tells that it is still down"
    clock.now += 61
    moody.well = True
    assert breaker.ask(REQUEST).texts == ("yes",)
    moody.well = False
    fail(breaker, 3)
    assert moody.asked == 8, "it has a clean record again"


def test_failures_between_answers_do_not_add_up(moody: Moody) -> None:
    breaker = CircuitBreaker(moody, failures=2)
    for _ in range(5):
        moody.well = False
        fail(breaker, 1)
        moody.well = True
        breaker.ask(REQUEST)
    assert moody.asked == 10


def test_what_is_not_asked_has_cost_nothing(moody: Moody) -> None:
    breaker = CircuitBreaker(moody, failures=1)
    fail(breaker, 1)
    with pytest.raises(LanguageModelError) as caught:
        breaker.ask(REQUEST)
    assert caught.value.calls == 0
    assert breaker.name == "moody"
