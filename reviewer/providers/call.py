"""One call of one provider: bounded in time whatever the server does, and told to the run's progress."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Provider, Reply, Request
from reviewer.nouns.progress import Event, Progress
from reviewer.providers.models import ModelFacts

Fields = dict[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Opened:
    """A provider wrapped in another: opening and closing reach the inner one."""

    ask: Provider
    inner: Provider

    def __call__(self, request: Request) -> Reply:
        return self.ask(request)

    def open(self) -> None:
        _if_any(self.inner, "open")

    def close(self) -> None:
        _if_any(self.inner, "close")


@dataclass(frozen=True, slots=True)
class Link:
    """One provider in the chain of fallbacks."""

    name: str
    ask: Provider
    facts: ModelFacts

    @property
    def label(self) -> str:
        return f"{self.name}:{self.facts.model}"

    def open(self) -> None:
        """Load what the provider needs before a call, if it needs anything."""
        _if_any(self.ask, "open")

    def close(self) -> None:
        """Give back what the provider holds open, if it holds anything."""
        _if_any(self.ask, "close")


def _if_any(provider: Provider, name: str) -> None:
    """Call a provider's `open` or `close` if it is more than a function."""
    method: Any = getattr(provider, name, None)
    if method is not None:
        method()


def call(
    request: Request, link: Link, attempt: int, *, seconds: float, clock: Callable[[], float], progress: Progress
) -> Reply:
    """Ask once, within `seconds`, and tell of it. Raises ProviderError."""
    link.open()  # the SDK's import is our own time, not the call's
    progress(started(request, link, attempt))
    began = clock()
    try:
        reply = bounded(lambda: link.ask(request), seconds, link.label)
    except ProviderError as error:
        progress(finished(request, link, attempt, error, clock() - began))
        raise
    took = clock() - began
    progress(finished(request, link, attempt, reply, took))
    return replace(reply, seconds=took)


def started(request: Request, link: Link, attempt: int) -> Event:
    """The event of a call that is being made."""
    return Event("call.started", _common(request, link, attempt))


def finished(request: Request, link: Link, attempt: int, outcome: Reply | ProviderError, took: float) -> Event:
    """The event of a call that came to an end after `took` seconds."""
    told: Fields = {"seconds": round(took, 3)}
    if isinstance(outcome, ProviderError):
        # up to the colon the message is ours; after it a server may quote what it was sent
        told |= {
            "outcome": "failed",
            "error": outcome.message.partition(":")[0],
            "retryable": outcome.retryable,
        }
    else:
        told |= {
            "outcome": str(outcome.stop),
            "input_tokens": outcome.usage.input_tokens,
            "cached_input_tokens": outcome.usage.cached_input_tokens,
            "output_tokens": outcome.usage.output_tokens,
            "provider_request_id": outcome.provider_request_id,
        }
    return Event("call.finished", _common(request, link, attempt) | told)


def _common(request: Request, link: Link, attempt: int) -> Fields:
    return {
        "provider": link.name,
        "model": link.facts.model,
        "request": request.id,
        "purpose": str(request.purpose),
        "attempt": attempt,
    }


def bounded(call: Callable[[], Reply], seconds: float, who: str) -> Reply:
    """The result of `call`, or a retryable ProviderError after `seconds`, however the call hangs.

    The HTTP client has timeouts of its own, but none of them bounds name resolution or slow headers. A call that
    is given up goes on in its daemon thread until its own timeout ends it.
    """
    box: queue.SimpleQueue[Reply | BaseException] = queue.SimpleQueue()

    def run() -> None:
        try:
            box.put(call())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread and raised there
            box.put(error)

    threading.Thread(target=run, name="call", daemon=True).start()
    try:
        result = box.get(timeout=min(max(0.0, seconds), threading.TIMEOUT_MAX))
    except queue.Empty:
        raise ProviderError(f"{who} gave no complete answer within {seconds:.0f} s", "", retryable=True) from None
    if isinstance(result, Exception):
        raise result
    if isinstance(result, BaseException):
        # a panic of native code, or an exit: it must end this call, not the thread that waits for it
        raise ProviderError(f"{who} could not be asked ({type(result).__name__})", "", retryable=True) from result
    return result
