"""The same evaluation as `neurosym solve`, with the environment in a process of its own.

That process plays the episodes and keeps the score. The agent's process is handed `image`, `direction` and
`mission` through a pipe and answers with actions: whatever else the environment knows cannot reach it.

    python -m benchmarks.isolated MiniGrid-DoorKey-8x8-v0 --episodes 100

prints the JSON of `neurosym solve --json`; for the same seeds the figures are the same, wall times apart.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from neurosym.domain import load_domain
from neurosym.evaluation import Contestant, TaskResult, evaluate
from neurosym.provenance import provenance
from neurosym.seeds import EVALUATION_SEED

KEYS = ("image", "direction", "mission")


@dataclass(frozen=True)
class Counted:
    plans: int
    plan_cache_hits: int
    planning_seconds: float


class Remote:
    """Stands in for the agent where the environment is: passes three keys on and takes actions back."""

    def __init__(self, wire: Connection) -> None:
        self._wire = wire

    def reset(self, obs: Mapping[str, Any], /) -> None:
        self._ask("reset", pick(obs))

    def act(self, obs: Mapping[str, Any], /) -> int:
        return self._ask("act", pick(obs))

    def blame(self) -> str:
        return self._ask("blame")

    @property
    def counters(self) -> Counted:
        return Counted(*self._ask("counters"))

    def _ask(self, *question: Any) -> Any:
        self._wire.send(question)
        answer, error = self._wire.recv()
        if error:
            raise RuntimeError(error)
        return answer


def pick(obs: Mapping[str, Any]) -> dict[str, Any]:
    """The three keys as plain values: uint8[7, 7, 3], an int, a string."""
    image, direction, mission = (obs[key] for key in KEYS)
    return {"image": np.array(image), "direction": int(direction), "mission": str(mission)}


def host(wire: Connection, domain: str, tasks: Sequence[str], episodes: int, seed: int) -> None:
    """The environment's process: play everything, send each task's result, then None."""
    with redirect_stdout(sys.stderr):
        for result in evaluate(Remote(wire), load_domain(domain), tasks, episodes, seed):
            if isinstance(result, TaskResult):
                wire.send(("result", result))
        wire.send(("done",))


def answer(agent: Contestant, question: tuple[Any, ...]) -> Any:
    """What the agent says to one question."""
    match question:
        case ("reset", obs):
            return agent.reset(obs)
        case ("act", obs):
            return int(agent.act(obs))
        case ("blame",):
            return agent.blame()
        case ("counters",):
            counters = agent.counters
            return counters.plans, counters.plan_cache_hits, counters.planning_seconds
    raise ValueError(f"nobody asks {question[0]!r}")


def attempt(agent: Contestant, question: tuple[Any, ...]) -> tuple[Any, str]:
    try:
        return answer(agent, question), ""
    except Exception as error:
        logging.getLogger(__name__).warning("the agent raised %r", error)
        return None, repr(error)


def evaluate_apart(
    agent: Contestant, domain: str, tasks: Sequence[str], episodes: int, seed: int = EVALUATION_SEED
) -> list[TaskResult]:
    """Each task's result, as `neurosym.evaluation.evaluate` would give it.

    Raises:
        EOFError: the environment's process died; what it said stands on standard error.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=host, args=(there, domain, tasks, episodes, seed), daemon=True)
    process.start()
    there.close()
    results: list[TaskResult] = []
    with here:
        while (message := here.recv()) != ("done",):
            if message[0] == "result":
                results.append(message[1])
            else:
                here.send(attempt(agent, message))
    process.join()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tasks", nargs="+")
    parser.add_argument("--domain", default="minigrid")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=EVALUATION_SEED)
    parser.add_argument("--agent", help="folder of the weights; the domain's own by default")
    given = parser.parse_args()

    import neurosym

    agent = neurosym.load(given.domain, given.agent)
    results = evaluate_apart(agent, given.domain, given.tasks, given.episodes, given.seed)
    made = provenance(sys.argv[1:], "python -m benchmarks.isolated")
    print(json.dumps({"tasks": [result.as_record() for result in results], **made}, indent=2))


if __name__ == "__main__":
    main()
