"""What it takes to make a network: its sizes, and whether it hears words. For other processes and for checkpoints."""

from __future__ import annotations

from typing import NamedTuple

from neurosym.options.features import FeatureSpec
from neurosym.options.hearing import HearingSpec
from neurosym.options.listener import HearingNetwork
from neurosym.options.network import OptionNetwork

__all__ = ["Blueprint", "blueprint_of", "build"]


class Blueprint(NamedTuple):
    """The sizes of a network; `hearing` is None for one that goes by typed arguments."""

    spec: FeatureSpec
    hidden: tuple[int, ...]
    hearing: HearingSpec | None = None


def blueprint_of(network: OptionNetwork) -> Blueprint:
    return Blueprint(network.spec, network.hidden, network.hearing)


def build(blueprint: Blueprint, seed: int | None = None) -> OptionNetwork:
    """A network of these sizes; without a seed its weights are whatever lay in memory."""
    if blueprint.hearing is not None:
        return HearingNetwork(blueprint.hearing, blueprint.hidden, seed)
    return OptionNetwork(blueprint.spec, blueprint.hidden, seed)
