"""The summary of an audit: one line a target, as a Markdown table that also reads well in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reviewer.nouns.finding import Severity
from reviewer.nouns.review import Review, Usage, Verdict
from reviewer.reporters.sanitise import cell

_TITLE = 60
_ERROR = 120
_HEAD = ("target", "title", "verdict", *(str(severity) for severity in reversed(Severity)), "cost", "report")


class Line(NamedTuple):
    """A target with its review, or the error that kept it from being read. `report` is its file without ending."""

    name: str
    title: str
    review: Review | None
    error: str = ""
    report: str = ""


def table(lines: Sequence[Line]) -> str:
    """The table and a line of totals. Titles and messages are other people's words: each is made safe for a cell."""
    rows = [_HEAD, *(_row(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    ruled = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    text = "\n".join(
        f"| {' | '.join(part.ljust(width) for part, width in zip(row, widths, strict=True))} |" for row in ruled
    )
    return f"{text}\n\n{_totals([line.review for line in lines])}\n"


def _row(line: Line) -> tuple[str, ...]:
    review = line.review
    title = cell(line.title, _TITLE)
    if review is None:
        return (cell(line.name), title, f"not read: {cell(line.error, _ERROR)}", *[""] * len(Severity), "", "")
    counts = [sum(finding.severity is severity for finding in review.findings) for severity in reversed(Severity)]
    return (
        cell(line.name),
        title,
        str(review.verdict),
        *(str(count) if count else "" for count in counts),
        _money(review.usage),
        f"{line.report}.md",
    )


def _totals(reviews: Sequence[Review | None]) -> str:
    read = [review for review in reviews if review is not None]
    usage = sum((review.usage for review in read), Usage())
    findings = sum(len(review.findings) for review in read)
    incomplete = sum(review.verdict is Verdict.INCOMPLETE for review in read)
    parts = [f"{len(read)} of {len(reviews)} reviewed", f"{findings} finding(s)", f"{incomplete} incomplete"]
    return " · ".join([*parts, f"{usage.calls} calls", _money(usage)])


def _money(usage: Usage) -> str:
    if not usage.calls:
        return "$0"
    return "cost unknown" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
