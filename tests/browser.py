"""Headless Chromium, where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=8000",
    "--enable-logging=stderr",
    "--force-color-profile=srgb",
]

TRIES = 4


class Chromium:
    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.folder = program, folder

    def dom(self, page: Path, fragment: str = "") -> str:
        """The document after the page's script ran; fails on any message in the console.

        Virtual time does not wait for pictures that other threads decode, so on a busy machine a page that says when it
        is ready is opened again if it was not.
        """
        tells = "dataset.state" in page.read_text(encoding="utf-8")
        for _ in range(TRIES):
            document = self._run(page, fragment, "--dump-dom")
            if not tells or re.search("<html[^>]* data-state=", document):
                break
        return document

    def screenshot(
        self, page: Path, fragment: str, size: tuple[int, int], *, dark: bool = False
    ) -> np.ndarray:
        """What a reader sees, whose system asks for dark colours or not."""
        target = self.folder / "screen.png"
        wish = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        self._run(page, fragment, f"--screenshot={target}", f"--window-size={size[0]},{size[1]}", wish)
        return np.asarray(Image.open(target).convert("RGB"))

    def _run(self, page: Path, fragment: str, *flags: str) -> str:
        profile = self.folder / "profile"
        command = [self.program, *QUIET, f"--user-data-dir={profile}", *flags, f"{page.as_uri()}#{fragment}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        shutil.rmtree(profile, ignore_errors=True)
        complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        assert not complaints, f"the page wrote to the console: {complaints}"
        return done.stdout


@pytest.fixture
def chromium(tmp_path: Path) -> Chromium:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed, so the page cannot be opened")
    return Chromium(program, tmp_path)
