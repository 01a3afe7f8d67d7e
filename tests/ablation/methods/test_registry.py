"""The table of methods is whole, and the page about them agrees with it."""

from pathlib import Path

import pytest

from neurosym.ablation.methods import METHODS, method
from neurosym.errors import NeurosymError

PAGE = Path(__file__).parents[3] / "docs" / "ablation-methods.md"


def rows() -> dict[str, str]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    return {line.split("`")[1]: line for line in lines}


def test_each_method_says_what_is_changed() -> None:
    assert all(one.changed and "\n" not in one.changed and len(one.changed) < 90 for one in METHODS.values())
    assert len({one.changed for one in METHODS.values()}) == len(METHODS)
    assert [name for name, one in METHODS.items() if one.changed == "nothing"] == ["full"]
    assert {one.budget for one in METHODS.values()} == {"plan", "flat", "none"}
    assert all(name == one.name for name, one in METHODS.items())


def test_the_page_has_every_method() -> None:
    assert list(rows()) == list(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_the_page_says_the_same(name: str) -> None:
    assert METHODS[name].changed in rows()[name]
    assert f"| {METHODS[name].budget} |" in rows()[name]


def test_a_budget_is_one_of_three() -> None:
    with pytest.raises(
        NeurosymError, match="method 'x': the budget is one of plan, flat, none, not 'guided'"
    ):
        method("x", "all", "guided")  # type: ignore[arg-type]


def test_a_name_is_taken_once() -> None:
    with pytest.raises(NeurosymError, match="there is a method 'full' already: nothing"):
        method("full", "all", "plan")(lambda trial: None)  # type: ignore[arg-type, return-value]
