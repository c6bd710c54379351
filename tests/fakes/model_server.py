"""A model server on loopback that speaks Anthropic's Messages and OpenAI's chat completions, and fails on command.

    with ModelServer([Status(429, retry_after=0), Say({"findings": []})]) as server:
        connect("anthropic", key="k", base_url=server.anthropic_url)
        connect("openai", key="k", base_url=server.openai_url)
        ...
        assert server.seen[0].system_text.startswith(persona)

The script is a list of answers (the last one repeats) or a function `Seen -> answer`, called from several threads.
Request bodies that the vendor's own types reject are answered with 400 and fail the test when the server closes.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.fakes import model_wire
from tests.fakes.model_wire import ANTHROPIC, OPENAI, Say, Seen

__all__ = [
    "ANTHROPIC",
    "OPENAI",
    "Drip",
    "Hang",
    "ModelServer",
    "Raw",
    "Reset",
    "Say",
    "Seen",
    "Status",
]

_PATHS = {"/v1/messages": ANTHROPIC, "/v1/chat/completions": OPENAI}


@dataclass(frozen=True)
class Status:
    """An HTTP error with the vendor's error body."""

    code: int
    message: str = "scripted failure"
    retry_after: float | str | None = None
    error_code: str | None = None  # OpenAI's `error.code`
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hang:
    """No answer for so long; then the connection is closed."""

    seconds: float = 60.0


@dataclass(frozen=True)
class Drip:
    """A good answer, one byte every `pause` seconds; with `headers`, the headers drip too."""

    say: Say = field(default_factory=Say)
    pause: float = 0.05
    headers: bool = False


@dataclass(frozen=True)
class Reset:
    """The connection is reset without an answer."""


@dataclass(frozen=True)
class Raw:
    """Bytes as they are."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Say | Status | Hang | Drip | Reset | Raw
Script = Callable[[Seen], Answer]


class ModelServer:
    """Runs in threads between `with` and its end. `latency` is slept before each answer; `key` is checked if set.

    `seen` are the requests in the order they came; `most_at_once` is how many were under way together.
    """

    def __init__(
        self,
        script: Script | Sequence[Answer] | Answer = Say(),  # noqa: B008 - frozen
        *,
        latency: float = 0.0,
        key: str = "",
        strict: bool = True,
    ) -> None:
        self._script = script if callable(script) else _in_order(script)
        self._latency = latency
        self._key = key
        self._strict = strict
        self._lock = threading.Lock()
        self._under_way = 0
        self._closing = threading.Event()
        self.seen: list[Seen] = []
        self.violations: list[str] = []
        self.most_at_once = 0
        self._http = _Http(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def anthropic_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def openai_url(self) -> str:
        return f"{self.anthropic_url}/v1"

    def url(self, wire: str) -> str:
        return self.anthropic_url if wire == ANTHROPIC else self.openai_url

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        if kind is None:
            assert not self.violations, self.violations

    def take(self, wire: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[Seen, Answer]:
        """Note a request and find its answer; called by the handler's threads."""
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
            seen = Seen(wire, len(self.seen) + 1, body, headers)
            self.seen.append(seen)
        self._closing.wait(self._latency)
        if self._key and headers.get("authorization") != f"Bearer {self._key}":
            return seen, Status(401, "invalid key")
        wrong = model_wire.violations(wire, body) if self._strict else ""
        if wrong:
            self.violations.append(wrong)
            return seen, Status(400, wrong)
        return seen, self._script(seen)

    def done(self) -> None:
        with self._lock:
            self._under_way -= 1

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond the server's end."""
        self._closing.wait(seconds)

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(_Handler):
            model_server = server

        return Handler


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that give up are part of the game."""


class _Handler(BaseHTTPRequestHandler):
    model_server: ModelServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        wire = _PATHS.get(self.path)
        if wire is None:
            self._send(404, model_wire.error_body(OPENAI, 404, f"no such path: {self.path}", None))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            seen, answer = self.model_server.take(wire, json.loads(body), headers)
            self._answer(seen, answer)
        finally:
            self.model_server.done()

    def _answer(self, seen: Seen, answer: Answer) -> None:
        match answer:
            case Say():
                self._send(200, model_wire.answer(seen, answer))
            case Status():
                extra = dict(answer.headers)
                if answer.retry_after is not None:
                    extra["retry-after"] = str(answer.retry_after)
                body = model_wire.error_body(seen.wire, answer.code, answer.message, answer.error_code)
                self._send(answer.code, body, extra)
            case Raw():
                self._write(_head(answer.status, answer.content_type, len(answer.body), answer.headers) + answer.body)
            case Hang():
                self.model_server.wait(answer.seconds)
                self.close_connection = True
            case Drip():
                self._drip(seen, answer)
            case Reset():
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True

    def _drip(self, seen: Seen, drip: Drip) -> None:
        body = json.dumps(model_wire.answer(seen, drip.say)).encode()
        head = _head(200, "application/json", len(body))
        if not drip.headers:
            self._write(head)
            head = b""
        for byte in head + body:
            if self.model_server.closing or self.close_connection:
                return
            self._write(bytes([byte]))
            time.sleep(drip.pause)

    def _send(self, status: int, body: Mapping[str, Any], extra: Mapping[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self._write(_head(status, "application/json", len(data), extra) + data)

    def _write(self, data: bytes) -> None:
        try:
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # the client has given up

    def log_message(self, template: str, *args: Any) -> None:
        """Silent."""


def _head(status: int, content_type: str, length: int, extra: Mapping[str, str] | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} scripted", f"content-type: {content_type}", f"content-length: {length}"]
    lines += [f"{name}: {value}" for name, value in (extra or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _in_order(answers: Sequence[Answer] | Answer) -> Script:
    """Answers by request number; the last one repeats."""
    listed = tuple(answers) if isinstance(answers, Sequence) else (answers,)
    return lambda seen: listed[min(seen.number, len(listed)) - 1]
