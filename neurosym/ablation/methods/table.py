"""The methods: each is the full agent with one thing changed. torch is imported when one is set to work."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from neurosym.ablation.methods.registry import Contender, Trial, method
from neurosym.errors import DomainError

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
    from neurosym.ablation.methods.flat import ViewAndWords

    return _practise_flat(trial, ViewAndWords(trial))


@method("flat-raw-recurrent", "flat-raw, and the policy has a memory: a gated recurrent unit", "flat")
def _flat_raw_recurrent(trial: Trial) -> Contender:
    from neurosym.ablation.methods.flat import ViewAndWords
    from neurosym.ablation.methods.recurrent import practise_with_memory

    return practise_with_memory(trial, ViewAndWords(trial))


@method("flat-count", "flat, and paid for views that are rare", "flat")
def _flat_count(trial: Trial) -> Contender:
    from neurosym.ablation.methods.bonus import CountBonus
    from neurosym.ablation.methods.flat import goal_and_words

    return _practise_flat(trial, goal_and_words, bonus=CountBonus(trial))


@method("flat-rnd", "flat, and paid for views that a network cannot foretell yet", "flat")
def _flat_rnd(trial: Trial) -> Contender:
    from neurosym.ablation.methods.bonus import DistillationBonus
    from neurosym.ablation.methods.flat import goal_and_words

    return _practise_flat(trial, goal_and_words, bonus=DistillationBonus(trial))


@method("meta", "options are chosen by a learned meta-controller; no planner", "plan")
def _meta(trial: Trial) -> Contender:
    from neurosym.ablation.methods.meta import practise_with_choices

    return practise_with_choices(trial)


@method("random-order", "each step is drawn from those that can be begun; no planner", "plan")
def _random_order(trial: Trial) -> Contender:
    from neurosym.ablation.methods.guided import RandomOrderExecutive

    return _practise_with(trial, RandomOrderExecutive)


@method("wrong-plan", "the plan is for another goal than the mission's", "plan")
def _wrong_plan(trial: Trial) -> Contender:
    from neurosym.ablation.methods.guided import WrongGoals
    from neurosym.ablation.methods.practised import Practised, plan_guide

    translator = WrongGoals(trial.domain.translator)
    return Practised(trial, lambda trial, worlds: plan_guide(trial, worlds, translator=translator))


@method("oracle", "the belief is told everything at the start: an upper bound, not a contender", "plan")
def _oracle(trial: Trial) -> Contender:
    from neurosym.ablation.methods.oracle import OraclePractised

    return OraclePractised(trial)


@method("scripted", "options written by hand instead of learned ones", "none")
def _scripted(trial: Trial) -> Contender:
    from neurosym.ablation.methods.practised import Untaught
    from neurosym.options.controller import RandomController

    controller = trial.domain.scripted_controller()
    if isinstance(controller, RandomController):  # what a domain has whose author wrote none
        raise DomainError(f"the domain {trial.domain.name!r} has no options written by hand")
    return Untaught(trial, controller)


@method("no-replanning", "the first plan is followed to its end, whatever is seen on the way", "plan")
def _no_replanning(trial: Trial) -> Contender:
    from neurosym.ablation.methods.guided import BlindExecutive

    return _practise_with(trial, BlindExecutive)


@method("no-continuation", "an option's values end at its subgoal: kappa is 0", "plan")
def _no_continuation(trial: Trial) -> Contender:
    from neurosym.ablation.methods.practised import Practised

    return Practised(trial, config=replace(trial.config, kappa=0.0))


@method("scrambled", "the policy is told a step drawn by lot in place of the one in hand", "plan")
def _scrambled(trial: Trial) -> Contender:
    from neurosym.ablation.methods.guided import ScrambledExecutive

    return _practise_with(trial, ScrambledExecutive)


@method("separate", "each operator has a network of its own", "plan")
def _separate(trial: Trial) -> Contender:
    from neurosym.ablation.methods.separate import practise_separately

    return practise_separately(trial)


@method("sb3", "stable-baselines3's PPO on the task's own environment: an outside witness", "flat")
def _sb3(trial: Trial) -> Contender:
    from neurosym.ablation.methods.sb3 import StableBaseline

    return StableBaseline(trial)


def _practise_with(trial: Trial, executive: Any) -> Contender:
    from neurosym.ablation.methods.practised import Practised, plan_guide

    return Practised(trial, lambda trial, worlds: plan_guide(trial, worlds, executive))


def _practise_flat(trial: Trial, make_tellers: Any, **changes: Any) -> Contender:
    from neurosym.ablation.methods.flat import FlatGuide, flat_spec
    from neurosym.ablation.methods.practised import Practised

    guide = partial(FlatGuide, make_tellers=make_tellers)
    return Practised(trial, guide, spec=flat_spec(trial, make_tellers), **changes)
