"""All files of a change, one after the other, each read in every way while its syntax trees are at hand.

Of a large change half of the files, by their size, are read in a copy of this process on another core (`aside`): what
they say comes back as values and is joined as if it had been read here. A copy that dies costs its files, which is told.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from reviewer.evidence import aside
from reviewer.evidence.examined import Examined, ExaminedFile
from reviewer.evidence.reading import Unread
from reviewer.evidence.registry import line_readings, readings

LINES = 1_000  # changed lines from which a copy gains more than it costs


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
    copy = aside.begin(lambda: _packed(examined, there))
    if copy is None:
        _read(examined, [*here, *there])
        return Ahead(examined)
    with copy:
        _read(examined, here)
        theirs = copy.outcome()
    if not isinstance(theirs, aside.Died):
        while theirs:
            examined.readings.update(pickle.loads(theirs.pop()))  # noqa: S301  from our own process
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


def _read(examined: Examined, paths: Sequence[str]) -> None:
    """Do all readings of some files."""
    reader = _Reader(examined)
    for path in paths:
        reader.read(path)


class _Reader:
    """Does all readings of one file after the other."""

    def __init__(self, examined: Examined) -> None:
        self._examined = examined
        self._files = {file.path: file for file in examined.files}
        self._changes = {change.path: change for change in examined.everything.files}
        self._of_files, self._of_lines = readings(), line_readings()

    def read(self, path: str) -> None:
        file = self._files.get(path)
        if file is not None:
            for reading in self._of_files:
                reading.ahead(self._examined, file)
            for text in (file.base, file.head):
                if text is not None:
                    text.forget()
        for line_reading in self._of_lines:
            line_reading.ahead(self._examined, self._changes[path])


def _packed(examined: Examined, paths: Sequence[str]) -> list[bytes]:
    """What some files say, pickled file by file: a tenth of the room it takes, and none of it is needed here.

    What could not be read is left out: whoever asks for it will see for himself.
    """
    packed = []
    reader = _Reader(examined)
    for path in paths:
        reader.read(path)
        said = {key: one for key, one in examined.readings.items() if not isinstance(one, Unread)}
        packed.append(pickle.dumps(said, pickle.HIGHEST_PROTOCOL))
        examined.readings.clear()
    return packed
