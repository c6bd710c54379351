"""What has been said on a pull request, and by whom: one GraphQL request, or REST where there is none.

Whether a comment is *ours* is decided here and nowhere else. An identity is a login as REST writes it (bots end in
`[bot]`, which no person's login can).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reviewer.github.client import GitHub
from reviewer.github.endpoints import PullReference
from reviewer.github.failure import GitHubFailure, Kind
from reviewer.nouns.changeset import Side

ACTIONS_BOT = "github-actions[bot]"  # who a workflow's own token posts as
_PAGES = 10
_OURS_HINT = "<!-- design-reviewer:"


class Remark(NamedTuple):
    """One comment. `id` is REST's number, `node` GraphQL's id (either may be missing). The text is untrusted."""

    id: int
    author: str
    ours: bool
    body: str
    node: str = ""
    objections: tuple[str, ...] = ()  # logins that reacted with a thumb down or confusion


class Thread(NamedTuple):
    """One review thread, oldest remark first. `id` is "" where only REST could be asked: it cannot be resolved then."""

    id: str
    path: str
    side: Side
    line: int  # 0 if outdated or on the file
    resolved: bool
    resolved_by: str
    resolved_by_us: bool
    remarks: tuple[Remark, ...]


class Conversation(NamedTuple):
    """Everything said so far. `head_sha` is the head right now, "" if it was not told along."""

    remarks: tuple[Remark, ...]
    threads: tuple[Thread, ...]
    head_sha: str = ""
    author: str = ""
    author_association: str = ""


def read(client: GitHub, reference: PullReference, identity: str = "", *, thorough: bool = False) -> Conversation:
    """Read it all. `identity` is the account we post as, if it is configured. Raises GitHubFailure.

    Where only REST can be asked, the inline comments are read for the `thorough` alone: what was posted is needed
    to post by, while the summary comment's state is enough to remember by.
    """
    found = _by_query(client, reference, identity)
    if isinstance(found, Conversation):
        return found
    return _with_ids(_by_rest(client, reference, identity, thorough=thorough), found)


def foresee(client: GitHub, reference: PullReference) -> None:
    """Begin what `read` will ask first."""
    if client.graphql_works is not False:
        client.foresee_query(QUERY, _variables(reference))


def whoami(client: GitHub) -> str:
    """The account a token posts as: its user, or the Actions bot for a workflow's own token, which may not ask."""
    if not client.login:
        client.login = _user(client) or ACTIONS_BOT
    return client.login


def _user(client: GitHub) -> str:
    try:
        found = client.get_json("/user")
    except GitHubFailure as failure:
        if failure.kind in {Kind.FORBIDDEN, Kind.NOT_FOUND}:
            return ""
        raise
    return _login(found)


# One request for everything; the pages are followed with the same document.
QUERY = """
query Conversation($owner: String!, $name: String!, $number: Int!, $remarks: String, $threads: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid
      authorAssociation
      author { __typename login }
      comments(first: 100, after: $remarks) {
        nodes { id databaseId url body viewerDidAuthor author { __typename login } }
        pageInfo { hasNextPage endCursor }
      }
      reviewThreads(first: 100, after: $threads) {
        nodes {
          id isResolved path line diffSide
          resolvedBy { __typename login }
          comments(first: 40) {
            nodes {
              id url body viewerDidAuthor
              author { __typename login }
              down: reactions(content: THUMBS_DOWN, first: 5) { nodes { user { __typename login } } }
              puzzled: reactions(content: CONFUSED, first: 5) { nodes { user { __typename login } } }
            }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""


class _Page(NamedTuple):
    """One answer's parts, checked to be there."""

    viewer: str
    pull: Mapping[str, Any]
    remarks: Mapping[str, Any]
    threads: Mapping[str, Any]


def _by_query(client: GitHub, reference: PullReference, identity: str) -> Conversation | tuple[Thread, ...]:
    """The conversation; only the threads that could be seen where the server does not answer all we asked for."""
    variables = _variables(reference)
    remarks: dict[str, Remark] = {}
    threads: dict[str, Thread] = {}
    pull: Mapping[str, Any] = {}
    for _ in range(_PAGES):
        answer = client.query(QUERY, variables)
        page = _page(answer)
        if page is None or not (page.viewer or identity):
            return _partial(answer)
        pull = page.pull
        us = frozenset(name for name in (identity, page.viewer) if name)
        remarks |= {remark.node: remark for remark in (_graph_remark(node, us) for node in _nodes(page.remarks))}
        threads |= {thread.id: thread for thread in (_graph_thread(node, us) for node in _nodes(page.threads))}
        following = {
            key: info.get("endCursor")
            for key, part in (("remarks", page.remarks), ("threads", page.threads))
            if (info := part.get("pageInfo") or {}).get("hasNextPage")
        }
        if not following:
            break
        variables |= following
    return Conversation(
        tuple(remarks.values()),
        tuple(threads.values()),
        _text(pull, "headRefOid"),
        _login(pull.get("author")),
        _text(pull, "authorAssociation"),
    )


def _variables(reference: PullReference) -> dict[str, object]:
    owner, _, name = reference.repository.partition("/")
    return {"owner": owner, "name": name, "number": reference.number}


def _partial(data: Mapping[str, Any] | None) -> tuple[Thread, ...]:
    """The threads of an answer that lacks other things."""
    found: Any = data
    for key in ("repository", "pullRequest", "reviewThreads"):
        found = found.get(key) if isinstance(found, dict) else None
    return tuple(_graph_thread(node, frozenset()) for node in _nodes(found)) if isinstance(found, dict) else ()


def _with_ids(rest: Conversation, seen: tuple[Thread, ...]) -> Conversation:
    """REST's threads with the ids and states that GraphQL gave, matched by their first comment's number."""
    by_root = {thread.remarks[0].id: thread for thread in seen if thread.remarks and thread.remarks[0].id}
    threads = []
    for thread in rest.threads:
        known = by_root.get(thread.remarks[0].id)
        if known is None:
            threads.append(thread)
            continue
        us = {remark.author for remark in thread.remarks if remark.ours}
        by_us = known.resolved_by in us or f"{known.resolved_by}[bot]" in us
        threads.append(
            thread._replace(id=known.id, resolved=known.resolved, resolved_by=known.resolved_by, resolved_by_us=by_us)
        )
    return rest._replace(threads=tuple(threads))


def _page(data: Mapping[str, Any] | None) -> _Page | None:
    repository = (data or {}).get("repository")
    pull = repository.get("pullRequest") if isinstance(repository, dict) else None
    if not isinstance(pull, dict):
        return None
    remarks, threads = pull.get("comments"), pull.get("reviewThreads")
    if not isinstance(remarks, dict) or not isinstance(threads, dict):
        return None
    if not isinstance(remarks.get("nodes"), list) or not isinstance(threads.get("nodes"), list):
        return None
    viewer = (data or {}).get("viewer")
    return _Page(_text(viewer, "login") if isinstance(viewer, dict) else "", pull, remarks, threads)


def _graph_remark(node: Mapping[str, Any], us: frozenset[str]) -> Remark:
    author = _login(node.get("author"))
    said = node.get("viewerDidAuthor")
    number = node.get("databaseId")
    if not isinstance(number, int) or number <= 0:
        # GraphQL's integers are too small for new comments' numbers; their addresses end in them.
        tail = re.search(r"(\d{1,18})$", _text(node, "url"))
        number = int(tail[1]) if tail else 0
    objections = [
        _login(reaction.get("user")) for key in ("down", "puzzled") for reaction in _nodes(node.get(key) or {})
    ]
    return Remark(
        id=number,
        author=author,
        ours=(said is True) or author in us,
        body=_text(node, "body"),
        node=_text(node, "id"),
        objections=tuple(login for login in objections if login),
    )


def _graph_thread(node: Mapping[str, Any], us: frozenset[str]) -> Thread:
    remarks = tuple(_graph_remark(remark, us) for remark in _nodes(node.get("comments") or {}))
    resolver = _login(node.get("resolvedBy"))
    line = node.get("line")
    ours = {remark.author for remark in remarks if remark.ours} | us
    return Thread(
        id=_text(node, "id"),
        path=_text(node, "path"),
        side=Side.LEFT if node.get("diffSide") == "LEFT" else Side.RIGHT,
        line=line if isinstance(line, int) else 0,
        resolved=node.get("isResolved") is True,
        resolved_by=resolver,
        resolved_by_us=resolver in ours or f"{resolver}[bot]" in ours,
        remarks=remarks,
    )


def _by_rest(client: GitHub, reference: PullReference, identity: str, *, thorough: bool) -> Conversation:
    base = f"/repos/{reference.repository}"
    said = [item for item in client.pages(f"{base}/issues/{reference.number}/comments") if isinstance(item, dict)]
    listing = client.pages(f"{base}/pulls/{reference.number}/comments") if thorough else ()
    lines = [item for item in listing if isinstance(item, dict)]
    us = identity
    if not us and any(_OURS_HINT in _text(item, "body") for item in (*said, *lines)):
        us = whoami(client)  # only worth a request if there is anything to claim
    roots: dict[int, list[Mapping[str, Any]]] = {}
    for item in lines:
        root = item.get("in_reply_to_id") or item.get("id")
        if isinstance(root, int):
            roots.setdefault(root, []).append(item)
    return Conversation(
        tuple(_rest_remark(item, us) for item in said),
        tuple(_rest_thread(group, us) for group in roots.values()),
    )


def _rest_remark(item: Mapping[str, Any], us: str) -> Remark:
    author = _login(item.get("user"))
    number = item.get("id")
    return Remark(
        id=number if isinstance(number, int) else 0,
        author=author,
        ours=bool(us) and author == us,
        body=_text(item, "body"),
        node=_text(item, "node_id"),
    )


def _rest_thread(group: list[Mapping[str, Any]], us: str) -> Thread:
    first, line = group[0], group[0].get("line")
    return Thread(
        id="",
        path=_text(first, "path"),
        side=Side.LEFT if first.get("side") == "LEFT" else Side.RIGHT,
        line=line if isinstance(line, int) else 0,
        resolved=False,
        resolved_by="",
        resolved_by_us=False,
        remarks=tuple(_rest_remark(item, us) for item in group),
    )


def _nodes(connection: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    nodes = connection.get("nodes")
    yield from (node for node in nodes if isinstance(node, dict)) if isinstance(nodes, list) else ()


def _login(actor: object) -> str:
    """A login as REST writes it; GraphQL names bots without their suffix."""
    if not isinstance(actor, dict):
        return ""
    login = _text(actor, "login")
    bot = "Bot" in (actor.get("__typename"), actor.get("type"))
    return f"{login}[bot]" if login and bot and not login.endswith("[bot]") else login


def _text(node: Mapping[str, Any], key: str) -> str:
    found = node.get(key)
    return found if isinstance(found, str) else ""
