from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from benchmarks import results
from benchmarks.report.page import Evidence, Point, lines_of, reliable
from neurosym.domain import load_domain
from neurosym.errors import NeurosymError
from neurosym.evaluation import CAUSES, EpisodeResult, summarise

PUBLISHED = tomllib.loads(results.PUBLISHED.read_text(encoding="utf-8"))


def task(name: str, solved: int, steps: int = 20) -> dict[str, Any]:
    """Four episodes from seed 10 on, of which so many are solved."""
    episodes = []
    for n in range(4):
        good = n < solved
        cause = "" if good else "option"
        episodes.append(EpisodeResult(name, 10 + n, good, steps, 0.5 * good, cause, "", 1, 0, 0.01, 0.1))
    return summarise(episodes).as_record()


def record(*tasks: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"tasks": list(tasks), "version": "1", "commit": "abc", "command": "neurosym solve x", **others}


def bot_task(name: str, successes: list[int], steps: list[int], first: int = 10) -> dict[str, Any]:
    seeds = list(range(first, first + len(steps)))
    return {"task": name, "seeds": seeds, "successes": successes, "steps": steps}


RESULTS = record(
    task("BabyAI-GoTo-v0", 4, steps=30),
    task("BabyAI-Open-v0", 2),
    task("MiniGrid-ObstructedMaze-1Q-v0", 3),
    skipped=[
        {"task": "MiniGrid-Odd-v0", "reason": "it is odd"},
        {"task": "MiniGrid-Odd-v1", "reason": "it is odd"},
    ],
)
BOT = {
    "tasks": [
        bot_task("BabyAI-GoTo-v0", [1, 1, 1, 1, 0, 0], [10, 20, 30, 40, 99, 99]),
        bot_task("BabyAI-Open-v0", [1, 1, 1, 1], [5, 5, 5, 5]),
    ],
    "minigrid": "3",
    "commit": "def",
    "command": "python -m benchmarks.bot",
}
CEILINGS = {"MiniGrid-ObstructedMaze-1Q-v0": {"unsolvable_seeds": [13, 99]}}


def page(**parts: Any) -> str:
    evidence = Evidence(
        RESULTS, figures=PUBLISHED["figure"], ceilings=CEILINGS, reasons=PUBLISHED["ceiling"], **parts
    )
    return "\n".join(lines_of(evidence))


def test_the_page_says_what_made_each_figure() -> None:
    text = page(bot=BOT, curve=[Point(1_000_000, record(task("a", 1), commit="0ld"))])
    assert "Made by `neurosym solve x`, version 1, commit `abc`." in text
    assert "The bot's by `python -m benchmarks.bot`, minigrid 3, commit `def`." in text
    assert "1,000,000 frames: by `neurosym solve x`, commit `0ld`." in text
    assert "seeds 10 to 13" in text


def test_the_page_sums_up_by_family() -> None:
    text = page()
    assert "| BabyAI | 2 | 8 | 0.750 | 1 | 0.40 ms | 4.00 ms |" in text
    assert "| all | 3 | 12 | 0.750 | 1 | 0.43 ms | 4.29 ms |" in text
    assert "Not among them: `MiniGrid-Odd-v0`, `MiniGrid-Odd-v1`; it is odd." in text


def test_the_bot_is_compared_on_the_same_seeds() -> None:
    text = page(bot=BOT)
    assert "| BabyAI-GoTo-v0 | 1.00 | 30.0 | 1.00 | 25.0 |" in text, (
        "seeds that only the bot played count not"
    )
    assert "| mean success | 0.750 | 1.000 |" in text
    assert "| mean steps of the 1 tasks where both are there | 30.0 | 25.0 |" in text
    assert "In 1 of 2 tasks" in text


def test_a_bot_on_other_seeds_is_left_out() -> None:
    stranger = {**BOT, "tasks": [bot_task("BabyAI-GoTo-v0", [1, 1, 1], [1, 1, 1])]}
    text = page(bot=stranger)
    assert "Beside the bot" not in text
    assert "| BabyAI-GoTo-v0 | 1.00 | 30.0 |  |  |" in text


def test_failures_ceilings_and_published_figures() -> None:
    text = page()
    assert "| BabyAI-Open-v0 | 4 |  |  |  | 2 |  |" in text
    assert f"| all tasks | 12 | {' | '.join(str(3 * (cause == 'option')) for cause in CAUSES)} |" in text
    assert "| MiniGrid-ObstructedMaze-1Q-v0 | 0.75 | 0.75 | a blocking ball" in text
    assert "| BabyAI-Open-v0 | steps | 20.0 | 29.1 | the hand-written bot |" in text


def test_the_curve_is_a_table() -> None:
    curve = [Point(frames, record(task("a", solved), task("b", 4))) for frames, solved in ((5, 0), (9, 4))]
    text = page(curve=curve)
    assert "| 5 | 2 | 0.500 | 1 |" in text
    assert "| 9 | 2 | 1.000 | 2 |" in text


def put(path: Path, thing: Any) -> Path:
    path.write_text(json.dumps(thing))
    return path


def test_page_and_plots_are_written_and_come_out_the_same(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    put(tmp_path / "late.json", RESULTS)
    words = [
        *[str(put(tmp_path / "results.json", RESULTS)), "--bot", str(put(tmp_path / "bot.json", BOT))],
        *["--curve", str(put(tmp_path / "curve.json", CURVE))],
    ]
    for folder in ("one", "two"):
        results.main([*words, "--out", str(tmp_path / folder)])
    names = ["results-curve.svg", "results-steps.svg", "results-success.svg"]
    assert sorted(path.name for path in (tmp_path / "one" / "images").iterdir()) == names
    for name in ["results.md", *(f"images/{name}" for name in names)]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    text = (tmp_path / "one" / "results.md").read_text()
    assert all(f"(images/{name})" in text for name in names)
    assert text.index("| 5 |") < text.index("| 9 |"), "points are put in order"


CURVE = [{"frames": 9, "results": "late.json"}, {"frames": 5, "results": record(task("a", 1))}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not what `neurosym solve --json` writes"),
        ('{"tasks": []}', "it holds no task"),
        ('{"tasks": [{"task": "a"}]}', "not what `neurosym solve --json` writes"),
    ],
)
def test_results_that_are_none(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(NeurosymError, match=words):
        results.main([str(path)])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NeurosymError, match="No such file"):
        results.main([str(tmp_path / "results.json")])


def test_a_bot_that_is_none(tmp_path: Path) -> None:
    path = put(tmp_path / "results.json", RESULTS)
    with pytest.raises(NeurosymError, match=r"not what `python -m benchmarks\.bot` writes"):
        results.main([str(path), "--bot", str(path)])


@pytest.mark.parametrize("curve", [{}, [1], [{"frames": "5", "results": RESULTS}], [{"frames": 5}]])
def test_a_curve_that_is_none(tmp_path: Path, curve: Any) -> None:
    with pytest.raises(NeurosymError, match="not a list of"):
        results.read_curve(put(tmp_path / "curve.json", curve))


def test_a_curve_names_the_point_that_is_wrong(tmp_path: Path) -> None:
    path = put(tmp_path / "curve.json", [{"frames": 5, "results": {"tasks": 3}}])
    with pytest.raises(NeurosymError, match="5 frames: not what"):
        results.read_curve(path)


def test_published_figures_are_about_tasks_that_are_there() -> None:
    known = {task.id for task in load_domain("minigrid").tasks() if task.available}
    for figure in PUBLISHED["figure"]:
        assert figure["task"] in known
        assert figure["measure"] in ("return", "success", "steps")
        assert figure["value"] > 1 or figure["measure"] != "steps"
        assert 0 <= figure["value"] <= 1 or figure["measure"] == "steps"
        assert figure["source"]
    for ceiling in PUBLISHED["ceiling"]:
        assert set(ceiling["tasks"]) <= known
        assert ceiling["reason"]


def test_each_figure_is_given_once() -> None:
    given = [(figure["task"], figure["measure"], figure["system"]) for figure in PUBLISHED["figure"]]
    assert len(given) == len(set(given))


def test_only_the_best_figure_of_a_measure_is_shown() -> None:
    figures = [
        {"task": "a", "measure": "return", "system": "PPO", "value": 0.0},
        {"task": "a", "measure": "return", "system": "ICM", "value": 0.7},
        {"task": "a", "measure": "steps", "system": "bot", "value": 20.0},
        {"task": "a", "measure": "steps", "system": "slow bot", "value": 30.0},
        {"task": "b", "measure": "return", "system": "RIDE", "value": 0.9},
    ]
    shown = Evidence(RESULTS, figures=figures).figures_of("a")
    assert [figure["system"] for figure in shown] == ["ICM", "bot"]


def test_reliable_is_counted_from_the_bound_on() -> None:
    assert reliable([{"success_rate": rate} for rate in (0.949, 0.95, 1.0)]) == 2
