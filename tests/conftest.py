"""Fixtures that tests in several folders ask for."""

from tests.browser import chromium
from tests.installing import shelf

__all__ = ["chromium", "shelf"]
