"""The writes on a pull request, each exactly once. Only `reviewer.publish` and `reviewer.reply` may import this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from reviewer.github.client import DIFF_TYPE, GitHub
from reviewer.github.endpoints import PullReference
from reviewer.github.failure import GitHubFailure, Kind
from reviewer.github.once import again, once
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.effects import CheckRun, InlineComment, PostReview
from reviewer.stages import diff, locate

CHECK_NAME = "Design review"
_SENDS = 16  # reviews sent while looking for the comment GitHub refuses
_ANNOTATIONS = 50  # in one call

Seen = Callable[[], frozenset[str]]  # reads the pull request: fingerprints that have a comment of ours


class Outcome(NamedTuple):
    """Comments of one review, by what became of them."""

    posted: tuple[InlineComment, ...]
    refused: tuple[InlineComment, ...]


def post_review(client: GitHub, reference: PullReference, review: PostReview, seen: Seen) -> Outcome:
    """Post all comments in one review. If GitHub refuses it, find out which comments it does not take.

    The usual cause is a line outside GitHub's own diff: that is read, and what lies in it is sent again in one
    review. Only if that is refused too the comments are halved until the culprits stand alone.
    """
    try:
        _send(client, reference, review, seen)
    except GitHubFailure as failure:
        if failure.kind is not Kind.REFUSED:
            raise
    else:
        return Outcome(review.comments, ())
    change = _current(client, reference)
    fitting = [comment for comment in review.comments if _fits(change, comment)]
    refused = [comment for comment in review.comments if comment not in fitting]
    posted: list[InlineComment] = []
    heaps = [fitting] if refused else _halves(fitting)
    for _ in range(_SENDS):
        if not heaps:
            break
        heap = heaps.pop(0)
        try:
            if heap:
                _send(client, reference, PostReview(review.commit_sha, review.body, tuple(heap)), seen)
                posted += heap
        except GitHubFailure as failure:
            if failure.kind is not Kind.REFUSED:
                raise
            if len(heap) == 1:
                refused += heap
            else:
                heaps = [*_halves(heap), *heaps]
    refused += [comment for heap in heaps for comment in heap]
    return Outcome(tuple(posted), tuple(refused))


def post_on_file(client: GitHub, reference: PullReference, comment: InlineComment, commit: str, seen: Seen) -> bool:
    """Comment on the file as a whole; False if GitHub does not take that either."""
    body = {"path": comment.path, "commit_id": commit, "subject_type": "file", "body": comment.body}
    try:
        once(
            client,
            lambda: client.send("POST", f"{_pull(reference)}/comments", body),
            lambda: comment.fingerprint in seen(),
        )
    except GitHubFailure as failure:
        if failure.kind in {Kind.REFUSED, Kind.NOT_FOUND}:
            return False
        raise
    return True


def upsert(client: GitHub, reference: PullReference, body: str, existing: int, find: Callable[[], int]) -> None:
    """Edit the comment `existing`, or create it (0). `find` reads the pull request for the number of ours."""
    comments = f"/repos/{reference.repository}/issues"
    if existing:
        try:
            again(client, lambda: client.send("PATCH", f"{comments}/comments/{existing}", {"body": body}))
        except GitHubFailure as failure:
            if failure.kind is not Kind.NOT_FOUND:
                raise
        else:
            return  # somebody may have deleted it in between: then it is made anew
    once(
        client,
        lambda: client.send("POST", f"{comments}/{reference.number}/comments", {"body": body}),
        lambda: find() != 0,
    )


def say(client: GitHub, reference: PullReference, body: str, thread: int, said: Callable[[], bool]) -> None:
    """A new comment, in the thread that the comment `thread` began, or (0) on the pull request."""
    room = f"{_pull(reference)}/comments/{thread}/replies"
    if not thread:
        room = f"/repos/{reference.repository}/issues/{reference.number}/comments"
    once(client, lambda: client.send("POST", room, {"body": body}), said)


def react(client: GitHub, reference: PullReference, comment: int, content: str, *, in_thread: bool) -> None:
    """React to a comment (`eyes`, …). GitHub keeps one reaction of a kind, however often it is sent."""
    room = "pulls" if in_thread else "issues"
    address = f"/repos/{reference.repository}/{room}/comments/{comment}/reactions"
    again(client, lambda: client.send("POST", address, {"content": content}))


def set_resolved(client: GitHub, threads: Sequence[str], *, resolved: bool) -> tuple[str, ...]:
    """Resolve (or reopen) threads by id; those for which GitHub confirms it. One request where that works."""
    verb = "resolveReviewThread" if resolved else "unresolveReviewThread"
    left = list(dict.fromkeys(threads))
    done: list[str] = []
    if len(left) > 1:
        declared = ", ".join(f"$t{at}: ID!" for at in range(len(left)))
        fields = " ".join(
            f"r{at}: {verb}(input: {{threadId: $t{at}}}) {{ thread {{ id isResolved }} }}" for at in range(len(left))
        )
        done += _mutate(
            client, f"mutation Threads({declared}) {{ {fields} }}", {f"t{at}": id_ for at, id_ in enumerate(left)}
        )
    for id_ in [id_ for id_ in left if id_ not in done]:
        document = f"mutation Thread($threadId: ID!) {{ {verb}(input: {{threadId: $threadId}}) {{ thread {{ id isResolved }} }} }}"
        done += _mutate(client, document, {"threadId": id_})
    return tuple(id_ for id_ in left if id_ in done)


def post_check(
    client: GitHub, reference: PullReference, check: CheckRun, key: str, levels: Callable[[str], str]
) -> None:
    """Make the check run, annotations 50 a call. `key` tells it from other runs' (its external id)."""
    runs = f"/repos/{reference.repository}/check-runs"
    batches = [check.annotations[at : at + _ANNOTATIONS] for at in range(0, len(check.annotations), _ANNOTATIONS)] or [
        ()
    ]

    def output(batch: Sequence[InlineComment]) -> dict[str, object]:
        listed = [_annotation(comment, levels) for comment in batch]
        return {"title": check.title, "summary": check.summary[:65_000], "annotations": listed}

    body = {
        "name": CHECK_NAME,
        "head_sha": check.head_sha,
        "status": "completed",
        "conclusion": check.conclusion,
        "external_id": key,
        "output": output(batches[0]),
    }
    ids: list[int] = []

    def existing() -> bool:
        listed = client.pages(
            f"/repos/{reference.repository}/commits/{check.head_sha}/check-runs", {"check_name": CHECK_NAME}
        )
        ids[:] = [run["id"] for run in listed if isinstance(run, dict) and run.get("external_id") == key]
        return bool(ids)

    def send() -> None:
        made = client.send("POST", runs, body)
        ids[:] = [made["id"]] if isinstance(made, dict) and isinstance(made.get("id"), int) else []

    once(client, send, existing)
    if len(batches) > 1 and (ids or existing()):
        for batch in batches[1:]:
            # Annotations add up, so a call of unknown outcome is not repeated: at worst one batch is missing.
            client.send("PATCH", f"{runs}/{ids[0]}", {"output": output(batch)})


def _send(client: GitHub, reference: PullReference, review: PostReview, seen: Seen) -> None:
    body = {
        "commit_id": review.commit_sha,
        "event": "COMMENT",
        "body": review.body,
        "comments": [_comment(comment) for comment in review.comments],
    }
    prints = {comment.fingerprint for comment in review.comments}
    once(client, lambda: client.send("POST", f"{_pull(reference)}/reviews", body), lambda: prints <= seen())


def _comment(comment: InlineComment) -> dict[str, object]:
    place: dict[str, object] = {
        "path": comment.path,
        "side": comment.side.value,
        "line": comment.line,
        "body": comment.body,
    }
    if comment.start_line < comment.line:
        place |= {"start_line": comment.start_line, "start_side": comment.side.value}
    return place


def _annotation(comment: InlineComment, levels: Callable[[str], str]) -> dict[str, object]:
    title, _, message = comment.body.partition("\n")
    return {
        "path": comment.path,
        "start_line": comment.start_line,
        "end_line": comment.line,
        "annotation_level": levels(comment.fingerprint),
        "title": title[:250],
        "message": message[:60_000] or title,
    }


def _mutate(client: GitHub, document: str, variables: dict[str, str]) -> list[str]:
    data: dict[str, object] = {}

    def send() -> None:
        data.update(client.mutate(document, variables))

    again(client, send)
    return [
        str(thread["id"])
        for answer in data.values()
        if isinstance(answer, dict) and isinstance(thread := answer.get("thread"), dict) and "id" in thread
    ]


def _current(client: GitHub, reference: PullReference) -> ChangeSet | None:
    """GitHub's own diff as it is now, or None if it cannot be had."""
    try:
        return diff.parse(client.get(_pull(reference), accept=DIFF_TYPE).raw)
    except GitHubFailure:
        return None  # then halving finds the culprits


def _fits(change: ChangeSet | None, comment: InlineComment) -> bool:
    if change is None:
        return True
    file = change.file(comment.path)
    place = locate.span(file, comment.side, comment.start_line, comment.line) if file is not None else None
    return place is not None and (place.start, place.end) == (comment.start_line, comment.line)


def _halves(heap: Sequence[InlineComment]) -> list[list[InlineComment]]:
    middle = len(heap) // 2
    return [part for part in (list(heap[:middle]), list(heap[middle:])) if part]


def _pull(reference: PullReference) -> str:
    return f"/repos/{reference.repository}/pulls/{reference.number}"
