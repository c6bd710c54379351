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
    Question,
    Verification,
    VerificationStatus,
)
from reviewer.nouns.identity import normalise
from reviewer.nouns.signal import Signal
from reviewer.stages import prints
from reviewer.stages.exclude import exclude
from reviewer.stages.promote import finding_of, speaks

_NEAR = 3  # lines between two places that can still be one
_ALIKE = 0.3  # share of words (Jaccard) from which two accounts of the same lines are one defect told twice
_ALIKE_RULE = 0.15  # the same against a rule, whose words are fixed and few
_CATCH_ALL = "other-"  # hazards of this name say nothing of the cause
_WORD = re.compile(r"[^\W_]{4,}")
_STOP = frozenset(
    {"this", "that", "with", "from", "then", "when", "they", "which", "into", "will", "does", "have", "been"}
)


class Merged(NamedTuple):
    """Findings with one cause each, and what was merged away or refuted."""

    findings: tuple[Finding, ...]
    excluded: tuple[Excluded, ...]


def merge(
    findings: Sequence[Finding],
    signals: Sequence[Signal],
    signal_answers: Iterable[SignalAnswer],
    inside: ChangeSet,
    *,
    firm: bool = False,
) -> Merged:
    """Join equal findings, then lay the signals over them.

    A signal the model refuted with code it was shown is taken out; one it confirmed or left open stays if its
    rule may speak alone; evidence never becomes a finding by itself. Where a rule and the model mean the same
    defect, the rule's place and hazard stay (they are stable) and the model's words are kept (they explain).

    `firm`: the change speaks to its reviewer, so the model's word counts for nothing against a rule.
    """
    answers = {answer.id: answer for answer in signal_answers}
    model, excluded = _join(findings)
    rules: list[Finding] = []
    for signal in signals:
        found = finding_of(signal, inside) if speaks(signal) else None
        if found is None:
            continue
        if firm:
            rules.append(found)
            continue
        answer = answers.get(signal.id)
        twin = next((each for each in model if _same_as_rule(each, found, answer)), None)
        if twin is not None:
            model.remove(twin)
            rules.append(_agreed(found, twin, inside))
        elif answer and answer.verdict is SignalVerdict.REFUTED and answer.grounded:
            verdict = Verification(VerificationStatus.REFUTED, answer.reason or f"refuted by: {answer.quote}")
            excluded.append(exclude(replace(prints.stamp([found])[0], verification=verdict), "verify", verdict.reason))
        else:
            rules.append(_explained(found, answer))
    joined, again = _join((*rules, *model))
    return Merged(prints.stamp(joined), (*excluded, *again))


def questions(asked: Iterable[Question], findings: Sequence[Finding]) -> tuple[Question, ...]:
    """Each question once, and none about what a finding already says of the same lines."""
    kept: dict[tuple[str, str, str], Question] = {}
    for question in asked:
        answered = any(
            (finding.path, finding.side, finding.hazard) == (question.path, question.side, question.hazard)
            and finding.start_line <= question.end_line
            and question.start_line <= finding.end_line
            for finding in findings
        )
        about = (question.path, question.hazard, normalise(question.quote) or question.text)
        if not answered:
            kept.setdefault(about, question)
    return tuple(kept.values())


def told(finding: Finding, others: Iterable[Finding]) -> Finding | None:
    """The one of `others` that tells of the same defect in much the same words, wherever it stands."""
    return next((other for other in others if _same(other, finding) or _alike(other, finding) >= _ALIKE), None)


def _join(findings: Iterable[Finding]) -> tuple[list[Finding], list[Excluded]]:
    """Fold each finding into the first that has the same cause; the graver one gives the words."""
    kept: list[Finding] = []
    by_code: dict[tuple[str, str], list[int]] = {}
    by_path: dict[str, list[int]] = {}
    excluded: list[Excluded] = []
    for finding in findings:
        code = (finding.hazard, normalise(finding.quote))
        candidates = sorted({*by_code.get(code, ()), *by_path.get(finding.path, ())})
        position = next((index for index in candidates if _same(kept[index], finding)), None)
        if position is None:
            by_code.setdefault(code, []).append(len(kept))
            by_path.setdefault(finding.path, []).append(len(kept))
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
    """Whether two findings have one cause: the same lines told alike, or the same line of code again."""
    if one.hazard == other.hazard and _close(one, other, 0 if _told_apart(one, other) else _NEAR):
        return not one.hazard.startswith(_CATCH_ALL) or _alike(one, other) >= _ALIKE
    if _close(one, other, 0) and _alike(one, other) >= _ALIKE:
        return True
    again = one.hazard == other.hazard and normalise(one.quote) == normalise(other.quote)
    return again and (one.path == other.path or one.title == other.title)


def _told_apart(one: Finding, other: Finding) -> bool:
    """Whether one reader gave two accounts: it was asked for one a cause, so lines that only lie near are two."""
    return one.origin is other.origin is Origin.MODEL and _alike(one, other) < _ALIKE


def _same_as_rule(finding: Finding, rule: Finding, answer: SignalAnswer | None) -> bool:
    """Whether the model's finding is what the rule saw; its own word for it (a confirmed signal) counts."""
    if finding.hazard == rule.hazard:
        return _close(finding, rule, _NEAR) or _two_sides(finding, rule)
    if not _close(finding, rule, 0) or finding.category is not rule.category:
        return False
    confirmed = answer is not None and answer.verdict is SignalVerdict.CONFIRMED
    return confirmed or _alike(finding, rule) >= _ALIKE_RULE


def _two_sides(one: Finding, other: Finding) -> bool:
    """Whether one points at the line that went and the other at what it leaves behind in the same function."""
    ours, theirs = (finding.symbol.rsplit(".", 1)[-1] for finding in (one, other))
    return one.path == other.path and one.side is not other.side and ours == theirs != ""


def _close(one: Finding, other: Finding, gap: int) -> bool:
    """Whether two places overlap on one side of one file, or lie at most `gap` lines apart."""
    if (one.path, one.side) != (other.path, other.side):
        return False
    return one.start_line <= other.end_line + gap and other.start_line <= one.end_line + gap


def _alike(one: Finding, other: Finding) -> float:
    """How alike two accounts are (0 to 1): by their titles, or by all their words."""
    titles = _share(_words(one.title), _words(other.title))
    return max(titles, _share(_words(f"{one.title} {one.scenario}"), _words(f"{other.title} {other.scenario}")))


def _share(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / len(left | right) if left and right else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - _STOP


def _with_related(lead: Finding, other: Finding) -> Finding:
    places = (*lead.related, other.location, *other.related)
    related = tuple(place for place in dict.fromkeys(places) if not _covers(lead.location, place))
    confidence = max(lead.confidence, other.confidence, key=lambda each: each.rank)
    return replace(lead, related=related, confidence=confidence)


def _covers(whole: Location, part: Location) -> bool:
    same_side = (whole.path, whole.side) == (part.path, part.side)
    return same_side and whole.start_line <= part.start_line and part.end_line <= whole.end_line


def _agreed(rule: Finding, model: Finding, inside: ChangeSet) -> Finding:
    """A rule and the model on one defect: two witnesses, so confidence is high.

    The rule's place stays unless only the model points at a line that the change touched.
    """
    exact = (rule.start_line, rule.end_line) == (model.start_line, model.end_line)
    if not _touched(rule, inside) and _touched(model, inside):
        here = model.location
        rule = replace(rule, side=here.side, start_line=here.start_line, end_line=here.end_line, quote=model.quote)
        exact = True
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


def _touched(finding: Finding, inside: ChangeSet) -> bool:
    """Whether a changed line lies within the finding's place."""
    file = inside.file(finding.path)
    lines = file.lines() if file is not None else ()
    return any(
        line.changed and line.side is finding.side and finding.start_line <= line.number <= finding.end_line
        for line in lines
    )


def _explained(rule: Finding, answer: SignalAnswer | None) -> Finding:
    """A rule's finding with what the model added to it, if it confirmed."""
    if answer is None or answer.verdict is not SignalVerdict.CONFIRMED:
        return rule
    confidence = Confidence.HIGH if rule.confidence is Confidence.MEDIUM else rule.confidence
    scenario = f"{rule.scenario} {answer.reason}".strip()
    return replace(rule, confidence=confidence, scenario=scenario)
