"""`neurosym domain draft`: a folder that works, or one line or list that says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from neurosym.cli.domain.draft import ROUNDS
from neurosym.drafting import draft
from neurosym.drafting.prompt import EXAMPLE
from neurosym.language import ChatModel, ScriptedChat
from tests.cli.conftest import Run

GOOD = json.dumps(EXAMPLE)
WRONG = json.dumps(
    {**EXAMPLE, "domain.pddl": EXAMPLE["domain.pddl"].replace("(tap ?p) (not", "(tab ?p) (not")}
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where one stands, beside a description."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "garden.md").write_text("A gardener waters plants.")
    return tmp_path


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch):
    """Has a model answer the command."""

    def answer(model: ChatModel) -> None:
        monkeypatch.setattr("neurosym.language.access.open_chat", lambda settings: model)

    return answer


def test_the_drafted_world_is_solved(run: Run, here: Path, answering) -> None:
    answering(ScriptedChat([WRONG, GOOD]))
    said = run("domain", "draft", "--from", "garden.md")
    assert said.code == 0
    assert said.out.startswith("drafted: garden (2 rounds, 2 calls, ")
    assert "domain.pddl:20:32: error: the predicate tab is not declared" in said.err
    solved = run("solve", "--pddl", "garden/domain.pddl", "garden/p01.pddl", "--episodes", 2, "--json")
    assert solved.record["tasks"][0]["success_rate"] == 1.0
    planned = run("plan", "--pddl", "garden/domain.pddl", "garden/p01.pddl", "--json")
    assert planned.record["plan"] == (here / "garden" / "p01.plan").read_text()
    assert run("domain", "check", "./garden", "--trust", "--episodes", 1).code == 0


def test_what_is_left_is_listed(run: Run, here: Path, answering) -> None:
    answering(ScriptedChat([WRONG] * 4))
    said = run("domain", "draft", "--from", "garden.md", "--rounds", 2, "--out", "mine")
    assert said.code == 1
    assert "mine/domain.pddl:20:32: error[pddl-undeclared-predicate]" in said.out
    assert said.out.splitlines()[-1].startswith(
        "unfinished: mine: 1 fault left after 2 rounds (2 rounds, 2 calls, "
    )
    assert "next:" not in said.out
    assert (here / "mine" / "unfinished.txt").is_file()


def test_rounds_are_as_many_as_the_library_asks_for() -> None:
    assert ROUNDS == draft.ROUNDS


def test_json_says_it_all(run: Run, here: Path, answering) -> None:
    answering(ScriptedChat([WRONG, GOOD]))
    record = run("domain", "draft", "--from", "garden.md", "--json").record
    assert list(record) == ["status", "reason", "folder", "findings", "rounds", "usage"]
    assert (record["status"], record["folder"], record["findings"]) == ("drafted", "garden", [])
    assert [entry["taken"] for entry in record["rounds"]] == [True, True]
    assert record["usage"]["repairs"] == 1


def test_no_files_at_all(run: Run, here: Path, answering) -> None:
    answering(ScriptedChat(["I would rather not."]))
    said = run("domain", "draft", "--from", "garden.md", "--rounds", 1)
    assert said.code == 1
    assert said.out.startswith("refused: no reply held the files")
    assert not (here / "garden").exists()


def test_nobody_answers(run: Run, here: Path) -> None:
    server = ("--llm.base-url", "http://127.0.0.1:9/v1", "--llm.model", "m")
    said = run("domain", "draft", "--from", "garden.md", *server)
    assert said.code == 1
    assert "127.0.0.1" in said.complaint
    assert not (here / "garden").exists()


def test_no_model_is_named(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEUROSYM_LLM_MODEL", raising=False)
    said = run("domain", "draft", "--from", "garden.md")
    assert (said.code, "which language model?" in said.complaint) == (1, True)


def test_offline_and_never_asked(run: Run, here: Path) -> None:
    said = run(
        "domain", "draft", "--from", "garden.md", "--offline", "--llm.model", "m", "--llm.cache", "kept"
    )
    assert (said.code, "offline" in said.complaint) == (1, True)
    assert not (here / "garden").exists()


@pytest.mark.parametrize(
    ("content", "arguments", "code", "words"),
    [
        (b"x" * 10_000_000, (), 1, "has at most 20000 characters"),
        ("é".encode() * 20_001, (), 1, "has 1 to 20000 characters, this one has 20001"),
        (b"", (), 1, "has 1 to 20000 characters, this one has 0"),
        (b"\xff\xfe", (), 1, "is text in UTF-8"),
        (None, (), 1, "garden.md: No such file or directory"),
        (b"A garden.", ("--rounds", 0), 2, "--rounds must be at least 1, got 0"),
        (b"A garden.", ("--out", "."), 1, "is there already"),
        (b"A garden.", ("--out", "my-garden"), 1, "one word of letters"),
    ],
)
def test_mistakes_cost_one_line(
    run: Run, here: Path, answering, content: bytes | None, arguments: tuple, code: int, words: str
) -> None:
    model = ScriptedChat([GOOD])
    answering(model)
    (here / "garden.md").unlink()
    if content is not None:
        (here / "garden.md").write_bytes(content)
    before = set(here.iterdir())
    said = run("domain", "draft", "--from", "garden.md", *arguments)
    assert said.code == code
    assert words in said.complaint
    assert model.requests == []
    assert set(here.iterdir()) == before
