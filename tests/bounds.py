"""A guard against work that grows without bound: hostile input must not hang a test run, nor a review."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_CPU_SECONDS = 20.0  # a hundred times what any guarded test needs, so that no machine is too slow


class WithoutBound(AssertionError):
    """The guarded work did not come to an end."""


@contextmanager
def no_endless_work() -> Iterator[None]:
    """Fail what spends 20 s of this process's own CPU time: backtracking, or growth with the square. No stopwatch."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise WithoutBound("the work grows faster than its input")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
