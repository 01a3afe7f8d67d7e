from __future__ import annotations

import subprocess
import sys

import pytest

import neurosym.options as options


def test_every_public_name_is_there():
    assert sorted(options.__all__) == list(options.__all__)
    for name in options.__all__:
        assert getattr(options, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Lerner'"):
        options.Lerner  # noqa: B018


def test_features_and_controllers_come_without_torch():
    code = (
        "import sys; from neurosym.options import Controller, Features, FeatureSpec, PayRule, Rollout;"
        "sys.exit(','.join({'torch', 'numba', 'safetensors'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
