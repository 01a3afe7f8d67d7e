"""A process that holds memory; it imports nothing that would hold more."""

from __future__ import annotations

import time
from typing import Any


def grow(mib: int, seconds: float) -> dict[str, Any]:
    held = bytearray(b"x") * (mib << 20)
    time.sleep(seconds)
    return {"grown": len(held) >> 20}
