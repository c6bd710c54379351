"""The writer of answers to people: one reply to a comment, exactly once, and what people said kept in our state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reviewer import state
from reviewer.errors import DeliveryError
from reviewer.github import writing
from reviewer.github.client import GitHub
from reviewer.github.conversation import Conversation, Remark, read
from reviewer.github.endpoints import PullReference
from reviewer.github.failure import GitHubFailure, Kind
from reviewer.github.remarks import Said
from reviewer.nouns.memory import Memory

USAGE_MARK = "<!-- design-reviewer:usage v1 -->"
_LIMIT = 60_000


@dataclass(frozen=True)
class Line:
    """Where we answer: a pull request, the account we post as (if configured), and the comment we answer."""

    client: GitHub
    reference: PullReference
    identity: str
    said: Said

    def look(self) -> Conversation:
        """The conversation as it is now. Raises GitHubFailure."""
        return read(self.client, self.reference, self.identity)


def is_answered(conversation: Conversation, said: Said) -> bool:
    """Whether a reply of ours to this very comment is there already."""
    return any(_mark(said) in remark.body for remark in ours(conversation))


def has_told_usage(conversation: Conversation) -> bool:
    """Whether we have explained our commands on this pull request before: once is enough."""
    return any(USAGE_MARK in remark.body for remark in ours(conversation))


def ours(conversation: Conversation) -> list[Remark]:
    """All comments by our own identity."""
    remarks = [*conversation.remarks, *(remark for thread in conversation.threads for remark in thread.remarks)]
    return [remark for remark in remarks if remark.ours]


def sticky_of(conversation: Conversation) -> Remark | None:
    """Our summary comment, which carries the state."""
    return next((r for r in conversation.remarks if r.ours and state.SUMMARY_MARK in r.body and r.id), None)


def answer(line: Line, text: str, *, usage: bool = False) -> None:
    """Reply where the comment stands. Raises DeliveryError. `usage`: this reply explains our commands."""
    body = "\n\n".join((text[:_LIMIT], *((USAGE_MARK,) if usage else ()), _mark(line.said)))
    _write(
        lambda: writing.say(
            line.client, line.reference, body, line.said.thread, lambda: is_answered(line.look(), line.said)
        )
    )


def notice(line: Line) -> None:
    """Show that a command was seen. Raises DeliveryError."""
    _write(lambda: writing.react(line.client, line.reference, line.said.id, "eyes", in_thread=line.said.thread > 0))


def keep(line: Line, memory: Memory, conversation: Conversation, empty: str) -> None:
    """Put `memory` into the summary comment; where there is none yet, one that says `empty`. Raises DeliveryError."""
    sticky = sticky_of(conversation)
    body = state.replaced(sticky.body if sticky else f"{state.SUMMARY_MARK}\n\n{empty}", memory)
    _write(
        lambda: writing.upsert(line.client, line.reference, body, sticky.id if sticky else 0, lambda: _sticky_id(line))
    )


def reopen(line: Line, thread_id: str) -> None:
    """Open a thread again: closed, it would go on saying "won't fix". Raises DeliveryError."""
    _write(lambda: writing.set_resolved(line.client, [thread_id], resolved=False))


def _sticky_id(line: Line) -> int:
    found = sticky_of(line.look())
    return found.id if found else 0


def _mark(said: Said) -> str:
    return f"<!-- design-reviewer:answer v1 {said.id} -->"


def _write(send: Callable[[], object]) -> None:
    try:
        send()
    except GitHubFailure as failure:
        hint = "The token needs pull-requests: write." if failure.kind is Kind.FORBIDDEN else failure.hint
        raise DeliveryError(f"the answer could not be posted: {failure.message}", hint) from failure
