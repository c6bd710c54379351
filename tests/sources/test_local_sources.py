from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.errors import SourceError
from reviewer.nouns.review import TargetKind
from reviewer.nouns.source import EmptyTree, RawChange
from reviewer.sources import SOURCES, diff_file, git_range, source, staged, work_tree
from reviewer.stages import diff
from tests.gitrepo import ENVIRONMENT, GitRepo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """`main` with two commits; `feature` branches off the first and has one of its own."""
    repo = GitRepo(tmp_path / "repo")
    repo.write("pay.py", "a\nb\nc\n")
    repo.commit("first")
    repo.git("branch", "feature")
    repo.write("main.py", "m\n")
    repo.commit("second")
    repo.git("checkout", "-q", "feature")
    repo.write("pay.py", "a\nB\nc\n")
    repo.commit("Pay twice\n\nBecause we can.")
    return repo


def shape(change: RawChange) -> dict[str, tuple[str, int, int]]:
    return {file.path: (file.status.value, file.added, file.removed) for file in diff.parse(change.diff).files}


def test_every_source_can_be_loaded():
    assert all(callable(source(name)) for name in SOURCES)


class TestRange:
    def test_three_dots_begin_at_the_merge_base(self, repo: GitRepo):
        change = git_range.load("main...feature", repo=repo.root)
        assert shape(change) == {"pay.py": ("modified", 1, 1)}
        assert (change.base.read("pay.py"), change.head.read("pay.py")) == (b"a\nb\nc\n", b"a\nB\nc\n")
        assert change.target.kind is TargetKind.RANGE
        assert change.target.description == "main...feature"
        assert (change.text.title, change.text.body, change.text.author) == ("Pay twice", "Because we can.", "Ada")

    def test_two_dots_compare_as_it_stands(self, repo: GitRepo):
        change = git_range.load("main..feature", repo=repo.root)
        assert shape(change) == {"main.py": ("deleted", 0, 1), "pay.py": ("modified", 1, 1)}
        assert change.base.read("main.py") == b"m\n"

    def test_an_end_left_out_is_head(self, repo: GitRepo):
        assert git_range.load("main...", repo=repo.root).diff == git_range.load("main...HEAD", repo=repo.root).diff

    def test_tags_hashes_and_ancestors_are_ends(self, repo: GitRepo):
        repo.git("tag", "v1")
        sha = repo.git("rev-parse", "HEAD").decode().strip()
        assert shape(git_range.load(f"v1~1..{sha}", repo=repo.root)) == {"pay.py": ("modified", 1, 1)}

    def test_from_a_folder_inside_and_from_a_bare_clone(self, repo: GitRepo, tmp_path: Path):
        (repo.root / "src").mkdir()
        bare = tmp_path / "bare.git"
        repo.git("clone", "-q", "--bare", ".", str(bare))
        expected = git_range.load("main...feature", repo=repo.root).diff
        assert git_range.load("main...feature", repo=repo.root / "src").diff == expected
        assert git_range.load("main...feature", repo=bare).diff == expected

    def test_from_a_linked_work_tree(self, repo: GitRepo, tmp_path: Path):
        repo.git("worktree", "add", "-q", str(tmp_path / "linked"), "main")
        change = git_range.load("HEAD~1..HEAD", repo=tmp_path / "linked")
        assert shape(change) == {"main.py": ("added", 1, 0)}

    @pytest.mark.parametrize(
        "text", ["main", "", "--output=x..HEAD", "a b..c", "x:y..z", "main^{/x}..a\nb", "-x...y", "*..y"]
    )
    def test_what_is_no_range(self, repo: GitRepo, text: str):
        with pytest.raises(SourceError, match="is not a r") as caught:
            git_range.load(text, repo=repo.root)
        assert caught.value.hint

    def test_an_unknown_end(self, repo: GitRepo):
        with pytest.raises(SourceError, match="no commit 'nope'") as caught:
            git_range.load("main...nope", repo=repo.root)
        assert "fetch" in caught.value.hint

    def test_a_folder_that_is_no_repository(self, tmp_path: Path):
        with pytest.raises(SourceError, match="not a git repository"):
            git_range.load("a..b", repo=tmp_path)

    def test_a_shallow_clone_without_the_merge_base(self, repo: GitRepo, tmp_path: Path):
        clone = tmp_path / "shallow"
        repo.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{repo.root}", str(clone))
        with pytest.raises(SourceError, match="shallow") as caught:
            git_range.load("origin/main...origin/feature", repo=clone)
        assert "fetch-depth: 0" in caught.value.hint

    def test_histories_that_never_met(self, repo: GitRepo):
        repo.git("checkout", "-q", "--orphan", "alone")
        repo.commit("alone")
        with pytest.raises(SourceError, match="no common history") as caught:
            git_range.load("main...alone", repo=repo.root)
        assert "A..B" in caught.value.hint
        assert shape(git_range.load("main..alone", repo=repo.root))

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a folder away")
    def test_a_repository_of_another_user(self, repo: GitRepo):
        for path in (repo.root, *repo.root.rglob("*")):
            os.chown(path, 12345, 12345)
        with pytest.raises(SourceError, match="another user") as caught:
            git_range.load("main...feature", repo=repo.root)
        assert "safe.directory" in caught.value.hint

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a folder away")
    def test_the_users_own_word_on_another_users_repository_counts(
        self, repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        for path in (repo.root, *repo.root.rglob("*")):
            os.chown(path, 12345, 12345)
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / ".gitconfig").write_text(f"[safe]\n\tdirectory = {repo.root}\n[diff]\n\tnoprefix = true\n")
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        assert shape(git_range.load("main...feature", repo=repo.root)) == {"pay.py": ("modified", 1, 1)}

    def test_without_git(self, repo: GitRepo):
        """In a process of its own, whose PATH has no git."""
        code = (
            "import sys; from pathlib import Path; from reviewer.sources import git_range; from reviewer.errors import SourceError\n"
            "try: git_range.load('a..b', repo=Path('.'))\nexcept SourceError as error: print(error.message, error.hint)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PATH": "/nonexistent", "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        )
        assert b"git is not installed" in done.stdout
        assert b"--diff" in done.stdout


class TestStaged:
    def test_the_index_against_head(self, repo: GitRepo):
        repo.write("pay.py", "staged\n")
        repo.write("new.py", "n\n")
        repo.git("add", "-A")
        repo.write("pay.py", "not staged\n")
        change = staged.load(repo=repo.root)
        assert shape(change) == {"new.py": ("added", 1, 0), "pay.py": ("modified", 1, 3)}
        assert (change.base.read("pay.py"), change.head.read("pay.py")) == (b"a\nB\nc\n", b"staged\n")

    def test_before_the_first_commit(self, tmp_path: Path):
        repo = GitRepo(tmp_path / "young")
        assert shape(staged.load(repo=repo.root)) == {}
        repo.write("a.py", "a\n")
        repo.git("add", "-A")
        assert shape(staged.load(repo=repo.root)) == {"a.py": ("added", 1, 0)}

    def test_conflicts_are_named(self, repo: GitRepo):
        repo.git("checkout", "-q", "-b", "other", "main")
        repo.write("pay.py", "a\nX\nc\n")
        repo.commit()
        repo.git("merge", "feature", check=False)
        with pytest.raises(SourceError, match="merge conflicts"):
            staged.load(repo=repo.root)


class TestWorkTree:
    def test_commits_changes_and_untracked_files_since_the_default_branch(self, repo: GitRepo):
        repo.write("pay.py", "a\nB\nC\n")
        repo.write("fresh.py", "f\n")
        repo.write(".gitignore", "ignored.py\n")
        repo.write("ignored.py", "i\n")
        change = work_tree.load(repo=repo.root)
        assert shape(change) == {
            ".gitignore": ("added", 1, 0),
            "fresh.py": ("added", 1, 0),
            "pay.py": ("modified", 2, 2),
        }
        assert change.head.read("fresh.py") == b"f\n"
        assert change.base.read("pay.py") == b"a\nb\nc\n"
        assert change.target.description == "feature and uncommitted work, since main"
        assert change.text.branch == "feature"
        assert change.notices == ()

    def test_the_remotes_default_branch_comes_first(self, repo: GitRepo, tmp_path: Path):
        repo.git("checkout", "-q", "main")
        repo.git("clone", "-q", f"file://{repo.root}", str(tmp_path / "clone"))
        clone = tmp_path / "clone"
        (clone / "unpushed.py").write_text("u\n")
        subprocess.run(["git", "add", "-A"], cwd=clone, env=ENVIRONMENT, check=True)
        subprocess.run(["git", "commit", "-qm", "x"], cwd=clone, env=ENVIRONMENT, check=True)
        change = work_tree.load(repo=clone)
        assert shape(change) == {"unpushed.py": ("added", 1, 0)}
        assert change.target.description.endswith("since origin/HEAD")

    def test_deleted_renamed_linked_and_executable_files(self, repo: GitRepo):
        repo.write("b.py", "".join(f"{n}\n" for n in range(20)))
        repo.git("add", "-A")
        repo.git("commit", "-qm", "b")
        repo.git("branch", "-f", "main")
        repo.remove("pay.py")
        (repo.root / "b.py").rename(repo.root / "c.py")
        repo.link("l", "/etc/passwd")
        assert shape(work_tree.load(repo=repo.root)) == {
            "c.py": ("renamed", 0, 0),
            "l": ("added", 1, 0),
            "pay.py": ("deleted", 0, 3),
        }

    def test_a_file_that_becomes_a_folder(self, repo: GitRepo):
        repo.remove("pay.py")
        repo.write("pay.py/inner.py", "x\n")
        assert shape(work_tree.load(repo=repo.root)) == {
            "pay.py": ("deleted", 0, 3),
            "pay.py/inner.py": ("added", 1, 0),
        }

    def test_huge_files_and_nested_repositories_are_skipped_by_name(self, repo: GitRepo):
        repo.write("dump.bin", b"\0" * (9 * 1024 * 1024))
        GitRepo(repo.root / "nested").commit()
        change = work_tree.load(repo=repo.root)
        assert [(skip.path, skip.kind, skip.in_scope) for skip in change.skips] == [
            ("dump.bin", "binary", False),
            ("nested/", "submodule", False),
        ]

    def test_without_a_default_branch_only_uncommitted_work_is_left(self, tmp_path: Path):
        repo = GitRepo(tmp_path / "r", branch="topic")
        repo.write("a.py", "a\n")
        repo.commit()
        repo.write("a.py", "b\n")
        change = work_tree.load(repo=repo.root)
        assert shape(change) == {"a.py": ("modified", 1, 1)}
        assert "only uncommitted work" in change.notices[0]

    def test_before_the_first_commit_everything_is_new(self, tmp_path: Path):
        repo = GitRepo(tmp_path / "r")
        repo.write("a.py", "a\n")
        assert shape(work_tree.load(repo=repo.root)) == {"a.py": ("added", 1, 0)}

    def test_a_bare_repository_has_none(self, repo: GitRepo, tmp_path: Path):
        repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
        with pytest.raises(SourceError, match="no work tree"):
            work_tree.load(repo=tmp_path / "bare.git")

    def test_the_temporary_folder_goes_with_the_change(self, repo: GitRepo):
        change = work_tree.load(repo=repo.root)
        folder = change.head.keep.folder
        assert folder.is_dir()
        del change
        assert not folder.exists()


class TestDiffFile:
    def load(self, text: bytes, repo: Path | None = None) -> RawChange:
        return diff_file.load("-", stdin=io.BytesIO(text), repo=repo)

    def test_a_file_is_taken_as_it_is(self, tmp_path: Path):
        path = tmp_path / "c.diff"
        path.write_bytes(b"whatever\xff")
        change = diff_file.load(str(path), stdin=io.BytesIO())
        assert change.diff == b"whatever\xff"
        assert change.target.description == "c.diff"
        assert isinstance(change.base, EmptyTree)

    def test_an_empty_file_is_an_empty_change_but_empty_input_is_an_error(self, tmp_path: Path):
        (tmp_path / "c.diff").touch()
        assert diff_file.load(str(tmp_path / "c.diff"), stdin=io.BytesIO()).diff == b""
        with pytest.raises(SourceError, match="empty"):
            self.load(b" \n")

    def test_a_terminal_is_no_diff(self):
        controller, terminal = os.openpty()
        with os.fdopen(terminal, "rb", buffering=0) as stdin, pytest.raises(SourceError, match="no diff"):
            diff_file.load("-", stdin=stdin)
        os.close(controller)

    def test_files_that_cannot_be_read(self, tmp_path: Path):
        for path in (tmp_path / "none.diff", tmp_path):
            with pytest.raises(SourceError, match="no file"):
                diff_file.load(str(path), stdin=io.BytesIO())

    def test_a_diff_still_to_be_applied_fits_head(self, repo: GitRepo):
        text = git_range.load("main~1..feature", repo=repo.root).diff
        repo.git("checkout", "-q", "main")
        change = self.load(text, repo.root)
        assert (change.base.read("pay.py"), change.head.read("pay.py")) == (b"a\nb\nc\n", b"a\nB\nc\n")
        assert change.target.base_sha == repo.git("rev-parse", "HEAD").decode().strip()

    def test_a_diff_already_applied_fits_head(self, repo: GitRepo):
        change = self.load(git_range.load("main...feature", repo=repo.root).diff, repo.root)
        assert (change.base.read("pay.py"), change.head.read("pay.py")) == (b"a\nb\nc\n", b"a\nB\nc\n")

    def test_a_diff_of_part_of_the_uncommitted_work_fits_the_work_tree(self, repo: GitRepo):
        repo.write("pay.py", "1\n2\n3\n")
        repo.git("add", "-A")
        repo.write("pay.py", "1\n2\n4\n")
        change = self.load(repo.git("diff"), repo.root)
        assert (change.base.read("pay.py"), change.head.read("pay.py")) == (b"1\n2\n3\n", b"1\n2\n4\n")

    def test_binary_files_without_data_do_not_keep_the_rest_from_fitting(self, repo: GitRepo):
        repo.write("logo [1].png", b"\0one")
        repo.git("add", "-A")
        repo.git("commit", "-qm", "logo")
        repo.write("logo [1].png", b"\0two")
        repo.write("pay.py", "x\n")
        text = repo.git("diff")
        repo.git("checkout", "-q", ".")
        change = self.load(text, repo.root)
        assert change.head.read("pay.py") == b"x\n"

    def test_a_diff_that_does_not_fit_is_reviewed_alone_and_says_so(self, repo: GitRepo):
        text = git_range.load("main...feature", repo=repo.root).diff.replace(b" a\n", b" zzz\n")
        change = self.load(text, repo.root)
        assert isinstance(change.head, EmptyTree)
        assert "does not fit" in change.notices[0]

    def test_a_diff_cannot_reach_out_of_the_repository(self, repo: GitRepo, tmp_path: Path):
        evil = b"diff --git a/../../evil b/../../evil\nnew file mode 100644\n--- /dev/null\n+++ b/../../evil\n@@ -0,0 +1 @@\n+x\n"
        change = self.load(evil, repo.root)
        assert isinstance(change.head, EmptyTree)
        assert not list(tmp_path.rglob("evil"))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(st.sampled_from("abcxyz"), max_size=8), after=st.lists(st.sampled_from("abcxyz"), max_size=8))
def test_all_local_paths_give_the_same_change(tmp_path: Path, before: list[str], after: list[str]):
    """Committed, staged, uncommitted, as a range or as a file: one change set and the same files around it."""
    repo = GitRepo(tmp_path / f"r{len(list(tmp_path.iterdir()))}")
    repo.write("x.py", "".join(f"{line}\n" for line in before))
    repo.commit("before")
    repo.git("checkout", "-q", "-b", "topic")
    repo.write("x.py", "".join(f"{line}\n" for line in after))
    repo.write("y.py", "y\n")
    changes = [work_tree.load(repo=repo.root)]
    repo.git("add", "-A")
    changes.append(staged.load(repo=repo.root))
    repo.commit("after")
    changes.append(git_range.load("main...topic", repo=repo.root))
    changes.append(diff_file.load("-", stdin=io.BytesIO(changes[-1].diff), repo=repo.root))
    assert len({diff.parse(change.diff) for change in changes}) == 1
    for change in changes:
        assert change.base.read_many(["x.py", "y.py"]) == {"x.py": "".join(f"{line}\n" for line in before).encode()}
        assert change.head.read("x.py") == "".join(f"{line}\n" for line in after).encode()
