"""The wire formats of model servers, held to the vendors' own types as they ship in the SDKs.

Requests are validated against the SDKs' parameter types (unknown keys are errors, so a parameter that the API no
longer has is caught), answers against their response types.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

# The SDKs' types are built at their first use, and pydantic does not stand two threads building one (it panics).
_VALIDATING = threading.Lock()

ANTHROPIC = "anthropic"
OPENAI = "openai"

_ANTHROPIC_STOPS = {"complete": "end_turn", "truncated": "max_tokens", "refused": "refusal", "filtered": "refusal"}
_OPENAI_STOPS = {"complete": "stop", "truncated": "length", "refused": "stop", "filtered": "content_filter"}
_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class Seen:
    """One request as the server got it. `number` counts from 1 over the server's life."""

    wire: str
    number: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def model(self) -> str:
        return str(self.body["model"])

    @property
    def system_text(self) -> str:
        if self.wire == ANTHROPIC:
            return joined(self.body.get("system", ""))
        return "".join(joined(m["content"]) for m in self.body["messages"] if m["role"] in {"system", "developer"})

    @property
    def user_text(self) -> str:
        return "".join(joined(m["content"]) for m in self.body["messages"] if m["role"] == "user")

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON Schema the answer was asked to follow, or None."""
        if self.wire == ANTHROPIC:
            form = self.body.get("output_config", {}).get("format")
            return form["schema"] if form else None
        form = self.body.get("response_format", {})
        return form["json_schema"]["schema"] if form.get("type") == "json_schema" else None

    @property
    def answer_limit(self) -> int:
        return int(self.body.get("max_completion_tokens") or self.body.get("max_tokens") or 0)


@dataclass(frozen=True)
class Say:
    """An answer: text (or a value, sent as JSON), why it stopped, and token counts (None: guessed from the length).

    `input_tokens` is all input, `cached` and `written` are parts of it, whatever the wire format makes of that.
    """

    text: str | Mapping[str, Any] | list[Any] = "{}"
    stop: str = "complete"  # complete | truncated | refused | filtered
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached: int = 0
    written: int = 0
    refusal_category: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)  # keys of the body, as they are; not validated

    @property
    def words(self) -> str:
        return self.text if isinstance(self.text, str) else json.dumps(self.text)


def joined(content: object) -> str:
    """The text of a message's content, a string or a list of text parts."""
    if isinstance(content, str):
        return content
    assert isinstance(content, list)
    return "".join(part["text"] for part in content)


def answer(seen: Seen, say: Say) -> dict[str, Any]:
    """The response body for `say`, valid for the vendor's own response type."""
    body = _message(seen, say) if seen.wire == ANTHROPIC else _completion(seen, say)
    with _VALIDATING:
        _response_model(seen.wire).model_validate(body)
    return body | dict(say.overrides)


def error_body(wire: str, status: int, message: str, code: str | None) -> dict[str, Any]:
    """The vendor's error body for a status."""
    kind = _ERROR_TYPES.get(status, "api_error")
    if wire == ANTHROPIC:
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_fake"}
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def violations(wire: str, body: object) -> str:
    """What is wrong with a request body by the vendor's own types; empty if nothing is."""
    from pydantic import ValidationError

    try:
        with _VALIDATING:
            _force(_request_adapter(wire).validate_python(body))
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
    return ""


def _message(seen: Seen, say: Say) -> dict[str, Any]:
    total = _tokens(say.input_tokens, seen)
    details = {"type": "refusal", "category": say.refusal_category, "explanation": None}
    return {
        "id": f"msg_{seen.number}",
        "type": "message",
        "role": "assistant",
        "model": seen.model,
        "content": [{"type": "text", "text": say.words, "citations": None}] if say.words else [],
        "stop_reason": _ANTHROPIC_STOPS[say.stop],
        "stop_sequence": None,
        "stop_details": details if say.stop in {"refused", "filtered"} else None,
        "usage": {
            "input_tokens": total - say.cached - say.written,
            "cache_read_input_tokens": say.cached,
            "cache_creation_input_tokens": say.written,
            "output_tokens": _produced(say),
        },
    }


def _completion(seen: Seen, say: Say) -> dict[str, Any]:
    total, produced = _tokens(say.input_tokens, seen), _produced(say)
    refused = say.stop == "refused"
    message = {
        "role": "assistant",
        "content": None if refused else say.words,
        "refusal": say.words if refused else None,
    }
    return {
        "id": f"chatcmpl-{seen.number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": seen.model,
        "choices": [{"index": 0, "message": message, "finish_reason": _OPENAI_STOPS[say.stop], "logprobs": None}],
        "usage": {
            "prompt_tokens": total,
            "completion_tokens": produced,
            "total_tokens": total + produced,
            "prompt_tokens_details": {"cached_tokens": say.cached, "cache_write_tokens": say.written},
        },
    }


def _tokens(given: int | None, seen: Seen) -> int:
    return given if given is not None else (len(seen.system_text) + len(seen.user_text)) // 4 + 1


def _produced(say: Say) -> int:
    return say.output_tokens if say.output_tokens is not None else len(say.words) // 4 + 1


@cache
def _request_adapter(wire: str) -> Any:
    from pydantic import ConfigDict, TypeAdapter

    if wire == ANTHROPIC:
        from anthropic.types.message_create_params import MessageCreateParamsNonStreaming as Params
    else:
        from openai.types.chat.completion_create_params import (  # type: ignore[assignment]
            CompletionCreateParamsNonStreaming as Params,
        )
    # pydantic looks for the configuration of a TypedDict on the type itself; only tests load this module
    Params.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined]
    return TypeAdapter(Params)


@cache
def _response_model(wire: str) -> Any:
    if wire == ANTHROPIC:
        from anthropic.types import Message

        return Message
    from openai.types.chat import ChatCompletion

    return ChatCompletion


def _force(value: object) -> None:
    """Walk a validated value: pydantic checks `Iterable` fields only as they are read."""
    if isinstance(value, Mapping):
        for inner in value.values():
            _force(inner)
    elif not isinstance(value, str | bytes) and hasattr(value, "__iter__"):
        for inner in value:
            _force(inner)
