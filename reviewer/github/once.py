"""Writes that happen exactly once, although any single call may fail before, during or after it was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reviewer.github.client import GitHub
from reviewer.github.failure import GitHubFailure
from reviewer.github.policy import SETTLE_SECONDS

T = TypeVar("T")
ATTEMPTS = 3


def once(client: GitHub, send: Callable[[], object], found: Callable[[], bool]) -> None:
    """Send; if the outcome is unknown, look (`found`) whether it was done before sending again.

    Raises GitHubFailure if GitHub refuses, or if it cannot be done in a few attempts. A write that is late (the
    server was still at it when we gave up waiting) is looked for after a pause, the longer the more often it failed.
    """
    for attempt in range(ATTEMPTS):
        try:
            send()
        except GitHubFailure as failure:
            if not failure.unsure:
                raise
            client.wait(SETTLE_SECONDS * 3**attempt, failure)
            if found():
                return
            if attempt + 1 == ATTEMPTS:
                raise
        else:
            return


def again(client: GitHub, send: Callable[[], object]) -> None:
    """Send a write that is the same however often it is done (an edit, a resolution), until its outcome is known."""
    once(client, send, lambda: False)
