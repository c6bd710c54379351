"""A made-up pull request as a git repository of two commits, and the floor: what git itself takes for the diff."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.synthetic import Pull

_IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.test", "-c", "commit.gpgsign=false")


def git(folder: Path, *command: str) -> bytes:
    """Standard output of one git command; raises if it fails."""
    return subprocess.run(["git", *_IDENTITY, *command], cwd=folder, check=True, capture_output=True).stdout


def committed(pull: Pull, folder: Path) -> Path:
    """Write base and head as two commits (base is tagged `base`); returns `folder`."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for name, files in (("base", pull.base), ("head", pull.head)):
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", name)
        git(folder, "tag", name)
    return folder
