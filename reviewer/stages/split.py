"""Cut a file into slices no larger than a call: at hunk borders, and inside a hunk where the code itself pauses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from reviewer.nouns.batch import HunkId
from reviewer.nouns.changeset import FileChange, Hunk, Line
from reviewer.stages.tokens import BYTES_PER_TOKEN, estimate_tokens

LINE_OVERHEAD = 2  # tokens of a line's number and mark as the model is shown them
HUNK_OVERHEAD = 12  # tokens of a hunk's header and the file's

# A line that begins something new: a declaration, a decorator, a statement at the left margin.
_BORDER = re.compile(
    r"^(?:\s{0,8}(?:@|(?:export |public |private |protected |static |async |abstract |final )*"
    r"(?:def|class|func|fn|function|interface|type|struct|impl|module|describe|it|test|message|service|CREATE|ALTER|INSERT|UPDATE|DROP)\b)|\S)",
    re.IGNORECASE,
)


class Slice(NamedTuple):
    """One hunk of a file, or a window (half-open line indexes) of a hunk that is too large for one call."""

    file: FileChange
    hunk: int
    window: tuple[int, int] | None
    tokens: int
    changed_lines: int


def slices(file: FileChange, todo: frozenset[HunkId], limit: int) -> tuple[Slice, ...]:
    """The hunks of `file` that are to do, in order, those larger than `limit` tokens in windows."""
    found: list[Slice] = []
    for index, hunk in enumerate(file.hunks):
        if (file.path, index) not in todo or not hunk.changed_lines:
            continue
        costs = [line_tokens(line) for line in hunk.lines]
        total = sum(costs) + HUNK_OVERHEAD
        if total <= limit:
            found.append(Slice(file, index, None, total, hunk.changed_lines))
            continue
        found.extend(
            Slice(file, index, (start, end), sum(costs[start:end]) + HUNK_OVERHEAD, _changed(hunk, start, end))
            for start, end in _windows(hunk, costs, limit - HUNK_OVERHEAD)
        )
    return tuple(found)


def line_tokens(line: Line) -> int:
    return estimate_tokens(line.text) + LINE_OVERHEAD


def _changed(hunk: Hunk, start: int, end: int) -> int:
    return sum(1 for line in hunk.lines[start:end] if line.kind != " ")


def _windows(hunk: Hunk, costs: Sequence[int], room: int) -> list[tuple[int, int]]:
    """Half-open ranges that cover the hunk in order, each within `room` unless a single line is larger.

    Each ends at the best border in its last half: before a declaration, else after an empty line, else where
    it is full. Windows without any change are dropped: they would be a call about nothing.
    """
    windows: list[tuple[int, int]] = []
    start = 0
    while start < len(costs):
        end, used = start, 0
        while end < len(costs) and (end == start or used + costs[end] <= room):
            used += costs[end]
            end += 1
        if end < len(costs):
            end = _border(hunk.lines, start, end)
        windows.append((start, end))
        start = end
    return [(first, last) for first, last in windows if _changed(hunk, first, last)]


def _border(lines: Sequence[Line], start: int, end: int) -> int:
    """The best place to cut in the last half before `end`; a replaced block (-, then +) stays together."""
    half = start + max(1, (end - start) // 2)
    empty = 0
    for place in range(end, half, -1):
        here, above = lines[place], lines[place - 1]
        if here.kind == "+" and above.kind == "-":
            continue
        if _BORDER.match(here.text) and here.text[:1] not in "})]":
            return place
        if not empty and not above.text.strip():
            empty = place
    return empty or end


__all__ = ["BYTES_PER_TOKEN", "HUNK_OVERHEAD", "LINE_OVERHEAD", "Slice", "line_tokens", "slices"]
