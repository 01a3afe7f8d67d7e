"""`python -m neurosym`, the same as `neurosym`."""

from __future__ import annotations

import sys

from neurosym.cli import main

if __name__ == "__main__":
    sys.exit(main())
