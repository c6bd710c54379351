"""Make a finding of a signal: a rule that is precise enough may speak without a model."""

from __future__ import annotations

from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.finding import Confidence, Finding
from reviewer.nouns.signal import Signal, Tier
from reviewer.stages import locate


def finding_of(signal: Signal, inside: ChangeSet) -> Finding | None:
    """The finding a signal stands for, without its print; None where it has no place in the change.

    A hit that the change caused outside its hunks stands on the nearest changed line of its file.
    """
    file = inside.file(signal.path)
    if file is None:
        return None
    place = locate.span(file, signal.side, signal.start_line, signal.end_line)
    direct = place is not None
    place = place or locate.nearest(file, signal.start_line)
    if place is None:
        return None
    exact = direct and (place.start, place.end) == (signal.start_line, signal.end_line)
    return Finding(
        fingerprint="",
        hazard=signal.hazard,
        category=signal.category,
        severity=signal.severity,
        confidence=_confidence(signal),
        path=signal.path,
        side=place.side,
        start_line=place.start,
        end_line=place.end,
        quote=signal.quote,
        title=signal.title,
        scenario=signal.message,
        recommendation=signal.fix,
        suggestion=signal.suggestion if exact else None,
        references=signal.references,
        origin=signal.origin,
        symbol=signal.symbol,
    )


def speaks(signal: Signal) -> bool:
    """Whether the signal may be posted with no model behind it."""
    return signal.tier in {Tier.POST, Tier.POST_MEDIUM}


def _confidence(signal: Signal) -> Confidence:
    if signal.tier is Tier.POST_MEDIUM and signal.confidence is Confidence.HIGH:
        return Confidence.MEDIUM
    return signal.confidence
