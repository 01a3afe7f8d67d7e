"""An ablation's report as a page, and its records."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import pytest

from benchmarks import ablation
from neurosym.ablation.report import write_report
from neurosym.ablation.store import STUDY_FILE, read_cells
from tests.ablation.made_up import FACTS, make_cells, save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An ablation with a report and replays."""
    cells = make_cells(seeds=2)
    place = tmp_path / "runs"
    save(cells, place)
    (place / STUDY_FILE).write_text(json.dumps({"settings": {}}), encoding="utf-8")
    write_report(cells, place, FACTS)
    return place


def test_the_page_finds_its_figures_and_leads_nowhere_else(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "docs" / "asked.md"
    page.parent.mkdir()
    ablation.main([str(folder), str(page)])
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {FACTS.question}\n")
    assert FACTS.command in text
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert len(links) > 5
    assert all((page.parent / link).is_file() for link in links)
    assert "## Example episodes" not in text
    assert "## How this was made" in text


def test_records_make_the_same_report(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "asked.md"
    ablation.publish(folder, page)
    with tarfile.open(tmp_path / "records" / "asked.tar.xz") as file:
        file.extractall(tmp_path / "again", filter="data")
    write_report(read_cells(tmp_path / "again"), tmp_path / "again", FACTS)
    again = (tmp_path / "again" / "report.md").read_text(encoding="utf-8")
    assert ablation.as_page(again, "asked") == page.read_text(encoding="utf-8")
    assert ablation.archive(tmp_path / "again") == ablation.archive(folder), "the same bytes, too"


@pytest.mark.parametrize("lost", ["figures", STUDY_FILE])
def test_what_was_published_stands_where_something_is_missing(
    folder: Path, tmp_path: Path, lost: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "asked.md"
    ablation.publish(folder, page)
    figures = sorted((tmp_path / "images" / "asked").iterdir())
    (folder / lost).rename(tmp_path / "lost")
    with pytest.raises(SystemExit):
        ablation.main([str(folder), str(page)])
    assert f"no {lost} here" in capsys.readouterr().err
    assert sorted((tmp_path / "images" / "asked").iterdir()) == figures


def test_a_folder_without_a_report_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ablation.main([str(tmp_path), str(tmp_path / "page.md")])
    assert "no report.md here" in capsys.readouterr().err
