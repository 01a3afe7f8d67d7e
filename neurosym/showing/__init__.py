"""A domain to be looked at: its operators, predicates, causal graph and a sample plan, as text, picture and page."""
