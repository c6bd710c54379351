"""A stateful GitHub on loopback: REST and GraphQL, every request and answer held to GitHub's own schemas.

with FakeGitHub(tmp_path) as github:
    pull = github.state.open(base={"a.py": "x = 1\\n"}, head={"a.py": "x = 2\\n"})
    client = github.client()
    ...
    assert github.violations == []
"""

from __future__ import annotations

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from reviewer.github import Endpoints, GitHub
from tests.fakes.github import schema
from tests.fakes.github.faults import Fault, What
from tests.fakes.github.graph import Graph
from tests.fakes.github.rest import Ask, Limits, Refusal, Reply, Rest
from tests.fakes.github.state import BOT, State, Who
from tests.fakes.tls import context


class Call(NamedTuple):
    method: str
    path: str
    body: Any
    status: int
    who: str


class FakeGitHub:
    """Use as a context manager. `calls` lists every request, `violations` what broke GitHub's schema."""

    def __init__(
        self,
        folder: Path,
        *,
        limits: Limits | None = None,
        graphql: bool = True,
        prefix: str = "",
        certificate: Path | None = None,
    ) -> None:
        self.state = State(folder / "fake-github.git")
        self.rest = Rest(self.state, limits or Limits())
        self.graph = Graph(self.state)
        self.graphql = graphql
        self.trees = True  # whether the server lists a commit's files
        self.prefix = prefix
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.lock = threading.Lock()
        self.number = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.scheme = "http"
        if certificate is not None:
            self.scheme = "https"
            self.server.socket = context(certificate).wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.clients: list[GitHub] = []

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self.clients:
            client.close()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    @property
    def root(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server.server_address[1]}"

    @property
    def url(self) -> str:
        return self.root + self.prefix

    def client(self, who: Who = BOT, *, timeout: float = 10.0, patience: float = 500.0) -> GitHub:
        """A client with a token of `who`, whose waits take no time."""
        client = GitHub(
            f"token-{who.login}", Endpoints.resolve(self.url), sleep=lambda _: None, timeout=timeout, patience=patience
        )
        self.clients.append(client)
        return client

    def token(self, who: Who) -> str:
        """Make a token for a new identity."""
        self.state.people[who.login] = who
        self.state.tokens[f"token-{who.login}"] = who
        return f"token-{who.login}"

    def sent(self, method: str, fragment: str = "") -> list[Call]:
        return [call for call in self.calls if call.method == method and fragment in call.path]

    def handle(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> _Out:
        with self.lock:
            self.number += 1
            parts = urlsplit(target)
            # Enterprise Server has its REST API below /api/v3 and GraphQL at /api/graphql.
            path = "/graphql" if parts.path == "/api/graphql" else parts.path.removeprefix(self.prefix)
            fault = next((fault for fault in self.faults if fault.strikes(self.number, method, parts.path)), None)
            out = _before(fault)
            body = json.loads(raw) if raw else None
            if out is None:
                out = self._work(method, path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)
                out = _after(fault, out)
            self.calls.append(Call(method, parts.path, body, out.status, headers.get("authorization", "")))
        return out

    def _work(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: Any) -> _Out:
        who = self.state.tokens.get(headers.get("authorization", "").removeprefix("token ").removeprefix("Bearer "))
        if who is None:
            return _json(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})
        if path == "/graphql" and method == "POST":
            if not self.graphql:
                return _json(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})
            answer, wrong = self.graph.run(who, body["query"], body.get("variables") or {})
            self.violations += wrong
            return _json(200, answer)
        if not self.trees and "/git/trees/" in path:
            return _json(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})
        path = self._by_id(path)
        found = schema.operation_of(method, path)
        if found is None:
            self.violations.append(f"{method} {path}: not an operation we cut from GitHub's description")
            return _json(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})
        return self._operation(
            found[0],
            Ask(who, {k: unquote(v) for k, v in found[1].items()}, query, headers.get("accept", ""), body),
            path,
        )

    def _by_id(self, path: str) -> str:
        return path.replace(
            f"/repositories/{self.state.repository_id}", f"/repos/{self.state.owner}/{self.state.name}", 1
        )

    def _operation(self, operation: str, ask: Ask, path: str) -> _Out:
        wrong = schema.query_error(operation, list(ask.query)) or (
            schema.request_error(operation, ask.body) if ask.body is not None else ""
        )
        if wrong:
            self.violations.append(f"{operation}: {wrong}")
            return _json(
                422, {"message": f"Invalid request.\n\n{wrong}", "documentation_url": "https://docs.github.com/rest"}
            )
        try:
            reply = self.rest.answer(operation, ask)
        except Refusal as refusal:
            return _json(refusal.status, refusal.body)
        if reply.text is not None:
            return _Out(reply.status, {"Content-Type": f"{ask.accept}; charset=utf-8"}, reply.text)
        out = self._paged(reply, ask, path)
        answered = json.loads(out.body)
        if wrong := schema.response_error(operation, out.status, answered):
            self.violations.append(f"answer of {operation}: {wrong}")
        return out

    def _paged(self, reply: Reply, ask: Ask, path: str) -> _Out:
        if not reply.listing:
            return _json(reply.status, reply.body, self.url)
        items = reply.body[reply.page_key] if reply.page_key else reply.body
        size, page = min(int(ask.query.get("per_page", "30")), 100), int(ask.query.get("page", "1"))
        body = items[(page - 1) * size : page * size]
        out = _json(reply.status, {**reply.body, reply.page_key: body} if reply.page_key else body, self.url)
        if page * size < len(items):
            # GitHub's own links name the repository by its number.
            there = path.replace(
                f"/repos/{self.state.owner}/{self.state.name}", f"/repositories/{self.state.repository_id}"
            )
            following = urlencode({**ask.query, "page": page + 1})
            out.headers["Link"] = (
                f'<{self.url}{there}?{following}>; rel="next", <{self.url}{there}?page=99>; rel="last"'
            )
        return out


class _Out(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    drop: bool = False
    cut: bool = False
    delay: float = 0.0


def _json(status: int, body: Any, root: str = "", **headers: str) -> _Out:
    text = json.dumps(body)
    if root:
        text = text.replace("https://api.github.com", root)
    return _Out(status, {"Content-Type": "application/json; charset=utf-8", **headers}, text.encode())


def _before(fault: Fault | None) -> _Out | None:
    """The answer of a fault that strikes before any work is done."""
    secondary = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
    match fault.what if fault else None:
        case What.DROP_BEFORE:
            return _Out(0, {}, b"", drop=True)
        case What.ERROR_BEFORE:
            return _json(502, {"message": "Server Error"})
        case What.SECONDARY:
            return _json(403, secondary)
        case What.SECONDARY_RETRY_AFTER:
            return _json(403, secondary, **{"Retry-After": "1"})
        case What.TOO_MANY:
            return _json(429, {"message": "Too Many Requests"}, **{"Retry-After": "1"})
        case What.TOO_MANY_BARE:
            return _json(429, {"message": "Too Many Requests"})
        case What.PRIMARY:
            reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 2)}
            return _json(403, {"message": "API rate limit exceeded for installation ID 1."}, **reset)
        case What.DELAY_BEFORE:
            assert fault is not None
            return _Out(0, {}, b"", drop=True, delay=fault.seconds)
    return None


def _after(fault: Fault | None, out: _Out) -> _Out:
    match fault.what if fault else None:
        case What.DROP_AFTER:
            return out._replace(drop=True)
        case What.ERROR_AFTER:
            return _json(502, {"message": "Server Error"})
        case What.TRUNCATE:
            return out._replace(cut=True)
        case What.GARBLE:
            return _Out(out.status, {"Content-Type": "text/html"}, b"<html>Unicorn!")
        case What.DELAY_AFTER:
            assert fault is not None
            return out._replace(drop=True, delay=fault.seconds)
    return out


def _handler(fake: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            out = fake.handle(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, raw)
            if out.delay:
                time.sleep(out.delay)
            if out.drop:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(out.status)
            for name, value in out.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(out.body)))
            self.end_headers()
            self.wfile.write(out.body[: len(out.body) // 2] if out.cut else out.body)
            if out.cut:
                self.close_connection = True

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            del format, args

    return Handler
