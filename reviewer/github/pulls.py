"""A pull request's facts, from the API or from an Actions event: only what a review needs, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from reviewer.errors import SourceError
from reviewer.github.client import GitHub
from reviewer.github.endpoints import PullReference
from reviewer.github.failure import GitHubFailure


class PullRequest(NamedTuple):
    """One pull request at one moment. All text is the author's, and untrusted."""

    reference: PullReference
    base_sha: str
    head_sha: str
    url: str = ""
    title: str = ""
    body: str = ""
    branch: str = ""
    base_branch: str = ""
    author: str = ""
    author_is_bot: bool = False
    association: str = "NONE"  # OWNER, MEMBER, COLLABORATOR, CONTRIBUTOR, …
    draft: bool = False
    fork: bool = False
    labels: tuple[str, ...] = ()
    changed_files: int = 0


def fetch(client: GitHub, reference: PullReference) -> PullRequest:
    """The pull request as it is now (one call). Raises SourceError."""
    try:
        found = client.get_json(f"/repos/{reference.repository}/pulls/{reference.number}")
    except GitHubFailure as failure:
        raise unreadable(reference, failure) from failure
    return from_payload(found, reference)


def from_payload(found: object, reference: PullReference) -> PullRequest:
    """The same from a `pull_request` object (the API's, or inside an event). Raises SourceError if it is none."""
    payload = found if isinstance(found, Mapping) else {}
    base, head, user = (_part(payload, key) for key in ("base", "head", "user"))
    shas = (base.get("sha"), head.get("sha"))
    if not all(isinstance(sha, str) and 7 <= len(sha) <= 64 and sha.isalnum() for sha in shas):
        raise SourceError(
            f"{reference.repository}#{reference.number} has no base or head commit in GitHub's answer",
            "Check that the number is a pull request's, not an issue's.",
        )
    labels = payload.get("labels")
    return PullRequest(
        reference=reference,
        base_sha=str(shas[0]),
        head_sha=str(shas[1]),
        url=_text(payload, "html_url"),
        title=_text(payload, "title"),
        body=_text(payload, "body"),
        branch=_text(head, "ref"),
        base_branch=_text(base, "ref"),
        author=_text(user, "login"),
        author_is_bot=user.get("type") == "Bot",
        association=_text(payload, "author_association") or "NONE",
        draft=payload.get("draft") is True,
        fork=_text(_part(head, "repo"), "full_name").lower() != _text(_part(base, "repo"), "full_name").lower(),
        labels=tuple(_text(label, "name") for label in labels if isinstance(label, Mapping))
        if isinstance(labels, list)
        else (),
        changed_files=payload["changed_files"] if isinstance(payload.get("changed_files"), int) else 0,
    )


def unreadable(reference: PullReference, failure: GitHubFailure) -> SourceError:
    """Our error for a pull request that cannot be read."""
    return SourceError(
        f"{reference.repository}#{reference.number} cannot be read: {failure.message}",
        failure.hint,
    )


def _part(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = payload.get(key)
    return found if isinstance(found, Mapping) else {}


def _text(payload: Mapping[str, Any], key: str) -> str:
    found = payload.get(key)
    return found if isinstance(found, str) else ""
