"""GitLab Code Quality: a JSON list that a merge request shows beside the code."""

from __future__ import annotations

import json

from reviewer.nouns.finding import Severity
from reviewer.nouns.review import Review
from reviewer.reporters import plain, view
from reviewer.reporters.look import PLAIN, Look
from reviewer.reporters.words import words

_SEVERITY = {Severity.CRITICAL: "blocker", Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor"}


def render(review: Review, look: Look = PLAIN) -> str:
    """The list as JSON text."""
    del look
    w, change = words(review.language), view.change_of(review)
    issues = []
    for finding in view.ordered(review.findings):
        where = view.head_place(change, finding)
        first = max(1, where.start)
        issues.append(
            {
                "type": "issue",
                "check_name": finding.hazard,
                "description": f"{plain.title(finding)}: {plain.clean(finding.scenario)}"[: plain.MESSAGE_LIMIT],
                "content": {"body": plain.message(finding, w)},
                "categories": [w(f"category.{finding.category}")],
                "severity": _SEVERITY[finding.severity],
                "fingerprint": finding.fingerprint,
                "location": {"path": where.path, "lines": {"begin": first, "end": max(first, where.end)}},
            }
        )
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"
