from __future__ import annotations

import pytest

from neurosym.domain import Domain, load_domain
from neurosym.planning import planner
from neurosym.showing.sample import Look, Sample, plan_for
from neurosym.showing.summary import Summary, summarise
from tests.worlds import ALLEY


@pytest.fixture(scope="session")
def alley() -> Summary:
    return summarise(ALLEY)


@pytest.fixture(scope="session", params=["alley", "minigrid"])
def domain(request: pytest.FixtureRequest) -> Domain:
    return ALLEY if request.param == "alley" else load_domain(request.param)


@pytest.fixture(scope="session")
def sample() -> Sample:
    """Two steps, of which each changes something."""
    return plan_for(ALLEY, Look.at(ALLEY, "Alley-v0", 3), planner("neurosym"))
