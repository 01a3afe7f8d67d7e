"""A budget holds before anybody is asked."""

import re

import pytest

from neurosym.errors import LanguageModelError
from neurosym.language import BudgetedChat, ChatReply, ChatRequest, LanguageModelSettings, Message

REQUEST = ChatRequest((Message("user", "x" * 100),), samples=2, most_tokens=50)


class Counting:
    name = "counting"

    def __init__(self, calls: int = 1, error: LanguageModelError | None = None) -> None:
        self.calls, self.error, self.asked = calls, error, 0

    def ask(self, request):
        self.asked += 1
        if self.error:
            raise self.error
        return ChatReply(("a", "b"), prompt_tokens=30, completion_tokens=20, calls=self.calls)


def ask_until_refused(chat, most=100):
    for count in range(most):
        try:
            chat.ask(REQUEST)
        except LanguageModelError as error:
            return count, str(error)
    return most, ""


@pytest.mark.parametrize(
    ("settings", "count", "message"),
    [
        ({"most_calls": 0}, 0, "budget of 0 calls"),
        ({"most_calls": 3}, 3, "budget of 3 calls .* 3 spent"),
        # each question may take 100 + 2 * 50, and takes 50
        ({"most_tokens": 199}, 0, "budget of 199 tokens"),
        ({"most_tokens": 349}, 3, "budget of 349 tokens .* 150 spent, and the next may take 200"),
        ({"most_cost": 0.0003, "prompt_price": 1.0, "completion_price": 2.0}, 1, "budget of 0.0003 of money"),
    ],
)
def test_a_budget_is_never_exceeded(settings, count, message):
    inner = Counting()
    chat = BudgetedChat(inner, LanguageModelSettings(**settings))
    asked, refusal = ask_until_refused(chat)
    assert asked == inner.asked == count
    assert re.search(message, refusal)
    assert "\n" not in refusal


def test_without_a_budget_there_is_no_end():
    chat = BudgetedChat(Counting(), LanguageModelSettings())
    assert ask_until_refused(chat)[0] == 100
    assert (chat.calls, chat.tokens) == (100, 5000)


def test_retries_and_failed_requests_count_as_calls():
    chat = BudgetedChat(Counting(calls=3), LanguageModelSettings(most_calls=4))
    assert ask_until_refused(chat)[0] == 2
    failing = BudgetedChat(
        Counting(error=LanguageModelError("down", calls=3)), LanguageModelSettings(most_calls=3)
    )
    with pytest.raises(LanguageModelError, match="down"):
        failing.ask(REQUEST)
    with pytest.raises(LanguageModelError, match="budget of 3 calls"):
        failing.ask(REQUEST)


def test_it_goes_by_the_models_name():
    assert BudgetedChat(Counting(), LanguageModelSettings()).name == "counting"
