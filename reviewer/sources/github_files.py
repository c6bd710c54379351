"""A diff put together from what GitHub says file by file, for pull requests too large for the diff itself.

GitHub lists at most 3,000 files and leaves the patch out of large ones. The listing gives status and patch, the
two trees give modes and the files beyond the list, and where a patch is missing both versions are fetched and git
makes it here. What still cannot be had becomes a skip: the review is then incomplete, and says so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reviewer.github.blobs import Place
from reviewer.github.client import GitHub
from reviewer.github.failure import GitHubFailure
from reviewer.github.pulls import PullRequest
from reviewer.github.tree import Entry, RemoteTree, Shelf
from reviewer.nouns.review import Skip
from reviewer.sources.git import DIFF, Git
from reviewer.stages.diff_names import quote

LISTED = 3_000  # files GitHub lists of a pull request
_PLAIN = "100644"
_EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"  # git's id of no content


class Assembled(NamedTuple):
    """The diff as far as it could be had, and what is missing from it."""

    diff: bytes
    skips: tuple[Skip, ...]
    notices: tuple[str, ...]


class Listed(NamedTuple):
    """One file of the listing."""

    path: str
    old_path: str
    status: str  # added | removed | modified | renamed | copied | changed | unchanged
    changes: int
    patch: str | None


def assemble(pull: PullRequest, shelf: Shelf) -> Assembled:
    """Put the diff together. Raises GitHubFailure if not even the listing can be read."""
    client, repository = shelf.client, shelf.repository
    client.foresee(*_comparison(repository, pull))
    if client.speaks_graphql():
        shelf.foresee_list(pull.head_sha)
    items = client.numbered(f"/repos/{repository}/pulls/{pull.reference.number}/files", min(pull.changed_files, LISTED))
    listed = [file for file in map(_listed, items) if file is not None]
    merge_base = _merge_base(client, repository, pull)
    base, head = RemoteTree(shelf, merge_base), RemoteTree(shelf, pull.head_sha)
    old, new = base.entries(), head.entries()
    unlisted = _beyond(listed, old, new) if pull.changed_files > len(listed) or len(listed) >= LISTED else []
    files = [*listed, *unlisted]
    missing = [file for file in files if file.patch is None and (file.changes or file in unlisted)]
    made = _make(missing, base, head)
    parts: list[bytes] = []
    skips: list[Skip] = []
    for file in files:
        if file.patch is not None or not file.changes:
            parts.append(_section(file, old, new))
        if file.path in made:
            parts.append(made[file.path])
        elif file in missing:
            reason = "GitHub gives no patch for this file (too large), and its content could not be fetched"
            skips.append(Skip(file.path, reason, "source", in_scope=True, lines=file.changes))
    notices: tuple[str, ...] = ()
    if pull.changed_files > len(files):
        gap = pull.changed_files - len(files)
        notices = (f"GitHub lists {LISTED} files of a pull request at most: {gap} more were not seen.",)
        skips.append(Skip("", f"{gap} files beyond GitHub's listing", "source", in_scope=True, lines=gap))
    return Assembled(b"".join(parts), tuple(skips), notices)


def _listed(item: Any) -> Listed | None:
    if not isinstance(item, Mapping) or not isinstance(item.get("filename"), str):
        return None
    patch, previous, changes = item.get("patch"), item.get("previous_filename"), item.get("changes")
    status = str(item.get("status"))
    return Listed(
        item["filename"],
        previous if isinstance(previous, str) and status in {"renamed", "copied"} else item["filename"],
        status,
        changes if isinstance(changes, int) else 0,
        patch if isinstance(patch, str) and patch else None,
    )


def _comparison(repository: str, pull: PullRequest) -> tuple[str, dict[str, str | int]]:
    """The second page of the comparison: it has the merge base and none of the files."""
    return f"/repos/{repository}/compare/{pull.base_sha}...{pull.head_sha}", {"per_page": 1, "page": 2}


def _merge_base(client: GitHub, repository: str, pull: PullRequest) -> str:
    """The commit the pull request's diff starts from; its base where GitHub does not say."""
    try:
        found = client.get_json(*_comparison(repository, pull))
    except GitHubFailure:
        return pull.base_sha
    commit = found.get("merge_base_commit") if isinstance(found, dict) else None
    sha = commit.get("sha") if isinstance(commit, dict) else None
    return sha if isinstance(sha, str) and sha else pull.base_sha


def _beyond(listed: list[Listed], old: Mapping[str, Entry], new: Mapping[str, Entry]) -> list[Listed]:
    """Files that differ between the trees and are not in the listing."""
    if not old or not new:
        return []
    seen = {file.path for file in listed} | {file.old_path for file in listed}
    found = []
    for path in sorted({*old, *new} - seen):
        before, after = old.get(path), new.get(path)
        if before != after:
            status = "added" if before is None else "removed" if after is None else "modified"
            found.append(Listed(path, path, status, 1, None))
    return found


def _section(file: Listed, old: Mapping[str, Entry], new: Mapping[str, Entry]) -> bytes:
    """One file of the diff in git's words, from GitHub's patch."""
    before, after = _mode(old, file.old_path), _mode(new, file.path)
    a, b = quote("a/", file.old_path, None), quote("b/", file.path, None)
    lines = [f"diff --git {a} {b}"]
    if file.status == "added":
        lines.append(f"new file mode {after}")
        a = "/dev/null"
    elif file.status == "removed":
        lines.append(f"deleted file mode {before}")
        b = "/dev/null"
    elif before != after:
        lines += [f"old mode {before}", f"new mode {after}"]
    if file.status in {"renamed", "copied"}:
        word = "rename" if file.status == "renamed" else "copy"
        lines += ["similarity index 100%"] if not file.changes else []
        lines += [f"{word} from {quote('', file.old_path, None)}", f"{word} to {quote('', file.path, None)}"]
    binary = file.patch is None and _binary(file, old.get(file.old_path), new.get(file.path))
    if (binary or file.patch is not None) and before == after and file.status not in {"added", "removed"}:
        lines.append(f"index {'0' * 7}..{'0' * 7} {after}")
    if file.patch is not None:
        lines += [f"--- {_tabbed(a)}", f"+++ {_tabbed(b)}", file.patch]
    elif binary:
        lines.append(f"Binary files {a} and {b} differ")
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


def _mode(entries: Mapping[str, Entry], path: str) -> str:
    entry = entries.get(path)
    return entry.mode if entry is not None else _PLAIN


def _binary(file: Listed, before: Entry | None, after: Entry | None) -> bool:
    """Whether contents differ although GitHub counts no changed line: only binary ones do.

    Without trees to look at, a modified file with nothing to show is taken for binary; an added one for empty.
    """
    if before is None and after is None:
        return file.status == "modified"
    if before is None or after is None:
        return (before or after or Entry("", _EMPTY, 0)).oid != _EMPTY
    return before.oid != after.oid


def _tabbed(name: str) -> str:
    return name + "\t" if " " in name and not name.startswith('"') else name


def _make(missing: list[Listed], base: RemoteTree, head: RemoteTree) -> dict[str, bytes]:
    """Diffs of files without a patch, by git itself, from both versions fetched in bulk."""
    olds = [file.old_path for file in missing if file.status != "added"]
    news = [file.path for file in missing if file.status != "removed"]
    base.shelf.ahead = [*(Place(base.commit, path) for path in olds), *(Place(head.commit, path) for path in news)]
    old_files, new_files = base.read_many(olds), head.read_many(news)
    made: dict[str, bytes] = {}
    for file in missing:
        before = b"" if file.status == "added" else old_files.get(file.old_path)
        after = b"" if file.status == "removed" else new_files.get(file.path)
        if before is None or after is None:
            continue
        patch = _patch(before, after)
        text = patch.decode("utf-8", "surrogateescape").removesuffix("\n") or None
        made[file.path] = _section(file._replace(patch=text, changes=1), base.entries(), head.entries())
        if text is not None and text.startswith("Binary files"):
            del made[file.path]
    return made


def _patch(before: bytes, after: bytes) -> bytes:
    """The hunks between two contents, as GitHub would make them; nothing of either is executed or kept."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "old").write_bytes(before)
        (here / "new").write_bytes(after)
        git = Git(here)
        done = git.attempt("diff", "--no-index", *_NO_INDEX, "--", "old", "new")
    start = done.stdout.find(b"\n@@ ")
    return done.stdout[start + 1 :] if start >= 0 else b""


_NO_INDEX = (
    *(flag for flag in DIFF if not flag.startswith(("--submodule", "--ignore-submodules"))),
    "--diff-algorithm=myers",
)
