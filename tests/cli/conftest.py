from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import neurosym
import neurosym.domain
from neurosym.cli import main
from neurosym.cli.patience import NOTICE
from neurosym.domain import Task
from neurosym.errors import UnknownNameError
from tests.fakes import Walk, Walker


@dataclass
class Said:
    """What a command said: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> Any:
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line on standard error; fails if there is more, or a traceback."""
        lines = self.err.splitlines()
        assert len(lines) == 1, f"one line expected on standard error: {self.err}"
        assert lines[0].startswith("neurosym: "), f"whose line is this: {lines[0]}"
        assert "Traceback" not in self.out + self.err
        return lines[0]


Run = Callable[..., Said]


def printed(thing: Any) -> str:
    """What rich makes of it."""
    console = Console(width=160, file=io.StringIO())
    with console.capture() as text:
        console.print(thing)
    return text.get()


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where answers are kept while a test runs, instead of where those of whoever runs it are kept."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    monkeypatch.setattr("platformdirs.user_state_path", lambda name, **_: folder / name)
    return folder


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line in this process."""

    def run_command(*arguments: object) -> Said:
        capfd.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        out, err = capfd.readouterr()
        return Said(code, out, err.replace(f"neurosym: {NOTICE}\n", ""))  # said only on the first run ever

    return run_command


class WalkDomain(Walk):
    """The corridors, as a domain that the command line can list and play."""

    action_names = ("wait", "walk", "leave")
    training_tasks = ("Walk-v0",)
    learner = "network"
    folder = weights = Path("nowhere")
    training = MappingProxyType({})
    model = vocabulary = None

    def tasks(self) -> list[Task]:
        return [
            Task("Walk-v0", mission="walk to the end"),
            Task("Walk-v1", mission="walk to the end"),
            Task("Walk-Lost-v0", available=False, reason="its map is missing"),
        ]

    def view(self, obs: Any) -> Any:
        return np.full((4, 4, 3), obs["image"][0], np.uint8)


class VisibleWalker(Walker):
    """A walker that a recorder can look at."""

    plan = None
    step_index = 0
    instruction = None
    events: tuple[Any, ...] = ()

    def observe(self, observation: Any) -> None:
        pass

    def picture(self) -> None:
        return None


@dataclass
class World:
    domain: WalkDomain
    agent: VisibleWalker


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> World:
    """The only domain there is, and its agent."""
    world = World(WalkDomain(), VisibleWalker())
    tasks = {task.id: task for task in world.domain.tasks()}

    def find_task(name: str) -> tuple[WalkDomain, Task]:
        if name not in tasks:
            raise UnknownNameError("task", name, tasks)
        return world.domain, tasks[name]

    def load_domain(name: str) -> WalkDomain:
        if name != "walk":
            raise UnknownNameError("domain", name, ["walk"])
        return world.domain

    monkeypatch.setattr(neurosym.domain, "domain_names", lambda: ["walk"])  # load_domains goes by it too
    monkeypatch.setattr(neurosym.domain, "find_task", find_task)
    monkeypatch.setattr(neurosym.domain, "load_domain", load_domain)
    monkeypatch.setattr(
        neurosym, "load", lambda domain, directory=None, translator=None: world.agent, raising=False
    )
    return world
