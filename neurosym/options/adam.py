"""Adam (Kingma & Ba 2015) that leaves table rows alone which no state of a minibatch named.

An ordinary Adam moves every weight at every step, also on what its moments remember from earlier gradients.
Here the moments of a row that was not named neither decay nor move it, as in TensorFlow's LazyAdam and torch's
SparseAdam; all else is by the book, the count of steps and the bias correction included. A step then costs
what the named rows cost: a third of a table or less.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.errors import CheckpointError
from neurosym.jit import kernel
from neurosym.options.network import OptionNetwork

__all__ = ["Adam", "Place", "Stride", "move", "move_rows", "without_subnormals"]

DECAY_FIRST, DECAY_SECOND = 0.9, 0.999  # the paper's, section 2
_FIRST, _SECOND, _STEP = "exp_avg", "exp_avg_sq", "step"  # as torch.optim.Adam names them


class Stride(NamedTuple):
    """How far one step goes.

    Attributes:
        scale: what gradients are multiplied by first, to clip them.
        rate: the learning rate, divided by the first moment's bias correction.
        root: what the square root of the second moment is multiplied by, its bias correction.
        epsilon: added to that root.
    """

    scale: float
    rate: float
    root: float
    epsilon: float


class Adam:
    """What Adam remembers: how many steps were taken, and two moments for each weight of a network.

    Attributes:
        first, second: tensors by name of the weight, in its shape and on its device.
    """

    def __init__(self, network: OptionNetwork, epsilon: float) -> None:
        self.epsilon, self.steps = epsilon, 0
        self.first = {name: torch.zeros_like(weight.detach()) for name, weight in network.named_parameters()}
        self.second = {name: torch.zeros_like(weight) for name, weight in self.first.items()}

    def stride(self, learning_rate: float, scale: float) -> Stride:
        """Of the next step, which is counted."""
        self.steps += 1
        rate = learning_rate / (1.0 - DECAY_FIRST**self.steps)
        return Stride(scale, rate, (1.0 - DECAY_SECOND**self.steps) ** -0.5, self.epsilon)

    def state(self) -> dict[str, torch.Tensor]:
        """Copies for a checkpoint, named `exp_avg/bias` and so on, as torch's own Adam names them."""
        tensors = {}
        for name in self.first:
            tensors[f"{_FIRST}/{name}"] = self.first[name].to("cpu", copy=True)
            tensors[f"{_SECOND}/{name}"] = self.second[name].to("cpu", copy=True)
            tensors[f"{_STEP}/{name}"] = torch.tensor(float(self.steps))
        return tensors

    def load(self, tensors: dict[str, torch.Tensor]) -> None:
        """Goes on from what `state` gave; CheckpointError, and nothing changed, if it does not fit."""
        wanted = {name: tuple(tensor.shape) for name, tensor in self.state().items()}
        found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        if found != wanted:
            odd = min(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
            raise CheckpointError(f"training state of another network: {odd} is {found.get(odd)}")
        for name in self.first:
            self.first[name].copy_(tensors[f"{_FIRST}/{name}"])
            self.second[name].copy_(tensors[f"{_SECOND}/{name}"])
        self.steps = max(int(tensors[f"{_STEP}/{name}"]) for name in self.first)


@contextmanager
def without_subnormals() -> Iterator[None]:
    """Numbers too small for float32's full precision count as 0 in this thread, where the processor can do that.

    A unit that never fires has gradients of 0, so that its moments shrink until they are subnormal, 1e-45 at last, and
    stay so: 0.9 of the least number is rounded to that number again. Processors take a hundred cycles for each of them.
    """
    before = bool(np.divide(np.finfo(np.float32).tiny, np.float32(2)) == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


Place = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""A weight and its two moments, float32[R, H] each."""


def move_rows(place: Place, gradient: NDArray[np.float32], rows: NDArray[np.int64], stride: Stride) -> None:
    """One step of some rows of `place`, compiled.

    Args:
        gradient: float32[U, H].
        rows: int64[U], to which row each row of the gradient belongs.
    """
    weight, first, second = place
    scale, rate, root, epsilon = np.array(stride, np.float32)
    _move_rows(weight, first, second, gradient, rows, scale, rate, root, epsilon, *_KEEP, *_TAKE)


def move(
    weight: torch.Tensor,
    first: torch.Tensor,
    second: torch.Tensor,
    gradient: torch.Tensor,
    share: torch.Tensor | float,
    stride: Stride,
) -> None:
    """The same step in plain torch, on any device; `weight` and moments are changed in place.

    Args:
        share: 1 where a weight takes part and 0 where it stands still; broadcast.
    """
    gradient = gradient * stride.scale
    first += share * (1.0 - DECAY_FIRST) * (gradient - first)
    second += share * (1.0 - DECAY_SECOND) * (gradient.square() - second)
    weight -= share * stride.rate * first / (second.sqrt() * stride.root + stride.epsilon)


_KEEP = (np.float32(DECAY_FIRST), np.float32(DECAY_SECOND))
_TAKE = (np.float32(1 - DECAY_FIRST), np.float32(1 - DECAY_SECOND))


@kernel(fastmath=True)
def _move_rows(
    weight, first, second, gradient, rows, scale, rate, root, epsilon, keep1, keep2, take1, take2
):  # pragma: no cover - compiled
    for u in range(rows.shape[0]):
        w, m, v, g = weight[rows[u]], first[rows[u]], second[rows[u]], gradient[u]
        for h in range(w.shape[0]):
            slope = g[h] * scale
            m[h] = keep1 * m[h] + take1 * slope
            v[h] = keep2 * v[h] + take2 * slope * slope
            w[h] -= rate * m[h] / (np.sqrt(v[h]) * root + epsilon)
