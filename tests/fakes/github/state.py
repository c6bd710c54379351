"""What the fake GitHub knows: people, a repository, pull requests, comments, threads, reviews, reactions, check runs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.github.repository import Repository


@dataclass(frozen=True)
class Who:
    """An identity behind a token. `may_write` is the token's pull-requests permission."""

    login: str
    bot: bool = False
    association: str = "NONE"
    permission: str = "read"  # on the repository: admin | write | read | none
    may_write: bool = True
    may_check: bool = True
    may_ask_who: bool = True  # GET /user: installation tokens may not

    @property
    def rest_type(self) -> str:
        return "Bot" if self.bot else "User"


BOT = Who("github-actions[bot]", bot=True, association="NONE", permission="write", may_ask_who=False)
OWNER = Who("olga", association="OWNER", permission="admin")
AUTHOR = Who("ada", association="CONTRIBUTOR")
MEMBER = Who("mia", association="MEMBER", permission="write")
STRANGER = Who("mallory")


@dataclass
class Comment:
    """An issue comment, or a review comment where `path` is set."""

    id: int
    by: Who
    body: str
    edited: bool = False
    path: str = ""
    side: str = "RIGHT"
    line: int | None = None
    start_line: int | None = None
    start_side: str | None = None
    subject_type: str = "line"
    commit: str = ""
    review: int = 0
    reply_to: int = 0
    thread: str = ""
    outdated: bool = False
    reactions: list[tuple[Who, str]] = field(default_factory=list)
    minimized: bool = False


@dataclass
class Thread:
    id: str
    root: int
    resolved: bool = False
    resolved_by: Who | None = None


@dataclass
class Review:
    id: int
    by: Who
    body: str
    event: str
    commit: str


@dataclass
class Pull:
    number: int
    base: str
    head: str
    title: str = "Charge orders"
    body: str = "Adds payments."
    branch: str = "payments"
    author: Who = AUTHOR
    fork: bool = False
    draft: bool = False
    labels: tuple[str, ...] = ()
    comments: list[Comment] = field(default_factory=list)
    review_comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)

    def comment(self, id_: int) -> Comment | None:
        return next((c for c in [*self.comments, *self.review_comments] if c.id == id_), None)

    def thread_of(self, comment: Comment) -> Thread:
        return next(t for t in self.threads if t.id == comment.thread)


class State:
    """One repository, `octo/shop`, and everything on it."""

    owner, name, repository_id = "octo", "shop", 1296269

    def __init__(self, folder: Path) -> None:
        self.git = Repository(folder)
        self.pulls: dict[int, Pull] = {}
        self.people: dict[str, Who] = {who.login: who for who in (BOT, OWNER, AUTHOR, MEMBER, STRANGER)}
        self.tokens: dict[str, Who] = {f"token-{who.login}": who for who in self.people.values()}
        self.check_runs: dict[int, dict[str, Any]] = {}
        self.notifications = 0  # what people's inboxes saw: one for each review and each new comment
        self._ids = itertools.count(1001)

    def next_id(self) -> int:
        return next(self._ids)

    def open(self, base: dict[str, Any], head: dict[str, Any], number: int = 7, **fields: Any) -> Pull:
        """A pull request whose base holds `base` and whose head lays `head` over it."""
        base_sha = self.git.commit(base, message="base")
        pull = Pull(number, base_sha, self.git.commit(head, base_sha), **fields)
        self.pulls[number] = pull
        return pull

    def push(self, pull: Pull, files: dict[str, Any], *, force_from: str = "") -> str:
        """A new head: on top of the old one, or forced onto `force_from`."""
        pull.head = self.git.commit(files, force_from or pull.head, message=f"push {self.next_id()}")
        for comment in pull.review_comments:
            here = self.commentable(pull, comment.path)
            comment.outdated = comment.line is not None and (comment.side, comment.line) not in here
        return pull.head

    def commentable(self, pull: Pull, path: str) -> dict[tuple[str, int], int]:
        """(side, line) -> index of the hunk, for every line GitHub takes a comment on."""
        places: dict[tuple[str, int], int] = {}
        hunk, old, new = -1, 0, 0
        current: str | None = None
        for raw in self.git.diff(pull.base, pull.head).split(b"\n"):
            line = raw.decode("utf-8", "replace")
            if line.startswith("diff --git "):
                current, hunk = None, -1
                inside = False
            elif line.startswith("@@ ") and current is not None:
                hunk += 1
                inside = True
                ranges = line.split(" ")
                old = int(ranges[1][1:].split(",")[0])
                new = int(ranges[2][1:].split(",")[0])
            elif not inside and line.startswith(("--- ", "+++ ")):
                name = line[4:].split("\t")[0]
                if name != "/dev/null":
                    current = name.strip('"')[2:]
            elif current == path and inside:
                if line.startswith("+"):
                    places["RIGHT", new] = hunk
                    new += 1
                elif line.startswith("-"):
                    places["LEFT", old] = hunk
                    old += 1
                elif line.startswith(" "):
                    places["RIGHT", new] = places["LEFT", old] = hunk
                    old, new = old + 1, new + 1
        return places

    def changed_paths(self, pull: Pull) -> list[str]:
        raw = self.git.git("diff", "-M", "--name-only", "-z", self.git.merge_base(pull.base, pull.head), pull.head)
        return [path.decode("utf-8", "surrogateescape") for path in raw.split(b"\0") if path]

    def checkout(self, pull: Pull, folder: Path) -> Path:
        """A clone that has both ends of the pull request, as a job's checkout with full history would."""
        self.git.git("init", "-q", str(folder))
        objects = folder / ".git" / "objects" / "info" / "alternates"
        objects.write_text(f"{(self.git.folder / 'objects').resolve()}\n")
        return folder

    # What people do, outside the API.

    def say(self, pull: Pull, by: Who, body: str) -> Comment:
        comment = Comment(self.next_id(), by, body)
        pull.comments.append(comment)
        return comment

    def reply(self, pull: Pull, by: Who, root: Comment, body: str) -> Comment:
        comment = Comment(
            self.next_id(),
            by,
            body,
            path=root.path,
            side=root.side,
            line=root.line,
            commit=root.commit,
            reply_to=root.id,
            thread=root.thread,
        )
        pull.review_comments.append(comment)
        return comment

    def resolve(self, pull: Pull, by: Who, root: Comment) -> None:
        thread = pull.thread_of(root)
        thread.resolved, thread.resolved_by = True, by

    def add_review(self, pull: Pull, by: Who, body: str, comments: list[dict[str, Any]], commit: str = "") -> Review:
        review = Review(self.next_id(), by, body, "COMMENTED", commit or pull.head)
        pull.reviews.append(review)
        self.notifications += 1
        for given in comments:
            self.add_review_comment(pull, by, given, review.id, review.commit)
        return review

    def add_review_comment(self, pull: Pull, by: Who, given: dict[str, Any], review: int, commit: str) -> Comment:
        comment = Comment(
            self.next_id(),
            by,
            given["body"],
            path=given["path"],
            side=given.get("side", "RIGHT"),
            line=given.get("line"),
            start_line=given.get("start_line"),
            start_side=given.get("start_side"),
            subject_type=given.get("subject_type", "line"),
            commit=commit,
            review=review,
        )
        comment.thread = f"PRRT_{comment.id}"
        pull.review_comments.append(comment)
        pull.threads.append(Thread(comment.thread, comment.id))
        return comment
