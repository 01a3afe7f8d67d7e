from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from neurosym.evaluation import EpisodeResult, run_episode
from neurosym.replay import Recorder, repeat_episode
from neurosym.replay.failures import choose_failures, keep_failure, write_index
from tests.cli.conftest import VisibleWalker, WalkDomain
from tests.fakes import Corridor
from tests.test_evaluation import raise_it

META = {"version": "1", "weights": "0123"}
NASTY = '</script><script>document.documentElement.dataset.broken="1"</script><b>"&'


def lost(seed: int = 4, agent: VisibleWalker | None = None) -> EpisodeResult:
    """An episode of someone who leaves where it is far."""
    return run_episode(agent or leaver(), Corridor(), "Walk-v0", seed)


def leaver() -> VisibleWalker:
    return VisibleWalker(policy=lambda obs: 2 if obs["image"][0] == 3 else 1)


def episode(task: str, seed: int, success: bool) -> EpisodeResult:
    return EpisodeResult(
        task, seed, success, 5, float(success), "" if success else "option", "", 1, 0, 0.1, 0.2
    )


def test_the_first_failures_of_each_task_are_chosen() -> None:
    episodes = [episode(task, seed, success=seed == 1) for task in "ab" for seed in range(5)]
    assert [(one.task, one.seed) for one in choose_failures(episodes, 2)] == [
        ("a", 0),
        ("a", 2),
        ("b", 0),
        ("b", 2),
    ]


def test_a_failure_is_played_again_and_kept(tmp_path: Path) -> None:
    failed = lost()
    record = keep_failure(leaver(), WalkDomain(), failed, tmp_path, META)
    assert json.loads((tmp_path / "Walk-v0" / "4.json").read_text()) == record
    assert record == {
        "task": "Walk-v0",
        "seed": 4,
        "cause": "option",
        "error": "",
        "steps": 3,
        "return": 0.0,
        "repeated": True,
        "mission": "walk to the end",
        "actions": ["walk", "walk", "leave"],
        "events": [],
        "plan": [],
        "instruction": "",
        "page": "Walk-v0/4.html",
        "made_with": META,
    }
    assert "walk to the end" in (tmp_path / record["page"]).read_text()


def test_what_is_kept_stays_until_something_else_made_it(tmp_path: Path) -> None:
    failed, again = lost(), leaver()
    keep_failure(leaver(), WalkDomain(), failed, tmp_path, META)
    keep_failure(again, WalkDomain(), failed, tmp_path, META)
    assert again.counters.plans == 0
    record = keep_failure(again, WalkDomain(), failed, tmp_path, {**META, "weights": "4567"})
    assert again.counters.plans == 1
    assert record["made_with"]["weights"] == "4567"
    (tmp_path / "Walk-v0" / "4.json").write_text("{")
    keep_failure(again, WalkDomain(), failed, tmp_path, META)
    assert again.counters.plans == 2


def test_an_episode_that_goes_another_way_is_marked(tmp_path: Path) -> None:
    record = keep_failure(VisibleWalker(), WalkDomain(), lost(), tmp_path, META)
    assert not record["repeated"]
    assert (record["steps"], len(record["actions"])) == (3, 5)


def test_an_episode_without_a_level_has_a_page(tmp_path: Path) -> None:
    class Barren(WalkDomain):
        def make_env(self, task_id: str, render: bool = False) -> Any:
            env = super().make_env(task_id, render)
            env.reset = raise_it(RecursionError("no level could be drawn"))  # type: ignore[method-assign]
            return env

    domain = Barren()
    failed = run_episode(VisibleWalker(), _quiet(domain), "Walk-v0", 4)
    record = keep_failure(VisibleWalker(), domain, failed, tmp_path, META)
    assert record["repeated"]
    assert "no level could be drawn" in record["error"]
    assert (record["mission"], record["actions"]) == ("", [])


def _quiet(domain: Any) -> Any:
    env = domain.make_env("Walk-v0")
    reset = env.reset
    env.reset = lambda seed: reset(seed)
    return env


def test_a_recorder_takes_several() -> None:
    recorder = Recorder("two")
    for seed in (4, 1):
        repeat_episode(leaver(), WalkDomain(), lost(seed), recorder)
    assert [one.seed for one in recorder.episodes] == [4, 1]
    assert [one.outcome.steps for one in recorder.episodes if one.outcome] == [3, 2]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    entries = [
        ("Walk-v0", 4, "option", "go"),
        ("Walk-v0", 9, "planner", NASTY),
        ("ns/Run-v0", 3, "option", "go"),
    ]
    records = [
        {
            "task": task,
            "seed": seed,
            "mission": mission,
            "cause": cause,
            "error": "",
            "steps": 12,
            "repeated": seed != 3,
            "instruction": "walk",
            "events": [[1, "plan", "(walk)"], [9, "failed", f"(walk {seed}): {mission}"]],
            "page": f"{task}/{seed}.html",
        }
        for task, seed, cause, mission in entries
    ]
    return write_index(
        tmp_path, records, {"Walk-v0": 7, "ns/Run-v0": 1}, {"Walk-v0": 10, "ns/Run-v0": 10}, META
    )


def links(dom: str) -> list[str]:
    return re.findall(r'<a href="([^"]*)"', dom)


def test_the_index_lists_failures_by_task(index: Path, chromium: Any) -> None:
    dom = chromium.dom(index)
    assert 'data-state="ready"' in dom
    assert "data-broken" not in dom
    assert links(dom) == ["Walk-v0/4.html", "Walk-v0/9.html", "ns/Run-v0/3.html"]
    assert "8 failed episodes" in dom
    assert "7 of 10 episodes failed, 2 kept" in dom
    assert "(walk 4): go" in dom
    assert dom.count('class="otherwise"') == 1


@pytest.mark.parametrize(
    ("address", "seeds"),
    [
        ("task=Walk-v0", ["4", "9"]),
        ("cause=option", ["4", "3"]),
        ("task=Walk-v0&cause=option", ["4"]),
        ("words=walk+9", ["9"]),
        ("words=nothing", []),
    ],
)
def test_the_index_is_filtered(index: Path, chromium: Any, address: str, seeds: list[str]) -> None:
    assert [re.findall(r"\d+", link)[-1] for link in links(chromium.dom(index, address))] == seeds


def test_the_index_loads_nothing(index: Path, read_page: Any) -> None:
    reader = read_page(index)
    policies = [a["content"] for _, a in reader.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policies[0]
    assert "unsafe" not in policies[0]
    assert not [tag for tag, attributes in reader.tags if "src" in attributes or tag == "link"]


def test_a_screenshot_shows_the_list(index: Path, chromium: Any) -> None:
    light = chromium.screenshot(index, "theme=light", (1000, 700))
    assert light[:6].mean() > 200
    assert light[130:400, 40:700].std() > 20, "nothing is listed"
    assert chromium.screenshot(index, "theme=dark", (420, 700))[:6].mean() < 60
