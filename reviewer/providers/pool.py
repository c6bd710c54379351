"""The way to ask: many requests at once, each ending as exactly one `Reply` or `Failure`.

Around a chain of providers lie, from the inside out: a bound on each call, the retry policy, the check of the
answer with one corrective attempt, the circuit breaker, the fallback to the next provider, and the run's budget,
deadline and stop.
"""

from __future__ import annotations

import queue
import random as _random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from reviewer.errors import ProviderError, UsageError
from reviewer.nouns.exchange import Failure, Provider, Reply, Request
from reviewer.nouns.progress import Event, Progress, silent
from reviewer.nouns.review import Usage
from reviewer.providers.breaker import Breaker
from reviewer.providers.call import Link
from reviewer.providers.models import ModelFacts
from reviewer.providers.purse import Purse, estimate
from reviewer.providers.retry import Backoff
from reviewer.providers.settle import Desk, settle

_POLL = 0.05  # seconds between looks at the stop flag
# Calls that share a long prefix are worth a head start for the first of them, which writes the provider's cache.
_WARM_TOKENS = 4_000
_HEAD_START = 1.5  # seconds; the cache can be read once the prompt is read, long before the answer is written


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a run. `deadline` is a time of the pool's clock (None: none); the caps are 0 for none."""

    concurrency: int = 8
    call_seconds: float = 300.0
    deadline: float | None = None
    max_input_tokens: int = 0
    max_cost_usd: float = 0.0
    backoff: Backoff = field(default_factory=Backoff)


class _Done(NamedTuple):
    outcome: Reply | Failure
    at: float


class Pool:
    """An `AskAll`. Breakers, budget and deadline last over all its calls; `close` it when the run ends.

    `stop` ends everything at once when set (a signal handler does): requests not answered yet become failures,
    calls under way are abandoned in daemon threads.
    """

    def __init__(
        self,
        chain: Sequence[Link],
        limits: Limits = Limits(),
        *,
        progress: Progress = silent,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        random: Callable[[], float] = _random.random,
    ) -> None:
        if not chain:
            raise UsageError("No provider to ask", "Name one with --provider.")
        _check_prices(chain, limits)
        self._chain = tuple(chain)
        self._limits = limits
        self._progress = progress
        self._stop = stop or threading.Event()
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._purse = Purse(max_input_tokens=limits.max_input_tokens, max_cost_usd=limits.max_cost_usd)
        self._breakers = {link.label: Breaker(clock) for link in self._chain}
        self._talking = threading.Lock()
        self._said: set[str] = set()

    def __call__(self, requests: Sequence[Request]) -> Iterator[Reply | Failure]:
        """Outcomes as they come, in no order. Never raises for a failed call."""
        waiting = {request.id: request for request in requests}
        if len(waiting) != len(requests):
            raise ValueError("request ids must be unique in one ask")
        halt = threading.Event()  # ends this ask's threads, whatever ended it
        done: queue.SimpleQueue[_Done] = queue.SimpleQueue()
        todo = deque(requests)

        def start() -> None:
            self._start_worker(todo, done, halt)

        began = self._clock()
        try:
            hold_until = self._start(requests, start)
            while waiting and not self._is_over():
                if hold_until is not None and (self._clock() >= hold_until or len(waiting) < len(requests)):
                    hold_until = None
                    for _ in range(self._workers(requests) - 1):
                        start()
                with suppress(queue.Empty):  # nothing yet: look at stop and deadline again
                    finished = done.get(timeout=_POLL)
                    del waiting[finished.outcome.request_id]
                    yield self._told(finished, began)
                    began = max(began, finished.at)
        finally:
            halt.set()
        for request in waiting.values():
            yield Failure(request.id, self._why_over())

    def close(self) -> None:
        """Give the providers' sockets back; calls still under way end."""
        for link in self._chain:
            link.close()

    def _start(self, requests: Sequence[Request], start: Callable[[], None]) -> float | None:
        """Start the workers; or only the first, and return until when the others wait for it.

        A first call that warms the cache saves each call of the first wave the price of the prefix, but costs
        time. So it gets a short head start, not its whole duration, and only where there are more requests than
        workers, so that it is small against the run.
        """
        if not requests:
            return None
        start()
        count = self._workers(requests)
        if len(requests) > self._limits.concurrency and _shared_prefix(requests) >= _WARM_TOKENS:
            return self._clock() + _HEAD_START
        for _ in range(count - 1):
            start()
        return None

    def _workers(self, requests: Sequence[Request]) -> int:
        return min(max(1, self._limits.concurrency), len(requests))

    def _start_worker(self, todo: deque[Request], done: queue.SimpleQueue[_Done], halt: threading.Event) -> None:
        desk = Desk(
            chain=self._chain,
            breakers=self._breakers,
            purse=self._purse,
            backoff=self._limits.backoff,
            call_seconds=self._limits.call_seconds,
            left=self._left,
            halted=lambda: halt.is_set() or self._is_over(),
            why_over=self._why_over,
            sleep=self._sleep or halt.wait,
            random=self._random,
            clock=self._clock,
            progress=self._tell,
        )

        def work() -> None:
            while not halt.is_set():
                try:
                    request = todo.popleft()
                except IndexError:
                    return
                done.put(_Done(settle(request, desk), self._clock()))

        threading.Thread(target=work, name="ask", daemon=True).start()

    def _told(self, finished: _Done, began: float) -> Reply | Failure:
        """The outcome with the wall time it added to the run, and notices that were given before left out."""
        outcome = finished.outcome
        usage = replace(outcome.usage, wall_seconds=max(0.0, finished.at - began))
        if isinstance(outcome, Failure):
            return replace(outcome, usage=usage)
        fresh = tuple(notice for notice in outcome.notices if notice not in self._said)
        self._said.update(fresh)
        return replace(outcome, usage=usage, notices=fresh)

    def _tell(self, event: Event) -> None:
        with self._talking:
            self._progress(event)

    def _left(self) -> float:
        return float("inf") if self._limits.deadline is None else self._limits.deadline - self._clock()

    def _is_over(self) -> bool:
        return self._stop.is_set() or self._left() <= 0

    def _why_over(self) -> ProviderError:
        if self._stop.is_set():
            return ProviderError("The run was stopped before an answer came", "Run the review again to finish it.")
        return ProviderError("The deadline of the run passed before an answer came", "Raise --deadline.")


def _check_prices(chain: Sequence[Link], limits: Limits) -> None:
    unpriced = [link.label for link in chain if link.facts.prices is None]
    if limits.max_cost_usd and unpriced:
        hint = "Give its prices in the configuration, or cap with --max-input-tokens."
        raise UsageError(f"--max-cost-usd cannot be kept: no price is known for {', '.join(unpriced)}", hint)


def _shared_prefix(requests: Sequence[Request]) -> int:
    """Estimated tokens of the system blocks that all requests begin with, if they are marked for the cache."""
    first = requests[0]
    if not any(block.cache for block in first.system) or any(request.system != first.system for request in requests):
        return 0
    return estimate(replace(first, user=()))


__all__ = ["Limits", "Link", "ModelFacts", "Pool", "Provider", "Usage"]
