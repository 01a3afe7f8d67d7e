"""How fast options decide and learn: `python -m benchmarks.options [--hidden 192 128] [--device cuda]`.

Medians of processor time on one thread, which a busy machine disturbs less than wall time (wall time where the
learner works on an accelerator). The states are like those of MiniGrid: 20 to 60 rows named, of 128 at most, in a
table of 7,498, low rows more often than high, so that some 2,000 rows take part in a minibatch of 1,024.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import numpy as np
import torch

from neurosym.options import (
    Features,
    FeatureSpec,
    Learner,
    NetworkController,
    OptionNetwork,
    PPOConfig,
    Rollout,
)
from neurosym.options import learner as learner_module
from neurosym.options.adam import Stride, move_rows, without_subnormals
from neurosym.options.descent import TorchDescent
from neurosym.options.table import RowGradient, add_rows, pack_rows

SPEC = FeatureSpec(rows=7498, width=128, dense=27, actions=7)
STEPS, WORLDS = 32, 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", type=int, nargs="+", default=[192, 128])
    parser.add_argument("--device", default="cpu", help="where the learner works")
    arguments = parser.parse_args()
    hidden, device = tuple(arguments.hidden), arguments.device
    torch.set_num_threads(1)
    rollout = random_rollout(np.random.default_rng(0))
    time_sums(rollout.sparse.reshape(-1, SPEC.width)[:1024], hidden[0])
    time_acting(rollout, OptionNetwork(SPEC, hidden))
    time_idle_units(hidden[0])
    for minibatch in (1024, 2048, 4096, 8192):
        learner = Learner(OptionNetwork(SPEC, hidden), PPOConfig(minibatch=minibatch), device=device)
        time_learning(f"{device}, minibatch {minibatch}", learner, rollout, wall=device != "cpu")
    if device == "cpu":
        learner_module._descent = TorchDescent
        learner = Learner(OptionNetwork(SPEC, hidden), PPOConfig(minibatch=2048))
        time_learning("cpu by torch's own means, minibatch 2048", learner, rollout)


def random_rollout(rng: np.random.Generator) -> Rollout:
    rollout = Rollout(SPEC, STEPS, WORLDS)
    shape = rollout.sparse.shape
    rows = np.minimum(rng.exponential(400, shape).astype(np.int32) + 1, SPEC.rows - 1)
    rollout.sparse[:] = np.where(np.arange(SPEC.width) < rng.integers(20, 61, shape[:2])[..., None], rows, 0)
    rollout.dense[:] = rng.standard_normal(rollout.dense.shape)
    rollout.action[:] = rng.integers(SPEC.actions, size=rollout.action.shape)
    rollout.log_prob[:] = -np.log(SPEC.actions)
    rollout.reward[:] = rng.random(rollout.reward.shape)
    rollout.discount[:] = 0.99
    rollout.valid[:] = True
    return rollout


def time_sums(sparse: np.ndarray, hidden: int) -> None:
    """The table sum and its gradient: torch on padded lists, on packed lists, and ours."""
    table = torch.randn(SPEC.rows, hidden, requires_grad=True)
    gradient = torch.randn(len(sparse), hidden)
    lists, every = pack_rows(sparse, SPEC.rows), np.arange(len(sparse))
    padded = torch.from_numpy(sparse.copy())
    rows, starts = torch.from_numpy(lists.rows), torch.from_numpy(lists.bounds[:-1].astype(np.int32))
    out, gradients = np.zeros((len(sparse), hidden), np.float32), RowGradient((SPEC.rows, hidden))
    bag = torch.nn.functional.embedding_bag
    torchs: dict[str, Callable[[], torch.Tensor]] = {
        "embedding_bag, padded": lambda: bag(padded, table, mode="sum", padding_idx=0),
        "embedding_bag, packed": lambda: bag(rows, table, starts, mode="sum"),
    }
    for name, way in torchs.items():
        with torch.no_grad():
            report(f"{name}, {len(sparse)} states, forward", median_seconds(way))
        report(
            f"{name}, backward too", median_seconds(lambda w=way: torch.autograd.grad(w(), table, gradient))
        )
    report("pack_rows", median_seconds(lambda: pack_rows(sparse, SPEC.rows)))
    report("add_rows", median_seconds(lambda: add_rows(table.detach().numpy(), lists, every, out)))
    report("RowGradient", median_seconds(lambda: gradients.of(lists, every, gradient.numpy())))


def time_acting(rollout: Rollout, network: OptionNetwork) -> None:
    controller, rng = NetworkController(network), np.random.default_rng(0)
    for count in (512, 1024):
        states = Features.concatenate([rollout.features(t) for t in range(count // WORLDS)])
        seconds = median_seconds(lambda states=states: controller.act_with_values(states, rng))
        report(f"act_with_values, {count} states: {count / seconds:,.0f} states/s", seconds)
    one = rollout.features(0)[0]
    report("act, 1 state", median_seconds(lambda: controller.act(one, rng), repeats=200))


def time_idle_units(width: int) -> None:
    """Adam on 1,000 rows of units that never fire, whose first moments have shrunk as far as they can."""
    rows, stride = np.arange(1000), Stride(scale=1.0, rate=1e-3, root=1.0, epsilon=1e-5)
    gradient, weight, second = (np.full((1000, width), fill, np.float32) for fill in (0.0, 1.0, 1e-6))
    for name, mode in (("", nullcontext), (", without subnormal numbers", without_subnormals)):
        first = np.full((1000, width), np.finfo(np.float32).smallest_subnormal)
        with mode():
            run = partial(move_rows, (weight, first, second), gradient, rows, stride)
            report(f"move_rows, 1000 rows of units that never fire{name}", median_seconds(run))


def time_learning(name: str, learner: Learner, rollout: Rollout, wall: bool = False) -> None:
    seconds = median_seconds(
        lambda: learner.update(rollout), 7, time.perf_counter if wall else time.process_time
    )
    rows = STEPS * WORLDS
    report(f"update, {rows:,} rows, 2 epochs, {name}: {rows / seconds:,.0f} rows/s", seconds)


def median_seconds(
    run: Callable[[], object], repeats: int = 20, clock: Callable[[], float] = time.process_time
) -> float:
    run()
    seconds = []
    for _ in range(repeats):
        start = clock()
        run()
        seconds.append(clock() - start)
    return statistics.median(seconds)


def report(name: str, seconds: float) -> None:
    print(f"{seconds * 1e3:9.3f} ms  {name}", flush=True)


if __name__ == "__main__":
    main()
