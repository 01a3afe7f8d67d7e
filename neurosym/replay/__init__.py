"""Episodes recorded step by step, shown as one self-contained page or as an animated picture."""

from neurosym.replay.episode import EpisodeWatch, record_episode
from neurosym.replay.recorder import Recorder
from neurosym.replay.repeat import repeat_episode

__all__ = ["EpisodeWatch", "Recorder", "record_episode", "repeat_episode"]
