"""Do the words matter? Controllers that hear an instruction's text beside those told its typed arguments.

    python -m benchmarks.words --text runs/text/weights --typed runs/typed/weights --out runs/words
        [--episodes 50] [--controls 20] [--controller text …] [--saying right …] [--page docs/results-words.md]

Each plays eight tasks, TASKS below, on levels of seeds that neither has seen, with instructions said as they are and as
each control says them: `scrambled`, some other instruction of the domain; `silent`, no words at all; `wrong`, another
instruction about things that are there. The plan, the typed arguments and the verdict on each step stay as they are.

`shipped` is the typed controller that comes with the domain, `random` one that learned nothing. `--out` holds a file
for each controller, saying and task; what is there is not played again, so that processes may share the work by
`--controller` and `--saying`. The page is written from all that is there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.domain import Domain, load_domain
from neurosym.errors import NeurosymError
from neurosym.executive import Executive
from neurosym.files import write_whole
from neurosym.language import ScrambledTranslator, SilentTranslator, Translator, WrongTranslator
from neurosym.options import NetworkController, RandomController, load_checkpoint
from neurosym.provenance import provenance

FIRST_SEED = 2_000_000
SAYINGS = ("right", "scrambled", "silent", "wrong")
TASKS = (
    "MiniGrid-DoorKey-8x8-v0",
    "MiniGrid-DoorKey-16x16-v0",
    "MiniGrid-MultiRoom-N6-v0",
    "MiniGrid-KeyCorridorS3R3-v0",
    "MiniGrid-BlockedUnlockPickup-v0",
    "MiniGrid-ObstructedMaze-1Dlhb-v0",
    "BabyAI-GoToLocal-v0",
    "BabyAI-PickupLoc-v0",
)
SIDE_BY_SIDE = 25
CONTROLLERS = ("shipped", "typed", "text", "random")
ALLOWED = 0.02  # of success that words may cost


def translator_of(domain: Domain, saying: str) -> Translator:
    """The domain's rules, or one that distorts what they say."""
    rules, model = domain.translator.rules, domain.model
    return {
        "right": lambda: domain.translator,
        "scrambled": lambda: ScrambledTranslator(domain.translator, rules, model),
        "silent": lambda: SilentTranslator(domain.translator),
        "wrong": lambda: WrongTranslator(domain.translator, rules, model),
    }[saying]()


class Games:
    """Episodes of a task in its own environments, side by side; where one ends, the next begins.

    Attributes:
        results: whether each episode was solved and how many steps it took, by seed.
    """

    def __init__(self, domain: Domain, task: str, episodes: int) -> None:
        self.envs = [domain.make_env(task) for _ in range(min(episodes, SIDE_BY_SIDE))]
        self.seeds = itertools.count(FIRST_SEED)
        self.results: dict[int, tuple[bool, int]] = {}
        self.playing = [0] * len(self.envs)
        self.steps = [0] * len(self.envs)
        self.seen: list[Any] = [None] * len(self.envs)
        self.begin(np.ones(len(self.envs), dtype=np.bool_))

    def step(self, actions: Sequence[int]) -> NDArray[np.bool_]:
        """Where the episode is over."""
        over = np.zeros(len(self.envs), dtype=np.bool_)
        for n, action in enumerate(actions):
            self.seen[n], reward, terminated, truncated, _ = self.envs[n].step(action)
            self.steps[n] += 1
            if terminated or truncated:
                self.results[self.playing[n]] = terminated and float(reward) > 0, self.steps[n]
                over[n] = True
        return over

    def begin(self, mask: NDArray[np.bool_]) -> None:
        """The next episodes where bool[N] `mask` says so."""
        for n in np.flatnonzero(mask).tolist():
            self.playing[n], self.steps[n] = next(self.seeds), 0
            self.seen[n], _ = self.envs[n].reset(seed=self.playing[n])


def play(domain: Domain, weights: Path | None, saying: str, task: str, episodes: int) -> dict[str, Any]:
    """What a controller reaches in a task, on its first seeds; one that acts at random, where there are no weights."""
    controller, hearing = RandomController(domain.feature_spec.actions), None
    if weights is not None:
        controller = NetworkController(load_checkpoint(weights, domain.feature_spec, domain.hearing).network)
        hearing = controller.hearing
    games, rng = Games(domain, task, episodes), np.random.default_rng(0)
    count = len(games.envs)
    executive = Executive(domain, count, translator=translator_of(domain, saying), hearing=hearing)
    executive.begin(np.ones(count, dtype=np.bool_), domain.stack(games.seen))
    wanted = range(FIRST_SEED, FIRST_SEED + episodes)
    while not all(seed in games.results for seed in wanted):
        actions = controller.act(executive.features(), rng)
        idle = np.flatnonzero(~executive.subgoals.any(axis=1))
        actions[idle] = rng.choice(domain.idle_actions, size=len(idle))
        over = games.step(actions.tolist())
        executive.update(actions, domain.stack(games.seen))
        games.begin(over)
        executive.begin(over, domain.stack(games.seen))
    solved, steps = zip(*(games.results[seed] for seed in wanted), strict=True)
    return {
        "task": task,
        "episodes": episodes,
        "success_rate": sum(solved) / episodes,
        "mean_steps": sum(steps) / episodes,
    }


def measure(
    folders: Mapping[str, Path | None],
    out: Path,
    sayings: Sequence[str],
    counts: Mapping[str, int],
    made: Mapping[str, str | None],
) -> None:
    """Play what is not in `out` yet."""
    domain = load_domain("minigrid")
    for saying in sayings:
        for controller, weights in folders.items():
            for task in TASKS:
                path = out / f"{controller}-{saying}-{task}.json"
                if path.exists():
                    continue
                record = {**play(domain, weights, saying, task, counts[saying]), **made}
                write_whole(path, (json.dumps(record) + "\n").encode())
                print(f"{controller}, {saying}: {task} {record['success_rate']:.2f}", file=sys.stderr)


def read(out: Path) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    """What was measured, by controller and saying, and then by task."""
    found: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for controller in CONTROLLERS:
        for saying in SAYINGS:
            for task in TASKS:
                path = out / f"{controller}-{saying}-{task}.json"
                if path.exists():
                    found.setdefault((controller, saying), {})[task] = json.loads(path.read_text("utf-8"))
    return found


def lines_of(
    found: Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]], trained: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """The page.

    Args:
        trained: what the checkpoints of controllers say of how they were made.
    """
    columns = list(found)
    yield "# What the words are worth"
    yield ""
    yield "Written by `python -m benchmarks.words`; do not edit. Success on levels of unseen seeds, from"
    yield f"{FIRST_SEED:,} on, in brackets the mean number of primitive steps. What each controller is told, and what"
    yield "the controls say, stands in [how options are learned](learning.md#controllers-that-hear-words)."
    yield ""
    yield "| task | " + " | ".join(f"{controller}, {saying}" for controller, saying in columns) + " |"
    yield "|---|" + "---:|" * len(columns)
    for task in TASKS:
        cells = (_cell(found[column].get(task)) for column in columns)
        yield f"| {task} | " + " | ".join(cells) + " |"
    means = {column: _mean(found[column]) for column in columns}
    yield "| **mean** | " + " | ".join(f"**{means[column]:.3f}**" for column in columns) + " |"
    yield "| episodes each | " + " | ".join(_episodes(found[column]) for column in columns) + " |"
    yield ""
    yield from _verdict(means)
    yield ""
    for controller, meta in trained.items():
        made = f"`{meta['command']}`, commit `{meta['commit']}`"
        yield f"- `{controller}` is what {meta['frames']:,} frames led to, by {made}."
    for command, commit in sorted(
        {(r["command"], r["commit"]) for rows in found.values() for r in rows.values()}
    ):
        yield f"- By `{command}`, commit `{commit}`."


def _cell(record: Mapping[str, Any] | None) -> str:
    return "" if record is None else f"{record['success_rate']:.2f} ({record['mean_steps']:.0f})"


def _mean(rows: Mapping[str, Mapping[str, Any]]) -> float:
    return sum(row["success_rate"] for row in rows.values()) / max(1, len(rows))


def _episodes(rows: Mapping[str, Mapping[str, Any]]) -> str:
    return ", ".join(map(str, sorted({row["episodes"] for row in rows.values()})))


def _verdict(means: Mapping[tuple[str, str], float]) -> Iterator[str]:
    """What the figures say, in words."""
    right, typed = means.get(("text", "right")), means.get(("typed", "right"))
    if right is None or typed is None:
        return
    held = "within" if typed - right <= ALLOWED else "beyond"
    gain = f"{right - typed:+.3f} against typed arguments"
    yield f"Success with words is {gain}, {held} the {ALLOWED:.2f} that words may cost."
    for saying in SAYINGS[1:]:
        control = means.get(("text", saying))
        if control is not None:
            matter = "the words are decoration" if control >= right - ALLOWED else "the words matter"
            yield f"With {saying} instructions success is {right - control:.3f} lower: {matter}."


def main(given: list[str] | None = None) -> None:
    words = sys.argv[1:] if given is None else given
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--text", type=Path, required=True, help="weights of a controller that hears words")
    parser.add_argument(
        "--typed", type=Path, required=True, help="of one told typed arguments, trained alike"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--episodes", type=int, default=50, help="of each task, with instructions as they are"
    )
    parser.add_argument("--controls", type=int, default=20, help="of each task, with each control")
    parser.add_argument("--saying", nargs="*", choices=SAYINGS, default=SAYINGS)
    parser.add_argument("--controller", nargs="*", choices=CONTROLLERS, default=CONTROLLERS[1:3])
    parser.add_argument("--page", type=Path)
    options = parser.parse_args(words)
    if options.episodes < 1 or options.controls < 1:
        parser.error("--episodes and --controls must be at least 1")
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    counts = {saying: options.episodes if saying == "right" else options.controls for saying in SAYINGS}
    shipped = load_domain("minigrid").weights
    folders = {"shipped": shipped, "typed": options.typed, "text": options.text}
    playing = {name: folders.get(name) for name in options.controller}
    made = provenance(words, "python -m benchmarks.words")
    measure(playing, options.out, options.saying, counts, made)
    if options.page:
        trained = {name: load_checkpoint(folders[name]).meta for name in ("typed", "text")}
        options.page.write_text("\n".join(lines_of(read(options.out), trained)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except NeurosymError as error:
        raise SystemExit(f"benchmarks.words: {error}") from None
