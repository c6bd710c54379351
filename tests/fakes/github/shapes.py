"""GitHub's answers: its own examples with the fake's state laid over them."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.fakes.github import schema
from tests.fakes.github.state import Comment, Pull, Review, State, Who

REPO = "/repos/{owner}/{repo}"
PULL = REPO + "/pulls/{pull_number}"
CREATED, EDITED = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"


def user(who: Who) -> dict[str, Any]:
    found = schema.example(f"POST {REPO}/issues/{{issue_number}}/comments", 201)["user"]
    return {
        **found,
        "login": who.login,
        "id": int(hashlib.sha256(who.login.encode()).hexdigest()[:6], 16),
        "type": who.rest_type,
    }


def pull(state: State, one: Pull) -> dict[str, Any]:
    found = schema.example(f"GET {PULL}", 200)
    for team in found.get("requested_teams", []):
        team.setdefault("type", "organization")
    name = f"{state.owner}/{state.name}"
    found["base"]["repo"] |= {"full_name": name, "name": state.name, "id": state.repository_id}
    found["base"] |= {"sha": one.base, "ref": "main"}
    found["head"]["repo"] |= {"full_name": f"{one.author.login}/{state.name}" if one.fork else name, "name": state.name}
    found["head"] |= {"sha": one.head, "ref": one.branch}
    paths = state.changed_paths(one)
    label = found["labels"][0] if found["labels"] else {}
    return found | {
        "number": one.number,
        "title": one.title,
        "body": one.body,
        "draft": one.draft,
        "state": "open",
        "user": user(one.author),
        "author_association": one.author.association,
        "labels": [{**label, "name": name_} for name_ in one.labels],
        "changed_files": len(paths),
        "comments": len(one.comments),
        "review_comments": len(one.review_comments),
        "html_url": f"https://github.com/{name}/pull/{one.number}",
    }


def issue_comment(state: State, one: Pull, comment: Comment) -> dict[str, Any]:
    return schema.example(
        f"POST {REPO}/issues/{{issue_number}}/comments",
        201,
        id=comment.id,
        node_id=f"IC_{comment.id}",
        body=comment.body,
        user=user(comment.by),
        created_at=CREATED,
        updated_at=EDITED if comment.edited else CREATED,
        author_association=comment.by.association,
        issue_url=f"https://api.github.com/repos/{state.owner}/{state.name}/issues/{one.number}",
        html_url=f"https://github.com/{state.owner}/{state.name}/pull/{one.number}#issuecomment-{comment.id}",
        url=f"https://api.github.com/repos/{state.owner}/{state.name}/issues/comments/{comment.id}",
    )


def review_comment(state: State, one: Pull, comment: Comment) -> dict[str, Any]:
    root = one.comment(comment.reply_to) if comment.reply_to else None
    place = root or comment
    line = None if place.outdated or place.subject_type == "file" else place.line
    found = schema.example(
        f"GET {PULL}/comments",
        200,
        id=comment.id,
        node_id=f"PRRC_{comment.id}",
        body=comment.body,
        user=user(comment.by),
        created_at=CREATED,
        updated_at=EDITED if comment.edited else CREATED,
        pull_request_url=f"https://api.github.com/repos/{state.owner}/{state.name}/pulls/{one.number}",
        author_association=comment.by.association,
        path=place.path,
        side=place.side,
        line=line,
        original_line=place.line or 1,
        start_line=place.start_line,
        start_side=place.start_side or (place.side if place.start_line else None),
        original_start_line=place.start_line,
        commit_id=one.head,
        original_commit_id=comment.commit,
        pull_request_review_id=comment.review or None,
        subject_type=place.subject_type,
        html_url=f"https://github.com/{state.owner}/{state.name}/pull/{one.number}#discussion_r{comment.id}",
        url=f"https://api.github.com/repos/{state.owner}/{state.name}/pulls/comments/{comment.id}",
        reactions=_rollup(comment),
    )
    if line is None:
        del found["line"]  # GitHub's own schema has no null here
    if comment.reply_to:
        found["in_reply_to_id"] = comment.reply_to
    else:
        found.pop("in_reply_to_id", None)
    return found


def _rollup(comment: Comment) -> dict[str, Any]:
    names = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
    counts = {name: sum(1 for _, content in comment.reactions if content == name) for name in names}
    return {"url": f"https://api.github.com/reactions/{comment.id}", "total_count": len(comment.reactions), **counts}


def review(state: State, one: Pull, given: Review) -> dict[str, Any]:
    return schema.example(
        f"POST {PULL}/reviews",
        200,
        id=given.id,
        node_id=f"PRR_{given.id}",
        body=given.body,
        user=user(given.by),
        author_association=given.by.association,
        state=given.event,
        commit_id=given.commit,
        html_url=f"https://github.com/{state.owner}/{state.name}/pull/{one.number}#pullrequestreview-{given.id}",
    )


def files(state: State, base: str, head: str, *, big: int) -> list[dict[str, Any]]:
    """The per-file patches of a pull request or comparison; `patch` is missing for large and binary files."""
    fork = state.git.merge_base(base, head)
    raw = state.git.git("diff", "-M", "--raw", "-z", "--no-abbrev", fork, head).split(b"\0")
    found, index = [], 0
    while index + 1 < len(raw):
        meta, first = raw[index].decode(), raw[index + 1].decode("utf-8", "surrogateescape")
        letter = meta.split(" ")[4]
        index += 2
        name, previous = first, ""
        if letter[0] in "RC":
            previous, name = first, raw[index].decode("utf-8", "surrogateescape")
            index += 1
        found.append(_file(state, fork, head, name, previous, letter, meta.split(" ")[3], big))
    return found


def _file(
    state: State, fork: str, head: str, name: str, previous: str, letter: str, sha: str, big: int
) -> dict[str, Any]:
    paths = (previous, name) if previous else (name,)
    diff = state.git.git("diff", "-M", fork, head, "--", *paths)
    numbers = [
        row.split(b"\t")
        for row in state.git.git("diff", "-M", "--numstat", "-z", fork, head, "--", *paths).split(b"\0")
        if b"\t" in row
    ]
    added, removed = (0, 0) if not numbers or numbers[0][0] == b"-" else (int(numbers[0][0]), int(numbers[0][1]))
    status = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}[letter[0]]
    found = schema.example(
        f"GET {PULL}/files",
        200,
        filename=name.encode("utf-8", "replace").decode(),
        status=status,
        additions=added,
        deletions=removed,
        changes=added + removed,
        sha=sha,
    )
    found.pop("patch")
    if previous:
        found["previous_filename"] = previous
    start = diff.find(b"\n@@ ")
    patch = diff[start + 1 :] if start >= 0 else b""
    if patch and added + removed <= big:
        found["patch"] = patch.removesuffix(b"\n").decode("utf-8", "replace")
    return found
