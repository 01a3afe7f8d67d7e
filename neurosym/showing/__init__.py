"""A domain to be looked at: its operators, predicates, causal graph and a sample plan, as text, picture and page."""

from neurosym.showing.causality import Arc, causal_graph
from neurosym.showing.picture import draw
from neurosym.showing.sample import Look, Sample, plan_for
from neurosym.showing.summary import Summary, summarise

__all__ = ["Arc", "Look", "Sample", "Summary", "causal_graph", "draw", "plan_for", "summarise"]
