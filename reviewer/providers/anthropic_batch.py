"""Anthropic's Message Batches API. A request in it is what the Messages API takes, an answer what it gives."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Reply, Request
from reviewer.providers.anthropic_api import FORMATS, Sdk, decode, encode
from reviewer.providers.batches import LARGEST_ANSWERS, Answered, Standing, lines_of
from reviewer.providers.connection import Rejection
from reviewer.providers.models import ModelFacts
from reviewer.providers.reading import field, part
from reviewer.providers.wire import Dialect, Format

if TYPE_CHECKING:
    from anthropic.types.messages.batch_create_params import Request as Line

# The API's error types as the statuses they have outside of a batch.
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_UNANSWERED = {
    "expired": "anthropic did not come to it within 24 hours: the batch expired",
    "canceled": "the batch was cancelled before anthropic came to it",
}


def connect(facts: ModelFacts, *, key: str, base_url: str = "", timeout: float = 300.0) -> AnthropicBatches:
    """The batch API for the model of `facts`, whose prices must be those of the batch API."""
    return AnthropicBatches(
        Sdk(key=key, base_url=base_url, timeout=timeout, facts=facts, largest=LARGEST_ANSWERS), facts
    )


class AnthropicBatches:
    """A `Batches`."""

    name = "anthropic"
    formats: tuple[Format, ...] = FORMATS

    def __init__(self, sdk: Sdk, facts: ModelFacts) -> None:
        self.facts = facts
        self.dialect = Dialect()
        self._sdk = sdk

    @property
    def url(self) -> str:
        return self._sdk.url

    @property
    def official(self) -> bool:
        return self._sdk.official

    def open(self) -> None:
        self._sdk.open()

    def submit(self, requests: Mapping[str, Request], dialect: Dialect) -> str:
        lines = [
            cast("Line", {"custom_id": name, "params": encode(request, self.facts, dialect)})
            for name, request in requests.items()
        ]
        with self._sdk.errors():
            made = self._sdk.client.messages.batches.create(requests=lines)
        return _id(made)

    def standing(self, batch: str) -> Standing:
        with self._sdk.errors():
            found = self._sdk.client.messages.batches.retrieve(batch)
        counts = part(found, "request_counts")
        settled = sum(field(counts, name, 0) for name in ("succeeded", "errored", "canceled", "expired"))
        over = field(found, "processing_status", "") == "ended"
        return Standing(over, settled, "anthropic gave no answer to it, though the batch has ended" if over else "")

    def answers(self, batch: str) -> Iterator[Answered]:
        import httpx2

        with self._sdk.errors():
            # not the address in `results_url`: our key and the answers go to the server the user named, no other
            response = self._sdk.client.get(
                f"/v1/messages/batches/{batch}/results",
                cast_to=httpx2.Response,
                options={"headers": {"accept-encoding": "identity"}},
            )
        for line in lines_of(response.iter_lines()):
            name = field(line, "custom_id", "")
            yield Answered(name, self._outcome(name, part(line, "result")))

    def cancel(self, batch: str) -> None:
        with self._sdk.errors():
            self._sdk.client.messages.batches.cancel(batch)

    def forget(self, batch: str) -> None:
        try:
            with self._sdk.errors():
                self._sdk.client.messages.batches.delete(batch)
        except Rejection as rejection:
            if rejection.status != 404:  # gone already: a deletion whose answer was lost
                raise

    def close(self) -> None:
        self._sdk.close()

    def _outcome(self, name: str, result: object) -> Reply | Rejection | ProviderError:
        kind = field(result, "type", "")
        if kind == "succeeded":
            try:
                return decode(part(result, "message"), name, self.facts)
            except ProviderError as error:
                return error
        if kind == "errored":
            told = part(part(result, "error"), "error")
            status = _STATUSES.get(field(told, "type", ""), 500)
            return Rejection.of(status, field(told, "message", ""), {}, now=time.time())
        return ProviderError(_UNANSWERED.get(kind, "anthropic gave no answer to it"), "Run the audit again.")


def _id(made: object) -> str:
    name = field(made, "id", "")
    if not name:
        raise ProviderError("anthropic answered with something that is not a batch")
    return name
