"""One step downhill on the loss: forward, backward, clip, move. Compiled on the CPU, torch's own elsewhere."""

from __future__ import annotations

import copy
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from neurosym.options.adam import Adam, Place, move, move_rows
from neurosym.options.config import PPOConfig
from neurosym.options.grounding import CompiledGrounding
from neurosym.options.listener import HearingNetwork
from neurosym.options.loss import Batch, loss_gradient, ppo_loss
from neurosym.options.network import OptionNetwork
from neurosym.options.table import RowGradient, pack_rows

__all__ = ["CompiledDescent", "Descent", "HearingDescent", "TorchDescent"]

_WHOLE = np.zeros(1, np.int64)  # the one row of a weight taken as a single row


class Descent(Protocol):
    """Improves a network on one batch after another, step by step.

    Attributes:
        adam: its memory, for checkpoints.
    """

    adam: Adam

    def begin(self, batch: Batch) -> None:
        """Takes up a batch of numpy arrays, and the network as it then is."""
        ...

    def step(self, chosen: NDArray[np.int64], learning_rate: float) -> torch.Tensor:
        """One step on the rows `chosen`; float32[6]: `METRICS`, then the gradient's norm before clipping."""
        ...

    def end(self) -> None:
        """The network has its new weights from here on."""
        ...


class CompiledDescent:
    """On the CPU: gradients written out, so that only table rows that were named cost anything."""

    def __init__(self, network: OptionNetwork, config: PPOConfig) -> None:
        self._network, self._config = network, config
        self.adam = Adam(network, config.adam_epsilon)
        self._rows = RowGradient((network.spec.rows, network.hidden[0]))

    def begin(self, batch: Batch) -> None:
        self._batch, self._lists = batch, pack_rows(batch.sparse, self._network.spec.rows)
        self._dense = torch.from_numpy(batch.dense)
        self._places = _places(self._network, self.adam)

    @torch.no_grad()
    def step(self, chosen: NDArray[np.int64], learning_rate: float) -> torch.Tensor:
        dense = self._dense.index_select(0, torch.from_numpy(chosen))
        layers = self._network.layers(self._lists, dense, chosen)
        out = self._network.heads(layers[-1])
        told = loss_gradient(out.numpy(), self._batch, chosen, self._config)
        gradients, first = self._backward(out, layers, dense)
        rows, table = self._rows.of(self._lists, chosen, first.numpy())
        norm = _norm([*gradients.values(), torch.from_numpy(table)])
        scale = min(1.0, self._config.max_gradient_norm / (norm + 1e-6))
        stride = self.adam.stride(learning_rate, scale)
        move_rows(self._places["table"], table, rows, stride)
        for name, gradient in gradients.items():
            move_rows(self._places[name], _as_row(gradient), _WHOLE, stride)
        return torch.tensor([*told, norm])

    def end(self) -> None:
        pass

    def _backward(
        self, out: torch.Tensor, layers: list[torch.Tensor], dense: torch.Tensor
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Gradients of all weights but the table, and that of the first layer before its relu.

        Args:
            out: the gradient of what `OptionNetwork.heads` gave.
        """
        network = self._network
        heads, bias = out.T @ layers[-1], out.sum(0)
        gradients = {"policy.weight": heads[:-1], "policy.bias": bias[:-1]}
        gradients |= {"value.weight": heads[-1:], "value.bias": bias[-1:]}
        below = _through_relu(out @ network.heads_weight(), layers[-1])
        for i, layer in reversed(list(enumerate(network.trunk_layers()))):
            gradients[f"trunk.{i}.weight"], gradients[f"trunk.{i}.bias"] = below.T @ layers[i], below.sum(0)
            below = _through_relu(below @ layer.weight, layers[i])
        gradients["dense"], gradients["bias"] = dense.T @ below, below.sum(0)
        return gradients, below


def _places(network: OptionNetwork, adam: Adam) -> dict[str, Place]:
    """Where each weight and its moments lie: the table as it is, float32[R, H]; any other as a table of one row."""

    def lay_out(name: str, weight: torch.Tensor) -> Place:
        flat = (lambda tensor: tensor.detach().numpy()) if name == "table" else _as_row
        return flat(weight), flat(adam.first[name]), flat(adam.second[name])

    return {name: lay_out(name, weight) for name, weight in network.named_parameters()}


def _as_row(tensor: torch.Tensor) -> NDArray[np.float32]:
    return tensor.detach().reshape(1, -1).numpy()


def _through_relu(gradient: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
    """`gradient` where `output` is above 0, in one pass."""
    return torch.ops.aten.threshold_backward(gradient, output, 0)


def _norm(gradients: list[torch.Tensor]) -> float:
    return torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients])).item()


class HearingDescent:
    """On the CPU, for a network that hears words: the table's gradient compiled, all else by autograd."""

    def __init__(self, network: HearingNetwork, config: PPOConfig) -> None:
        self._network, self._config = network, config
        self.adam = Adam(network, config.adam_epsilon)
        self._rows = RowGradient((network.hearing.rows, network.hidden[0]))

    def begin(self, batch: Batch) -> None:
        network = self._network
        self._batch = Batch(*map(torch.from_numpy, batch))
        self._lists = pack_rows(batch.sparse[:, : network.hearing.width], network.hearing.rows)
        self._heard = network.hear(self._batch.sparse)
        self._places = _places(network, self.adam)

    def step(self, chosen: NDArray[np.int64], learning_rate: float) -> torch.Tensor:
        network, index = self._network, torch.from_numpy(chosen)
        batch = self._batch._replace(sparse=self._batch.sparse[:1])  # not asked for: what it says is at hand
        batch = Batch(batch.sparse, *(tensor[index] for tensor in batch[1:]))
        sums = network.sum_rows(self._lists, chosen).requires_grad_()
        out = network.decide(sums, batch.dense, self._heard.of(index), CompiledGrounding.apply)
        loss, told = ppo_loss(*out, batch, self._config)
        weights = {name: weight for name, weight in network.named_parameters() if name != "table"}
        *gradients, first = torch.autograd.grad(loss, [*weights.values(), sums])
        rows, table = self._rows.of(self._lists, chosen, first.contiguous().numpy())
        norm = _norm([*gradients, torch.from_numpy(table)])
        scale = min(1.0, self._config.max_gradient_norm / (norm + 1e-6))
        stride = self.adam.stride(learning_rate, scale)
        move_rows(self._places["table"], table, rows, stride)
        for name, gradient in zip(weights, gradients, strict=True):
            move_rows(self._places[name], _as_row(gradient), _WHOLE, stride)
        return torch.cat([told, torch.tensor([norm])])

    def end(self) -> None:
        pass


class TorchDescent:
    """The same by torch's own means, on any device; the reference that the compiled one is tested against.

    It keeps a copy of the network on its device. The network itself stays where it is and acts.
    """

    def __init__(self, network: OptionNetwork, config: PPOConfig, device: torch.device) -> None:
        self._origin, self._config, self._device = network, config, device
        self._network = copy.deepcopy(network).to(device)
        self.adam = Adam(self._network, config.adam_epsilon)

    def begin(self, batch: Batch) -> None:
        self._network.load_state_dict(self._origin.state_dict())
        self._batch = Batch(*(torch.from_numpy(array).to(self._device) for array in batch))

    def step(self, chosen: NDArray[np.int64], learning_rate: float) -> torch.Tensor:
        index = torch.from_numpy(chosen).to(self._device)
        batch = Batch(*(tensor[index] for tensor in self._batch))
        logits, value = self._network(batch.sparse, batch.dense)
        loss, told = ppo_loss(logits, value, batch, self._config)
        weights = dict(self._network.named_parameters())
        gradients = dict(zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True))
        norm = torch.linalg.vector_norm(torch.stack([g.norm() for g in gradients.values()]))
        scale = (self._config.max_gradient_norm / (norm + 1e-6)).clamp(max=1.0)
        stride = self.adam.stride(learning_rate, scale)
        with torch.no_grad():
            for name, weight in weights.items():
                share = self._named(self._network.table_rows(batch.sparse)) if name == "table" else 1.0
                move(weight, self.adam.first[name], self.adam.second[name], gradients[name], share, stride)
        return torch.cat([told, norm.detach()[None]])

    def end(self) -> None:
        self._origin.load_state_dict(self._network.state_dict())

    def _named(self, sparse: torch.Tensor) -> torch.Tensor:
        """float32[R, 1], 1 for the rows of the table that are named."""
        named = torch.zeros(self._network.spec.rows, 1, device=self._device)
        named[sparse.flatten().long()] = 1.0
        return named
