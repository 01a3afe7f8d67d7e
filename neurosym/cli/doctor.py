"""`neurosym doctor`: what is installed, what is missing and why, and where things are kept."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosym.cli.command import DONE, Command
from neurosym.cli.trust import trusted_folder
from neurosym.cli.voice import Voice
from neurosym.provenance import commit_here

__all__ = ["Doctor", "versions"]

_DISTRIBUTION = "neurosym-rl"


@dataclass(kw_only=True)
class Doctor(Command):
    """Say what is installed, which planning engines and which language model, and where things are kept."""

    def run(self, voice: Voice, given: list[str]) -> int:
        findings = {
            "versions": versions(),
            "engines": _engines(),
            "devices": _devices(),
            "language model": _language_model(),
            "domains": _domains(),
            "places": _places(),
        }
        if voice.json:
            voice.answer(findings)
        else:
            _show(voice, findings)
        return DONE


def versions() -> dict[str, str | None]:
    from neurosym import __version__

    return {
        "neurosym": __version__,
        "commit": commit_here(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        **_installed(),
    }


def _installed() -> dict[str, str | None]:
    """The versions of what this distribution needs, by its own metadata; None where that is missing."""
    from importlib import metadata

    found: dict[str, str | None] = {}
    try:
        lines = metadata.requires(_DISTRIBUTION) or []
        for line in lines:
            if "extra ==" not in line:
                name = re.split(r"[^\w.-]", line, maxsplit=1)[0]
                found[name] = metadata.version(name)
    except metadata.PackageNotFoundError as missing:
        found[missing.name or _DISTRIBUTION] = None
    return found


def _engines() -> list[dict[str, Any]]:
    from neurosym.planning import engines

    keys = ("engine", "available", "reason")
    return [dict(zip(keys, entry, strict=True)) for entry in engines()]


def _devices() -> dict[str, Any]:
    import torch

    from neurosym.processes import cores

    cards = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return {"cores": cores(), "torch_threads": torch.get_num_threads(), "cuda": cards}


def _language_model() -> dict[str, Any]:
    """What would be asked, as the environment says it; of the key no more than whether there is one."""
    import os

    from neurosym.language.settings import ENVIRONMENT

    said = {name: os.environ.get(variable, "").strip() for name, variable in ENVIRONMENT.items()}
    return {
        "client": _version("openai"),
        "server": _server(said["base_url"]),
        "model": said["model"] or None,
        "key": bool(said["key"]),
    }


def _version(distribution: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _server(base_url: str) -> str | None:
    """The address if it can be used, else what is wrong with it: it may hold a secret."""
    from neurosym.errors import LanguageModelError
    from neurosym.language.openai_chat import host_of

    try:
        if base_url:
            host_of(base_url)
    except LanguageModelError as error:
        return str(error)
    return base_url or None


def _domains() -> list[dict[str, Any]]:
    from neurosym.domain import load_domains
    from neurosym.registry import sources

    claims = sources()
    found = []
    for domain in load_domains():
        tasks = domain.tasks()
        found.append(
            {
                "domain": domain.name,
                "source": str(claims[domain.name][0]),
                "tasks": sum(task.available for task in tasks),
                "unavailable": {task.id: task.reason for task in tasks if not task.available},
                "folder": str(domain.folder),
                "weights": str(domain.weights) if domain.weights.exists() else None,
                "cache": str(domain.cache),
            }
        )
    return found


def _places() -> dict[str, str]:
    import numba

    package = Path(__file__).resolve().parents[1]
    compiled: str = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    return {
        "package": str(package),
        "trusted folders": str(trusted_folder()),
        "compiled code": compiled or "beside each module; where that is read-only, in the user's cache",
        "runs": str(Path("runs").absolute()),
    }


def _show(voice: Voice, findings: dict[str, Any]) -> None:
    _show_pairs(voice, "versions", findings["versions"])
    engines = {entry["engine"]: entry["reason"] or "ready" for entry in findings["engines"]}
    _show_pairs(voice, "engines", engines)
    devices = findings["devices"]
    _show_pairs(voice, "devices", {**devices, "cuda": ", ".join(devices["cuda"]) or "none"})
    _show_pairs(voice, "language model", _worded(findings["language model"]))
    for entry in findings["domains"]:
        missing = f", {len(entry['unavailable'])} cannot start" if entry["unavailable"] else ""
        pairs = {
            "source": entry["source"],
            "tasks": f"{entry['tasks']}{missing}",
            "folder": entry["folder"],
            "weights": entry["weights"] or "none; `neurosym train` makes some",
            "cache": f"{entry['cache']}, levels to practise on and the like; may be deleted",
        }
        _show_pairs(voice, f"domain {entry['domain']}", pairs)
    _show_pairs(voice, "places", findings["places"])


def _worded(model: dict[str, Any]) -> dict[str, Any]:
    from neurosym.language.openai_chat import HOSTED
    from neurosym.language.settings import ENVIRONMENT

    return {
        "client": f"openai {model['client']}" if model["client"] else 'none; pip install "neurosym-rl[llm]"',
        "server": model["server"] or f"{HOSTED}; {ENVIRONMENT['base_url']} names another",
        "model": model["model"] or f"none; {ENVIRONMENT['model']} names one",
        "key": f"{'is' if model['key'] else 'not'} set in {ENVIRONMENT['key']}",
    }


def _show_pairs(voice: Voice, title: str, pairs: dict[str, Any]) -> None:
    width = max((len(name) for name in pairs), default=0)
    lines = (f"  {name:<{width}}  {'-' if value is None else value}" for name, value in pairs.items())
    voice.show(title, *lines)
