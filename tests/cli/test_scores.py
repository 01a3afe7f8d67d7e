from __future__ import annotations

from neurosym.cli.scores import Scores, table_of
from neurosym.evaluation import EpisodeResult
from tests.cli.conftest import printed


def episode(task: str, seed: int, success: bool = True, steps: int = 10) -> EpisodeResult:
    cause = "" if success else "option"
    return EpisodeResult(task, seed, success, steps, float(success), cause, "", 2, 1, 0.01, 0.1)


def test_episodes_may_come_in_any_order() -> None:
    scores = Scores(["a", "b"], range(2))
    for task, seed in (("b", 1), ("a", 1), ("b", 0)):
        scores.take(episode(task, seed))
    assert [(one.task, one.seed) for one in scores.episodes()] == [("a", 1), ("b", 0), ("b", 1)]
    assert [result.task for result in scores.results()] == ["b"], "a is not finished"
    assert scores.results()[0].seeds == (0, 1)


def test_the_table_has_a_line_of_sums() -> None:
    scores = Scores(["one", "two"], range(2))
    for task, seed, success in (("one", 0, True), ("one", 1, True), ("two", 0, True), ("two", 1, False)):
        scores.take(episode(task, seed, success, steps=10 if success else 70))
    lines = printed(table_of(scores.results())).splitlines()
    assert " ".join(lines[1].split()) == "one 2 100.0% 10.0 1.000 2.0 1.00 ms 10.00 ms"
    assert lines[2].split()[-2:] == ["option", "1"]
    assert lines[3].startswith("2 tasks, 1 of them at 95% or more")
    assert " ".join(lines[3].split()[9:]) == "4 75.0% 25.0 0.40 ms 4.00 ms option 1"


def test_a_single_task_has_no_sums() -> None:
    scores = Scores(["one"], range(1))
    scores.take(episode("one", 0))
    assert len(printed(table_of(scores.results())).rstrip().splitlines()) == 2
