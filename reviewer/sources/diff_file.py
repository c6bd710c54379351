"""A diff that somebody made: a file, or standard input."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from reviewer.errors import SourceError
from reviewer.nouns.review import Target, TargetKind
from reviewer.nouns.source import EmptyTree, RawChange, Tree
from reviewer.sources.git import Git
from reviewer.sources.trees import GitTree

LARGEST = 512 * 1024 * 1024  # bytes


def load(file: str, *, stdin: BinaryIO, repo: Path | None = None) -> RawChange:
    """The diff in `file`, or on `stdin` for `-`. With `repo`, code around the hunks is read from there."""
    diff = _read_stdin(stdin) if file == "-" else _read_file(Path(file))
    base: Tree = EmptyTree()
    head: Tree = EmptyTree()
    if repo is not None:
        base = head = GitTree(Git(repo), "HEAD")
    name = "standard input" if file == "-" else Path(file).name
    return RawChange(Target(kind=TargetKind.DIFF, description=name), diff, base, head)


def _read_stdin(stdin: BinaryIO) -> bytes:
    if stdin.isatty():
        raise SourceError("No diff on standard input.", "Pipe one in: git diff main | design-reviewer --diff -")
    diff = stdin.read(LARGEST + 1)
    if not diff.strip():
        raise SourceError(
            "Standard input was empty.", "The command that makes the diff may have failed, or there is no change."
        )
    return _bounded(diff, "standard input")


def _read_file(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise SourceError(f"There is no file {path}.", "Give a diff: git diff main > change.diff")
        with path.open("rb") as file:
            return _bounded(file.read(LARGEST + 1), str(path))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error


def _bounded(diff: bytes, name: str) -> bytes:
    if len(diff) > LARGEST:
        raise SourceError(f"The diff in {name} is larger than {LARGEST >> 20} MB.", "Review it in parts.")
    return diff
