"""What an Actions event is about: which pull request, and who said what on it. The file is hostile input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reviewer.errors import SourceError, UsageError
from reviewer.github.client import GitHub
from reviewer.github.endpoints import PullReference, pull_reference
from reviewer.github.pulls import PullRequest, fetch, from_payload
from reviewer.nouns.source import RawChange
from reviewer.sources.github_pr import load as load_pull

MAX_BYTES = 25 * 1024 * 1024  # GitHub caps payloads at 25 MB
PULL_EVENTS = ("pull_request", "pull_request_target")
_INPUTS = ("pr", "pr_number", "pr-number", "pull_number", "pull-request", "pull_request", "number")


class Trigger(NamedTuple):
    """The pull request an event is about. `pull` is set where the event carries all of it (no call needed).

    `comment_id` and `comment_in_thread` are set for comments; what the comment says is read again through the API.
    `comment_body` and `comment_updated_at` are how it was when the event was sent: they only tell whether it has been
    edited since.
    """

    event: str
    action: str
    reference: PullReference
    pull: PullRequest | None = None
    comment_id: int = 0
    comment_in_thread: bool = False
    sender: str = ""
    comment_body: str = ""
    comment_updated_at: str = ""


def read(path: Path, event: str, repository: str) -> Trigger:
    """Read an event file (`GITHUB_EVENT_PATH`, `GITHUB_EVENT_NAME`, `GITHUB_REPOSITORY`). Raises our own errors."""
    return parse(_json(path), event, repository)


def parse(payload: Mapping[str, Any], event: str, repository: str) -> Trigger:
    """The trigger of an event's payload."""
    sender, action = _text(payload, "sender", "login"), _text(payload, "action")
    repository = _text(payload, "repository", "full_name") or repository
    if event in {*PULL_EVENTS, "pull_request_review", "pull_request_review_comment"}:
        pull_payload = _part(payload, "pull_request")
        reference = _reference(pull_payload.get("number") or payload.get("number"), repository, event)
        comment = _part(payload, "comment").get("id") if event == "pull_request_review_comment" else None
        complete = from_payload(pull_payload, reference) if event in PULL_EVENTS else None
        return Trigger(event, action, reference, complete, _id(comment), _id(comment) > 0, sender, *_comment(payload))
    if event == "issue_comment":
        issue = _part(payload, "issue")
        if "pull_request" not in issue:
            raise SourceError("the comment is on an issue, not on a pull request", "Only pull requests are reviewed.")
        reference = _reference(issue.get("number"), repository, event)
        comment = _part(payload, "comment").get("id")
        return Trigger(event, action, reference, None, _id(comment), False, sender, *_comment(payload))
    if event in {"workflow_dispatch", "repository_dispatch"}:
        inputs = {**_part(payload, "inputs"), **_part(payload, "client_payload")}
        stated = next((inputs[name] for name in _INPUTS if inputs.get(name)), "")
        if not stated:
            raise UsageError(
                f"the {event} event names no pull request",
                f"Give the workflow an input named {_INPUTS[0]}, or pass --pr.",
            )
        return Trigger(event, action, pull_reference(str(stated), repository), sender=sender)
    if event == "workflow_run":
        pulls = _part(payload, "workflow_run").get("pull_requests")
        number = pulls[0].get("number") if isinstance(pulls, list) and pulls and isinstance(pulls[0], Mapping) else None
        return Trigger(event, action, _reference(number, repository, event), sender=sender)
    raise SourceError(
        f"the event {event!r} is not about a pull request",
        f"Run on {', '.join(PULL_EVENTS)}, issue_comment or workflow_dispatch; or name one with --pr.",
    )


def load(trigger: Trigger, *, client: GitHub, repo: Path | None = None) -> RawChange:
    """The change an event is about."""
    return load_pull(trigger.pull or fetch(client, trigger.reference), client=client, repo=repo)


def _json(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        found = json.loads(raw) if len(raw) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"the event file cannot be read: {error}", "GITHUB_EVENT_PATH names it.") from error
    if not isinstance(found, dict):
        raise SourceError("the event file holds no JSON object", "GITHUB_EVENT_PATH names it.")
    return found


def _reference(number: object, repository: str, event: str) -> PullReference:
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise SourceError(f"the {event} event names no pull request", "Name one with --pr OWNER/REPO#NUMBER.")
    return pull_reference(str(number), repository)


def _part(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = payload.get(key)
    return found if isinstance(found, Mapping) else {}


def _comment(payload: Mapping[str, Any]) -> tuple[str, str]:
    return _text(payload, "comment", "body"), _text(payload, "comment", "updated_at")


def _text(payload: Mapping[str, Any], *keys: str) -> str:
    found: object = payload
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def _id(found: object) -> int:
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0
