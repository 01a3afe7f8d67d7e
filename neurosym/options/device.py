"""Where a learner can work: the CPU, or an accelerator that torch finds."""

from __future__ import annotations

import torch

from neurosym.errors import DeviceError, UnknownNameError

__all__ = ["devices", "find_device"]


def devices() -> tuple[str, ...]:
    """The names of the devices here: "cpu" first, then perhaps "cuda", "cuda:0" and so on."""
    kind = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    if kind is None:
        return ("cpu",)
    return ("cpu", kind.type, *(f"{kind.type}:{i}" for i in range(torch.accelerator.device_count())))


def find_device(name: str) -> torch.device:
    """The device of that name.

    Raises:
        DeviceError: it is not here; says why, and which are.
        UnknownNameError: nothing is called so.
    """
    here = devices()
    if name in here:
        return torch.device(name)
    try:
        kind = torch.device(name).type
    except RuntimeError:
        raise UnknownNameError("device", name, {*here, "cuda"}) from None
    reason = (
        "" if torch.version.cuda or kind != "cuda" else f": torch {torch.__version__} is built without CUDA"
    )
    raise DeviceError(f"no device {name!r} here{reason}; devices: {', '.join(here)}")
