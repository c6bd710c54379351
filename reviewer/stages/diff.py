"""Unified diffs to change sets, and back. Counts decide what belongs to a hunk, never what a line looks like."""

from __future__ import annotations

import hashlib
import re

from reviewer.errors import DiffError
from reviewer.nouns.changeset import ChangeSet, FileChange, Hunk, Line
from reviewer.stages.diff_files import Header, assemble
from reviewer.stages.diff_names import show
from reviewer.stages.diff_write import unparse

__all__ = ["parse", "unparse"]

_HUNK = re.compile(rb"@@ -(\d{1,10})(?:,(\d{1,10}))? \+(\d{1,10})(?:,(\d{1,10}))? @@ ?(.*)\Z", re.DOTALL)
_BINARY_BLOCK = re.compile(rb"(?:literal|delta) \d+\r?\Z")
_NEW_SECTION = re.compile(rb"(?:commit [0-9a-f]{7,}|From [0-9a-f]{7,} |Index: |diff |[=]{20,}\r?\Z)")
_COMBINED = (b"diff --cc ", b"diff --combined ", b"@@@ ")
_KIND = {0x2B: "+", 0x2D: "-", 0x20: " "}

_HINT = "Give the output of `git diff` (or `diff -u`) as it is, without colour and uncut."


def parse(diff: bytes) -> ChangeSet:
    """The change set of a unified diff; an empty one for no input.

    Text before the first file (a mail, `git show`, `--stat`) is passed over. Raises DiffError, with the line
    number, for whatever cannot be accounted for line by line: no diff at all, hunks shorter or longer than their
    header says, combined diffs of merges, coloured or UTF-16 text, a file that appears twice.
    """
    _check_encoding(diff)
    digest = hashlib.sha256(diff).hexdigest()
    reader = _Reader(diff.removeprefix(b"\xef\xbb\xbf"))
    headers: list[Header] = []
    while reader.seek_file():
        headers.append(reader.file())
    if not headers and diff.strip():
        raise DiffError("line 1: this is not a unified diff: no file header in it.", _HINT)
    return ChangeSet(_unique(assemble(headers)), sha256=digest)


def _check_encoding(diff: bytes) -> None:
    if diff[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise DiffError(
            "line 1: the diff is UTF-16 text.",
            "PowerShell's `>` does that; use `git diff --output=FILE` instead.",
        )


def _unique(files: list[FileChange]) -> tuple[FileChange, ...]:
    seen: set[str] = set()
    for file in files:
        if file.path in seen:
            raise DiffError(
                f"{file.path!r} appears twice in the diff.",
                "A series of patches cannot be reviewed as one change; give one diff of the whole range.",
            )
        seen.add(file.path)
    return tuple(files)


class _Reader:
    """A cursor over the lines of a diff. `at` is the index of the next line; messages count from 1."""

    def __init__(self, diff: bytes) -> None:
        self.lines = diff.split(b"\n")
        if self.lines[-1] == b"":
            self.lines.pop()
        self.at = 0
        self.between = False  # right behind a file, where stray lines mean a hunk longer than its header says

    def fail(self, message: str, hint: str = _HINT, at: int | None = None) -> DiffError:
        return DiffError(f"line {(self.at if at is None else at) + 1}: {message}", hint)

    def peek(self) -> bytes:
        return self.lines[self.at] if self.at < len(self.lines) else b""

    def starts(self, *marks: bytes) -> bool:
        return self.peek().startswith(marks)

    def seek_file(self) -> bool:
        """Go to the next file header; False at the end of the input."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.startswith(b"diff --git ") or self._plain_header() or self._plain_binary(line):
                return True
            self._check_stray(line)
            self.at += 1
        return False

    def _plain_header(self) -> bool:
        below = self.lines[self.at : self.at + 3]
        return (
            len(below) >= 2
            and below[0].startswith(b"--- ")
            and below[1].startswith(b"+++ ")
            and (len(below) < 3 or below[2].startswith(b"@@ "))
        )

    def _plain_binary(self, line: bytes) -> bool:
        return line.startswith((b"Binary files ", b"Files ")) and line.rstrip(b"\r").endswith(b" differ")

    def _check_stray(self, line: bytes) -> None:
        if line.startswith(_COMBINED):
            raise self.fail(
                "a combined diff of a merge shows no single base.",
                "Give the diff against one parent: `git diff A...B`, or `git show --first-parent`.",
            )
        if line.startswith(b"\x1b["):
            raise self.fail("the diff is coloured.", "Write it with `git diff --no-color`.")
        if line.startswith(b"@@ "):
            raise self.fail("a hunk without a file header above it.")
        if line.startswith(b"Only in "):
            raise self.fail("a file that exists on one side only is not shown.", "Use `diff -ruN`.")
        if line.startswith(b"Submodule "):
            raise self.fail("a submodule shown as a log.", "Use `git diff --submodule=short`.")
        if not self.between:
            return
        if _NEW_SECTION.match(line) or line.rstrip() == b"--":
            self.between = False
        elif line[:1] in {b" ", b"+", b"-", b"\\"}:
            raise self.fail("the hunk above goes on longer than its header says.")

    def file(self) -> Header:
        """One file: its headers, then its hunks or what stands for them."""
        header = Header(line=self.at + 1)
        if self.starts(b"diff --git "):
            header.git(self.peek())
            self.at += 1
            while self.at < len(self.lines) and header.extended(self.peek()):
                self.at += 1
        elif not self.starts(b"--- "):
            header.binary_files(self.peek())
            self.at += 1
        if self.starts(b"GIT binary patch"):
            self._binary_patch()
            header.binary = True
        elif self._plain_binary(self.peek()):
            header.binary_files(self.peek())
            self.at += 1
        elif self.starts(b"--- "):
            self._hunks(header)
        header.check(at_end=self.at >= len(self.lines))
        self.between = True
        return header

    def _binary_patch(self) -> None:
        self.at += 1
        blocks = 0
        while self.at < len(self.lines) and _BINARY_BLOCK.match(self.peek()):
            while self.at < len(self.lines) and self.peek().rstrip(b"\r"):
                self.at += 1
            self.at += 1  # the blank line that ends a block
            blocks += 1
        if not blocks:
            raise self.fail("a binary patch without its data.")

    def _hunks(self, header: Header) -> None:
        if not (self.at + 1 < len(self.lines) and self.lines[self.at + 1].startswith(b"+++ ")):
            raise self.fail("`---` without `+++` below it.")
        header.markers(self.lines[self.at], self.lines[self.at + 1])
        self.at += 2
        hunks: list[Hunk] = []
        while self.starts(b"@@ "):
            start = self.at
            hunk = self._hunk()
            if hunks and not _follows(hunks[-1], hunk):
                raise self.fail("the hunk overlaps the one above it.", at=start)
            hunks.append(hunk)
        if not hunks:
            raise self.fail("the diff ends before the first hunk of this file (truncated?).")
        header.hunks = tuple(hunks)

    def _hunk(self) -> Hunk:
        match = _HUNK.match(self.peek().rstrip(b"\r"))
        if match is None:
            raise self.fail("a hunk header that cannot be read.")
        start = self.at
        self.at += 1
        old_start, old_count = int(match[1]), 1 if match[2] is None else int(match[2])
        new_start, new_count = int(match[3]), 1 if match[4] is None else int(match[4])
        if (old_count and not old_start) or (new_count and not new_start):
            raise self.fail("a hunk that begins at line 0; lines count from 1.", at=start)
        lines: list[Line] = []
        self._lines(lines, (old_start, old_count), (new_start, new_count), start)
        return Hunk(old_start, old_count, new_start, new_count, show(match[5]), tuple(lines))

    def _lines(self, out: list[Line], old_range: tuple[int, int], new_range: tuple[int, int], start: int) -> None:
        """Read exactly as many lines as the header promises. The hot loop: 100,000 lines in a tenth of a second."""
        old, new = old_range[0], new_range[0]
        old_end, new_end = old + old_range[1], new + new_range[1]
        lines, at, end = self.lines, self.at, len(self.lines)
        while old < old_end or new < new_end:
            raw = lines[at] if at < end else None
            mark = 0x20 if raw in {b"", b"\r"} else (raw[0] if raw else 0)  # some tools strip the space of empty lines
            if mark == 0x20 and old < old_end and new < new_end:
                out.append(Line(" ", show((raw or b"")[1:] if raw != b"\r" else b"\r"), old, new))
                old += 1
                new += 1
            elif mark == 0x2B and new < new_end and raw is not None:
                out.append(Line("+", show(raw[1:]), None, new))
                new += 1
            elif mark == 0x2D and old < old_end and raw is not None:
                out.append(Line("-", show(raw[1:]), old, None))
                old += 1
            elif mark == 0x5C and out:  # "\ No newline at end of file", in whatever language
                out[-1] = out[-1]._replace(no_newline=True)
            else:
                raise self._broken(raw, at, start, (old_end - old, new_end - new))
            at += 1
        if at < end and lines[at].startswith(b"\\") and out:
            out[-1] = out[-1]._replace(no_newline=True)
            at += 1
        self.at = at

    def _broken(self, raw: bytes | None, at: int, start: int, missing: tuple[int, int]) -> DiffError:
        lack = f"{missing[0]} old and {missing[1]} new lines of the hunk at line {start + 1} are missing"
        if raw is None:
            return self.fail(f"the diff is truncated: {lack}.", at=at)
        if raw.startswith(b"\x1b["):
            return self.fail("the diff is coloured.", "Write it with `git diff --no-color`.", at=at)
        return self.fail(f"not what the hunk header promises: {lack}.", at=at)


def _follows(before: Hunk, after: Hunk) -> bool:
    """Whether `after` lies wholly behind `before` on both sides, as in every real diff of one file."""
    return (
        _first(after.old_start, after.old_count) >= (_first(before.old_start, before.old_count) + before.old_count)
        and _first(after.new_start, after.new_count) >= _first(before.new_start, before.new_count) + before.new_count
    )


def _first(start: int, count: int) -> int:
    """The first line number a range can hold: an empty one (`-3,0`) names the line above it."""
    return start if count else start + 1
