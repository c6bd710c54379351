"""A circuit breaker: after several requests in a row have failed at a provider, stop asking it for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable

from reviewer.errors import ProviderError


class Breaker:
    """Per provider, shared by the threads of a run.

    closed --(`threshold` requests in a row failed, all their attempts used up)--> open
    open --(`cooldown` seconds)--> half-open: one request is let through
    half-open --(it succeeded)--> closed, --(it failed)--> open again
    A fatal error (wrong key, unknown model) opens it for good.

    It counts requests, not attempts: a burst of 429s over many threads is what the retries are for.
    """

    def __init__(self, clock: Callable[[], float], *, threshold: int = 3, cooldown: float = 30.0) -> None:
        self._clock = clock
        self._threshold = threshold
        self._cooldown = cooldown
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._fatal: ProviderError | None = None

    def refusal(self, name: str) -> ProviderError | None:
        """Why `name` may not be asked now, or None. In the half-open state, None lets one caller through."""
        with self._lock:
            if self._fatal is not None:
                return self._fatal
            if self._opened_at is None:
                return None
            waited = self._clock() - self._opened_at
            if waited >= self._cooldown and not self._probing:
                self._probing = True
                return None
            message = f"{name} failed {self._failures} requests in a row and is not asked for {self._cooldown:g} s"
            return ProviderError(message, "The provider seems to be down; run again later, or name a --fallback.")

    def succeeded(self) -> None:
        """A request got an answer of any kind: the provider is up."""
        with self._lock:
            self._failures, self._opened_at, self._probing = 0, None, False

    def failed(self, error: ProviderError) -> None:
        """A request failed for good. Errors that concern that one request only (not retryable, not fatal) do not count."""
        with self._lock:
            self._probing = False
            if error.fatal:
                self._fatal = error
            elif error.retryable:
                self._failures += 1
                if self._failures >= self._threshold:
                    self._opened_at = self._clock()
