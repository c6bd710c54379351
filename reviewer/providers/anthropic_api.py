"""Anthropic's Messages API, and endpoints that speak it. `encode` and `decode` are pure; `connect` does the calling."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Block, Reply, Request, StopReason
from reviewer.nouns.review import Usage
from reviewer.providers import http, schemas
from reviewer.providers.connection import Account, Connection, Rejection
from reviewer.providers.models import ModelFacts, lookup
from reviewer.providers.reading import count, field, items, part, utf8
from reviewer.providers.wire import Dialect, Format, check_key, detail, from_connection, shown

if TYPE_CHECKING:
    from anthropic import Anthropic

    from reviewer.providers.aside import Aside

OFFICIAL = "https://api.anthropic.com"
FORMATS = (Format.SCHEMA, Format.PROMPT)
_MOST_BREAKPOINTS = 4  # the API takes no more cache_control marks a request

_STOPS = {
    "end_turn": StopReason.COMPLETE,
    "stop_sequence": StopReason.COMPLETE,
    "max_tokens": StopReason.TRUNCATED,
    "model_context_window_exceeded": StopReason.TRUNCATED,
    "refusal": StopReason.REFUSED,
}


def encode(request: Request, facts: ModelFacts, dialect: Dialect = Dialect()) -> dict[str, Any]:  # noqa: B008 - frozen
    """The arguments of `messages.create`. System blocks keep their order and text; the first begins with the persona."""
    parts = _parts((*request.system, *request.user), marking=dialect.cache)
    system = [part for part in parts[: len(request.system)] if part["text"]]
    user = [part for part in parts[len(request.system) :] if part["text"]]
    config: dict[str, Any] = {}
    if dialect.format is Format.SCHEMA:
        config["format"] = {"type": "json_schema", "schema": schemas.without_bounds(request.schema)}
    else:
        user.append({"type": "text", "text": schemas.in_words(request.schema)})
    if request.effort and facts.effort and dialect.effort:
        config["effort"] = request.effort
    kwargs: dict[str, Any] = {
        "model": facts.model,
        "max_tokens": facts.answer_limit(request.max_output_tokens),
        "system": system,
        "messages": [{"role": "user", "content": user}],
    }
    if config:
        kwargs["output_config"] = config
    return kwargs


def decode(response: object, request_id: str, facts: ModelFacts) -> Reply:
    """Our reply from a `Message` (or a mapping of the same shape).

    Raises ProviderError if it is not a message at all, or stopped for a reason that is no answer.
    """
    blocks = items(response, "content")
    if blocks is None:
        raise ProviderError("anthropic answered with something that is not a message", retryable=True)
    reason = field(response, "stop_reason", "end_turn")
    if reason not in _STOPS:
        raise ProviderError(f"anthropic stopped for {detail(reason, ())!r}, which is no answer")
    stop = _STOPS[reason]
    category = field(part(response, "stop_details"), "category", "")
    return Reply(
        request_id=request_id,
        text=utf8("".join(field(block, "text", "") for block in blocks if field(block, "type", "") == "text")),
        stop=stop,
        usage=_usage(part(response, "usage"), facts),
        provider=facts.provider,
        model=field(response, "model", facts.model),
        provider_request_id=field(response, "id", ""),
        notices=(f"refusal category: {detail(category, ())}",) if stop is StopReason.REFUSED and category else (),
    )


def connect(
    model: str,
    *,
    key: str,
    base_url: str = "",
    timeout: float = 300.0,
    facts: ModelFacts | None = None,
    aside: Aside | None = None,
) -> Connection:
    """A provider for `model`. Nothing is imported or opened before the first call; `timeout` bounds one call, in seconds.

    The calls are made in the process `aside`, if there is one.
    """
    facts = facts or lookup("anthropic", model)
    account = Account(key, base_url, timeout, facts)
    sdk = Sdk(**account._asdict()) if aside is None else aside.open_for(account, Sdk)
    return Connection("anthropic", facts, sdk, FORMATS, secrets=(key,), dialect=Dialect())


class Sdk:
    """The SDK's client, made at the first call."""

    def __init__(
        self, *, key: str, base_url: str, timeout: float, facts: ModelFacts, largest: int = http.LARGEST_BODY
    ) -> None:
        self._key = key
        self._base_url = base_url
        self._timeout = timeout
        self._facts = facts
        self._largest = largest
        self._client: Anthropic | None = None

    @property
    def url(self) -> str:
        return shown(str(self._client.base_url)) if self._client else shown(self._base_url) or OFFICIAL

    @property
    def official(self) -> bool:
        return self.url.startswith(OFFICIAL)

    def open(self) -> None:
        """Import the SDK and set the client up; sends nothing."""
        import anthropic

        check_key("anthropic", self._key)
        if not self._key and not self._base_url:
            raise ProviderError(
                "There is no Anthropic key", "Set ANTHROPIC_API_KEY, or use --provider offline.", fatal=True
            )
        self._client = anthropic.Anthropic(
            # an own endpoint may want no key; None would make the SDK look for credentials on this machine
            api_key=self._key or "none",
            base_url=self._base_url or None,
            timeout=self._timeout,
            max_retries=0,
            http_client=http.client(
                anthropic.DefaultHttpxClient, seconds=self._timeout, secrets=(self._key,), largest=self._largest
            ),
        )

    @property
    def client(self) -> Anthropic:
        """The open client."""
        assert self._client is not None, "open() comes first"
        return self._client

    def call(self, request: Request, dialect: Dialect) -> Reply:
        kwargs = encode(request, self._facts, dialect)
        with self.errors():
            message = self.client.messages.create(**kwargs)
        return decode(message, request.id, self._facts)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """The SDK's exceptions as ours: a Rejection for a status, a ProviderError for all else."""
        import anthropic

        try:
            yield
        except anthropic.APIStatusError as error:
            said = error.api_message or error.message
            raise Rejection.of(error.status_code, said, error.response.headers, now=time.time()) from None
        except (anthropic.APIResponseValidationError, ValueError, RecursionError) as error:
            # the SDKs let JSON errors of a broken (or hostile, deeply nested) body through as they are
            raise ProviderError(
                f"anthropic answered with something unreadable ({type(error).__name__})", retryable=True
            ) from None
        except anthropic.APIConnectionError as error:
            raise from_connection(error, who="anthropic", url=self.url, secrets=(self._key,)) from None

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _parts(blocks: tuple[Block, ...], *, marking: bool) -> list[dict[str, Any]]:
    """Blocks as text parts, the last few of those that end a cached prefix marked as such."""
    marked = [index for index, block in enumerate(blocks) if marking and block.cache and block.text][
        -_MOST_BREAKPOINTS:
    ]
    return [
        {"type": "text", "text": block.text} | ({"cache_control": {"type": "ephemeral"}} if index in marked else {})
        for index, block in enumerate(blocks)
    ]


def _usage(used: object, facts: ModelFacts) -> Usage:
    """Anthropic counts fresh, written and cached input apart; ours is the sum."""
    fresh, output = count(used, "input_tokens"), count(used, "output_tokens")
    written, cached = count(used, "cache_creation_input_tokens"), count(used, "cache_read_input_tokens")
    return Usage(
        calls=1,
        input_tokens=fresh + written + cached,
        cached_input_tokens=cached,
        output_tokens=output,
        cost_usd=facts.cost(fresh=fresh, cached=cached, written=written, output=output),
    )
