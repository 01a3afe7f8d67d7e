from __future__ import annotations

from tests.cli.conftest import Run, World


def test_json(run: Run, walk: World) -> None:
    said = run("tasks", "--json")
    assert said.code == 0
    assert said.record["tasks"][0] == {
        "task": "Walk-v0",
        "domain": "walk",
        "available": True,
        "reason": "",
        "mission": "walk to the end",
    }
    assert [entry["task"] for entry in said.record["tasks"] if not entry["available"]] == ["Walk-Lost-v0"]


def test_people_get_a_list_with_reasons(run: Run, walk: World) -> None:
    said = run("tasks", "--domain", "walk")
    assert said.code == 0
    assert "walk: 2 tasks, 1 more cannot start" in said.out
    assert "cannot start: its map is missing" in said.out


def test_unknown_domain(run: Run, walk: World) -> None:
    said = run("tasks", "--domain", "wolk")
    assert said.code == 2
    assert "unknown domain 'wolk'; nearest: walk" in said.complaint
