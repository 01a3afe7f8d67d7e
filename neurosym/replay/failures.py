"""Failed episodes kept to be looked at: a page and a record for each, and a page that lists them.

DIR/TASK/SEED.html    the episode, step by step
DIR/TASK/SEED.json    the same in words: mission, cause, actions, events, the last plan
DIR/index.html        all of them, by task and cause
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from neurosym.evaluation import EpisodeResult
from neurosym.files import write_whole
from neurosym.replay.page import render_index
from neurosym.replay.recorder import Episode, Recorder
from neurosym.replay.repeat import Player, World, repeat_episode, same_course

__all__ = ["choose_failures", "keep_failure", "write_index"]


def choose_failures(episodes: Iterable[EpisodeResult], most: int) -> list[EpisodeResult]:
    """The failed ones, of each task the first `most`."""
    chosen, counts = [], Counter[str]()
    for episode in episodes:
        if not episode.success and counts[episode.task] < most:
            counts[episode.task] += 1
            chosen.append(episode)
    return chosen


def keep_failure(
    agent: Player, domain: World, failed: EpisodeResult, folder: Path, meta: Mapping[str, str]
) -> dict[str, Any]:
    """Play a failed episode once more and keep it; one that is kept already, with the same `meta`, stays.

    Args:
        meta: what made it, such as version, commit and weights; shown on the page.

    Returns:
        the record: `task, seed, mission, cause, error, steps, return, repeated, actions, events, plan, instruction,
        page, made_with`. `repeated` is false where it went another way the second time, and then the page and the
        record show that second time, but for the first one's `cause, error, steps` and `return`.

    Raises:
        NeurosymError: a file cannot be written.
        UnavailableTaskError: the task's environment cannot start here.
    """
    page = folder / failed.task / f"{failed.seed}.html"
    known = _read(page.with_suffix(".json"))
    if page.exists() and known is not None and _tells_of(known, failed, meta):
        return known
    recorder = Recorder(f"{failed.task}, seed {failed.seed}", meta)
    again = repeat_episode(agent, domain, failed, recorder)
    record = {
        **_facts(failed),
        "repeated": same_course(failed, again),
        **_course(recorder.episodes[-1]),
        "page": page.relative_to(folder).as_posix(),
        "made_with": dict(meta),
    }
    page.parent.mkdir(parents=True, exist_ok=True)
    recorder.save(page)
    write_whole(page.with_suffix(".json"), (json.dumps(record, indent=1) + "\n").encode())
    return record


def write_index(
    folder: Path,
    records: Sequence[Mapping[str, Any]],
    failed: Mapping[str, int],
    played: Mapping[str, int],
    meta: Mapping[str, str],
) -> Path:
    """The page that lists what was kept.

    Args:
        failed, played: how many episodes of each task failed, and were played.
    """
    names = ("task", "seed", "mission", "cause", "error", "steps", "repeated", "instruction", "page")
    entries = [{**{name: record[name] for name in names}, "last": _last(record)} for record in records]
    tasks = [{"task": task, "failed": count, "played": played[task]} for task, count in failed.items()]
    record = {"format": 1, "meta": dict(meta), "tasks": tasks, "failures": entries}
    return write_whole(folder / "index.html", render_index("Failed episodes", record).encode())


def _facts(failed: EpisodeResult) -> dict[str, Any]:
    return {
        "task": failed.task,
        "seed": failed.seed,
        "cause": failed.cause,
        "error": failed.error,
        "steps": failed.steps,
        "return": failed.total,
    }


def _course(episode: Episode) -> dict[str, Any]:
    """The words of a recorded episode."""
    moments = episode.moments
    return {
        "mission": episode.mission,
        "actions": [moment.action for moment in moments if moment.action],
        "events": [[step, kind, text] for step, moment in enumerate(moments) for kind, text in moment.events],
        "plan": next((list(moment.plan) for moment in reversed(moments) if moment.plan), []),
        "instruction": next((moment.instruction for moment in reversed(moments) if moment.instruction), ""),
    }


def _last(record: Mapping[str, Any]) -> str:
    """What went wrong last, in one line."""
    if record["error"]:
        return record["error"]
    troubles = [text for _, kind, text in record["events"] if kind in ("failed", "gave up")]
    return troubles[-1] if troubles else ""


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _tells_of(record: Mapping[str, Any], failed: EpisodeResult, meta: Mapping[str, str]) -> bool:
    facts = {**_facts(failed), "made_with": dict(meta)}
    return all(record.get(name) == value for name, value in facts.items())
