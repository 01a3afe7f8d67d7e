from __future__ import annotations

import io

from numba import njit

from neurosym.cli.patience import NOTICE, asking_for_patience
from neurosym.cli.voice import Voice


def test_compiling_is_mentioned_once() -> None:
    asides = io.StringIO()
    first, second = njit(lambda x: x + 1), njit(lambda x: x + 2)
    with asking_for_patience(Voice(io.StringIO(), asides, json=False)):
        assert asides.getvalue() == ""
        first(1)
        second(1)
    assert asides.getvalue().count(NOTICE) == 1


def test_what_is_compiled_already_needs_no_patience() -> None:
    asides = io.StringIO()
    function = njit(lambda x: x + 1)
    function(1)
    with asking_for_patience(Voice(io.StringIO(), asides, json=False)):
        function(2)
    assert asides.getvalue() == ""
