from __future__ import annotations

from pathlib import Path
from time import sleep

import pytest

from reviewer.errors import SourceError
from reviewer.sources.git import Git, failure
from tests.gitrepo import GitRepo


@pytest.fixture
def git(tmp_path: Path) -> Git:
    repo = GitRepo(tmp_path / "repo")
    repo.write("a.txt", "x" * 5000)
    repo.commit()
    return Git(repo.root)


def test_output_has_a_bound(git: Git):
    with pytest.raises(SourceError, match="more than 0 MB"):
        git.run("show", "HEAD:a.txt", limit=100)


def test_time_has_a_bound_even_for_what_git_started(git: Git):
    late = git.directory / "late"
    hangs = Git(git.directory, settings=(("alias.hang", f"!sleep 1; touch {late}"),))
    with pytest.raises(SourceError, match="took longer"):
        hangs.run("hang", seconds=0.2)
    sleep(1.2)
    assert not late.exists(), "the child of git went on"


def test_a_failure_carries_what_git_said(git: Git):
    with pytest.raises(SourceError, match=r"git failed in .*fatal: .*nonsense"):
        git.run("show", "nonsense")


def test_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(SourceError, match="cannot be run"):
        Git(tmp_path / "none").run("status")


def test_input_that_git_does_not_read_to_its_end(git: Git):
    git.attempt("rev-parse", "HEAD", stdin=b"x" * 1_000_000)


def test_the_environment_of_whoever_runs_us_has_no_say(git: Git, monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "GIT_DIR": "/none",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_INDEX_FILE": "/none",
        "GIT_TRACE": "1",
    }.items():
        monkeypatch.setenv(name, value)
    assert git.text("rev-parse", "--show-prefix") == ""


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("fatal: detected dubious ownership in repository at '/x'", "another user", "safe.directory /r"),
        ("fatal: not a git repository (or any of the parent directories): .git", "not a git repository", "--repo"),
        ("fatal: cannot use bare repository '/x' (safe.bareRepository is 'explicit')", "bare repository", "--repo"),
        ("fatal: this operation must be run in a work tree", "no work tree", "--range"),
        ("fatal: bad object abc", "missing", "fetch-depth"),
        (
            "error: invalid object 100644 x for 'x'\nfatal: git-write-tree: error building trees",
            "merge conflicts",
            "Resolve",
        ),
        ("", "without a word", "git diff"),
    ],
)
def test_causes_have_hints(said: str, message: str, hint: str):
    error = failure(said, Path("/r"))
    assert message in error.message
    assert hint in error.hint
    assert error.exit_code == 3
