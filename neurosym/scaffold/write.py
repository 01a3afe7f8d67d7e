"""Writing a new domain's folder."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from neurosym.errors import DomainError, UnknownNameError

if TYPE_CHECKING:
    import gymnasium

__all__ = ["check_new_folder", "write_domain_folder", "write_pddl_binding"]

_TEMPLATES = Path(__file__).parent
_SUFFIX = ".txt"  # of templates, so that nobody takes one for code
_MOST_SPACE = 90  # characters of a space told in a comment


def write_domain_folder(folder: Path, environment: str | None = None) -> list[Path]:
    """Write a domain, named as the folder is, that plans, trains and passes its tests.

    Args:
        folder: must not exist, or be empty.
        environment: the Gymnasium id it is about; a small world of the domain's own if None.

    Returns:
        the files written.

    Raises:
        DomainError: the folder is taken, its name cannot be imported, or the environment is of a kind that options
            cannot act in.
        UnknownNameError: Gymnasium knows no such environment.
    """
    check_new_folder(folder)
    words = {} if environment is None else _describe_environment(environment)
    return _fill("corridor" if environment is None else "gym", folder, words)


def write_pddl_binding(folder: Path) -> list[Path]:
    """Write what makes a domain of a folder's PDDL and words: a `domain.py` without an environment, and a README.

    Returns:
        the files written.
    """
    return _fill("pddl", folder, {})


def check_new_folder(folder: Path) -> None:
    """Refuse a folder that a new domain cannot have.

    Raises:
        DomainError: the folder is taken, or its name cannot be imported.
    """
    name = folder.resolve().name
    if not name.isidentifier() or keyword.iskeyword(name):
        raise DomainError(f"{name}: a domain's name is one word of letters, digits and _, such as my_world")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DomainError(f"{folder} is there already; a new domain wants a folder of its own")


def _fill(template: str, folder: Path, words: Mapping[str, str]) -> list[Path]:
    name = folder.resolve().name
    words = {"name": name, "class_name": _class_name(name), **words}
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(path, folder, words) for path in sorted((_TEMPLATES / template).glob(f"*{_SUFFIX}"))]


def _write(template: Path, folder: Path, words: Mapping[str, str]) -> Path:
    path = folder / template.name.removesuffix(_SUFFIX)
    path.write_text(Template(template.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
    return path


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")) or name


def _describe_environment(environment: str) -> dict[str, str]:
    """What is known of an environment, in words of the template."""
    import gymnasium

    from neurosym.kit import Encoder

    try:
        env = gymnasium.make(environment)
    except (gymnasium.error.Error, ImportError) as error:
        if isinstance(error, gymnasium.error.UnregisteredEnv):
            raise UnknownNameError("Gymnasium environment", environment, gymnasium.registry) from None
        raise DomainError(f"{environment} cannot be made: {error}") from None
    env.close()
    Encoder(env.observation_space)  # says what it cannot handle
    return {
        "environment": environment,
        "observation_space": _brief(env.observation_space),
        "action_space": _brief(env.action_space),
        "action_names": _tuple_of(_name_actions(env)),
        "mission": _mission(env.observation_space),
    }


def _name_actions(env: gymnasium.Env[Any, Any]) -> tuple[str, ...]:
    """The names of an environment's own enumeration, if it has one."""
    from gymnasium.spaces import Discrete

    space = env.action_space
    if not isinstance(space, Discrete) or space.start != 0:
        raise DomainError(
            f"the actions are {_brief(space)}; an option's policy chooses among Discrete(n), counted from 0: "
            "wrap the environment"
        )
    named = getattr(env.unwrapped, "actions", None)
    names = [entry.name.replace("_", " ") for entry in named] if hasattr(named, "__members__") else []  # type: ignore[union-attr]
    return tuple(names) if len(names) == space.n else tuple(f"action {n}" for n in range(int(space.n)))


def _tuple_of(names: Sequence[str]) -> str:
    """As code."""
    return f"({', '.join(map(json.dumps, names))}{',' * (len(names) == 1)})"


def _mission(space: Any) -> str:
    """What an author has to say of missions where the environment says them in words that nobody understands yet."""
    if "mission" not in getattr(space, "spaces", {}):
        return ""
    return (
        "\n    def mission(self, observation: Any) -> str:\n"
        '        return "solve it"  # the environment says observation["mission"]: teach missions.toml its words\n'
    )


def _brief(space: Any) -> str:
    text = re.sub(r"\s+", " ", str(space))
    return text if len(text) <= _MOST_SPACE else f"{text[: _MOST_SPACE - 1]}…"
