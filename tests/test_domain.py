from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import neurosym.domain
import neurosym.registry
from neurosym.domain import Domain, Task, domain_names, find_task, load_domain, load_domains
from neurosym.errors import DomainError, MissionError, UnavailableTaskError, UnknownNameError
from tests.installing import copy_alley, install, install_alley, retitle
from tests.worlds import ALLEY

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


@pytest.mark.parametrize("value", ["lanes", "lanes.domain", "lanes.domain:DOMAIN"])
def test_an_installed_domain_is_like_any_other(worlds: Path, shelf: Path, value: str) -> None:
    folder = copy_alley(shelf / "lanes")
    retitle(folder, "lane")
    install(shelf, "alleys", {"lane": value})
    assert domain_names() == ["alley_one", "alley_two", "lane"]
    domain = load_domain("lane")
    assert (domain.name, domain.folder) == ("lane", folder)
    assert domain.model.name == "alley"
    assert find_task("lane-Open-v0")[0] is domain
    with pytest.raises(UnknownNameError, match="nearest: lane"):
        load_domain("lanee")


def test_a_path_is_never_a_name(worlds: Path, shelf: Path) -> None:
    install_alley(shelf, "lanes", "lane")
    with pytest.raises(UnknownNameError):
        load_domain(Path("lane"))


def test_installed_domains_are_looked_up_when_they_are_needed() -> None:
    code = "import sys, neurosym.registry; print('email' in sys.modules); neurosym.registry.sources()"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.split() == ["False"], "metadata of distributions was read"


@pytest.mark.parametrize(
    ("value", "text", "said"),
    [
        ("nowhere_to_be_found", "", "ModuleNotFoundError"),
        ("broken_lane", "raise RuntimeError('out of\\n order')", "RuntimeError: out of order"),
        ("broken_lane", "DOMAIN = 3", "is no neurosym.domain.Domain"),
        ("broken_lane", "", "has no attribute 'DOMAIN'"),
        ("broken_lane:WORLD", "", "WORLD"),
    ],
)
def test_a_broken_installation_is_one_line_with_its_distribution(
    shelf: Path, value: str, text: str, said: str
) -> None:
    (shelf / "broken_lane.py").write_text(text)
    install(shelf, "crooked-lanes", {"lane": value})
    with pytest.raises(
        DomainError, match=r"the domain 'lane' of the distribution crooked-lanes 1\.2"
    ) as caught:
        load_domain("lane")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_installation_leaves_the_others_alone(
    worlds: Path, shelf: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (shelf / "broken_lane.py").write_text("import no_such_module")
    install(shelf, "crooked", {"aaa": "broken_lane"})
    assert find_task("alley_two-Open-v0")[0].name == "alley_two"
    assert [domain.name for domain in load_domains()] == ["alley_one", "alley_two"]
    assert [record.getMessage().split(" cannot")[0] for record in caplog.records] == [
        "the domain 'aaa' of the distribution crooked 1.2"
    ]


def test_a_built_in_domain_keeps_its_name(
    worlds: Path, shelf: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install_alley(shelf, "lanes", "alley_one", "usurper")
    assert load_domain("alley_one").folder == worlds / "alley_one"
    assert "is taken to be the one built in, not the one of the distribution usurper 1.2" in caplog.text


@pytest.mark.parametrize("order", [("Zebra", "aardvark"), ("aardvark", "Zebra")])
def test_among_distributions_the_first_in_the_alphabet_has_the_name(
    shelf: Path, order: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    neurosym.domain._warn_once.cache_clear()
    for distribution in order:
        install_alley(shelf, f"lanes_of_{distribution}", "lane", distribution)
    assert load_domain("lane").folder == shelf / "lanes_of_aardvark"
    assert "not the one of the distribution Zebra 1.2" in caplog.text


def test_a_domain_must_be_called_what_it_calls_itself(shelf: Path) -> None:
    copy_alley(shelf / "lanes")
    install(shelf, "alleys", {"lane": "lanes"})
    with pytest.raises(DomainError, match="calls itself 'alley'; the names must agree"):
        load_domain("lane")
