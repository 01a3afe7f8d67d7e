"""The wheel works by itself: built, installed in a fresh environment, used from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TASK = "MiniGrid-Empty-5x5-v0"


def call(*command: object, cwd: Path) -> str:
    """Run without this checkout in sight."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    words = [str(word) for word in command]
    run = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{words}\n{run.stdout}\n{run.stderr}"
    return run.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("neurosym_rl-*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; what the wheel depends on is borrowed from this one."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    call(
        *(sys.executable, "-m", "pip", "--python", python, "install"),
        *("--quiet", "--no-deps", "--no-index", "--no-cache-dir", wheel),
        cwd=folder,
    )
    # A plain line puts the folder on the path without its .pth files: no editable install shines through.
    (site_packages(folder) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def site_packages(environment: Path) -> Path:
    (found,) = environment.glob("lib/python*/site-packages")
    return found


def test_what_the_wheel_holds(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0].split("-")[0] for name in names}
    assert tops == {"neurosym", "neurosym_rl"}
    for name in ("neurosym/py.typed", "neurosym/_domains/minigrid/domain.pddl", "neurosym/replay/page.html"):
        assert name in names
    assert not [name for name in names if "__pycache__" in name or name.startswith("domains/")]


def test_every_file_of_a_domain_travels(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "domains"], capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    held = set(zipfile.ZipFile(wheel).namelist())
    missing = [
        name
        for name in listed.stdout.split()
        if f"neurosym/_domains/{name.removeprefix('domains/')}" not in held
    ]
    assert not missing


def test_it_is_the_wheel_that_is_used(environment: Path, tmp_path: Path) -> None:
    code = "import neurosym, neurosym.domain as d; print(neurosym.__file__, d.load_domain('minigrid').folder)"
    for place in call(environment / "bin" / "python", "-c", code, cwd=tmp_path).split():
        assert Path(place).is_relative_to(site_packages(environment))


def test_no_top_level_domains(environment: Path) -> None:
    assert not (site_packages(environment) / "domains").exists()


def test_it_plans_from_another_folder(environment: Path, tmp_path: Path) -> None:
    out = call(environment / "bin" / "neurosym", "plan", TASK, "--json", cwd=tmp_path)
    assert json.loads(out)["status"] == "solved"


def test_it_solves_an_episode_from_another_folder(environment: Path, tmp_path: Path) -> None:
    out = call(environment / "bin" / "neurosym", "solve", TASK, "--episodes", 1, "--json", cwd=tmp_path)
    record = json.loads(out)
    assert record["tasks"][0]["success_rate"] == 1.0
    assert record["commit"] is None
