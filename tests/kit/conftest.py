"""A small domain made with the kit: the one that `neurosym domain new` writes."""

from __future__ import annotations

import pytest

from neurosym.domain import load_domain
from neurosym.kit import GymDomain
from neurosym.scaffold import write_domain_folder


@pytest.fixture(scope="session")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> GymDomain:
    folder = tmp_path_factory.mktemp("kit") / "lamps"
    write_domain_folder(folder)
    domain = load_domain(folder)
    assert isinstance(domain, GymDomain)
    return domain
