"""SARIF 2.1.0, as GitHub code scanning and other viewers read it.

Findings are results; acknowledged findings are results with an accepted suppression. Candidates that were refuted
or fell below a threshold are left out: viewers that ignore suppressions (GitHub is one) would show them as open.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from reviewer import hazards
from reviewer.nouns.changeset import ChangeSet, Side
from reviewer.nouns.finding import Acknowledged, Category, Finding, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.review import Review, Verdict
from reviewer.reporters import plain, view
from reviewer.reporters.look import PLAIN, Look
from reviewer.reporters.words import Words, words

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RESULT_LIMIT = 5_000  # GitHub shows 5,000 of a run; the most severe come first
FINGERPRINT = "designReviewer/v1"
_SCORE = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
_RANK = {Severity.CRITICAL: 100.0, Severity.HIGH: 75.0, Severity.MEDIUM: 50.0, Severity.LOW: 25.0}


def render(review: Review, look: Look = PLAIN) -> str:
    """The log as JSON text."""
    del look
    return json.dumps(document(review, hazards.load()), indent=2, ensure_ascii=False) + "\n"


def document(review: Review, catalogue: Sequence[Hazard]) -> dict[str, Any]:
    """The log as a value. Rules take their help from the catalogue."""
    w = words(review.language)
    change = view.change_of(review)
    findings = view.ordered(review.findings)[:RESULT_LIMIT]
    known = {hazard.id: hazard for hazard in catalogue}
    ids = list(dict.fromkeys([f.hazard for f in findings] + [a.hazard for a in review.acknowledged]))
    index = {hazard: at for at, hazard in enumerate(ids)}
    rules = [_rule(name, known.get(name), [f for f in findings if f.hazard == name]) for name in ids]
    driver = {
        "name": "Design Reviewer",
        "version": review.tool.version or "0",
        "organization": review.tool.name,
        "rules": rules,
    }
    results = [_result(finding, index, change, w) for finding in findings]
    results += [_suppressed(item, index, w) for item in review.acknowledged]
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"design-review/{review.provenance.persona or 'offline'}/"},
        "invocations": [_invocation(review, w)],
        "results": results,
        "columnKind": "unicodeCodePoints",
        "properties": {"verdict": review.verdict, "inScopeLines": review.coverage.in_scope_lines, "reviewedLines": review.coverage.reviewed_lines},
    }  # fmt: skip
    provenance = _version_control(review)
    if provenance:
        run["versionControlProvenance"] = [provenance]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str, hazard: Hazard | None, findings: Sequence[Finding]) -> dict[str, Any]:
    severity = max(
        (f.severity for f in findings), key=lambda s: s.rank, default=hazard.severity if hazard else Severity.LOW
    )
    category = hazard.category if hazard else findings[0].category if findings else Category.RELIABILITY
    title = hazard.title if hazard else name.replace("-", " ")
    properties: dict[str, Any] = {"tags": [category, "design-review"], "precision": "high" if hazard else "medium"}
    properties["problem.severity"] = {"error": "error", "warning": "warning"}.get(
        plain.level(severity), "recommendation"
    )
    if category is Category.SECURITY:
        properties["security-severity"] = _SCORE[severity]
    rule = {
        "id": name,
        "name": "".join(part.capitalize() for part in re.findall(r"[A-Za-z0-9]+", name)) or "Hazard",
        "shortDescription": {"text": title[:1000]},
        "fullDescription": {"text": (hazard.scenario if hazard else title)[:1000]},
        "defaultConfiguration": {"level": plain.level(severity)},
        "help": {"text": _help(hazard, "") if hazard else title, "markdown": _help(hazard, "**") if hazard else title},
        "properties": properties,
    }
    links = [url for url in hazard.references if url.startswith("https://")] if hazard else []
    return {**rule, "helpUri": links[0]} if links else rule


def _help(hazard: Hazard, mark: str) -> str:
    def listed(entries: Iterable[str]) -> str:
        return "\n".join(f"- {entry}" for entry in entries)

    sections = {
        "What breaks": hazard.scenario,
        "How it shows": listed(hazard.shows),
        "What makes it untrue": listed(hazard.refuted_by),
        "What to do": hazard.recommendation,
        "References": listed(hazard.references),
    }
    return "\n\n".join(f"{mark}{name}{mark}\n\n{text}" for name, text in sections.items() if text)


def _result(finding: Finding, index: Mapping[str, int], change: ChangeSet, w: Words) -> dict[str, Any]:
    where = view.head_place(change, finding)
    result: dict[str, Any] = {
        "ruleId": finding.hazard,
        "ruleIndex": index[finding.hazard],
        "level": plain.level(finding.severity),
        "rank": _RANK[finding.severity],
        "message": {"text": plain.message(finding, w) or finding.hazard},
        "locations": [_location(where, finding)],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "baselineState": "new" if finding.standing == "new" else "unchanged",
        "properties": {
            "category": finding.category,
            "severity": finding.severity,
            "confidence": finding.confidence,
            "origin": finding.origin,
            "verification": finding.verification.status,
            "side": finding.side,
            "startLine": finding.start_line,
            "endLine": finding.end_line,
        },
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": at, **_physical(view.HeadPlace(r.path, r.start_line if r.side is Side.RIGHT else 0, r.end_line))}
            for at, r in enumerate(finding.related, 1)
        ]
    if finding.suggestion is not None and finding.side is Side.RIGHT:
        result["fixes"] = [_fix(finding)]
    return result


def _location(where: view.HeadPlace, finding: Finding) -> dict[str, Any]:
    location = _physical(where, finding.quote if finding.side is Side.RIGHT else "")
    if finding.symbol:
        location["logicalLocations"] = [{"name": plain.clean(finding.symbol), "kind": "function"}]
    return location


def _physical(where: view.HeadPlace, snippet: str = "") -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(where.path)}
    if where.start:
        physical["region"] = {"startLine": where.start, "endLine": max(where.start, where.end)}
        if snippet:
            physical["region"]["snippet"] = {"text": plain.clean(snippet)}
    return {"physicalLocation": physical}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path.lstrip("/"), safe="/", errors="replace") or "unknown", "uriBaseId": "%SRCROOT%"}


def _fix(finding: Finding) -> dict[str, Any]:
    """Without columns a region is its whole lines, without the last line's end."""
    region = {"startLine": finding.start_line, "endLine": finding.end_line}
    replacement = {"deletedRegion": region, "insertedContent": {"text": finding.suggestion or ""}}
    changes = [{"artifactLocation": _artifact(finding.path), "replacements": [replacement]}]
    return {
        "description": {"text": plain.clean(finding.recommendation) or "Suggested change"},
        "artifactChanges": changes,
    }


def _suppressed(item: Acknowledged, index: Mapping[str, int], w: Words) -> dict[str, Any]:
    reason = w("acknowledged.by", by=plain.clean(item.by), reason=plain.clean(item.reason))
    return {
        "ruleId": item.hazard,
        "ruleIndex": index[item.hazard],
        "level": "note",
        "message": {"text": plain.clean(item.title) or item.hazard},
        "locations": [_physical(view.HeadPlace(item.path, 1, 1))],
        "partialFingerprints": {FINGERPRINT: item.fingerprint},
        "suppressions": [{"kind": "external", "status": "accepted", "justification": reason}],
    }


def _invocation(review: Review, w: Words) -> dict[str, Any]:
    missing = [skip for skip in review.skips if skip.in_scope]
    notes = [
        {
            "level": "error",
            "descriptor": {"id": f"not-reviewed/{skip.kind}"},
            "message": {
                "text": f"{plain.clean(skip.path)}: {plain.clean(skip.reason)} ({w.count('changed-line', skip.lines)})"
            },
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(skip.path)}}],
        }
        for skip in missing[:RESULT_LIMIT]
    ]
    notes += [
        {"level": "warning", "message": {"text": plain.clean(text)}} for text in review.notices if plain.clean(text)
    ]
    return {"executionSuccessful": review.verdict is not Verdict.INCOMPLETE, "toolExecutionNotifications": notes}


def _version_control(review: Review) -> dict[str, str]:
    parts = urlsplit(review.target.url)
    if parts.scheme != "https" or not review.target.repository or not review.target.head_sha:
        return {}
    uri = f"https://{parts.netloc}/{quote(review.target.repository, safe='/')}"
    return {"repositoryUri": uri, "revisionId": review.target.head_sha}
