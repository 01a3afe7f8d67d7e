from neurosym.language.joining import ways_to_join
from neurosym.language.rules import Connectives


def test_what_orders_wins_over_what_does_not() -> None:
    ways = ways_to_join(
        Connectives(both=("and",), comma=(",",), then=("then", "and then"), before=("before",))
    )
    assert set(ways["then"]) >= {"then", "and then", ", then", ", before", "and before", "then ,"}
    assert "and and then" not in ways["then"]
    assert ways["both"] == ("and",)


def test_a_sentence_may_begin_with_what_orders() -> None:
    ways = ways_to_join(Connectives(both=("and",), comma=(",",), then=("then",), stop=(".",)))
    assert set(ways["stop"]) == {".", ". then", ". ,", ". then ,"}


def test_without_commas_there_are_none() -> None:
    ways = ways_to_join(Connectives(both=("and",), then=("then",), after=("after",)))
    assert not any("," in said for sayings in ways.values() for said in sayings)
