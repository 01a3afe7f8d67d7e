"""Options: what a policy sees, network, learner, controllers, checkpoints. torch comes when first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from neurosym.options.config import PPOConfig, TableConfig
from neurosym.options.controller import Controller, NetworkController, RandomController
from neurosym.options.features import Features, FeatureSpec
from neurosym.options.hearing import HearingSpec
from neurosym.options.qtable import QTable, load_table, save_table
from neurosym.options.returns import PayRule, gae
from neurosym.options.rollout import Rollout

if TYPE_CHECKING:
    from neurosym.options.checkpoint import Checkpoint, load_checkpoint, save_checkpoint, weights_digest
    from neurosym.options.device import devices, find_device
    from neurosym.options.learner import Learner
    from neurosym.options.listener import HearingNetwork
    from neurosym.options.network import OptionNetwork
    from neurosym.options.parallel import ParallelLearner
    from neurosym.options.training_state import TrainingState

__all__ = [
    "Checkpoint",
    "Controller",
    "FeatureSpec",
    "Features",
    "HearingNetwork",
    "HearingSpec",
    "Learner",
    "NetworkController",
    "OptionNetwork",
    "PPOConfig",
    "ParallelLearner",
    "PayRule",
    "QTable",
    "RandomController",
    "Rollout",
    "TableConfig",
    "TrainingState",
    "devices",
    "find_device",
    "gae",
    "load_checkpoint",
    "load_table",
    "save_checkpoint",
    "save_table",
    "weights_digest",
]

_NEED_TORCH = {
    "Checkpoint": "checkpoint",
    "HearingNetwork": "listener",
    "Learner": "learner",
    "OptionNetwork": "network",
    "ParallelLearner": "parallel",
    "TrainingState": "training_state",
    "devices": "device",
    "find_device": "device",
    "load_checkpoint": "checkpoint",
    "save_checkpoint": "checkpoint",
    "weights_digest": "checkpoint",
}


def __getattr__(name: str) -> Any:
    if name not in _NEED_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_NEED_TORCH[name]}"), name)
