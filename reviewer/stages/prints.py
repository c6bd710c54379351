"""Number equal findings, so that two equal lines of a file get two prints and one line gets one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reviewer.nouns.finding import Finding
from reviewer.nouns.identity import fingerprint, normalise


def stamp(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in their order, each with its fingerprint; equal ones are counted down their file."""
    kept = tuple(findings)
    places: dict[tuple[str, ...], set[int]] = {}
    for finding in kept:
        places.setdefault(_key(finding), set()).add(finding.start_line)
    return tuple(
        replace(
            finding,
            fingerprint=fingerprint(
                finding.hazard,
                finding.path,
                finding.symbol,
                finding.quote,
                sorted(places[_key(finding)]).index(finding.start_line),
            ),
        )
        for finding in kept
    )


def _key(finding: Finding) -> tuple[str, ...]:
    return (finding.hazard, finding.path, finding.symbol, normalise(finding.quote))
