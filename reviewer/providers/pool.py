"""The way to ask: many requests at once, each ending as exactly one `Reply` or `Failure`.

Around a chain of providers lie, from the inside out: a bound on each call, the retry policy, the check of the
answer with one corrective attempt, the circuit breaker, the fallback to the next provider, and the run's budget,
deadline and stop.
"""

from __future__ import annotations

import random as _random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from reviewer.errors import ProviderError, UsageError
from reviewer.nouns.exchange import Failure, Provider, Reply, Request
from reviewer.nouns.progress import Event, Progress, silent
from reviewer.nouns.review import Usage
from reviewer.providers.breaker import Breaker
from reviewer.providers.call import Link
from reviewer.providers.crew import Crew, Done
from reviewer.providers.models import ModelFacts
from reviewer.providers.purse import Purse
from reviewer.providers.retry import Backoff
from reviewer.providers.settle import Desk, settle


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a run. `deadline` is a time of the pool's clock (None: none); the caps are 0 for none."""

    concurrency: int = 8
    call_seconds: float = 300.0
    deadline: float | None = None
    max_input_tokens: int = 0
    max_cost_usd: float = 0.0
    backoff: Backoff = field(default_factory=Backoff)


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
        check_prices(chain, limits)
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
        desk = self._desk(halt)
        crew = Crew(
            requests,
            lambda request: settle(request, desk),
            size=self._limits.concurrency,
            halt=halt,
            clock=self._clock,
        )
        before = self._clock()
        try:
            for done in crew.finished(self._is_over):
                del waiting[done.outcome.request_id]
                yield self._told(done, before)
                before = max(before, done.at)
        finally:
            halt.set()
        for request in waiting.values():
            yield Failure(request.id, self._why_over())

    def close(self) -> None:
        """Give the providers' sockets back; calls still under way end."""
        for link in self._chain:
            link.close()

    def _desk(self, halt: threading.Event) -> Desk:
        return Desk(
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

    def _told(self, done: Done, before: float) -> Reply | Failure:
        """The outcome with the wall time it added to the run, and notices that were given before left out."""
        outcome = done.outcome
        usage = replace(outcome.usage, wall_seconds=max(0.0, done.at - before))
        if isinstance(outcome, Failure):
            return replace(outcome, usage=usage)
        fresh = tuple(notice for notice in outcome.notices if notice not in self._said)
        self._said.update(fresh)
        return replace(outcome, usage=usage, notices=fresh)

    def _tell(self, event: Event) -> None:
        with self._talking:
            try:
                self._progress(event)
            except OSError:  # the terminal or log has gone: no reason to lose the answer it would have told of
                self._progress = silent

    def _left(self) -> float:
        return float("inf") if self._limits.deadline is None else self._limits.deadline - self._clock()

    def _is_over(self) -> bool:
        return self._stop.is_set() or self._left() <= 0

    def _why_over(self) -> ProviderError:
        if self._stop.is_set():
            return ProviderError("The run was stopped before an answer came", "Run the review again to finish it.")
        if self._left() > 0:
            return ProviderError("A fault in the reviewer ended the asking", "Please report it.")
        return ProviderError("The deadline of the run passed before an answer came", "Raise --deadline.")


def check_prices(chain: Sequence[Link], limits: Limits) -> None:
    unpriced = [link.label for link in chain if link.facts.prices is None]
    if limits.max_cost_usd and unpriced:
        hint = "Give its prices in the configuration, or cap with --max-input-tokens."
        raise UsageError(f"--max-cost-usd cannot be kept: no price is known for {', '.join(unpriced)}", hint)


__all__ = ["Limits", "Link", "ModelFacts", "Pool", "Provider", "Usage"]
