"""From a mission to a plan and to instructions, without anything learned and without torch.

python examples/without_learning.py [TASK]
"""

import sys

import numpy as np

from neurosym.domain import load_domain
from neurosym.planning import EmbeddedPlanner, format_plan, validate


def main(task: str = "BabyAI-PutNextLocal-v0") -> None:
    domain = load_domain("minigrid")
    observation, _ = domain.make_env(task).reset(seed=1_000_000)
    belief = domain.belief(1)
    belief.begin(np.ones(1, dtype=np.bool_), domain.stack([observation]))
    goal = domain.goal(observation["mission"])
    print(f"{observation['mission']}  →  {goal}\n")
    problem = belief.problem(0, goal.stages[0], setbacks={})
    result = EmbeddedPlanner().plan(problem, time_limit_s=2.0)
    if result.plan is None:
        print(f"{result.status.value}: {result.reason}")
        return
    print(format_plan(result.plan))
    for step in result.plan.steps:
        print(domain.translator.instruct(step, problem.init).text)
    print(f"\nvalid: {bool(validate(problem, result.plan))}, torch imported: {'torch' in sys.modules}")


if __name__ == "__main__":
    main(*sys.argv[1:])
