"""Providers' batch APIs: many requests handed in at once, answered within hours, at half the price.

A provider's batch API is one file here and one line in `BATCHES`. `reviewer.providers.batching` asks through it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol, cast

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Reply, Request
from reviewer.providers.connection import Rejection
from reviewer.providers.models import ModelFacts
from reviewer.providers.reading import field
from reviewer.providers.wire import Dialect, Format, from_status

# name -> module:factory, imported when used
BATCHES = {
    "anthropic": "reviewer.providers.anthropic_batch:connect",
    "openai": "reviewer.providers.openai_batch:connect",
}

# Answers of a whole batch in one body: thousands of them, each a few ten kilobytes.
LARGEST_ANSWERS = 512 * 1024 * 1024
# Statuses that say: there is no such thing here.
_NO_BATCHES = frozenset({404, 405, 501})


class Standing(NamedTuple):
    """How a batch is doing. `settled`: requests that came to an end, as far as the provider tells before all have.

    `missing` is why a request without an answer has none, once the batch is `over`.
    """

    over: bool
    settled: int = 0
    missing: str = ""


class Answered(NamedTuple):
    """What became of one request of a batch, by the id it was handed in with."""

    id: str
    outcome: Reply | Rejection | ProviderError


class Batches(Protocol):
    """One model at a provider's batch API. All methods raise Rejection for a status, ProviderError for all else."""

    name: str
    facts: ModelFacts
    formats: tuple[Format, ...]
    dialect: Dialect  # what to begin with

    @property
    def url(self) -> str: ...

    @property
    def official(self) -> bool: ...

    def open(self) -> None:
        """Import the SDK and set its client up; sends nothing."""

    def submit(self, requests: Mapping[str, Request], dialect: Dialect) -> str:
        """Hand requests in, by ids of ours (letters, digits, - and _; at most 64). Returns the batch's id."""
        ...

    def standing(self, batch: str) -> Standing: ...

    def answers(self, batch: str) -> Iterator[Answered]:
        """The answers of a batch that is over, in any order; requests that got none are left out."""
        ...

    def cancel(self, batch: str) -> None:
        """End it early. What is answered already stays so."""

    def forget(self, batch: str) -> None:
        """Delete what the provider keeps of a batch that is over: the code under review is in it."""

    def close(self) -> None: ...


def connect(provider: str, facts: ModelFacts, *, key: str, base_url: str = "", timeout: float = 300.0) -> Batches:
    """The batch API of a provider. Imports and opens nothing yet. Raises KeyError for a provider without one."""
    module, _, factory = BATCHES[provider].partition(":")
    made = getattr(importlib.import_module(module), factory)(facts, key=key, base_url=base_url, timeout=timeout)
    return cast("Batches", made)


def refusal(rejection: Rejection, batches: Batches, said: str) -> ProviderError:
    """The error for a batch the server would not take; `said` is its message, made safe."""
    if rejection.status in _NO_BATCHES:
        return ProviderError(
            f"{batches.url} has no batch API (it answered {rejection.status})",
            "Leave out --batch, or ask the provider itself: many compatible servers have none.",
            fatal=True,
        )
    return from_status(rejection.status, said, who=batches.name, model=batches.facts.model, wait=rejection.wait)


def error_of(rejection: Rejection, batches: Batches, said: str) -> ProviderError:
    """The error for one request inside a batch that was rejected."""
    return from_status(rejection.status, said, who=batches.name, model=batches.facts.model, wait=None)


def lines_of(lines: Iterable[str]) -> Iterator[Mapping[str, object]]:
    """The objects of a JSON Lines file that name a request. A broken line is none: its request then has no answer."""
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and field(value, "custom_id", ""):
            yield value
