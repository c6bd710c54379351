"""The rule pack over a change: every rule on base and head, reported as the difference."""

from __future__ import annotations

from reviewer.evidence.examined import DetectorResult, Examined


def detect(examined: Examined) -> DetectorResult:
    """Signals of all YAML rules that the change introduced."""
    del examined
    return DetectorResult()
