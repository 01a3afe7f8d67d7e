"""A plain PDDL file as a world: an environment, and a domain that the agent can play."""

from __future__ import annotations

from neurosym.pddlworld.domain import PddlDomain, PddlTranslator, PrimitiveController
from neurosym.pddlworld.env import PddlEnv, ground_world
from neurosym.pddlworld.folder import FolderDomain
from neurosym.pddlworld.grounding import GroundAction, GroundEffect, GroundWorld
from neurosym.pddlworld.reader import World, read_world
from neurosym.pddlworld.strips import GroundPlanner, StripsWorld

__all__ = [
    "FolderDomain",
    "GroundAction",
    "GroundEffect",
    "GroundPlanner",
    "GroundWorld",
    "PddlDomain",
    "PddlEnv",
    "PddlTranslator",
    "PrimitiveController",
    "StripsWorld",
    "World",
    "ground_world",
    "read_world",
]
