"""A signal: a rule that fired on the change. Evidence for the model, and a finding where no model takes part."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Origin, Severity
from reviewer.nouns.review import Deliverables, Skip


class Tier(StrEnum):
    """What a rule may do on its own."""

    POST = "post"  # precise: may be posted without a model
    POST_MEDIUM = "post-medium"  # posted with medium confidence until it has earned more
    EVIDENCE = "evidence"  # only ever evidence for the model and rows in the tables


@dataclass(frozen=True, slots=True)
class Signal:
    """One rule hit that the change introduced (head minus base). `id` is unique in the run: `S1`, `S2`, ….

    `quote` is the verbatim text of `start_line`..`end_line` on `side` of `path`, secrets masked.
    `lines_in_diff` is False when the place is only in the file, not in a hunk (no inline comment then).
    """

    id: str
    rule: str
    hazard: str
    tier: Tier
    category: Category
    severity: Severity
    confidence: Confidence
    path: str
    side: Side
    start_line: int
    end_line: int
    quote: str
    title: str
    message: str  # what breaks, with the code's own names
    fix: str
    refuted_by: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    symbol: str = ""
    suggestion: str | None = None
    origin: Origin = Origin.RULE
    lines_in_diff: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """All the deterministic engine found: signals sorted by path, line, rule; tables; what it had to pass over."""

    signals: tuple[Signal, ...] = ()
    deliverables: Deliverables = field(default_factory=Deliverables)
    skips: tuple[Skip, ...] = ()
    notices: tuple[str, ...] = ()
