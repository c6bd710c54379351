"""The REST half of the fake: what GitHub does for each operation, the rules its schema does not state included."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from tests.fakes.github import schema, shapes
from tests.fakes.github.shapes import PULL, REPO
from tests.fakes.github.state import Comment, Pull, Review, State, Who

MAX_COMMENT = 65_536
MAX_SUMMARY = 65_535


class Refusal(Exception):
    """An error answer in GitHub's shape."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if errors is not None:
            self.body["errors"] = errors


class Ask(NamedTuple):
    who: Who
    path: Mapping[str, str]
    query: Mapping[str, str]
    accept: str
    body: Any


class Reply(NamedTuple):
    """`listing` is paged by the server; `text` is an answer that is not JSON."""

    status: int
    body: Any = None
    listing: bool = False
    text: bytes | None = None
    page_key: str = ""  # the key of the listing inside an object answer


class Limits(NamedTuple):
    """GitHub's own limits, smaller in tests that must cross them."""

    diff_lines: int = 20_000
    diff_files: int = 300
    patch_lines: int = 3_000
    pull_files: int = 3_000
    compare_files: int = 300


class Rest:
    """`answer` performs one operation."""

    def __init__(self, state: State, limits: Limits) -> None:
        self.state = state
        self.limits = limits
        self.handlers: dict[str, Callable[[Ask], Reply]] = {
            f"GET {REPO}": self.repository,
            f"GET {PULL}": self.pull,
            f"GET {PULL}/files": self.files,
            f"GET {PULL}/commits": self.commits,
            f"GET {PULL}/reviews": self.reviews,
            f"POST {PULL}/reviews": self.post_review,
            f"GET {PULL}/comments": self.review_comments,
            f"POST {PULL}/comments": self.post_review_comment,
            f"POST {PULL}/comments/{{comment_id}}/replies": self.post_reply,
            f"GET {REPO}/pulls/comments/{{comment_id}}": self.review_comment,
            f"GET {REPO}/pulls/comments/{{comment_id}}/reactions": self.reactions,
            f"POST {REPO}/pulls/comments/{{comment_id}}/reactions": self.react,
            f"POST {REPO}/issues/comments/{{comment_id}}/reactions": self.react,
            f"GET {REPO}/issues/{{issue_number}}/comments": self.issue_comments,
            f"POST {REPO}/issues/{{issue_number}}/comments": self.post_issue_comment,
            f"PATCH {REPO}/issues/comments/{{comment_id}}": self.edit_issue_comment,
            f"GET {REPO}/issues/comments/{{comment_id}}": self.issue_comment,
            f"GET {REPO}/compare/{{basehead}}": self.compare,
            f"GET {REPO}/contents/{{path}}": self.contents,
            f"GET {REPO}/git/trees/{{tree_sha}}": self.tree,
            f"GET {REPO}/git/blobs/{{file_sha}}": self.blob,
            f"GET {REPO}/collaborators/{{username}}/permission": self.permission,
            f"POST {REPO}/check-runs": self.post_check,
            f"PATCH {REPO}/check-runs/{{check_run_id}}": self.edit_check,
            f"GET {REPO}/commits/{{ref}}/check-runs": self.checks,
            "GET /user": self.user,
        }

    def answer(self, operation: str, ask: Ask) -> Reply:
        handler = self.handlers.get(operation)
        if handler is None:
            raise Refusal(501, f"the fake does not do {operation}")
        repository = (ask.path.get("owner"), ask.path.get("repo"))
        if "owner" in ask.path and repository != (self.state.owner, self.state.name):
            raise Refusal(404, "Not Found")
        return handler(ask)

    def the_pull(self, ask: Ask) -> Pull:
        number = ask.path.get("pull_number") or ask.path["issue_number"]
        found = self.state.pulls.get(int(number)) if number.isdigit() else None
        if found is None:
            raise Refusal(404, "Not Found")
        return found

    def may_write(self, ask: Ask) -> None:
        if not ask.who.may_write:
            raise Refusal(403, "Resource not accessible by integration")

    # Reading

    def repository(self, ask: Ask) -> Reply:
        return Reply(
            200,
            schema.example(
                f"GET {REPO}",
                200,
                language=None,
                name=self.state.name,
                full_name=f"{self.state.owner}/{self.state.name}",
            ),
        )

    def user(self, ask: Ask) -> Reply:
        if not ask.who.may_ask_who:
            raise Refusal(403, "Resource not accessible by integration")
        return Reply(200, schema.example("GET /user", 200, **shapes.user(ask.who)))

    def pull(self, ask: Ask) -> Reply:
        one = self.the_pull(ask)
        if "diff" not in ask.accept:
            return Reply(200, shapes.pull(self.state, one))
        diff = self.state.git.diff(one.base, one.head)
        lines = sum(1 for line in diff.split(b"\n") if line[:1] in {b"+", b"-"})
        if lines > self.limits.diff_lines or len(self.state.changed_paths(one)) > self.limits.diff_files:
            raise Refusal(
                406,
                f"Sorry, the diff exceeded the maximum number of lines ({self.limits.diff_lines})",
                [{"resource": "PullRequest", "field": "diff", "code": "too_large"}],
            )
        return Reply(200, text=diff)

    def files(self, ask: Ask) -> Reply:
        one = self.the_pull(ask)
        listed = shapes.files(self.state, one.base, one.head, big=self.limits.patch_lines)
        return Reply(200, listed[: self.limits.pull_files], listing=True)

    def commits(self, ask: Ask) -> Reply:
        return Reply(200, [schema.example(f"GET {PULL}/commits", 200, sha=self.the_pull(ask).head)], listing=True)

    def compare(self, ask: Ask) -> Reply:
        base, dots, head = ask.path["basehead"].partition("...")
        if not dots:
            raise Refusal(404, "Not Found")
        if "diff" in ask.accept:
            diff = self.state.git.diff(base, head)
            if diff.count(b"\n") > self.limits.diff_lines:
                raise Refusal(406, "Sorry, this diff is taking too long to generate.", [])
            return Reply(200, text=diff)
        page = int(ask.query.get("page", "1"))
        listed = (
            shapes.files(self.state, base, head, big=self.limits.patch_lines)[: self.limits.compare_files]
            if page == 1
            else []
        )
        found = schema.example(f"GET {REPO}/compare/{{basehead}}", 200, files=listed)
        found["merge_base_commit"]["sha"] = self.state.git.merge_base(base, head)
        return Reply(200, found)

    def reviews(self, ask: Ask) -> Reply:
        one = self.the_pull(ask)
        return Reply(200, [shapes.review(self.state, one, review) for review in one.reviews], listing=True)

    def review_comments(self, ask: Ask) -> Reply:
        one = self.the_pull(ask)
        return Reply(
            200, [shapes.review_comment(self.state, one, comment) for comment in one.review_comments], listing=True
        )

    def issue_comments(self, ask: Ask) -> Reply:
        one = self.the_pull(ask)
        return Reply(200, [shapes.issue_comment(self.state, one, comment) for comment in one.comments], listing=True)

    def issue_comment(self, ask: Ask) -> Reply:
        one, comment = self._find(ask)
        if comment.path:
            raise Refusal(404, "Not Found")
        return Reply(200, shapes.issue_comment(self.state, one, comment))

    def review_comment(self, ask: Ask) -> Reply:
        one, comment = self._find(ask)
        if not comment.path:
            raise Refusal(404, "Not Found")
        return Reply(200, shapes.review_comment(self.state, one, comment))

    def react(self, ask: Ask) -> Reply:
        self.may_write(ask)
        _, comment = self._find(ask)
        given = (ask.who, ask.body["content"])
        status = 200 if given in comment.reactions else 201
        if status == 201:
            comment.reactions.append(given)
        shown = schema.example(
            f"POST {REPO}/issues/comments/{{comment_id}}/reactions",
            201,
            content=ask.body["content"],
            user=shapes.user(ask.who),
        )
        return Reply(status, shown)

    def reactions(self, ask: Ask) -> Reply:
        _, comment = self._find(ask)
        listed = [
            schema.example(
                f"GET {REPO}/pulls/comments/{{comment_id}}/reactions", 200, content=content, user=shapes.user(who)
            )
            for who, content in comment.reactions
            if ask.query.get("content", content) == content
        ]
        return Reply(200, listed, listing=True)

    def contents(self, ask: Ask) -> Reply:
        path, ref = unquote(ask.path["path"]), ask.query.get("ref", "")
        entry = next((entry for entry in self.state.git.tree(ref) if entry[4] == path), None) if ref else None
        raw = self.state.git.read(ref, path) if entry else None
        if entry is None or raw is None:
            raise Refusal(404, "Not Found")
        if "raw" in ask.accept:
            return Reply(200, text=raw)
        large = len(raw) > 1_000_000
        found = schema.example(
            f"GET {REPO}/contents/{{path}}",
            200,
            type="symlink" if entry[0] == "120000" else "file",
            encoding="none" if large else "base64",
            size=len(raw),
            name=path.rsplit("/", 1)[-1],
            path=path,
            content="" if large else base64.encodebytes(raw).decode(),
            sha=entry[2],
        )
        if entry[0] == "120000":
            found["target"] = raw.decode()
        return Reply(200, found)

    def tree(self, ask: Ask) -> Reply:
        entries = self.state.git.tree(ask.path["tree_sha"])
        listed = [
            {
                "path": path,
                "mode": mode,
                "type": kind,
                "sha": sha,
                "size": size,
                "url": f"https://api.github.com/repos/octo/shop/git/blobs/{sha}",
            }
            for mode, kind, sha, size, path in entries
        ]
        return Reply(
            200,
            {"sha": ask.path["tree_sha"], "url": "https://api.github.com/trees", "tree": listed, "truncated": False},
        )

    def blob(self, ask: Ask) -> Reply:
        try:
            raw = self.state.git.git("cat-file", "blob", ask.path["file_sha"])
        except RuntimeError as error:
            raise Refusal(404, "Not Found") from error
        return Reply(
            200,
            schema.example(
                f"GET {REPO}/git/blobs/{{file_sha}}",
                200,
                content=base64.encodebytes(raw).decode(),
                encoding="base64",
                size=len(raw),
                sha=ask.path["file_sha"],
            ),
        )

    def permission(self, ask: Ask) -> Reply:
        who = self.state.people.get(ask.path["username"])
        if who is None:
            raise Refusal(404, f"{ask.path['username']} is not a user")
        found = schema.example(
            f"GET {REPO}/collaborators/{{username}}/permission",
            200,
            permission=who.permission,
            role_name=who.permission,
        )
        found["user"] = {**found["user"], **shapes.user(who), "role_name": who.permission}
        return Reply(200, found)

    # Writing

    def post_review(self, ask: Ask) -> Reply:
        self.may_write(ask)
        one, body = self.the_pull(ask), ask.body
        event, comments = body.get("event"), body.get("comments", [])
        if event in {"REQUEST_CHANGES", "COMMENT"} and not body.get("body") and not comments:
            raise Refusal(422, "Unprocessable Entity", ["Body is required"])
        if event in {"APPROVE", "REQUEST_CHANGES"} and ask.who.login == one.author.login:
            raise Refusal(422, "Unprocessable Entity", ["Can not approve your own pull request"])
        self._length(body.get("body") or "")
        commit = body.get("commit_id") or one.head
        for comment in comments:
            self._place(one, comment)
            self._length(comment["body"])
        review = self.state.add_review(one, ask.who, body.get("body") or "", comments, commit)
        return Reply(200, shapes.review(self.state, one, review))

    def post_review_comment(self, ask: Ask) -> Reply:
        self.may_write(ask)
        one, body = self.the_pull(ask), ask.body
        self._length(body["body"])
        if body.get("subject_type") == "file":
            if body["path"] not in self.state.changed_paths(one):
                raise Refusal(422, "Validation Failed", [_field_error("path")])
            if "line" in body:
                raise Refusal(422, "Validation Failed", [_field_error("line")])
        else:
            self._place(one, body)
        review = Review(self.state.next_id(), ask.who, "", "COMMENTED", body["commit_id"])
        one.reviews.append(review)
        self.state.notifications += 1
        comment = self.state.add_review_comment(one, ask.who, body, review.id, body["commit_id"])
        return Reply(201, shapes.review_comment(self.state, one, comment))

    def post_reply(self, ask: Ask) -> Reply:
        self.may_write(ask)
        one = self.the_pull(ask)
        root = one.comment(int(ask.path["comment_id"]))
        if root is None or not root.path:
            raise Refusal(404, "Not Found")
        self._length(ask.body["body"])
        self.state.notifications += 1
        return Reply(
            201, shapes.review_comment(self.state, one, self.state.reply(one, ask.who, root, ask.body["body"]))
        )

    def post_issue_comment(self, ask: Ask) -> Reply:
        self.may_write(ask)
        one = self.the_pull(ask)
        self._length(ask.body["body"])
        self.state.notifications += 1
        return Reply(201, shapes.issue_comment(self.state, one, self.state.say(one, ask.who, ask.body["body"])))

    def edit_issue_comment(self, ask: Ask) -> Reply:
        self.may_write(ask)
        one, comment = self._find(ask)
        if comment.by.login != ask.who.login and ask.who.permission not in {"admin", "write"}:
            raise Refusal(403, "Resource not accessible by integration")
        self._length(ask.body["body"])
        comment.body, comment.edited = ask.body["body"], True
        return Reply(200, shapes.issue_comment(self.state, one, comment))

    def post_check(self, ask: Ask) -> Reply:
        if not ask.who.may_check:
            raise Refusal(403, "Resource not accessible by integration")
        id_ = self.state.next_id()
        self.state.check_runs[id_] = {
            **ask.body,
            "annotations": list(ask.body.get("output", {}).get("annotations", [])),
        }
        return Reply(201, self._check(id_))

    def edit_check(self, ask: Ask) -> Reply:
        id_ = int(ask.path["check_run_id"])
        if id_ not in self.state.check_runs:
            raise Refusal(404, "Not Found")
        stored = self.state.check_runs[id_]
        stored["annotations"] += ask.body.get("output", {}).get("annotations", [])
        stored |= {key: value for key, value in ask.body.items() if key != "output"}
        return Reply(200, self._check(id_))

    def checks(self, ask: Ask) -> Reply:
        runs = [self._check(id_) for id_, run in self.state.check_runs.items() if run["head_sha"] == ask.path["ref"]]
        return Reply(200, {"total_count": len(runs), "check_runs": runs}, listing=True, page_key="check_runs")

    def _check(self, id_: int) -> dict[str, Any]:
        run = self.state.check_runs[id_]
        found = schema.example(f"POST {REPO}/check-runs", 201, id=id_, name=run["name"], head_sha=run["head_sha"])
        found["conclusion"] = run.get("conclusion")
        found["external_id"] = run.get("external_id", "")
        found["output"] = {**found["output"], "annotations_count": len(run["annotations"])}
        return found

    def _find(self, ask: Ask) -> tuple[Pull, Comment]:
        for one in self.state.pulls.values():
            if (comment := one.comment(int(ask.path["comment_id"]))) is not None:
                return one, comment
        raise Refusal(404, "Not Found")

    def _length(self, text: str) -> None:
        if len(text) > MAX_COMMENT:
            raise Refusal(
                422,
                "Validation Failed",
                [{**_field_error("body"), "message": f"body is too long (maximum is {MAX_COMMENT} characters)"}],
            )

    def _place(self, one: Pull, comment: Mapping[str, Any]) -> None:
        """A comment must lie in the diff; a range must begin before it ends, in the same hunk."""
        places = self.state.commentable(one, comment["path"])
        side, line = comment.get("side", "RIGHT"), comment.get("line")
        if comment["path"] not in self.state.changed_paths(one):
            raise Refusal(422, "Unprocessable Entity", ["Path could not be resolved"])
        if line is None or (side, line) not in places:
            raise Refusal(422, "Unprocessable Entity", ["Line could not be resolved"])
        if (start := comment.get("start_line")) is None:
            return
        start_side = comment.get("start_side", side)
        if start_side == side and start >= line:
            raise Refusal(422, "Unprocessable Entity", ["start_line must precede the end line."])
        if places.get((start_side, start)) != places[side, line]:
            raise Refusal(422, "Unprocessable Entity", ["start_line must be part of the same hunk as the line."])


def _field_error(field: str) -> dict[str, str]:
    return {"resource": "PullRequestReviewComment", "field": field, "code": "invalid"}
