"""Take a finding out, in full view: an exclusion keeps all its fields, with the stage and the reason."""

from __future__ import annotations

from reviewer.nouns.finding import Excluded, Finding


def exclude(finding: Finding, stage: str, reason: str) -> Excluded:
    """The exclusion of a finding by `stage` for `reason`."""
    return Excluded(
        stage=stage,
        reason=reason,
        hazard=finding.hazard,
        category=finding.category,
        severity=finding.severity,
        confidence=finding.confidence,
        path=finding.path,
        quote=finding.quote,
        title=finding.title,
        scenario=finding.scenario,
        recommendation=finding.recommendation,
        fingerprint=finding.fingerprint,
        side=finding.side,
        start_line=finding.start_line,
        end_line=finding.end_line,
        suggestion=finding.suggestion,
        references=finding.references,
        origin=finding.origin,
        verification=finding.verification,
    )


def inner(path: str) -> str:
    """A path a model named, if it could be one of the repository; "" for one that leads out of it."""
    return "" if path.startswith("/") or "\0" in path or ".." in path.split("/") else path
