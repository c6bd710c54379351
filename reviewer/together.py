"""Several reviews in step: what they ask at the same stage is asked as one, so that one batch holds the calls of all.

Each review is a job in a thread of its own, but only one of them runs at any time, and none while a model is asked:
the threads are there to stop in the middle, not to share work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from reviewer.errors import ReviewerError
from reviewer.nouns.exchange import AskAll, Failure, Reply, Request

T = TypeVar("T")


def together(jobs: Sequence[Callable[[AskAll], T]], ask_all: AskAll) -> list[T | ReviewerError]:
    """What each job returned, in their order; where it raised a ReviewerError, that error.

    A job is given its own way to ask. Its requests wait there until every other job asks too, or has ended; then
    `ask_all` gets them all in one call. Any other exception, of a job or of `ask_all`, is raised when all jobs have
    ended.
    """
    meeting = _Meeting(jobs)
    meeting.hold(ask_all)
    if meeting.broken:
        raise meeting.broken[0]
    return [meeting.results[number] for number in range(len(jobs))]


class _Meeting(Generic[T]):
    """Where the jobs wait for each other. `_moved` guards all that changes; `_turn` lets one job work at a time."""

    def __init__(self, jobs: Sequence[Callable[[AskAll], T]]) -> None:
        self._jobs = jobs
        self._moved = threading.Condition()
        self._turn = threading.Lock()
        self._working = len(jobs)
        self._asked: dict[int, Sequence[Request]] = {}
        self._answers: dict[int, list[Reply | Failure]] = {}
        self.results: dict[int, T | ReviewerError] = {}
        self.broken: list[BaseException] = []

    def hold(self, ask_all: AskAll) -> None:
        """Run all jobs to their end; `ask_all` is called in this thread."""
        threads = [
            threading.Thread(target=self._work, args=(number,), name=f"review-{number}", daemon=True)
            for number in range(len(self._jobs))
        ]
        for thread in threads:
            thread.start()
        while asked := self._next():
            try:
                answers = _divided(ask_all(_joined(asked)), asked)
            except BaseException as error:  # noqa: BLE001 - the jobs must end first; raised by `together`
                self.broken.append(error)
                answers = {number: [] for number in asked}
            with self._moved:
                self._working += len(asked)
                self._answers.update(answers)
                self._moved.notify_all()
        for thread in threads:
            thread.join()

    def _next(self) -> dict[int, Sequence[Request]]:
        """What is asked once nobody works any more; empty when all jobs have ended."""
        with self._moved:
            self._moved.wait_for(lambda: not self._working)
            asked, self._asked = dict(sorted(self._asked.items())), {}
            return asked

    def _work(self, number: int) -> None:
        self._turn.acquire()
        try:
            self.results[number] = self._jobs[number](lambda requests: self._ask(number, requests))
        except ReviewerError as error:
            self.results[number] = error
        except BaseException as error:  # noqa: BLE001 - raised by `together`, in the caller's thread
            self.broken.append(error)
        finally:
            self._turn.release()
            self._ended()

    def _ended(self) -> None:
        with self._moved:
            self._working -= 1
            self._moved.notify_all()

    def _ask(self, number: int, requests: Sequence[Request]) -> list[Reply | Failure]:
        """Called by a job, which has the turn: hand the requests over and give the turn away until answers are there."""
        if not requests:
            return []
        self._turn.release()
        try:
            with self._moved:
                self._asked[number] = requests
                self._working -= 1
                self._moved.notify_all()
                self._moved.wait_for(lambda: number in self._answers)
                return self._answers.pop(number)
        finally:
            self._turn.acquire()


def _joined(asked: Mapping[int, Sequence[Request]]) -> list[Request]:
    """All requests, their ids made unique over the jobs."""
    return [replace(request, id=f"{number}:{request.id}") for number, requests in asked.items() for request in requests]


def _divided(
    outcomes: Iterable[Reply | Failure], asked: Mapping[int, Sequence[Request]]
) -> dict[int, list[Reply | Failure]]:
    """Outcomes by job, with the ids the job knows."""
    divided: dict[int, list[Reply | Failure]] = {number: [] for number in asked}
    for outcome in outcomes:
        number, _, name = outcome.request_id.partition(":")
        divided[int(number)].append(replace(outcome, request_id=name))
    return divided
