"""BabyAI's own hand-written bot on the levels that `neurosym solve` plays, judged by the same verdict.

    python -m benchmarks.bot --episodes 100 --out benchmarks/results/bot.json [--jobs 2] [TASK …]

The bot is `minigrid.utils.baby_ai_bot.BabyAIBot`. It reads the simulator: the verifier's objects and their places, and
the grid, where it has been seen. An exception is a failure, counted under its name; so is an episode that takes more
than three seconds of processor time, a hundred times what episodes need: the bot can go round in circles within one
step, and some levels are never finished being made.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import minigrid

from neurosym.deliberation import Counters
from neurosym.domain import load_domain
from neurosym.errors import NeurosymError
from neurosym.evaluation import EpisodeResult, run_episode
from neurosym.files import write_whole
from neurosym.provenance import provenance
from neurosym.seeds import EVALUATION_SEED
from neurosym.suite import Block, cut, side_by_side

DOMAIN = load_domain("minigrid")
generators = importlib.import_module("neurosym_domains.minigrid.generators")

EPISODE_SECONDS = 3.0  # of processor time
BLOCK_EPISODES = 25


@dataclass
class Bot:
    """The bot as `run_episode` takes an agent; it looks at the environment, not at observations."""

    env: Any
    counters: Counters = field(default_factory=Counters)

    def reset(self, obs: Any, /) -> None:
        from minigrid.utils.baby_ai_bot import BabyAIBot

        self.bot, self.action = BabyAIBot(self.env), None

    def act(self, obs: Any, /) -> int:
        self.action = int(self.bot.replan(self.action))  # type: ignore[arg-type]  always one in the end
        return self.action

    def blame(self) -> str:
        return "time_limit"


@contextmanager
def unlogged() -> Iterator[None]:
    """What the bot raises is part of the result, and stays off the log."""
    logger = logging.getLogger("neurosym.evaluation")
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = False


def play(block: Block, seconds: float = EPISODE_SECONDS) -> list[EpisodeResult]:
    """The bot's episodes, each of which may take so many seconds."""
    env = DOMAIN.make_env(block.task)
    results = []
    with closing(env), unlogged():
        for seed in block.seeds:
            with generators.limited(seconds):
                results.append(run_episode(Bot(env), env, block.task, seed))
    return results


def why(result: EpisodeResult) -> str:
    """What a failure is counted under: the exception's name, or that the episode ended unsolved."""
    return result.error.partition("(")[0] if result.error else "unsolved"


def record_of(task: str, results: Sequence[EpisodeResult]) -> dict[str, Any]:
    """A task's record; `successes` and `steps` are in the order of `seeds`."""
    count = len(results)
    return {
        "task": task,
        "episodes": count,
        "success_rate": sum(one.success for one in results) / count,
        "mean_steps": sum(one.steps for one in results) / count,
        "failures": dict(sorted(Counter(why(one) for one in results if not one.success).items())),
        "seeds": [one.seed for one in results],
        "successes": [int(one.success) for one in results],
        "steps": [one.steps for one in results],
    }


def tasks_of_the_bot() -> list[str]:
    """BabyAI's ids: those whose levels carry the instruction that the bot works from."""
    tasks = DOMAIN.tasks()
    return [task.id for task in tasks if task.available and task.id.startswith("BabyAI-")]


def measure(tasks: Sequence[str], seeds: range, jobs: int) -> list[dict[str, Any]]:
    """Each task's record; progress on standard error."""
    blocks = cut(tasks, seeds, size=BLOCK_EPISODES)
    results: dict[str, list[EpisodeResult]] = {task: [] for task in tasks}
    done = 0
    with closing(side_by_side([partial(play, block) for block in blocks], jobs)) as outcomes:
        for played in outcomes:
            if played is None:
                continue
            results[played[0].task] += played
            done += len(played)
            print(f"{done:,} of {len(tasks) * len(seeds):,} episodes, now {played[0].task}", file=sys.stderr)
    return [record_of(task, sorted(results[task], key=lambda one: one.seed)) for task in tasks]


def write(path: Path, record: dict[str, Any]) -> None:
    """JSON with a line for each task; it appears whole or not at all."""
    tasks = ",\n  ".join(json.dumps(task) for task in record["tasks"])
    rest = json.dumps({key: value for key, value in record.items() if key != "tasks"})[1:]
    write_whole(path, f'{{"tasks": [\n  {tasks}\n],\n{rest}\n'.encode())


def main(words: list[str] | None = None) -> None:
    given = sys.argv[1:] if words is None else words
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="all BabyAI ids unless told otherwise")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=EVALUATION_SEED)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(given)
    known = tasks_of_the_bot()
    strangers = sorted(set(options.tasks) - set(known))
    if strangers:
        parser.error(f"the bot plays BabyAI's tasks only, not {', '.join(strangers)}")
    if options.episodes < 1 or options.jobs < 1 or options.seed < 0:
        parser.error("--episodes and --jobs must be at least 1, and --seed not negative")
    if not options.out.absolute().parent.is_dir():
        parser.error(f"{options.out}: there is no such folder to write into")
    seeds = range(options.seed, options.seed + options.episodes)
    facts = {
        "minigrid": minigrid.__version__,
        **provenance(given, "python -m benchmarks.bot"),
    }
    write(options.out, {"tasks": measure(options.tasks or known, seeds, options.jobs), **facts})


if __name__ == "__main__":
    try:
        main()
    except NeurosymError as error:
        raise SystemExit(f"benchmarks.bot: {error}") from None
