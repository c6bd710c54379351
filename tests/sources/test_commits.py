"""The commits of a range, as an audit reviews them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from reviewer.errors import SourceError
from reviewer.sources.commits import steps
from tests.gitrepo import GitRepo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.write("a", "0")
    made.commit("first")
    made.git("tag", "first")
    return made


def test_commits_come_oldest_first_each_on_its_parent(repo: GitRepo) -> None:
    shas = [repo.git("rev-parse", "HEAD").decode().strip()]
    for number in range(3):
        repo.write("a", f"{number + 1}")
        shas.append(repo.commit())
    found = steps("first..main", repo=repo.root, most=3)
    assert [(step.parent, step.commit) for step in found] == list(itertools.pairwise(shas))
    assert found[0].range == f"{shas[0]}..{shas[1]}"


def test_a_merge_is_one_step(repo: GitRepo) -> None:
    repo.git("checkout", "-qb", "side")
    for number in range(3):
        repo.write("b", f"{number}")
        repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("c", "1")
    repo.commit()
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert len(steps("first..main", repo=repo.root, most=10)) == 2
    assert len(steps("main...side", repo=repo.root, most=10)) == 0


def test_too_many_commits_are_refused(repo: GitRepo) -> None:
    for number in range(3):
        repo.write("a", f"{number + 1}")
        repo.commit()
    with pytest.raises(SourceError, match="more than 2 commits"):
        steps("first..main", repo=repo.root, most=2)


def test_a_commit_without_a_parent_is_no_step(repo: GitRepo) -> None:
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("another first")
    with pytest.raises(SourceError, match="no commit before it"):
        steps("main..other", repo=repo.root, most=5)


@pytest.mark.parametrize("text", ["main", "nowhere..main", "--all..main"])
def test_what_is_no_range_is_told(repo: GitRepo, text: str) -> None:
    with pytest.raises(SourceError):
        steps(text, repo=repo.root, most=5)
