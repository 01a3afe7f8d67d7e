"""The conformance suite that a domain inherits: what every world keeps to, one test for each law.

    from neurosym.testing import DomainConformance

    class TestMyWorld(DomainConformance):
        domain = "path/or/name"

Nothing here needs pytest: the tests are methods that raise `BrokenLaw`, an AssertionError that names the law.
"""

from __future__ import annotations

from neurosym.testing.conformance import LAWS, DomainConformance
from neurosym.testing.law import BrokenLaw, Law

__all__ = ["LAWS", "BrokenLaw", "DomainConformance", "Law"]
