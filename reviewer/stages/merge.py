"""One cause, one finding: join what several batches, or a rule and the model, say of the same defect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from reviewer.nouns.answered import SignalAnswer, SignalVerdict
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.finding import (
    Confidence,
    Excluded,
    Finding,
    Location,
    Origin,
    Verification,
    VerificationStatus,
)
from reviewer.nouns.identity import normalise
from reviewer.nouns.signal import Signal
from reviewer.stages import prints
from reviewer.stages.exclude import exclude
from reviewer.stages.promote import finding_of, speaks

_NEAR = 3  # lines between two places that can still be one
_ALIKE = 0.34  # share of words two accounts of one defect have in common, measured on titles and scenarios
_WORD = re.compile(r"[^\W_]{3,}")


class Merged(NamedTuple):
    """Findings with one cause each, and what was merged away or refuted."""

    findings: tuple[Finding, ...]
    excluded: tuple[Excluded, ...]


def merge(
    findings: Sequence[Finding], signals: Sequence[Signal], signal_answers: Iterable[SignalAnswer], inside: ChangeSet
) -> Merged:
    """Join equal findings, then lay the signals over them.

    A signal the model refuted with code it was shown is taken out; one it confirmed or left open stays if its
    rule may speak alone; evidence never becomes a finding by itself. Where a rule and the model mean the same
    defect, the rule's place and hazard stay (they are stable) and the model's words are kept (they explain).
    """
    answers = {answer.id: answer for answer in signal_answers}
    model, excluded = _join(findings)
    rules: list[Finding] = []
    for signal in signals:
        found = finding_of(signal, inside) if speaks(signal) else None
        if found is None:
            continue
        answer = answers.get(signal.id)
        twin = next((each for each in model if _same_as_rule(each, found)), None)
        if twin is not None:
            model.remove(twin)
            rules.append(_agreed(found, twin))
        elif answer and answer.verdict is SignalVerdict.REFUTED and answer.grounded:
            verdict = Verification(VerificationStatus.REFUTED, answer.reason or f"refuted by: {answer.quote}")
            excluded.append(exclude(replace(prints.stamp([found])[0], verification=verdict), "verify", verdict.reason))
        else:
            rules.append(_explained(found, answer))
    joined, again = _join((*rules, *model))
    return Merged(prints.stamp(joined), (*excluded, *again))


def _join(findings: Iterable[Finding]) -> tuple[list[Finding], list[Excluded]]:
    """Fold each finding into the first that has the same cause; the graver one gives the words."""
    kept: list[Finding] = []
    excluded: list[Excluded] = []
    for finding in findings:
        position = next((index for index, other in enumerate(kept) if _same(other, finding)), None)
        if position is None:
            kept.append(finding)
            continue
        lead, other = kept[position], finding
        if lead.origin is Origin.MODEL and _weight(other) > _weight(lead):
            lead, other = other, lead
        kept[position] = _with_related(lead, other)
        excluded.append(exclude(other, "merge", f"same cause as “{lead.title}”"))
    return kept, excluded


def _weight(finding: Finding) -> tuple[int, int, int]:
    return (finding.severity.rank, finding.confidence.rank, len(finding.scenario))


def _same(one: Finding, other: Finding) -> bool:
    """Whether two findings have one cause: the same place told alike, or the same line of code again."""
    if one.path == other.path and one.side is other.side and _close(one, other):
        return one.hazard == other.hazard or _alike(one, other) >= _ALIKE
    again = one.hazard == other.hazard and normalise(one.quote) == normalise(other.quote)
    return again and (one.path == other.path or one.title == other.title)


def _same_as_rule(finding: Finding, rule: Finding) -> bool:
    if finding.path != rule.path or finding.side is not rule.side or not _close(finding, rule):
        return False
    return finding.hazard == rule.hazard or (finding.category is rule.category and _alike(finding, rule) >= _ALIKE / 2)


def _close(one: Finding, other: Finding) -> bool:
    return one.start_line <= other.end_line + _NEAR and other.start_line <= one.end_line + _NEAR


def _alike(one: Finding, other: Finding) -> float:
    """How many words of the shorter account the other one shares (0 to 1)."""
    left, right = _words(one), _words(other)
    smaller = min(len(left), len(right))
    return len(left & right) / smaller if smaller else 0.0


def _words(finding: Finding) -> frozenset[str]:
    return frozenset(_WORD.findall(f"{finding.title} {finding.scenario}".lower()))


def _with_related(lead: Finding, other: Finding) -> Finding:
    places = (*lead.related, other.location, *other.related)
    related = tuple(place for place in dict.fromkeys(places) if not _covers(lead.location, place))
    confidence = max(lead.confidence, other.confidence, key=lambda each: each.rank)
    return replace(lead, related=related, confidence=confidence)


def _covers(whole: Location, part: Location) -> bool:
    same_side = (whole.path, whole.side) == (part.path, part.side)
    return same_side and whole.start_line <= part.start_line and part.end_line <= whole.end_line


def _agreed(rule: Finding, model: Finding) -> Finding:
    """A rule and the model on one defect: two witnesses, so confidence is high."""
    exact = (rule.start_line, rule.end_line) == (model.start_line, model.end_line)
    return replace(
        _with_related(rule, model),
        severity=model.severity,
        confidence=Confidence.HIGH,
        title=model.title,
        scenario=model.scenario,
        recommendation=model.recommendation or rule.recommendation,
        suggestion=rule.suggestion or (model.suggestion if exact else None),
        symbol=rule.symbol or model.symbol,
    )


def _explained(rule: Finding, answer: SignalAnswer | None) -> Finding:
    """A rule's finding with what the model added to it, if it confirmed."""
    if answer is None or answer.verdict is not SignalVerdict.CONFIRMED:
        return rule
    confidence = Confidence.HIGH if rule.confidence is Confidence.MEDIUM else rule.confidence
    scenario = f"{rule.scenario} {answer.reason}".strip()
    return replace(rule, confidence=confidence, scenario=scenario)
