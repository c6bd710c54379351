"""A tree in memory that counts what it is asked, and changes made from texts with git's own rules."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reviewer.nouns.changeset import ChangeSet
from reviewer.stages.diff import parse


@dataclass
class CountingTree:
    """`files` by path. `calls` lists the requests a remote tree would have made."""

    files: Mapping[str, str]
    calls: list[str] = field(default_factory=list)

    def read(self, path: str) -> bytes | None:
        self.calls.append("read")
        return self.files[path].encode() if path in self.files else None

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        self.calls.append("read_many")
        return {path: self.files[path].encode() for path in paths if path in self.files}

    def paths(self) -> Sequence[str]:
        self.calls.append("paths")
        return sorted(self.files)


def changes(base: Mapping[str, str], head: Mapping[str, str]) -> ChangeSet:
    """The change set between two sets of files, three lines of context, as git would print it."""
    parts: list[str] = []
    for path in sorted({*base, *head}):
        old, new = base.get(path), head.get(path)
        if old == new:
            continue
        parts.append(f"diff --git a/{path} b/{path}\n")
        if old is None:
            parts.append("new file mode 100644\n")
        if new is None:
            parts.append("deleted file mode 100644\n")
        names = (f"a/{path}" if old is not None else "/dev/null"), (f"b/{path}" if new is not None else "/dev/null")
        lines = difflib.unified_diff(
            (old or "").splitlines(keepends=True), (new or "").splitlines(keepends=True), *names
        )
        parts += [line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines]
    return parse("".join(parts).encode())


def everything(change: ChangeSet) -> frozenset[tuple[str, int]]:
    return frozenset((file.path, index) for file in change.files for index in range(len(file.hunks)))
