"""A learner in a process of its own: one core gathers experience while the other learns from the last."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import signal
from collections.abc import Mapping
from ctypes import c_byte
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray

from neurosym.options.blueprint import Blueprint, blueprint_of, build
from neurosym.options.config import PPOConfig
from neurosym.options.device import find_device
from neurosym.options.learner import Learner
from neurosym.options.network import OptionNetwork
from neurosym.options.rollout import Rollout
from neurosym.options.training_state import TrainingState
from neurosym.processes import start

__all__ = ["ParallelLearner"]

_SPAWN = multiprocessing.get_context("spawn")  # a fork would copy torch's threads in whatever state they are


class ParallelLearner:
    """Learns from one rollout while the next is filled: the policy that acts is one update behind.

    Rollouts carry the probabilities they were drawn with, so the policy gradient stays right; the outcome
    depends on the seed alone, not on timing. Two rollouts live in shared memory and take turns:

        with ParallelLearner(network, steps=32, worlds=512) as learner:
            while ...:
                rollout = learner.rollout
                ...                                 # fill it, acting by `network`
                metrics = learner.submit(progress)  # of the update before; empty the first time

    Args:
        network: acts; `submit` brings its weights up to date. Weights and `state` are handed over once, here.
        seed: of the learner.
        device: of the learner, as `Learner` takes it; acting stays on the CPU.
        state: to go on from, as `Learner.load_state` takes it.

    Raises:
        CheckpointError: the state belongs to another network.
        DeviceError: there is no such device here.
        UnknownNameError: no device is called so.
    """

    def __init__(
        self,
        network: OptionNetwork,
        config: PPOConfig | None = None,
        seed: int = 0,
        *,
        steps: int,
        worlds: int,
        device: str = "cpu",
        state: TrainingState | None = None,
    ) -> None:
        self.network = network
        self._busy = False
        find_device(device)
        first = Learner(network, config, seed)
        if state is not None:
            first.load_state(state)
        memory = _SharedMemory()
        sizes = blueprint_of(network), steps, worlds
        self._rollouts, self._weights = _lay_out(memory, *sizes)
        self._turn = 0
        self._connection, theirs = _SPAWN.Pipe()
        job = _Job(*sizes, first.config, device, memory.parts)
        self._process = _SPAWN.Process(target=_serve, args=(theirs, job), daemon=True)
        start(self._process)
        theirs.close()
        _copy(network.state_dict(), self._weights)
        self._send(_as_arrays(first.state().tensors), first.state().facts)

    @property
    def rollout(self) -> Rollout:
        """The one to be filled now; the learner reads the other."""
        return self._rollouts[self._turn]

    def submit(self, progress: float = 0.0) -> dict[str, float]:
        """Waits for the update under way, brings the network up to date, and starts learning from `rollout`.

        Returns:
            What `Learner.update` told of the update before; empty if there was none.

        Raises:
            ValueError: as `Learner.update`, of the update before.
            RuntimeError: the learner's process is gone.
        """
        metrics = self.finish()
        self._send(self._turn, progress)
        self._busy = True
        self._turn = 1 - self._turn
        return metrics

    def finish(self) -> dict[str, float]:
        """Waits for the update under way, if any, and brings the network up to date; its metrics or empty."""
        if not self._busy:
            return {}
        self._busy = False
        metrics = self._receive()
        _copy(self._weights, self.network.state_dict())
        return metrics

    def state(self) -> TrainingState:
        """What `Learner.state` would say; fits the network after `finish`."""
        if self._busy:
            raise RuntimeError("call finish before state: an update is under way")
        self._send(None, 0.0)
        tensors, facts = self._receive()
        return TrainingState(_as_tensors(tensors), facts)

    def close(self) -> None:
        """Ends the learner's process; an update under way is lost."""
        self._connection.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()

    def __enter__(self) -> ParallelLearner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, *message: Any) -> None:
        try:
            self._connection.send(message)
        except OSError as error:
            raise RuntimeError(
                f"the learner's process is gone, exit code {self._process.exitcode}"
            ) from error

    def _receive(self) -> Any:
        try:
            reply = self._connection.recv()
        except (EOFError, OSError) as error:
            self._process.join(timeout=1)
            raise RuntimeError(
                f"the learner's process is gone, exit code {self._process.exitcode}"
            ) from error
        if isinstance(reply, Exception):
            raise reply
        return reply


class _SharedMemory:
    """Arrays that two processes see, laid out by the order in which they are asked for."""

    def __init__(self, parts: list[Any] | None = None) -> None:
        self.parts: list[Any] = parts or []
        self._unclaimed = iter(list(self.parts))

    def allocate(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """A new array of zeros; in the second process, the one that the first got at this call."""
        part: Any = next(self._unclaimed, None)
        if part is None:
            part = _SPAWN.RawArray(c_byte, math.prod(shape) * np.dtype(dtype).itemsize)
            self.parts.append(part)
        return np.ndarray(shape, dtype, buffer=part)


class _Job(NamedTuple):
    """What the learner's process is started with."""

    blueprint: Blueprint
    steps: int
    worlds: int
    config: PPOConfig
    device: str
    memory: list[Any]


def _lay_out(
    memory: _SharedMemory, blueprint: Blueprint, steps: int, worlds: int
) -> tuple[list[Rollout], dict[str, torch.Tensor]]:
    """What both processes see: two rollouts, and weights by name, on their way from the learner to who acts."""
    rollouts = [Rollout(blueprint.spec, steps, worlds, memory.allocate) for _ in range(2)]
    shapes = build(blueprint).state_dict()
    weights = {name: memory.allocate(tuple(weight.shape), np.float32) for name, weight in shapes.items()}
    return rollouts, _as_tensors(weights)


def _serve(connection: Connection, job: _Job) -> None:
    """The learner's process. It ends when the other end closes; interrupts are for the other process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    memory = _SharedMemory(job.memory)
    rollouts, weights = _lay_out(memory, job.blueprint, job.steps, job.worlds)
    network = build(job.blueprint)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        tensors, facts = connection.recv()
        _copy(weights, network.state_dict())
        learner = Learner(network, job.config, device=job.device)
        learner.load_state(TrainingState(_as_tensors(tensors), facts))
        while True:
            connection.send(_answer(learner, rollouts, weights, *connection.recv()))


def _answer(
    learner: Learner,
    rollouts: list[Rollout],
    weights: dict[str, torch.Tensor],
    turn: int | None,
    progress: float,
) -> Any:
    """The state if no turn is named; else the metrics of learning from that rollout, and new `weights`."""
    if turn is None:
        state = learner.state()
        return _as_arrays(state.tensors), state.facts
    try:
        metrics = learner.update(rollouts[turn], progress)
    except ValueError as error:
        return error
    _copy(learner.network.state_dict(), weights)
    return metrics


def _copy(source: Mapping[str, torch.Tensor], target: Mapping[str, torch.Tensor]) -> None:
    for name, tensor in target.items():
        tensor.copy_(source[name])


def _as_arrays(tensors: Mapping[str, torch.Tensor]) -> dict[str, NDArray[Any]]:
    return {name: tensor.detach().numpy() for name, tensor in tensors.items()}


def _as_tensors(arrays: Mapping[str, NDArray[Any]]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array) for name, array in arrays.items()}
