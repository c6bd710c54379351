"""Find the one JSON object in a model's reply, within bounds: what is said is hostile until it is data."""

from __future__ import annotations

import json
import re
from typing import Any

from reviewer.errors import UnreadableReply
from reviewer.stages.redact import mask

_MAX_CHARS = 2_000_000
_MAX_DEPTH = 32
_MASKED = 20_000  # characters in which secrets are looked for before a text is cut
_FENCE = re.compile(r"```[a-zA-Z]*\n(.*?)```", re.DOTALL)
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*+"?|[{\[]|[}\]]', re.DOTALL
)  # the closing quote may be missing: linear all the same
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def read_object(text: str, *, expect: str) -> dict[str, Any]:
    """The JSON object in `text` that has the key `expect`; a code fence or prose round it is harmless.

    Raises UnreadableReply where there is none, or where it is too large or nested too deep.
    """
    if len(text) > _MAX_CHARS:
        raise UnreadableReply(f"the reply is too long to be an answer ({len(text):,} characters)")
    for candidate in (text.strip(), *(match.strip() for match in _FENCE.findall(text)), _braced(text, expect)):
        value = _load(candidate)
        if isinstance(value, dict) and expect in value:
            return value
    raise UnreadableReply(
        f'the reply holds no JSON object with "{expect}"',
        "the model may be too small for the contract, or the endpoint ignores the response schema",
    )


def clean(value: object, limit: int) -> str:
    """What a model says, as we keep it: `verbatim`, and secrets masked (it may know some that it was never shown)."""
    text = verbatim(value, max(limit, _MASKED))
    text = mask(text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def verbatim(value: object, limit: int) -> str:
    """Code a model quotes: no control or direction characters, no lone surrogates, at most `limit` characters."""
    text = _CONTROL.sub("", value) if isinstance(value, str) else ""
    text = text.encode("utf-8", "replace").decode("utf-8").strip("\n")
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _braced(text: str, expect: str) -> str:
    """From the last `{` before the expected key to the last `}`: an object after leading prose."""
    key = text.find(f'"{expect}"')
    start = text.find("{") if key < 0 else _opening(text, key)
    end = text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else ""


def _opening(text: str, key: int) -> int:
    """Where the outermost object round `key` begins: the first brace that starts a key."""
    match = re.search(r'\{\s*"', text[:key])
    return match.start() if match else text.rfind("{", 0, key)


def _load(text: str) -> object:
    """The decoded value, or None: not JSON, or deeper than any answer of ours."""
    if not text.startswith("{") or _too_deep(text):
        return None
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):  # ValueError also covers integers beyond Python's digit limit
        return None
    return value


def _too_deep(text: str) -> bool:
    depth = 0
    for match in _TOKEN.finditer(text):
        mark = match.group()
        if mark in "{[":
            depth += 1
            if depth > _MAX_DEPTH:
                return True
        elif mark in "}]":
            depth -= 1
    return False
