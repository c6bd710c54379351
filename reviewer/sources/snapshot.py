"""The index or the work tree as a git tree, made beside the repository: nothing is written into it.

With every side of a change a tree of objects, all local sources are the same comparison of two trees, and neither
filters nor attributes of the work tree have a say in it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path

from reviewer.errors import SourceError
from reviewer.nouns.review import Skip
from reviewer.sources.git import Git
from reviewer.sources.repository import Repository
from reviewer.sources.trees import LARGEST, GitTree
from reviewer.stages.diff_names import show


class Scratch:
    """A temporary index and object store on top of a repository's. The folder goes when the last tree does."""

    def __init__(self, repository: Repository, below: GitTree | None = None) -> None:
        """`below` is a tree whose own temporary objects shall be seen as well."""
        self.repository = repository
        self._below = below
        self.folder = Path(tempfile.mkdtemp(prefix="design-reviewer-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        store = repository.git.text("rev-parse", "--path-format=absolute", "--git-path", "objects")
        (self.folder / "objects" / "info").mkdir(parents=True)
        stores = [
            store,
            *(str(scratch.folder / "objects") for scratch in (below and below.keep,) if isinstance(scratch, Scratch)),
        ]
        alternates = "".join(f"{place}\n" for place in stores)
        (self.folder / "objects" / "info" / "alternates").write_text(alternates, "utf-8", "surrogateescape")

    @property
    def git(self) -> Git:
        """git on the repository's objects and ours, with no index."""
        plain = self.repository.git
        return Git(plain.directory, {**plain.environment, **self._objects()}, plain.settings)

    def indexed(self, work_tree: Path | None = None, settings: tuple[tuple[str, str], ...] = ()) -> Git:
        """git on our temporary index as well, and in a work tree where one is given."""
        place = work_tree or self.repository.git_dir
        environment = {
            **self.repository.git.environment,
            **self._objects(),
            "GIT_WORK_TREE": str(place),
            "GIT_INDEX_FILE": str(self.folder / "index"),
        }
        return Git(place, environment, (*self.repository.settings, *settings))

    def copy_index(self) -> None:
        """Begin with the repository's own index, if it has one yet."""
        plain = Git(self.repository.git_dir, {"GIT_DIR": str(self.repository.git_dir)}, self.repository.settings)
        index = Path(plain.text("rev-parse", "--path-format=absolute", "--git-path", "index"))
        if index.is_file():
            shutil.copy2(index, self.folder / "index")

    def tree(self) -> GitTree:
        """The temporary index as a tree. Raises SourceError if it has unresolved conflicts."""
        revision = self.indexed().text("write-tree")
        return GitTree(self.git, revision, keep=self)

    def _objects(self) -> dict[str, str]:
        return {"GIT_OBJECT_DIRECTORY": str(self.folder / "objects")}


def index_tree(repository: Repository) -> GitTree:
    """What is staged. Raises SourceError if there are unresolved conflicts."""
    scratch = Scratch(repository)
    scratch.copy_index()
    return scratch.tree()


def work_tree(repository: Repository) -> tuple[GitTree, tuple[Skip, ...]]:
    """The work tree with what is modified, deleted and untracked (but not ignored), and a skip for each file left out.

    Content is taken as it is on disk but for line endings: no filter (LFS, crypt, …) is run.
    """
    if repository.top is None:
        raise SourceError(f"{repository.git_dir} has no work tree here.", "Use --range A...B there.")
    scratch = Scratch(repository)
    scratch.copy_index()
    git = scratch.indexed(repository.top, _without_filters(repository))
    listed = git.run("ls-files", "-z", "--modified", "--deleted", "--others", "--exclude-standard", "--deduplicate")
    changed = listed.split(b"\0")[:-1]
    skips = tuple(skip for skip in (_too_much(repository.top, name) for name in changed) if skip is not None)
    left_out = {skip.path for skip in skips}
    wanted = [name for name in changed if show(name) not in left_out]
    gone = [name for name in wanted if _is_gone(repository.top, name)]
    there = sorted({*wanted} - {*gone})
    git.run("update-index", "-z", "--force-remove", "--stdin", stdin=_listed(gone))
    git.run("update-index", "-z", "--add", "--replace", "--stdin", stdin=_listed(there))
    return scratch.tree(), skips


def _listed(names: list[bytes]) -> bytes:
    return b"".join(name + b"\0" for name in names)


def _is_gone(top: Path, name: bytes) -> bool:
    """Whether a tracked file is no longer there, or a folder took its place (a submodule's folder has a `.git`)."""
    full = top / os.fsdecode(name)
    if full.is_symlink() or not full.is_dir():
        return not os.path.lexists(full)
    return not (full / ".git").exists()


def _too_much(top: Path, name: bytes) -> Skip | None:
    """A skip for what cannot be taken into a tree: another repository, or a file too large to be code."""
    path = show(name)
    if name.endswith(b"/"):
        return Skip(path, "another git repository inside this one", "submodule", in_scope=False, lines=0)
    full = top / os.fsdecode(name)
    if not full.is_symlink() and full.is_file() and full.stat().st_size > LARGEST:
        return Skip(path, f"larger than {LARGEST >> 20} MB", "binary", in_scope=False, lines=0)
    return None


def _without_filters(repository: Repository) -> tuple[tuple[str, str], ...]:
    """Settings that switch off every filter the repository's configuration defines: they are programs."""
    done = repository.git.attempt("config", "--null", "--name-only", "--get-regexp", r"^filter\.")
    names = {key.rpartition(".")[0] for key in done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]}
    off = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
    return tuple((f"{name}.{part}", value) for name in sorted(names) for part, value in off)
