"""Memory without a server: state in the sticky comment, a mark in each inline comment; both invisible to readers.

Everything here is text in, value out. Whether the text may be trusted (only our own identity's comments) is decided
by whoever reads the comments; all the same nothing of it is evaluated, and every size is bounded.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from reviewer.errors import DiffError
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.finding import Category, Severity, Verification
from reviewer.nouns.identity import file_print, hunk_print
from reviewer.nouns.memory import Memory, Remembered
from reviewer.nouns.review import CoverageStatus, Review
from reviewer.stages import diff
from reviewer.stages.matching import print_at

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SUMMARY_MARK = "<!-- design-reviewer:summary v1 -->"
ROOM = 26_000  # characters of the sticky comment's 65,536 that state may take
_MOST_PRINTS = 1_500
_UNPACKED = 4_000_000  # bytes of JSON we are willing to read back
_STATE = re.compile(r"<!-- design-reviewer:state v1 ([A-Za-z0-9+/=]{4,65000}) -->")
_MARK = re.compile(
    r"<!-- design-reviewer:finding v1 ([0-9a-f]{16}) ([0-9a-f]{12}|-) ([a-z0-9.-]{1,80}|-) ([a-z-]{3,20}) ([a-z]{3,10}) -->"
)
_SLUG = re.compile(r"[a-z0-9.-]{1,80}")
_HEX = re.compile(r"[0-9a-f]{12,16}")


class Mark(NamedTuple):
    """What an inline comment says of its finding to later runs."""

    fingerprint: str
    hunk_print: str  # "" if unknown
    hazard: str
    category: Category
    severity: Severity


def write_mark(mark: Mark) -> str:
    """The mark as an HTML comment; it survives hostile hazards, because only known forms are written."""
    hazard = mark.hazard if _SLUG.fullmatch(mark.hazard) and "--" not in mark.hazard else "-"
    where = mark.hunk_print or "-"
    return f"<!-- design-reviewer:finding v1 {mark.fingerprint} {where} {hazard} {mark.category} {mark.severity} -->"


def read_mark(body: str) -> Mark | None:
    """The last mark in a comment: ours is the last line, whatever is quoted above it."""
    found = _MARK.findall(body)
    if not found:
        return None
    fingerprint, where, hazard, category, severity = found[-1]
    try:
        return Mark(fingerprint, where.strip("-"), hazard.strip("-"), Category(category), Severity(severity))
    except ValueError:
        return None


def remember(review: Review, previous: Memory) -> Memory:
    """What the next run should know, from the report alone (publishing needs nothing else).

    Hunks count as reviewed only in files that were reviewed whole; the rest is looked at again.
    """
    change = _change(review)
    done = {file.path for file in review.coverage.files if file.status is CoverageStatus.REVIEWED}
    files = [file for file in change.files if file.path in done]
    standing = {finding.fingerprint for finding in review.findings}
    busy = {finding.path for finding in review.findings}
    silent = {acknowledged.fingerprint for acknowledged in review.acknowledged} - standing
    return Memory(
        head_sha=review.target.head_sha,
        reviewed=frozenset(hunk_print(file.path, hunk) for file in files for hunk in file.hunks),
        # A file with findings is not kept as a whole: where there is only room for files, there is none for findings.
        reviewed_files=frozenset(file_print(file.path, file.hunks) for file in files if file.path not in busy),
        findings=(
            *(Remembered(finding, print_at(change, finding)) for finding in review.findings),
            *(_resting(r) for r in previous.findings if r.finding.fingerprint in silent),
        ),
        acknowledged=review.acknowledged,
        questions=review.questions,
    )


def encode(memory: Memory, room: int = ROOM) -> str:
    """The state as an HTML comment of at most `room` characters; what does not fit is left out, least needed first."""
    smaller = replace(memory, findings=tuple(map(_resting, memory.findings)))
    for shrink in _SHRINK:
        smaller = shrink(smaller)
        kept = smaller if not smaller.reviewed else replace(smaller, reviewed_files=frozenset())
        packed = base64.b64encode(zlib.compress(_adapter().dump_json(kept, exclude_defaults=True), 9)).decode()
        text = f"<!-- design-reviewer:state v1 {packed} -->"
        if len(text) <= room:
            return text
    return ""


def replaced(body: str, memory: Memory, limit: int = 65_000) -> str:
    """The sticky comment's text with another state in it; what readers see stays as it is."""
    seen = _STATE.sub("", body).rstrip()
    hidden = encode(memory, max(0, min(65_000, limit - len(seen) - 2)))
    return f"{seen}\n\n{hidden}" if hidden else seen


def decode(body: str, today: str) -> Memory | None:
    """The state in a comment's text, or None if there is none that can be read. Acknowledgements past their date go.

    `today` is an ISO date.
    """
    found = _STATE.findall(body)
    if not found:
        return None
    from pydantic import ValidationError

    try:
        packed = zlib.decompressobj()
        raw = packed.decompress(base64.b64decode(found[-1], validate=True), _UNPACKED)
        if not packed.eof:
            return None
        memory = _adapter().validate_json(raw)
    except (binascii.Error, zlib.error, ValidationError, RecursionError):
        return None
    prints = [
        *memory.reviewed,
        *memory.reviewed_files,
        *memory.prints,
        *(r.finding.fingerprint for r in memory.findings),
    ]
    if not all(_HEX.fullmatch(print_) for print_ in prints):
        return None
    return replace(memory, acknowledged=tuple(a for a in memory.acknowledged if not a.until or a.until >= today))


def _change(review: Review) -> ChangeSet:
    try:
        return diff.parse(review.diff.encode("utf-8", "surrogateescape"))
    except DiffError:
        return ChangeSet()  # a report with no readable diff remembers no hunks: all is reviewed again


def _resting(remembered: Remembered) -> Remembered:
    """Without what is read afresh from the thread each time."""
    return Remembered(remembered.finding, remembered.hunk_print)


def _without_prose(memory: Memory) -> Memory:
    """The comments still say it; what is needed to recognise a finding stays."""
    return _each(
        memory, scenario="", recommendation="", suggestion=None, references=(), verification=Verification(), related=()
    )


def _short(memory: Memory) -> Memory:
    return replace(
        memory,
        questions=(),
        findings=tuple(
            replace(r, finding=replace(r.finding, title=r.finding.title[:80], quote=r.finding.quote[:160]))
            for r in memory.findings
        ),
    )


def _by_file(memory: Memory) -> Memory:
    """Prints of whole files. By now no finding is kept whole: files that have one are not among them (see `remember`)."""
    return replace(memory, reviewed=frozenset())


def _prints_of_lesser(memory: Memory) -> Memory:
    return _only_prints(memory, lambda remembered: remembered.finding.severity.at_least(Severity.CRITICAL))


def _prints_only(memory: Memory) -> Memory:
    return _only_prints(replace(memory, acknowledged=memory.acknowledged[:100]), lambda _: False)


def _without_files(memory: Memory) -> Memory:
    return replace(memory, reviewed=frozenset(), reviewed_files=frozenset())


def _without_findings(memory: Memory) -> Memory:
    """The marks in the comments are left to tell what was posted."""
    return replace(memory, prints=frozenset(sorted(memory.prints)[:_MOST_PRINTS]))


def _only_prints(memory: Memory, keep: Callable[[Remembered], bool]) -> Memory:
    """Findings of which only the print is kept cannot be shown again from memory: their hunks must be read again."""
    kept = tuple(remembered for remembered in memory.findings if keep(remembered))
    gone = [remembered for remembered in memory.findings if not keep(remembered)]
    return replace(
        memory,
        findings=kept,
        prints=memory.prints | {remembered.finding.fingerprint for remembered in gone},
        reviewed=memory.reviewed - {remembered.hunk_print for remembered in gone},
    )


def _each(memory: Memory, **changes: object) -> Memory:
    findings = tuple(
        replace(remembered, finding=replace(remembered.finding, **changes))  # type: ignore[arg-type]
        for remembered in memory.findings
    )
    return replace(memory, findings=findings)


_SHRINK: tuple[Callable[[Memory], Memory], ...] = (
    lambda memory: memory,
    _without_prose,
    _short,
    _prints_of_lesser,
    _prints_only,
    _by_file,
    _without_files,
    _without_findings,
)


@cache
def _adapter() -> TypeAdapter[Memory]:
    from pydantic import TypeAdapter

    return TypeAdapter(Memory)
