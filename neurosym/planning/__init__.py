"""Planning: PDDL and symbols, the embedded planner, every unified-planning engine, validation, and a cache."""

from __future__ import annotations

from neurosym.planning.cache import PlanCache
from neurosym.planning.engines import EngineStatus, UnifiedPlanner, engines, planner, register
from neurosym.planning.pddl import (
    parse_domain,
    parse_problem,
    read_domain,
    read_problem,
    write_domain,
    write_problem,
)
from neurosym.planning.plan_text import format_plan, parse_plan, read_plan
from neurosym.planning.search import EmbeddedPlanner, Planner
from neurosym.planning.validate import Verdict, validate

__all__ = [
    "EmbeddedPlanner",
    "EngineStatus",
    "PlanCache",
    "Planner",
    "UnifiedPlanner",
    "Verdict",
    "engines",
    "format_plan",
    "parse_domain",
    "parse_plan",
    "parse_problem",
    "planner",
    "read_domain",
    "read_plan",
    "read_problem",
    "validate",
    "write_domain",
    "write_problem",
]

register()
