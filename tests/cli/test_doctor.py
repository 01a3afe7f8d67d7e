from __future__ import annotations

from importlib import metadata

import pytest

from neurosym.domain import load_domain
from tests.cli.conftest import Run


def test_json(run: Run) -> None:
    said = run("doctor", "--json")
    assert said.code == 0
    record = said.record
    assert set(record) == {"versions", "engines", "devices", "language model", "domains", "places"}
    engines = {entry["engine"]: entry for entry in record["engines"]}
    assert engines["neurosym"]["available"]
    for entry in record["engines"]:
        assert entry["available"] or entry["reason"], f"no reason why {entry['engine']} is missing"
    assert record["devices"]["cores"] >= 1
    (domain,) = (entry for entry in record["domains"] if entry["domain"] == "minigrid")
    assert domain["tasks"] == 171
    assert "MiniGrid-WFC-MazeSimple-v0" in domain["unavailable"]
    assert domain["cache"] == str(load_domain("minigrid").cache)


def test_people_get_it_in_lines(run: Run) -> None:
    said = run("doctor")
    assert said.code == 0
    for heading in ("versions", "engines", "devices", "language model", "domain minigrid", "places"):
        assert heading in said.out.splitlines()


KEY = "sk-Secret/0123+456"


def told(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    for name in ("NEUROSYM_LLM_BASE_URL", "NEUROSYM_LLM_MODEL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_a_language_model_without_its_key(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "http://127.0.0.1:8000/v1"
    told(monkeypatch, NEUROSYM_LLM_BASE_URL=url, NEUROSYM_LLM_MODEL="tiny", OPENAI_API_KEY=KEY)
    said = run("doctor", "--json")
    model = said.record["language model"]
    assert model.pop("client") == metadata.version("openai")
    assert model == {"server": url, "model": "tiny", "key": True}
    assert KEY not in said.out + said.err


def test_no_language_model(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch)
    said = run("doctor")
    assert "  key     not set in OPENAI_API_KEY" in said.out.splitlines()
    assert "  model   none; NEUROSYM_LLM_MODEL names one" in said.out.splitlines()


def test_an_address_with_a_secret_is_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, NEUROSYM_LLM_BASE_URL=f"http://me:{KEY[:9]}@a/v1", OPENAI_API_KEY=KEY)
    said = run("doctor")
    assert "keys belong in OPENAI_API_KEY" in said.out
    assert KEY[:9] not in said.out + said.err
