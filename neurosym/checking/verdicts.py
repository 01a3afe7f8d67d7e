"""What the records of play say about the model."""

from __future__ import annotations

from collections.abc import Iterator

from neurosym.checking.agreement import Record
from neurosym.checking.declared import Declared
from neurosym.checking.finding import Finding, Sheet
from neurosym.checking.usage import Evidence
from neurosym.symbols import Literal

__all__ = ["judge"]

LEAST = 3  # options that must have been compared before anything is said
LEAST_TO_DOUBT = 10  # before something that happens sometimes is said to be unreliable, or unexpected
RELIABLE = 0.6
ALWAYS = 0.9


def judge(
    sheet: Sheet, known: Declared, evidence: Evidence, records: list[Record], skilled: bool
) -> list[Finding]:
    """Where the model disagrees with the world often enough to say so.

    Args:
        sheet: domain.pddl.
        skilled: the controller knew what it did, so that an option that fails says something about the model.
    """
    never = _never_believed(evidence, records)
    findings = [
        sheet.find(
            "binding-never-true",
            known.predicates[name].node.offset,
            f"{name} is an effect of options that were achieved {count} times, and was never believed",
        )
        for name, count in never.items()
    ]
    for record in records:
        findings += _judge_effects(sheet, known, record, set(never))
        findings += _judge_surprises(sheet, known, record)
        if skilled:
            findings += _judge_failures(sheet, known, record)
    return findings


def _never_believed(evidence: Evidence, records: list[Record]) -> dict[str, int]:
    """Predicates that options were to make true, and that never were, with how often they were to."""
    missing: dict[str, int] = {}
    for record in records:
        for effect, count in record.missing.items():
            name = effect.atom.predicate
            if effect.positive and name not in evidence.true:
                missing[name] = missing.get(name, 0) + count
    return {name: count for name, count in missing.items() if count >= LEAST}


def _judge_effects(sheet: Sheet, known: Declared, record: Record, explained: set[str]) -> Iterator[Finding]:
    for effect in record.predicted:
        seen, missing = record.seen[effect], record.missing[effect]
        where = _effect_place(known, record, effect)
        said = f"{record.schema.name} predicts {effect}"
        if effect.atom.predicate in explained and effect.positive:
            continue
        if not seen and missing >= LEAST:
            message = f"{said}, which did not come true in any of {missing} options"
            yield sheet.find("agreement-missing", where, message)
        elif seen and seen + missing >= LEAST_TO_DOUBT and seen < RELIABLE * (seen + missing):
            message = f"{said}, which came true in {seen} of {seen + missing} options"
            yield sheet.find("agreement-unreliable", where, message)


def _judge_surprises(sheet: Sheet, known: Declared, record: Record) -> Iterator[Finding]:
    where = known.actions[record.schema.name].keyword(":effect").offset
    for change, count in sorted(record.unexpected.items()):
        if record.achieved >= LEAST_TO_DOUBT and count >= ALWAYS * record.achieved:
            message = f"{record.schema.name} does not predict {change}, seen in {count} of {record.achieved} options"
            yield sheet.find("agreement-unexpected", where, message, f"add {change} to the effect")


def _judge_failures(sheet: Sheet, known: Declared, record: Record) -> Iterator[Finding]:
    tried = record.achieved + record.failed
    if record.failed < LEAST or record.failed <= record.achieved or not record.disagreements:
        return
    step, atoms = record.disagreements[0]
    where = known.actions[record.schema.name].keyword(":precondition").offset
    state = " ".join(map(str, atoms))
    message = f"{record.schema.name} was applicable and to no avail {record.failed} of {tried} times: {step} in {state}"
    yield sheet.find("agreement-not-achieved", where, message)


def _effect_place(known: Declared, record: Record, effect: Literal) -> int:
    action = known.actions[record.schema.name]
    fitting = (
        mention.node
        for mention in action.effect
        if (mention.predicate, mention.args, mention.positive)
        == (effect.atom.predicate, effect.atom.args, effect.positive)
    )
    return next(fitting, action.node).offset
