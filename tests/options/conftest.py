from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """More threads only slow such small products down."""
    torch.set_num_threads(1)
