"""Several shards' reports into one review of the whole change; a shard that is missing makes it incomplete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import TypeVar

from reviewer.errors import UsageError
from reviewer.nouns.finding import Finding
from reviewer.nouns.review import (
    Coverage,
    CoverageStatus,
    Deliverable,
    Deliverables,
    FileCoverage,
    Review,
    Skip,
    Usage,
)
from reviewer.stages import summary

T = TypeVar("T")
SHARD = "shard"  # the kind of skip that says another job reviews the file
_MISSING = "the report of the shard that has this file is missing"


def join(reports: Sequence[Review]) -> Review:
    """One review of all the reports. Raises UsageError if they are not of one change, or overlap.

    A finding is fixed only if every shard says so: a shard without its file cannot tell.
    """
    reports = tuple(dict.fromkeys(reports))  # the same report given twice counts once
    if not reports:
        raise UsageError("there is no report to publish.", "Name one or more review.json files.")
    if len(reports) == 1 and not any(skip.kind == SHARD for skip in reports[0].skips):
        return reports[0]
    _same_change(reports)
    missing = _missing(reports)
    findings = _findings(report.findings for report in reports)
    standing = {finding.fingerprint for finding in findings}
    fixed = set.intersection(*(set(report.fixed) for report in reports)) if not missing else set()
    skips = (*(s for report in reports for s in report.skips if s.kind != SHARD), *missing)
    coverage = _coverage(reports, missing)
    acknowledged = {
        a.fingerprint: a for report in reports for a in report.acknowledged if a.fingerprint not in standing
    }
    first = reports[0]
    joined = replace(
        first,
        verdict=summary.verdict(findings, coverage, skips),
        findings=findings,
        questions=_once(q for report in reports for q in report.questions),
        excluded=_once(e for report in reports for e in report.excluded if e.fingerprint not in standing),
        acknowledged=tuple(acknowledged.values()),
        fixed=tuple(print_ for print_ in first.fixed if print_ in fixed),
        deliverables=reduce(_tables, (report.deliverables for report in reports)),
        coverage=coverage,
        skips=_once(skips),
        usage=_usage(reports),
        notices=_once(notice for report in reports for notice in report.notices),
        diff="".join(report.diff for report in reports),
    )
    return replace(joined, summary=summary.sentence(joined, ()))


def _same_change(reports: Sequence[Review]) -> None:
    one = {(r.target.repository, r.target.number, r.target.head_sha, r.provenance.diff_sha256) for r in reports}
    if len(one) > 1:
        raise UsageError("the reports are not of the same change.", "Join the shards of one run only.")
    seen: set[str] = set()
    for report in reports:
        mine = _mine(report)
        if both := sorted(seen & mine):
            raise UsageError(f"two reports cover {both[0]}.", "Give each shard's report once, all of the same run.")
        seen |= mine


def _others(report: Review) -> set[str]:
    """Files the report leaves to other shards."""
    return {skip.path for skip in report.skips if skip.kind == SHARD}


def _mine(report: Review) -> set[str]:
    """Files this report answers for, besides those wholly out of scope, which every shard lists."""
    short, others = {skip.path for skip in report.skips if skip.in_scope}, _others(report)
    return {
        file.path
        for file in report.coverage.files
        if file.path not in others and (file.status is not CoverageStatus.SKIPPED or file.path in short)
    }


def _missing(reports: Sequence[Review]) -> tuple[Skip, ...]:
    answered = {path for report in reports for path in _mine(report)}
    left = {s.path: s for report in reports for s in report.skips if s.kind == SHARD and s.path not in answered}
    return tuple(Skip(path, _MISSING, SHARD, in_scope=True, lines=skip.lines) for path, skip in sorted(left.items()))


def _findings(groups: Iterable[Sequence[Finding]]) -> tuple[Finding, ...]:
    """Each once; where two shards have the same, the graver view of it."""
    found: dict[str, Finding] = {}
    for finding in (finding for group in groups for finding in group):
        known = found.get(finding.fingerprint)
        if known is None or finding.severity.rank > known.severity.rank:
            found[finding.fingerprint] = finding
    return tuple(sorted(found.values(), key=lambda f: (-f.severity.rank, f.path, f.start_line, f.fingerprint)))


def _coverage(reports: Sequence[Review], missing: Sequence[Skip]) -> Coverage:
    rows: dict[str, FileCoverage] = {}
    for report in reports:
        others = _others(report)
        rows |= {file.path: file for file in report.coverage.files if file.path not in others}
    for skip in missing:
        rows[skip.path] = FileCoverage(skip.path, CoverageStatus.SKIPPED, skip.reason, skip.lines, 0)
    return Coverage(
        files=tuple(rows[path] for path in sorted(rows)),
        in_scope_lines=sum(r.coverage.in_scope_lines for r in reports) + sum(skip.lines for skip in missing),
        reviewed_lines=sum(report.coverage.reviewed_lines for report in reports),
    )


def _tables(left: Deliverables, right: Deliverables) -> Deliverables:
    return Deliverables(
        api_contract=_table(left.api_contract, right.api_contract),
        schema=_table(left.schema, right.schema),
        authorization=_table(left.authorization, right.authorization),
        performance=_table(left.performance, right.performance),
        guide=_table(left.guide, right.guide),
    )


def _table(left: Deliverable, right: Deliverable) -> Deliverable:
    """Rows of both; a diagram cannot be joined, so that the one with more to show is kept."""
    return replace(
        left,
        columns=left.columns or right.columns,
        rows=_once((*left.rows, *right.rows)),
        inspected="; ".join(_once(text for text in (left.inspected, right.inspected) if text)),
        notes=_once((*left.notes, *right.notes)),
        diagram=max(left.diagram, right.diagram, key=len),
    )


def _usage(reports: Sequence[Review]) -> Usage:
    """What all cost together; they ran side by side, so that the longest is the time it took."""
    total = reduce(lambda one, other: one + other, (report.usage for report in reports))
    return replace(total, wall_seconds=max(report.usage.wall_seconds for report in reports))


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
