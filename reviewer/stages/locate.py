"""Find a verbatim quote in a file change: we place comments by text, never by a model's line numbers.

A hunk is read as strips: the new side (added and context lines), the old side (removed and context lines) and
the hunk as printed, for quotes that mix both. White space is folded and blank lines do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from reviewer.nouns.changeset import FileChange, Hunk, Line, Side

_NUMBERED = re.compile(r"^[ +-]?\s*\d+\s*\|\s?")  # our own rendering, copied with its line numbers
_MARKED = re.compile(r"^[+-]")
_ELLIPSIS = re.compile(r"^\W*(\.\.\.|…)\W*$")
MIN_WORD = 3  # fewer letters and digits than this say nothing about where they stand
_NEAR = 3  # lines: how close a hint must be to place such a quote


class Place(NamedTuple):
    """Consecutive lines of one hunk on one side: always a range that GitHub accepts.

    `lines` are the lines on that side from the first to the last. `whole` is False where the quote is only
    part of its first or last line; `changed` tells whether the change added or removed any of them.
    """

    hunk: int
    side: Side
    lines: tuple[Line, ...]
    whole: bool

    @property
    def start(self) -> int:
        return self._number(self.lines[0])

    @property
    def end(self) -> int:
        return self._number(self.lines[-1])

    @property
    def changed(self) -> bool:
        return any(line.kind != " " for line in self.lines)

    @property
    def quote(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def _number(self, line: Line) -> int:
        return (line.old if self.side is Side.LEFT else line.new) or 0


class Strip(NamedTuple):
    """One reading of a hunk: where its lines that are not blank stand, and their folded text.

    `side` None is the hunk as printed.
    """

    hunk: int
    side: Side | None
    positions: tuple[int, ...]
    texts: tuple[str, ...]


def strips(file: FileChange) -> tuple[Strip, ...]:
    """All readings of a file's hunks. Build once per file, search often."""
    return tuple(strip for index, hunk in enumerate(file.hunks) for strip in _readings(index, hunk) if strip.texts)


def find(
    file: FileChange,
    quote: str,
    *,
    hint: int | None = None,
    side: Side | None = None,
    index: Sequence[Strip] | None = None,
) -> Place | None:
    """The best place of `quote` in the file's hunks, or None if it is not there.

    Changed lines go before context, whole lines before parts, then the hinted side, then the nearest to
    `hint`. A quote of hardly any letters is only placed where the hint confirms it.
    """
    index = strips(file) if index is None else index
    for wanted in _variants(quote):
        places = [place for strip in index for place in _places(file, strip, wanted)]
        if _word_length(wanted) < MIN_WORD:
            places = [place for place in places if hint is not None and abs(place.start - hint) <= _NEAR]
        if places:
            return min(places, key=lambda place: _rank(place, hint, side))
    return None


def nearest(file: FileChange, line: int) -> Place | None:
    """The changed line closest to `line` of head, on the new side if the file has any there."""
    candidates = [
        Place(index, each.side, (each,), whole=True)
        for index, hunk in enumerate(file.hunks)
        for each in hunk.lines
        if each.changed
    ]
    right = [place for place in candidates if place.side is Side.RIGHT]
    return min(right or candidates, key=lambda place: (abs(place.start - line), place.start), default=None)


def span(file: FileChange, side: Side, start: int, end: int) -> Place | None:
    """The part of `start`..`end` on `side` that lies in one hunk, or None if no hunk shows any of it."""
    for index, hunk in enumerate(file.hunks):
        inside = [
            line
            for line in hunk.lines
            if _on(line, side) and start <= ((line.old if side is Side.LEFT else line.new) or 0) <= end
        ]
        place = _trim(index, side, inside, whole=True)
        if place:
            return place
    return None


def fold(line: str) -> str:
    """One line as it is compared: white space folded, as `reviewer.nouns.identity.normalise` does for whole quotes."""
    return " ".join(line.split())


def _readings(index: int, hunk: Hunk) -> tuple[Strip, ...]:
    """The readings of a hunk that can say something: only a hunk with removed lines has more than one."""
    texts = [fold(line.text) for line in hunk.lines]
    right = _strip(index, hunk, texts, Side.RIGHT)
    if not any(line.kind == "-" for line in hunk.lines):
        return (right,)
    return (right, _strip(index, hunk, texts, Side.LEFT), _strip(index, hunk, texts, None))


def _strip(index: int, hunk: Hunk, texts: Sequence[str], side: Side | None) -> Strip:
    kept = tuple(
        position for position, line in enumerate(hunk.lines) if texts[position] and (side is None or _on(line, side))
    )
    return Strip(index, side, kept, tuple(texts[position] for position in kept))


def _on(line: Line, side: Side) -> bool:
    return line.kind != ("+" if side is Side.LEFT else "-")


def _variants(quote: str) -> Iterator[tuple[str, ...]]:
    """The quote as given; without our line numbers; without diff marks; and its parts around an ellipsis."""
    lines = [line for line in quote.split("\n") if line.strip()]
    readings = [lines]
    if lines and all(_NUMBERED.match(line) for line in lines):
        readings.append([_NUMBERED.sub("", line) for line in lines])
    if any(_MARKED.match(line) for line in lines):
        readings.append([_MARKED.sub("", line) for line in lines])
    if any(_ELLIPSIS.match(line) for line in lines):
        readings.extend(sorted(_segments(lines), key=len, reverse=True))
    for reading in readings:
        wanted = tuple(text for line in reading if (text := fold(line)))
        if wanted:
            yield wanted


def _segments(lines: Iterable[str]) -> Iterator[list[str]]:
    segment: list[str] = []
    for line in lines:
        if _ELLIPSIS.match(line):
            yield segment
            segment = []
        else:
            segment.append(line)
    yield segment


def _places(file: FileChange, strip: Strip, wanted: tuple[str, ...]) -> Iterator[Place]:
    for first, whole in hits(strip.texts, wanted):
        # Blank lines between the matched ones belong to the range.
        low, high = strip.positions[first], strip.positions[first + len(wanted) - 1]
        lines = file.hunks[strip.hunk].lines[low : high + 1]
        side = strip.side or (Side.LEFT if _only_removed(lines) else Side.RIGHT)
        between = [line for line in lines if _on(line, side)]
        place = _trim(strip.hunk, side, between, whole=whole and strip.side is not None)
        if place:
            yield place


def _only_removed(lines: Iterable[Line]) -> bool:
    kinds = {line.kind for line in lines}
    return "-" in kinds and "+" not in kinds


def hits(texts: Sequence[str], wanted: tuple[str, ...]) -> Iterator[tuple[int, bool]]:
    """Where the wanted lines stand one after the other; only the outer ends may be parts of lines."""
    count = len(wanted)
    if count == 1:
        for position, text in enumerate(texts):
            if wanted[0] in text:
                yield position, text == wanted[0]
        return
    for position in range(len(texts) - count + 1):
        first, last = texts[position], texts[position + count - 1]
        if not first.endswith(wanted[0]) or not last.startswith(wanted[-1]):
            continue
        if texts[position + 1 : position + count - 1] == wanted[1:-1]:
            yield position, first == wanted[0] and last == wanted[-1]


def _trim(hunk: int, side: Side, lines: Sequence[Line], *, whole: bool) -> Place | None:
    """A place on `side`; on the old side it begins and ends with a removed line, or is none at all."""
    if side is Side.LEFT:
        removed = [position for position, line in enumerate(lines) if line.kind == "-"]
        if not removed:
            return None
        trimmed = lines[removed[0] : removed[-1] + 1]
        whole = whole and len(trimmed) == len(lines)
        lines = trimmed
    return Place(hunk, side, tuple(lines), whole) if lines else None


def _word_length(wanted: Iterable[str]) -> int:
    return sum(1 for text in wanted for char in text if char.isalnum())


def _rank(place: Place, hint: int | None, side: Side | None) -> tuple[bool, bool, bool, int, bool, int]:
    distance = abs(place.start - hint) if hint is not None else 0
    other_side = side is not None and place.side is not side
    return (not place.changed, not place.whole, other_side, distance, place.side is Side.LEFT, place.start)
