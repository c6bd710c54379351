"""The current branch and its uncommitted work, against where it left the default branch."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from reviewer.nouns.review import Target, TargetKind
from reviewer.nouns.source import RawChange
from reviewer.sources.git import DIFF, Git
from reviewer.sources.repository import empty_tree, find_commit, merge_base, open_repository, words
from reviewer.sources.snapshot import work_tree
from reviewer.sources.trees import GitTree

# Where a default branch usually is, the remote's own word first. The remote-tracking branch comes before the local
# one, so that unpushed commits on `main` itself are reviewed too.
_DEFAULTS = ("origin/HEAD", "upstream/HEAD", "origin/main", "origin/master", "origin/develop", "origin/trunk")
_LOCAL_DEFAULTS = ("main", "master", "develop", "trunk")


class _Start(NamedTuple):
    """Where the change begins: a commit or the empty tree, and how to say so."""

    revision: str
    name: str


def load(*, repo: Path) -> RawChange:
    """Everything between the merge base with the default branch and the files as they are, untracked ones included.

    Raises SourceError. Where there is no default branch, or HEAD is on it, only uncommitted work is left to review.
    """
    repository = open_repository(repo)
    git = repository.git
    head, skips = work_tree(repository)
    commit = find_commit(git, "HEAD")
    start = _start(git, commit)
    branch = git.attempt("symbolic-ref", "--quiet", "--short", "HEAD").stdout.decode("utf-8", "replace").strip()
    notices = () if start.name else ("No default branch was found: only uncommitted work is reviewed.",)
    return RawChange(
        target=Target(
            kind=TargetKind.WORK_TREE,
            base_sha=start.revision if commit else "",
            head_sha=commit or "",
            description=f"{branch or 'work tree'} and uncommitted work, since {start.name or 'HEAD'}",
        ),
        diff=head.git.run("diff", *DIFF, start.revision, head.revision, "--"),
        base=GitTree(git, start.revision),
        head=head,
        text=words(git, start.revision, commit, branch) if commit else words(git, "", "HEAD", branch),
        skips=skips,
        notices=notices,
    )


def _start(git: Git, commit: str | None) -> _Start:
    if commit is None:
        return _Start(empty_tree(git), "the beginning")
    for name in (*_DEFAULTS, *(f"refs/heads/{local}" for local in _LOCAL_DEFAULTS)):
        default = find_commit(git, name)
        if default is not None:
            short = name.removeprefix("refs/heads/")
            return _Start(merge_base(git, default, commit, f"HEAD and {short}"), short)
    return _Start(commit, "")
