"""A real git repository behind the fake: commits from plain values, diffs by git itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

Content = bytes | str | None  # None deletes; a str is UTF-8; see `modes` for links and executables


class Repository:
    """Bare. Commits are made with fast-import and never need a work tree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[tuple[str, ...], bytes] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "--bare", "-b", "main", ".")

    def git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """One git command; what only reads named commits is answered once and kept."""
        if arguments[0] not in {"diff", "merge-base", "ls-tree", "cat-file"}:
            return self._run(arguments, stdin)
        if arguments not in self._kept:
            self._kept[arguments] = self._run(arguments, stdin)
        return self._kept[arguments]

    def _run(self, arguments: tuple[str, ...], stdin: bytes) -> bytes:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
            "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
        }
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, input=stdin, capture_output=True, env=environment, check=False
        )
        if done.returncode:
            raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.decode()}")
        return done.stdout

    def commit(
        self,
        files: Mapping[str, Content],
        parent: str = "",
        message: str = "change",
        modes: Mapping[str, str] | None = None,
    ) -> str:
        """A commit that lays `files` over `parent`. Returns its sha."""
        stream = [b"commit refs/heads/scratch\n", b"committer A <a@example.com> 1767225600 +0000\n"]
        stream.append(b"data %d\n%s\n" % (len(message.encode()), message.encode()))
        stream.append(f"from {parent}\n".encode() if parent else b"deleteall\n")
        for path, content in files.items():
            quoted = (
                b'"'
                + path.encode("utf-8", "surrogateescape")
                .replace(b"\\", b"\\\\")
                .replace(b'"', b'\\"')
                .replace(b"\n", b"\\n")
                + b'"'
            )
            if content is None:
                stream.append(b"D " + quoted + b"\n")
                continue
            raw = content.encode() if isinstance(content, str) else content
            mode = (modes or {}).get(path, "100644")
            stream.append(b"M %s inline %s\ndata %d\n%s\n" % (mode.encode(), quoted, len(raw), raw))
        try:
            self.git("update-ref", "-d", "refs/heads/scratch")
        finally:
            self.git("fast-import", "--quiet", "--force", stdin=b"".join(stream))
        return self.git("rev-parse", "refs/heads/scratch").decode().strip()

    def merge_base(self, base: str, head: str) -> str:
        return self.git("merge-base", base, head).decode().strip()

    def diff(self, base: str, head: str, *, paths: tuple[str, ...] = ()) -> bytes:
        """What GitHub serves as the diff of base...head: three dots, renames found."""
        return self.git(
            "diff", "--no-color", "--no-ext-diff", "-M", f"{self.merge_base(base, head)}", head, "--", *paths
        )

    def read(self, commit: str, path: str) -> bytes | None:
        try:
            return self.git("cat-file", "blob", f"{commit}:{path}")
        except RuntimeError:
            return None

    def tree(self, commit: str) -> list[tuple[str, str, str, int, str]]:
        """(mode, type, sha, size, path) of everything below the commit, recursively."""
        entries = []
        for line in self.git("ls-tree", "-r", "-l", "-z", commit).split(b"\0"):
            if line:
                meta, path = line.split(b"\t", 1)
                mode, kind, sha, size = meta.decode().split()
                entries.append(
                    (mode, kind, sha, 0 if size == "-" else int(size), path.decode("utf-8", "surrogateescape"))
                )
        return entries
