"""A change set: the files, hunks and lines of one unified diff, numbered on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Side(StrEnum):
    """Which version of a file a line number counts in (GitHub's own words)."""

    RIGHT = "RIGHT"  # head: added and context lines
    LEFT = "LEFT"  # base: removed lines


class FileStatus(StrEnum):
    """What happened to a file as a whole."""

    ADDED = "added"
    DELETED = "deleted"
    MODIFIED = "modified"
    RENAMED = "renamed"
    COPIED = "copied"
    TYPE_CHANGED = "type-changed"


class Line(NamedTuple):
    """One line of a hunk. `kind` is the diff's own mark: `+`, `-` or a space.

    `old` is the 1-based number in the base file (None for `+`), `new` in the head file (None for `-`).
    `text` has no mark and no line feed; a carriage return stays, it is part of the line.
    """

    kind: str
    text: str
    old: int | None
    new: int | None
    no_newline: bool = False

    @property
    def changed(self) -> bool:
        return self.kind != " "

    @property
    def side(self) -> Side:
        """The side a comment on this line belongs to."""
        return Side.LEFT if self.kind == "-" else Side.RIGHT

    @property
    def number(self) -> int:
        """The line number on `side`."""
        return (self.old if self.kind == "-" else self.new) or 0


@dataclass(frozen=True, slots=True)
class Hunk:
    """`@@ -old_start,old_count +new_start,new_count @@ section` and its lines."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    lines: tuple[Line, ...]

    @property
    def changed_lines(self) -> int:
        return sum(1 for line in self.lines if line.kind != " ")


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of the change set. `path` is the head path (the base path if the file is deleted).

    Paths are posix, relative to the repository, decoded as UTF-8 with undecodable bytes shown as `\\xNN`;
    `raw_path` holds the bytes only where that loses something. `old_path` is the base path (None if added).
    """

    path: str
    status: FileStatus
    hunks: tuple[Hunk, ...] = ()
    old_path: str | None = None
    old_mode: str | None = None
    new_mode: str | None = None
    binary: bool = False
    raw_path: bytes | None = None
    raw_old_path: bytes | None = None
    similarity: int | None = None

    @property
    def changed_lines(self) -> int:
        """Added plus removed lines (what `git diff --numstat` counts)."""
        return sum(hunk.changed_lines for hunk in self.hunks)

    @property
    def added(self) -> int:
        return sum(1 for line in self.lines() if line.kind == "+")

    @property
    def removed(self) -> int:
        return sum(1 for line in self.lines() if line.kind == "-")

    @property
    def is_submodule(self) -> bool:
        return "160000" in (self.old_mode, self.new_mode)

    @property
    def is_symlink(self) -> bool:
        return "120000" in (self.old_mode, self.new_mode)

    def lines(self) -> Iterator[Line]:
        for hunk in self.hunks:
            yield from hunk.lines


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """All files of one diff, in the diff's order. Paths are unique."""

    files: tuple[FileChange, ...] = ()
    sha256: str = field(default="", compare=False)  # of the raw diff bytes

    @property
    def changed_lines(self) -> int:
        return sum(file.changed_lines for file in self.files)

    def file(self, path: str) -> FileChange | None:
        """The file with this head path, or None."""
        return next((file for file in self.files if file.path == path), None)
