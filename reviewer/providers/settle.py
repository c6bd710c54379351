"""One request from first attempt to its end: attempts at one provider after another until an answer stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from reviewer import resources
from reviewer.errors import ProviderError, ReviewerError, UnreadableReply
from reviewer.nouns.exchange import Block, Failure, Reply, Request, StopReason
from reviewer.nouns.progress import Progress
from reviewer.nouns.review import Usage
from reviewer.providers import schemas
from reviewer.providers.breaker import Breaker
from reviewer.providers.call import Link, call
from reviewer.providers.models import ModelFacts
from reviewer.providers.purse import OverBudget, Purse
from reviewer.providers.reading import utf8
from reviewer.providers.retry import Backoff, attempts

_LONGEST_PROBLEM = 600  # characters of what was wrong that the model gets to read


@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker has at hand: shared state, limits, and the world as parameters."""

    chain: tuple[Link, ...]
    breakers: Mapping[str, Breaker]
    purse: Purse
    backoff: Backoff
    call_seconds: float
    left: Callable[[], float]  # seconds to the deadline
    halted: Callable[[], bool]
    why_over: Callable[[], ProviderError]
    sleep: Callable[[float], object]
    random: Callable[[], float]
    clock: Callable[[], float]
    progress: Progress


@dataclass(slots=True)
class _Tally:
    """What one request has cost so far, answers that were thrown away included."""

    attempts: int = 0
    usage: Usage = field(default_factory=Usage)

    def add(self, usage: Usage) -> None:
        self.usage += usage

    def total(self) -> Usage:
        return replace(self.usage, retries=max(0, self.attempts - 1))


def settle(request: Request, desk: Desk) -> Reply | Failure:
    """The request's one outcome. Never raises: what cannot be answered is a `Failure` with the reason."""
    tally = _Tally()
    try:
        return _along_the_chain(sendable(request), desk, tally)
    except ProviderError as error:
        return Failure(request.id, error, tally.total(), tally.attempts)
    except ReviewerError as error:
        return Failure(request.id, ProviderError(error.message, error.hint), tally.total(), tally.attempts)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the other requests; it is reported
        told = ProviderError(f"A fault in the reviewer: {type(error).__name__} while asking", "Please report it.")
        told.__cause__ = error
        return Failure(request.id, told, tally.total(), tally.attempts)


def sendable(request: Request) -> Request:
    """The request with texts that can be encoded; the change under review may hold anything."""
    system, user = (
        tuple(Block(utf8(block.text), block.cache) for block in blocks) for blocks in (request.system, request.user)
    )
    return replace(request, system=system, user=user)


def _along_the_chain(request: Request, desk: Desk, tally: _Tally) -> Reply:
    passed: list[tuple[Link, ProviderError]] = []
    for link in desk.chain:
        breaker = desk.breakers[link.label]
        error = breaker.refusal(link.label)
        if error is None:
            try:
                reply = _answer(request, link, desk, tally)
            except OverBudget:
                raise
            except ProviderError as failed:
                breaker.failed(failed)
                error = failed
            else:
                breaker.succeeded()
                notices = (*_fallbacks(passed, link), *reply.notices)
                return replace(reply, usage=tally.total(), attempts=tally.attempts, notices=notices)
        passed.append((link, error))
        if desk.halted():
            break
    raise _last_word(passed)


def _fallbacks(passed: list[tuple[Link, ProviderError]], answered: Link) -> tuple[str, ...]:
    return tuple(
        f"{link.label} did not answer ({error.message}); {answered.label} was asked instead" for link, error in passed
    )


def _last_word(passed: list[tuple[Link, ProviderError]]) -> ProviderError:
    """The error of the first provider, or all of them in one where several were asked."""
    first = passed[0][1]
    if len(passed) == 1:
        return first
    told = "; ".join(f"{link.label}: {error.message}" for link, error in passed)
    return ProviderError(f"No provider answered. {told}", first.hint)


def _answer(request: Request, link: Link, desk: Desk, tally: _Tally) -> Reply:
    """A complete and readable reply of one provider, with at most one corrective and one longer attempt."""
    asked, corrected, enlarged = request, False, False
    while True:
        reply = _ask(asked, link, desk, tally)
        if reply.stop is StopReason.TRUNCATED:
            roomier = longer(asked, link.facts)
            if enlarged or roomier is None:
                raise cut(asked, link)
            asked, enlarged = roomier, True
            continue
        if reply.stop is not StopReason.COMPLETE:
            raise refused(reply, link)
        try:
            if request.accept is not None:
                request.accept(reply.text)
        except UnreadableReply as error:
            if corrected:
                raise UnreadableReply(f"{link.label} gave no readable answer: {error.message}", error.hint) from None
            asked, corrected = correction(asked, error.message), True
            continue
        return reply


def longer(request: Request, facts: ModelFacts) -> Request | None:
    """The request with twice the room for its answer, or None if the model has no more room."""
    roomier = replace(request, max_output_tokens=request.max_output_tokens * 2)
    room = facts.answer_limit(roomier.max_output_tokens) > facts.answer_limit(request.max_output_tokens)
    return roomier if room else None


def cut(request: Request, link: Link) -> ProviderError:
    """The error for an answer that had no room, when no more can be given."""
    limit = link.facts.answer_limit(request.max_output_tokens)
    return ProviderError(
        f"The answer of {link.label} was cut off at {limit} tokens",
        "Review a smaller change, or use a model with longer answers.",
    )


def refused(reply: Reply, link: Link) -> ProviderError:
    """The error for an answer the model or a filter withheld."""
    why = f" ({'; '.join(reply.notices)})" if reply.notices else ""
    verb = "refused the request" if reply.stop is StopReason.REFUSED else "had its answer removed by a content filter"
    return ProviderError(f"{link.label} {verb}{why}", "Another model may answer: name it with --fallback.")


def correction(request: Request, problem: str) -> Request:
    """The request again, with a last user block that says what was wrong with the answer before."""
    template = (resources.prompts() / "correction.md").read_text(encoding="utf-8")
    # not str.format: the problem may quote the model, and braces of its JSON are not ours to interpret
    before, _, after = template.partition("{problem}")
    words = before + problem[:_LONGEST_PROBLEM] + after.replace("{schema}", schemas.text(request.schema))
    return replace(request, user=(*request.user, Block(words)))


def _ask(request: Request, link: Link, desk: Desk, tally: _Tally) -> Reply:
    """One reply under the retry policy; every attempt is counted, budgeted, bounded and told."""

    def once(_: int) -> Reply:
        if desk.halted():
            raise desk.why_over()
        reserved = desk.purse.reserve(request, link.facts, desk.halted)
        tally.attempts += 1
        usage: Usage | None = None
        seconds = min(desk.call_seconds, desk.left())
        try:
            reply = call(request, link, tally.attempts, seconds=seconds, clock=desk.clock, progress=desk.progress)
            usage = reply.usage
        finally:
            reserved.settle(usage)
            tally.add(usage or Usage(calls=1, cost_usd=0.0 if link.facts.prices else None))
        return reply

    return attempts(once, desk.backoff, random=desk.random, sleep=desk.sleep, left=desk.left)
