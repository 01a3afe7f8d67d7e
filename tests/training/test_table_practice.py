"""Practice with a table: what is learned from, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace

from neurosym.domain import load_domain
from neurosym.options import QTable
from neurosym.training.table import TablePractice


def test_subgoals_that_are_forgotten_are_not_learned_from() -> None:
    domain = load_domain("taxi")
    tasks = domain.training_tasks[:1]
    worlds = domain.training_worlds([(tasks[0], seed) for seed in range(20)], 1, seed=0)
    table = QTable(domain.feature_spec, replace(domain.table, goals=2))
    practice = TablePractice(domain, worlds, table, tasks, seed=0, episode_limit=50)
    for _ in range(300):
        practice.step()
        assert len(practice._goals) <= 2
    assert practice.executive.counters.plans > 2
