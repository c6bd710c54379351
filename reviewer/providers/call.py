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
        opening: Any = getattr(self.ask, "open", None)
        if opening is not None:
            opening()

    def close(self) -> None:
        """Give back what the provider holds open, if it holds anything."""
        closing: Any = getattr(self.ask, "close", None)
        if closing is not None:
            closing()


def call(
    request: Request, link: Link, attempt: int, *, seconds: float, clock: Callable[[], float], progress: Progress
) -> Reply:
    """Ask once, within `seconds`, and tell of it. Raises ProviderError."""
    common: Fields = {
        "provider": link.name,
        "model": link.facts.model,
        "request": request.id,
        "purpose": str(request.purpose),
        "attempt": attempt,
    }
    link.open()  # the SDK's import is our own time, not the call's
    progress(Event("call.started", common))
    began = clock()
    try:
        reply = bounded(lambda: link.ask(request), seconds, link.label)
    except ProviderError as error:
        took = clock() - began
        # up to the colon the message is ours; after it a server may quote what it was sent
        told: Fields = {"outcome": "failed", "error": error.message.partition(":")[0], "retryable": error.retryable}
        told["seconds"] = round(took, 3)
        progress(Event("call.finished", common | told))
        raise
    took = clock() - began
    used = reply.usage
    told = {
        "seconds": round(took, 3),
        "outcome": str(reply.stop),
        "input_tokens": used.input_tokens,
        "cached_input_tokens": used.cached_input_tokens,
        "output_tokens": used.output_tokens,
        "provider_request_id": reply.provider_request_id,
    }
    progress(Event("call.finished", common | told))
    return replace(reply, seconds=took)


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
    if isinstance(result, BaseException):
        raise result
    return result
