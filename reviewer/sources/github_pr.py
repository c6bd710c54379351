"""A pull request as a change: its diff in one request, its files from local objects or from GitHub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from reviewer.errors import SourceError
from reviewer.github.blobs import Place
from reviewer.github.client import DIFF_TYPE, GitHub
from reviewer.github.endpoints import PullReference
from reviewer.github.failure import GitHubFailure, Kind
from reviewer.github.policy import backoff
from reviewer.github.pulls import PullRequest, unreadable
from reviewer.github.tree import ESSENTIAL, RemoteTree, Shelf
from reviewer.nouns.review import Skip, Target, TargetKind
from reviewer.nouns.source import ChangeText, RawChange, Tree
from reviewer.sources.git import DIFF, Git
from reviewer.sources.repository import open_repository
from reviewer.sources.trees import GitTree
from reviewer.stages import scope_attributes
from reviewer.stages.diff_names import DEV_NULL, marker_name, show

# GitHub calls of a whole run, by changed lines; what delivery and the diff itself need is set aside. (A server with
# neither GraphQL nor trees takes two more of the smallest: configuration and attributes are asked for one by one.)
_CALLS = ((100, 10), (2_000, 12))
_MOST_CALLS = 24
_SET_ASIDE = 7
_SET_ASIDE_REST = 10
_AHEAD = 200  # files of the change fetched with the first request for any file
_MARKER = re.compile(rb"^(?:---|\+\+\+) [^\n]+", re.MULTILINE)


class Ends(NamedTuple):
    """The local commits of a pull request, where a checkout has both."""

    git: Git
    base: str  # the merge base
    head: str


def foresee(client: GitHub, reference: PullReference, *, facts: bool) -> None:
    """Begin what `load` will ask first, and the pull request's own facts if they are wanted."""
    address = _address(reference)
    if facts:
        client.foresee(address)
    client.foresee(address, accept=DIFF_TYPE)


def load(pull: PullRequest, *, client: GitHub, repo: Path | None = None) -> RawChange:
    """The change of a pull request. `repo` is a checkout that may hold its commits. Raises SourceError."""
    ends = _local(pull, repo)
    try:
        diff = _diff(pull, client)
    except GitHubFailure as failure:
        if failure.kind is not Kind.TOO_LARGE and failure.status not in {422, 500, 502, 503, 504}:
            raise unreadable(pull.reference, failure) from failure
        return _too_large(pull, client, ends, failure)
    return _change(pull, client, ends, diff)


def _address(reference: PullReference) -> str:
    return f"/repos/{reference.repository}/pulls/{reference.number}"


def _diff(pull: PullRequest, client: GitHub) -> bytes:
    """GitHub's own diff. An answer that is a page or an object instead (a proxy's doing) is asked for again."""
    address = _address(pull.reference)
    hint = "A proxy between us and GitHub may have dropped the Accept header."
    for attempt in range(3):
        raw = client.get(address, accept=DIFF_TYPE).raw
        if raw.lstrip()[:1] not in {b"{", b"<"}:
            return raw
        client.wait(backoff(attempt), GitHubFailure(Kind.BROKEN, "GitHub sent no diff", hint=hint))
    raise GitHubFailure(Kind.BROKEN, "GitHub sent no diff", hint=hint)


def _too_large(pull: PullRequest, client: GitHub, ends: Ends | None, failure: GitHubFailure) -> RawChange:
    """GitHub will not make this diff: make it from local objects, or put it together file by file."""
    if ends is not None:
        # GitHub's diffs are Myers'; comments must land on lines of GitHub's own hunks.
        raw = ends.git.run("diff", *DIFF, "--diff-algorithm=myers", ends.base, ends.head, "--")
        return _change(
            pull, client, ends, raw, notices=("GitHub refused the diff as too large; made from local git objects.",)
        )
    from reviewer.sources.github_files import assemble

    shelf = Shelf(
        client,
        pull.reference.repository,
        allowance=_MOST_CALLS - _SET_ASIDE,
        rest_allowance=_MOST_CALLS - _SET_ASIDE_REST,
    )
    try:
        assembled = assemble(pull, shelf)
    except GitHubFailure as second:
        raise unreadable(pull.reference, failure) from second
    # What the listing of files has cost is taken from what context may ask for, never from the change itself.
    pages = 1 + pull.changed_files // 100 + 1
    shelf.rest_allowance = min(shelf.rest_allowance, max(0, _MOST_CALLS - _SET_ASIDE_REST - pages))
    notice = "GitHub refused the diff as too large; put together from its files."
    return _change(
        pull, client, ends, assembled.diff, notices=(notice, *assembled.notices), skips=assembled.skips, shelf=shelf
    )


def _change(
    pull: PullRequest,
    client: GitHub,
    ends: Ends | None,
    diff: bytes,
    *,
    notices: tuple[str, ...] = (),
    skips: tuple[Skip, ...] = (),
    shelf: Shelf | None = None,
) -> RawChange:
    base, head = _trees(pull, client, ends, diff, shelf)
    return RawChange(
        target=Target(
            kind=TargetKind.PULL_REQUEST,
            repository=pull.reference.repository,
            number=pull.reference.number,
            url=pull.url,
            base_sha=pull.base_sha,
            head_sha=pull.head_sha,
            description=f"{pull.reference.repository}#{pull.reference.number}",
        ),
        diff=diff,
        base=base,
        head=head,
        text=ChangeText(title=pull.title, body=pull.body, branch=pull.branch, author=pull.author),
        skips=skips,
        notices=notices,
    )


def _local(pull: PullRequest, repo: Path | None) -> Ends | None:
    """Both commits and their merge base, if the checkout has them."""
    if repo is None:
        return None
    try:
        git = open_repository(repo).git
        done = git.attempt("merge-base", pull.base_sha, pull.head_sha)
    except (SourceError, OSError):
        return None  # no git, no such folder: GitHub has the files too
    found = done.stdout.split()
    return Ends(git, found[0].decode(), pull.head_sha) if done.returncode == 0 and found else None


def _trees(pull: PullRequest, client: GitHub, ends: Ends | None, diff: bytes, shelf: Shelf | None) -> tuple[Tree, Tree]:
    if ends is not None:
        return GitTree(ends.git, ends.base), GitTree(ends.git, ends.head)
    if shelf is None:
        allowed = _calls(diff)
        shelf = Shelf(
            client,
            pull.reference.repository,
            allowance=allowed - _SET_ASIDE,
            rest_allowance=allowed - _SET_ASIDE_REST,
            listings=2 if allowed == _MOST_CALLS else 1,
        )
    touched = _touched(pull, diff)[:_AHEAD]
    attributes = scope_attributes.candidates(place.path for place in touched)
    shelf.begin(pull.head_sha, [*(Place(pull.base_sha, path) for path in (*ESSENTIAL, *attributes)), *touched])
    return RemoteTree(shelf, pull.base_sha), RemoteTree(shelf, pull.head_sha)


def _calls(diff: bytes) -> int:
    lines = sum(1 for line in diff.split(b"\n") if line[:1] in {b"+", b"-"})
    return next((calls for limit, calls in _CALLS if lines <= limit), _MOST_CALLS)


def _touched(pull: PullRequest, diff: bytes) -> list[Place]:
    """The files of the change on both sides, head first. A line of code that looks like a file's name does no harm."""
    sides: dict[bytes, dict[Place, None]] = {b"+": {}, b"-": {}}
    for line in _MARKER.findall(diff):
        name = marker_name(line)
        if name != DEV_NULL and name[:2] in {b"a/", b"b/"}:
            commit = pull.head_sha if line.startswith(b"+") else pull.base_sha
            sides[line[:1]][Place(commit, show(name[2:]))] = None
    return [*sides[b"+"], *sides[b"-"]]
