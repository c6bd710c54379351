"""Connections to one host: made as they are needed, each for one call at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.github.wire import Wire

MOST = 4  # calls at once: what a review reads side by side; GitHub asks clients to stay well below a hundred


class Connections:
    """Thread-safe. Whoever comes when all are busy waits."""

    def __init__(self, make: Callable[[], Wire], most: int = MOST) -> None:
        self._make = make
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[Wire] = []
        self._closings = 0

    @contextmanager
    def one(self) -> Iterator[Wire]:
        """A connection for one call, an open one if there is any."""
        with self._free:
            with self._lock:
                wire, closings = self._idle.pop() if self._idle else None, self._closings
            wire = wire or self._make()
            try:
                yield wire
            finally:
                with self._lock:
                    kept = closings == self._closings
                    if kept:
                        self._idle.append(wire)
                if not kept:
                    wire.close()

    def close(self) -> None:
        """Close all of them, those that are busy when their call is over; a later call opens a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._closings += 1
        for wire in idle:
            wire.close()
