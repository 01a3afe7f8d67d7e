"""Who names a folder is asked once whether its Python may run."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import neurosym.domain
from neurosym.cli.trust import digest_of_code
from tests.cli.conftest import Run
from tests.installing import install, install_alley
from tests.worlds import ALLEY_FOLDER, untaught

MARK = "ran.txt"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A copy of the alley that leaves a mark when its Python runs."""
    folder = tmp_path / "lane"
    shutil.copytree(ALLEY_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "domain.py").open("a") as file:
        file.write(f"\nPath({str(tmp_path / MARK)!r}).touch()\n")
    return folder


@pytest.fixture
def has_run(tmp_path: Path) -> Callable[[], bool]:
    """Whether the mark is there; it is taken away."""

    def look() -> bool:
        there = (tmp_path / MARK).exists()
        (tmp_path / MARK).unlink(missing_ok=True)
        return there

    return look


def commands(folder: Path) -> list[list[object]]:
    """Every way to name a folder."""
    return [
        ["tasks", "--domain", folder],
        ["plan", "Alley-Open-v0", "--domain", folder],
        ["plan", folder],
        ["train", folder, "--frames", 1],
        ["train", "--domain", folder, "--frames", 1],
        ["solve", folder],
        ["solve", "Alley-Open-v0", "--domain", folder],
        ["solve", "--suite", folder],
    ]


@pytest.mark.parametrize("number", range(len(commands(Path()))))
def test_nothing_runs_unasked(run: Run, world: Path, has_run: Callable[[], bool], number: int) -> None:
    said = run(*commands(world)[number], "--json")
    assert said.code == 2
    assert "if that is meant, add --trust" in said.complaint
    assert str(world) in said.complaint
    assert said.record["kind"] == "UntrustedError"
    assert not has_run()


def test_an_answer_is_remembered(run: Run, world: Path) -> None:
    assert run("tasks", "--domain", world, "--trust").code == 0
    said = run("tasks", "--domain", world)
    assert (said.code, said.err) == (0, "")
    assert run("tasks", "--domain", f"{world}/../{world.name}").code == 0, "the same folder by another path"


def test_an_answer_is_about_one_folder(run: Run, world: Path, tmp_path: Path) -> None:
    run("tasks", "--domain", world, "--trust")
    shutil.copytree(world, tmp_path / "copy")
    assert run("tasks", "--domain", tmp_path / "copy").code == 2


@pytest.mark.parametrize(
    "file", ["domain.py", "world.py", "new.py", "deeper/still/module.py", "fast.abi3.so"]
)
def test_changed_code_is_asked_about_again(run: Run, world: Path, file: str) -> None:
    run("tasks", "--domain", world, "--trust")
    (world / file).parent.mkdir(parents=True, exist_ok=True)
    with (world / file).open("a") as text:
        text.write("\n# changed\n")
    said = run("tasks", "--domain", world)
    assert said.code == 2
    assert "has changed since you agreed to it" in said.complaint


@pytest.mark.parametrize("file", ["README.md", "domain.pddl", "runs-1/note.py", "__pycache__/world.pyc"])
def test_what_is_no_code_may_change(run: Run, world: Path, file: str) -> None:
    run("tasks", "--domain", world, "--trust")
    (world / file).parent.mkdir(exist_ok=True)
    with (world / file).open("a") as text:
        text.write("\n; changed\n")
    assert run("tasks", "--domain", world).code == 0


def test_code_behind_a_link_counts(tmp_path: Path) -> None:
    (tmp_path / "world").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "world" / "parts").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "again").symlink_to(tmp_path / "world")
    before = digest_of_code(tmp_path / "world")
    (tmp_path / "elsewhere" / "part.py").write_text("")
    assert digest_of_code(tmp_path / "world") != before


@pytest.mark.parametrize("text", ["", "{", "null", '"yes"', "{}"])
def test_a_garbled_answer_is_none(run: Run, world: Path, state: Path, text: str) -> None:
    run("tasks", "--domain", world, "--trust")
    (file,) = (state / "neurosym" / "trusted").iterdir()
    file.write_text(text)
    assert run("tasks", "--domain", world).code == 2


def test_where_no_answer_can_be_kept_the_work_is_done_all_the_same(
    run: Run, world: Path, state: Path
) -> None:
    (state / "neurosym").write_text("a file where the folder should be")
    said = run("tasks", "--domain", world, "--trust")
    assert said.code == 0
    assert "the answer cannot be kept" in said.complaint


def test_what_is_built_in_needs_no_question(run: Run) -> None:
    folder = Path(__file__).parents[2] / "domains" / "minigrid"
    assert run("tasks", "--domain", "minigrid").code == 0
    assert run("tasks", "--domain", folder).code == 0


def test_what_is_installed_needs_no_question_and_plays_in_other_processes(
    run: Run, shelf: Path, tmp_path: Path
) -> None:
    install_alley(shelf, "lanes", "lane")
    command = ["solve", "lane-Open-v0", "--episodes", 6, "--agent", untaught(tmp_path / "agent")]
    said = run(*command, "--jobs", 2, "--json")
    assert said.record["tasks"][0]["episodes"] == 6


def test_a_broken_installation_is_told_by_every_list(run: Run, shelf: Path) -> None:
    (shelf / "broken_lane.py").write_text("raise RuntimeError('no such luck')")
    install(shelf, "crooked-lanes", {"lane": "broken_lane"})
    for command in ("tasks", "doctor"):
        neurosym.domain._warn_once.cache_clear()
        said = run(command, "--json")
        assert said.code == 0
        assert "'lane' of the distribution crooked-lanes 1.2 cannot be loaded" in said.complaint
    said = run("tasks", "--domain", "lane")
    assert said.code == 1
    assert "no such luck" in said.complaint


def test_tasks_are_looked_for_in_the_domain_alone(run: Run, world: Path) -> None:
    said = run("plan", "MiniGrid-Empty-5x5-v0", "--domain", world, "--trust")
    assert said.code == 2
    assert "unknown task of alley 'MiniGrid-Empty-5x5-v0'" in said.complaint
    assert run("plan", "Alley-Open-v0", "--domain", world).code == 0


def test_a_domain_alone_stands_for_its_tasks(run: Run, world: Path, tmp_path: Path) -> None:
    command = ["solve", "--domain", world, "--trust", "--agent", untaught(tmp_path / "agent")]
    record = run(*command, "--episodes", 1, "--json").record
    assert [task["task"] for task in record["tasks"]] == ["Alley-v0", "Alley-Open-v0"]


def test_suite_and_domain_are_one_too_many(run: Run) -> None:
    said = run("solve", "--suite", "minigrid", "--domain", "minigrid")
    assert said.code == 2
    assert "give one of them" in said.complaint


def ask(folder: Path, answer: str) -> tuple[int, str, str]:
    """The exit code, what stood on the terminal, and standard output, of a command that somebody answers."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "neurosym", "tasks", "--domain", str(folder)]
    with subprocess.Popen(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True) as process:
        os.close(theirs)
        os.write(ours, answer.encode())
        out, _ = process.communicate(timeout=120)
        return process.returncode, read_all(ours), out


def read_all(terminal: int) -> str:
    text = b""
    try:
        while piece := os.read(terminal, 1024):
            text += piece
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    return text.decode()


@pytest.mark.parametrize("answer", ["y\n", "Yes\n"])
def test_yes(world: Path, has_run: Callable[[], bool], answer: str) -> None:
    code, terminal, out = ask(world, answer)
    assert code == 0
    assert f"neurosym: loading {world} runs its Python" in terminal
    assert "[y/N]" in terminal
    assert "Alley-Open-v0" in out
    assert "[y/N]" not in out
    assert has_run()
    code, terminal, _ = ask(world, "n\n")
    assert code == 0, "the answer was not remembered"
    assert "[y/N]" not in terminal


@pytest.mark.parametrize("answer", ["n\n", "\n", "maybe\n", "\x04"])
def test_anything_else_is_no(world: Path, has_run: Callable[[], bool], answer: str) -> None:
    code, terminal, out = ask(world, answer)
    assert code == 2
    assert f"neurosym: {world} was not loaded" in terminal.replace("\r\n", "\n")
    assert out == ""
    assert not has_run()
