"""GitHub: the token, what it may do, and how many calls it has left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from reviewer.arriving import connect
from reviewer.checkup import Check, State
from reviewer.errors import ReviewerError
from reviewer.github import GitHub
from reviewer.sources.git import Git
from reviewer.world import World

_REMOTE = re.compile(r"[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?$")
_MEND = "In Actions: env GITHUB_TOKEN: ${{ github.token }} and permissions: contents: read, pull-requests: write."


def checks(root: Path, world: World) -> Iterator[Check]:
    """Nothing is written: whether the token may write is what GitHub says of it, where it says so."""
    if not world.environment.get("GITHUB_TOKEN", "").strip():
        state = State.FAIL if world.in_actions else State.WARN
        yield Check("GitHub token", state, "GITHUB_TOKEN is not set: pull requests cannot be posted to", _MEND)
        return
    repository = world.environment.get("GITHUB_REPOSITORY", "") or remote(root)
    if not repository:
        yield Check(
            "GitHub token", State.WARN, "set, but no repository is known to try it on", "Set GITHUB_REPOSITORY."
        )
        return
    client = connect({}, world)
    try:
        yield permissions(client, repository)
    except ReviewerError as error:
        yield Check("GitHub token", State.FAIL, f"{repository}: {error.message}", error.hint or _MEND)
    finally:
        client.close()


def permissions(client: GitHub, repository: str) -> Check:
    """One request for the repository. Raises GitHubFailure."""
    answer = client.get(f"/repos/{repository}")
    told = answer.json().get("permissions") or {}
    left = answer.headers.get("x-ratelimit-remaining", "")
    found = f"may read {repository}" + (f", {left} calls left this hour" if left else "")
    if told and not told.get("push"):
        return Check("GitHub token", State.WARN, f"{found}; it has no write access", _MEND)
    return Check("GitHub token", State.OK, f"{found}; posting needs pull-requests: write")


def remote(root: Path) -> str:
    """owner/name from the remote `origin`, or nothing."""
    try:
        url = Git(root).text("remote", "get-url", "origin")
    except ReviewerError:
        return ""
    found = _REMOTE.search(url)
    return found["name"] if found else ""
