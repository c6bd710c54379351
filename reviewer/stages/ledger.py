"""The ledger: every changed line of the change is reviewed or in exactly one skip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from reviewer.nouns.batch import HunkId, Piece
from reviewer.nouns.changeset import ChangeSet, FileChange
from reviewer.nouns.review import Coverage, CoverageStatus, FileCoverage, Skip

_UNKNOWN = "not reviewed"
Windows = dict[HunkId, list[tuple[int, int]]]


def balance(inside: ChangeSet, skips: Iterable[Skip], pieces: Iterable[Piece], settled: frozenset[HunkId]) -> Coverage:
    """The coverage of a run.

    `inside` is what was to be reviewed, `pieces` what was shown and answered, `settled` the hunks reviewed in an
    earlier run. A line shown twice counts once; of a split hunk only the lines in its windows count. Files outside
    `inside` are listed as skipped with the reasons of their skips, in-scope lines of theirs are counted as unread.
    """
    by_path: dict[str, list[Skip]] = defaultdict(list)
    for skip in skips:
        by_path[skip.path].append(skip)
    shown = _windows(pieces)
    entries = [_inside(file, shown, settled, by_path.pop(file.path, [])) for file in inside.files]
    entries += [_outside(path, group) for path, group in by_path.items()]
    return Coverage(
        files=tuple(sorted((entry.row for entry in entries), key=lambda row: row.path)),
        in_scope_lines=inside.changed_lines + sum(entry.unseen for entry in entries),
        reviewed_lines=sum(entry.row.reviewed_lines for entry in entries),
    )


class _Entry(NamedTuple):
    """A row of the ledger, and the in-scope lines of it that are in no hunk of the change set."""

    row: FileCoverage
    unseen: int


def _windows(pieces: Iterable[Piece]) -> Windows:
    """The half-open ranges of line indexes that were shown, per hunk."""
    shown: Windows = defaultdict(list)
    for piece in pieces:
        for index in piece.hunks:
            whole = (0, len(piece.file.hunks[index].lines))
            shown[piece.file.path, index].append(piece.window or whole)
    return shown


def _inside(file: FileChange, shown: Windows, settled: frozenset[HunkId], skips: list[Skip]) -> _Entry:
    reviewed = sum(
        hunk.changed_lines if (file.path, index) in settled else _seen(file, index, shown.get((file.path, index), []))
        for index, hunk in enumerate(file.hunks)
    )
    limits = sum(skip.lines for skip in skips if not skip.in_scope)  # hunks outside the persona's limits
    short = sum(skip.lines for skip in skips if skip.in_scope)
    unread = file.changed_lines - reviewed
    unseen = max(0, short - unread)  # lines a source could not deliver: they are in no hunk
    total = file.changed_lines + limits + unseen
    if reviewed == total and not any(skip.in_scope for skip in skips):
        return _Entry(FileCoverage(file.path, CoverageStatus.REVIEWED, "", total, reviewed), unseen)
    status = CoverageStatus.PARTIAL if reviewed else CoverageStatus.SKIPPED
    return _Entry(FileCoverage(file.path, status, _reasons(skips), total, reviewed), unseen)


def _seen(file: FileChange, index: int, windows: list[tuple[int, int]]) -> int:
    """Changed lines of one hunk inside the union of `windows`."""
    lines = file.hunks[index].lines
    seen, reached = 0, 0
    for start, end in sorted(windows):
        seen += sum(1 for line in lines[max(start, reached) : end] if line.kind != " ")
        reached = max(reached, end)
    return seen


def _outside(path: str, skips: list[Skip]) -> _Entry:
    unseen = sum(skip.lines for skip in skips if skip.in_scope)
    total = sum(skip.lines for skip in skips)
    return _Entry(FileCoverage(path, CoverageStatus.SKIPPED, _reasons(skips), total, 0), unseen)


def _reasons(skips: list[Skip]) -> str:
    return "; ".join(dict.fromkeys(skip.reason for skip in skips)) or _UNKNOWN
