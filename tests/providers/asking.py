"""What the provider tests share: requests, connections to a fake server, and a pool that does not wait."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

from reviewer.errors import UnreadableReply
from reviewer.nouns.exchange import Block, Failure, Purpose, Reply, Request
from reviewer.providers import Connection, connect
from reviewer.providers.call import Link
from reviewer.providers.pool import Limits, Pool
from reviewer.providers.retry import Backoff
from tests.fakes.model_server import ANTHROPIC, ModelServer

KEY = "sk-very-secret-key-0123456789"
MODELS = {"anthropic": "claude-sonnet-5-5", "openai": "gpt-6.2-sol"}
PERSONA = "You are the backend architect.\n"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"findings": {"type": "array", "items": {"type": "string", "maxLength": 80}, "maxItems": 5}},
    "required": ["findings"],
    "additionalProperties": False,
}
QUICK = Backoff(base=0.0)


def accept(text: str) -> object:
    """The answer's own check: JSON with a list of findings."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UnreadableReply(f"not JSON: {error}") from error
    if not isinstance(value, dict) or not isinstance(value.get("findings"), list):
        raise UnreadableReply("there is no list of findings")
    return value


def request(name: str = "r1", **changes: Any) -> Request:
    values: dict[str, Any] = {
        "id": name,
        "purpose": Purpose.REVIEW,
        "system": (Block(PERSONA), Block("The contract.", cache=True)),
        "user": (Block("The change."),),
        "schema_name": "review",
        "schema": SCHEMA,
        "accept": accept,
    }
    return Request(**(values | changes))


def connection(server: ModelServer, wire: str, *, key: str = KEY, model: str = "", timeout: float = 5.0) -> Connection:
    base = server.anthropic_url if wire == ANTHROPIC else server.openai_url
    return connect(wire, model or MODELS[wire], key=key, base_url=base, timeout=timeout)


def link(server: ModelServer, wire: str, **changes: Any) -> Link:
    made = connection(server, wire, **changes)
    return Link(wire, made, made.facts)


def ask(
    chain: Sequence[Link] | Link, requests: Sequence[Request] | Request, *, limits: Limits | None = None, **changes: Any
) -> list[Reply | Failure]:
    """Outcomes in the order of the requests."""
    links = [chain] if isinstance(chain, Link) else list(chain)
    asked = [requests] if isinstance(requests, Request) else list(requests)
    pool = Pool(links, limits or Limits(backoff=QUICK), **changes)
    try:
        found = {outcome.request_id: outcome for outcome in pool(asked)}
    finally:
        pool.close()
    assert len(found) == len(asked)
    return [found[one.id] for one in asked]


def one(outcomes: list[Reply | Failure]) -> Reply:
    assert len(outcomes) == 1
    assert isinstance(outcomes[0], Reply), outcomes[0]
    return outcomes[0]


def failed(outcomes: list[Reply | Failure]) -> Failure:
    assert len(outcomes) == 1
    assert isinstance(outcomes[0], Failure), outcomes[0]
    return outcomes[0]


def threads() -> int:
    return sum(thread.is_alive() for thread in threading.enumerate())
