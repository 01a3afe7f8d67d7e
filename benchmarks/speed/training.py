"""The whole training loop, ours and stable-baselines3's, each run in a process of its own, in turn."""

from __future__ import annotations

import importlib
import importlib.util
import statistics
import tempfile
import time
from typing import Any

import numpy as np

from benchmarks.speed.clock import apart
from benchmarks.speed.jobs import Job, Settings
from neurosym.domain import Domain, load_domain
from neurosym.training import TrainingConfig, train

__all__ = ["NO_PEER", "frames_per_second_of", "peer_is_installed", "peer_model", "time_ours", "training_jobs"]

PEER_WORLDS, PEER_STEPS = 8, 2048  # the latter is PPO's default
SKIPPED = 1 / 3  # of the frames, before the steady state
NO_PEER = "stable-baselines3 is not installed: pip install -c constraints.txt -e '.[bench]'"


def training_jobs(settings: Settings) -> list[Job]:
    """Ours, theirs, ours, theirs: a run each, in a fresh process."""
    task, frames, device = settings.practice_task, settings.frames, settings.device
    jobs = []
    for run in range(settings.runs):
        jobs += [
            Job(f"training/ours/{run}", lambda run=run: apart(time_ours, task, frames, {}, run, device)),
            Job(f"training/sb3/{run}", lambda run=run: apart(time_peer, task, settings.iterations, run)),
        ]
    return jobs


def time_ours(task: str, frames: int, config: dict[str, Any], seed: int, device: str) -> dict[str, Any]:
    """A run of `neurosym.training.train` on one task, with the default settings but for those given."""
    domain = load_domain("minigrid")
    return frames_per_second_of(domain, (task,), frames, TrainingConfig(**config), seed, device)


def frames_per_second_of(
    domain: Domain,
    tasks: tuple[str, ...],
    frames: int,
    config: TrainingConfig,
    seed: int = 0,
    device: str = "cpu",
) -> dict[str, Any]:
    """Frames/s and the planners' share of the time, of a whole run and of what comes after its first third."""
    curve = []
    with tempfile.TemporaryDirectory() as folder:
        for event in train(domain, tasks, frames=frames, out=folder, config=config, seed=seed, device=device):
            if not event.status:
                share = event.metrics["planning_share"]
                curve.append(
                    (event.frames, event.seconds, share * event.seconds, event.metrics["success_rate"])
                )
    middle = next(point for point in curve if point[0] >= SKIPPED * frames)
    whole_fps, whole_share = slope((0, 0.0, 0.0), curve[-1])
    steady_fps, steady_share = slope(middle, curve[-1])
    return {
        "frames": frames,
        "worlds": config.worlds,
        "device": device,
        "frames_per_second": steady_fps,
        "planning_share": steady_share,
        "whole_run": {"frames_per_second": whole_fps, "planning_share": whole_share},
        "success_rate": curve[-1][3],
    }


def slope(early: tuple[float, ...], late: tuple[float, ...]) -> tuple[float | None, float | None]:
    """Frames/s and planning's share between two points of a run; None if they are one."""
    seconds = late[1] - early[1]
    if not seconds:
        return None, None
    # The seconds of planning are a share times a time: where none was added, rounding may have taken some away.
    return (late[0] - early[0]) / seconds, max(0.0, late[2] - early[2]) / seconds


def peer_is_installed() -> bool:
    return importlib.util.find_spec("stable_baselines3") is not None


def peer_model(task: str, seed: int) -> Any:
    """PPO as stable-baselines3 runs fastest on these worlds: 8 in one process, the flat view, one torch thread."""
    gymnasium: Any = importlib.import_module("gymnasium")
    importlib.import_module("minigrid")
    peers: Any = importlib.import_module("stable_baselines3")
    vectors: Any = importlib.import_module("stable_baselines3.common.vec_env")
    importlib.import_module("torch").set_num_threads(1)

    class FlatView(gymnasium.ObservationWrapper):
        """The 7 × 7 × 3 numbers of the view in a row."""

        def __init__(self, env: Any) -> None:
            super().__init__(env)
            self.observation_space = gymnasium.spaces.Box(0, 255, (147,), np.uint8)

        def observation(self, observation: Any) -> Any:
            return observation["image"].ravel()

    makers = [lambda: FlatView(gymnasium.make(task, disable_env_checker=True))] * PEER_WORLDS
    worlds = vectors.DummyVecEnv(makers)
    return peers.PPO("MlpPolicy", worlds, n_steps=PEER_STEPS, seed=seed, device="cpu")


def time_peer(task: str, iterations: int, seed: int) -> dict[str, Any]:
    """Frames/s of PPO's iterations, each a rollout and its update; a median that leaves out the first.

    `core_share` is the process's own time by wall time: well below 1, others were at work on the machine.
    """
    if not peer_is_installed():
        return {"frames_per_second": None, "reason": NO_PEER}
    model = peer_model(task, seed)
    rates, began, own = [], time.perf_counter(), time.process_time()
    for number in range(iterations):
        start = time.perf_counter()
        model.learn(PEER_WORLDS * PEER_STEPS, reset_num_timesteps=number == 0)
        rates.append(PEER_WORLDS * PEER_STEPS / (time.perf_counter() - start))
    core_share = (time.process_time() - own) / (time.perf_counter() - began)
    return {
        "frames_per_second": statistics.median(rates[1:] or rates),
        "iterations": rates,
        "core_share": core_share,
    }
