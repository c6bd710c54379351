"""Where a signal points: lines of head or base, inside a hunk where that is possible."""

from __future__ import annotations

from typing import NamedTuple

from reviewer.evidence.examined import ExaminedFile
from reviewer.nouns.changeset import Side


class Place(NamedTuple):
    """An anchor: `start`..`end` (1-based, inclusive) on `side`, verbatim quote, and whether a hunk shows it all."""

    side: Side
    start: int
    end: int
    quote: str
    in_diff: bool


LONGEST = 12  # lines of a quote: enough to recognise the place, short enough to read


def place(file: ExaminedFile, start: int, end: int, side: Side = Side.RIGHT) -> Place:
    """The anchor for lines `start`..`end` of one side: the part a hunk shows, changed lines first.

    Of a long node only the part that matters is taken: if some of it changed, from its first changed line on;
    otherwise its first line. A node no hunk shows keeps its first lines, and `in_diff` is False.
    """
    changed = file.added if side is Side.RIGHT else file.removed
    touched = [number for number in range(start, end + 1) if number in changed]
    spans = shown_spans(file, side)
    if touched and not any(start in span for span in spans):
        start = touched[0]
    first_hunk = next((span for span in spans if start in span), None)
    if first_hunk is not None:
        end = min(end, first_hunk.stop - 1)
    end = min(end, start + LONGEST - 1)
    text = file.side(side)
    quote = text.quote(start, end) if text else ""
    return Place(side, start, end, quote, first_hunk is not None)


def shown_part(file: ExaminedFile, start: int, end: int) -> Place | None:
    """The part of lines `start`..`end` of head that a hunk shows, where the first line is not: a call cut by the hunk's edge."""
    first = next(
        (number for number in range(start, end + 1) if any(number in span for span in shown_spans(file, Side.RIGHT))),
        None,
    )
    return None if first is None else place(file, first, end)


def near(file: ExaminedFile, line: int, first: int, last: int) -> Place | None:
    """The changed place nearest to `line` between lines `first` and `last` of head; None if nothing changed there.

    For what a deletion introduces: the call that lost its guard stands above the hunk, the hole is in it.
    """
    holes = [number for number in changed_at(file) if first <= number <= last]
    if not holes:
        return None
    nearest = min(holes, key=lambda number: (abs(number - line), number))
    return place(file, nearest, nearest)


def changed_at(file: ExaminedFile) -> tuple[int, ...]:
    """Head numbers of added lines, and of the line that follows each removed block."""
    found: list[int] = []
    for hunk in file.change.hunks:
        after_removal = False
        for line in hunk.lines:
            if line.kind == "-":
                after_removal = True
            elif line.new is not None and (line.kind == "+" or after_removal):
                found.append(line.new)
                after_removal = False
    return tuple(found)


def shown_spans(file: ExaminedFile, side: Side) -> tuple[range, ...]:
    """The line ranges of one side that hunks show (context lines count on both)."""
    if side is Side.RIGHT:
        return tuple(range(hunk.new_start, hunk.new_start + hunk.new_count) for hunk in file.change.hunks)
    return tuple(range(hunk.old_start, hunk.old_start + hunk.old_count) for hunk in file.change.hunks)
