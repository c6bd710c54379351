"""A repository full of traps: reading it runs nothing and its settings change nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from reviewer.errors import SourceError
from reviewer.nouns.source import RawChange
from reviewer.sources import diff_file, git_range, staged, work_tree
from tests.gitrepo import GitRepo

LOADS: dict[str, Callable[[Path], RawChange]] = {
    "range": lambda root: git_range.load("main~1...main", repo=root),
    "staged": lambda root: staged.load(repo=root),
    "work-tree": lambda root: work_tree.load(repo=root),
    "diff": lambda root: diff_file.load(
        "-", stdin=io.BytesIO(git_range.load("main~1..main", repo=root).diff), repo=root
    ),
}


def history(root: Path) -> GitRepo:
    """Two commits, staged and uncommitted work, an untracked file and a rename."""
    repo = GitRepo(root)
    repo.write("pay.py", "".join(f"line {n}\n" for n in range(40)))
    repo.write("old name.py", "".join(f"other {n}\n" for n in range(40)))
    repo.write("é.py", "a\n\nb\n")
    repo.write("shuffle.py", "a\nb\nc\nc\nc\nb\nd\nd\nb\nd\n")
    repo.commit("first")
    repo.write("pay.py", "".join(f"line {n}\n" for n in range(40) if n not in {3, 20}))
    repo.git("mv", "old name.py", "new name.py")
    repo.write("é.py", "a\n\nc\n")
    repo.write("shuffle.py", "c\nc\nb\nc\nb\na\nd\nc\nd\nb\n")  # Myers and patience disagree on it
    repo.commit("second")
    sign_head(repo)
    repo.write("pay.py", "staged\n")
    repo.git("add", "pay.py")
    repo.write("pay.py", "staged\nand changed\n")
    repo.write("fresh.py", "untracked\n")
    return repo


def sign_head(repo: GitRepo) -> None:
    """Give HEAD a signature, so that showing it would call the signature program."""
    head, _, message = repo.git("cat-file", "commit", "HEAD").partition(b"\n\n")
    signature = b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n"
    signed = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=head + signature + message)
    repo.git("update-ref", "HEAD", signed.decode().strip())


def trap(root: Path, name: str, then: str = "cat") -> str:
    """A program that leaves a mark when it is run."""
    script = root.parent / f"trap-{name}"
    script.write_text(f'#!/bin/sh\necho {name} >> "{root.parent}/sprung"\n{then}\n')
    script.chmod(0o755)
    return str(script)


def sprung(root: Path) -> list[str]:
    marks = root.parent / "sprung"
    return marks.read_text().split() if marks.exists() else []


def set_traps(repo: GitRepo) -> None:
    root = repo.root
    for key in (
        "core.fsmonitor core.pager core.sshCommand core.editor core.askPass core.alternateRefsCommand credential.helper"
        " diff.external diff.x.command diff.x.textconv gpg.program pager.diff pager.log pager.show core.gitProxy"
        " filter.x.clean filter.x.smudge filter.x.process filter.we=ird.clean interactive.diffFilter"
    ).split():
        repo.git("config", key, trap(root, key.replace(".", "-")))
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "filter.x.required", "true")
    hooks = root.parent / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "pre-commit", "post-checkout", "fsmonitor-watchman"):
        for folder in (hooks, root / ".git" / "hooks"):
            (folder / hook).write_text(f'#!/bin/sh\necho hook-{hook} >> "{root.parent}/sprung"\n')
            (folder / hook).chmod(0o755)
    repo.git("config", "core.hooksPath", str(hooks))
    (root / ".gitattributes").write_text("* diff=x filter=x\n*.py filter=we=ird\n")
    (root / ".git" / "info" / "attributes").write_text("* diff=x filter=x\n")


@pytest.mark.parametrize("source", LOADS)
def test_nothing_of_the_repository_runs(source: str, tmp_path: Path):
    repo = history(tmp_path / "repo")
    set_traps(repo)
    change = LOADS[source](repo.root)
    assert change.head.read_many(change.head.paths())
    change.base.read("pay.py")
    assert sprung(repo.root) == []


def test_the_traps_do_spring_for_plain_git(tmp_path: Path):
    repo = history(tmp_path / "repo")
    set_traps(repo)
    unfiltered = [
        word for part in ("clean=", "smudge=", "process=", "required=false") for word in ("-c", f"filter.x.{part}")
    ]
    repo.git("add", "-A", check=False)
    for command in (["add", "-A"], ["diff", "HEAD~1", "HEAD"], ["log", "-1"]):
        repo.git(*unfiltered, *command, check=False)
    assert {"core-fsmonitor", "diff-x-command", "filter-x-process", "hook-post-index-change", "gpg-program"} <= set(
        sprung(repo.root)
    )


def test_a_missing_object_is_not_fetched(tmp_path: Path):
    repo = history(tmp_path / "repo")
    blob = repo.git("rev-parse", "main~1:pay.py").decode().strip()
    (repo.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for key, value in {
        "remote.origin.url": f"ext::{trap(repo.root, 'ext', then='exit 1')} %S",
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
        "extensions.partialClone": "origin",
        "core.repositoryFormatVersion": "1",
    }.items():
        repo.git("config", key, value)
    with pytest.raises(SourceError):
        LOADS["range"](repo.root)
    assert sprung(repo.root) == []


def test_a_dirty_submodule_is_not_entered(tmp_path: Path):
    repo = history(tmp_path / "repo")
    inner = GitRepo(repo.root / "lib")
    inner.write("x.py", "1\n")
    inner.commit()
    repo.git("add", "lib")
    repo.commit("with submodule")
    inner.git("config", "core.fsmonitor", trap(repo.root, "inner"))
    inner.write("x.py", "2\n")
    LOADS["work-tree"](repo.root)
    assert sprung(repo.root) == []


@pytest.mark.parametrize("source", LOADS)
def test_settings_and_attributes_change_nothing(source: str, tmp_path: Path):
    plain, twisted = history(tmp_path / "plain"), history(tmp_path / "twisted")
    for key, value in {
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.renames": "false",
        "diff.renameLimit": "1",
        "diff.algorithm": "patience",
        "diff.context": "0",
        "diff.interHunkContext": "30",
        "diff.suppressBlankEmpty": "true",
        "diff.orderFile": str(tmp_path / "order"),
        "diff.submodule": "log",
        "diff.wsErrorHighlight": "all",
        "diff.colorMoved": "zebra",
        "diff.indentHeuristic": "false",
        "diff.relative": "true",
        "diff.ignoreSubmodules": "all",
        "diff.x.binary": "true",
        "color.ui": "always",
        "core.quotePath": "false",
        "core.abbrev": "4",
        "core.bigFileThreshold": "1",
        "core.whitespace": "cr-at-eol",
        "attr.tree": "HEAD",
        "core.worktree": str(twisted.root),
    }.items():
        twisted.git("config", key, value)
    (tmp_path / "order").write_text("pay.py\n")
    for repo, text in ((plain, "# nothing\n"), (twisted, "* binary\n*.py -diff diff=x\n")):
        (repo.root / ".gitattributes").write_text(text)
    ours, theirs = LOADS[source](plain.root), LOADS[source](twisted.root)

    def without_attributes(change: RawChange) -> bytes:
        parts = change.diff.split(b"diff --git ")
        return b"diff --git ".join(part for part in parts if not part.startswith(b"a/.gitattributes"))

    assert b"@@" in ours.diff
    assert without_attributes(ours) == without_attributes(theirs)
    assert ours.text == theirs.text


def test_a_work_tree_elsewhere_is_refused(tmp_path: Path):
    repo = history(tmp_path / "repo")
    repo.git("config", "core.worktree", str(tmp_path))
    (tmp_path / "secret.txt").write_text("x")
    with pytest.raises(SourceError, match="work tree elsewhere"):
        LOADS["work-tree"](repo.root)
    repo.git("config", "core.worktree", str(tmp_path / "hooks"))
    with pytest.raises(SourceError, match="no work tree here"):
        LOADS["work-tree"](repo.root)


def test_nothing_is_written_into_the_repository(tmp_path: Path):
    repo = history(tmp_path / "repo")

    def state() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in repo.root.rglob("*") if path.is_file()}

    before = state()
    for load in LOADS.values():
        load(repo.root)
    assert state() == before
