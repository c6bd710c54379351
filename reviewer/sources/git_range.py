"""A range of a local repository: `A...B` (since the merge base) or `A..B` (as it stands)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from reviewer.errors import SourceError
from reviewer.nouns.review import Target, TargetKind
from reviewer.nouns.source import RawChange
from reviewer.sources.git import DIFF
from reviewer.sources.repository import check_revision, commit, merge_base, open_repository, words
from reviewer.sources.trees import GitTree


class Range(NamedTuple):
    """The two ends of a range, and whether it starts at their merge base (three dots)."""

    left: str
    right: str
    since_merge_base: bool


def split(text: str) -> Range:
    """`A...B` or `A..B`; an end left out is HEAD. Raises SourceError for anything else."""
    for dots in ("...", ".."):
        if dots in text:
            left, _, right = text.partition(dots)
            return Range(check_revision(left or "HEAD"), check_revision(right or "HEAD"), dots == "...")
    raise SourceError(f"{text!r} is not a range.", "Write A...B (what B adds since it left A) or A..B.")


def load(text: str, *, repo: Path) -> RawChange:
    """The change of a range. `base` is the merge base for `A...B`, A itself for `A..B`. Raises SourceError."""
    ends = split(text)
    git = open_repository(repo).git
    left, right = commit(git, ends.left), commit(git, ends.right)
    base = merge_base(git, left, right, f"{ends.left} and {ends.right}") if ends.since_merge_base else left
    return RawChange(
        target=Target(kind=TargetKind.RANGE, base_sha=base, head_sha=right, description=text),
        diff=git.run("diff", *DIFF, base, right, "--"),
        base=GitTree(git, base),
        head=GitTree(git, right),
        text=words(git, base, right, branch=ends.right),
    )
