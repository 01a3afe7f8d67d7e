"""Worlds larger than any that was trained on, and no further training: `python -m benchmarks.generalisation`.

    python -m benchmarks.generalisation [--episodes 100] [--only WORLD …] [--controller scripted | --agent DIR]
                                        [--out FILE] [--page FILE] [--results FILE]

Plays each world of `benchmarks/larger/worlds.py` with the weights that ship, with those in a folder, or with the
scripted controller. Several processes share the work, in parcels of a few episodes, each played by an agent of its own,
so that figures do not depend on who played what; wall times do depend on what else the machine does.

With --out, the result goes to that JSON file. With --page, the tables of that page are replaced, and its plot drawn
(which wants the extra `bench`). With --results, nothing is played: the result is what that JSON file holds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.larger.page import describe, update_page
from benchmarks.larger.worlds import WORLDS, LargerWorlds, World, choose_worlds
from neurosym.agent import Agent, load
from neurosym.domain import load_domain
from neurosym.errors import NeurosymError
from neurosym.evaluation import EpisodeResult, run_episode, summarise
from neurosym.processes import in_processes
from neurosym.provenance import provenance
from neurosym.seeds import EVALUATION_SEED

PARCEL = 5  # episodes that one agent plays
FIRST_WORLD = "LockedAway-2x2"  # played once in each process, for whatever is loaded when first used


@dataclass(frozen=True)
class Player:
    """Who plays: the scripted controller, or the weights in a folder, None for those that ship."""

    scripted: bool = False
    weights: Path | None = None

    def agent(self) -> Agent:
        """A new one.

        Raises:
            CheckpointError: the weights cannot be used.
        """
        domain = load_domain("minigrid")
        if self.scripted:
            return Agent(domain, domain.scripted_controller())
        return load(domain, self.weights)

    @property
    def name(self) -> str:
        """In words."""
        if self.scripted:
            return "the scripted controller"
        return f"the weights in {self.weights}" if self.weights else "the weights that ship"


class Played(NamedTuple):
    """An episode, and what the agent noted last."""

    result: EpisodeResult
    note: str


def play(player: Player, world: str, seeds: range) -> list[Played]:
    """One agent's episodes in one world."""
    agent = player.agent()
    with closing(LargerWorlds().make_env(world)) as env:
        return [Played(run_episode(agent, env, world, seed), last_note(agent)) for seed in seeds]


def last_note(agent: Agent) -> str:
    if not agent.events:
        return ""
    step, kind, text = agent.events[-1]
    return f"step {step}, {kind}: {' '.join(text.split())}"


def parcels(worlds: Sequence[World], seeds: range) -> Iterator[tuple[str, range]]:
    """Every world's seeds, a few at a time."""
    for world in worlds:
        for start in range(seeds.start, seeds.stop, PARCEL):
            yield world.name, range(start, min(start + PARCEL, seeds.stop))


def play_all(player: Player, worlds: Sequence[World], seeds: range, jobs: int) -> dict[str, Any]:
    """Each world's record, by its name."""
    played: dict[str, list[Played]] = {world.name: [] for world in worlds}
    todo = list(parcels(worlds, seeds))
    tasks = [partial(play, player, world, some) for world, some in todo]
    for done in in_processes(tasks, jobs, prepare=partial(play, player, FIRST_WORLD, range(1))):
        if done is not None:
            world = todo[done[0]][0]
            played[world].extend(done[1])
            print(f"{world}: {len(played[world])} of {len(seeds)}", file=sys.stderr)
    return {name: record(WORLDS[name], episodes) for name, episodes in played.items()}


def record(world: World, episodes: Sequence[Played]) -> dict[str, Any]:
    """What is kept of a world's episodes; times are wall time.

    `ms_per_step` is that of the agent and its environment, planning included.
    """
    episodes = sorted(episodes, key=lambda played: played.result.seed)
    total = summarise([played.result for played in episodes])
    return {
        "about": world.about,
        "rooms": world.rooms,
        "in_series": world.series,
        "episodes": total.episodes,
        "success_rate": total.success_rate,
        "mean_steps": total.mean_steps,
        "plans": total.plans,
        "plan_cache_hits": total.plan_cache_hits,
        "planning_seconds": total.planning_seconds,
        "planning_ms_per_plan": 1000 * total.planning_seconds / max(total.plans, 1),
        "planning_ms_per_step": 1000 * total.planning_seconds / max(total.env_steps, 1),
        "ms_per_step": 1000 * total.seconds / max(total.env_steps, 1),
        "failures": total.failures,
        "failed": [
            {
                "seed": result.seed,
                "steps": result.steps,
                "cause": result.cause,
                "error": result.error,
                "last_note": note,
            }
            for result, note in episodes
            if not result.success
        ],
    }


def main(given: list[str] | None = None) -> None:
    """Play what is asked for, keep it, write the page, and print a table."""
    words = sys.argv[1:] if given is None else given
    options = read_options(words)
    result = read_result(options.results) if options.results else measure(options, words)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.page:
        update_page(options.page, result)
    print(describe(result))


def measure(options: argparse.Namespace, words: list[str]) -> dict[str, Any]:
    player = Player(options.controller == "scripted", options.agent)
    player.agent()  # here it is said plainly what is wrong with the weights
    seeds = range(options.seed, options.seed + options.episodes)
    return {
        **provenance(words, "python -m benchmarks.generalisation"),
        "player": player.name,
        "seed": options.seed,
        "worlds": play_all(player, choose_worlds(options.only), seeds, options.jobs),
    }


def read_result(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def read_options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--episodes", type=int, default=100, help="in each world")
    parser.add_argument("--seed", type=int, default=EVALUATION_SEED, help="of the first level")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORLD", help="these worlds instead of all")
    parser.add_argument("--controller", choices=("learned", "scripted"), default="learned")
    parser.add_argument("--agent", type=Path, help="folder of the weights; those that ship by default")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, help="JSON file that the result goes to")
    parser.add_argument("--page", type=Path, help="page whose tables and plot are to be replaced")
    parser.add_argument("--results", type=Path, help="JSON file that the result is taken from")
    options = parser.parse_args(words)
    if options.episodes < 1 or options.jobs < 1:
        parser.error("--episodes and --jobs must be at least 1")
    if options.controller == "scripted" and options.agent:
        parser.error("--agent goes with the learned controller")
    return options


if __name__ == "__main__":
    try:
        main()
    except NeurosymError as error:
        raise SystemExit(f"benchmarks/generalisation.py: {error}") from None
