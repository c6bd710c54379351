"""One comment as it stands now, read through the API: what an event says of it is only a hint."""

from __future__ import annotations

from typing import NamedTuple

from reviewer.github.client import GitHub
from reviewer.github.endpoints import PullReference
from reviewer.github.failure import GitHubFailure, Kind


class Said(NamedTuple):
    """A comment on the pull request, or in one of its threads (`in_thread`). The text is untrusted.

    `thread` is the number of the thread's first comment, 0 outside of threads. Times are ISO 8601 in UTC.
    """

    id: int
    author: str
    bot: bool
    body: str
    created_at: str
    updated_at: str
    thread: int = 0


def fetch(client: GitHub, reference: PullReference, comment_id: int, *, in_thread: bool) -> Said | None:
    """The comment, or None if it is gone or belongs to another pull request. Raises GitHubFailure."""
    room = "pulls" if in_thread else "issues"
    try:
        found = client.get_json(f"/repos/{reference.repository}/{room}/comments/{comment_id}")
    except GitHubFailure as failure:
        if failure.kind is Kind.NOT_FOUND:
            return None
        raise
    if not isinstance(found, dict) or not _belongs(found, reference, room):
        return None
    user = found.get("user")
    author, kind = (user.get("login"), user.get("type")) if isinstance(user, dict) else ("", "")
    root = found.get("in_reply_to_id") or comment_id
    return Said(
        id=comment_id,
        author=author if isinstance(author, str) else "",
        bot=kind == "Bot" or str(author).endswith("[bot]"),
        body=_text(found, "body"),
        created_at=_text(found, "created_at"),
        updated_at=_text(found, "updated_at"),
        thread=root if in_thread and isinstance(root, int) else 0,
    )


def _belongs(found: dict[str, object], reference: PullReference, room: str) -> bool:
    """Whether the comment is on this pull request, as far as its own addresses tell."""
    address = _text(found, "pull_request_url" if room == "pulls" else "issue_url")
    return not address or address.rstrip("/").rsplit("/", 1)[-1] == str(reference.number)


def _text(found: dict[str, object], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
