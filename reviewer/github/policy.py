"""When to ask GitHub again, and how long to wait: one policy for every call, as a pure function of the answer.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api and best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from reviewer.github.failure import GitHubFailure, Kind

READ_ATTEMPTS = 4
SETTLE_SECONDS = 1.0  # before the state is looked at after a write of unknown outcome
_SERVER_ERRORS = frozenset({500, 502, 503, 504, 520, 522, 524, 599})
_SECONDARY_STEPS = (10.0, 50.0, 120.0)  # a minute by the second try, as GitHub asks where it names no time


class Verdict(NamedTuple):
    """`failure` is None for a usable answer. `wait` is None if asking again cannot help.

    `refused` means GitHub certainly did nothing, so that even a write may be sent again after `wait`.
    """

    failure: GitHubFailure | None
    wait: float | None = None
    refused: bool = False


def judge(status: int, headers: Mapping[str, str], text: str, attempt: int, now: float) -> Verdict:
    """Judge one answer. `headers` are lower-case, `attempt` counts from 0, `now` is epoch seconds."""
    if 200 <= status < 300:
        return Verdict(None)
    said = message_of(text)
    if status in {403, 429} and (wait := _limit(status, headers, said, attempt, now)) is not None:
        failure = GitHubFailure(Kind.RATE_LIMITED, f"GitHub's rate limit is reached ({said or status})", status=status)
        return Verdict(failure, wait, refused=True)
    if status in _SERVER_ERRORS or status >= 500:
        failure = GitHubFailure(Kind.BROKEN, f"GitHub answered {status}", status=status, unsure=True)
        return Verdict(failure, _number(headers.get("retry-after")) or backoff(attempt))
    kind = _KINDS.get(status, Kind.REFUSED)
    return Verdict(GitHubFailure(kind, f"GitHub answered {status}: {said or 'no reason given'}", status=status))


def backoff(attempt: int) -> float:
    """Seconds before the next attempt where the server states nothing: 0.5, 1, 2, …; jitter is the caller's."""
    return min(0.5 * 2.0**attempt, 8.0)


def message_of(text: str) -> str:
    """What GitHub says went wrong: `message` and the details of `errors`, on one line, cut to 400 characters."""
    try:
        body = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    parts = [body.get("message")]
    errors = body.get("errors")
    for error in errors if isinstance(errors, list) else ():
        parts += [error.get("message") or error.get("code") if isinstance(error, dict) else error]
    return " ".join("; ".join(part for part in parts if isinstance(part, str) and part).split())[:400]


_KINDS = {
    401: Kind.UNAUTHENTICATED,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    406: Kind.TOO_LARGE,
    410: Kind.NOT_FOUND,
}


def _limit(status: int, headers: Mapping[str, str], said: str, attempt: int, now: float) -> float | None:
    """How long a rate limit asks us to wait, or None if this answer is none."""
    stated = _number(headers.get("retry-after"))
    if stated is not None:
        return stated
    if headers.get("x-ratelimit-remaining") == "0" and (reset := _number(headers.get("x-ratelimit-reset"))):
        return max(reset - now, 0.0) + 1.0
    lowered = said.lower()
    if "secondary rate limit" in lowered or "abuse" in lowered:
        return _SECONDARY_STEPS[min(attempt, len(_SECONDARY_STEPS) - 1)]
    if "rate limit" in lowered:
        return 60.0
    return backoff(attempt) if status == 429 else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < 1e12 else None
