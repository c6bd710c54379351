"""A git repository for tests, driven by the real git, blind to the settings of whoever runs the tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_ALLOW_PROTOCOL": "file",
}


class GitRepo:
    """`root` is the work tree. Paths may be str or bytes, contents too."""

    def __init__(self, root: Path, *, branch: str = "main") -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", branch)

    def git(self, *arguments: str, stdin: bytes = b"", check: bool = True) -> bytes:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=ENVIRONMENT, input=stdin, capture_output=True, check=False
        )
        if check and done.returncode:
            raise AssertionError(done.stderr.decode("utf-8", "replace"))
        return done.stdout

    def path(self, path: str | bytes) -> Path:
        return self.root / os.fsdecode(path)

    def write(self, path: str | bytes, content: str | bytes) -> None:
        full = self.path(path)
        full.parent.mkdir(parents=True, exist_ok=True)
        if full.is_symlink():
            full.unlink()
        full.write_bytes(content if isinstance(content, bytes) else content.encode())

    def link(self, path: str, target: str) -> None:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.unlink(missing_ok=True)
        full.symlink_to(target)

    def remove(self, path: str | bytes) -> None:
        self.path(path).unlink()

    def commit(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").decode().strip()

    def numstat(self, *arguments: str) -> dict[bytes, tuple[int, int] | None]:
        """git's own count of added and removed lines by head path; None for binary."""
        fields = self.git("diff", "--numstat", "-z", *arguments).split(b"\0")
        return _numstat(fields)


def _numstat(fields: list[bytes]) -> dict[bytes, tuple[int, int] | None]:
    counts: dict[bytes, tuple[int, int] | None] = {}
    at = 0
    while at < len(fields) and fields[at]:
        added, removed, name = fields[at].split(b"\t", 2)
        if not name:  # a rename: old and new name follow
            name = fields[at + 2]
            at += 2
        counts[name] = None if added == b"-" else (int(added), int(removed))
        at += 1
    return counts
