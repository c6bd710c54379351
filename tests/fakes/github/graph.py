"""The GraphQL half of the fake: documents validated and executed against GitHub's own schema (cut to what we use)."""

from __future__ import annotations

from typing import Any

from graphql import ExecutionResult, GraphQLError, execute_sync, parse, validate

from tests.fakes.github import schema
from tests.fakes.github.state import Comment, Pull, State, Thread, Who

_CONTENT = {"+1": "THUMBS_UP", "-1": "THUMBS_DOWN", "eyes": "EYES", "heart": "HEART", "confused": "CONFUSED"}
_TIME = "2026-01-01T00:00:00Z"


class Graph:
    """`run` answers one document for one person."""

    def __init__(self, state: State) -> None:
        self.state = state

    def run(self, who: Who, query: str, variables: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The answer, and what was wrong with the document (violations of GitHub's schema)."""
        try:
            document = parse(query)
        except GraphQLError as error:
            return {"errors": [{"message": str(error)}]}, [f"graphql: {error.message}"]
        faults = validate(schema.graphql_schema(), document)
        if faults:
            return {"errors": [{"message": fault.message} for fault in faults]}, [
                f"graphql: {fault.message}" for fault in faults
            ]
        result: ExecutionResult = execute_sync(
            schema.graphql_schema(),
            document,
            root_value=Root(self.state, who),
            variable_values=variables,
            type_resolver=_type,
        )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [{"type": _kind(error), "message": error.message} for error in result.errors]
        wrong = [
            f"graphql: {error.message}" for error in result.errors or () if not isinstance(error.original_error, Denied)
        ]
        return answer, wrong


class Denied(Exception):
    """An error GitHub would give too."""


def _kind(error: GraphQLError) -> str:
    return "FORBIDDEN" if "integration" in error.message else "NOT_FOUND"


def _type(value: Any, info: Any, abstract: Any) -> str:
    return str(value["__typename"])


def _page(nodes: list[Any], arguments: dict[str, Any]) -> dict[str, Any]:
    start = int(arguments.get("after") or 0)
    if not (arguments.get("first") or arguments.get("last")):
        raise Denied("You must provide a `first` or `last` value to properly paginate.")
    if max(arguments.get("first") or 0, arguments.get("last") or 0) > 100:
        raise Denied("Requesting more than 100 records exceeds the `first` limit.")
    if last := arguments.get("last"):
        end = int(arguments.get("before") or len(nodes))
        begin = max(0, end - last)
        info = {
            "hasNextPage": end < len(nodes),
            "hasPreviousPage": begin > 0,
            "startCursor": str(begin),
            "endCursor": str(end),
        }
        return {"nodes": nodes[begin:end], "totalCount": len(nodes), "pageInfo": info}
    end = start + int(arguments["first"])
    info = {
        "hasNextPage": end < len(nodes),
        "hasPreviousPage": start > 0,
        "startCursor": str(start),
        "endCursor": str(end),
    }
    return {"nodes": nodes[start:end], "totalCount": len(nodes), "pageInfo": info}


class Root:
    """Resolvers by name, as graphql-core's default resolver wants them: methods get `info` and the arguments."""

    def __init__(self, state: State, who: Who) -> None:
        self.state = state
        self.who = who

    def viewer(self, info: Any) -> dict[str, Any]:
        return {"__typename": "User", "id": f"U_{self.who.login}", "login": self.who.login}

    def repository(self, info: Any, owner: str, name: str, followRenames: bool = True) -> dict[str, Any] | None:  # noqa: N803
        if (owner, name) != (self.state.owner, self.state.name):
            raise Denied(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return {
            "id": "R_1",
            "nameWithOwner": f"{owner}/{name}",
            "pullRequest": lambda info, number: self.pull(number),
            "object": lambda info, expression=None, oid=None: self.object(expression or oid),
        }

    def object(self, expression: str) -> dict[str, Any] | None:
        commit, _, path = expression.partition(":")
        raw = self.state.git.read(commit, path)
        if raw is None:
            return None
        try:
            text: str | None = raw.decode()
        except UnicodeDecodeError:
            text = None
        binary = b"\0" in raw[:8000]
        return {
            "__typename": "Blob",
            "id": f"B_{expression}",
            "oid": self.state.git.git("rev-parse", expression).decode().strip(),
            "byteSize": len(raw),
            "isBinary": binary,
            "isTruncated": len(raw) > 512_000,
            "text": None if binary or text is None else text[:512_000],
        }

    def pull(self, number: int) -> dict[str, Any]:
        one = self.state.pulls.get(number)
        if one is None:
            raise Denied(f"Could not resolve to a PullRequest with the number of {number}.")
        return {
            "id": f"PR_{number}",
            "number": number,
            "title": one.title,
            "body": one.body,
            "headRefOid": one.head,
            "baseRefOid": one.base,
            "author": self.actor(one.author),
            "authorAssociation": one.author.association,
            "state": "OPEN",
            "isDraft": one.draft,
            "comments": lambda info, **a: _page([self.comment(one, c) for c in one.comments], a),
            "reviewThreads": lambda info, **a: _page([self.thread(one, t) for t in one.threads], a),
        }

    def actor(self, who: Who) -> dict[str, Any]:
        # GraphQL names a bot without the suffix that REST gives it.
        return {
            "__typename": "Bot" if who.bot else "User",
            "id": f"U_{who.login}",
            "login": who.login.removesuffix("[bot]"),
        }

    def thread(self, one: Pull, thread: Thread) -> dict[str, Any]:
        comments = [c for c in one.review_comments if c.thread == thread.id]
        root = comments[0]
        return {
            "__typename": "PullRequestReviewThread",
            "id": thread.id,
            "isResolved": thread.resolved,
            "isOutdated": root.outdated,
            "isCollapsed": thread.resolved,
            "resolvedBy": self.actor(thread.resolved_by) if thread.resolved_by else None,
            "path": root.path,
            "line": None if root.outdated else root.line,
            "startLine": root.start_line,
            "diffSide": root.side,
            "subjectType": root.subject_type.upper(),
            "viewerCanResolve": self.who.may_write,
            "viewerCanReply": self.who.may_write,
            "comments": lambda info, **a: _page([self.comment(one, c) for c in comments], a),
        }

    def comment(self, one: Pull, comment: Comment) -> dict[str, Any]:
        anchor = f"discussion_r{comment.id}" if comment.path else f"issuecomment-{comment.id}"
        reactions = [
            {"id": f"RE_{i}", "content": _CONTENT[c], "user": self.actor(w), "createdAt": _TIME}
            for i, (w, c) in enumerate(comment.reactions)
        ]
        return {
            "__typename": "PullRequestReviewComment" if comment.path else "IssueComment",
            "id": f"{'PRRC' if comment.path else 'IC'}_{comment.id}",
            # GraphQL's Int is 32 bits wide: newer comments have no databaseId there.
            "databaseId": None,
            "fullDatabaseId": str(comment.id),
            "body": comment.body,
            "author": self.actor(comment.by),
            "authorAssociation": comment.by.association,
            "createdAt": _TIME,
            "updatedAt": _TIME,
            "lastEditedAt": _TIME if comment.edited else None,
            "url": f"https://github.com/{self.state.owner}/{self.state.name}/pull/{one.number}#{anchor}",
            "isMinimized": comment.minimized,
            "viewerDidAuthor": comment.by.login == self.who.login,
            "path": comment.path,
            "line": comment.line,
            "outdated": comment.outdated,
            "reactions": lambda info, content=None, **a: _page(
                [r for r in reactions if content in {None, r["content"]}], a
            ),
        }

    # Mutations

    def _thread(self, id_: str) -> Thread:
        if not self.who.may_write:
            raise Denied("Resource not accessible by integration")
        for one in self.state.pulls.values():
            for thread in one.threads:
                if thread.id == id_:
                    return thread
        raise Denied(f"Could not resolve to a node with the global id of '{id_}'.")

    def resolveReviewThread(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002, N802
        thread = self._thread(input["threadId"])
        thread.resolved, thread.resolved_by = True, self.who
        return {"thread": {"id": thread.id, "isResolved": True}}

    def unresolveReviewThread(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002, N802
        thread = self._thread(input["threadId"])
        thread.resolved, thread.resolved_by = False, None
        return {"thread": {"id": thread.id, "isResolved": False}}

    def minimizeComment(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002, N802
        if not self.who.may_write:
            raise Denied("Resource not accessible by integration")
        number = int(input["subjectId"].rpartition("_")[2])
        for one in self.state.pulls.values():
            if (found := one.comment(number)) is not None:
                found.minimized = True
                return {"minimizedComment": {"__typename": "IssueComment", "isMinimized": True}}
        raise Denied("Could not resolve to a node")
