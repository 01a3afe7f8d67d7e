"""Drive the agent with a loop of your own: it is handed the observation and nothing else.

python examples/own_loop.py [TASK]
"""

import sys

import neurosym
from neurosym.domain import load_domain


def main(task: str = "MiniGrid-DoorKey-8x8-v0") -> None:
    agent = neurosym.load("minigrid")  # the weights that ship with the package
    env = load_domain("minigrid").make_env(task)
    observation, _ = env.reset(seed=1_000_000)
    agent.reset(observation)
    told, reward, over = None, 0.0, False
    while not over:
        action = agent.act(observation)
        if agent.instruction is not None and agent.instruction != told:
            told = agent.instruction
            print(told.text)
        observation, reward, terminated, truncated, _ = env.step(action)
        over = terminated or truncated
    print("solved" if float(reward) > 0 else f"not solved: {agent.blame()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
