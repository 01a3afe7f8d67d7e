"""A cell survives its file; what is no cell is told in one line."""

import json
from pathlib import Path

import pytest

from neurosym.ablation.records import CELL_FILE, CellKey, CellOrder, CellRecord, CurvePoint, Spent, read_cell
from neurosym.errors import NeurosymError
from neurosym.evaluation import EpisodeResult

EPISODE = EpisodeResult("Alley-v0", 1_000_000, True, 4, 0.9, "", "", 1, 0, 0.01, 0.1)
CELL = CellRecord(
    CellOrder(CellKey("full", "Alley-v0", 3), "alley", 1000),
    "done",
    curve=(CurvePoint(1000, 1.0, 0.9, 4.0, 1, 2.5),),
    episodes=(EPISODE,),
    spent=Spent(1000, 4, 1, 0.01, 0, 3.0, 2.5),
    replays=("replay-1000000.html",),
    settings={"hidden": [8]},
)


def test_a_cell_survives_its_file(tmp_path: Path) -> None:
    (tmp_path / CELL_FILE).write_text(json.dumps(CELL.as_record()))
    assert read_cell(tmp_path) == CELL


def test_there_may_be_no_cell(tmp_path: Path) -> None:
    assert read_cell(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"order": 1}', "\0"])
def test_what_is_no_cell_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / CELL_FILE).write_text(text)
    with pytest.raises(NeurosymError, match="not a cell of an ablation"):
        read_cell(tmp_path)


def test_each_cell_has_a_folder() -> None:
    assert CELL.key.folder == Path("cells/full/Alley-v0/seed-3")
