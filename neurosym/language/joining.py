"""Every way to join clauses and sentences, those that are made of two connectives included."""

from __future__ import annotations

from collections.abc import Iterable

from neurosym.language.rules import Connectives

__all__ = ["ways_to_join", "with_commas"]


def ways_to_join(joining: Connectives) -> dict[str, tuple[str, ...]]:
    """The sayings of each kind of connective; the kind of two together, as in ", then", is that of the stronger."""
    leads = (*joining.both, *joining.comma)
    later = [said for said in joining.then if not said.startswith(leads)]
    then = (*joining.then, *_follow(leads, (*later, *joining.before)))
    stop = (*joining.stop, *_follow(joining.stop, later))
    return {
        "both": joining.both,
        "comma": joining.comma,
        "then": with_commas(then, joining),
        "after": (*joining.after, *_follow(joining.comma, joining.after)),
        "before": joining.before,
        "stop": with_commas(stop, joining),
    }


def with_commas(sayings: Iterable[str], joining: Connectives) -> tuple[str, ...]:
    """The same, and each with a comma behind it where there are commas."""
    sayings = tuple(sayings)
    return (*sayings, *_follow(sayings, joining.comma[:1]))


def _follow(leads: Iterable[str], sayings: Iterable[str]) -> list[str]:
    return [f"{lead} {said}" for lead in leads for said in sayings]
