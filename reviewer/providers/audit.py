"""The audit trail: one JSON line per call that says what was sent to whom and when, as hashes, never contents."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Provider, Reply, Request
from reviewer.providers.call import Opened
from reviewer.providers.record import request_hash


def _now() -> datetime:
    return datetime.now(UTC)


def auditing(provider: Provider, path: Path, *, to: str, model: str, now: Callable[[], datetime] = _now) -> Opened:
    """`provider`, with a line appended to `path` for each call, failed ones included. `to` is the endpoint's URL.

    A line: time, to, model, purpose, request (id), sent_bytes, request_sha256, system_sha256, and either
    reply_sha256, stop, tokens and provider_request_id, or error. The file is opened for appending at every line:
    several runs may share it. If it cannot be written, the reply says so in a notice, an error in its hint: a full
    disk loses no answer.
    """
    lock = threading.Lock()

    def write(entry: dict[str, object]) -> str:
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        try:
            with lock, path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            return f"The audit trail is incomplete: {path} cannot be written ({error.strerror})"
        return ""

    def ask(request: Request) -> Reply:
        entry = _sent(request, to=to, model=model, at=now())
        try:
            reply = provider(request)
        except ProviderError as error:
            problem = write(entry | {"error": error.message.partition(":")[0]})
            error.hint = f"{error.hint} {problem}".strip()
            raise
        problem = write(entry | _received(reply))
        return replace(reply, notices=(*reply.notices, problem)) if problem else reply

    return Opened(ask, provider)


def _sent(request: Request, *, to: str, model: str, at: datetime) -> dict[str, object]:
    return {
        "time": at.isoformat(timespec="milliseconds"),
        "to": to,
        "model": model,
        "purpose": str(request.purpose),
        "request": request.id,
        "sent_bytes": len((request.system_text + request.user_text).encode()),
        "request_sha256": request_hash(request),
        "system_sha256": hashlib.sha256(request.system_text.encode()).hexdigest(),
    }


def _received(reply: Reply) -> dict[str, object]:
    return {
        "reply_sha256": hashlib.sha256(reply.text.encode("utf-8", "surrogatepass")).hexdigest(),
        "stop": str(reply.stop),
        "input_tokens": reply.usage.input_tokens,
        "output_tokens": reply.usage.output_tokens,
        "provider_request_id": reply.provider_request_id,
    }
