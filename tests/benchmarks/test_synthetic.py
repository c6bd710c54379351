"""The made-up pull requests are what they say: git itself finds the same changes in them."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.synthetic import Pull, pull_request
from reviewer.stages.diff import parse


def git(folder: Path, *command: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.test", "-c", "core.autocrlf=false")
    return subprocess.run(["git", *identity, *command], cwd=folder, check=True, capture_output=True, text=True).stdout


def committed(folder: Path, pull: Pull) -> None:
    git(folder, "init", "-q", "-b", "main")
    for files in (pull.base, pull.head):
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", "x")


@pytest.mark.parametrize("lines", [1, 3, 60, 800])
def test_git_finds_the_same_changes(lines: int, tmp_path: Path) -> None:
    pull = pull_request(lines, noise=True)
    committed(tmp_path, pull)
    diff = git(tmp_path, "diff", "--no-renames", "HEAD~1", "HEAD").encode()
    ours, theirs = parse(pull.diff), parse(diff)
    for file in ours.files:
        other = theirs.file(file.path)
        assert other is not None
        assert (file.added, file.removed) == (other.added, other.removed)


@pytest.mark.parametrize("lines", [1, 60, 800, 20_000])
def test_every_changed_line_has_a_marker_of_its_own(lines: int) -> None:
    pull = pull_request(lines, noise=True)
    assert len(pull.in_scope) == lines
    words = Counter(marker.word for marker in pull.markers)
    assert max(words.values()) == 1
    shown = parse(pull.diff)
    assert shown.changed_lines == len(pull.markers)
    text = [line.text for file in shown.files for line in file.lines() if line.kind != " "]
    assert all(
        sum(word in line for word in [marker.word]) == 1 for marker, line in zip(pull.markers, text, strict=True)
    )


def test_a_size_and_a_seed_always_give_the_same() -> None:
    assert pull_request(300, seed=4) == pull_request(300, seed=4)
    assert pull_request(300, seed=4) != pull_request(300, seed=5)


def test_all_five_languages_and_removed_lines_take_part() -> None:
    pull = pull_request(3_000)
    assert {path.rsplit(".", 1)[-1] for path in pull.head} == {"py", "go", "ts", "java", "rb", "sql"}
    assert {marker.side for marker in pull.markers} == {"LEFT", "RIGHT"}
