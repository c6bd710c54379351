"""A review: the one value everything downstream is made from (it is review.json)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reviewer.nouns.finding import Acknowledged, Excluded, Finding, Question

SCHEMA_VERSION = "1.0"


class Verdict(StrEnum):
    """Three states, so that "nothing found" and "nothing looked at" can never be mistaken."""

    CLEAN = "clean"
    FINDINGS = "findings"
    INCOMPLETE = "incomplete"


class TargetKind(StrEnum):
    """Where the change came from."""

    PULL_REQUEST = "pull-request"
    RANGE = "range"
    STAGED = "staged"
    WORK_TREE = "work-tree"
    DIFF = "diff"


@dataclass(frozen=True, slots=True)
class Target:
    """What was reviewed. Fields that do not apply are empty."""

    kind: TargetKind
    repository: str = ""  # owner/name
    number: int = 0  # pull request
    url: str = ""
    base_sha: str = ""
    head_sha: str = ""
    description: str = ""  # "main...feature", "changes.diff", …


class CoverageStatus(StrEnum):
    REVIEWED = "reviewed"
    PARTIAL = "partial"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Skip:
    """Something of the change that is not reviewed, and the reason a reader gets.

    `in_scope` tells a persona limit (frontend, lock file, …: the review can still be complete) from a
    shortfall (budget, provider down: the review is incomplete). `lines` counts changed lines.
    """

    path: str
    reason: str
    kind: str  # frontend | infrastructure | generated | vendored | lock | binary | docs | test | … | budget | provider | …
    in_scope: bool
    lines: int


@dataclass(frozen=True, slots=True)
class FileCoverage:
    path: str
    status: CoverageStatus
    reason: str
    changed_lines: int
    reviewed_lines: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The ledger: every changed line is reviewed or in exactly one skip."""

    files: tuple[FileCoverage, ...] = ()
    in_scope_lines: int = 0
    reviewed_lines: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What the model calls cost. `input_tokens` includes `cached_input_tokens`. No price known: cost is None."""

    calls: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    wall_seconds: float = 0.0
    retries: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Both together; a cost is known only if both are (no calls cost nothing)."""
        costs = [usage.cost_usd for usage in (self, other) if usage.calls]
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_input_tokens=self.cached_input_tokens + other.cached_input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=None if not costs or None in costs else sum(cost for cost in costs if cost is not None),
            wall_seconds=self.wall_seconds + other.wall_seconds,
            retries=self.retries + other.retries,
        )


@dataclass(frozen=True, slots=True)
class Provenance:
    provider: str = "offline"
    model: str = ""
    persona: str = ""
    persona_sha256: str = ""
    prompt_sha256: str = ""
    diff_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a deliverable: cells in the table's column order, and where it was read."""

    cells: tuple[str, ...]
    path: str = ""
    line: int = 0
    source: str = "parsed"  # parsed | inferred
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deliverable:
    """One of the persona's deliverables as a table built by code; a model may add `notes`.

    No rows means "no change detected", and `inspected` says what was looked at. `diagram` is Mermaid source.
    """

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    inspected: str = ""
    notes: tuple[str, ...] = ()
    diagram: str = ""


@dataclass(frozen=True, slots=True)
class Deliverables:
    api_contract: Deliverable = field(default_factory=lambda: Deliverable("API contract delta"))
    schema: Deliverable = field(default_factory=lambda: Deliverable("Schema delta"))
    authorization: Deliverable = field(default_factory=lambda: Deliverable("Authentication and authorization flow"))
    performance: Deliverable = field(default_factory=lambda: Deliverable("Performance analysis"))
    guide: Deliverable = field(default_factory=lambda: Deliverable("Implementation guide"))


@dataclass(frozen=True, slots=True)
class Tool:
    name: str = "design-reviewer"
    version: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The report file. Text in it is redacted, but not yet sanitised: each reporter escapes for its own medium.

    `diff` is the redacted unified diff of the reviewed files, so that a reader (or the HTML report) can see
    the code in place. `notices` are things the reader must know (fallback taken, cut made, no model took part).
    `fixed` are fingerprints of earlier findings that are gone.
    """

    verdict: Verdict
    target: Target
    summary: str = ""
    tool: Tool = field(default_factory=Tool)
    schema_version: str = SCHEMA_VERSION
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    fixed: tuple[str, ...] = ()
    deliverables: Deliverables = field(default_factory=Deliverables)
    coverage: Coverage = field(default_factory=Coverage)
    skips: tuple[Skip, ...] = ()
    usage: Usage = field(default_factory=Usage)
    provenance: Provenance = field(default_factory=Provenance)
    notices: tuple[str, ...] = ()
    language: str = "en"
    diff: str = ""
