"""Record and replay of exchanges, so that a review can be audited, reproduced and tested without a key.

An exchange is one JSON file, named by the hash of what was asked:

    {"format": "design-reviewer/exchange/1", "request_sha256": "…", "request": {…}, "reply": {…}, "reply_sha256": "…"}

Two requests that ask the same in the same words are the same exchange, whatever their ids, answer limits or
effort. Recording sits around each single call, so that corrective attempts are exchanges of their own.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from reviewer.errors import ProviderError, ReviewerError
from reviewer.nouns.exchange import Block, Provider, Purpose, Reply, Request, StopReason
from reviewer.nouns.review import Usage
from reviewer.providers.call import Opened
from reviewer.providers.wire import masked
from reviewer.stages.redact import mask

FORMAT = "design-reviewer/exchange/1"


class RecordError(ReviewerError):
    """There is no folder of recorded exchanges to replay."""


def request_hash(request: Request) -> str:
    """SHA-256 of the words and the schema of a request, as hex."""
    said = {
        "purpose": str(request.purpose),
        "system": request.system_text,
        "user": request.user_text,
        "schema": request.schema,
    }
    return _sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def path_of(request: Request, folder: Path) -> Path:
    """Where the exchange of a request lies in a folder of recordings."""
    return folder / f"{request_hash(request)[:32]}.json"


def to_json(request: Request, reply: Reply) -> dict[str, Any]:
    """An exchange as it is written."""
    return {
        "format": FORMAT,
        "request_sha256": request_hash(request),
        "request": {
            "id": request.id,
            "purpose": str(request.purpose),
            "system": [asdict(block) for block in request.system],
            "user": [asdict(block) for block in request.user],
            "schema_name": request.schema_name,
            "schema": request.schema,
            "max_output_tokens": request.max_output_tokens,
            "effort": request.effort,
        },
        "reply": {
            "text": reply.text,
            "stop": str(reply.stop),
            "usage": asdict(reply.usage),
            "provider": reply.provider,
            "model": reply.model,
            "provider_request_id": reply.provider_request_id,
            "seconds": round(reply.seconds, 3),
        },
        "reply_sha256": _sha256(reply.text),
    }


def request_from(value: Mapping[str, Any]) -> Request:
    """The request of an exchange file. Raises KeyError, TypeError or ValueError if it is none."""
    asked = value["request"]
    return Request(
        id=asked["id"],
        purpose=Purpose(asked["purpose"]),
        system=tuple(Block(**block) for block in asked["system"]),
        user=tuple(Block(**block) for block in asked["user"]),
        schema_name=asked["schema_name"],
        schema=asked["schema"],
        max_output_tokens=asked["max_output_tokens"],
        effort=asked["effort"],
    )


def reply_from(value: Mapping[str, Any], request_id: str) -> Reply:
    """The reply of an exchange file, for a request that may have another id today. Raises as `request_from`."""
    said = value["reply"]
    if value["format"] != FORMAT or not isinstance(said["text"], str):
        raise ValueError(f"not of the format {FORMAT}")
    return Reply(
        request_id=request_id,
        text=said["text"],
        stop=StopReason(said["stop"]),
        usage=Usage(**said.get("usage", {"calls": 1})),
        provider=said.get("provider", "replay"),
        model=said.get("model", ""),
        provider_request_id=said.get("provider_request_id", ""),
        seconds=said.get("seconds", 0.0),
    )


def recording(provider: Provider, folder: Path, *, secrets: tuple[str, ...] = ()) -> Opened:
    """`provider`, with each of its replies written to `folder`. `secrets` (our keys) are masked in what is written.

    So are secrets a model comes up with. The folder is made at the first reply. A full disk loses no answer: the reply then carries a notice that its
    exchange is missing from the recording.
    """

    def ask(request: Request) -> Reply:
        reply = provider(request)
        text = json.dumps(to_json(request, replace(reply, text=_masked_json(reply.text))), indent=1, ensure_ascii=False)
        problem = _write(path_of(request, folder), masked(text, secrets))
        return replace(reply, notices=(*reply.notices, problem)) if problem else reply

    return Opened(ask, provider)


def replay(folder: Path) -> Provider:
    """A provider that answers from `folder` and asks nobody.

    Raises RecordError here if there is no such folder, and ProviderError for a request that is not in it.
    """
    if not folder.is_dir():
        raise RecordError(f"There is no folder of recorded exchanges at {folder}", "Make one with --record.")

    def ask(request: Request) -> Reply:
        path = path_of(request, folder)
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            return reply_from(value, request.id)
        except FileNotFoundError:
            hint = "The change, the prompts or the options are not those of the recording: record again with --record."
            message = f"No recorded exchange {path.name} for the {request.purpose} request {request.id}"
            raise ProviderError(message, hint) from None
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise ProviderError(f"The recorded exchange {path.name} is unreadable: {type(error).__name__}") from error

    return ask


def _write(path: Path, text: str) -> str:
    """Why it could not be written, or nothing. Whole or not at all: a killed run leaves no half file to replay."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as file:
            file.write(text)
        os.replace(file.name, path)  # noqa: PTH105
    except OSError as error:
        return f"The recording is incomplete: {path.parent} cannot be written ({error.strerror})"
    return ""


def _masked_json(text: str) -> str:
    """A reply without secrets. It is JSON: a secret right after a written-out line feed (`\\n`) is one as well."""
    parts = re.split(r"(\\.)", text)
    return mask("".join(part if odd % 2 else mask(part) for odd, part in enumerate(parts)))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
