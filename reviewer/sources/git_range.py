"""A range of a local repository: `A...B` (since the merge base) or `A..B` (as it stands)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from reviewer.errors import SourceError
from reviewer.nouns.review import Target, TargetKind
from reviewer.nouns.source import RawChange
from reviewer.sources.git import DIFF, Git, check_revision
from reviewer.sources.trees import GitTree


class Range(NamedTuple):
    """The two ends of a range, and whether it starts at their merge base (three dots)."""

    left: str
    right: str
    since_merge_base: bool


def split(text: str) -> Range:
    """`A...B` or `A..B`; an end left out is HEAD."""
    for dots in ("...", ".."):
        if dots in text:
            left, _, right = text.partition(dots)
            return Range(check_revision(left or "HEAD"), check_revision(right or "HEAD"), dots == "...")
    raise SourceError(f"{text!r} is not a range.", "Write A...B (what B adds since it left A) or A..B.")


def load(text: str, *, repo: Path) -> RawChange:
    """The change of a range. `base` is the merge base for `A...B`, A itself for `A..B`."""
    ends = split(text)
    git = Git(repo)
    left, right = commit(git, ends.left), commit(git, ends.right)
    base = merge_base(git, left, right, f"{ends.left} and {ends.right}") if ends.since_merge_base else left
    return RawChange(
        target=Target(kind=TargetKind.RANGE, base_sha=base, head_sha=right, description=text),
        diff=git.run("diff", *DIFF, base, right, "--"),
        base=GitTree(git, base),
        head=GitTree(git, right),
    )


def commit(git: Git, name: str) -> str:
    """The commit a name stands for. Raises SourceError if there is none."""
    done = git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if done.returncode == 0:
        return done.stdout.decode().strip()
    git.run("rev-parse", "--git-dir")  # says so if this is no repository at all
    raise SourceError(
        f"There is no commit {name!r} in {git.directory}.",
        "Check the name; in a fresh clone, fetch it first (actions/checkout: fetch-depth: 0).",
    )


def merge_base(git: Git, left: str, right: str, names: str) -> str:
    """The best common ancestor. Raises SourceError if there is none, and says so if the clone is shallow."""
    done = git.attempt("merge-base", left, right)
    if done.returncode == 0:
        return done.stdout.decode().split()[0]
    if git.text("rev-parse", "--is-shallow-repository") == "true":
        raise SourceError(
            f"{names} have no merge base in this shallow clone.",
            "Fetch more history: git fetch --unshallow (actions/checkout: fetch-depth: 0).",
        )
    raise SourceError(f"{names} have no common history.", "Use two dots (A..B) to compare them as they stand.")
