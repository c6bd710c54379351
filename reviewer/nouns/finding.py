"""Drafts (as the model said), findings (as we stand by them) and what became of the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reviewer.nouns.changeset import Side


class _Ordered(StrEnum):
    """A string enum whose members compare in the order they are written in."""

    @property
    def rank(self) -> int:
        return list(type(self)).index(self)

    def at_least(self, other: _Ordered) -> bool:
        return self.rank >= other.rank


class Severity(_Ordered):
    """How much it hurts: blast radius x likelihood x reversibility."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(_Ordered):
    """How sure we are, given the evidence at hand."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Category(StrEnum):
    """What is at stake. The first three are what this reviewer is for."""

    RELIABILITY = "reliability"
    SECURITY = "security"
    DATA_INTEGRITY = "data-integrity"
    PERFORMANCE = "performance"
    API_DESIGN = "api-design"
    OBSERVABILITY = "observability"


class Origin(StrEnum):
    """Who saw it first."""

    MODEL = "model"
    RULE = "rule"
    SARIF = "sarif"


class VerificationStatus(StrEnum):
    """What the second, adversarial look made of a finding."""

    UNVERIFIED = "unverified"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNCERTAIN = "uncertain"


class Standing(StrEnum):
    """A finding against our earlier comments on the same pull request."""

    NEW = "new"
    PERSISTING = "persisting"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict of the second look, and why (one or two sentences)."""

    status: VerificationStatus = VerificationStatus.UNVERIFIED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the change: `start_line`..`end_line`, 1-based and inclusive, on `side`."""

    path: str
    side: Side
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Draft:
    """One candidate as its origin stated it: a quote instead of line numbers.

    `quote` is verbatim code of one or more consecutive lines; `line_hint` is only used to choose between
    equal matches. `question` is set when the proof lies outside what was shown: such a draft becomes a
    question to the author, not a finding. `signals` are the ids of evidence it rests on.
    """

    hazard: str
    category: Category
    severity: Severity
    confidence: Confidence
    path: str
    quote: str
    title: str
    scenario: str
    recommendation: str
    suggestion: str | None = None
    question: str = ""
    references: tuple[str, ...] = ()
    origin: Origin = Origin.MODEL
    line_hint: int | None = None
    side_hint: Side | None = None
    signals: tuple[str, ...] = ()
    verification: Verification = field(default_factory=Verification)


@dataclass(frozen=True, slots=True)
class Finding:
    """A defect we stand by, anchored on changed or shown lines of the change (DESIGN section 4)."""

    fingerprint: str
    hazard: str
    category: Category
    severity: Severity
    confidence: Confidence
    path: str
    side: Side
    start_line: int
    end_line: int
    quote: str
    title: str
    scenario: str
    recommendation: str
    suggestion: str | None = None
    references: tuple[str, ...] = ()
    origin: Origin = Origin.MODEL
    verification: Verification = field(default_factory=Verification)
    symbol: str = ""  # enclosing function or class, "" if unknown
    related: tuple[Location, ...] = ()  # other places with the same cause
    standing: Standing = Standing.NEW

    @property
    def location(self) -> Location:
        return Location(self.path, self.side, self.start_line, self.end_line)


@dataclass(frozen=True, slots=True)
class Question:
    """Something only the author can answer; shown, never blocking. Lines are 0 if it has no anchor."""

    text: str
    path: str
    side: Side = Side.RIGHT
    start_line: int = 0
    end_line: int = 0
    hazard: str = ""
    quote: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Excluded:
    """A candidate that is not posted: which stage took it out, and why. Lines are 0 where it never anchored."""

    stage: str  # parse | anchor | verify | gate | merge | reconcile | scope
    reason: str
    hazard: str
    category: Category
    severity: Severity
    confidence: Confidence
    path: str
    quote: str
    title: str
    scenario: str
    recommendation: str
    fingerprint: str = ""
    side: Side = Side.RIGHT
    start_line: int = 0
    end_line: int = 0
    suggestion: str | None = None
    references: tuple[str, ...] = ()
    origin: Origin = Origin.MODEL
    verification: Verification = field(default_factory=Verification)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A finding a human has said "won't fix" to; silent until its code changes or the date passes."""

    fingerprint: str
    hazard: str
    path: str
    title: str
    by: str
    reason: str
    until: str = ""  # ISO date, "" for no expiry
