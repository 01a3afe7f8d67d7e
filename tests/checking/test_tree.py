from __future__ import annotations

from pathlib import Path

import pytest

from neurosym.checking.finding import Sheet
from neurosym.checking.tree import grow_tree
from neurosym.domain import load_domain
from neurosym.planning.sexpr import Source, parse_tree
from tests.worlds import ALLEY_FOLDER

FILES = [
    ALLEY_FOLDER / "domain.pddl",
    load_domain("minigrid").folder / "domain.pddl",
    load_domain("minigrid").folder / "p01.pddl",
    Path(__file__).parent / "p01" / "p01.pddl",
]
WHOLE = "(define (domain d) (:predicates (p ?x) (q ?x)) (:action a :parameters (?x) :effect (and (p ?x))))"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_sound_text_grows_the_tree_that_the_reader_reads(path: Path) -> None:
    text = path.read_text()
    assert grow_tree(Sheet(path, text)) == (parse_tree(Source(text)), [])


@pytest.mark.parametrize("place", [place for place, letter in enumerate(WHOLE) if letter in "()"])
def test_a_lost_parenthesis_is_reported(place: int) -> None:
    _, findings = grow_tree(Sheet(Path("d.pddl"), WHOLE[:place] + WHOLE[place + 1 :]))
    assert findings != []


@pytest.mark.parametrize(
    ("broken", "column"),
    [
        (WHOLE.replace("(p ?x) (q", "(p ?x (q"), 37),
        (WHOLE.replace("(q ?x)) ", "(q ?x) "), 45),
        (WHOLE.replace("(?x) :effect", "(?x :effect"), 73),
        (WHOLE[:-1], len(WHOLE) - 1),
    ],
)
def test_a_missing_parenthesis_is_put_where_it_belongs(broken: str, column: int) -> None:
    tree, (finding,) = grow_tree(Sheet(Path("d.pddl"), broken))
    assert (finding.code, finding.column) == ("pddl-parenthesis", column)
    assert shape(tree) == shape(parse_tree(Source(WHOLE)))


@pytest.mark.parametrize("extra", [WHOLE.replace("(?x) :effect", "(?x)) :effect"), WHOLE + ")"])
def test_a_parenthesis_too_many_is_left_out(extra: str) -> None:
    tree, (finding,) = grow_tree(Sheet(Path("d.pddl"), extra))
    assert finding.code == "pddl-parenthesis"
    assert shape(tree) == shape(parse_tree(Source(WHOLE)))


def test_no_text_at_all() -> None:
    tree, (finding,) = grow_tree(Sheet(Path("d.pddl"), " ; nothing\n"))
    assert tree.items == ()
    assert finding.code == "pddl-syntax"


def shape(node: object) -> object:
    """The tree without places."""
    items = getattr(node, "items", None)
    return getattr(node, "text", None) if items is None else [shape(item) for item in items]
