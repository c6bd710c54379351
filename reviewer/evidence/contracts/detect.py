"""Signals for contract changes that break clients: one for each thing clients know by name, not one for each field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from reviewer.evidence.contracts.change import ContractChange, Level
from reviewer.evidence.contracts.kinds import HAZARDS, differences, kind_of
from reviewer.evidence.examined import DetectorResult, Examined, ExaminedFile
from reviewer.evidence.place import place
from reviewer.evidence.system import public
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Signal, Tier

# Old and new binaries meet during every roll-out, and stored messages outlive both: bytes are read as something else,
# or will be as soon as somebody takes a number that was not reserved.
CORRUPTING = frozenset(
    {
        "field-number-changed",
        "field-number-reused",
        "field-type-changed",
        "reserved-number-reused",
        "enum-number-changed",
    }
)
_UNRESERVED = frozenset({"field-removed", "enum-value-removed"})
MOST_SIGNALS = 10  # a file; more breaking subjects than that are told together
_REFUTED_BY = (
    "the version is not published yet (alpha, internal, draft)",
    "the part was deprecated and its sunset date is past",
    "a versioned sibling keeps the old form",
    "every client is released together with this server",
)
_REFERENCES = {
    "openapi": ("https://www.rfc-editor.org/rfc/rfc9745", "https://www.rfc-editor.org/rfc/rfc8594"),
    "graphql": ("https://spec.graphql.org/October2021/#sec-Field-Deprecation",),
    "proto": ("https://protobuf.dev/programming-guides/proto3/#updating",),
    "avro": ("https://avro.apache.org/docs/current/specification/#schema-resolution",),
}


class Contract(NamedTuple):
    """A changed contract file and its differences."""

    file: ExaminedFile
    kind: str
    changes: tuple[ContractChange, ...]


def contracts(examined: Examined) -> tuple[Contract, ...]:
    """Every changed contract file that can be compared whole."""
    found = []
    for file in examined.files:
        texts = [text for text in (file.base, file.head) if text is not None]
        if file.skipped or any(not text.complete for text in texts):
            continue
        kind = kind_of(file.path, *(text.text for text in texts))
        if kind:
            base, head = file.base.text if file.base else "", file.head.text if file.head else ""
            found.append(Contract(file, kind, differences(kind, base, head)))
    return tuple(found)


def detect(examined: Examined) -> DetectorResult:
    """Every breaking contract change as a signal.

    Who is built against a contract the tree does not say: posted is what the system's facts call public, and what
    misreads bytes whoever the peer is. A specification generated from protobuf repeats it, and is told once.
    """
    signals = [
        signal
        for contract in examined.contract_changes
        for signal in _signals(contract, public=public(examined.switches.system, contract.file.path))
    ]
    if any(signal.rule == HAZARDS["proto"] and signal.tier is Tier.POST for signal in signals):
        signals = [
            replace(signal, tier=Tier.EVIDENCE) if signal.rule == HAZARDS["openapi"] else signal for signal in signals
        ]
    return DetectorResult(signals=tuple(signals))


def _signals(contract: Contract, *, public: bool) -> Iterator[Signal]:
    groups: dict[str, list[ContractChange]] = {}
    for change in contract.changes:
        if change.kind == "security-removed":
            yield _open_operation(contract, change)
        elif change.level is Level.BREAKING:
            groups.setdefault(change.subject, []).append(change)
    if len(groups) > MOST_SIGNALS:
        firsts = [min(group, key=_misread) for group in groups.values()]
        yield _signal(contract, f"{len(groups)} parts", sorted(firsts, key=_misread), public=public)
        return
    for subject, changes in groups.items():
        yield _signal(contract, subject, sorted(changes, key=_misread), public=public)


def _misread(change: ContractChange) -> tuple[bool, bool]:
    """Sorts what misreads bytes first."""
    return (change.kind not in CORRUPTING, change.kind not in _UNRESERVED)


def _signal(contract: Contract, subject: str, changes: list[ContractChange], *, public: bool) -> Signal:
    first = changes[0]
    unstable = all(change.unstable for change in changes)
    told = "; ".join(
        f"{change.detail}" if change.subject == subject else f"{change.subject}: {change.detail}"
        for change in changes[:5]
    )
    more = f" and {len(changes) - 5} more" if len(changes) > 5 else ""
    users = sorted({user for change in changes for user in change.users})
    used = (
        f" It is used by {', '.join(users[:4])}{f' and {len(users) - 4} more' if len(users) > 4 else ''}."
        if users
        else ""
    )
    side = Side.LEFT if first.in_base else Side.RIGHT
    where = place(contract.file, first.line, first.line, side)
    avro = contract.kind == "avro"
    misread = contract.kind == "proto" and any(change.kind in CORRUPTING | _UNRESERVED for change in changes)
    grave = contract.kind != "proto" or any(change.kind not in _UNRESERVED for change in changes)
    return Signal(
        id="",
        rule=HAZARDS[contract.kind],
        hazard="event-schema-incompatible" if avro else "contract-breaking-change",
        tier=Tier.POST if (public or misread) and not unstable and not avro else Tier.EVIDENCE,
        category=Category.API_DESIGN,
        severity=Severity.LOW if unstable else Severity.HIGH if grave else Severity.MEDIUM,
        confidence=Confidence.HIGH,
        path=contract.file.path,
        side=where.side,
        start_line=where.start,
        end_line=where.end,
        quote=where.quote,
        title=f"`{subject}` changes in a way that breaks its clients",
        message=f"Clients built against the current contract of `{subject}` break: {told}{more}.{used}",
        fix=_fix(contract.kind, first),
        refuted_by=_REFUTED_BY,
        references=_REFERENCES[contract.kind],
        symbol=subject,
        lines_in_diff=where.in_diff,
    )


def _fix(kind: str, change: ContractChange) -> str:
    if kind == "proto" and change.kind in {"field-removed", "enum-value-removed"}:
        return "Keep it, marked deprecated; when it goes, reserve its number and its name."
    if kind == "proto":
        return "Add a new field with a new number beside it, and let the old one be."
    if kind == "avro":
        return "Give every added or removed field a default, and widen types only in the direction readers can follow."
    if change.verb == "removed":
        return "Mark it deprecated with a sunset date first, keep serving it until clients have moved, or publish a new version beside it."
    return "Add the new form beside the old one (an optional field, a new version), and remove the old one after its sunset."


def _open_operation(contract: Contract, change: ContractChange) -> Signal:
    where = place(contract.file, change.line, change.line)
    return Signal(
        id="",
        rule="openapi-security-removed",
        hazard="auth-guard-removed",
        tier=Tier.EVIDENCE,
        category=Category.SECURITY,
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        path=contract.file.path,
        side=where.side,
        start_line=where.start,
        end_line=where.end,
        quote=where.quote,
        title=f"`{change.subject}` no longer asks for credentials in the contract",
        message=f"The contract's security of `{change.subject}` goes from {change.detail}.",
        fix=f"State the scheme again for `{change.subject}`, or write down why it is public.",
        refuted_by=("the operation is public on purpose", "another layer authenticates it"),
        references=("CWE-306",),
        symbol=change.subject,
        lines_in_diff=where.in_diff,
    )
