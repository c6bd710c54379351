from __future__ import annotations

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reviewer.sources import trees
from reviewer.sources.repository import open_repository
from reviewer.sources.trees import GitTree, WorkTree
from tests.gitrepo import GitRepo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "repo")
    repo.write("src/pay.py", "x = 1\n")
    repo.write("empty", "")
    repo.write("new\nline.py", "n\n")
    repo.write(b"caf\xe9.py", b"latin \xe9\n")
    repo.write("huge.bin", b"\0" * (trees.LARGEST + 1))
    repo.link("link", "/etc/passwd")
    repo.link("folder", "src")
    (repo.root / "run.sh").write_text("#!/bin/sh\n")
    (repo.root / "run.sh").chmod(0o755)
    repo.commit()
    return repo


def git_tree(repo: GitRepo, revision: str = "HEAD") -> GitTree:
    return GitTree(open_repository(repo.root).git, revision)


class TestGitTree:
    def test_regular_files_are_read_byte_for_byte(self, repo: GitRepo):
        tree = git_tree(repo)
        assert tree.read("src/pay.py") == b"x = 1\n"
        assert tree.read("empty") == b""
        assert tree.read("new\nline.py") == b"n\n"
        assert tree.read("caf\\xe9.py") == b"latin \xe9\n"
        assert tree.paths() == sorted(["caf\\xe9.py", "empty", "huge.bin", "new\nline.py", "run.sh", "src/pay.py"])

    @pytest.mark.parametrize(
        "path",
        ["", "none", "src", "link", "folder/pay.py", "huge.bin", "../x", "/etc/passwd", "./src/pay.py", ".git/config"],
    )
    def test_everything_else_is_absent(self, repo: GitRepo, path: str):
        assert git_tree(repo).read(path) is None

    def test_after_a_file_too_large_reading_goes_on(self, repo: GitRepo):
        assert git_tree(repo).read_many(["huge.bin", "src/pay.py", "none"]) == {"src/pay.py": b"x = 1\n"}

    def test_the_work_tree_has_no_say(self, repo: GitRepo):
        tree = git_tree(repo)
        repo.write("src/pay.py", "changed\n")
        assert tree.read("src/pay.py") == b"x = 1\n"

    def test_many_threads_get_their_own_files(self, repo: GitRepo):
        for n in range(40):
            repo.write(f"many/{n}.py", f"{n}\n" * n)
        repo.commit()
        tree = git_tree(repo)
        with ThreadPoolExecutor(8) as pool:
            read = list(pool.map(tree.read, [f"many/{n % 40}.py" for n in range(400)]))
        assert read == [f"{n % 40}\n".encode() * (n % 40) for n in range(400)]

    def test_files_that_hold_a_word_are_found_without_reading_them_here(self, repo: GitRepo):
        repo.write("a/uses.py", "charge(order)\n")
        repo.write("a/longer.py", "recharge(order)\ncharges = 1\n")
        repo.write("a/binary.py", b"charge(\0")
        repo.write(b"caf\xe9.py", b"charge(\xe9)\n")
        repo.write("new\nline.py", "charge()\n")
        repo.link("a/link.py", "uses.py")
        repo.commit()
        tree = git_tree(repo)
        repo.write("a/later.py", "charge(order)\n")
        assert tree.holding(["charge"]) == ("a/uses.py", "caf\\xe9.py", "new\nline.py")
        assert tree.holding(["charge", "x"]) == ("a/uses.py", "caf\\xe9.py", "new\nline.py", "src/pay.py")

    @pytest.mark.parametrize("words", [[], [""], ["-e"], ["--open-files-in-pager=touch owned"], ["charge\nx"], [".*"]])
    def test_an_odd_word_finds_nothing_and_does_nothing(self, repo: GitRepo, words: list[str]):
        assert git_tree(repo).holding(words) == ()
        assert not (repo.root / "owned").exists()

    def test_a_search_that_fails_finds_nothing(self, repo: GitRepo):
        tree = git_tree(repo)
        tree.revision = "no-such-revision"
        assert tree.holding(["x"]) == ()

    def test_files_that_define_a_name_are_found(self, repo: GitRepo):
        repo.write("a.go", "func (s *Store) Charge(order string) error {\n")
        repo.write("B.java", "  public static Order charge(String id) throws IOException {\n")
        repo.write("c.rb", "def self.Charge(order)\n")
        repo.write("uses.py", "Charge(order)\nx = charge(1)\ndef Charged(): ...\n")
        repo.commit()
        tree = git_tree(repo)
        assert tree.defining(["Charge"]) == ("a.go", "c.rb")
        assert tree.defining(["charge", "Charge"]) == ("B.java", "a.go", "c.rb")
        assert tree.defining(["", "a b", ".*", "Charge$"]) == ()

    def test_the_process_ends_with_the_tree(self, repo: GitRepo):
        tree = git_tree(repo)
        tree.read("empty")
        process = tree._process
        assert process is not None
        del tree
        gc.collect()
        assert process.poll() is not None


class TestWorkTree:
    def test_regular_files_are_read(self, repo: GitRepo):
        tree = WorkTree(repo.root)
        assert tree.read_many(["src/pay.py", "link", "none"]) == {"src/pay.py": b"x = 1\n"}
        assert tree.paths() == sorted(["caf\\xe9.py", "empty", "huge.bin", "new\nline.py", "run.sh", "src/pay.py"])

    @pytest.mark.parametrize(
        "path",
        [
            "",
            ".",
            "none",
            "src",
            "src/",
            "link",
            "folder/pay.py",
            "huge.bin",
            "../repo/empty",
            "src/../empty",
            "/etc/passwd",
            ".git/config",
            ".GIT/config",
            "sub/.git/config",
            "src//pay.py",
            "a\x00b",
            "./empty",
        ],
    )
    def test_nothing_outside_is_reachable(self, repo: GitRepo, path: str):
        assert WorkTree(repo.root).read(path) is None

    def test_pipes_and_devices_do_not_hold_us_up(self, repo: GitRepo):
        os.mkfifo(repo.root / "pipe")
        assert WorkTree(repo.root).read("pipe") is None
        assert "pipe" not in WorkTree(repo.root).paths()
