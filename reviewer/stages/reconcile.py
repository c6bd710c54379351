"""This run against earlier ones: what is new, what still stands, what is fixed, what people said won't be fixed.

A finding is *fixed* only if its code is gone or changed and nothing in its file is left unreviewed. Code that has
not changed since it was reviewed can only bring up findings of the top severity: no drip-feeding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from reviewer.nouns.batch import HunkId, Piece
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.finding import Acknowledged, Excluded, Finding, Question, Severity, Standing
from reviewer.nouns.memory import Memory, Remembered
from reviewer.nouns.review import Review, Verdict
from reviewer.stages import locate
from reviewer.stages.exclude import exclude
from reviewer.stages.matching import Pairs, hunk_at, match, prints_of

_UNCHANGED = "found in code that was reviewed before and has not changed since; only critical findings are raised there"
_TALKING = "its code changed and it was not found again; people are talking in its thread, which stays open"
_DOUBLE = "the same finding as another one of this run"


class Settled(NamedTuple):
    """Every finding of this run and of memory is in exactly one of `findings`, `excluded`, `acknowledged`, `fixed`."""

    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    excluded: tuple[Excluded, ...]
    acknowledged: tuple[Acknowledged, ...]
    fixed: tuple[str, ...]


class _Now(NamedTuple):
    """The change as this run sees it. `open` are files with hunks that nobody has reviewed."""

    inside: ChangeSet
    prints: frozenset[str]
    settled: frozenset[HunkId]
    open: frozenset[str]
    paths: dict[str, str]  # earlier path -> path now


def reconcile(
    findings: tuple[Finding, ...],
    questions: tuple[Question, ...],
    *,
    memory: Memory,
    inside: ChangeSet,
    settled: frozenset[HunkId],
    reviewed: Iterable[Piece],
) -> Settled:
    """Sort this run's findings and the remembered ones. `reviewed` is what was shown and answered in this run."""
    now = _now(inside, settled, reviewed)
    pairs = match(findings, memory.findings, inside)
    spoken = _acknowledged(memory)
    kept: list[Finding] = []
    excluded: list[Excluded] = []
    silent: dict[str, Acknowledged] = {}
    seen: set[str] = set()
    for position, finding in enumerate(findings):
        standing = _standing(finding, pairs, position, memory)
        if standing.fingerprint in spoken:
            silent[standing.fingerprint] = spoken[standing.fingerprint]
        elif standing.fingerprint in seen:
            excluded.append(exclude(finding, "reconcile", _DOUBLE))
        elif standing.standing is Standing.NEW and not memory.first_run and _drip(finding, now):
            excluded.append(exclude(finding, "reconcile", _UNCHANGED))
        else:
            kept.append(standing)
        seen.add(standing.fingerprint)
    rest = [r for old, r in enumerate(memory.findings) if old not in pairs.new_of and r.finding.fingerprint not in seen]
    carried = _carry(rest, spoken, now)
    known = {remembered.finding.fingerprint for remembered in memory.findings}
    lasting = {f: a for f, a in spoken.items() if f not in known and now.inside.file(now.paths.get(a.path, a.path))}
    return Settled(
        findings=tuple(sorted((*kept, *carried.findings), key=lambda f: (-f.severity.rank, f.path, f.start_line))),
        questions=_questions(questions, memory, now),
        excluded=(*excluded, *carried.excluded),
        acknowledged=tuple({**lasting, **silent, **{a.fingerprint: a for a in carried.acknowledged}}.values()),
        fixed=carried.fixed,
    )


def respect(review: Review, memory: Memory) -> Review:
    """The review without findings that people have acknowledged since it was made."""
    spoken = {acknowledged.fingerprint: acknowledged for acknowledged in memory.acknowledged}
    silent = tuple(spoken[f.fingerprint] for f in review.findings if f.fingerprint in spoken)
    if not silent:
        return review
    left = tuple(finding for finding in review.findings if finding.fingerprint not in spoken)
    nothing = not left and review.verdict is Verdict.FINDINGS
    return replace(
        review,
        findings=left,
        acknowledged=(*review.acknowledged, *silent),
        verdict=Verdict.CLEAN if nothing else review.verdict,
    )


def _carry(rest: Iterable[Remembered], spoken: dict[str, Acknowledged], now: _Now) -> Settled:
    """What became of remembered findings that this run did not come upon."""
    kept: list[Finding] = []
    excluded: list[Excluded] = []
    silent: list[Acknowledged] = []
    fixed: list[str] = []
    for remembered in rest:
        fingerprint = remembered.finding.fingerprint
        still = _still_there(remembered, now)
        if fingerprint in spoken:
            silent += [spoken[fingerprint]] if still is not None else []
        elif still is not None:
            kept.append(still)
        elif remembered.human_replied:
            excluded.append(exclude(remembered.finding, "reconcile", _TALKING))
        else:
            fixed.append(fingerprint)
    return Settled(tuple(kept), (), tuple(excluded), tuple(silent), tuple(fixed))


def _now(inside: ChangeSet, settled: frozenset[HunkId], reviewed: Iterable[Piece]) -> _Now:
    shown: dict[HunkId, int] = {}
    for piece in reviewed:
        for index in piece.hunks:
            lines = piece.file.hunks[index].lines
            first, end = piece.window or (0, len(lines))
            shown[piece.file.path, index] = shown.get((piece.file.path, index), 0) + end - first
    everything = {(file.path, index): len(hunk.lines) for file in inside.files for index, hunk in enumerate(file.hunks)}
    left = frozenset(id_[0] for id_, lines in everything.items() if id_ not in settled and shown.get(id_, 0) < lines)
    prints = frozenset(print_ for group in prints_of(inside.files).values() for print_ in group)
    paths = {file.old_path: file.path for file in inside.files if file.old_path}
    return _Now(inside, prints, settled, left, paths)


def _acknowledged(memory: Memory) -> dict[str, Acknowledged]:
    """Who said "won't fix" to what, by fingerprint; a thread that a human closed says it too."""
    found = {
        remembered.finding.fingerprint: Acknowledged(
            remembered.finding.fingerprint,
            remembered.finding.hazard,
            remembered.finding.path,
            remembered.finding.title,
            by="",
            reason="thread resolved",
        )
        for remembered in memory.findings
        if remembered.resolved
    }
    return found | {acknowledged.fingerprint: acknowledged for acknowledged in memory.acknowledged}


def _standing(finding: Finding, pairs: Pairs, position: int, memory: Memory) -> Finding:
    """The finding under the name it was posted with, and whether it moved."""
    if position not in pairs.old_of:
        known = finding.fingerprint in memory.prints
        return replace(finding, standing=Standing.PERSISTING) if known else finding
    old = memory.findings[pairs.old_of[position]].finding
    same = (old.path, old.side, old.start_line, old.end_line) == (
        finding.path,
        finding.side,
        finding.start_line,
        finding.end_line,
    )
    standing = Standing.PERSISTING if same else Standing.MOVED
    return replace(finding, fingerprint=old.fingerprint, standing=standing)


def _drip(finding: Finding, now: _Now) -> bool:
    """A new finding below the top severity in code that was reviewed before."""
    file = now.inside.file(finding.path)
    hunk = hunk_at(file, finding.side, finding.start_line)
    if file is None or hunk is None or finding.severity is Severity.CRITICAL:
        return False
    return (finding.path, file.hunks.index(hunk)) in now.settled


def _still_there(remembered: Remembered, now: _Now) -> Finding | None:
    """The remembered finding where its code stands now, or None if it is fixed as far as anyone can tell."""
    old = remembered.finding
    path = now.paths.get(old.path, old.path)
    file = now.inside.file(path)
    if file is None:
        return None  # the change no longer touches the file
    place = locate.find(file, old.quote, hint=old.start_line, side=old.side) if old.quote else None
    unchanged = remembered.hunk_print in now.prints
    if place is not None and place.side is old.side and (unchanged or path in now.open):
        moved = (place.start, place.end, path) != (old.start_line, old.end_line, old.path)
        return replace(
            old,
            path=path,
            start_line=place.start,
            end_line=place.end,
            suggestion=old.suggestion if len(place.lines) == old.end_line - old.start_line + 1 else None,
            standing=Standing.MOVED if moved else Standing.PERSISTING,
        )
    if (unchanged and path == old.path) or path in now.open:
        return replace(old, path=path, standing=Standing.PERSISTING)  # nobody has looked at what became of it
    return None


def _questions(questions: tuple[Question, ...], memory: Memory, now: _Now) -> tuple[Question, ...]:
    """This run's questions, and the earlier ones whose code has not changed and was not asked about again."""
    seen = {(question.path, question.hazard, " ".join(question.text.split()).lower()) for question in questions}
    places = {(question.path, question.hazard, question.quote) for question in questions}
    kept = list(questions)
    for question in memory.questions:
        if (question.path, question.hazard, " ".join(question.text.split()).lower()) in seen:
            continue
        if (question.path, question.hazard, question.quote) in places:
            continue
        file = now.inside.file(question.path)
        place = locate.find(file, question.quote, hint=question.start_line) if file and question.quote else None
        if place is not None and (question.path, place.hunk) in now.settled:
            kept.append(replace(question, side=place.side, start_line=place.start, end_line=place.end))
    return tuple(kept)
