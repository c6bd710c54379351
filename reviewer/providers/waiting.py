"""Waiting for batches: asking how they stand at growing intervals, until they are over, the deadline, or a stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reviewer.errors import ProviderError
from reviewer.nouns.progress import Event, Progress, silent
from reviewer.providers.batches import Answered, Batches, Standing, error_of
from reviewer.providers.connection import Rejection
from reviewer.providers.pool import Limits
from reviewer.providers.retry import attempts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. The first look comes after `first`, each wait is `factor` longer, up to `longest`.

    `grace` is how long batches that were cancelled at the deadline are given to end, so that what they had
    answered by then can be read.
    """

    first: float = 1.0
    factor: float = 1.5
    longest: float = 60.0
    grace: float = 60.0


class Waiting:
    """The run's bounds, and all calls to a batch API that may be repeated freely (unlike handing a batch in)."""

    def __init__(
        self,
        batches: Batches,
        limits: Limits,
        pace: Pace,
        *,
        progress: Progress,
        stop: threading.Event,
        clock: Callable[[], float],
        sleep: Callable[[float], object] | None,
    ) -> None:
        self._batches = batches
        self._limits = limits
        self._pace = pace
        self._progress = progress
        self._stop = stop
        self._clock = clock
        self.sleep = sleep or stop.wait

    def left(self) -> float:
        """Seconds to the deadline."""
        return float("inf") if self._limits.deadline is None else self._limits.deadline - self._clock()

    def is_over(self) -> bool:
        return self._stop.is_set() or self.left() <= 0

    def why_over(self) -> ProviderError:
        """Why what has no answer gets none any more."""
        if self._stop.is_set():
            return ProviderError("The run was stopped before an answer came", "Run it again to finish it.")
        return ProviderError(
            "The deadline of the run passed before the batch was answered",
            "Raise --deadline: batches may take 24 hours.",
        )

    def until_over(self, sizes: Mapping[str, int]) -> dict[str, str]:
        """For each batch that is over: why a request without an answer has none. `sizes` are the batches' requests.

        Batches that are not over in time are cancelled and left out.
        """
        over: dict[str, str] = {}
        told: dict[str, int] = {}
        pause, ends = self._pace.first, float("inf")
        while len(over) < len(sizes):
            self.sleep(max(0.0, min(pause, self.left() if ends == float("inf") else ends - self._clock())))
            pause = min(self._pace.longest, pause * self._pace.factor)
            waiting = [batch for batch in sizes if batch not in over]
            if ends == float("inf") and self.is_over():
                for batch in waiting:
                    self._cancel(batch)
                pause, ends = self._pace.first, self._clock() + (0.0 if self._stop.is_set() else self._pace.grace)
            for batch in waiting:
                standing = self._standing(batch)
                if standing is not None and standing.over:
                    over[batch] = standing.missing
                if standing is not None and told.get(batch) != standing.settled:
                    told[batch] = standing.settled
                    self._progress(
                        Event("batch.waiting", {"batch": batch, "settled": told[batch], "requests": sizes[batch]})
                    )
            if self._clock() >= ends or self._stop.is_set():
                break
        return over

    def answers(self, batch: str) -> Sequence[Answered]:
        """All answers of a batch, read whole, under the retry policy. Raises ProviderError."""
        return self._trying(lambda: list(self._batches.answers(batch)))

    def forget(self, batch: str) -> str:
        """Have the provider delete a batch; a sentence for the report if it would not."""
        try:
            self._trying(lambda: self._batches.forget(batch))
        except ProviderError as error:
            return f"The batch {batch} could not be deleted at {self._batches.name} ({error.message})"
        return ""

    def _standing(self, batch: str) -> Standing | None:
        """How it stands; None if that cannot be told now. An outage must not lose hours of waiting: we ask again."""
        try:
            return self._batches.standing(batch)
        except Rejection as rejection:
            error = error_of(rejection, self._batches, "")
        except ProviderError as failed:
            error = failed
        if error.retryable:
            return None
        return Standing(over=True, missing=f"The batch {batch} cannot be asked for: {error.message}")

    def _cancel(self, batch: str) -> None:
        try:
            self._batches.cancel(batch)
        except (Rejection, ProviderError) as error:
            said = error.message if isinstance(error, ProviderError) else f"status {error.status}"
            self._progress(Event("batch.not-cancelled", {"batch": batch, "error": said}))
        else:
            self._progress(Event("batch.cancelled", {"batch": batch}))

    def _trying(self, call: Callable[[], T]) -> T:
        def once(_: int) -> T:
            try:
                return call()
            except Rejection as rejection:
                raise error_of(rejection, self._batches, "") from None

        # after the deadline one attempt is still made: the answers are paid for
        return attempts(
            once, self._limits.backoff, random=lambda: 0.5, sleep=self.sleep, left=lambda: max(self.left(), 1.0)
        )


def unfailing(progress: Progress) -> Progress:
    """`progress`, until the terminal or log it tells has gone: no reason to lose the answers of a day."""
    telling = [progress]

    def tell(event: Event) -> None:
        try:
            telling[0](event)
        except OSError:
            telling[0] = silent

    return tell
