"""All files of a change, one after the other, each read in every way while its syntax trees are at hand.

Of a large change half of the files, by their size, are read in a copy of this process on another core (`aside`): what
they say comes back as values and is joined as if it had been read here. A copy that dies costs its files, which is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from reviewer.evidence import aside
from reviewer.evidence.examined import Examined, ExaminedFile
from reviewer.evidence.reading import Unread
from reviewer.evidence.registry import line_readings, readings

LINES = 1_000  # changed lines from which a copy gains more than it costs

Said = Mapping[tuple[str, str], object]


class Ahead(NamedTuple):
    """The change with its readings done, without the `lost` files that took a copy with them; `how` says by what it died."""

    examined: Examined
    lost: tuple[ExaminedFile, ...] = ()
    how: str = ""


def read_ahead(examined: Examined, changed_lines: int) -> Ahead:
    """Read every file of the change, some of them elsewhere where that is possible and worth it."""
    if changed_lines < LINES or not aside.possible():
        _read(examined, [file.path for file in examined.everything.files])
        return Ahead(examined)
    _ = examined.rules  # before the processes part: once for both
    here, there = halves(examined)
    copy = aside.begin(lambda: _read(examined, there))
    if copy is None:
        _read(examined, [*here, *there])
        return Ahead(examined)
    with copy:
        _read(examined, here)
        theirs = copy.outcome()
    if not isinstance(theirs, aside.Died):
        examined.readings.update(theirs)
        return Ahead(examined)
    gone = frozenset(there)
    kept = tuple(file for file in examined.files if file.path not in gone)
    lost = tuple(file for file in examined.files if file.path in gone)
    return Ahead(replace(examined, files=kept), lost, theirs.how)


def halves(examined: Examined) -> tuple[list[str], list[str]]:
    """The paths of the change in two parts of about the same work."""
    sizes = {file.path: sum(len(text.text) for text in (file.base, file.head) if text) for file in examined.files}
    parts: tuple[list[str], list[str]] = ([], [])
    loads = [0, 0]
    for path in sorted((file.path for file in examined.everything.files), key=lambda path: -sizes.get(path, 0)):
        lighter = loads.index(min(loads))
        parts[lighter].append(path)
        loads[lighter] += sizes.get(path, 0) + _BESIDES
    return parts


_BESIDES = 300  # characters' worth of work that any file is


def _read(examined: Examined, paths: Sequence[str]) -> Said:
    """Do all readings of some files; what they say, without what could not be read: whoever asks will see for himself."""
    chosen = frozenset(paths)
    of_files, of_lines = readings(), line_readings()
    for file in examined.files:
        if file.path in chosen:
            for reading in of_files:
                reading.ahead(examined, file)
    for change in examined.everything.files:
        if change.path in chosen:
            for line_reading in of_lines:
                line_reading.ahead(examined, change)
    return {key: said for key, said in examined.readings.items() if not isinstance(said, Unread)}
