from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import neurosym.registry
from neurosym.domain import Domain, Task, domain_names, find_task, load_domain
from neurosym.errors import DomainError, MissionError, UnavailableTaskError, UnknownNameError
from tests.worlds import ALLEY, ALLEY_FOLDER

ROOT = Path(__file__).parents[1]


@pytest.fixture
def worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for built-in domains, with copies of the alley in it."""
    home = tmp_path / "home"
    for name in ("alley_one", "alley_two"):
        copy_alley(home / name)
        retitle(home / name, name)
    (home / "notes").mkdir()
    monkeypatch.setattr(neurosym.registry, "_homes", lambda: (tmp_path / "nowhere", home))
    return home


def copy_alley(folder: Path) -> Path:
    shutil.copytree(ALLEY_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def retitle(folder: Path, name: str) -> None:
    file = folder / "domain.py"
    text = file.read_text().replace("Alley-", f"{name}-").replace('name = "alley"', f'name = "{name}"')
    file.write_text(text)


def test_the_repository_has_its_domains_beside_the_package() -> None:
    assert domain_names() == sorted(path.parent.name for path in ROOT.glob("domains/*/domain.py"))
    assert "minigrid" in domain_names()


def test_names_are_those_of_folders_with_a_domain_in_them(worlds: Path) -> None:
    assert domain_names() == ["alley_one", "alley_two"]


def test_the_first_home_that_exists_counts(worlds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neurosym.registry, "_homes", lambda: (worlds / "notes", worlds))
    assert domain_names() == []


def test_no_home_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(neurosym.registry, "_homes", lambda: (tmp_path / "nowhere",))
    assert domain_names() == []
    with pytest.raises(UnknownNameError):
        load_domain("minigrid")


def test_a_domain_is_loaded_by_name(worlds: Path) -> None:
    domain = load_domain("alley_one")
    assert domain.name == "alley_one"
    assert domain.folder == worlds / "alley_one"
    assert domain.weights == worlds / "alley_one" / "weights"


@pytest.mark.parametrize("make", [str, Path])
def test_a_domain_is_loaded_by_path(make: type, tmp_path: Path) -> None:
    folder = copy_alley(tmp_path / "elsewhere")
    domain = load_domain(make(folder))
    assert isinstance(domain, Domain)
    assert domain.model.name == "alley"
    assert domain.folder == folder


def test_a_path_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_alley(tmp_path / "near_by")
    monkeypatch.chdir(tmp_path)
    assert load_domain("near_by").folder == tmp_path / "near_by"


def test_a_name_goes_before_a_folder_that_lies_here(
    worlds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_alley(tmp_path / "alley_one")
    monkeypatch.chdir(tmp_path)
    assert load_domain("alley_one").folder == worlds / "alley_one"


def test_an_unknown_name_is_answered_with_the_nearest(worlds: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown domain 'aley_one'; nearest: alley_one") as caught:
        load_domain("aley_one")
    assert caught.value.nearest[0] == "alley_one"


def test_a_folder_without_a_domain(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match=r"no domain\.py in this folder") as caught:
        load_domain(tmp_path)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "DOMAIN = 3\n", "from neurosym.domain import Domain\nDOMAIN = Domain\n"]
)
def test_a_module_without_an_instance(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "hollow"
    folder.mkdir()
    (folder / "domain.py").write_text(text)
    with pytest.raises(DomainError, match="defines no DOMAIN"):
        load_domain(folder)


def test_two_folders_of_one_name_are_two_domains(tmp_path: Path) -> None:
    here, there = copy_alley(tmp_path / "here" / "lane"), copy_alley(tmp_path / "there" / "lane")
    (there / "world.py").write_text((there / "world.py").read_text().replace("CELLS = 9", "CELLS = 11"))
    first, second = load_domain(here), load_domain(there)
    assert (first.folder, second.folder) == (here, there)
    widths = [domain.feature_spec.width for domain in (first, second)]
    assert widths == [11, 13], "the second one's own files are imported, not the first one's"
    assert load_domain(here).feature_spec.width == 11


def test_a_domain_loaded_twice_is_one(tmp_path: Path) -> None:
    folder = copy_alley(tmp_path / "same")
    assert load_domain(folder) is load_domain(folder / ".." / "same")


def test_a_domain_that_could_not_be_imported_can_be_loaded_once_it_is_mended(tmp_path: Path) -> None:
    folder = copy_alley(tmp_path / "mended")
    whole = (folder / "domain.py").read_text()
    (folder / "domain.py").write_text(whole + "\nraise RuntimeError('not yet')\n")
    with pytest.raises(RuntimeError, match="not yet"):
        load_domain(folder)
    (folder / "domain.py").write_text(whole)
    assert load_domain(folder).name == "alley"


def test_loading_leaves_the_import_path_alone(tmp_path: Path) -> None:
    before = list(sys.path)
    load_domain(copy_alley(tmp_path / "quiet"))
    assert sys.path == before
    assert "world" not in sys.modules


def test_a_task_is_found_in_whatever_domain_has_it(worlds: Path) -> None:
    domain, task = find_task("alley_two-Open-v0")
    assert domain.name == "alley_two"
    assert task == Task("alley_two-Open-v0", mission="fetch the coin")


def test_an_unavailable_task_is_found_too(worlds: Path) -> None:
    domain, task = find_task("alley_one-Lost-v0")
    assert not task.available
    assert task.reason == "nobody knows where it lies"
    with pytest.raises(UnavailableTaskError, match="nobody knows where it lies"):
        domain.make_env(task.id)


def test_an_unknown_task_is_answered_with_the_nearest_of_all_domains(worlds: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown task 'alley_two-Opne-v0'") as caught:
        find_task("alley_two-Opne-v0")
    assert caught.value.nearest[0] == "alley_two-Open-v0"
    assert {name.partition("-")[0] for name in caught.value.nearest} == {"alley_one", "alley_two"}


def test_what_a_domain_gets_for_nothing() -> None:
    assert str(ALLEY.goal("ring the bell")) == "(rung [the bell])"
    assert [action.name for action in ALLEY.model.actions][:2] == ["open-box", "take"]
    assert ALLEY.view({}) is None
    assert ALLEY.picture(ALLEY.belief(1), 0) is None
    with pytest.raises(MissionError, match="paint"):
        ALLEY.goal("paint the bell")


@pytest.mark.parametrize(
    ("text", "said"), [("import no_such_module\n", "no_such_module"), ("DOMAIN = (\n", "domain.py:1")]
)
def test_a_module_that_cannot_be_imported_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "domain.py").write_text(text)
    with pytest.raises(DomainError, match="cannot be imported") as caught:
        load_domain(tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
