"""The domain kit: any Gymnasium environment as a domain, by saying how one observation reads.

An author writes `atoms(observation)` and, if the defaults do not serve, `features(observation, subgoal)`; batching,
training, evaluation and replay come with it.
"""

from __future__ import annotations

from neurosym.kit.domain import GymDomain, SayMission
from neurosym.kit.spaces import Encoder
from neurosym.kit.subgoal import Subgoal

__all__ = ["Encoder", "GymDomain", "SayMission", "Subgoal"]
