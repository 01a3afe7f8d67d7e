"""A clean small world, and mistakes to plant in it, each with the code and the line that a check has to name."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.worlds import ALLEY_FOLDER

MARK = "@@"
PDDL, WORDS, PROBLEM, PLAN, WRONG_PLAN = (
    "domain.pddl",
    "missions.toml",
    "p01.pddl",
    "p01.plan",
    "p01_invalid.plan",
)
DOMAIN, BELIEF, WORLD = "domain.py", "belief.py", "world.py"


@dataclass(frozen=True)
class Edit:
    """`old`, which stands in the file once, becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Fault:
    """A mistake, made by one or more edits; MARK, in the text of one of them, is where it is to be found."""

    code: str
    edits: tuple[Edit, ...]


def fault(code: str, file: str, old: str, new: str, *more: Edit) -> Fault:
    return Fault(code, (Edit(file, old, new), *more))


STATIC = (
    fault("pddl-parenthesis", PDDL, "(in ?z) (lies ?c ?z))\n", "(in ?z) (lies ?c ?z)@@\n"),
    fault("pddl-parenthesis", PDDL, "(and (in ?z) (lies ?b ?z))\n", "(and (in ?z) (lies ?b ?z))@@)\n"),
    fault("pddl-parenthesis", PDDL, "    (in ?z - zone)\n", "    (in ?z - zone@@\n"),
    fault("pddl-syntax", PDDL, "  (:action take\n", "  (:action take\n    @@:params ()\n"),
    fault("pddl-undeclared-predicate", PDDL, "(lies ?b ?z) (may-hold", "@@(lyes ?b ?z) (may-hold"),
    fault("pddl-undeclared-type", PDDL, "(rung ?b - bell)", "(rung ?b - @@bel)"),
    fault("pddl-undeclared-variable", PDDL, "(and (in ?to) (not", "(and (in @@?too) (not"),
    fault("pddl-undeclared-object", PROBLEM, "(lies bell z1)", "(lies bell @@z2)"),
    fault(
        "pddl-undeclared-function",
        PDDL,
        "(rung ?b) (increase (total-cost) (reach",
        "(rung ?b) (increase (total-cost) @@(rech",
    ),
    fault("pddl-wrong-arity", PDDL, "(links ?g ?from ?to) (not", "@@(links ?g ?from) (not"),
    fault("pddl-wrong-type", PDDL, "(held ?c) (not", "(held @@?z) (not"),
    fault("pddl-type-circle", PDDL, "zone thing - object", "zone - object thing - @@coin"),
    fault(
        "pddl-duplicate-name",
        PDDL,
        "    (open ?g - gate)\n",
        "    (open ?g - gate)\n    @@(open ?g - gate)\n",
    ),
    fault("pddl-wrong-domain", PROBLEM, "(:domain alley)", "(:domain @@valley)"),
    fault(
        "pddl-unused-predicate", PDDL, "    (in ?z - zone)\n", "    (in ?z - zone)\n    @@(dark ?z - zone)\n"
    ),
    fault(
        "pddl-never-true",
        PDDL,
        "    (rung ?b - bell))\n",
        "    @@(oiled ?g - gate)\n    (rung ?b - bell))\n",
        Edit(PDDL, "(not (open ?g)))\n", "(not (open ?g)) (oiled ?g))\n"),
    ),
    fault(
        "pddl-never-applies",
        PDDL,
        "(links ?g ?from ?to) (open ?g))",
        "(links ?g ?from ?to) (open ?g) @@(not (open ?g)))",
    ),
    fault(
        "pddl-never-applies",
        PDDL,
        "box coin bell gate - thing",
        "box coin bell gate ladder - thing",
        Edit(PDDL, "(?c - coin ?z - zone)", "(?c - coin ?z - zone @@?l - ladder)"),
        Edit(PDDL, "(not (lies ?c ?z)) (inc", "(not (lies ?c ?z)) (not (lies ?l ?z)) (inc"),
        Edit(WORDS, '"take ?coin ?zone"', '"take ?coin ?zone ?ladder"'),
    ),
    fault(
        "pddl-unread-effect",
        PDDL,
        "    (links ?g - gate",
        "    (swept ?z - zone)\n    (links ?g - gate",
        Edit(PDDL, "(and (rung ?b)", "(and @@(swept ?z) (rung ?b)"),
    ),
    fault(
        "pddl-unused-parameter",
        PDDL,
        "(?b - bell ?z - zone)",
        "(?b - bell ?z @@?y - zone)",
        Edit(WORDS, '"ring ?bell ?zone"', '"ring ?bell ?zone ?y"'),
    ),
    fault(
        "pddl-never-reached",
        PDDL,
        "    (held ?c - coin)",
        "    @@(held ?c - coin)",
        Edit(PDDL, "(held ?c) (not (lies", "(not (lies"),
    ),
    fault(
        "pddl-refused",
        PDDL,
        ":precondition (and (in ?from) (links ?g ?from ?to) (not (open ?g)))",
        ":precondition (and (in ?from) (links ?g ?from ?to) @@(forall (?x - bell) (rung ?x)))",
    ),
    fault("plan-invalid", PLAN, "(take coin z0)", "@@(ring bell z1)"),
    fault(
        "plan-not-invalid",
        WRONG_PLAN,
        "(open-box box coin z0)\n(take coin z0)\n",
        "@@(open-box box coin z0)\n(take coin z0)\n(open-gate gate z0 z1)\n",
    ),
    fault("plan-unreadable", PLAN, "(ring bell z1)", "@@(ring bell z7)"),
    fault("words-unreadable", WORDS, 'bell = ["bell"]', "bell = @@bell"),
    fault("words-syntax", WORDS, 'say = ["fetch {it:coin}"]', 'say = ["@@fetch {it:coin"]'),
    fault("words-unknown-type", WORDS, 'gate = ["gate"]', '@@gates = ["gate"]'),
    fault("words-unknown-type", WORDS, "ring {it:bell}", "@@ring {it:bells}"),
    fault("words-unknown-predicate", WORDS, "held ?it", "@@hold ?it"),
    fault("words-wrong-arguments", WORDS, "fetch {it:coin}", "@@fetch {it:gate}"),
    fault(
        "words-wrong-arguments",
        WORDS,
        'means = "rung ?it"\nsay = ["ring {it:bell}"]',
        'means = "@@rung ?it ?other"\nsay = ["ring {it:bell} by {other:bell}"]',
    ),
    fault(
        "words-missing-template",
        WORDS,
        "[operators]",
        "@@[operators]",
        Edit(WORDS, '"ring ?bell ?zone" = "ring {bell}"\n', ""),
    ),
    fault("words-unknown-operator", WORDS, '"open-gate ?gate', '@@"opengate ?gate'),
    fault("words-wrong-parameters", WORDS, '"take ?coin ?zone"', '@@"take ?coin"'),
    fault(
        "words-wrong-parameters",
        WORDS,
        '"open {gate}"',
        '"open {door}"',
        Edit(WORDS, '"open-gate', '@@"open-gate'),
    ),
    fault(
        "words-ambiguous-template",
        WORDS,
        '"pass-gate ?gate ?from ?to" = "go through {gate}"',
        '@@"pass-gate ?gate ?from ?to" = "open {gate}"',
    ),
    fault(
        "words-ambiguous-phrase",
        WORDS,
        "[operators]",
        '[[phrases]]\nmeans = "open ?it"\nsay = ["work {it:gate}"]\n\n[[phrases]]\nmeans = "shut ?it"\n'
        'say = ["@@work {it:gate}"]\n\n[operators]',
        Edit(PDDL, "    (open ?g - gate)\n", "    (open ?g - gate)\n    (shut ?g - gate)\n"),
        Edit(PDDL, "(and (open ?g) (inc", "(and (open ?g) (shut ?g) (inc"),
    ),
    fault("words-two-readings", WORDS, 'indefinite = ["a"]', 'indefinite = ["@@the"]'),
    fault("domain-import", DOMAIN, "DOMAIN = AlleyDomain()", "DOMAIN = @@AleyDomain()"),
    fault(
        "domain-import",
        BELIEF,
        "KIND, CELL, NEXT_KIND, NEXT_CELL = range(4)",
        "KIND, CELL, NEXT_KIND, NEXT_CELL = @@range(4",
    ),
    fault("domain-import", DOMAIN, "from neurosym.errors import", "@@from neurosym.mistakes import"),
    fault(
        "domain-import",
        DOMAIN,
        "class AlleyDomain(Domain)",
        "class AlleyDomain",
        Edit(DOMAIN, "DOMAIN = ", "@@DOMAIN = "),
    ),
)

DYNAMIC = (
    fault("binding-unknown-predicate", BELIEF, 'Atom("lies", (name, zone))', 'Atom(@@"lays", (name, zone))'),
    fault("binding-wrong-arity", BELIEF, 'Atom("open", (name,))', 'Atom(@@"open", (name, zone))'),
    fault("binding-unknown-object", BELIEF, 'Atom("lies", (name, zone))', 'Atom(@@"lies", (name, "z9"))'),
    fault("binding-wrong-type", BELIEF, 'Atom("lies", (name, zone))', 'Atom(@@"lies", (zone, name))'),
    fault("binding-wrong-type", BELIEF, 'SHUT: "gate", OPEN', 'SHUT: @@"door", OPEN'),
    fault(
        "binding-never-true",
        PDDL,
        "    (may-hold ?b",
        "    @@(may-hold ?b",
        Edit(BELIEF, 'atoms.add(Atom("may-hold", (name, "coin")))', "pass"),
    ),
    fault(
        "binding-not-seen",
        PDDL,
        "    (may-hold ?b",
        "    @@(may-hold ?b",
        Edit(BELIEF, 'if kind == "box" and "coin" not in', 'if kind == "bell" and "coin" in'),
    ),
    fault(
        "binding-never-true",
        PDDL,
        "    (rung ?b - bell))",
        "    @@(rung ?b - bell))",
        Edit(BELIEF, "and self.rung[index]:", "and not self.rung.any:"),
    ),
    fault("binding-mission", WORDS, "fetch {it:coin}", "@@fech {it:coin}"),
    fault("binding-mission", WORLD, '("fetch the coin", "ring', '(@@"devour a spoon", "ring'),
    fault(
        "binding-goal",
        BELIEF,
        "    def problem(",
        "    @@def problem(",
        Edit(
            BELIEF,
            "Atom(wanted.predicate, (wanted.arguments[0].type,))",
            'Atom(wanted.predicate, (wanted.arguments[0].type + "_9",))',
        ),
    ),
    fault(
        "binding-no-aim",
        BELIEF,
        "        if cell is None:\n            return None\n",
        '        if cell is None or step.name == @@"ring":\n            return None\n',
    ),
    fault(
        "binding-features",
        DOMAIN,
        "feature_spec = FeatureSpec(rows=ROWS,",
        "@@feature_spec = FeatureSpec(rows=9,",
    ),
    fault(
        "binding-features",
        DOMAIN,
        "feature_spec = FeatureSpec(rows=ROWS, width=WIDTH, dense=DENSE",
        "@@feature_spec = FeatureSpec(rows=ROWS, width=WIDTH, dense=DENSE + 1",
    ),
    fault(
        "binding-features",
        BELIEF,
        "    def features(",
        "    @@def features(",
        Edit(
            BELIEF,
            "np.hstack([around, aimed]).astype(np.int32)",
            "np.hstack([around, aimed]).astype(np.int64)",
        ),
    ),
    fault("binding-actions", DOMAIN, "action_names = ACTION_NAMES\n", "@@action_names = ACTION_NAMES[:3]\n"),
    fault(
        "binding-observation",
        DOMAIN,
        "    def stack(",
        "    @@def stack(",
        Edit(DOMAIN, '"mission": [observation["mission"] for', '"words": [observation["mission"] for'),
    ),
    fault(
        "binding-no-plan",
        BELIEF,
        "    def problem(",
        "    @@def problem(",
        Edit(
            BELIEF,
            'atoms = {Atom("in", (f"z{self.zone(index, int(image[PLACE]))}",))}',
            'atoms = {Atom("in", ("z0",))} - {Atom("in", ("z0",))}',
        ),
    ),
    fault(
        "domain-failed",
        BELIEF,
        "        names, image = self.names(index), self.image[index]\n        atoms",
        "        names, image = @@self.nmes(index), self.image[index]\n        atoms",
    ),
    fault(
        "domain-failed",
        WORLD,
        "        if action in (LEFT, RIGHT):\n",
        "        if action in @@(LEFT, RIHGT):\n",
    ),
    fault("agreement-missing", PDDL, "(and (open ?g) (increase", "(and (open ?g) @@(in ?to) (increase"),
    fault(
        "agreement-unexpected",
        PDDL,
        ":effect (and (held ?c) (not (lies ?c ?z)) (inc",
        "@@:effect (and (held ?c) (inc",
    ),
    fault(
        "agreement-unexpected",
        PDDL,
        "(and (in ?to) (not (in ?from)) (increase",
        "(and (in ?to) (increase",
        Edit(
            PDDL,
            "(links ?g ?from ?to) (open ?g))\n    :effect",
            "(links ?g ?from ?to) (open ?g))\n    @@:effect",
        ),
    ),
    fault(
        "agreement-not-achieved",
        PDDL,
        ":precondition (and (in ?from) (links ?g ?from ?to) (open ?g))",
        "@@:precondition (and (in ?from) (links ?g ?from ?to))",
    ),
)


def copy_clean(folder: Path) -> Path:
    """The world without mistakes, with a problem, a plan and a plan that is wrong."""
    shutil.copytree(ALLEY_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (Path(__file__).parent / "p01").iterdir():
        shutil.copy(path, folder)
    return folder


def plant(folder: Path, faults: Iterable[Fault]) -> list[tuple[str, str, int]]:
    """Make these mistakes in the folder; the code, file and line of each."""
    faults = list(faults)
    for number, mistake in enumerate(faults):
        for edit in mistake.edits:
            path = folder / edit.file
            text = path.read_text(encoding="utf-8")
            assert text.count(edit.old) == 1, f"{edit.file} should hold this once: {edit.old}"
            path.write_text(text.replace(edit.old, edit.new.replace(MARK, f"{MARK}{number}{MARK}")))
    return [(mistake.code, *_take_mark(folder, number)) for number, mistake in enumerate(faults)]


def _take_mark(folder: Path, number: int) -> tuple[str, int]:
    mark = f"{MARK}{number}{MARK}"
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if mark in text:
            path.write_text(text.replace(mark, ""))
            return path.name, text[: text.index(mark)].count("\n") + 1
    raise AssertionError(f"no mark {number}")
