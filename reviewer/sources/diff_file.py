"""A diff that somebody made: a file, or standard input."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO, NamedTuple

from reviewer.errors import SourceError
from reviewer.nouns.review import Target, TargetKind
from reviewer.nouns.source import EmptyTree, RawChange, Tree
from reviewer.sources.repository import Repository, find_commit, open_repository
from reviewer.sources.snapshot import Scratch, work_tree
from reviewer.sources.trees import GitTree

LARGEST = 512 * 1024 * 1024  # bytes
_NO_BINARY = re.compile(r"cannot apply binary patch to '(.*)' without full index line")
_MOST_BINARIES = 50


class _Fit(NamedTuple):
    """The two trees a diff lies between, and what the reader must know about them."""

    base: Tree
    head: Tree
    base_sha: str = ""
    notices: tuple[str, ...] = ()


def load(file: str, *, stdin: BinaryIO, repo: Path | None = None) -> RawChange:
    """The diff in `file`, or on `stdin` for `-`. Raises SourceError.

    With `repo`, the files around the hunks are read from there, if the diff fits: onto HEAD (it is still to be
    applied, or uncommitted), into HEAD (it is applied) or into the work tree.
    """
    diff = _read_stdin(stdin) if file == "-" else _read_file(Path(file))
    fit = _Fit(EmptyTree(), EmptyTree()) if repo is None else _fit(diff, open_repository(repo))
    name = "standard input" if file == "-" else Path(file).name
    target = Target(kind=TargetKind.DIFF, base_sha=fit.base_sha, description=name)
    return RawChange(target, diff, fit.base, fit.head, notices=fit.notices)


def _fit(diff: bytes, repository: Repository) -> _Fit:
    commit = find_commit(repository.git, "HEAD")
    if commit is not None:
        here = GitTree(repository.git, commit)
        after = _applied(diff, repository, here)
        if after is not None:
            return _Fit(here, after, commit)
        before = _applied(diff, repository, here, "--reverse")
        if before is not None:
            return _Fit(before, here)
    if repository.top is not None:
        current, _ = work_tree(repository)
        before = _applied(diff, repository, current, "--reverse")
        if before is not None:
            return _Fit(before, current)
    notice = "The diff does not fit the repository: it was reviewed without the files around it."
    return _Fit(EmptyTree(), EmptyTree(), notices=(notice,))


def _applied(diff: bytes, repository: Repository, tree: GitTree, *options: str) -> GitTree | None:
    """The tree with the diff applied, in objects only, or None where it does not apply."""
    scratch = Scratch(repository, below=tree)
    git = scratch.indexed()
    git.run("read-tree", tree.revision)
    excluded: list[str] = []
    for _ in range(_MOST_BINARIES):
        done = git.attempt("apply", "--cached", "--whitespace=nowarn", *options, *excluded, "-", stdin=diff)
        if done.returncode == 0:
            return scratch.tree()
        binary = _NO_BINARY.search(done.stderr.decode("utf-8", "replace"))
        if binary is None:
            return None
        excluded.append(f"--exclude={_literal(binary[1])}")
    return None


def _literal(path: str) -> str:
    """A path as a pattern that matches only itself."""
    return re.sub(r"([*?\[\\])", r"\\\1", path)


def _read_stdin(stdin: BinaryIO) -> bytes:
    if stdin.isatty():
        raise SourceError(
            "There is no diff on standard input.", "Pipe one in: git diff main | design-reviewer --diff -"
        )
    diff = stdin.read(LARGEST + 1)
    if not diff.strip():
        raise SourceError(
            "Standard input was empty.", "The command that makes the diff may have failed, or there is no change."
        )
    return _bounded(diff, "standard input")


def _read_file(path: Path) -> bytes:
    try:
        if path.is_dir() or not path.exists():
            raise SourceError(f"There is no file {path}.", "Make one: git diff main > change.diff")
        with path.open("rb") as file:
            return _bounded(file.read(LARGEST + 1), str(path))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _bounded(diff: bytes, name: str) -> bytes:
    if len(diff) > LARGEST:
        raise SourceError(f"The diff in {name} is larger than {LARGEST >> 20} MB.", "Review it in parts.")
    return diff
