"""Which findings are shown: the user's floors and switches. What is kept out is kept, with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from reviewer.nouns.finding import Excluded, Finding
from reviewer.nouns.plan import Gate, PathGate, Switches
from reviewer.stages.exclude import exclude

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Gated(NamedTuple):
    """Every finding handed in is in exactly one of the two."""

    kept: tuple[Finding, ...]
    excluded: tuple[Excluded, ...]


def gate(findings: tuple[Finding, ...], gate: Gate, switches: Switches) -> Gated:
    """Apply switches, then floors; order what is left by severity, then place.

    A severity override comes before the floors: a team that raises a hazard wants to see it. Floors add up: a
    finding must pass the general one and each more special one that applies to its category or path.
    """
    paths = tuple((_spec(rule), rule) for rule in gate.paths)
    kept: list[Finding] = []
    excluded: list[Excluded] = []
    for given in findings:
        severity = switches.severity.get(given.hazard)
        finding = given if severity is None else replace(given, severity=severity)
        reason = _why_not(finding, gate, paths, switches)
        if reason:
            excluded.append(exclude(finding, "gate", reason))
        else:
            kept.append(finding)
    kept.sort(key=_order)
    return Gated(tuple(kept), tuple(excluded))


def _spec(rule: PathGate) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(rule.patterns)


def _why_not(
    finding: Finding, gate: Gate, paths: tuple[tuple[GitIgnoreSpec, PathGate], ...], switches: Switches
) -> str:
    """The reason a finding is not shown, or an empty string."""
    if finding.hazard in switches.off:
        return f"hazard {finding.hazard} is switched off"
    if not finding.severity.at_least(gate.min_severity):
        return f"severity {finding.severity} is below the floor of {gate.min_severity}"
    if not finding.confidence.at_least(gate.min_confidence):
        return f"confidence {finding.confidence} is below the floor of {gate.min_confidence}"
    floor = gate.categories.get(finding.category)
    if floor is not None and not finding.severity.at_least(floor):
        return f"severity {finding.severity} is below the floor of {floor} for {finding.category}"
    for spec, rule in paths:
        if rule.category not in (None, finding.category) or finding.severity.at_least(rule.min_severity):
            continue
        if spec.match_file(finding.path):
            return f"severity {finding.severity} is below the floor of {rule.min_severity} for this path"
    return ""


def _order(finding: Finding) -> tuple[int, str, int, int, str, str]:
    return (
        -finding.severity.rank,
        finding.path,
        finding.start_line,
        finding.end_line,
        finding.hazard,
        finding.fingerprint,
    )
