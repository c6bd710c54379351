"""What every reporter shows, worked out once: order, counts, the code at a finding, sentences on coverage and cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reviewer.errors import DiffError
from reviewer.nouns.changeset import ChangeSet, Line, Side
from reviewer.nouns.finding import Category, Finding, Question, Severity
from reviewer.nouns.review import CoverageStatus, Deliverable, Review, Skip, Verdict
from reviewer.reporters.words import Words
from reviewer.stages import diff

SEVERITIES = tuple(reversed(Severity))


class ShownLine(NamedTuple):
    """A line of an excerpt: its number on the excerpt's side, the diff's mark, and whether the finding is on it."""

    number: int
    kind: str
    text: str
    hit: bool


def change_of(review: Review) -> ChangeSet:
    """The change set in the report; empty where the report has no diff, or none that can be read.

    Findings carry their quote, so that a report whose diff is damaged still shows every one of them.
    """
    try:
        return diff.parse(review.diff.encode("utf-8", "replace"))
    except DiffError:
        return ChangeSet()


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Most severe first, then by place."""
    return tuple(sorted(findings, key=lambda f: (-f.severity.rank, f.path, f.start_line, f.hazard, f.fingerprint)))


def by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many of each severity that occurs, most severe first."""
    counted = Counter(finding.severity for finding in findings)
    return {severity: counted[severity] for severity in SEVERITIES if counted[severity]}


def by_category(findings: Iterable[Finding]) -> dict[Category, dict[Severity, int]]:
    """How many of each category and severity that occur."""
    counted = Counter((finding.category, finding.severity) for finding in findings)
    table = {c: {s: counted[c, s] for s in SEVERITIES if counted[c, s]} for c in Category}
    return {category: row for category, row in table.items() if row}


def highest(findings: Sequence[Finding]) -> str:
    """The highest severity there is, or an empty text."""
    return str(max((finding.severity for finding in findings), key=lambda s: s.rank)) if findings else ""


def excerpt(change: ChangeSet, item: Finding | Question, around: int = 1, limit: int = 12) -> tuple[ShownLine, ...]:
    """The code an item is on, with `around` lines on either side, as its own side of the diff shows it.

    Without a diff of the file it is the quote, numbered from the item's line. Long ranges are cut in the middle.
    """
    if not item.start_line:
        return ()
    file = change.file(item.path)
    shown: list[ShownLine] = []
    if file is not None:
        for hunk in file.hunks:
            shown += _side(hunk.lines, item, around)
    if not any(line.hit for line in shown):
        texts = item.quote.split("\n") if item.quote else []
        shown = [ShownLine(item.start_line + at, " ", text, True) for at, text in enumerate(texts)]
    if len(shown) > limit:
        half = limit // 2
        shown = [*shown[:half], *shown[-half:]]
    return tuple(shown)


def _side(lines: Sequence[Line], item: Finding | Question, around: int) -> list[ShownLine]:
    other = "-" if item.side is Side.RIGHT else "+"
    mine = [line for line in lines if line.kind != other]
    numbered = [((line.new if item.side is Side.RIGHT else line.old) or 0, line) for line in mine]
    low, high = item.start_line - around, item.end_line + around
    return [
        ShownLine(number, line.kind, line.text, item.start_line <= number <= item.end_line)
        for number, line in numbered
        if low <= number <= high
    ]


def counts_line(findings: Sequence[Finding], w: Words) -> str:
    """`2 critical, 1 low`."""
    return ", ".join(f"{w.number(n)} {w(f'severity.{severity}')}" for severity, n in by_severity(findings).items())


def verdict_line(review: Review, w: Words) -> str:
    """What came out, in one line: the counts, and what was not reviewed."""
    parts = [counts_line(review.findings, w)] if review.findings else []
    missing = missing_lines(review)
    if missing:
        parts.append(f"{w.count('changed-line', missing)} {w('coverage.missing')}")
    if not parts and review.verdict is Verdict.CLEAN:
        parts.append(w("verdict-line.clean" if review.coverage.in_scope_lines else "verdict-line.nothing-in-scope"))
    return "; ".join(parts) or w(f"verdict-means.{review.verdict}")


def missing_lines(review: Review) -> int:
    """Changed lines in scope that nobody reviewed."""
    return max(0, review.coverage.in_scope_lines - review.coverage.reviewed_lines)


def coverage_line(review: Review, w: Words) -> str:
    """How much of what is in scope was reviewed."""
    cover = review.coverage
    if not cover.in_scope_lines:
        return w("coverage.none")
    lines = w.count("changed-line", cover.in_scope_lines)
    if cover.reviewed_lines >= cover.in_scope_lines:
        return w("coverage.all", lines=lines)
    percent = w.percent(cover.reviewed_lines, cover.in_scope_lines)
    return w("coverage.part", done=w.number(cover.reviewed_lines), lines=lines, percent=percent)


def files_line(review: Review, w: Words) -> str:
    """How many files were reviewed, in part, or left out."""
    counted = Counter(file.status for file in review.coverage.files)
    named = [w(f"coverage.{s}-files", files=w.count("file", counted[s])) for s in CoverageStatus if counted[s]]
    return ", ".join(named)


class SkipGroup(NamedTuple):
    """Skips of one kind."""

    kind: str
    in_scope: bool
    skips: tuple[Skip, ...]
    files: int
    lines: int


def skip_groups(review: Review) -> tuple[SkipGroup, ...]:
    """Skips by kind: shortfalls first, then the persona's limits, each by lines."""
    kinds = dict.fromkeys((skip.kind, skip.in_scope) for skip in review.skips)
    groups = []
    for kind, in_scope in kinds:
        mine = tuple(skip for skip in review.skips if (skip.kind, skip.in_scope) == (kind, in_scope))
        lines = sum(skip.lines for skip in mine)
        groups.append(SkipGroup(kind, in_scope, mine, len({skip.path for skip in mine}), lines))
    return tuple(sorted(groups, key=lambda group: (not group.in_scope, -group.lines, group.kind)))


def usage_parts(review: Review, w: Words) -> tuple[str, ...]:
    """Model, calls, tokens, cost and time, as short texts; that no model took part, if none did."""
    used = review.usage
    seconds = w("usage.seconds", seconds=w.number(used.wall_seconds, 1))
    if not used.calls:
        offline = (w("usage.offline"),) if review.provenance.provider == "offline" else (review.provenance.provider,)
        return (*offline, seconds) if used.wall_seconds else offline
    tokens = w(
        "usage.tokens",
        input=w.number(used.input_tokens),
        cached=w.number(used.cached_input_tokens),
        output=w.number(used.output_tokens),
    )
    parts = [f"{review.provenance.provider} {review.provenance.model}".strip(), w.count("usage.calls", used.calls)]
    if used.retries:
        parts.append(w.count("usage.retries", used.retries))
    parts += [tokens, w("usage.no-cost") if used.cost_usd is None else w.money(used.cost_usd)]
    return (*parts, seconds) if used.wall_seconds else tuple(parts)


def tables(review: Review, w: Words) -> tuple[tuple[str, str, Deliverable], ...]:
    """The five deliverables in order: (key, title in the reader's language, table)."""
    keys = ("api_contract", "schema", "authorization", "performance", "guide")
    return tuple((key, w(f"deliverable.{key}"), getattr(review.deliverables, key)) for key in keys)


class Grid(NamedTuple):
    """A deliverable as a table: names in the reader's language, rows of as many cells, and where each row was read.

    `places` is empty where no row has one, or where the table has a column for it already.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    places: tuple[str, ...]


def grid(table: Deliverable, w: Words) -> Grid:
    """The rows squared to the columns."""
    wide = len(table.columns)
    rows = tuple((*row.cells[:wide], *[""] * (wide - len(row.cells))) for row in table.rows)
    own = any(name.strip().lower() == "where" for name in table.columns)
    places = () if own else tuple(place(row.path, row.line) if row.path else "" for row in table.rows)
    return Grid(tuple(w.name("column", name) for name in table.columns), rows, places if any(places) else ())


def place(path: str, start: int, end: int = 0) -> str:
    """`path:12` or `path:12-14`; the path alone for something without lines."""
    if not start:
        return path
    return f"{path}:{start}" if end in {0, start} else f"{path}:{start}-{end}"


class HeadPlace(NamedTuple):
    """Where a finding is shown by tools that know only the head version of a file. Lines are 0 for a deleted file."""

    path: str
    start: int
    end: int


def head_place(change: ChangeSet, item: Finding) -> HeadPlace:
    """The item's own lines on head; for removed code the first line that stands after the gap, or else before it."""
    if item.side is Side.RIGHT:
        return HeadPlace(item.path, item.start_line, item.end_line)
    file = change.file(item.path)
    lines = [line for hunk in file.hunks for line in hunk.lines] if file else []
    gone = [
        at for at, line in enumerate(lines) if line.old is not None and item.start_line <= line.old <= item.end_line
    ]
    if not gone:
        return HeadPlace(item.path, 0, 0)
    after = [line.new for line in lines[gone[0] :] if line.new is not None]
    before = [line.new for line in lines[: gone[0]] if line.new is not None]
    near = after[0] if after else before[-1] if before else 0
    return HeadPlace(item.path, near, near)
