"""One model behind one server: opens the SDK at the first call, and learns what the server accepts."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, Protocol, Self

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Reply, Request
from reviewer.nouns.review import Usage
from reviewer.providers.models import ModelFacts
from reviewer.providers.wire import Dialect, Format, detail, from_status, retry_after

_MOST_STEPS = 8  # a server that rejects everything is told so after this many tries
_FORMAT_REJECTED = {400, 422}


class Rejection(Exception):
    """A status that is no answer, as an SDK reported it. Stays inside the providers.

    `wait` is the server's own wish, in seconds. Its repr shows the status alone: servers quote what they were sent.
    """

    def __init__(self, status: int, said: str, wait: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.said = said
        self.wait = wait

    def __reduce__(self) -> tuple[type[Rejection], tuple[int, str, float | None]]:
        return Rejection, (self.status, self.said, self.wait)

    @classmethod
    def of(cls, status: int, said: str, headers: Mapping[str, str], *, now: float) -> Self:
        """From an answer's headers; `now` is the time of day they are read at, in seconds."""
        return cls(status, said, retry_after({name.lower(): value for name, value in headers.items()}, now))


class Account(NamedTuple):
    """What an SDK's client is made of: whom to ask, and how long one call may take, in seconds."""

    key: str
    base_url: str
    timeout: float
    facts: ModelFacts


class Sdk(Protocol):
    """What a vendor's SDK is to us."""

    @property
    def url(self) -> str: ...

    @property
    def official(self) -> bool: ...

    def open(self) -> None: ...

    def call(self, request: Request, dialect: Dialect) -> Reply: ...

    def close(self) -> None: ...


class Connection:
    """A `Provider`: call it with a request. Safe to call from several threads; its repr shows no key."""

    def __init__(
        self,
        name: str,
        facts: ModelFacts,
        sdk: Sdk,
        formats: tuple[Format, ...],
        *,
        secrets: tuple[str, ...],
        dialect: Dialect,
    ) -> None:
        self.name = name
        self.facts = facts
        self._sdk = sdk
        self._formats = formats
        self._secrets = secrets
        self._dialect = dialect
        self._lock = threading.Lock()
        self._opened = False

    def __repr__(self) -> str:
        return f"Connection({self.name}:{self.facts.model} at {self._sdk.url})"

    @property
    def endpoint(self) -> str:
        """The base URL asked, for the audit trail."""
        return self._sdk.url

    def open(self) -> None:
        """Import the SDK and set up its client, so that the first call need not. Sends nothing."""
        with self._lock:
            if self._opened:
                return
            try:
                self._sdk.open()
            except ImportError as error:
                hint = "The installation is incomplete: install the reviewer again, with its dependencies."
                raise ProviderError(f"The SDK of {self.name} cannot be loaded: {error}", hint, fatal=True) from error
            self._opened = True

    def __call__(self, request: Request) -> Reply:
        """Ask once, stepping down from features the server rejects. Raises ProviderError."""
        self.open()
        for rejected in range(_MOST_STEPS):
            dialect = self._dialect
            try:
                reply = self._sdk.call(request, dialect)
            except Rejection as rejection:
                if not self._step_down(rejection, dialect):
                    raise self._error(rejection) from None
                continue
            return self._with_rejections(reply, rejected)
        raise ProviderError(
            f"{self.name} rejected {_MOST_STEPS} forms of one request", "Try another --model or endpoint."
        )

    def close(self) -> None:
        """Give sockets back. Calls under way end with an error; a later call opens anew."""
        with self._lock:
            self._sdk.close()
            self._opened = False

    def _step_down(self, rejection: Rejection, tried: Dialect) -> bool:
        # some servers answer 500 to a schema they cannot compile, and say so
        if rejection.status not in _FORMAT_REJECTED and not (
            rejection.status == 500 and "schema" in rejection.said.lower()
        ):
            return False
        guess = not self._sdk.official and rejection.status in _FORMAT_REJECTED
        lower = tried.without(rejection.said, formats=self._formats, guess=guess)
        if lower is None:
            return False
        with self._lock:
            if self._dialect == tried:  # else another thread has learnt something already: try with that
                self._dialect = lower
        return True

    def _with_rejections(self, reply: Reply, rejected: int) -> Reply:
        """The reply with the calls that were rejected on the way counted (they cost nothing), and the step told."""
        notices = reply.notices
        if self._dialect.format is not Format.SCHEMA:
            notices = (
                *notices,
                f"{self.name}:{self.facts.model} takes no JSON Schema; the form was asked for in the prompt",
            )
        free = Usage(calls=rejected, cost_usd=0.0 if self.facts.prices else None)
        return replace(reply, usage=reply.usage + free if rejected else reply.usage, notices=notices)

    def _error(self, rejection: Rejection) -> ProviderError:
        said = detail(rejection.said, self._secrets)
        return from_status(rejection.status, said, who=self.name, model=self.facts.model, wait=rejection.wait)
