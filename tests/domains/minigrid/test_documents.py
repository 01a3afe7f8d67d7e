"""The documents tell what happens: the tables of the README, and the episode that is told step by step."""

from __future__ import annotations

import re
from pathlib import Path

from tests.domains.minigrid.play import DOMAIN, agent, episode, subgoals

README = (DOMAIN.folder / "README.md").read_text(encoding="utf-8")
PAGE = (Path(__file__).parents[3] / "docs" / "minigrid.md").read_text(encoding="utf-8")


def test_the_readme_lists_every_predicate_and_every_operator() -> None:
    for signature in DOMAIN.model.predicates:
        assert f"`({signature.name}" in README, signature.name
    for action in DOMAIN.model.actions:
        cost = f"{action.cost:g}" if isinstance(action.cost, float) else action.cost.predicate
        line = rf"^\| `{action.name}(?: \?\w+){{{len(action.parameters)}}}` .*`{cost}` \|$"
        assert re.search(line, README, re.MULTILINE), f"{action.name}, its parameters or its cost"


def test_the_readme_lists_every_file() -> None:
    files = {
        path.name for path in DOMAIN.folder.iterdir() if path.suffix in (".py", ".pddl", ".plan", ".toml")
    }
    assert not {name for name in files if f"`{name}`" not in README}


def test_the_readme_tells_the_columns_in_order() -> None:
    columns = ["KIND", "THING", "CELL", "ITEM", "BASELINE", "NEXT_KIND", "NEXT_THING", "NEXT_CELL"]
    assert [getattr(subgoals, column) for column in columns] == list(range(subgoals.COLUMNS))
    places = [README.index(f"`{column}`") for column in columns]
    assert places == sorted(places)


def test_the_episode_went_as_it_is_told() -> None:
    told = [(int(step), words) for step, words in re.findall(r"^\| (\d+) \| ([^|]+) \|", PAGE, re.MULTILINE)]
    player, lived, plans = agent(), [], []
    for step, _ in enumerate(episode("MiniGrid-ObstructedMaze-1Dlhb-v0", 1_000_000, player, 100)):
        words = player.instruction.text if player.instruction else ""
        if words and (not lived or lived[-1][1] != words):
            lived.append((step, words))
        if player.plan and (not plans or plans[-1] != player.plan):
            plans.append(player.plan)
    assert lived == [(step, words.strip()) for step, words in told]
    assert step == 23
    block = re.findall(r"^    (\(.*\))$", PAGE, re.MULTILINE)
    assert block in [[str(step) for step in plan.steps] for plan in plans]
