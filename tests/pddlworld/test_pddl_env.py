"""The environment by itself: gymnasium's checks, PDDL's semantics, bounds."""

from __future__ import annotations

import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import neurosym.pddlworld.grounding as grounding
from neurosym.errors import PlanningError
from neurosym.pddlworld import PddlDomain, PddlEnv
from tests.pddlworld.files import FOLDER, WORLDS, name_of, shortest, write_files

Files = tuple[Path, Path]
GRIPPER = (FOLDER / "gripper" / "domain.pddl", FOLDER / "gripper" / "p01.pddl")
LENGTHS = {
    "blocks-p01": 6,
    "blocks-p02": 8,
    "briefcase-p01": 7,
    "elevator-p01": 6,
    "ferry-p01": 6,
    "ferry-p02": 9,
    "gripper-p01": 5,
    "logistics-p01": 4,
    "visit-all-p01": 5,
    "visit-all-p02": 7,
}


@pytest.mark.parametrize("files", WORLDS, ids=name_of)
def test_gymnasium_has_nothing_to_say(files: Files) -> None:
    check_env(PddlEnv(*files), skip_render_check=True)


@pytest.mark.parametrize("mode", ["ansi", "rgb_array"])
def test_an_environment_that_is_registered(mode: str) -> None:
    gymnasium.register("Gripper-v0", PddlEnv, kwargs={"domain": GRIPPER[0], "problem": GRIPPER[1]})
    try:
        env = gymnasium.make("Gripper-v0", render_mode=mode, max_episode_steps=5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about the wrappers of its own
            check_env(env.unwrapped)
        env.close()
    finally:
        del gymnasium.registry["Gripper-v0"]


def test_seeds_repeat_and_resets_start_anew() -> None:
    env = PddlEnv(*GRIPPER)
    first, info = env.reset(seed=3)
    for action in range(int(env.action_space.n)):
        env.step(action)
    again, info_again = env.reset(seed=3)
    assert np.array_equal(first, again)
    assert info_again["total_cost"] == info["total_cost"] == 0.0
    assert env.action_space.n == len(env.action_names) == len(info["action_mask"])
    assert env.observation_space.shape == (len(env.fluent_names),) == first.shape


def test_names_are_stable_and_what_never_changes_is_left_out() -> None:
    env = PddlEnv(FOLDER / "visit-all" / "domain.pddl", FOLDER / "visit-all" / "p01.pddl")
    assert env.action_names[:3] == ("(walk x0y0 x1y0)", "(walk x0y0 x0y1)", "(walk x1y0 x0y0)")
    assert all(name.startswith(("(at ", "(visited ")) for name in env.fluent_names)
    assert list(env.fluent_names) == sorted(env.fluent_names)
    assert "(visited x0y0)" not in env.fluent_names, "it holds from the start and is never undone"
    assert "(visited x0y0)" in {str(atom) for atom in env.state()}


@pytest.mark.parametrize("files", [files for files in WORLDS if name_of(files) in LENGTHS], ids=name_of)
def test_shortest_plans_by_breadth_first_search(files: Files) -> None:
    assert shortest(PddlEnv(*files, max_steps=None)) == LENGTHS[name_of(files)]
    plan = PddlDomain(*files).plan(time_limit_s=20).plan
    assert plan is not None
    assert len(plan) >= LENGTHS[name_of(files)]


def test_an_illegal_action_changes_nothing() -> None:
    env = PddlEnv(*GRIPPER)
    before, info = env.reset()
    number = env.action_names.index("(drop b1 kitchen left)")
    assert not info["action_mask"][number]
    after, reward, terminated, truncated, info = env.step(number)
    assert np.array_equal(before, after)
    assert (reward, terminated, truncated, info["legal"], info["cost"]) == (0.0, False, False, False, 0.0)
    assert env.step(env.action_names.index("(move kitchen hall)"))[4]["legal"]


def test_the_step_limit_truncates_and_the_goal_terminates() -> None:
    env = PddlEnv(*GRIPPER, max_steps=2)
    env.reset()
    assert env.step(0)[2:4] == (False, False)
    assert env.step(0)[2:4] == (False, True)
    plan = PddlDomain(*GRIPPER).plan(time_limit_s=20).plan
    assert plan is not None
    env = PddlEnv(*GRIPPER, max_steps=len(plan))
    env.reset()
    results = [env.step(env.action_names.index(str(step))) for step in plan.steps]
    assert [result[1] for result in results] == [0.0] * (len(plan) - 1) + [1.0]
    assert results[-1][2:4] == (True, False), "the goal at the last step is no time limit"


def test_effects_delete_first_and_all_conditions_are_looked_at_before(tmp_path: Path) -> None:
    domain = """(:predicates (p) (q) (r) (done))
    (:action turn :effect (and
      (not (p)) (p)
      (when (q) (and (r) (not (q))))
      (when (r) (and (q) (not (r))))
      (when (not (done)) (done))))
    (:action lose :effect (not (p))))"""
    env = PddlEnv(*write_files(tmp_path, domain, "(:init (p) (q)) (:goal (and (p) (q) (done))))"))
    env.reset()
    env.step(0)
    assert {str(atom) for atom in env.state()} == {"(p)", "(r)", "(done)"}
    _, reward, reached, _, _ = env.step(0)
    assert {str(atom) for atom in env.state()} == {"(p)", "(q)", "(done)"}
    assert (reward, reached) == (1.0, True)


def test_a_goal_that_holds_from_the_start_is_reached_by_any_action(tmp_path: Path) -> None:
    domain = "(:predicates (p)) (:action lose :precondition (p) :effect (not (p))))"
    env = PddlEnv(*write_files(tmp_path, domain, "(:init (p)) (:goal (p)))"))
    _, info = env.reset()
    assert info["goal"]
    assert env.step(0)[1:3] == (1.0, True)


def test_rendering() -> None:
    env = PddlEnv(*GRIPPER, render_mode="ansi")
    env.reset()
    assert env.render().splitlines() == [
        "(ball-in b1 kitchen)",
        "(ball-in b2 kitchen)",
        "(free left)",
        "(free right)",
        "(robot-in kitchen)",
    ]
    picture = PddlEnv(*GRIPPER, render_mode="rgb_array")
    picture.reset()
    first = picture.render()
    assert (first.dtype, first.ndim, first.shape[2]) == (np.uint8, 3, 3)
    picture.step(picture.action_names.index("(move kitchen hall)"))
    assert not np.array_equal(first, picture.render())
    with pytest.raises(ValueError, match="render_mode"):
        PddlEnv(*GRIPPER, render_mode="human")


def test_too_many_actions_are_refused_with_the_number(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = write_files(
        tmp_path,
        "(:types t) (:predicates (p ?x ?y - t)) (:action go :parameters (?x ?y - t) :effect (p ?x ?y)))",
        "(:objects a b c - t) (:init) (:goal (p a a)))",
    )
    assert PddlEnv(*files).action_space.n == 9
    grounding_of = files[1].read_text(encoding="utf-8")
    monkeypatch.setattr(grounding, "MOST_ACTIONS", 8)
    files[1].write_text(grounding_of + " ", encoding="utf-8")  # another text: worlds are kept by it
    with pytest.raises(PlanningError, match=r"p: 9 ground actions .* at most 8"):
        PddlEnv(*files)
    monkeypatch.setattr(grounding, "MOST_BINDINGS", 5)
    with pytest.raises(PlanningError, match="more than 5 bindings were tried for go"):
        PddlEnv(*files)


@pytest.mark.parametrize("effect", ["(q)", "(and)"])
def test_a_world_in_which_nothing_changes(tmp_path: Path, effect: str) -> None:
    files = write_files(
        tmp_path, f"(:predicates (q)) (:action go :effect {effect}))", "(:init (q)) (:goal (q)))"
    )
    with pytest.raises(PlanningError, match="no action that can be reached changes anything"):
        PddlEnv(*files)


def test_a_cost_without_a_value(tmp_path: Path) -> None:
    domain = """(:types t) (:predicates (p)) (:functions (total-cost) (toll ?x - t))
    (:action go :parameters (?x - t) :effect (and (p) (increase (total-cost) (toll ?x)))))"""
    files = write_files(tmp_path, domain, "(:objects a b - t) (:init (= (toll a) 2)) (:goal (p)))")
    with pytest.raises(PlanningError, match=r"\(go b\) costs \(toll b\), which has no value"):
        PddlEnv(*files)
