"""Record one episode and write it as a page that plays it.

python examples/replay_page.py [TASK] [FILE]
"""

import sys
from pathlib import Path

import neurosym
from neurosym.domain import load_domain
from neurosym.replay import record_episode


def main(task: str = "MiniGrid-MultiRoom-N6-v0", file: str = "episode.html") -> None:
    domain = load_domain("minigrid")
    agent = neurosym.load("minigrid")
    env = domain.make_env(task, render=True)
    recorder = record_episode(agent, env, domain, seed=1_000_000, task=task)
    recorder.save(file)
    recorder.save_gif(Path(file).with_suffix(".gif"))
    outcome = recorder.episodes[0].outcome
    print(f"{file}: {outcome}")


if __name__ == "__main__":
    main(*sys.argv[1:])
