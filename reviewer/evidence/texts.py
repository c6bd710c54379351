"""Base and head text of the changed files, with one read of the head tree, or from the hunks alone.

What the head tree holds is believed only if it agrees with the diff line by line; base is then head with the
hunks undone, so that a remote base is never asked. Without a tree the hunks are laid out at their own line
numbers with nothing in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reviewer.evidence.examined import ExaminedFile, Text
from reviewer.evidence.languages import language_of
from reviewer.evidence.parsing import Forest
from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Hunk, Side

MAX_CHARACTERS = 1_000_000
MAX_LINE = 5_000


def examined_files(
    changes: ChangeSet, head: Mapping[str, bytes], base: Mapping[str, bytes]
) -> tuple[ExaminedFile, ...]:
    """Every text file of the change set with the versions that can be had.

    `base` is only consulted where `head` lacks a file or disagrees with the diff.
    """
    forest = Forest()
    return tuple(
        _examine(file, head.get(file.path), base.get(file.old_path or file.path), forest)
        for file in changes.files
        if not (file.binary or file.is_submodule or file.is_symlink)
    )


def _examine(file: FileChange, head: bytes | None, base: bytes | None, forest: Forest) -> ExaminedFile:
    new, old = (text and replace(text, forest=forest) for text in _versions(file, head, base))
    skipped = next((reason for text in (new, old) if text and (reason := too_large(text.text))), "")
    return ExaminedFile(file, language="" if skipped else language_of(file.path), base=old, head=new, skipped=skipped)


def too_large(text: str) -> str:
    """Why rules do not read a text of this size, "" if they do."""
    if len(text) > MAX_CHARACTERS:
        return f"larger than {MAX_CHARACTERS // 1_000_000} MB"
    if len(text) > MAX_LINE and any(len(line) > MAX_LINE for line in text.split("\n")):
        return f"a line is longer than {MAX_LINE} characters"
    return ""


def _versions(file: FileChange, head: bytes | None, base: bytes | None) -> tuple[Text | None, Text | None]:
    """Head and base text; None where the file does not exist."""
    language = language_of(file.path)
    old_language = language_of(file.old_path or file.path)
    if file.status is FileStatus.ADDED:
        return _whole(file, Side.RIGHT, language), None
    if file.status is FileStatus.DELETED:
        return None, _whole(file, Side.LEFT, language)
    if head is not None:
        after = decode(head).split("\n")
        before = apply(after, file.hunks, Side.RIGHT)
        if before is not None:
            return Text("\n".join(after), language), Text("\n".join(before), old_language)
    if base is not None:
        before = decode(base).split("\n")
        result = apply(before, file.hunks, Side.LEFT)
        if result is not None:
            return Text("\n".join(result), language), Text("\n".join(before), old_language)
    return fragments(file.hunks, Side.RIGHT, language), fragments(file.hunks, Side.LEFT, old_language)


def decode(data: bytes) -> str:
    """Bytes as text: never fails, keeps line numbers, drops a byte order mark."""
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


def _whole(file: FileChange, side: Side, language: str) -> Text:
    """An added or deleted file: its hunk is all of it."""
    kept = "-" if side is Side.RIGHT else "+"
    return Text("\n".join(line.text for line in file.lines() if line.kind != kept).removeprefix("\ufeff"), language)


def apply(lines: Sequence[str], hunks: Sequence[Hunk], have: Side) -> list[str] | None:
    """The other side of a file, given the lines of side `have`; None if they are not what the hunks say."""
    mine, theirs = ("-", "+") if have is Side.RIGHT else ("+", "-")
    result = list(lines)
    for hunk in reversed(hunks):
        start, count = (hunk.new_start, hunk.new_count) if have is Side.RIGHT else (hunk.old_start, hunk.old_count)
        first = start if count == 0 else start - 1
        expected = [line.text for line in hunk.lines if line.kind != mine]
        if not _same(result[first : first + count], expected):
            return None
        result[first : first + count] = [line.text for line in hunk.lines if line.kind != theirs]
    return result


def _same(found: Sequence[str], expected: Sequence[str]) -> bool:
    """Equal but for what decoding lost: a byte order mark, bytes that are no UTF-8."""
    if len(found) != len(expected):
        return False
    return all(a == b or _plain(a) == _plain(b) for a, b in zip(found, expected, strict=True))


def _plain(line: str) -> str:
    kept = line.removeprefix("\ufeff").encode("ascii", "replace").decode("ascii")
    return kept.replace("\\x", "?")


def fragments(hunks: Sequence[Hunk], side: Side, language: str) -> Text:
    """What the hunks alone show of one side, every line at its own number, unknown lines blank.

    A hunk's section heading (the line of code git repeats after `@@`) stands just above the hunk where that line
    is free, so that the parser sees what encloses it.
    """
    dropped = "-" if side is Side.RIGHT else "+"
    lines: list[str] = []
    known: list[range] = []
    for hunk in hunks:
        start = hunk.new_start if side is Side.RIGHT else hunk.old_start
        shown = [line.text for line in hunk.lines if line.kind != dropped]
        if not shown:
            continue
        gap = start - 1 - len(lines)
        lines += [""] * max(gap, 0)
        if gap > 0 and hunk.section:
            lines[-1] = hunk.section
        lines += shown
        known.append(range(start, start + len(shown)))
    return Text("\n".join(lines), language, complete=False, known=tuple(known))
