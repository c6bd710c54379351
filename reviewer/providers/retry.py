"""The one policy for repeating a model call: bounded attempts, full jitter, the server's wish up to a cap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from reviewer.errors import ProviderError

if TYPE_CHECKING:
    import tenacity

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Attempts and waits, in seconds. The wait before attempt n+1 is random in 0..`base` * 2^(n-1), at most `longest`.

    A server that states a Retry-After is obeyed up to `cap`: waiting longer holds a CI job for a provider that
    is not coming back, which is what a fallback is for.
    """

    attempts: int = 4
    base: float = 1.0
    longest: float = 20.0
    cap: float = 30.0


def wait_before(backoff: Backoff, attempt: int, wish: float | None, random: float) -> float:
    """Seconds to wait after `attempt` (from 1) failed. `random` is in [0, 1).

    A stated wish is the least we wait; the jitter on top keeps waiting jobs from returning all at once.
    """
    jitter = random * min(backoff.longest, backoff.base * 2.0 ** (attempt - 1))
    return jitter if wish is None else min(wish, backoff.cap) + min(jitter, 1.0)


def attempts(
    call: Callable[[int], T],
    backoff: Backoff,
    *,
    random: Callable[[], float],
    sleep: Callable[[float], object],
    left: Callable[[], float],
) -> T:
    """The result of `call(attempt)`, repeated while it raises a retryable ProviderError.

    `left` tells the seconds until the run's deadline: no wait is begun that would end after it. The last error
    is raised as it is.
    """
    import tenacity

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        wish = error.retry_after if isinstance(error, ProviderError) else None
        return wait_before(backoff, state.attempt_number, wish, random())

    def enough(state: tenacity.RetryCallState) -> bool:
        return state.attempt_number >= backoff.attempts or state.upcoming_sleep >= left()

    def pause(seconds: float) -> None:
        sleep(seconds)

    policy = tenacity.Retrying(
        stop=enough,
        wait=wait,
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, ProviderError) and error.retryable),
        sleep=pause,
        reraise=True,
    )
    for attempt in policy:
        with attempt:
            result = call(attempt.retry_state.attempt_number)
        if not attempt.retry_state.outcome.failed:  # type: ignore[union-attr]  # set when the block ends
            return result
    raise AssertionError("tenacity ends with a result or an error")
