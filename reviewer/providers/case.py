"""One request on its way through batches: what it is asked as, what it has cost, and whether an answer is one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from reviewer.errors import ProviderError, UnreadableReply
from reviewer.nouns.exchange import Failure, Reply, Request, StopReason
from reviewer.nouns.review import Usage
from reviewer.providers.call import Link
from reviewer.providers.purse import Reservation
from reviewer.providers.settle import correction, cut, longer, refused

# Below what both vendors take (50,000 requests, 200 MB): a batch that fails as a whole takes less with it.
_MOST_REQUESTS = 10_000
_MOST_BYTES = 90 * 1024 * 1024


@dataclass(slots=True)
class Case:
    """A request on its way: the form it is asked in now, what it has cost, and what was tried already."""

    request: Request
    asked: Request
    attempts: int = 0
    usage: Usage = field(default_factory=Usage)
    corrected: bool = False
    enlarged: bool = False
    repeated: bool = False
    reserved: Reservation | None = None
    outcome: Reply | Failure | None = None

    def spent(self) -> Usage:
        """All that was paid for it, answers that were thrown away included."""
        return replace(self.usage, retries=max(0, self.attempts - 1))

    def fail(self, error: ProviderError) -> None:
        """End it without an answer."""
        self.outcome = Failure(self.request.id, error, self.spent(), self.attempts)


def judged(case: Case, reply: Reply, link: Link) -> Reply | None:
    """The reply if it is an answer; None if the case has a better form to be asked in. Raises ProviderError."""
    if reply.stop is StopReason.TRUNCATED:
        roomier = longer(case.asked, link.facts)
        if case.enlarged or roomier is None:
            raise cut(case.asked, link)
        case.asked, case.enlarged = roomier, True
        return None
    if reply.stop is not StopReason.COMPLETE:
        raise refused(reply, link)
    try:
        if case.request.accept is not None:
            case.request.accept(reply.text)
    except UnreadableReply as error:
        if case.corrected:
            message = f"{link.label} gave no readable answer: {error.message}"
            raise UnreadableReply(message, error.hint) from None
        case.asked, case.corrected = correction(case.asked, error.message), True
        return None
    return replace(reply, usage=case.spent(), attempts=case.attempts)


def chunks(
    cases: Sequence[Case], most: int = _MOST_REQUESTS, most_bytes: int = _MOST_BYTES
) -> Iterator[tuple[Case, ...]]:
    """Cases in their order, in groups that fit one batch each."""
    group: list[Case] = []
    size = 0
    for case in cases:
        weight = _weight(case.asked)
        if group and (len(group) == most or size + weight > most_bytes):
            yield tuple(group)
            group, size = [], 0
        group.append(case)
        size += weight
    if group:
        yield tuple(group)


def _weight(request: Request) -> int:
    """Bytes of a request in a batch, rounded up: its texts with the escapes of JSON, its schema twice, names."""
    texts = [block.text for block in (*request.system, *request.user)]
    return sum(len(json.dumps(text)) for text in texts) + 2 * len(json.dumps(request.schema)) + 1_000
