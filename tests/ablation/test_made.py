"""Cells of unlike code are told apart."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from neurosym.ablation.made import made_with, unlike
from tests.ablation.made_up import make_cells
from tests.worlds import ALLEY, ALLEY_FOLDER


def test_a_domain_is_known_by_its_code_and_its_pddl(tmp_path: Path) -> None:
    digests = []
    for name, change in (
        ("same", ""),
        ("noted", "notes.md"),
        ("coded", "belief.py"),
        ("told", "domain.pddl"),
    ):
        folder = shutil.copytree(ALLEY_FOLDER, tmp_path / name / "alley")
        if change:
            with (folder / change).open("a") as file:
                file.write("\n")
        domain: Any = SimpleNamespace(folder=folder)  # loading it would put it in the other one's place
        digests.append(made_with(domain)["domain"])
    same, noted, coded, told = digests
    assert same == noted
    assert len({same, coded, told}) == 3


def test_it_says_version_commit_and_domain() -> None:
    made = made_with(ALLEY)
    assert list(made) == ["version", "commit", "domain"]
    assert made["version"]


def test_only_what_differs_is_told() -> None:
    old, new = {"commit": "a", "domain": "x"}, {"commit": None, "domain": "x"}
    cells = [
        replace(cell, made=made)
        for cell, made in zip(make_cells(seeds=2), (old, old, new, None), strict=False)
    ]
    assert unlike(cells) == {"commit": Counter({"a": 2, "none": 1})}


def test_tasks_may_be_of_several_domains() -> None:
    cells = make_cells(seeds=2, methods=["full"])
    domains = {"Corridor-S3": "x", "Rooms-N6": "y"}
    made = [replace(cell, made={"domain": domains[cell.key.task]}) for cell in cells]
    assert unlike(made) == {}
    changed = [*made[:-1], replace(made[-1], made={"domain": "z"})]
    assert unlike(changed) == {"domain": Counter({"y": 1, "z": 1})}
