"""Files that are not what they should be: one line each, the right exit code, and nothing loaded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from neurosym.domain import load_domain
from neurosym.options import FeatureSpec, OptionNetwork, save_checkpoint
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
TASK = "MiniGrid-Empty-5x5-v0"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A good checkpoint of a tiny network."""
    folder = tmp_path / "weights"
    save_checkpoint(folder, OptionNetwork(load_domain("minigrid").feature_spec, (8,), 0), None, {})
    return folder


def tear(folder: Path) -> None:
    (file,) = folder.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:1000])


def scribble(folder: Path) -> None:
    (file,) = folder.glob("*.safetensors")
    file.write_bytes(b"PK\3\4" + bytes(500))


def lose(folder: Path) -> None:
    (file,) = folder.glob("*.safetensors")
    file.unlink()


def garble(folder: Path) -> None:
    (file,) = folder.glob("*.json")
    file.write_text("{not json")


def claim(folder: Path) -> None:
    (file,) = folder.glob("*.json")
    file.write_text(json.dumps({"who": "somebody else's file"}))


def swap(folder: Path) -> None:
    shutil.rmtree(folder)
    save_checkpoint(
        folder, OptionNetwork(FeatureSpec(rows=10, width=4, dense=2, actions=3), (8,), 0), None, {}
    )


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize("damage", [tear, scribble, lose, garble, claim, swap, empty, shutil.rmtree])
def test_a_damaged_checkpoint(run: Run, weights: Path, damage) -> None:
    damage(weights)
    said = run("solve", TASK, "--episodes", 1, "--agent", weights, "--json")
    assert said.code == 1
    assert str(weights) in said.complaint, "the line does not say which checkpoint"
    assert said.record["kind"] == "CheckpointError"


def test_the_checkpoint_was_good_before(run: Run, weights: Path) -> None:
    said = run("solve", TASK, "--episodes", 1, "--agent", weights, "--json")
    assert said.record["tasks"][0]["episodes"] == 1


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A copy of a domain, to be broken."""
    folder = tmp_path / "otherworld"
    ignored = shutil.ignore_patterns("__pycache__", "weights")
    shutil.copytree(ROOT / "domains" / "minigrid", folder, ignore=ignored)
    return folder


def test_broken_pddl(run: Run, world: Path, tmp_path: Path) -> None:
    text = (world / "domain.pddl").read_text()
    (world / "domain.pddl").write_text(text.replace("(:action", "(:akshun", 1))
    line = next(n for n, written in enumerate(text.splitlines(), 1) if "(:action" in written)
    said = run("train", world, "--trust", "--frames", 1, "--out", tmp_path / "run")
    assert said.code == 1
    assert f"domain.pddl:{line}:" in said.complaint
    assert ":akshun" in said.complaint
    assert ":action" in said.complaint


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("domain.py", "", "defines no DOMAIN"),
        ("missions.toml", "= =", "missions.toml"),
    ],
)
def test_a_broken_domain(run: Run, world: Path, tmp_path: Path, file: str, text: str, words: str) -> None:
    (world / file).write_text(text)
    said = run("train", world, "--trust", "--frames", 1, "--out", tmp_path / "run")
    assert said.code == 1
    assert words in said.complaint


def test_a_folder_that_is_no_domain(run: Run, tmp_path: Path) -> None:
    said = run("tasks", "--domain", tmp_path)
    assert said.code == 1
    assert "no domain.py" in said.complaint
