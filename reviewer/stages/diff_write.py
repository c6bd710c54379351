"""Change sets back to the text of a diff."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Hunk
from reviewer.stages.diff_names import quote

_NO_NEWLINE = "\\ No newline at end of file"
_ZEROS = "0" * 7  # object ids are not kept; no tool needs them to apply text


def unparse(changes: ChangeSet) -> str:
    """The change set as a unified diff with git's extended headers, such that `parse` gives it back."""
    lines = [line for file in changes.files for line in _file(file)]
    return "\n".join(lines) + "\n" if lines else ""


def _file(file: FileChange) -> Iterator[str]:
    if file.status is FileStatus.TYPE_CHANGED:  # as git writes it: the old thing goes, the new one comes
        cut = next((i for i, hunk in enumerate(file.hunks) if hunk.old_count == 0), len(file.hunks))
        yield from _one(file, FileStatus.DELETED, file.hunks[:cut])
        yield from _one(file, FileStatus.ADDED, file.hunks[cut:])
    else:
        yield from _one(file, file.status, file.hunks)


def _one(file: FileChange, status: FileStatus, hunks: tuple[Hunk, ...]) -> Iterator[str]:
    old_path, raw_old = (file.path, file.raw_path) if file.old_path is None else (file.old_path, file.raw_old_path)
    old, new = quote("a/", old_path, raw_old), quote("b/", file.path, file.raw_path)
    yield f"diff --git {old} {new}"
    yield from _modes(file, status)
    if status in {FileStatus.RENAMED, FileStatus.COPIED}:
        word = "rename" if status is FileStatus.RENAMED else "copy"
        if file.similarity is not None:
            yield f"similarity index {file.similarity}%"
        yield f"{word} from {quote('', old_path, raw_old)}"
        yield f"{word} to {quote('', file.path, file.raw_path)}"
    if file.old_mode == file.new_mode and file.new_mode is not None:
        yield f"index {_ZEROS}..{_ZEROS} {file.new_mode}"
    old = "/dev/null" if status is FileStatus.ADDED else old
    new = "/dev/null" if status is FileStatus.DELETED else new
    if file.binary and not hunks:
        yield f"Binary files {old} and {new} differ"
    elif hunks:
        yield "--- " + _tabbed(old)
        yield "+++ " + _tabbed(new)
        for hunk in hunks:
            yield from _hunk(hunk)


def _modes(file: FileChange, status: FileStatus) -> Iterator[str]:
    if status is FileStatus.ADDED and file.new_mode is not None:
        yield f"new file mode {file.new_mode}"
    elif status is FileStatus.DELETED and file.old_mode is not None:
        yield f"deleted file mode {file.old_mode}"
    elif file.old_mode != file.new_mode and status not in {FileStatus.ADDED, FileStatus.DELETED}:
        if file.old_mode is not None:
            yield f"old mode {file.old_mode}"
        if file.new_mode is not None:
            yield f"new mode {file.new_mode}"


def _tabbed(name: str) -> str:
    """A name with a space ends in a tab, so that no tool takes its rest for a time stamp."""
    return name + "\t" if " " in name and not name.startswith('"') else name


def _hunk(hunk: Hunk) -> Iterator[str]:
    section = f" {hunk.section}" if hunk.section else ""
    yield f"@@ -{_range(hunk.old_start, hunk.old_count)} +{_range(hunk.new_start, hunk.new_count)} @@{section}"
    for line in hunk.lines:
        yield line.kind + line.text
        if line.no_newline:
            yield _NO_NEWLINE


def _range(start: int, count: int) -> str:
    return str(start) if count == 1 else f"{start},{count}"
