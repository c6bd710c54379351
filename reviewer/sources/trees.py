"""Read-only trees: the files of a commit read as git objects, the files of a folder without following any link."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from reviewer.errors import SourceError
from reviewer.sources.git import Git, end
from reviewer.stages.diff_names import show

LARGEST = 8 * 1024 * 1024  # bytes of one file; larger ones are not code anyone wrote
_AT_ONCE = 500  # ids written before answers are read; they must fit into the pipe (64 KiB)
_MOST_FILES = 500_000  # of a folder that are listed
_SEARCH = 5.0  # seconds one search may take: what it finds helps, and nothing waits for it
_MOST_FOUND = 4 * 1024 * 1024  # bytes of paths
# How languages begin a definition: with a word for it, or (methods) with who may use it.
_WORDS = "func|def|class|interface|type|struct|enum|trait|fn|fun|function|module|object|record|const|val"
_RIGHTS = "public|private|protected|internal|static|final|abstract|async|override|synchronized|export"
_DEFINITIONS = (
    rf"(^|[^[:alnum:]_])({_WORDS})[[:space:]]+(\([^)]*\)[[:space:]]*)?(self\.)?NAME([^[:alnum:]_]|$)",
    rf"^[[:space:]]*(({_RIGHTS})[[:space:]]+)+[^=;]*NAME[[:space:]]*\(",
)
_FORBIDDEN = frozenset({"", ".", "..", ".git"})


class GitTree:
    """The files of one revision. Objects only: no work tree, no filters, no links followed. Safe across threads.

    `keep` is held as long as the tree is (a temporary folder its objects live in).
    """

    def __init__(self, git: Git, revision: str, keep: object = None) -> None:
        self.git = git
        self.revision = revision
        self.keep = keep
        self._lock = threading.Lock()
        self._entries: dict[str, bytes] | None = None  # path to object id, of regular files
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, path: str) -> bytes | None:
        """The content of a regular file, or None if it is absent, a link, a submodule or too large."""
        return self.read_many([path]).get(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Several files; missing, too large or irregular ones are left out."""
        with self._lock:
            entries = self._list()
            wanted = {path: entries[path] for path in paths if path in entries}
            found = self._objects(list(dict.fromkeys(wanted.values())))
        return {path: found[oid] for path, oid in wanted.items() if oid in found}

    def paths(self) -> Sequence[str]:
        """All paths of regular files, sorted."""
        with self._lock:
            return sorted(self._list())

    def holding(self, words: Iterable[str]) -> Sequence[str]:
        """Paths of text files that hold one of these whole words, sorted; empty where git cannot tell in time."""
        return self._search("-F", "-w", patterns=[word for word in words if word and "\n" not in word])

    def defining(self, names: Iterable[str]) -> Sequence[str]:
        """Paths of files with a line that looks like a definition of one of these names; as `holding` otherwise."""
        known = [name for name in names if name.isidentifier() and name.isascii()]
        return self._search(
            "-E", patterns=[form.replace("NAME", f"({'|'.join(known)})") for form in _DEFINITIONS if known]
        )

    def _search(self, *flags: str, patterns: Sequence[str]) -> Sequence[str]:
        if not patterns:
            return ()
        fixed = ("-l", "-z", "-I", "--no-textconv", "--no-recurse-submodules", "--full-name")
        wanted = [part for pattern in patterns for part in ("-e", pattern)]
        try:
            done = self.git.attempt(
                "grep", *fixed, *flags, *wanted, self.revision, "--", seconds=_SEARCH, limit=_MOST_FOUND
            )
        except SourceError:
            return ()
        if done.returncode:  # 1: nothing found
            return ()
        prefix = f"{self.revision}:".encode()
        with self._lock:
            known = self._list()
        found = (show(name.removeprefix(prefix)) for name in done.stdout.split(b"\0")[:-1])
        return tuple(sorted(path for path in found if path in known))

    def _list(self) -> dict[str, bytes]:
        if self._entries is None:
            output = self.git.run("ls-tree", "-r", "-z", "--full-tree", self.revision)
            self._entries = {}
            for entry in output.split(b"\0")[:-1]:
                head, _, name = entry.partition(b"\t")
                if head.startswith(b"100"):
                    self._entries[show(name)] = head.rpartition(b" ")[2]
        return self._entries

    def _objects(self, oids: Sequence[bytes]) -> dict[bytes, bytes]:
        """Objects by id, through a `cat-file --batch` that stays open between reads; too large ones are left out.

        Many are asked for at once: waiting for each in turn costs a switch of threads for each while an SDK loads.
        """
        found: dict[bytes, bytes] = {}
        left = list(oids)
        while left:
            process = self._batch()
            asked, left = left[:_AT_ONCE], left[_AT_ONCE:]
            assert process.stdin is not None
            process.stdin.write(b"".join(oid + b"\n" for oid in asked))
            process.stdin.flush()
            for number, oid in enumerate(asked, 1):
                size = self._size(process)
                if size > LARGEST:
                    _end(process)  # cheaper than reading what nobody wants
                    self._process = None
                    left = asked[number:] + left
                    break
                if size >= 0:
                    assert process.stdout is not None
                    found[oid] = process.stdout.read(size)
                    process.stdout.read(1)
        return found

    @staticmethod
    def _size(process: subprocess.Popen[bytes]) -> int:
        """The bytes of the next object; -1 if it is missing (a partial clone, and nothing is fetched)."""
        assert process.stdout is not None
        header = process.stdout.readline().split()
        return int(header[2]) if len(header) == 3 else -1

    def _batch(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = self.git.start("cat-file", "--batch")
            weakref.finalize(self, _end, self._process)
        return self._process


def _end(process: subprocess.Popen[bytes]) -> None:
    end(process)
    process.communicate()


class WorkTree:
    """The files of a folder, as they are now. Reads regular files below it, whatever the links in it point to."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes | None:
        """The content of a regular file; None for links (any part of the path), devices, huge files and `.git`."""
        parts = path.split("/")
        if any(part.lower() in _FORBIDDEN or "\0" in part for part in parts):
            return None
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in parts[:-1]:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = inner
            # Not blocking, so that a named pipe cannot hold us up.
            file = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError:
            return None  # absent, a link, or not ours to read: the same to whoever asks
        finally:
            os.close(folder)
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            os.close(file)
            return None
        with open(file, "rb") as opened:  # noqa: PTH123 - a descriptor, not a path
            content = opened.read(LARGEST + 1)
        return content if len(content) <= LARGEST else None

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Several files; those `read` has no content for are left out."""
        found = {path: self.read(path) for path in paths}
        return {path: content for path, content in found.items() if content is not None}

    def paths(self) -> Sequence[str]:
        """All paths of regular files, sorted; folders behind links and `.git` are not entered."""
        found: list[str] = []
        folders = [""]
        while folders and len(found) < _MOST_FILES:
            prefix = folders.pop()
            with os.scandir(self.root / prefix) as entries:
                for entry in entries:
                    if entry.name.lower() == ".git":
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(f"{prefix}{entry.name}/")
                    elif entry.is_file(follow_symlinks=False):
                        found.append(show(os.fsencode(prefix + entry.name)))
        return sorted(found)
