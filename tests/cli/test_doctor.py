from __future__ import annotations

from neurosym.domain import load_domain
from tests.cli.conftest import Run


def test_json(run: Run) -> None:
    said = run("doctor", "--json")
    assert said.code == 0
    record = said.record
    assert set(record) == {"versions", "engines", "devices", "domains", "places"}
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
    for heading in ("versions", "engines", "devices", "domain minigrid", "places"):
        assert heading in said.out.splitlines()
