"""Read the second reader's verdicts and apply them: a refutation counts only with code that exists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from reviewer.errors import UnreadableReply
from reviewer.nouns.exchange import Failure, Reply, StopReason
from reviewer.nouns.finding import (
    Confidence,
    Excluded,
    Finding,
    Origin,
    Question,
    Severity,
    Verification,
    VerificationStatus,
)
from reviewer.nouns.identity import fingerprint, normalise
from reviewer.stages.exclude import exclude
from reviewer.stages.items import is_shown
from reviewer.stages.jsontext import clean, read_object, verbatim
from reviewer.stages.lookup import Lookup

TRIVIAL = "trivial"  # a verdict of the second reader only: in the report it is a confirmed finding that was left out
_MAX_ITEMS = 100
_COMMENT = re.compile(r"^(#|//|/\*|\*\s|--|;|<!--|\"\"\"|''')")
_NUMBER = re.compile(r"^[+-]? ?\d+\|\s?")


class Claim(NamedTuple):
    """A finding under the id the second reader answers with; or a question, as the finding it would be if so."""

    id: str
    finding: Finding
    question: Question | None = None


class Look(NamedTuple):
    """What the second look came to. `missed` marks a look that did not take place.

    `title` and `recommendation` are for a question that turned out to be a defect; `proven` if code shows it.
    `trivial`: true, and of no use to the author.
    """

    verification: Verification
    severity: Severity | None = None
    question: str = ""
    missed: bool = False
    title: str = ""
    recommendation: str = ""
    proven: bool = False
    trivial: bool = False


class Heard(NamedTuple):
    """One reply: looks by claim id, one for every claim, or look-ups the reader asks for first."""

    looks: Mapping[str, Look]
    lookups: tuple[Lookup, ...] = ()


class Settled(NamedTuple):
    """A finding after its look: itself, or the question it became, or its exclusion."""

    finding: Finding | None = None
    question: Question | None = None
    excluded: Excluded | None = None


def accept(text: str) -> object:
    """Whether a text answers a verification request; raises UnreadableReply if not (`Request.accept`)."""
    value = read_object(text, expect="verdicts")
    if not isinstance(value["verdicts"], list):
        raise UnreadableReply('"verdicts" of the reply is not a list')
    return value


def hear(outcome: Reply | Failure | None, claims: Sequence[Claim], shown: str) -> Heard:
    """Read a reply to these claims. `shown` is the code the reader saw, including what was looked up."""
    try:
        value = _value(outcome)
    except UnreadableReply as error:
        return Heard({claim.id: _missed(f"the second look failed: {error.message}") for claim in claims})
    folded = normalise(shown)
    looks: dict[str, Look] = {}
    for item in value["verdicts"][:_MAX_ITEMS]:
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            looks.setdefault(item["id"].strip().strip("[]"), _look(item, folded))
    asked = value.get("lookups")
    lookups = tuple(_lookup(item) for item in asked if isinstance(item, dict)) if isinstance(asked, list) else ()
    if lookups and not any(claim.id in looks for claim in claims):
        return Heard(_all(claims, looks), lookups[:_MAX_ITEMS])
    return Heard(_all(claims, looks))


def settle(finding: Finding, look: Look) -> Settled:
    """Apply a look to its finding. Severity can only go down."""
    severity = min(finding.severity, look.severity or finding.severity, key=lambda each: each.rank)
    judged = replace(finding, severity=severity, verification=look.verification)
    if look.verification.status is VerificationStatus.REFUTED:
        return Settled(excluded=exclude(judged, "verify", look.verification.reason))
    if look.trivial and severity is Severity.LOW and finding.origin is Origin.MODEL:
        return Settled(excluded=exclude(judged, "verify", f"true, but too small to post: {look.verification.reason}"))
    if look.verification.status is not VerificationStatus.UNCERTAIN:
        return Settled(finding=judged)
    if finding.origin is not Origin.MODEL:
        # A rule has seen it in the code; doubt lowers our confidence, it does not unsee it.
        return Settled(finding=replace(judged, confidence=Confidence.LOW))
    if severity is Severity.LOW:
        # Nobody's answer to it would decide the merge.
        return Settled(excluded=exclude(judged, "verify", f"low, and unproven: {look.verification.reason}"))
    question = Question(
        text=look.question or f"{finding.title}: {look.verification.reason}",
        path=finding.path,
        side=finding.side,
        start_line=finding.start_line,
        end_line=finding.end_line,
        hazard=finding.hazard,
        quote=finding.quote,
        fingerprint=fingerprint(finding.hazard, finding.path, "?", finding.quote),
    )
    return Settled(
        question=question, excluded=exclude(judged, "verify", f"asked as a question: {judged.verification.reason}")
    )


def answer(claim: Claim, look: Look | None, *, symbol: str) -> Settled:
    """Apply a look to a question: code that lays it to rest takes it out, code that proves it makes it a finding.

    Everything else leaves it what it was: the author's to answer.
    """
    assert claim.question is not None
    if look is None or look.missed:
        return Settled(question=claim.question)
    reason = look.verification.reason
    if look.verification.status is VerificationStatus.REFUTED:
        judged = replace(claim.finding, verification=look.verification)
        return Settled(excluded=exclude(judged, "verify", f"a question the code answers: {reason}"))
    if look.verification.status is not VerificationStatus.CONFIRMED or not (look.proven and look.title and reason):
        return Settled(question=claim.question)
    return Settled(
        finding=replace(
            claim.finding,
            title=look.title,
            scenario=reason,
            recommendation=look.recommendation,
            confidence=Confidence.MEDIUM,
            severity=min(claim.finding.severity, look.severity or claim.finding.severity, key=lambda s: s.rank),
            verification=look.verification,
            symbol=symbol,
        )
    )


def _value(outcome: Reply | Failure | None) -> dict[str, Any]:
    if outcome is None:
        raise UnreadableReply("no reply")
    if isinstance(outcome, Failure):
        raise UnreadableReply(outcome.error.message)
    if outcome.stop is not StopReason.COMPLETE:
        raise UnreadableReply(f"the reply is {outcome.stop}")
    accept(outcome.text)
    return read_object(outcome.text, expect="verdicts")


def _all(claims: Sequence[Claim], looks: Mapping[str, Look]) -> dict[str, Look]:
    """The looks at these claims and no others; a claim passed over is missed."""
    return {claim.id: looks.get(claim.id) or _missed("the second reader gave no verdict on it") for claim in claims}


def _missed(reason: str) -> Look:
    return Look(Verification(VerificationStatus.UNVERIFIED, reason), missed=True)


def _look(item: Mapping[str, Any], shown: str) -> Look:
    word = clean(item.get("verdict"), 20).strip().lower()
    reason = clean(item.get("reason"), 1000)
    quote = verbatim(item.get("quote"), 4000)
    severity = clean(item.get("severity"), 20).strip().lower()
    known = Severity(severity) if severity in set(Severity) else None
    question = clean(item.get("question"), 1000)
    proven = _is_code(quote) and is_shown(quote, shown)
    if word in {VerificationStatus.CONFIRMED, TRIVIAL}:
        title, recommendation = clean(item.get("title"), 160), clean(item.get("recommendation"), 1000)
        verification = Verification(VerificationStatus.CONFIRMED, reason)
        return Look(
            verification, known, title=title, recommendation=recommendation, proven=proven, trivial=word == TRIVIAL
        )
    if word == VerificationStatus.REFUTED and proven:
        said = f"{reason} (“{normalise(_NUMBER.sub('', quote))[:160]}”)"
        return Look(Verification(VerificationStatus.REFUTED, said), known)
    if word == VerificationStatus.REFUTED:
        reason = f"refuted without code that shows it: {reason}"
    elif word != VerificationStatus.UNCERTAIN:
        return _missed(f"the second reader's verdict is no verdict: {word!r}")
    return Look(Verification(VerificationStatus.UNCERTAIN, reason), known, question)


def _is_code(quote: str) -> bool:
    """Whether a quote has a line that is no comment: an author's remark that all is well refutes nothing."""
    lines = (_NUMBER.sub("", line).strip() for line in quote.splitlines())
    return any(line and not _COMMENT.match(line) for line in lines)


def _lookup(item: Mapping[str, Any]) -> Lookup:
    start, end = item.get("start"), item.get("end")
    return Lookup(
        kind=clean(item.get("kind"), 20),
        tree=clean(item.get("tree"), 10),
        path=verbatim(item.get("path"), 1000),
        text=verbatim(item.get("text"), 200),
        start=start if isinstance(start, int) else 0,
        end=end if isinstance(end, int) else 0,
    )
