"""The threads that work off one ask: bounded in number, a head start for the first, abandoned when told to stop."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from reviewer.nouns.exchange import Failure, Reply, Request
from reviewer.providers.purse import estimate

_POLL = 0.05  # seconds between looks at whether it is over
# Calls that share a long prefix are worth a head start for the first of them, which writes the provider's cache.
_WARM_TOKENS = 4_000
_HEAD_START = 1.5  # seconds; the cache can be read once the prompt is read, long before the answer is written


class Done(NamedTuple):
    """An outcome and the clock's time when it was there."""

    outcome: Reply | Failure
    at: float


class Crew:
    """Works off `requests` with `settle`, at most `size` at once. `halt` ends it: no request is begun after that."""

    def __init__(
        self,
        requests: Sequence[Request],
        settle: Callable[[Request], Reply | Failure],
        *,
        size: int,
        halt: threading.Event,
        clock: Callable[[], float],
    ) -> None:
        self._todo = deque(requests)
        self._count = len(requests)
        self._size = min(max(1, size), len(requests))
        self._waits = len(requests) > self._size and shared_prefix(requests) >= _WARM_TOKENS
        self._settle = settle
        self._halt = halt
        self._clock = clock
        self._done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def finished(self, is_over: Callable[[], bool]) -> Iterator[Done]:
        """Outcomes as they come. Ends when all are there, or soon after `is_over` says so."""
        began = self._clock()
        self._start(1 if self._waits else self._size)
        found = 0
        while found < self._count:
            if len(self._threads) < self._size and (found or self._clock() - began >= _HEAD_START):
                self._start(self._size - len(self._threads))
            # looked at before the queue: what a thread did before it ended is in the queue
            last_look = is_over() or not any(thread.is_alive() for thread in self._threads)
            try:
                done = self._done.get(timeout=0 if last_look else _POLL)
            except queue.Empty:
                if last_look:
                    return
                continue
            found += 1
            yield done

    def _start(self, count: int) -> None:
        for _ in range(count):
            thread = threading.Thread(target=self._work, name="ask", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while not self._halt.is_set():
            try:
                request = self._todo.popleft()
            except IndexError:
                return
            self._done.put(Done(self._settle(request), self._clock()))


def shared_prefix(requests: Sequence[Request]) -> int:
    """Estimated tokens of the system blocks that all requests begin with, if they are marked for the cache."""
    if not requests:
        return 0
    first = requests[0]
    if not any(block.cache for block in first.system) or any(request.system != first.system for request in requests):
        return 0
    return estimate(replace(first, user=()))
