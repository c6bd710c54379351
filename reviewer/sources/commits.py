"""The commits of a range, one by one, each with what it was made on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from reviewer.errors import SourceError
from reviewer.sources.git_range import split
from reviewer.sources.repository import commit, merge_base, open_repository


class Step(NamedTuple):
    """A commit and its first parent."""

    parent: str
    commit: str

    @property
    def range(self) -> str:
        """The change of this commit alone, as a range."""
        return f"{self.parent}..{self.commit}"


def steps(text: str, *, repo: Path, most: int) -> tuple[Step, ...]:
    """The commits of `A..B` or `A...B`, oldest first, along first parents: a merge is one step, as it was merged.

    Raises SourceError for no range, for more than `most` commits, and for a commit without a parent.
    """
    ends = split(text)
    git = open_repository(repo).git
    left, right = commit(git, ends.left), commit(git, ends.right)
    if ends.since_merge_base:
        left = merge_base(git, left, right, f"{ends.left} and {ends.right}")
    listed = git.text(
        "rev-list", "--first-parent", "--reverse", "--parents", f"--max-count={most + 1}", f"{left}..{right}", "--"
    )
    lines = [line.split() for line in listed.splitlines()]
    if len(lines) > most:
        raise SourceError(f"{text} has more than {most} commits.", "Give a shorter range, or leave out --each-commit.")
    roots = [line[0] for line in lines if len(line) < 2]
    if roots:
        raise SourceError(
            f"{roots[0][:12]} has no commit before it.",
            "Begin the range after it (a shallow clone: git fetch --unshallow).",
        )
    return tuple(Step(parent=line[1], commit=line[0]) for line in lines)
