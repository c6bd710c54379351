"""The base version of a file, computed: head's lines with the hunks taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reviewer.nouns.changeset import FileChange


def before(file: FileChange, head: Sequence[str]) -> tuple[list[str], Callable[[int], int]]:
    """(lines of base, map of a head line number to base). Head lines outside hunks are the same in base.

    A head line that the change added maps to the first base line of what it replaces.
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
    inner = _inner(file)

    def number(line: int) -> int:
        known = inner.get(line)
        if known is not None:
            return known
        shift = next(shift for start, shift in reversed(shifts) if start <= line)
        return max(1, min(len(old), line + shift))

    return old, number


def _inner(file: FileChange) -> dict[int, int]:
    """Base numbers of the head lines that hunks show."""
    numbers: dict[int, int] = {}
    for hunk in file.hunks:
        following = hunk.old_start + (hunk.old_count == 0)  # base line that comes next
        block = following  # base line at which the current run of changed lines began
        for line in hunk.lines:
            if line.kind == " ":
                numbers[line.new or 0] = following
                block = following + 1
            elif line.kind == "+":
                numbers[line.new or 0] = block
            following += line.kind != "+"
    return numbers
