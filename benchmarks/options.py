"""How fast options decide and learn: `python -m benchmarks.options [--hidden 128]`.

Medians of processor time on one thread, which a busy machine disturbs less than wall time. The states are
like a grid world's: 40 to 80 rows named, of 160 at most, in a table of 8,000, low rows more often than high.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from neurosym.options import (
    FeatureSpec,
    Learner,
    NetworkController,
    OptionNetwork,
    PPOConfig,
    Rollout,
)
from neurosym.options.table import pack_rows, sum_rows

SPEC = FeatureSpec(rows=8000, width=160, dense=20, actions=7)
STEPS, WORLDS = 32, 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", type=int, default=128)
    hidden = parser.parse_args().hidden
    torch.set_num_threads(1)
    rollout = random_rollout(np.random.default_rng(0))
    for count in (512, 1024, 4096):
        compare_sums(rollout.sparse.reshape(-1, SPEC.width)[:count], hidden)
    network = OptionNetwork(SPEC, (hidden, hidden))
    time_acting(rollout, network)
    for minibatch in (1024, 4096):
        learner = Learner(network, PPOConfig(epochs=2, minibatch=minibatch))
        seconds = median_seconds(lambda learner=learner: learner.update(rollout), repeats=5)
        report(f"update, {STEPS * WORLDS} rows, 2 epochs, minibatch {minibatch}", seconds)


def random_rollout(rng: np.random.Generator) -> Rollout:
    rollout = Rollout(SPEC, STEPS, WORLDS)
    shape = rollout.sparse.shape
    rows = np.minimum(rng.exponential(600, shape).astype(np.int32) + 1, SPEC.rows - 1)
    rollout.sparse[:] = np.where(np.arange(SPEC.width) < rng.integers(40, 81, shape[:2])[..., None], rows, 0)
    rollout.dense[:] = rng.standard_normal(rollout.dense.shape)
    rollout.action[:] = rng.integers(SPEC.actions, size=rollout.action.shape)
    rollout.log_prob[:] = -np.log(SPEC.actions)
    rollout.reward[:] = rng.random(rollout.reward.shape)
    rollout.discount[:] = 0.99
    rollout.valid[:] = True
    return rollout


def compare_sums(sparse: np.ndarray, hidden: int) -> None:
    """The table sum and its gradient: torch on padded lists, torch on packed lists, and ours."""
    table = torch.randn(SPEC.rows, hidden, requires_grad=True)
    gradient = torch.randn(len(sparse), hidden)
    padded = torch.from_numpy(sparse.copy())
    lists = pack_rows(sparse)
    bag = torch.nn.functional.embedding_bag
    ways: dict[str, Callable[[], torch.Tensor]] = {
        "embedding_bag, padded": lambda: bag(padded, table, mode="sum", padding_idx=0),
        "embedding_bag, packed": lambda: bag(lists.rows, table, lists.starts, mode="sum"),
        "sum_rows, packing included": lambda: sum_rows(table, pack_rows(sparse)),
    }
    for name, way in ways.items():
        with torch.no_grad():
            report(f"{name}, {len(sparse)} states, forward", median_seconds(way))
        report(
            f"{name}, {len(sparse)} states, both ways",
            median_seconds(lambda way=way: torch.autograd.grad(way(), table, gradient)),
        )


def time_acting(rollout: Rollout, network: OptionNetwork) -> None:
    controller, rng = NetworkController(network), np.random.default_rng(0)
    many, one = rollout.features(0), rollout.features(0)[0]
    report("act_with_values, 512 states", median_seconds(lambda: controller.act_with_values(many, rng)))
    report("act, 1 state", median_seconds(lambda: controller.act(one, rng), repeats=200))


def median_seconds(run: Callable[[], object], repeats: int = 20) -> float:
    run()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def report(name: str, seconds: float) -> None:
    print(f"{seconds * 1e3:9.3f} ms  {name}")


if __name__ == "__main__":
    main()
