"""OpenAI's chat completions, and the many servers that speak it. `encode` and `decode` are pure; `connect` calls.

The chat API rather than the newer responses API, because it is what Azure, vLLM, Ollama, llama.cpp and the
gateways have in common.
"""

from __future__ import annotations

import hashlib
import re
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
    from openai import OpenAI

    from reviewer.providers.aside import Aside

OFFICIAL = "https://api.openai.com"
FORMATS = (Format.SCHEMA, Format.OBJECT, Format.PROMPT)
_MOST_BREAKPOINTS = 3  # the API writes at most four cache entries a request, one of them its own choice
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)  # local reasoning models put their thinking first

_STOPS = {
    "stop": StopReason.COMPLETE,
    # words of compatible servers for the same thing
    "eos": StopReason.COMPLETE,
    "eos_token": StopReason.COMPLETE,
    "end_turn": StopReason.COMPLETE,
    "length": StopReason.TRUNCATED,
    "max_tokens": StopReason.TRUNCATED,
    "content_filter": StopReason.FILTERED,
}


def encode(request: Request, facts: ModelFacts, dialect: Dialect = Dialect()) -> dict[str, Any]:  # noqa: B008 - frozen
    """The arguments of `chat.completions.create`. The system message is the system blocks in order, verbatim.

    Models we know get OpenAI's newer parameters; unknown ones, most likely on another server, only what every
    compatible server takes.
    """
    user = request.user if dialect.format is Format.SCHEMA else (*request.user, Block(schemas.in_words(request.schema)))
    marking = facts.breakpoints and dialect.cache and dialect.parts
    kwargs: dict[str, Any] = {
        "model": facts.model,
        "messages": [
            {"role": "system", "content": _content(request.system, marking=marking)},
            {"role": "user", "content": _content(user, marking=marking)},
        ],
        "max_completion_tokens" if dialect.completion_tokens else "max_tokens": facts.answer_limit(
            request.max_output_tokens
        ),
    }
    if dialect.format is Format.SCHEMA:
        asked = {"name": request.schema_name, "strict": True, "schema": request.schema}
        kwargs["response_format"] = {"type": "json_schema", "json_schema": asked}
    elif dialect.format is Format.OBJECT:
        kwargs["response_format"] = {"type": "json_object"}
    if request.effort and facts.effort and dialect.effort:
        kwargs["reasoning_effort"] = request.effort
    if facts.known and dialect.cache:
        kwargs["prompt_cache_key"] = _cache_key(request)
    return kwargs


def decode(response: object, request_id: str, facts: ModelFacts) -> Reply:
    """Our reply from a `ChatCompletion` (or a mapping of the same shape).

    Raises ProviderError if it is no completion, or stopped for a reason that is no answer.
    """
    choices = items(response, "choices")
    if not choices:
        raise ProviderError("openai answered with something that is not a completion", retryable=True)
    message = part(choices[0], "message")
    reason = field(choices[0], "finish_reason", "stop")
    if reason not in _STOPS:
        raise ProviderError(f"openai stopped for {detail(reason, ())!r}, which is no answer")
    return Reply(
        request_id=request_id,
        text=_THOUGHT.sub("", utf8(field(message, "content", ""))),
        stop=StopReason.REFUSED if field(message, "refusal", "") else _STOPS[reason],
        usage=_usage(part(response, "usage"), facts),
        provider=facts.provider,
        model=field(response, "model", facts.model),
        provider_request_id=field(response, "id", ""),
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
    facts = facts or lookup("openai", model)
    account = Account(key, base_url, timeout, facts)
    sdk = Sdk(**account._asdict()) if aside is None else aside.open_for(account, Sdk)
    return Connection("openai", facts, sdk, FORMATS, secrets=(key,), dialect=first_dialect(facts, base_url))


def first_dialect(facts: ModelFacts, base_url: str) -> Dialect:
    """What a server is met with: those of others know max_tokens (only OpenAI's own newer models reject it) and
    contents that are one string.
    """
    official = not base_url or base_url.startswith(OFFICIAL)
    return Dialect(completion_tokens=facts.known or official, parts=official)


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
        self._client: OpenAI | None = None

    @property
    def url(self) -> str:
        return shown(str(self._client.base_url)) if self._client else shown(self._base_url) or f"{OFFICIAL}/v1"

    @property
    def official(self) -> bool:
        return self.url.startswith(OFFICIAL)

    def open(self) -> None:
        """Import the SDK and set the client up; sends nothing."""
        import openai

        check_key("openai", self._key)
        if not self._key and not self._base_url:
            raise ProviderError("There is no OpenAI key", "Set OPENAI_API_KEY, or use --provider offline.", fatal=True)
        self._client = openai.OpenAI(
            api_key=self._key or "none",  # an own endpoint may want no key, the SDK wants one
            base_url=self._base_url or None,
            timeout=self._timeout,
            max_retries=0,
            http_client=http.client(
                openai.DefaultHttpxClient, seconds=self._timeout, secrets=(self._key,), largest=self._largest
            ),
        )

    @property
    def client(self) -> OpenAI:
        """The open client."""
        assert self._client is not None, "open() comes first"
        return self._client

    def call(self, request: Request, dialect: Dialect) -> Reply:
        kwargs = encode(request, self._facts, dialect)
        with self.errors():
            completion = self.client.chat.completions.create(**kwargs)
        return decode(completion, request.id, self._facts)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """The SDK's exceptions as ours: a Rejection for a status, a ProviderError for all else."""
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            said = f"{error.code or ''} {error.message}".strip()
            raise Rejection.of(error.status_code, said, error.response.headers, now=time.time()) from None
        except (openai.APIResponseValidationError, ValueError, RecursionError) as error:
            # the SDKs let JSON errors of a broken (or hostile, deeply nested) body through as they are
            raise ProviderError(
                f"openai answered with something unreadable ({type(error).__name__})", retryable=True
            ) from None
        except openai.APIConnectionError as error:
            raise from_connection(error, who="openai", url=self.url, secrets=(self._key,)) from None

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _content(blocks: tuple[Block, ...], *, marking: bool) -> str | list[dict[str, Any]]:
    """Plain text, which every server takes; parts only where a cached prefix can be marked.

    From gpt-5.6 on the cache matches at marks only, and the API's own mark is at the end of the last message:
    without ours, calls that share the system prompt would share nothing.
    """
    if not (marking and any(block.cache for block in blocks)):
        return "".join(block.text for block in blocks)
    marked = [index for index, block in enumerate(blocks) if block.cache and block.text][-_MOST_BREAKPOINTS:]
    return [
        {"type": "text", "text": block.text}
        | ({"prompt_cache_breakpoint": {"mode": "explicit"}} if index in marked else {})
        for index, block in enumerate(blocks)
        if block.text
    ]


def _cache_key(request: Request) -> str:
    """Routes the calls of one prefix to the same cache. A hash: it says nothing about the code under review."""
    return "design-reviewer-" + hashlib.sha256(request.system_text.encode()).hexdigest()[:16]


def _usage(used: object, facts: ModelFacts) -> Usage:
    """OpenAI's input count includes cached tokens, as ours does. Compatible servers leave the details out."""
    details = part(used, "prompt_tokens_details")
    total, output = count(used, "prompt_tokens"), count(used, "completion_tokens")
    cached = min(count(details, "cached_tokens"), total)
    written = min(count(details, "cache_write_tokens"), total - cached)
    return Usage(
        calls=1,
        input_tokens=total,
        cached_input_tokens=cached,
        output_tokens=output,
        cost_usd=facts.cost(fresh=total - cached - written, cached=cached, written=written, output=output),
    )
