"""A `ModelServer` that also speaks both vendors' batch APIs, held to the types of their SDKs.

    with BatchServer(script, looks=2) as server:
        ...
        assert [len(batch.lines) for batch in server.batches] == [20]

The script answers each request of a batch as it would a single call: `Say` is an answer, `Status` an error of that
request. `Expired`, `Missing` and `Garbage` are what only batches do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.fakes import model_wire
from tests.fakes.model_server import Answer, ModelServer, Status, _Handler
from tests.fakes.model_wire import ANTHROPIC, OPENAI, Say, Seen

_NOW = datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True)
class Expired(Say):
    """The batch ran out of time before this request."""


@dataclass(frozen=True)
class Missing(Say):
    """No line in the answers, although the batch is over."""


@dataclass(frozen=True)
class Garbage(Say):
    """A line that is no JSON."""


@dataclass
class Batch:
    """A batch as the server got it. `looks` is how often it was asked for so far."""

    id: str
    wire: str
    lines: list[tuple[str, Mapping[str, Any]]]
    looks: int = 0
    cancelled: bool = False
    deleted: bool = False
    answers: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class BatchServer(ModelServer):
    """`looks`: at which look a batch is over (0: only when it is cancelled). `answered`: how many of its requests a
    cancelled batch had answered by then. `trouble`: statuses given to requests, by "METHOD path" pattern, in order.
    `rejects`: openai's reason to turn a whole batch down.
    """

    def __init__(
        self,
        script: Any = Say(),  # noqa: B008 - frozen
        *,
        looks: int = 1,
        answered: int = 0,
        trouble: Mapping[str, list[Status]] | None = None,
        rejects: str = "",
        **options: Any,
    ) -> None:
        super().__init__(script, **options)
        self.looks = looks
        self.answered = answered
        self.trouble = {name: list(statuses) for name, statuses in (trouble or {}).items()}
        self.rejects = rejects
        self.batches: list[Batch] = []
        self.files: dict[str, bytes] = {}
        self.calls: list[str] = []

    def submit(self, wire: str, lines: list[tuple[str, Mapping[str, Any]]]) -> Batch:
        """Take a batch: each body is checked by the vendor's own types, as a single request is."""
        batch = Batch(f"batch-{len(self.batches) + 1}", wire, lines)
        assert len({name for name, _ in lines}) == len(lines)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name, _ in lines)
        self.batches.append(batch)
        return batch

    def look(self, batch: Batch) -> bool:
        """One look at a batch; whether it is over. Its answers are made the moment it is."""
        batch.looks += 1
        over = batch.cancelled or bool(self.looks and batch.looks >= self.looks)
        if over and not batch.answers and not batch.errors:
            lines = batch.lines
            for position, (name, body) in enumerate(lines):
                self._settle(batch, name, body, late=batch.cancelled and position >= self.answered)
        return over

    def _settle(self, batch: Batch, name: str, body: Mapping[str, Any], *, late: bool) -> None:
        if late:
            if batch.wire == ANTHROPIC:
                batch.answers.append(json.dumps({"custom_id": name, "result": {"type": "canceled"}}))
            return
        seen, answer = self.take(batch.wire, body, {})
        self.done()
        made = _line(seen, name, answer)
        if made:
            (batch.errors if batch.wire == OPENAI and isinstance(answer, Status) else batch.answers).append(made)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(_BatchHandler):
            model_server = server

        return Handler


class _BatchHandler(_Handler):
    model_server: BatchServer

    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        if not re.search(r"/batches|/files", self.path):
            super().do_POST()
            return
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self._batch("POST", body)

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        self._batch("GET", b"")

    def do_DELETE(self) -> None:  # noqa: N802 - named by http.server
        self._batch("DELETE", b"")

    def _batch(self, method: str, body: bytes) -> None:
        server = self.model_server
        server.calls.append(f"{method} {self.path}")
        wire = ANTHROPIC if self.path.startswith("/v1/messages") else OPENAI
        for pattern, statuses in server.trouble.items():
            if statuses and re.fullmatch(pattern, f"{method} {self.path}"):
                status = statuses.pop(0)
                self._send(status.code, model_wire.error_body(wire, status.code, status.message, status.error_code))
                return
        answer = self._anthropic(method, body) if wire == ANTHROPIC else self._openai(method, body)
        if answer is None:
            self._send(404, model_wire.error_body(wire, 404, f"no such thing: {self.path}", None))
        elif isinstance(answer, bytes):
            self._write(
                b"HTTP/1.1 200 scripted\r\ncontent-type: application/x-jsonl\r\ncontent-length: "
                + str(len(answer)).encode()
                + b"\r\n\r\n"
                + answer
            )
        else:
            self._send(200, answer)

    def _found(self, name: str) -> Batch | None:
        return next((one for one in self.model_server.batches if one.id == name and not one.deleted), None)

    def _anthropic(self, method: str, body: bytes) -> Mapping[str, Any] | bytes | None:
        server = self.model_server
        parts = self.path.removeprefix("/v1/messages/batches").strip("/").split("/")
        if method == "POST" and parts == [""]:
            requests = json.loads(body)["requests"]
            return _anthropic_batch(
                server.submit(ANTHROPIC, [(one["custom_id"], one["params"]) for one in requests]), over=False
            )
        batch = self._found(parts[0])
        if batch is None:
            return None
        match method, parts[1:]:
            case "GET", []:
                return _anthropic_batch(batch, over=server.look(batch))
            case "GET", ["results"]:
                assert self.headers["accept-encoding"] == "identity"
                return "".join(line + "\n" for line in reversed(batch.answers)).encode()
            case "POST", ["cancel"]:
                batch.cancelled = True
                return _anthropic_batch(batch, over=False)
            case "DELETE", []:
                batch.deleted = True
                return {"id": batch.id, "type": "message_batch_deleted"}
        return None

    def _openai(self, method: str, body: bytes) -> Mapping[str, Any] | bytes | None:
        server = self.model_server
        parts = self.path.removeprefix("/v1/").split("/")
        match method, parts:
            case "POST", ["files"]:
                return self._uploaded(body)
            case "GET", ["files", name, "content"]:
                return server.files.get(name)
            case "DELETE", ["files", name]:
                server.files.pop(name)
                return {"id": name, "object": "file", "deleted": True}
            case "POST", ["batches"]:
                asked = json.loads(body)
                assert (asked["endpoint"], asked["completion_window"]) == ("/v1/chat/completions", "24h")
                lines = [json.loads(line) for line in server.files[asked["input_file_id"]].splitlines()]
                assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}
                made = server.submit(OPENAI, [(line["custom_id"], line["body"]) for line in lines])
                return _openai_batch(made, "validating", asked["input_file_id"])
        batch = self._found(parts[1]) if parts[0] == "batches" and len(parts) > 1 else None
        if batch is None:
            return None
        if method == "POST":
            batch.cancelled = True
            return _openai_batch(batch, "cancelling", "")
        if server.rejects:
            return _openai_batch(batch, "failed", "", reason=server.rejects)
        over = server.look(batch)
        outputs = {}
        for kind, lines in (("output", batch.answers), ("error", batch.errors)):
            if over and lines:
                outputs[f"{kind}_file_id"] = f"{kind}-of-{batch.id}"
                server.files.setdefault(f"{kind}-of-{batch.id}", "".join(f"{line}\n" for line in lines).encode())
        state = ("cancelled" if batch.cancelled else "completed") if over else "in_progress"
        return _openai_batch(batch, state, "", outputs=outputs)

    def _uploaded(self, body: bytes) -> Mapping[str, Any]:
        message = BytesParser(policy=HTTP).parsebytes(
            b"content-type: " + self.headers["content-type"].encode() + b"\r\n\r\n" + body
        )
        fields = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
        assert fields["purpose"].get_content().strip() == "batch"
        content = fields["file"].get_payload(decode=True)
        name = f"file-{len(self.model_server.files) + 1}"
        self.model_server.files[name] = content
        made = {
            "id": name,
            "bytes": len(content),
            "created_at": 1,
            "filename": "requests.jsonl",
            "object": "file",
            "purpose": "batch",
            "status": "processed",
        }
        from openai.types import FileObject

        FileObject.model_validate(made)
        return made


def _line(seen: Seen, name: str, answer: Answer) -> str:
    """One line of answers; empty where there is none."""
    if isinstance(answer, Missing):
        return ""
    if isinstance(answer, Garbage):
        return "{" + name
    if seen.wire == ANTHROPIC:
        return json.dumps({"custom_id": name, "result": _anthropic_result(seen, answer)})
    value: dict[str, Any] = {"id": f"batch_req_{seen.number}", "custom_id": name, "response": None, "error": None}
    if isinstance(answer, Expired):
        value["error"] = {"code": "batch_expired", "message": "This request could not be executed in time."}
    elif isinstance(answer, Status):
        body = model_wire.error_body(OPENAI, answer.code, answer.message, answer.error_code)
        value["response"] = {"status_code": answer.code, "request_id": "req", "body": body}
    else:
        assert isinstance(answer, Say)
        value["response"] = {"status_code": 200, "request_id": "req", "body": model_wire.answer(seen, answer)}
    return json.dumps(value)


def _anthropic_result(seen: Seen, answer: Answer) -> dict[str, Any]:
    from anthropic.types.messages import MessageBatchIndividualResponse

    if isinstance(answer, Expired):
        result: dict[str, Any] = {"type": "expired"}
    elif isinstance(answer, Status):
        error = model_wire.error_body(ANTHROPIC, answer.code, answer.message, answer.error_code)
        result = {"type": "errored", "error": error}
    else:
        assert isinstance(answer, Say)
        result = {"type": "succeeded", "message": model_wire.answer(seen, answer)}
    with model_wire._VALIDATING:
        MessageBatchIndividualResponse.model_validate({"custom_id": "r1", "result": result})
    return result


def _anthropic_batch(batch: Batch, *, over: bool) -> dict[str, Any]:
    from anthropic.types.messages import MessageBatch

    time = _NOW.isoformat()
    made = {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": "ended" if over else "canceling" if batch.cancelled else "in_progress",
        "request_counts": {
            "processing": 0 if over else len(batch.lines),
            "succeeded": len(batch.answers) if over else 0,
            "errored": 0,
            "canceled": 0,
            "expired": 0,
        },
        "created_at": time,
        "expires_at": time,
        "ended_at": time if over else None,
        # an address elsewhere: nobody may follow it with the key in hand
        "results_url": "http://127.0.0.1:9/elsewhere" if over else None,
    }
    with model_wire._VALIDATING:
        MessageBatch.model_validate(made)
    return made


def _openai_batch(
    batch: Batch, status: str, input_file: str, *, outputs: Mapping[str, str] | None = None, reason: str = ""
) -> dict[str, Any]:
    from openai.types import Batch as OpenAIBatch

    made = {
        "id": batch.id,
        "object": "batch",
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
        "created_at": 1,
        "input_file_id": input_file or "file-1",
        "status": status,
        "request_counts": {
            "total": len(batch.lines),
            "completed": len(batch.answers),
            "failed": len(batch.errors),
        },
        "errors": {"object": "list", "data": [{"code": "bad", "message": reason, "line": 1}]} if reason else None,
        **(outputs or {}),
    }
    with model_wire._VALIDATING:
        OpenAIBatch.model_validate(made)
    return made
