from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from neurosym import __version__
from neurosym.cli.ledger import Ledger
from neurosym.cli.solve import Solve
from neurosym.errors import CheckpointError, NeurosymError, UnavailableTaskError
from tests.cli.conftest import Run, World
from tests.test_evaluation import RECORD_KEYS
from tests.worlds import ALLEY_FOLDER, untaught


def test_json_is_what_the_design_says(run: Run, walk: World) -> None:
    said = run("solve", "Walk-v0", "Walk-v1", "--episodes", 5, "--seed", 10, "--json")
    assert said.code == 0
    assert set(said.record) == {"tasks", "summary", "version", "commit", "command"}
    assert said.record["version"] == __version__
    assert said.record["command"] == "neurosym solve Walk-v0 Walk-v1 --episodes 5 --seed 10 --json"
    first, second = said.record["tasks"]
    assert set(first) == RECORD_KEYS
    assert (first["task"], second["task"]) == ("Walk-v0", "Walk-v1")
    assert first["seeds"] == [10, 11, 12, 13, 14]
    assert first["success_rate"] == 1.0
    assert first["mean_steps"] == 3.0


def test_evaluation_seeds_start_at_a_million(run: Run, walk: World) -> None:
    record = run("solve", "Walk-v0", "--json").record
    assert record["tasks"][0]["seeds"] == list(range(1_000_000, 1_000_010))


def test_people_get_a_table(run: Run, walk: World) -> None:
    said = run("solve", "Walk-v0", "--episodes", 2)
    assert said.code == 0
    assert "Walk-v0" in said.out
    assert "100.0%" in said.out


def test_stray_prints_stay_off_standard_output(run: Run, walk: World) -> None:
    def chat(obs: Any) -> int:
        sys.stdout.write("Sampling rejected\n")
        os.write(1, b"as a child would\n")
        return 1

    walk.agent.policy = chat
    said = run("solve", "Walk-v0", "--episodes", 1, "--json")
    assert said.record["tasks"][0]["success_rate"] == 1.0
    assert "Sampling rejected" in said.err
    assert "as a child would" in said.err


def test_deprecations_are_kept_from_people_and_warnings_are_not(
    run: Run, walk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grumble(obs: Any) -> int:
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        warnings.warn("strange\nthings", UserWarning, stacklevel=1)
        return 1

    walk.agent.policy = grumble
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        quiet = run("solve", "Walk-v0", "--episodes", 1)
        monkeypatch.setenv("NEUROSYM_LOG", "debug")
        loud = run("solve", "Walk-v0", "--episodes", 1)
    assert "neurosym: UserWarning: strange things" in quiet.err
    assert "DeprecationWarning" not in quiet.err
    assert "DeprecationWarning: old" in loud.err


def test_a_domain_stands_for_its_tasks_and_what_cannot_start_is_named(run: Run, walk: World) -> None:
    said = run("solve", "walk", "--episodes", 1, "--json")
    assert said.code == 0
    assert [entry["task"] for entry in said.record["tasks"]] == ["Walk-v0", "Walk-v1"]
    assert said.record["skipped"] == [{"task": "Walk-Lost-v0", "reason": "its map is missing"}]
    assert "skipped Walk-Lost-v0: its map is missing" in said.err


def test_a_task_that_cannot_start_after_all_is_skipped(run: Run, walk: World) -> None:
    make = walk.domain.make_env

    def fail_once(task_id: str, render: bool = False) -> Any:
        if task_id == "Walk-v0":
            raise UnavailableTaskError("its floor is wet")
        return make(task_id, render)

    walk.domain.make_env = fail_once  # type: ignore[method-assign]
    said = run("solve", "Walk-v0", "Walk-v1", "--episodes", 1, "--json")
    assert said.code == 0
    assert [entry["task"] for entry in said.record["tasks"]] == ["Walk-v1"]
    assert said.record["skipped"] == [{"task": "Walk-v0", "reason": "its floor is wet"}]


def test_ctrl_c_keeps_the_tasks_that_were_finished(run: Run, walk: World) -> None:
    def tire(obs: Any) -> int:
        if walk.agent.counters.plans > 2:
            raise KeyboardInterrupt
        return 1

    walk.agent.policy = tire
    said = run("solve", "Walk-v0", "Walk-v1", "--episodes", 2, "--json")
    assert said.code == 130
    assert [entry["task"] for entry in said.record["tasks"]] == ["Walk-v0"]
    assert "interrupted" in said.err


def test_nothing_solved_is_a_failure(run: Run, walk: World) -> None:
    walk.agent.policy = lambda obs: 0
    said = run("solve", "Walk-v0", "--episodes", 2, "--json")
    assert said.code == 1
    assert said.record["tasks"][0]["failures"]["option"] == 2


def test_an_agent_that_raises_is_told_in_one_line(run: Run, walk: World) -> None:
    def stumble(obs: Any) -> int:
        raise RuntimeError("over its own\nfeet")

    walk.agent.policy = stumble
    said = run("solve", "Walk-v0", "--episodes", 1, "--json")
    assert said.code == 1
    assert "over its own" in said.err
    assert "Traceback" not in said.err
    assert said.record["tasks"][0]["failures"]["option"] == 1


def test_replay_and_gif(run: Run, walk: World, tmp_path: Path) -> None:
    page, picture = tmp_path / "a.html", tmp_path / "a.gif"
    said = run("solve", "Walk-v0", "Walk-v1", "--episodes", 7, "--replay", page, "--gif", picture)
    assert said.code == 0
    assert "walk to the end" in page.read_text()
    assert picture.read_bytes().startswith(b"GIF8")
    assert str(page) in said.err


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["Walk-v2"], "unknown task or domain 'Walk-v2'; nearest: Walk-v", 2),
        (["wolk"], "nearest: walk", 2),
        ([], "name at least one task", 2),
        (["Walk-v0", "--episodes", "0"], "--episodes must be at least 1", 2),
        (["Walk-v0", "--seed", "-1"], "--seed must not be negative", 2),
        (["Walk-v0", "--jobs", "0"], "--jobs must be at least 1", 2),
        (["Walk-v0", "--failures-per-task", "0"], "--failures-per-task must be at least 1", 2),
        (["--suite", "wolk"], "unknown domain 'wolk'", 2),
        (["--suite", "Walk-v0"], "unknown domain 'Walk-v0'", 2),
        (["Walk-v0", "--replay", "/no/such/folder/a.html"], "no folder", 2),
        (["Walk-Lost-v0"], "Walk-Lost-v0 cannot start: its map is missing", 1),
    ],
)
def test_bad_usage(run: Run, walk: World, arguments: list[str], words: str, code: int) -> None:
    said = run("solve", *arguments)
    assert said.code == code
    assert words in said.complaint
    assert said.out == ""


def test_an_error_is_a_json_object_too(run: Run, walk: World) -> None:
    said = run("solve", "Walk-v2", "--json")
    assert said.code == 2
    assert said.record["kind"] == "UnknownNameError"
    assert said.record["details"]["nearest"] == ["Walk-v1", "Walk-v0", "walk"]
    assert said.record["error"] in said.complaint


def test_weights_that_cannot_be_used(run: Run, walk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(domain: Any, directory: Any = None, translator: Any = None) -> Any:
        raise CheckpointError(f"{directory}: not a checkpoint")

    monkeypatch.setattr("neurosym.load", load)
    said = run("solve", "Walk-v0", "--agent", "elsewhere")
    assert said.code == 1
    assert "elsewhere: not a checkpoint" in said.complaint


def test_a_suite_is_all_tasks_of_a_domain(run: Run, walk: World) -> None:
    said = run("solve", "--suite", "walk", "--episodes", 5, "--json")
    assert [entry["task"] for entry in said.record["tasks"]] == ["Walk-v0", "Walk-v1"]
    summary = said.record["summary"]
    assert (summary["tasks"], summary["episodes"], summary["tasks_reliable"]) == (2, 10, 2)
    assert summary["env_steps"] == 30


def weights(folder: Path, digest: str = "0123") -> Path:
    """As much of a checkpoint as says which weights they are."""
    folder.mkdir(exist_ok=True)
    index = {"format": "neurosym options", "version": 1, "network": {"sha256": digest}}
    (folder / "checkpoint.json").write_text(json.dumps(index))
    return folder


def test_a_run_goes_on_where_it_was_stopped(run: Run, walk: World, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = ["solve", "walk", "--episodes", 3, "--agent", weights(tmp_path / "agent"), "--out", out]

    def tire(obs: Any) -> int:
        if walk.agent.counters.plans > 4:
            raise KeyboardInterrupt
        return 1

    walk.agent.policy = tire
    stopped = run(*command, "--json")
    assert stopped.code == 130
    assert [entry["task"] for entry in stopped.record["tasks"]] == ["Walk-v0"]
    assert not (out / "results.json").exists()
    walk.agent.policy = lambda obs: 1
    resumed = run(*command, "--json")
    assert "4 of 6 episodes are there already" in resumed.err
    assert walk.agent.counters.plans == 5 + 2
    assert json.loads((out / "results.json").read_text()) == resumed.record
    again = run(*command)
    assert walk.agent.counters.plans == 7, "an episode was repeated"
    assert "2 tasks, 2 of them at 95% or more" in again.out
    settings = json.loads((out / "settings.json").read_text())
    assert settings["weights"] == {"walk": "0123"}
    assert settings["command"] == resumed.record["command"].removesuffix(" --json") + " --json"


def test_other_weights_are_refused(run: Run, walk: World, tmp_path: Path) -> None:
    command = ["solve", "Walk-v0", "--agent", tmp_path / "agent", "--out", tmp_path / "run"]
    weights(tmp_path / "agent")
    assert run(*command).code == 0
    weights(tmp_path / "agent", digest="4567")
    said = run(*command)
    assert said.code == 2
    assert 'with other weights ({"walk": "0123"}, not {"walk": "4567"})' in said.complaint


ROOT = Path(__file__).parents[2]
ALLEYS = ["solve", ALLEY_FOLDER, "--trust", "--episodes", 6]


def courses(record: Any) -> Any:
    """The tasks' results, without what hangs on the clock and on what a process remembers."""
    loose = ("seconds", "planning_seconds", "plan_cache_hits")
    return [{key: value for key, value in entry.items() if key not in loose} for entry in record["tasks"]]


def test_side_by_side_gives_the_same(run: Run, tmp_path: Path) -> None:
    agent = untaught(tmp_path / "agent")
    alone = run(*ALLEYS, "--agent", agent, "--jobs", 1, "--json")
    folders = ["--out", tmp_path / "run", "--keep-failures", tmp_path / "failures"]
    apart = run(*ALLEYS, "--agent", agent, "--jobs", 2, *folders, "--failures-per-task", 2, "--json")
    assert courses(apart.record) == courses(alone.record)
    assert len((tmp_path / "run" / "episodes.jsonl").read_text().splitlines()) == 12
    failed = sum(sum(entry["failures"].values()) for entry in apart.record["tasks"])
    kept = list((tmp_path / "failures").rglob("10*.json"))
    assert 2 <= len(kept) <= 4 < failed, "an agent that has learned nothing fails"
    assert (
        f"{len(kept)} failed episodes; {failed - len(kept)} more failed, beyond 2 for each task" in apart.err
    )
    assert all(json.loads(path.read_text())["repeated"] for path in kept)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_killed_run_goes_on_and_ends_the_same(run: Run, tmp_path: Path) -> None:
    out, agent = tmp_path / "run", untaught(tmp_path / "agent")
    words = ["solve", ALLEY_FOLDER, "--trust", "--episodes", 40, "--agent", agent, "--out", out]
    with subprocess.Popen(
        [sys.executable, "-m", "neurosym", *map(str, words)], stderr=subprocess.DEVNULL, cwd=ROOT
    ) as running:
        episodes = out / "episodes.jsonl"
        while running.poll() is None and not (episodes.exists() and episodes.stat().st_size > 2000):
            time.sleep(0.005)
        running.kill()
    begun = len(episodes.read_text().splitlines())
    assert 0 < begun < 80
    resumed = run(*words, "--json")
    assert f"{out}: " in resumed.err
    lines = [json.loads(line) for line in episodes.read_text().splitlines()]
    assert len({(line["task"], line["seed"]) for line in lines}) == len(lines) == 80
    whole = run(*words[:-2], "--json")
    assert courses(resumed.record) == courses(whole.record)


def test_ctrl_c_ends_processes_too(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is finished is told and kept."""
    taken: list[Any] = []

    def interrupt(self: Ledger, episode: Any) -> None:
        taken.append(episode)
        if len(taken) > 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "write", interrupt)
    agent = untaught(tmp_path / "agent")
    said = run(*ALLEYS, "--agent", agent, "--jobs", 2, "--out", tmp_path / "run", "--json")
    assert said.code == 130
    assert len(said.record["tasks"]) <= 1
    assert "interrupted" in said.err
    assert "Traceback" not in said.err


def test_failures_are_kept(run: Run, walk: World, tmp_path: Path) -> None:
    walk.agent.policy = lambda obs: 2 if obs["image"][0] > 3 else 1
    folder = tmp_path / "deep" / "failures"
    said = run(
        *["solve", "walk", "--episodes", 5, "--agent", weights(tmp_path / "agent")],
        *["--keep-failures", folder, "--failures-per-task", 1],
    )
    assert said.code == 0
    assert "2 failed episodes; 2 more failed, beyond 1 for each task" in said.err
    record = json.loads((folder / "Walk-v1" / "1000003.json").read_text())
    assert (record["task"], record["seed"], record["cause"]) == ("Walk-v1", 1_000_003, "option")
    assert (folder / record["page"]).is_file()
    assert "Walk-v1/1000003.html" in (folder / "index.html").read_text()


def test_an_episode_that_goes_another_way_is_told(run: Run, walk: World, tmp_path: Path) -> None:
    walk.agent.policy = lambda obs: 2 if walk.agent.counters.plans == 1 else 1
    said = run(
        *["solve", "Walk-v0", "--episodes", 1, "--agent", weights(tmp_path / "agent")],
        *["--keep-failures", tmp_path / "failures"],
    )
    assert "Walk-v0, seed 1000000: went another way when it was played again" in said.err


def test_a_page_that_cannot_be_written_costs_no_result(
    run: Run, walk: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, path: Path) -> Path:
        raise NeurosymError(f"cannot write {path}: the disk is full")

    monkeypatch.setattr("neurosym.replay.Recorder.save", refuse)
    said = run("solve", "Walk-v0", "--replay", tmp_path / "a.html", "--json")
    assert said.code == 1
    assert said.record["tasks"][0]["success_rate"] == 1.0
    assert "the disk is full" in said.err


@pytest.mark.parametrize(("tasks", "jobs"), [(10, 1), (11, 2)])
def test_many_tasks_are_played_side_by_side(monkeypatch: pytest.MonkeyPatch, tasks: int, jobs: int) -> None:
    monkeypatch.setattr("neurosym.processes.cores", lambda: 2)
    chosen: Any = [SimpleNamespace(tasks=[None] * tasks)]
    assert Solve()._jobs(chosen) == jobs
    assert Solve(jobs=5)._jobs(chosen) == 5


LOCAL = ["solve", "BabyAI-GoToObj-v0", "--episodes", 2, "--goal"]


def test_another_goal_is_played_judged_and_written_down(run: Run, tmp_path: Path) -> None:
    command = [*LOCAL, "could you grab an object, please", "--out", tmp_path / "run", "--json"]
    record = run(*command).record
    assert record["goal"] == "could you grab an object, please"
    assert record["tasks"][0]["success_rate"] == 1
    assert json.loads((tmp_path / "run" / "settings.json").read_text())["goal"] == record["goal"]
    other = run(*LOCAL, "pick up an object", "--out", tmp_path / "run")
    assert other.code == 2
    assert "holds a run with other goal" in other.complaint
    own = run(*LOCAL[:-1], "--out", tmp_path / "run")
    assert own.code == 2


def test_another_goal_in_other_processes(run: Run) -> None:
    said = run(*LOCAL, "pick up an object", "--jobs", 2, "--json")
    assert said.record["tasks"][0]["success_rate"] == 1
    said = run(*LOCAL, "go to the goal square", "--jobs", 2, "--json")
    assert said.record["tasks"][0]["success_rate"] == 0, "their own mission was played"


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        ("fly to the moon", '"fly" is not understood'),
        ("go to the second ball", "minigrid cannot judge which thing is the 2 ball"),
    ],
)
def test_a_goal_that_cannot_be_played_is_refused_before_anything_is(run: Run, goal: str, words: str) -> None:
    said = run(*LOCAL, goal)
    assert said.code == 1
    assert words in said.complaint
    assert said.out == ""


def test_a_domain_that_judges_no_other_goals_says_so(run: Run) -> None:
    said = run("solve", "Taxi-v4", "--goal", "bring the passenger to the red stand")
    assert said.code == 1
    assert "taxi cannot judge other goals than its tasks' own" in said.complaint


def test_a_level_without_the_thing_counts_as_failed(run: Run) -> None:
    said = run(*LOCAL, "go to the goal square", "--json")
    assert said.code == 1
    assert said.record["tasks"][0]["failures"]["translator"] == 2
    assert "there is no such thing in this level: the goal" in said.err
