"""A local repository: opened once, then only its objects are used, so that its work tree and attributes have no say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from reviewer.errors import SourceError
from reviewer.nouns.source import ChangeText
from reviewer.sources.git import Git, failure

_BAD_REVISION = re.compile(r"[\x00-\x20\x7f:?*\[\\]|\A-")
_MOST_COMMITS = 50
_FETCH = "Fetch the whole history: git fetch --unshallow (actions/checkout: fetch-depth: 0)."


@dataclass(frozen=True, slots=True)
class Repository:
    """`git` runs on the objects alone: in an empty place, with no index. `top` is the work tree, None if bare."""

    git_dir: Path
    top: Path | None
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def git(self) -> Git:
        return Git(
            self.git_dir,
            {
                "GIT_DIR": str(self.git_dir),
                "GIT_WORK_TREE": str(self.git_dir),  # holds no file of the repository's, so no .gitattributes either
                "GIT_INDEX_FILE": str(self.git_dir / "no-index"),
            },
            self.settings,
        )


def open_repository(path: Path) -> Repository:
    """The repository at or above `path`. Raises SourceError, with the way out, if there is none we may use."""
    path = path.absolute()
    bare = (path / "HEAD").is_file() and (path / "objects").is_dir() and not (path / ".git").exists()
    git = Git(path, {"GIT_DIR": str(path)} if bare else {})
    done = git.attempt("rev-parse", "--is-inside-work-tree", "--absolute-git-dir")
    if done.returncode and b"dubious ownership" in done.stderr:
        git = Git(path, git.environment, trusted_folders(path))
        done = git.attempt("rev-parse", "--is-inside-work-tree", "--absolute-git-dir")
    if done.returncode:
        raise failure(done.stderr.decode("utf-8", "replace"), path)
    inside, _, git_dir = done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n").partition("\n")
    top = Path(git.text("rev-parse", "--show-toplevel")) if inside == "true" and not bare else None
    if top is not None and not (top / ".git").exists():
        # core.worktree can name any folder, the root of the disk included; we read only a repository's own.
        raise SourceError(f"The repository at {path} names a work tree elsewhere: {top}.", "Unset core.worktree.")
    return Repository(Path(git_dir), top, git.settings)


def trusted_folders(path: Path) -> tuple[tuple[str, str], ...]:
    """The user's own `safe.directory` settings: the one thing we take from their configuration."""
    settings: list[tuple[str, str]] = []
    for scope in ("--system", "--global"):
        git = Git(path, {"HOME": str(Path.home()), "GIT_CONFIG_NOSYSTEM": "0", "GIT_CONFIG_GLOBAL": _global_config()})
        done = git.attempt("config", scope, "--null", "--get-all", "safe.directory")
        values = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
        settings += [("safe.directory", value) for value in values]
    return tuple(settings)


def _global_config() -> str:
    return str(Path.home() / ".gitconfig")


def check_revision(name: str) -> str:
    """The name as given, if git could take it for a revision and for nothing else. Raises SourceError."""
    if not name or len(name) > 1024 or _BAD_REVISION.search(name):
        raise SourceError(f"{name!r} is not a revision.", "Give a branch, a tag or a commit.")
    return name


def commit(git: Git, name: str) -> str:
    """The commit a checked name stands for. Raises SourceError if there is none."""
    found = find_commit(git, name)
    if found is None:
        raise SourceError(
            f"There is no commit {name!r} in this repository.",
            "Check the name; in a fresh clone, fetch it first (actions/checkout: fetch-depth: 0).",
        )
    return found


def find_commit(git: Git, name: str) -> str | None:
    """The commit a checked name stands for, or None."""
    done = git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return done.stdout.decode().strip() if done.returncode == 0 else None


def empty_tree(git: Git) -> str:
    """The id of the tree without files, which git always knows: the base of a first commit."""
    return git.text("hash-object", "-t", "tree", "--stdin")


def merge_base(git: Git, left: str, right: str, names: str) -> str:
    """The best common ancestor of two commits. Raises SourceError if there is none, or a shallow clone hides it."""
    done = git.attempt("merge-base", left, right)
    if done.returncode == 0:
        return done.stdout.decode().split()[0]
    if git.text("rev-parse", "--is-shallow-repository") == "true":
        raise SourceError(f"{names} have no merge base in this shallow clone.", _FETCH)
    raise SourceError(f"{names} have no common history.", "Use two dots (A..B) to compare them as they stand.")


def words(git: Git, base: str, head: str, branch: str = "") -> ChangeText:
    """What the authors wrote: the commit messages of `base..head`, newest first; a lone one gives title and body."""
    done = git.attempt(
        "log",
        "-z",
        f"--max-count={_MOST_COMMITS}",
        "--no-color",
        "--no-decorate",
        "--no-notes",
        "--format=%an%n%B",
        f"{base}..{head}" if base else head,
        "--",
    )
    entries = [entry.partition("\n") for entry in done.stdout.decode("utf-8", "replace").split("\0") if entry.strip()]
    messages = [message.strip() for _, _, message in entries]
    title, _, body = messages[0].partition("\n") if len(messages) == 1 else ("", "", "")
    return ChangeText(
        title=title,
        body=body.strip(),
        branch=branch,
        commits=tuple(message.partition("\n")[0] for message in messages),
        author=entries[0][0] if entries else "",
    )
