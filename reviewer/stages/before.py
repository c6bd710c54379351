"""The base version of a file, computed: head's lines with the hunks taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reviewer.nouns.changeset import FileChange


def before(file: FileChange, head: Sequence[str]) -> tuple[list[str], Callable[[int], int]]:
    """(lines of base, map of a head line number to base). Head lines outside hunks are the same in base.

    A head line that the change added maps to the base line that stands in its place.
    """
    old: list[str] = []
    place = 0
    shifts: list[tuple[int, int]] = [(1, 0)]  # from this head line on, base number = head number + shift
    for hunk in file.hunks:
        start = hunk.new_start if hunk.new_count == 0 else hunk.new_start - 1
        old.extend(head[place:start])
        old.extend(line.text for line in hunk.lines if line.kind != "+")
        place = start + hunk.new_count
        shifts.append((place + 1, len(old) - place))
    old.extend(head[place:])
    inner = {line.new: line.old for line in file.lines() if line.kind == " "}

    def number(line: int) -> int:
        known = inner.get(line)
        if known is not None:
            return known
        shift = next(shift for start, shift in reversed(shifts) if start <= line)
        return max(1, min(len(old), line + shift))

    return old, number
