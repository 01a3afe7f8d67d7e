"""Folders that `neurosym domain new` writes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from neurosym.domain import load_domain
from neurosym.errors import DomainError, UnknownNameError
from neurosym.scaffold import write_domain_folder

PLANS = {"p01.pddl", "p01.plan", "p01_invalid.plan"}
FILES = PLANS | {"README.md", "domain.pddl", "domain.py", "missions.toml", "test_domain.py"}
ENVIRONMENTS = {
    "own": None,
    "lake": "FrozenLake-v1",  # Discrete
    "pole": "CartPole-v1",  # Box
    "cards": "Blackjack-v1",  # Tuple
    "grid": "minigrid:MiniGrid-Empty-5x5-v0",  # Dict
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_it_loads_and_its_code_is_tidy(tmp_path: Path, name: str) -> None:
    written = write_domain_folder(tmp_path / name, ENVIRONMENTS[name])
    assert {path.name for path in written} == FILES == {path.name for path in (tmp_path / name).iterdir()}
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "$" not in text, f"{path.name}: a placeholder was left"
        if path.suffix == ".py":
            ast.parse(text)
    domain = load_domain(tmp_path / name)
    assert domain.name == name
    assert domain.tasks()[0].available
    assert domain.goal(next(iter(domain.tasks())).mission)
    assert domain.feature_spec.actions == len(domain.action_names)
    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--line-length",
        "120",
        "--select",
        "E,F,I,B,UP",
        str(tmp_path / name),
    ]
    assert subprocess.run(ruff, capture_output=True, check=False).returncode == 0


def test_its_own_tests_pass(tmp_path: Path) -> None:
    write_domain_folder(tmp_path / "my_world")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "my_world")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "11 passed" in done.stdout


def test_names_of_actions_are_the_environments_own_where_it_has_them(tmp_path: Path) -> None:
    write_domain_folder(tmp_path / "grid", "minigrid:MiniGrid-Empty-5x5-v0")
    assert load_domain(tmp_path / "grid").action_names[:3] == ("left", "right", "forward")


@pytest.mark.parametrize("name", ["my-world", "2nd", "class", "a b"])
def test_names_that_cannot_be_imported_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DomainError, match="one word of letters, digits and _"):
        write_domain_folder(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(DomainError, match="is there already"):
        write_domain_folder(tmp_path / "mine")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DomainError, match="is there already"):
        write_domain_folder(tmp_path / "file")


@pytest.mark.parametrize(
    ("environment", "kind", "said"),
    [
        ("FrozenLak-v1", UnknownNameError, "nearest: FrozenLake-v1"),
        ("Pendulum-v1", DomainError, r"Box\(-2.0, 2.0"),
        ("nowhere_at_all:Lake-v0", DomainError, "cannot be made"),
    ],
)
def test_environments_that_will_not_do_are_refused_in_one_line(
    tmp_path: Path, environment: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said) as caught:
        write_domain_folder(tmp_path / "world", environment)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "world").exists()
