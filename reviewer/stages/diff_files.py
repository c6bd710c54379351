"""The header of one file in a diff, collected line by line, and the file change it adds up to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reviewer.errors import DiffError
from reviewer.nouns.changeset import FileChange, FileStatus, Hunk
from reviewer.stages.diff_names import DEV_NULL, Names, header_names, marker_names, show, unquote

_INDEX = re.compile(rb"index [0-9a-f]+\.\.[0-9a-f]+(?: (\d{6}))?\r?\Z")
_PERCENT = re.compile(rb"(?:dis)?similarity index (\d{1,3})%\r?\Z")
_EPOCH = re.compile(rb"\t(?:1970-01-01|1969-12-31|Thu Jan +1|Wed Dec +31)")  # GNU diff's time of a file that is absent
_BINARY = re.compile(rb"(?:Binary files|Files) (.*) and (.*) differ\r?\Z", re.DOTALL)


@dataclass(slots=True)
class Header:
    """What the lines above a file's hunks say, while they are being read."""

    line: int
    is_git: bool = False
    names: Names | None = None  # from the `diff --git` line, the `---`/`+++` pair or "Binary files"
    renamed: Names | None = None  # from "rename from/to" or "copy from/to": these win
    status: FileStatus | None = None
    old_mode: str | None = None
    new_mode: str | None = None
    similarity: int | None = None
    binary: bool = False
    hunks: tuple[Hunk, ...] = ()
    _from: bytes | None = field(default=None)
    _has_index: bool = field(default=False)

    def git(self, line: bytes) -> None:
        self.is_git = True
        self.names = header_names(line[len(b"diff --git ") :].rstrip(b"\r"))

    def extended(self, line: bytes) -> bool:
        """Take one extended header line; False if it is not one."""
        line = line.rstrip(b"\r")
        word, _, rest = line.partition(b" ")
        if word in {b"rename", b"copy"}:
            return self._moved(word, rest)
        if line.startswith((b"old mode ", b"new mode ", b"new file mode ", b"deleted file mode ")):
            self._mode(line)
            return True
        percent = _PERCENT.match(line)
        if percent:
            self.similarity = int(percent[1]) if line.startswith(b"sim") else None
            return True
        index = _INDEX.match(line)
        if index is None:
            return False
        self._has_index = True
        if index[1]:
            self.old_mode = self.new_mode = index[1].decode()
        return True

    def _moved(self, word: bytes, rest: bytes) -> bool:
        if rest.startswith(b"from "):
            self._from = unquote(rest[5:])
        elif rest.startswith(b"to ") and self._from is not None:
            self.renamed = Names(self._from, unquote(rest[3:]))
            self.status = FileStatus.RENAMED if word == b"rename" else FileStatus.COPIED
        else:
            return False
        return True

    def _mode(self, line: bytes) -> None:
        mode = line.rsplit(b" ", 1)[1].decode("ascii", "replace")
        if line.startswith(b"old mode "):
            self.old_mode = mode
        elif line.startswith(b"new mode "):
            self.new_mode = mode
        elif line.startswith(b"new file"):
            self.status, self.new_mode = FileStatus.ADDED, mode
        else:
            self.status, self.old_mode = FileStatus.DELETED, mode

    def binary_files(self, line: bytes) -> None:
        """`Binary files a/x and b/x differ`."""
        self.binary = True
        match = _BINARY.match(line)
        if match is not None and self.names is None:
            self.markers(b"--- " + match[1], b"+++ " + match[2])

    def markers(self, old_line: bytes, new_line: bytes) -> None:
        """The `---`/`+++` pair."""
        pair = marker_names(old_line, new_line)
        if pair.old is None and pair.new is None:
            raise DiffError(
                f"line {self.line}: both sides of the file are {DEV_NULL.decode()}.",
                "Give the diff as `git diff` writes it.",
            )
        if self.names is None:
            self.names = pair
        if self.status is None:
            if pair.old is None or (not self.is_git and _EPOCH.search(old_line)):
                self.status = FileStatus.ADDED
            elif pair.new is None or (not self.is_git and _EPOCH.search(new_line)):
                self.status = FileStatus.DELETED

    def check(self, *, at_end: bool) -> None:
        """Raise DiffError if this cannot be the whole of a file."""
        names = self.renamed or self.names
        if names is None or not (names.new or names.old):
            raise DiffError(
                f"line {self.line}: the file's name cannot be told from its header.",
                "Use git's default prefixes: `git diff --src-prefix=a/ --dst-prefix=b/`.",
            )
        changed_mode = self.old_mode != self.new_mode
        if not (self.hunks or self.binary or self.renamed or self.status or changed_mode):
            where = "the diff ends" if at_end else "the next file begins"
            raise DiffError(
                f"line {self.line}: {where} before anything of this file is shown (truncated?).",
                "Give the diff whole, as `git diff` writes it.",
            )

    def file(self) -> FileChange:
        """The file change of a checked header."""
        names = self.renamed or self.names or Names(None, None)
        status = self.status
        old, new = names.old or names.new or b"", names.new or names.old or b""
        if status is None:
            status = FileStatus.MODIFIED if old == new else FileStatus.RENAMED
        path = old if status is FileStatus.DELETED else new
        old_path = None if status is FileStatus.ADDED else old
        return FileChange(
            path=show(path),
            status=status,
            hunks=self.hunks,
            old_path=None if old_path is None else show(old_path),
            old_mode=None if status is FileStatus.ADDED else self.old_mode,
            new_mode=None if status is FileStatus.DELETED else self.new_mode,
            binary=self.binary,
            raw_path=_lossy(path),
            raw_old_path=None if old_path is None else _lossy(old_path),
            similarity=self.similarity,
        )


def _lossy(name: bytes) -> bytes | None:
    """The name's bytes if its text does not tell them."""
    return None if show(name).encode() == name else name


def assemble(headers: list[Header]) -> list[FileChange]:
    """File changes in order; the deletion and addition git writes for a change of type become one."""
    files: list[FileChange] = []
    for header in headers:
        file = header.file()
        before = files[-1] if files else None
        if (
            before is not None
            and before.path == file.path
            and (before.status, file.status) == (FileStatus.DELETED, FileStatus.ADDED)
        ):
            files[-1] = FileChange(
                path=file.path,
                status=FileStatus.TYPE_CHANGED,
                hunks=(*before.hunks, *file.hunks),
                old_path=before.old_path,
                old_mode=before.old_mode,
                new_mode=file.new_mode,
                binary=before.binary or file.binary,
                raw_path=file.raw_path,
                raw_old_path=before.raw_old_path,
            )
        else:
            files.append(file)
    return files
