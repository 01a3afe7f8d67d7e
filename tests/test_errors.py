"""The exception tree is as drawn, and every public name exists."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import neurosym
from neurosym import errors
from neurosym.errors import NeurosymError, PddlError, UnknownNameError

MODULES = sorted(
    name
    for _, name, _ in pkgutil.walk_packages(neurosym.__path__, "neurosym.")
    if not name.endswith("__main__") and "._domains" not in name
)


def drawn_parents() -> dict[str, str]:
    """Each class in the drawing, with the class it hangs from."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        name = next((word for word in line.split() if word.endswith("Error")), None)
        if name is None:
            continue
        column = line.index(name)
        above = [entry for entry in above if entry[0] < column]
        parents[name] = above[-1][1] if above else "Exception"
        above.append((column, name))
    return parents


def test_the_tree_is_as_drawn() -> None:
    real = {
        name: cls.__base__.__name__
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if cls.__module__ == errors.__name__
    }
    assert drawn_parents() == real


def test_every_error_is_public() -> None:
    assert sorted(errors.__all__) == sorted(drawn_parents())


def test_all_of_a_package_can_be_imported() -> None:
    for name in neurosym.__all__:
        assert getattr(neurosym, name) is not None, name
        assert name in dir(neurosym)
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        neurosym.lode  # noqa: B018


def load(name: str) -> ModuleType:
    return importlib.import_module(name)


@pytest.mark.parametrize("name", MODULES)
def test_public_names_exist(name: str) -> None:
    module = load(name)
    public = getattr(module, "__all__", None)
    assert public is not None, f"{name} has no __all__"
    assert len(set(public)) == len(public), f"{name}: a name twice in __all__"
    for entry in public:
        assert hasattr(module, entry), f"{name}.{entry} does not exist"


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(load(name)), f"{name} has no docstring"


def test_an_unknown_name_carries_the_nearest() -> None:
    error = UnknownNameError("task", "dorkey", ["DoorKey", "Empty"])
    assert error.nearest == ("DoorKey",)
    assert str(error) == "unknown task 'dorkey'; nearest: DoorKey"


def test_a_name_far_from_all_gets_a_few_to_choose_from() -> None:
    assert str(UnknownNameError("task", "x", ["B", "A"])) == "unknown task 'x'; known: A, B"


def test_broken_pddl_says_where() -> None:
    error = PddlError("expected )", path=Path("a.pddl"), line=3, column=7, source="  (and (p)")
    assert str(error) == "a.pddl:3:7: expected ): (and (p)"
    assert str(PddlError("empty")) == "<text>: empty"
    assert isinstance(error, NeurosymError)
