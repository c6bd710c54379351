"""reviewdog's Diagnostic Format (rdjson): one DiagnosticResult."""

from __future__ import annotations

import json
from typing import Any

from reviewer.nouns.changeset import ChangeSet, Side
from reviewer.nouns.finding import Finding
from reviewer.nouns.review import Review
from reviewer.reporters import plain, view
from reviewer.reporters.look import PLAIN, Look
from reviewer.reporters.words import Words, words

_LEVEL = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(review: Review, look: Look = PLAIN) -> str:
    """The result as JSON text."""
    del look
    w, change = words(review.language), view.change_of(review)
    result = {
        "source": {"name": review.tool.name},
        "diagnostics": [_diagnostic(finding, change, w) for finding in view.ordered(review.findings)],
    }
    return json.dumps(result, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(finding: Finding, change: ChangeSet, w: Words) -> dict[str, Any]:
    where = view.head_place(change, finding)
    location: dict[str, Any] = {"path": where.path}
    if where.start:
        location["range"] = _range(where.start, where.end)
    code = {"value": finding.hazard}
    links = [url for url in finding.references if url.startswith("https://")]
    if links:
        code["url"] = plain.clean(links[0])
    diagnostic: dict[str, Any] = {
        "message": plain.message(finding, w),
        "location": location,
        "severity": _LEVEL[plain.level(finding.severity)],
        "code": code,
    }
    if finding.suggestion is not None and finding.side is Side.RIGHT:
        lines = _range(finding.start_line, finding.end_line)
        diagnostic["suggestions"] = [{"range": lines, "text": finding.suggestion}]
    if finding.related:
        diagnostic["relatedLocations"] = [
            {"location": {"path": r.path, "range": _range(r.start_line, r.end_line)}} for r in finding.related
        ]
    return diagnostic


def _range(start: int, end: int) -> dict[str, dict[str, int]]:
    """Whole lines: positions without columns."""
    return {"start": {"line": start}, "end": {"line": max(start, end)}}
