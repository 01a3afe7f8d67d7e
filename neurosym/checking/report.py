"""A check's findings as a compiler would print them, the table of operators, and one line that sums up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neurosym.checking.agreement import Record
from neurosym.checking.check import Report
from neurosym.checking.codes import CODES, Severity
from neurosym.checking.finding import Finding

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["agreement_table", "disagreements", "explain", "summary"]


def explain(finding: Finding) -> str:
    """The place and the message, the line with a mark under it, why it matters, what to do."""
    head = f"{_near(finding.file)}:{finding.line}:{finding.column}: {finding.severity.value}[{finding.code}]"
    lines = [f"{head}: {finding.message}"]
    if finding.source.strip():
        source = finding.source.expandtabs(1)
        margin = f"{finding.line:>5} | "
        lines += [margin + source.rstrip(), f"{'':>5} | {'':>{finding.column - 1}}^"]
    lines.append(f"      why: {finding.why}")
    lines.append(f"      try: {finding.suggestion or CODES[finding.code].mend}")
    return "\n".join(lines)


def _near(path: Path) -> Path:
    """Relative to where one stands, if it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path


def agreement_table(records: Sequence[Record]) -> Table:
    """A row for each effect of each operator."""
    from rich.table import Table

    table = Table("operator", "tried", "achieved", "predicted", "seen", "missing", "assumed", box=None)
    for column in (1, 2, 4, 5, 6):
        table.columns[column].justify = "right"
    for record in records:
        for row in _rows(record):
            table.add_row(*row)
    return table


def _rows(record: Record) -> Iterator[tuple[str, ...]]:
    head = (record.schema.name, str(record.achieved + record.failed), str(record.achieved))
    for effect in record.predicted:
        counts = record.seen[effect], record.missing[effect], record.assumed[effect]
        yield (*head, str(effect), *(str(count) if sum(counts) else "" for count in counts))
        head = ("", "", "")
    for change, count in record.unexpected.most_common():
        if 2 * count > record.achieved:
            yield (*head, f"unexpected: {change}", str(count), "", "")
            head = ("", "", "")


def disagreements(records: Sequence[Record]) -> Iterator[str]:
    """States in which the model says that an operator can be applied, and where it was to no avail."""
    for record in records:
        for step, atoms in record.disagreements:
            yield f"{step} was not achieved in {' '.join(map(str, atoms))}"


def summary(report: Report) -> str:
    """How many of each kind, such as `myworld: 2 errors, 1 warning`."""
    counts = [(report.count(severity), severity.value) for severity in Severity]
    said = [f"{count} {name}{'s' * (count != 1)}" for count, name in counts if count]
    return f"{report.folder.resolve().name}: {', '.join(said) or 'nothing to complain about'}"
