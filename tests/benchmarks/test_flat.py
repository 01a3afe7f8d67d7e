"""Flat PPO beside stable-baselines3 and published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import flat
from neurosym.ablation.records import CellKey, CellOrder, CellRecord, CurvePoint, Spent
from neurosym.ablation.store import Store, write_cell

FIGURE = flat.Figure("Walk-v0", 0.9, 1000, "somebody's page")


def done(method: str, seed: int, *successes: float) -> CellRecord:
    points = [
        CurvePoint(1000 * k // len(successes), success, success / 2, 9.0, 20, 2.0 * k)
        for k, success in enumerate(successes, 1)
    ]
    order = CellOrder(CellKey(method, FIGURE.task, seed), "walk", 1000)
    return CellRecord(order, "done", curve=tuple(points), spent=Spent(frames=1000, learning_seconds=4.0))


def keep(folder: Path, cells: Sequence[CellRecord], run: Mapping[str, str]) -> None:
    with Store(folder / FIGURE.task, {"frames": 1000}, {"runs": [run]}) as store:
        for cell in cells:
            attempt = store.begin(cell.order)
            write_cell(attempt, cell)
            store.settle(cell.order, attempt, "")


def test_every_published_figure_of_flat_ppo_is_asked_about() -> None:
    figures = {figure.task: figure for figure in flat.read_figures()}
    assert figures["MiniGrid-DoorKey-5x5-v0"].frames == 100_000
    assert figures["MiniGrid-KeyCorridorS3R1-v0"].frames == 500_000
    assert figures["MiniGrid-MultiRoom-N4-S5-v0"].frames == 10_000_000
    assert figures["MiniGrid-LockedRoom-v0"].value == 0.0, "the other one there is somebody else's method"
    assert "MiniGrid-DoorKey-8x8-v0" not in figures, "that is somebody else's method"


def test_the_witness_is_spared_what_would_take_it_hours() -> None:
    methods = ("flat", "sb3")
    assert [order.key.method for order in flat.orders_for(FIGURE, methods, [4], 1000)] == ["flat", "sb3"]
    (order,) = flat.orders_for(FIGURE, methods, [4], 999)
    assert order.key == CellKey("flat", "Walk-v0", 4)
    assert order.frames == 1000


def test_the_page_tells_spread_frames_and_speed(tmp_path: Path) -> None:
    cells = [
        done("flat", 0, 0.5, 1.0),
        done("flat", 1, 0.9, 0.9),
        done("flat", 2, 0.2, 0.4),
        done("sb3", 0, 0.1, 0.2),
    ]
    run = {"command": "python -m benchmarks.flat", "commit": "abc"}
    keep(tmp_path, cells, run)
    text = "\n".join(flat.lines_of([FIGURE], tmp_path))
    (row,) = [line for line in text.splitlines() if line.startswith("| Walk-v0")]
    assert [part.strip() for part in row.strip("|").split("|")] == [
        "Walk-v0",
        "1,000",
        "0.900",
        "0.450 (0.200 to 0.500; 3)",
        "1,000",
        "250",
        "–",
        "–",
        "–",
        "0.100 (0.100 to 0.100; 1)",
        "never",
        "250",
    ]
    assert "- Walk-v0: `python -m benchmarks.flat`, commit `abc`" in text
    assert "- Walk-v0: sb3 needs ≥ 1.0 × [0, ∞) the frames of flat\n" in text
    assert "of flat-raw" not in text


def test_a_task_that_was_not_played_again_stays_on_the_page(tmp_path: Path) -> None:
    other = flat.Figure("Run-v0", 0.5, 2000, "somebody's page")
    row, command = "| Run-v0 | 2,000 | as it was |", "- Run-v0: `an older command`, commit `old`"
    gone = "| Walk-v0 | 1,000 | 0.900 | 0.1 | 9 | 9 | – | – | – | – | – | – |"
    past = "- Walk-v0: `an older command`, commit `old`"
    page = tmp_path / "page.md"
    page.write_text("\n".join([gone, row, "", past, command]), encoding="utf-8")
    keep(tmp_path, [done("flat", 0, 0.5, 1.0)], {"command": "python -m benchmarks.flat", "commit": "new"})
    lines = list(flat.lines_of([FIGURE, other], tmp_path, page))
    assert lines.count(row) == lines.count(command) == 1
    assert gone not in lines
    assert past not in lines
    assert "- Walk-v0: `python -m benchmarks.flat`, commit `new`" in lines
    assert row not in list(flat.lines_of([FIGURE, other], tmp_path, tmp_path / "none.md"))


def test_a_method_that_was_not_played_again_stays_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    old = {"command": "an older command", "commit": "old"}
    keep(tmp_path / "old", [done(name, 0, 0.5, 1.0) for name in ("flat", "flat-raw", "sb3")], old)
    page.write_text("\n".join(flat.lines_of([FIGURE], tmp_path / "old")), encoding="utf-8")
    new = {"command": "python -m benchmarks.flat", "commit": "new"}
    keep(tmp_path / "new", [done("flat-raw", seed, 0.1, 0.2) for seed in range(3)], new)
    text = "\n".join(flat.lines_of([FIGURE], tmp_path / "new", page))
    (row,) = [line for line in text.splitlines() if line.startswith("| Walk-v0")]
    kept = "0.500 (0.500 to 0.500; 1) | 1,000 | 250"
    assert row == f"| Walk-v0 | 1,000 | 0.900 | {kept} | 0.100 (0.100 to 0.100; 3) | never | 250 | {kept} |"
    notes = [line for line in text.splitlines() if line.startswith("- Walk-v0: ")]
    assert [line.split("needs")[0] for line in notes] == [
        "- Walk-v0: sb3 ",
        "- Walk-v0: `an older command`, commit `old`",
        "- Walk-v0: `python -m benchmarks.flat`, commit `new`",
    ]
    assert notes[0].endswith("the frames of flat"), "what it needs beside flat-raw nobody has measured"
    page.write_text(text, encoding="utf-8")
    assert "\n".join(flat.lines_of([FIGURE], tmp_path / "new", page)) == text, "it says nothing twice"


def test_of_a_method_that_stays_only_its_own_commands_do(tmp_path: Path) -> None:
    row = "| Walk-v0 | 1,000 | 0.900 | – | – | – | – | – | – | 0.1 | 2 | 3 |"
    given = ["", " --methods flat --only Walk-v0", " --only Walk-v0 --methods flat-raw sb3"]
    told = [f"- Walk-v0: `python -m benchmarks.flat{words}`, commit `old`" for words in given]
    page = tmp_path / "page.md"
    page.write_text("\n".join([row, *told]), encoding="utf-8")
    keep(tmp_path, [done("flat", 0, 1.0)], {"command": "the new command", "commit": "new"})
    text = "\n".join(flat.lines_of([FIGURE], tmp_path, page))
    assert [line for line in text.splitlines() if ", commit" in line] == [
        told[0],
        told[2],
        "- Walk-v0: `the new command`, commit `new`",
    ]


def test_commands_whose_cells_were_played_again_are_not_told(tmp_path: Path) -> None:
    cells = [replace(done("flat", seed, 1.0), made={"commit": "new"}) for seed in range(2)]
    keep(tmp_path, cells, {"command": "python -m benchmarks.flat", "commit": "new"})
    runs = [{"command": "python -m benchmarks.flat", "commit": commit} for commit in ("old", "new")]
    with Store(tmp_path / FIGURE.task, {"frames": 1000}, {"runs": runs}):
        text = "\n".join(flat.lines_of([FIGURE], tmp_path))
    assert "commit `new`" in text
    assert "commit `old`" not in text


def test_a_command_that_played_nothing_is_not_told(tmp_path: Path) -> None:
    orders = flat.orders_for(FIGURE, ["flat"], [0], 1000)
    keep(tmp_path, [replace(done("flat", 0, 1.0), order=orders[0])], {"command": "played", "commit": "abc"})
    flat.measure(FIGURE, orders, tmp_path, 1, {"command": "wrote the page", "commit": "abc"})
    text = "\n".join(flat.lines_of([FIGURE], tmp_path))
    assert "`played`" in text
    assert "wrote the page" not in text


def test_a_task_nobody_has_published_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        flat.main(["--out", str(tmp_path), "--only", "MiniGrid-DoorKey-6x6-v0"])
    assert "MiniGrid-DoorKey-5x5-v0" in capsys.readouterr().err
