"""Two PDDL files as a Gymnasium environment: first random legal actions, then a plan, then the agent by itself.

python examples/pddl_world.py
python examples/pddl_world.py domain.pddl problem.pddl
"""

import sys
from pathlib import Path

import neurosym
from neurosym.pddlworld import PddlDomain, PddlEnv

HERE = Path(__file__).parent / "pddl" / "elevator"
FILES = sys.argv[1:3] if len(sys.argv) == 3 else [HERE / "domain.pddl", HERE / "p02.pddl"]


def play_at_random(env: PddlEnv, steps: int) -> None:
    """Legal actions only: the mask tells which these are."""
    _, info = env.reset(seed=0)
    env.action_space.seed(0)
    for _ in range(steps):
        action = env.action_space.sample(info["action_mask"])
        _, reward, terminated, truncated, info = env.step(action)
        print(f"{env.action_names[action]:<20} cost {info['cost']:g}, reward {reward:g}")
        if terminated or truncated:
            break


def follow_the_plan(env: PddlEnv, domain: PddlDomain) -> None:
    """A plan's steps are actions of the environment, by their names."""
    result = domain.plan(time_limit_s=30)
    if result.plan is None:
        raise SystemExit(f"{result.status.value}: {result.reason}")
    env.reset()
    for step in result.plan.steps:
        _, reward, terminated, _, info = env.step(env.action_names.index(str(step)))
        print(step)
    print(f"reward {reward:g}, terminated: {terminated}, cost {info['total_cost']:g}\n")
    print(env.render())


def let_the_agent_play(domain: PddlDomain) -> bool:
    """It sees the observation alone, plans, and watches what comes of it."""
    env, agent = domain.make_env(domain.task_id), neurosym.load(domain)
    obs, _ = env.reset()
    agent.reset(obs)
    terminated = truncated = False
    while not (terminated or truncated):
        obs, reward, terminated, truncated, _ = env.step(agent.act(obs))
    return reward > 0


def main() -> None:
    env, domain = PddlEnv(*FILES, render_mode="ansi"), PddlDomain(*FILES)
    print(f"{len(env.action_names)} actions, {len(env.fluent_names)} fluents, goal {domain.world.mission}\n")
    play_at_random(env, 5)
    print()
    follow_the_plan(env, domain)
    print()
    print("solved" if let_the_agent_play(domain) else "not solved")


if __name__ == "__main__":
    main()
