"""What reporters want done to the world, as values. `publish` is the only room that performs them."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.nouns.changeset import Side


@dataclass(frozen=True, slots=True)
class InlineComment:
    """One comment on the change. `start_line` == `line` for a single line; both in one hunk, on one side."""

    path: str
    side: Side
    start_line: int
    line: int
    body: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class PostReview:
    """One review with event COMMENT (never APPROVE) and all inline comments in the same call."""

    commit_sha: str
    body: str
    comments: tuple[InlineComment, ...]


@dataclass(frozen=True, slots=True)
class UpsertSticky:
    """The one summary comment, found again by its marker and our own identity, updated in place."""

    body: str


@dataclass(frozen=True, slots=True)
class ResolveThread:
    """Close a thread of ours whose finding is fixed."""

    thread_id: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ReplyToComment:
    """Answer in a review thread (`in_thread`) or on the conversation."""

    comment_id: int
    body: str
    in_thread: bool


@dataclass(frozen=True, slots=True)
class CheckRun:
    """An optional check run. `conclusion`: success | failure | neutral; at most 50 annotations a call."""

    head_sha: str
    conclusion: str
    title: str
    summary: str
    annotations: tuple[InlineComment, ...] = ()


Effect = PostReview | UpsertSticky | ResolveThread | ReplyToComment | CheckRun
