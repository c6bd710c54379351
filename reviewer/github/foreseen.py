"""Reads begun before anybody wants them, so that those which need not wait for each other do not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Foreseen(Generic[T]):
    """Outcomes on their way, by what was asked. The first who asks the same takes one, once; who asks again, reads again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: dict[Hashable, Future[T]] = {}

    def begin(self, asked: Hashable, read: Callable[[], T]) -> None:
        """Read in a thread of its own, unless that is under way already."""
        with self._lock:
            if asked in self._coming:
                return
            future = self._coming[asked] = Future()
        threading.Thread(target=_work, args=(future, read), name="foreseen", daemon=True).start()

    def take(self, asked: Hashable) -> Future[T] | None:
        """What was begun for this, or None; its `result()` waits, and raises what the read raised."""
        with self._lock:
            return self._coming.pop(asked, None)

    def settle(self) -> None:
        """Wait until nothing is under way. What was raised waits for who takes it."""
        with self._lock:
            coming = list(self._coming.values())
        for future in coming:
            future.exception()


def _work(future: Future[T], read: Callable[[], T]) -> None:
    try:
        future.set_result(read())
    except BaseException as error:  # noqa: BLE001  raised again where the outcome is wanted
        future.set_exception(error)
