"""The one GitHub client: PyGithub's requester underneath, our own retries, waits and errors on top.

PyGithub would retry writes blindly, sleep for as long as a server says and assert on addresses; here a read is
repeated within a budget of waiting time, and a write is sent once. If its outcome is unknown the failure says so
(`unsure`), and `reviewer.publish` looks at the state before it decides.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reviewer import __version__
from reviewer.github.answer import Answer, items_of, next_link
from reviewer.github.connections import Connections
from reviewer.github.endpoints import Endpoints
from reviewer.github.failure import GitHubFailure, Kind
from reviewer.github.foreseen import Foreseen
from reviewer.github.policy import READ_ATTEMPTS, backoff, judge, message_of

if TYPE_CHECKING:
    from reviewer.github.wire import Wire

JSON_TYPE = "application/vnd.github+json"
DIFF_TYPE = "application/vnd.github.diff"
MAX_PAGES = 100
_PER_PAGE = 100
_JITTER = 0.25


class GitHub:
    """Talks to one GitHub with one token. Thread-safe; what is foreseen is read beside the rest.

    `patience` bounds all waiting (retries, Retry-After, rate limits) of this client's life, in seconds; a wait that
    does not fit fails at once. `timeout` bounds each silence on the wire. `calls` counts requests sent.
    """

    def __init__(
        self,
        token: str,
        endpoints: Endpoints | None = None,
        *,
        patience: float = 150.0,
        timeout: float = 30.0,
        ca_bundle: str = "",
        sleep: Callable[[float], object] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.endpoints = endpoints or Endpoints()
        self.calls = 0
        self.graphql_works: bool | None = None
        self.login = ""  # who the token belongs to, once somebody has asked
        self._token = token
        self._timeout = timeout
        self._ca_bundle = ca_bundle
        self._patience = patience
        self._sleep = sleep
        self._now = now
        self._lock = threading.Lock()
        self._connections = Connections(self._connect)
        self._answers: Foreseen[Answer] = Foreseen()
        self._queried: Foreseen[dict[str, Any] | None] = Foreseen()

    def foresee(self, path: str, parameters: Mapping[str, str | int] | None = None, *, accept: str = JSON_TYPE) -> None:
        """Begin a read now; the next `get` of the same takes its answer (or its failure)."""
        self._answers.begin(
            _asked(path, parameters, accept), lambda: self._patiently("GET", path, parameters, accept, None)
        )

    def foresee_query(self, query: str, variables: Mapping[str, object]) -> None:
        """Begin a query now; the next `query` of the same takes its data (or its failure)."""
        given = dict(variables)
        self._queried.begin(_questioned(query, given), lambda: self._query(query, given))

    def get(self, path: str, parameters: Mapping[str, str | int] | None = None, *, accept: str = JSON_TYPE) -> Answer:
        """Read. `path` begins with a slash or is a full address on our own API. Raises GitHubFailure."""
        begun = self._answers.take(_asked(path, parameters, accept))
        return begun.result() if begun is not None else self._patiently("GET", path, parameters, accept, None)

    def get_json(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Any:
        """Read JSON; an answer cut short is read again."""
        return self._readable(lambda: self.get(path, parameters))

    def pages(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Iterator[Any]:
        """All items of a listing, following `Link: rel="next"`, 100 a page."""
        query: dict[str, str | int] | None = {"per_page": _PER_PAGE, **(parameters or {})}
        for _ in range(MAX_PAGES):
            answer = self._readable_answer(path, query)
            yield from items_of(answer.json())
            following = next_link(answer.headers.get("link", ""))
            if not following:
                return
            path, query = following, None

    def numbered(self, path: str, total: int) -> Iterator[Any]:
        """All items of a listing of about `total`: the pages are asked for by number and do not wait for each other."""
        pages = [{"per_page": _PER_PAGE, "page": page} for page in range(1, 2 + max(0, total - 1) // _PER_PAGE)]
        for page in pages:
            self.foresee(path, page)
        for number in range(1, MAX_PAGES + 1):
            answer = self._readable_answer(path, {"per_page": _PER_PAGE, "page": number})
            yield from items_of(answer.json())
            if not next_link(answer.headers.get("link", "")):
                return

    def query(self, query: str, variables: Mapping[str, object]) -> dict[str, Any] | None:
        """A GraphQL query's `data` (parts may be null), or None where this server does not speak GraphQL."""
        begun = self._queried.take(_questioned(query, variables))
        if begun is not None:
            return begun.result()
        if self.graphql_works is None:
            self._queried.settle()
        return None if self.graphql_works is False else self._query(query, variables)

    def _query(self, query: str, variables: Mapping[str, object]) -> dict[str, Any] | None:
        body = {"query": query, "variables": dict(variables)}
        try:
            found = self._readable(lambda: self._patiently("POST", self.endpoints.graphql, None, JSON_TYPE, body))
        except GitHubFailure as failure:
            if failure.kind in {Kind.NOT_FOUND, Kind.REFUSED, Kind.FORBIDDEN, Kind.TOO_LARGE, Kind.BROKEN}:
                self.graphql_works = False
                return None
            raise
        data = found.get("data") if isinstance(found, dict) else None
        self.graphql_works = isinstance(data, dict)
        return data if isinstance(data, dict) else None

    def speaks_graphql(self) -> bool | None:
        """Whether this server does, as soon as what is under way tells; None if nothing does."""
        self._queried.settle()
        return self.graphql_works

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:
        """Write, once. A definite refusal for rate limits is waited out; anything unknown raises with `unsure`.

        Returns the answer's JSON, or None if the write was done but its answer cannot be read.
        """
        attempt = 0
        while True:
            answer = self._once(method, path, None, JSON_TYPE, body)
            verdict = judge(answer.status, answer.headers, answer.text, attempt, self._now())
            if verdict.failure is None:
                try:
                    return json.loads(answer.text) if answer.text else None
                except ValueError:
                    return None
            if not verdict.refused or verdict.wait is None or attempt + 1 >= READ_ATTEMPTS:
                raise verdict.failure
            self.wait(verdict.wait, verdict.failure)
            attempt += 1

    def mutate(self, query: str, variables: Mapping[str, object]) -> dict[str, Any]:
        """A GraphQL mutation's `data`, sent once. Raises GitHubFailure if GitHub reports errors and no data."""
        found = self.send("POST", self.endpoints.graphql, {"query": query, "variables": dict(variables)})
        data = found.get("data") if isinstance(found, dict) else None
        if isinstance(data, dict) and any(value is not None for value in data.values()):
            return data
        raise GitHubFailure(Kind.REFUSED, f"GitHub refused the change: {message_of(json.dumps(found)) or 'no data'}")

    def close(self) -> None:
        """Close the connections; a later call opens a new one."""
        self._connections.close()

    def wait(self, seconds: float, because: GitHubFailure) -> None:
        """Spend waiting time, or raise `because` if there is not enough left."""
        seconds += random.uniform(0, _JITTER * min(seconds, 4.0))  # noqa: S311 - spreading load, not a secret
        with self._lock:
            if seconds > self._patience:
                raise because
            self._patience -= seconds
        self._sleep(seconds)

    def _readable_answer(self, path: str, query: Mapping[str, str | int] | None) -> Answer:
        holder: list[Answer] = []

        def read() -> Answer:
            holder[:] = [self.get(path, query)]
            return holder[0]

        self._readable(read)
        return holder[0]

    def _readable(self, read: Callable[[], Answer]) -> Any:
        """Read until the answer is JSON: a body cut short is a fault of the wire, not an answer."""
        for attempt in range(READ_ATTEMPTS):
            try:
                return read().json()
            except GitHubFailure as failure:
                if failure.kind is not Kind.BROKEN or failure.status or attempt + 1 == READ_ATTEMPTS:
                    raise
                self.wait(backoff(attempt), failure)
        raise AssertionError("unreachable")

    def _patiently(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str | int] | None,
        accept: str,
        body: Mapping[str, object] | None,
    ) -> Answer:
        """Send a request that changes nothing until there is an answer worth having."""
        attempt = 0
        while True:
            wait: float | None
            try:
                answer = self._once(method, path, parameters, accept, body)
            except GitHubFailure as failure:
                failed, wait = failure, backoff(attempt) if failure.kind is Kind.UNREACHABLE else None
            else:
                verdict = judge(answer.status, answer.headers, answer.text, attempt, self._now())
                if verdict.failure is None:
                    return answer
                failed, wait = verdict.failure, verdict.wait
            if wait is None or attempt + 1 >= READ_ATTEMPTS:
                raise failed
            self.wait(wait, failed)
            attempt += 1

    def _once(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str | int] | None,
        accept: str,
        body: Mapping[str, object] | None,
    ) -> Answer:
        url = self._own(path)
        with self._connections.one() as wire:
            for _ in range(3):
                with self._lock:
                    self.calls += 1
                status, headers, text = wire.request(method, url, parameters, accept, body)
                # A renamed repository answers a read with 301 and a write with 307.
                if status not in {301, 307, 308} or "location" not in headers:
                    break
                url, parameters = self._own(headers["location"]), None
        return Answer(status, headers, text)

    def _connect(self) -> Wire:
        from reviewer.github.wire import Wire

        return Wire(self._token, self.endpoints.api, self._timeout, self._ca_bundle, _AGENT)

    def _own(self, path: str) -> str:
        """The full address of a path of ours. Addresses from answers must stay on our own host."""
        if path.startswith("/"):
            return self.endpoints.api + path
        if urlsplit(path)[:2] not in {urlsplit(self.endpoints.api)[:2], urlsplit(self.endpoints.graphql)[:2]}:
            raise GitHubFailure(
                Kind.REFUSED,
                f"GitHub sent us to another host: {path[:100]}",
                hint="Set GITHUB_API_URL to the address your server calls itself.",
            )
        return path


def warm() -> None:
    """Import PyGithub now (0.2 to 0.45 s), before the first call does."""
    import reviewer.github.wire  # noqa: F401


_AGENT = f"design-reviewer/{__version__}"


def _asked(path: str, parameters: Mapping[str, str | int] | None, accept: str) -> tuple[str, str, str]:
    """What tells one read from another."""
    return path, json.dumps(parameters or {}, sort_keys=True), accept


def _questioned(query: str, variables: Mapping[str, object]) -> tuple[str, str]:
    """What tells one query from another."""
    return query, json.dumps(variables, sort_keys=True)
