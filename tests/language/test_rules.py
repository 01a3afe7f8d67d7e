"""Reading missions.toml, and binding it to a model: every mistake gets one line that names it."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from neurosym.errors import DomainError
from neurosym.language import Rules, RuleTranslator
from neurosym.language.rules import Slot, read_pattern
from neurosym.symbols import ActionSchema, Signature, TypedName


def test_a_pattern_is_words_and_slots():
    assert read_pattern("put {item:dish} into {where}") == (
        "put",
        Slot("item", "dish"),
        "into",
        Slot("where"),
    )


def edited(kitchen_file: Path, tmp_path: Path, old: str, new: str) -> Path:
    text = kitchen_file.read_text(encoding="utf-8")
    assert old in text, "the edit must change something"
    path = tmp_path / "missions.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[articles]", "[articles", "not a TOML file: .*line 2"),
        ("[nouns]", "[noons]", r"unknown section \[noons\]: expected articles, nouns"),
        ('definite = ["the"]', 'definite = "the"', "articles.definite must be a list of words"),
        ('cup = ["cup"]', "cup = []", "nouns.cup must be a list of words"),
        ('oven = ["oven"]', "oven = [1]", "nouns.oven must be a list of words"),
        ('before.an = "aeiou"', "before.an = 3", "articles.before.an must be a string"),
        ('place = "after"', 'place = "over"', r'\[attributes.place\]: place must be "before" or "after"'),
        ('both = ["and"]', "", "connectives.both must be a list of words"),
        ('both = ["and"]', 'both = ["and"]\nstop = "."', "connectives.stop must be a list of words"),
        (
            "[names]",
            '[courtesies]\nduring = ["um"]\n[names]',
            "courtesies.during means nothing here: expected before",
        ),
        ("[names]", "[alike]\ngo = []\n[names]", "alike.go must be a list of words"),
        ("[names]", '[beyond]\n"no" = "two"\n[names]', "beyond.no must be a list of words"),
        ('means = "clean ?it"', 'means = "clean it"', r"means must read .*not 'clean it'"),
        ('means = "clean ?it"', "", "phrases.means must be a string"),
        ('"wash {it:dish}"', '"wash {that:dish}"', r"no slot {it}, which its meaning needs"),
        ('"wash {it:dish}"', '"wash {it}"', r"write {it:TYPE}"),
        ('"wash {it:dish}"', '"wash {it:size}"', r"slot {it} is an attribute"),
        ('"wash {it:dish}"', '"{it:dish} wash"', "a phrase starts with a word"),
        ('"wash {it:dish}"', '"wash {it:dish"', "unmatched '{'"),
        ('"wash {it:dish}"', '"wash {}"', "a slot needs a name"),
        ('"wash ?what ?room"', '"wash what"', "write .*not 'wash what'"),
        ('= "wash {what}"', '= "wash {that}"', "{that} is no parameter"),
        ('number = "number"', 'number = "count"', "'count' is no attribute"),
        ("[[phrases]]", "[phrases]", "not a TOML file: Cannot declare"),
    ],
)
def test_a_mistake_in_the_file_gets_one_line(kitchen_file, tmp_path, old, new, message):
    path = edited(kitchen_file, tmp_path, old, new)
    with pytest.raises(DomainError, match=message) as caught:
        Rules.from_toml(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("phrases = 3\n", r"phrases must be written \[\[phrases\]\]"),
        ("operators = 3\n", "operators must be a table"),
        ("names = 3\n", "names must be a table"),
        ("references = 3\n", "references must be a table"),
        ("beyond = 3\n", "beyond must be a table"),
    ],
)
def test_a_section_of_the_wrong_kind_gets_one_line(kitchen_file, tmp_path, start, message):
    path = tmp_path / "missions.toml"
    path.write_text(start + kitchen_file.read_text(encoding="utf-8").partition("[[phrases]]")[0])
    with pytest.raises(DomainError, match=message):
        Rules.from_toml(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DomainError, match=r"absent\.toml: cannot be read: No such file"):
        Rules.from_toml(tmp_path / "absent.toml")


def test_a_file_that_is_not_text_is_named(tmp_path):
    path = tmp_path / "missions.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DomainError, match="not a TOML file"):
        Rules.from_toml(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('small = ["small"]', 'small = ["large"]', 'two ways: "large"'),
        ('words.2 = ["second"]', 'words.2 = ["large"]', "two ways"),
        ('"do {it:dish}"', '"do {it:dish}", "do {it:dish} and {other:dish}"', "two ways.*and"),
        ("[names]", '[courtesies]\nbefore = ["then"]\n[names]', 'two ways: "then"'),
        ("[names]", '[alike]\none = ["wash", "do"]\ntwo = ["do", "heat"]\n[names]', 'two ways: "do"'),
    ],
)
def test_rules_that_span_no_clear_grammar_are_refused(kitchen_file, tmp_path, vocabulary, old, new, message):
    translator = RuleTranslator(Rules.from_toml(edited(kitchen_file, tmp_path, old, new)))
    with pytest.raises(DomainError, match=message) as caught:
        translator.goal("wash the cup", vocabulary)
    assert "\n" not in str(caught.value)


def without(items: tuple, name: str) -> tuple:
    return tuple(item for item in items if item.name != name)


@pytest.mark.parametrize(
    ("field", "change", "message"),
    [
        ("types", lambda types: without(types, "cup"), "noun for 'cup', which is no type of kitchen"),
        ("actions", lambda actions: without(actions, "wait"), r"\(wait \?room\), which is no operator"),
        ("actions", lambda actions: (*actions, ActionSchema("nap")), "do not say operator 'nap'"),
        (
            "predicates",
            lambda predicates: (*without(predicates, "clean"), Signature("clean")),
            "give clean 1 arguments",
        ),
        (
            "predicates",
            lambda predicates: (
                *without(predicates, "clean"),
                Signature("clean", (TypedName("?c", "cup"),)),
            ),
            r"give clean a dish for \?c",
        ),
    ],
)
def test_rules_that_do_not_fit_the_model_are_refused(rules, model, field, change, message):
    changed = dataclasses.replace(model, **{field: change(getattr(model, field))})
    with pytest.raises(DomainError, match=message):
        rules.vocabulary(changed)


def test_a_slot_of_a_foreign_type_is_refused(kitchen_file, tmp_path, model):
    path = edited(kitchen_file, tmp_path, '"do {it:dish}"', '"do {it:dish} with {tool:sponge}"')
    with pytest.raises(DomainError, match="slot for 'sponge'"):
        Rules.from_toml(path).vocabulary(model)


def test_a_predicate_the_model_lacks_can_be_said_before_it_can_be_planned_for(rules, model, vocabulary):
    assert "warm" not in {signature.name for signature in model.predicates}
    warm = next(signature for signature in vocabulary.predicates if signature.name == "warm")
    assert warm.parameters == (TypedName("?it", "thing"),)


def test_importing_the_package_loads_no_parser():
    code = "import sys, neurosym.language; sys.exit('lark' in sys.modules or 'tomllib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
