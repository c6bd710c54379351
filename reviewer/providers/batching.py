"""The slow and cheap way to ask: through a provider's batch API, each request ending as exactly one `Reply` or `Failure`.

All requests of an ask are handed in at once and waited for. What came back unreadable, cut off, or broken by the
provider is handed in once more, as a second and smaller batch, at the same half price. There is no fallback to
another provider: who asks for the batch price shall not be charged the other one unasked.
"""

from __future__ import annotations

import random as _random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Failure, Reply, Request
from reviewer.nouns.progress import Event, Progress, silent
from reviewer.nouns.review import Usage
from reviewer.providers.batches import Batches, error_of, refusal
from reviewer.providers.call import Link, finished, started
from reviewer.providers.case import Case, chunks, judged
from reviewer.providers.connection import Rejection
from reviewer.providers.pool import Limits, check_prices
from reviewer.providers.purse import Purse
from reviewer.providers.retry import attempts
from reviewer.providers.settle import sendable
from reviewer.providers.waiting import Pace, Waiting, unfailing
from reviewer.providers.wire import Dialect, Format, detail, unsent

MOST_ROUNDS = 3  # the first batch, what it left over, and one more for a server that rejected a form on the way


class Delivered:
    """A `Provider` that hands out what a batch brought, so that recording and audit trail can wrap it as any other."""

    def __init__(self) -> None:
        self._outcomes: dict[str, Reply | ProviderError] = {}

    def put(self, request: Request, outcome: Reply | ProviderError) -> None:
        self._outcomes[request.id] = outcome

    def __call__(self, request: Request) -> Reply:
        outcome = self._outcomes.pop(request.id)
        if isinstance(outcome, ProviderError):
            raise outcome
        return outcome


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch that was handed in, with its cases by the ids they have in it, in the dialect they were written in."""

    id: str
    cases: dict[str, Case]
    dialect: Dialect
    at: float


class BatchPool:
    """An `AskAll` like `Pool`. `link.facts` and `batches.facts` must have the prices of the batch API.

    `link.ask` is `delivered`, or wrappers of it. At the deadline, or when `stop` is set, batches are cancelled and
    what has no answer becomes a failure; what was answered by then still counts, if it comes within `pace.grace`.
    """

    def __init__(
        self,
        link: Link,
        batches: Batches,
        delivered: Delivered,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        *,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        progress: Progress = silent,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        random: Callable[[], float] = _random.random,
        secrets: tuple[str, ...] = (),
    ) -> None:
        check_prices([link], limits)
        self._link = link
        self._batches = batches
        self._delivered = delivered
        self._limits = limits
        self._progress = unfailing(progress)
        self._clock = clock
        self._random = random
        self._secrets = secrets
        self._dialect = batches.dialect
        self._opened = False
        self._purse = Purse(max_input_tokens=limits.max_input_tokens, max_cost_usd=limits.max_cost_usd)
        self._waiting = Waiting(
            batches, limits, pace, progress=self._progress, stop=stop or threading.Event(), clock=clock, sleep=sleep
        )

    def __call__(self, requests: Sequence[Request]) -> Iterator[Reply | Failure]:
        """Outcomes, round by round. Never raises for a failed call."""
        cases = [Case(request, sendable(request)) for request in requests]
        if len({case.request.id for case in cases}) != len(cases):
            raise ValueError("request ids must be unique in one ask")
        before = self._clock()
        todo = cases
        for _ in range(MOST_ROUNDS):
            self._round(todo)
            for case in todo:
                if case.outcome is not None:
                    yield _since(case.outcome, self._clock() - before)
                    before = self._clock()
            todo = [case for case in todo if case.outcome is None]
        for case in todo:
            case.fail(ProviderError(f"{self._link.label} gave no answer in {MOST_ROUNDS} batches"))
            assert case.outcome is not None
            yield case.outcome

    def close(self) -> None:
        """Give the provider's sockets back."""
        self._batches.close()
        self._opened = False

    def _round(self, cases: Sequence[Case]) -> None:
        """One batch (or several, where one would be too large) from start to end."""
        handed_in = [batch for chunk in chunks(cases) if (batch := self._hand_in(chunk)) is not None]
        standings = self._waiting.until_over({batch.id: len(batch.cases) for batch in handed_in})
        for batch in handed_in:
            missing = standings.get(batch.id)
            if missing is None:
                self._settle_all(batch, self._waiting.why_over())
            else:
                self._collect(batch, missing)

    def _hand_in(self, chunk: Sequence[Case]) -> _Batch | None:
        """Submit what the budget allows; the rest, or all if the provider takes none, are failures."""
        taken = [case for case in chunk if self._reserve(case)]
        if not taken:
            return None
        named = {f"r{number}": case for number, case in enumerate(taken, 1)}
        for case in taken:
            case.attempts += 1
            self._progress(started(case.request, self._link, case.attempts))
        batch = _Batch("", named, self._dialect, self._clock())
        try:
            self._open()
            name = attempts(
                lambda _: self._submit(named),
                self._limits.backoff,
                random=self._random,
                sleep=self._waiting.sleep,
                left=self._waiting.left,
            )
        except ProviderError as error:
            self._settle_all(batch, error)
            return None
        self._progress(Event("batch.submitted", {"batch": name, "requests": len(taken)}))
        return replace(batch, id=name)

    def _open(self) -> None:
        if self._opened:
            return
        try:
            self._batches.open()
        except ImportError as error:
            hint = "The installation is incomplete: install the reviewer again, with its dependencies."
            raise ProviderError(f"The SDK of {self._batches.name} cannot be loaded: {error}", hint) from error
        self._opened = True

    def _submit(self, named: dict[str, Case]) -> str:
        try:
            return self._batches.submit({name: case.asked for name, case in named.items()}, self._dialect)
        except Rejection as rejection:
            raise refusal(rejection, self._batches, detail(rejection.said, self._secrets)) from None
        except ProviderError as error:
            if error.fatal or unsent(error):
                raise
            hint = "It may have been accepted: look at the provider's list of batches before running this again."
            raise ProviderError(error.message, hint) from error

    def _reserve(self, case: Case) -> bool:
        """Set its cost aside, or settle the case as a failure."""
        try:
            if self._waiting.is_over():
                raise self._waiting.why_over()
            # nobody waits for others here: all of a batch are under way together
            case.reserved = self._purse.reserve(case.asked, self._link.facts, lambda: True)
        except ProviderError as error:
            case.fail(error)
            return False
        return True

    def _collect(self, batch: _Batch, missing: str) -> None:
        """Read the answers of a batch that is over, and have the provider forget it."""
        try:
            answers = self._waiting.answers(batch.id)
        except ProviderError as error:
            self._settle_all(batch, error)  # not deleted at the provider's: the answers are paid for
            return
        outcomes = {answer.id: answer.outcome for answer in answers}
        cancelled = self._waiting.why_over() if self._waiting.is_over() else None
        for name, case in batch.cases.items():
            outcome = outcomes.get(name, ProviderError(missing, "Run it again for what is missing."))
            # at the deadline it was us who cancelled: say so, not that the batch was cancelled
            self._settle(case, cancelled if cancelled and isinstance(outcome, ProviderError) else outcome, batch)
        problem = self._waiting.forget(batch.id)
        told = next((case for case in batch.cases.values() if isinstance(case.outcome, Reply)), None)
        if problem and told is not None and isinstance(told.outcome, Reply):
            told.outcome = replace(told.outcome, notices=(*told.outcome.notices, problem))

    def _settle_all(self, batch: _Batch, error: ProviderError) -> None:
        for case in batch.cases.values():
            case.repeated = True  # the whole batch failed: its requests have nothing to gain from another one
            self._settle(case, error, batch)

    def _settle(self, case: Case, outcome: Reply | Rejection | ProviderError, batch: _Batch) -> None:
        """Account for one outcome, and decide: an answer, a failure, or another form for the next round."""
        said = ""
        if isinstance(outcome, Rejection):
            said = outcome.said if outcome.status in {400, 422} else ""
            outcome = error_of(outcome, self._batches, detail(outcome.said, self._secrets))
        took = self._clock() - batch.at
        if isinstance(outcome, Reply):
            outcome = replace(outcome, request_id=case.request.id, seconds=took)
        self._delivered.put(case.asked, outcome)
        try:
            reply = self._link.ask(case.asked)
            self._account(case, reply.usage)
            self._progress(finished(case.request, self._link, case.attempts, reply, took))
            case.outcome = judged(case, self._with_notices(reply), self._link)
        except ProviderError as error:
            if case.reserved is not None:
                self._account(case, None)
                self._progress(finished(case.request, self._link, case.attempts, error, took))
            if not self._again(case, error, said, batch.dialect):
                case.fail(error)

    def _again(self, case: Case, error: ProviderError, said: str, tried: Dialect) -> bool:
        """Whether a case that failed goes into the next batch: another dialect, or the provider's own fault once."""
        if said:
            lower = tried.without(said, formats=self._batches.formats, guess=not self._batches.official)
            if lower is None:
                return False
            if self._dialect == tried:  # else another case of this batch has taught us already
                self._dialect = lower
            return True
        if not error.retryable or case.repeated:
            return False
        case.repeated = True
        return True

    def _account(self, case: Case, usage: Usage | None) -> None:
        if case.reserved is not None:
            case.reserved.settle(usage)
            case.reserved = None
        case.usage += usage or Usage(calls=1, cost_usd=0.0 if self._link.facts.prices else None)

    def _with_notices(self, reply: Reply) -> Reply:
        if self._dialect.format is Format.SCHEMA:
            return reply
        told = f"{self._link.label} takes no JSON Schema; the form was asked for in the prompt"
        return replace(reply, notices=(*reply.notices, told))


def _since(outcome: Reply | Failure, seconds: float) -> Reply | Failure:
    """The outcome with the wall time it added: the whole wait for the first of a round, next to nothing for the rest."""
    return replace(outcome, usage=replace(outcome.usage, wall_seconds=max(0.0, seconds)))
