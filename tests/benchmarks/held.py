"""A process that holds memory, and so does its child; it imports nothing that would hold more."""

from __future__ import annotations

import subprocess
import sys
from typing import Any


def grow(mib: int, seconds: float) -> dict[str, Any]:
    """Hold as much here and, for so long, in a child."""
    held = bytearray(b"x") * (mib << 20)
    code = f"import time; held = bytearray(b'x') * ({mib} << 20); time.sleep({seconds})"
    subprocess.run([sys.executable, "-c", code], check=True)
    return {"grown": len(held) >> 20}
