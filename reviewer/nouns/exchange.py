"""One exchange with a model: the request we make, the reply we get, what it cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from reviewer.errors import ProviderError
from reviewer.nouns.review import Usage


class Purpose(StrEnum):
    REVIEW = "review"
    VERIFY = "verify"
    SYNTHESIS = "synthesis"
    ASK = "ask"
    JUDGE = "judge"
    PROBE = "probe"


class StopReason(StrEnum):
    """Why the model stopped, in our words. Only COMPLETE may be parsed as an answer."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of prompt. `cache` marks the end of a prefix worth caching (shared by the calls of a run)."""

    text: str
    cache: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One model call, provider-neutral. The first system block begins with the persona's body, verbatim.

    `schema` is a strict JSON Schema (all properties required, no additional ones) named `schema_name`.
    `accept` is called with the reply's text and raises `UnreadableReply` if it is no answer; the pool then
    makes one corrective attempt. A review request has the id of its batch.
    """

    id: str
    purpose: Purpose
    system: tuple[Block, ...]
    user: tuple[Block, ...]
    schema_name: str
    schema: dict[str, Any]
    max_output_tokens: int = 8000
    effort: str = ""  # "", low, medium, high: where the provider knows it
    accept: Callable[[str], object] | None = field(default=None, compare=False, repr=False)

    @property
    def system_text(self) -> str:
        return "".join(block.text for block in self.system)

    @property
    def user_text(self) -> str:
        return "".join(block.text for block in self.user)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: raw text, why it stopped, what it cost. Text is untrusted."""

    request_id: str
    text: str
    stop: StopReason
    usage: Usage = field(default_factory=Usage)
    provider: str = ""
    model: str = ""
    provider_request_id: str = ""
    seconds: float = 0.0
    attempts: int = 1
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that got no usable reply, with the error that ended it and what it cost on the way."""

    request_id: str
    error: ProviderError
    usage: Usage = field(default_factory=Usage)
    attempts: int = 1


Provider = Callable[[Request], Reply]  # raises ProviderError
AskAll = Callable[[Sequence[Request]], Iterable[Reply | Failure]]  # concurrency, retry, breaker, budget live behind it
