"""What is staged: the index against HEAD."""

from __future__ import annotations

from pathlib import Path

from reviewer.nouns.review import Target, TargetKind
from reviewer.nouns.source import ChangeText, RawChange
from reviewer.sources.git import DIFF
from reviewer.sources.repository import empty_tree, find_commit, open_repository
from reviewer.sources.snapshot import index_tree
from reviewer.sources.trees import GitTree


def load(*, repo: Path) -> RawChange:
    """The staged change; everything that is staged, before the first commit. Raises SourceError."""
    repository = open_repository(repo)
    head = index_tree(repository)
    commit = find_commit(repository.git, "HEAD")
    base = commit or empty_tree(repository.git)
    return RawChange(
        target=Target(kind=TargetKind.STAGED, base_sha=commit or "", description="staged changes"),
        diff=head.git.run("diff", *DIFF, base, head.revision, "--"),
        base=GitTree(repository.git, base),
        head=head,
        text=ChangeText(),
    )
