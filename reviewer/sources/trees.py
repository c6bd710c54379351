"""Read-only trees: the files of a commit, read as git objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reviewer.sources.git import Git
from reviewer.stages.diff_names import show

LARGEST = 8 * 1024 * 1024  # bytes of one file; larger ones are not code anyone wrote


class GitTree:
    """The files of one revision. Objects only: no work tree, no filters, no links followed."""

    def __init__(self, git: Git, revision: str) -> None:
        self.git = git
        self.revision = revision
        self._entries: dict[str, str] | None = None  # path to object id of regular files

    def read(self, path: str) -> bytes | None:
        """The content of a regular file, or None."""
        return self.read_many([path]).get(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Several files with one git process; missing, too large or irregular ones are left out."""
        entries = self._list()
        wanted = [path for path in dict.fromkeys(paths) if path in entries]
        if not wanted:
            return {}
        output = self.git.run("cat-file", "--batch", stdin="".join(entries[path] + "\n" for path in wanted).encode())
        found: dict[str, bytes] = {}
        at = 0
        for path in wanted:
            end = output.index(b"\n", at)
            header = output[at:end].split()
            at = end + 1
            if len(header) != 3:
                continue  # "missing"
            size = int(header[2])
            if size <= LARGEST:
                found[path] = output[at : at + size]
            at += size + 1
        return found

    def paths(self) -> Sequence[str]:
        """All paths of regular files, sorted."""
        return sorted(self._list())

    def _list(self) -> dict[str, str]:
        if self._entries is None:
            output = self.git.run("ls-tree", "-r", "-z", "--full-tree", self.revision)
            entries: dict[str, str] = {}
            for entry in output.split(b"\0")[:-1]:
                head, _, name = entry.partition(b"\t")
                mode, _, oid = head.split(b" ")
                if mode.startswith(b"100"):
                    entries[show(name)] = oid.decode()
            self._entries = entries
        return self._entries
