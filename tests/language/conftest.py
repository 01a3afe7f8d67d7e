"""A kitchen: a world of its own, small enough to see whole, with every feature of the rules in it."""

from pathlib import Path

import pytest

from neurosym.language import Rules, RuleTranslator, Vocabulary
from neurosym.symbols import ActionSchema, PlanningDomain, Signature, TypedName

KITCHEN = """
[articles]
definite = ["the"]
indefinite = ["a", "an"]
before.an = "aeiou"

[nouns]
thing = ["thing"]
dish = ["thing", "dish"]
cup = ["cup"]
oven = ["oven"]
stove_top = ["stove", "stove top"]

[attributes.number]
place = "before"
words.2 = ["second"]

[attributes.size]
place = "before"
[attributes.size.words]
big = ["big", "large"]
small = ["small"]

[attributes.place]
place = "after"
[attributes.place.words]
sink = ["in the sink"]
shelf = ["on the shelf"]

[connectives]
both = ["and"]
then = [", then", "then", "and then"]
after = ["after you"]

[[phrases]]
means = "clean ?it"
say = ["wash {it:dish}", "do {it:dish}"]

[[phrases]]
means = "hot ?it"
say = ["heat {it:oven}"]

[[phrases]]
means = "warm ?it"
say = ["heat {it:thing}"]

[[phrases]]
means = "inside ?it ?where"
say = ["put {it:dish} into {where:oven}", "into {where:oven} put {it:dish}"]

[[phrases]]
means = "hot ?it"
say = ["find the {how:size} switch, press it and heat {it:oven}"]

[operators]
"wash ?what ?room" = "wash {what}"
"carry ?what ?where" = "put {what} into {where}"
"wait ?room" = "wait in {room}"

[names]
unseen = "some"
number = "number"
"""


TALK = KITCHEN.replace(
    'after = ["after you"]',
    """after = ["after you"]
before = ["before you"]
comma = [",", ", and"]
stop = [".", ";"]

[references]
pronouns = ["it", "that"]
same = ["the same", "that"]
nouns = ["one"]

[courtesies]
before = ["first", "could you"]
after = ["thanks"]
around = ["please"]

[alike]
wash = ["wash", "clean", "give a bath to"]

[beyond]
"no number of things can be asked for" = ["two", "all"]
"conditions mean nothing here" = ["if"]""",
)
"""The same world for people who talk more freely."""


def typed(text: str) -> tuple[TypedName, ...]:
    return tuple(TypedName(*pair.split(":")) for pair in text.split())


MODEL = PlanningDomain(
    "kitchen",
    types=typed("room:object thing:object dish:thing cup:dish oven:thing stove_top:thing"),
    predicates=(
        Signature("clean", typed("?d:dish")),
        Signature("hot", typed("?o:oven")),
        Signature("inside", typed("?d:dish ?o:oven")),
        Signature("in", typed("?r:room")),
    ),
    actions=(
        ActionSchema("wash", typed("?d:dish ?r:room")),
        ActionSchema("carry", typed("?d:dish ?o:oven")),
        ActionSchema("wait", typed("?r:room")),
    ),
)


@pytest.fixture(scope="session")
def kitchen_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kitchen") / "missions.toml"
    path.write_text(KITCHEN, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def rules(kitchen_file: Path) -> Rules:
    return Rules.from_toml(kitchen_file)


@pytest.fixture(scope="session")
def model() -> PlanningDomain:
    return MODEL


@pytest.fixture(scope="session")
def vocabulary(rules: Rules) -> Vocabulary:
    return rules.vocabulary(MODEL)


@pytest.fixture(scope="session")
def translator(rules: Rules) -> RuleTranslator:
    return RuleTranslator(rules)


@pytest.fixture(scope="session")
def talker(tmp_path_factory: pytest.TempPathFactory) -> RuleTranslator:
    path = tmp_path_factory.mktemp("talk") / "missions.toml"
    path.write_text(TALK, encoding="utf-8")
    return RuleTranslator(Rules.from_toml(path))
