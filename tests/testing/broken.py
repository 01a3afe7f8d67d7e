"""The alley with one thing wrong with it, in many ways: each breaks one law."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from neurosym.domain import Domain, Task, load_domain
from neurosym.symbols import Atom
from tests.worlds import ALLEY, ALLEY_FOLDER, alley

AlleyBelief: Any = type(ALLEY.belief(1))
AlleyDomain: Any = type(ALLEY)
GHOST = Atom("lies", ("ghost", "z0"))


def with_belief(**methods: Any) -> Domain:
    """The alley with another belief."""
    kind = type("Belief", (AlleyBelief,), methods)
    return with_domain(belief=lambda self, count: kind(self.model, count))


def with_domain(**methods: Any) -> Domain:
    return type("BrokenAlley", (AlleyDomain,), methods)()


def with_env(**methods: Any) -> Domain:
    """The alley with other environments."""
    kind: Any = type("Env", (alley.AlleyEnv,), methods)
    return with_domain(make_env=lambda self, task, render=False: kind(gated=task == "Alley-v0"))


def with_file(folder: Path, name: str, change: Callable[[str], str]) -> Domain:
    """A copy of the alley's folder in which one file was changed; one that becomes empty is taken away."""
    shutil.copytree(ALLEY_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = change((folder / name).read_text())
    (folder / name).write_text(text) if text else (folder / name).unlink()
    return load_domain(folder)


def swap(old: str, new: str) -> Callable[[str], str]:
    """Write one thing for another; it must be there."""

    def change(text: str) -> str:
        assert old in text, f"{old!r} is not there to be changed"
        return text.replace(old, new)

    return change


# Methods that are wrong. ------------------------------------------------------------------------------------------


def believe_also(atom: Atom) -> Any:
    return lambda self, index: AlleyBelief.state(self, index) | {atom}


def believe_no(predicate: str) -> Any:
    def state(self: Any, index: int) -> Any:
        return frozenset(atom for atom in AlleyBelief.state(self, index) if atom.predicate != predicate)

    return state


def state_of_the_first(self: Any, index: int) -> Any:
    """What boxes may hold is forgotten in all worlds while the agent of the first one stands on the left."""
    found = AlleyBelief.state(self, index)
    if index and self.image[0, alley.PLACE] < 4:
        return frozenset(atom for atom in found if atom.predicate != "may-hold")
    return found


def begin_all(self: Any, mask: Any, observation: Any) -> None:
    AlleyBelief.begin(self, np.ones_like(mask), observation)


def begin_keeping(self: Any, mask: Any, observation: Any) -> None:
    held = self.held.copy()
    AlleyBelief.begin(self, mask, observation)
    self.held |= held


def achieved_and_forgotten(self: Any, subgoals: Any) -> Any:
    self.first[:] = 0
    return AlleyBelief.achieved(self, subgoals)


def surprised_at_once(self: Any) -> Any:
    return np.ones(len(self.image), dtype=np.bool_)


def keep_observation(self: Any, actions: Any, observation: Any) -> None:
    AlleyBelief.update(self, actions, observation)
    self.image = observation["image"]


def begin_with_kept(self: Any, mask: Any, observation: Any) -> None:
    self.image = self.image.copy()
    AlleyBelief.begin(self, mask, observation)


def coarse_situations(self: Any, which: Any, stages: Any, later: Any = None) -> Any:
    return [entry._replace(facts="the same") for entry in AlleyBelief.situations(self, which, stages, later)]


def priceless_situations(self: Any, which: Any, stages: Any, later: Any = None) -> Any:
    found = AlleyBelief.situations(self, which, stages, later)
    return [entry._replace(facts=self.state(int(n))) for n, entry in zip(which, found, strict=True)]


def aim_without(name: str) -> Any:
    def aim(self: Any, index: int, step: Any, following: Any) -> Any:
        return None if step.name == name else AlleyBelief.aim(self, index, step, following)

    return aim


def aim_nowhere_in_the_second(self: Any, index: int, step: Any, following: Any) -> Any:
    return None if index == 1 else AlleyBelief.aim(self, index, step, following)


def subgoals_of_nothing(self: Any, which: Any, aims: Any) -> Any:
    return np.zeros_like(aims), np.ones(len(aims), dtype=np.int64)


def no_budget(self: Any, which: Any, aims: Any) -> Any:
    return aims, np.zeros(len(aims), dtype=np.int64)


def spoil_features(spoil: Callable[[Any, Any], Any]) -> Any:
    def features(self: Any, subgoals: Any, which: Any = None, out: Any = None) -> Any:
        found = spoil(*AlleyBelief.features(self, subgoals, which))
        if out is None:
            return found
        out[0][:], out[1][:] = found
        return out

    return features


def features_of_all(self: Any, subgoals: Any, which: Any = None, out: Any = None) -> Any:
    return AlleyBelief.features(self, subgoals, None, out)


def features_beside(self: Any, subgoals: Any, which: Any = None, out: Any = None) -> Any:
    return AlleyBelief.features(self, subgoals, which)


def achieved_for_nothing(self: Any, subgoals: Any) -> Any:
    return AlleyBelief.achieved(self, subgoals) | (subgoals[:, 0] == 0)


def achieved_beside(self: Any, subgoals: Any) -> Any:
    return AlleyBelief.achieved(self, subgoals) | (subgoals.any() & (subgoals[:, 0] == 0))


def problem_changed(change: Callable[[Any, Any], Any]) -> Any:
    def problem(self: Any, index: int, stage: Any, setbacks: Any, later: Any = ()) -> Any:
        return change(AlleyBelief.problem(self, index, stage, setbacks, later), setbacks)

    return problem


def ignore_setbacks(self: Any, index: int, stage: Any, setbacks: Any, later: Any = ()) -> Any:
    return AlleyBelief.problem(self, index, stage, {}, later)


def reward_setbacks(found: Any, setbacks: Any) -> Any:
    factor = 0.5 if setbacks else 1.0
    return replace(found, costs=tuple((atom, cost * factor) for atom, cost in found.costs))


def free_of_charge(found: Any, setbacks: Any) -> Any:
    return replace(found, costs=())


def step_by_chance(part: int) -> dict[str, Any]:
    """Environments of which one part of an outcome is another each time."""
    rng = np.random.default_rng(0)

    def step(self: Any, action: int) -> Any:
        outcome = list(alley.AlleyEnv.step(self, action))
        if part == 0:
            outcome[0]["image"][0] = rng.integers(2)
        else:
            outcome[part] += rng.random()
        return tuple(outcome)

    return {"step": step}


def other_missions() -> dict[str, Any]:
    missions = itertools.cycle(("ring the bell", "fetch the coin", "ring the bell, then fetch the coin"))

    def reset(self: Any, *, seed: Any = None, options: Any = None) -> Any:
        alley.AlleyEnv.reset(self, seed=seed, options=options)
        level = self.alleys.playing[0]
        self.alleys.put(0, replace(level, mission=next(missions)))
        return self._observe(), {}

    return {"reset": reset}


def worn_out() -> dict[str, Any]:
    """An environment that does not begin as it did before once it was used."""

    def reset(self: Any, *, seed: Any = None, options: Any = None) -> Any:
        self.uses = getattr(self, "uses", -1) + 1
        return alley.AlleyEnv.reset(self, seed=None if seed is None else seed + self.uses)

    return {"reset": reset}


def practice_by_chance(self: Any, levels: Any, count: int, seed: int) -> Any:
    return alley.Alleys(levels, count, next(_SEEDS))


_SEEDS = itertools.count()


class _Hinting(alley.Alleys):
    """Training worlds that show more than environments do."""

    def observation(self) -> Any:
        return {**super().observation(), "coin": np.array([level.coin for level in self.playing])}


def practice_with_hints(self: Any, levels: Any, count: int, seed: int) -> Any:
    return _Hinting(levels, count, seed)


def stack_in_reverse(self: Any, observations: Any) -> Any:
    stacked = AlleyDomain.stack(self, observations)
    return {"image": stacked["image"][::-1].copy(), "mission": stacked["mission"]}


def stack_without_missions(self: Any, observations: Any) -> Any:
    return {"image": AlleyDomain.stack(self, observations)["image"]}


def peeking() -> Domain:
    """A belief that looks into the box of the environment that runs, by the back door."""
    running: list[Any] = [None]

    def reset(self: Any, *, seed: Any = None, options: Any = None) -> Any:
        running[0] = self
        return alley.AlleyEnv.reset(self, seed=seed, options=options)

    def close(self: Any) -> None:
        running[0] = None

    def state(self: Any, index: int) -> Any:
        found = AlleyBelief.state(self, index)
        return (
            found if running[0] is None else found - {atom for atom in found if atom.predicate == "may-hold"}
        )

    env: Any = type("Env", (alley.AlleyEnv,), {"reset": reset, "close": close})
    belief = type("Belief", (AlleyBelief,), {"state": state})
    return with_domain(
        make_env=lambda self, task, render=False: env(gated=task == "Alley-v0"),
        belief=lambda self, count: belief(self.model, count),
    )


def step_that_stumbles(self: Any, action: int) -> Any:
    raise RuntimeError("the floor is gone")


def misspoken() -> Domain:
    """What it says of a goal asks for the stages in another order."""
    domain = with_domain()
    usual = domain.translator.say
    domain.translator.say = lambda goal: usual(replace(goal, stages=goal.stages[::-1]))  # type: ignore[method-assign]
    return domain


def tasks_with_an_odd_example(self: Any) -> Any:
    return (*AlleyDomain.tasks(self), Task("Alley-Odd-v0", available=False, mission="paint the bell"))


# The ways: what is broken, the law that is to say so, and words that its finding holds. ---------------------------

METHODS: dict[str, tuple[str, str, Callable[[], Domain]]] = {
    "another model": (
        "PDDL parses",
        "model is not what the file says",
        lambda: with_domain(model=replace(ALLEY.model, name="avenue")),
    ),
    "an atom over a ghost": (
        "bindings cover",
        "(lies ghost z0) is about ghost, which is no object",
        lambda: with_belief(state=believe_also(GHOST)),
    ),
    "an atom of another length": (
        "bindings cover",
        "takes 2 arguments",
        lambda: with_belief(state=believe_also(Atom("lies", ("coin",)))),
    ),
    "an atom of another model": (
        "bindings cover",
        "has no 'flies'",
        lambda: with_belief(state=believe_also(Atom("flies"))),
    ),
    "an atom over another type": (
        "bindings cover",
        "about coin, a coin, where the model has a zone",
        lambda: with_belief(state=believe_also(Atom("in", ("coin",)))),
    ),
    "a predicate nobody perceives": (
        "bindings cover",
        "the predicate links is read",
        lambda: with_belief(state=believe_no("links")),
    ),
    "an operator without an aim": (
        "bindings cover",
        "the operator open-box has no aim",
        lambda: with_belief(aim=aim_without("open-box")),
    ),
    "no costs": (
        "bindings cover",
        "(reach ",
        lambda: with_belief(problem=problem_changed(free_of_charge)),
    ),
    "an idle action too many": (
        "bindings cover",
        "the idle action 7",
        lambda: with_domain(idle_actions=(0, 7)),
    ),
    "worlds are mixed up": (
        "beliefs agree",
        "of a batch is believed what is not believed of it alone",
        lambda: with_belief(state=state_of_the_first),
    ),
    "begin forgets everything": (
        "beliefs agree",
        "",
        lambda: with_belief(begin=begin_all),
    ),
    "begin does not forget": (
        "beliefs agree",
        "begin does not forget: (held coin)",
        lambda: with_belief(begin=begin_keeping),
    ),
    "asking has effects": (
        "beliefs agree",
        "changes by being asked",
        lambda: with_belief(achieved=achieved_and_forgotten),
    ),
    "surprised at the beginning": (
        "beliefs agree",
        "surprised although the episode begins",
        lambda: with_belief(surprised=surprised_at_once),
    ),
    "the observation is kept": (
        "beliefs agree",
        "keeps the observation",
        lambda: with_belief(update=keep_observation, begin=begin_with_kept),
    ),
    "situations are too coarse": (
        "beliefs agree",
        "and the problem is another",
        lambda: with_belief(situations=coarse_situations),
    ),
    "situations leave costs out": (
        "beliefs agree",
        "and the problem has other costs",
        lambda: with_belief(situations=priceless_situations),
    ),
    "an example that is not understood": (
        "instructions round-trip",
        "Alley-Odd-v0: its example 'paint the bell' is not understood",
        lambda: with_domain(tasks=tasks_with_an_odd_example),
    ),
    "goals are said wrongly": ("instructions round-trip", "which asks for", misspoken),
    "observations by chance": (
        "seeds repeat",
        "observation 'image' differs",
        lambda: with_env(**step_by_chance(0)),
    ),
    "rewards by chance": ("seeds repeat", "reward was", lambda: with_env(**step_by_chance(1))),
    "missions by chance": ("seeds repeat", "observation 'mission' was", lambda: with_env(**other_missions())),
    "an environment wears out": ("seeds repeat", "", lambda: with_env(**worn_out())),
    "training by chance": (
        "seeds repeat",
        "training worlds, step 0",
        lambda: with_domain(training_worlds=practice_by_chance),
    ),
    "no aim in one world": (
        "options can be initiated",
        "there is nothing to aim at",
        lambda: with_belief(aim=aim_nowhere_in_the_second),
    ),
    "empty subgoals": (
        "options can be initiated",
        "a row of zeros",
        lambda: with_belief(subgoals=subgoals_of_nothing),
    ),
    "no budget": (
        "options can be initiated",
        "the budget is 0 steps",
        lambda: with_belief(subgoals=no_budget),
    ),
    "features are not finite": (
        "options can be initiated",
        "finite and of order one, got nan",
        lambda: with_belief(
            features=spoil_features(lambda sparse, dense: (sparse, dense * np.float32("nan")))
        ),
    ),
    "features are large": (
        "options can be initiated",
        "finite and of order one, got 100",
        lambda: with_belief(features=spoil_features(lambda sparse, dense: (sparse, dense * np.float32(100)))),
    ),
    "features are too wide": (
        "options can be initiated",
        "wide, expected",
        lambda: with_belief(
            features=spoil_features(lambda sparse, dense: (sparse, np.hstack([dense, dense])))
        ),
    ),
    "features beyond the table": (
        "options can be initiated",
        "must lie between 0 and",
        lambda: with_belief(features=spoil_features(lambda sparse, dense: (sparse + np.int32(9999), dense))),
    ),
    "features of all when some are asked for": (
        "options can be initiated",
        "differ when they are asked for alone",
        lambda: with_belief(features=features_of_all),
    ),
    "features are written elsewhere": (
        "options can be initiated",
        "not written into the arrays",
        lambda: with_belief(features=features_beside),
    ),
    "nothing is achieved": (
        "no subgoal is never achieved",
        "no subgoal is said to be achieved",
        lambda: with_belief(achieved=achieved_for_nothing),
    ),
    "nothing is achieved beside others": (
        "no subgoal is never achieved",
        "when another world is told",
        lambda: with_belief(achieved=achieved_beside),
    ),
    "setbacks are ignored": (
        "setbacks make something dearer",
        "costs as much after a setback",
        lambda: with_belief(problem=ignore_setbacks),
    ),
    "setbacks are rewarded": (
        "setbacks make something dearer",
        "after a setback",
        lambda: with_belief(problem=problem_changed(reward_setbacks)),
    ),
    "a stack loses missions": (
        "evaluation sees observations only",
        "",
        lambda: with_domain(stack=stack_without_missions),
    ),
    "a stack is mixed up": (
        "evaluation sees observations only",
        "'image' is another in a stack",
        lambda: with_domain(stack=stack_in_reverse),
    ),
    "the belief peeks": ("evaluation sees observations only", "more than the observations", peeking),
    "training shows more": (
        "evaluation sees observations only",
        "'coin' is integers of shape [] in training worlds and missing in environments",
        lambda: with_domain(training_worlds=practice_with_hints),
    ),
    "an environment that fails": (
        "evaluation sees observations only",
        "RuntimeError: the floor is gone",
        lambda: with_env(step=step_that_stumbles),
    ),
}

FILES: dict[str, tuple[str, str, str, Callable[[str], str]]] = {
    "a bracket too few": ("PDDL parses", "domain.pddl", "domain.pddl", lambda text: text.rstrip()[:-1]),
    "an undeclared predicate": (
        "PDDL parses",
        "ajar",
        "domain.pddl",
        swap("(not (open ?g))", "(not (ajar ?g))"),
    ),
    "no problem": ("PDDL parses", "there is no such file", "p01.pddl", lambda text: ""),
    "a problem about nothing": ("PDDL parses", "p01.pddl", "p01.pddl", swap("(in z0)", "(in z9)")),
    "a plan that fails": (
        "plans replay",
        "p01.plan: step 1, (pass-gate",
        "p01.plan",
        swap("(open-gate gate_1 z0 z1)\n", ""),
    ),
    "no plan": ("plans replay", "cannot read the plan", "p01.plan", lambda text: ""),
    "goals out of reach": (
        "plans replay",
        "there is no plan in any sampled state",
        "domain.pddl",
        lambda text: swap("(and (held ?c) ", "(and ")(swap("(and (rung ?b) ", "(and ")(text)),
    ),
    "an invalid plan that is valid": (
        "invalid plans are rejected",
        "it solves the problem",
        "p01_invalid.plan",
        swap("; A shut gate cannot be passed.", "(open-gate gate_1 z0 z1)"),
    ),
    "an invalid plan that cannot be read": (
        "invalid plans are rejected",
        "should be a plan that can be read and fails",
        "p01_invalid.plan",
        swap("(take coin_1 z1)", "take a coin"),
    ),
    "no invalid plan": ("invalid plans are rejected", "cannot read", "p01_invalid.plan", lambda text: ""),
    "an operator without words": (
        "instructions round-trip",
        "do not say operator 'ring'",
        "missions.toml",
        swap('"ring ?bell ?zone" = "ring {bell}"\n', ""),
    ),
    "two operators with the same words": (
        "instructions round-trip",
        "open-gate and pass-gate share their words",
        "missions.toml",
        swap('"go through {gate}"', '"open {gate}"'),
    ),
    "a mission that is not understood": (
        "instructions round-trip",
        "ring the bell",
        "missions.toml",
        swap('"ring {it:bell}"', '"sound {it:bell}"'),
    ),
}
