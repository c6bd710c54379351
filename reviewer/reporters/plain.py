"""A finding as plain text for tools that show a message and a place: SARIF, reviewdog, annotations, GitLab, JUnit."""

from __future__ import annotations

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Finding, Severity
from reviewer.reporters import unseen
from reviewer.reporters.view import place
from reviewer.reporters.words import Words
from reviewer.stages.redact import mask

MESSAGE_LIMIT = 4_000


def clean(text: str) -> str:
    """No hidden character, no secret, no link that a viewer would make clickable."""
    return unseen.remove(mask(text)).replace("](", "] (").strip()


def title(finding: Finding) -> str:
    """One line."""
    return " ".join(clean(finding.title).split())[:200]


def message(finding: Finding, w: Words, *, titled: bool = True) -> str:
    """Title, what breaks and when, what to do; for removed code, where it stood."""
    parts = [title(finding)] if titled else []
    if finding.side is Side.LEFT:
        parts.append(f"({w('finding.removed')}: {clean(place(finding.path, finding.start_line, finding.end_line))})")
    parts += [
        clean(finding.scenario),
        f"{w('finding.fix')}: {clean(finding.recommendation)}" if finding.recommendation else "",
    ]
    return "\n\n".join(part for part in parts if part)[:MESSAGE_LIMIT]


def level(severity: Severity) -> str:
    """error, warning or note: the three that most tools know."""
    return {"critical": "error", "high": "error", "medium": "warning"}.get(severity, "note")
