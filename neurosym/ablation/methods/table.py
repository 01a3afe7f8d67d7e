"""The methods: each is the full agent with one thing changed. torch is imported when one is set to work."""

from __future__ import annotations

from typing import Any

from neurosym.ablation.methods.registry import Contender, Trial, method

__all__: list[str] = []


@method("full", "nothing", "plan")
def _full(trial: Trial) -> Contender:
    from neurosym.ablation.methods.practised import Practised

    return Practised(trial)


@method("flat", "no plan: the goal stands where a plan's step is told, and only the end is paid", "flat")
def _flat(trial: Trial) -> Contender:
    from neurosym.ablation.methods.flat import goal_and_words

    return _practise_flat(trial, goal_and_words)


@method("flat-raw", "flat, and told the raw view and the mission's words instead of the belief", "flat")
def _flat_raw(trial: Trial) -> Contender:
    from neurosym.ablation.methods.flat import view_and_words

    return _practise_flat(trial, view_and_words)


@method("scripted", "options written by hand instead of learned ones", "none")
def _scripted(trial: Trial) -> Contender:
    from neurosym.ablation.methods.practised import Untaught

    return Untaught(trial, trial.domain.scripted_controller())


def _practise_flat(trial: Trial, make_tellers: Any, **changes: Any) -> Contender:
    from neurosym.ablation.methods.flat import flat_spec, guide_flat
    from neurosym.ablation.methods.practised import Practised

    return Practised(trial, guide_flat(make_tellers), spec=flat_spec(trial, make_tellers), **changes)
