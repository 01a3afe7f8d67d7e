"""docs/drafting.md is true: its commands are typed, a server of chat completions answers, what is said is compared."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.language.server import Script, Server, whole

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "drafting.md"
FILE = re.compile(r"<!-- file: (?P<path>\S+) -->\n```\w*\n(?P<body>.*?)```", re.DOTALL)
RUN = re.compile(r"<!-- run -->\n```\w*\n\$ (?P<command>[^\n]*)\n(?P<said>.*?)```", re.DOTALL)
USAGE = {"prompt_tokens": 1_520, "completion_tokens": 780}


def replies() -> list[str]:
    """The draft whose faults the page tells of, and the draft without them."""
    files = {path.name: path.read_text() for path in (ROOT / "tests" / "drafting" / "crossing").iterdir()}
    faulty = {
        **files,
        "domain.pddl": files["domain.pddl"].replace("?p) (not (laden))", "?p) (not (loaden))"),
        "missions.toml": files["missions.toml"].replace('"disembark ?c ?p" = "put {c} ashore at {p}"\n', ""),
    }
    assert sum(faulty[name] != files[name] for name in files) == 2, "the faults are planted"
    return [json.dumps(faulty), json.dumps(files)]


def settings(tmp_path: Path, url: str) -> dict[str, str]:
    (tmp_path / "neurosym").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m neurosym "$@"\n')
    (tmp_path / "neurosym").chmod(0o755)
    home = {name: str(tmp_path / "home") for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    model = {"NEUROSYM_LLM_BASE_URL": url, "NEUROSYM_LLM_MODEL": "a-model", "OPENAI_API_KEY": "none"}
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **home, **model, **path}


def evened(said: str) -> str:
    """Without what depends on the machine: times, the columns that they widen, progress, and remarks on compiling."""
    lines = (line for line in said.splitlines() if not line.startswith(("neurosym: compiling", "episodes: ")))
    return re.sub(r"\s+", " ", re.sub(r"[\d.]+ ms", "N ms", "\n".join(lines))).strip()


def typed(command: str, folder: Path, environment: dict[str, str]) -> str:
    """What a command says on both streams, as one sees it."""
    done = subprocess.run(
        f"{command} 2>&1",
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


@pytest.mark.timeout(600)
def test_the_page_from_top_to_bottom(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for block in FILE.finditer(text):
        (tmp_path / block["path"]).write_text(block["body"], encoding="utf-8")
    scripts: list[Script] = [whole(reply, usage=USAGE) for reply in replies()]
    with Server(tuple(scripts)) as server:
        environment = settings(tmp_path_factory.mktemp("tools"), server.url)
        blocks = list(RUN.finditer(text))
        assert len(blocks) == 4
        for block in blocks:
            said = typed(block["command"], tmp_path, environment)
            assert evened(said) == evened(block["said"]), f"{block['command']} says\n{said}"
    asked = [json.loads(call.body["messages"][-1]["content"]) for call in server.calls]
    assert asked[0] == {"description": (tmp_path / "crossing.md").read_text()}
    assert asked[1]["files"] == json.loads(replies()[0])
