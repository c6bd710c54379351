"""Read what the model answered. An answer we cannot read is a loss that is named, never "no findings".

Harmless wrapping round the JSON is seen through, slips with one meaning are put right, a single bad item is
set aside with its reason. Everything else makes the reply unreadable, and its batch a skip.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reviewer.errors import UnreadableReply
from reviewer.nouns.answered import Note, SignalAnswer
from reviewer.nouns.batch import Batch, Piece
from reviewer.nouns.exchange import Failure, Reply, Request, StopReason
from reviewer.nouns.finding import Category, Confidence, Draft, Excluded, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.identity import normalise
from reviewer.nouns.review import Skip, Usage
from reviewer.stages.exclude import inner
from reviewer.stages.items import BadItem, read_answer, read_draft, read_note, read_question
from reviewer.stages.jsontext import clean, read_object

_MAX_ITEMS = 200  # of one kind in one reply; more is no review
# The block of a request's user part that shows code (`ask.compose`). Only code can refute a signal, not the author's
# words about it, nor the signal's own text.
_CODE = 2
_STOPPED = {
    StopReason.TRUNCATED: "the reply was cut off at the output limit",
    StopReason.REFUSED: "the model refused to answer",
    StopReason.FILTERED: "the provider's content filter stopped the reply",
}


class Heard(NamedTuple):
    """All replies, read. `drafts` include questions; `answers` are the ids of requests that were answered."""

    drafts: tuple[Draft, ...] = ()
    signal_answers: tuple[SignalAnswer, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    pieces: tuple[Piece, ...] = ()
    lost: tuple[Skip, ...] = ()
    summaries: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    usage: Usage = Usage()
    answers: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


class Said(NamedTuple):
    """One review reply, read. `bad` are items that break the form, with what breaks it."""

    drafts: tuple[Draft, ...]
    signal_answers: tuple[SignalAnswer, ...]
    excluded: tuple[Excluded, ...]
    summary: str
    bad: int
    notes: tuple[Note, ...] = ()


def accept(text: str) -> object:
    """Whether a text is an answer to a review request; raises UnreadableReply if not (`Request.accept`)."""
    value = _review(text)
    items = [item for kind in ("findings", "questions") for item in value[kind]]
    if items and not any(isinstance(item, dict) for item in items):
        raise UnreadableReply("the reply's findings are not objects")
    return value


def read_all(
    outcomes: Iterable[Reply | Failure],
    requests: Sequence[Request],
    batches: Sequence[Batch],
    hazards: Sequence[Hazard] = (),
) -> Heard:
    """Read every outcome of the review requests; a request without a readable one loses its batch."""
    asked = {request.id: request for request in requests}
    shown = {batch.id: batch for batch in batches}
    catalogue = {hazard.id: hazard for hazard in hazards}
    said: dict[str, Said] = {}
    reasons: dict[str, str] = {}
    usage = Usage()
    notices: list[str] = []
    for outcome in outcomes:
        usage += outcome.usage
        if outcome.request_id not in asked or outcome.request_id in said:
            continue
        if isinstance(outcome, Failure):
            reasons[outcome.request_id] = outcome.error.message
            continue
        notices.extend(outcome.notices)
        try:
            said[outcome.request_id] = _read(outcome, asked[outcome.request_id], catalogue)
        except UnreadableReply as error:
            reasons[outcome.request_id] = error.message
    heard = [said[identifier] for identifier in asked if identifier in said]
    bad = sum(each.bad for each in heard)
    if bad:
        notices.append(f"{bad} item(s) of the model's replies broke the agreed form and were left out (see excluded)")
    return Heard(
        drafts=tuple(draft for each in heard for draft in each.drafts),
        signal_answers=tuple(answer for each in heard for answer in each.signal_answers),
        excluded=tuple(item for each in heard for item in each.excluded),
        pieces=tuple(piece for key in asked if key in said and key in shown for piece in shown[key].pieces),
        lost=tuple(_lost(shown, [key for key in asked if key not in said], reasons)),
        summaries=tuple(each.summary for each in heard if each.summary),
        notices=tuple(dict.fromkeys(notices)),
        usage=usage,
        answers=tuple(key for key in asked if key in said),
        notes=tuple(note for each in heard for note in each.notes),
    )


def _review(text: str) -> dict[str, Any]:
    """The reply's object, with its lists as lists. Raises UnreadableReply."""
    value = read_object(text, expect="findings")
    lists = {kind: value.get(kind) or [] for kind in ("findings", "questions", "signals", "notes")}
    for kind, items in lists.items():
        if not isinstance(items, list):
            raise UnreadableReply(f'"{kind}" of the reply is not a list')
        if len(items) > _MAX_ITEMS:
            raise UnreadableReply(f'"{kind}" of the reply has {len(items):,} items')
    return {**value, **lists}


def _read(reply: Reply, request: Request, catalogue: Mapping[str, Hazard]) -> Said:
    """Read one reply. Raises UnreadableReply where it is no answer."""
    if reply.stop is not StopReason.COMPLETE:
        raise UnreadableReply(_STOPPED[reply.stop])
    accept(reply.text)
    value = _review(reply.text)
    drafts: list[Draft] = []
    excluded: list[Excluded] = []
    for kind, read in (("findings", read_draft), ("questions", read_question)):
        for item in value[kind]:
            try:
                drafts.append(read(item, catalogue))
            except BadItem as error:
                excluded.append(_set_aside(item, str(error)))
    code = normalise("".join(block.text for block in request.user[_CODE : _CODE + 1]))
    answers = [answer for item in value["signals"] if (answer := read_answer(item, code))]
    return Said(
        drafts=tuple(drafts),
        signal_answers=tuple(answers),
        excluded=tuple(excluded),
        summary=clean(value.get("summary"), 800),
        bad=len(excluded),
        notes=tuple(note for item in value["notes"] if (note := read_note(item))),
    )


def _set_aside(item: object, reason: str) -> Excluded:
    """A broken item as far as it can be read, so that nothing the model said is lost unseen."""
    said: Mapping[str, object] = item if isinstance(item, dict) else {"title": str(item)}
    return Excluded(
        stage="parse",
        reason=f"not in the agreed form: {reason}",
        hazard=clean(said.get("hazard"), 80) or "other-reliability",
        category=Category.RELIABILITY,
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        path=inner(clean(said.get("path"), 400)),
        quote=clean(said.get("quote"), 2000),
        title=clean(said.get("title"), 160),
        scenario=clean(said.get("scenario"), 2000),
        recommendation=clean(said.get("recommendation"), 2000),
    )


def _lost(shown: Mapping[str, Batch], unanswered: Iterable[str], reasons: Mapping[str, str]) -> Iterator[Skip]:
    for key in unanswered:
        if key not in shown:
            continue
        lines: dict[str, int] = {}
        for piece in shown[key].pieces:
            lines[piece.file.path] = lines.get(piece.file.path, 0) + _changed(piece)
        reason = reasons.get(key, "the model gave no reply")
        for path, count in lines.items():
            yield Skip(path=path, reason=reason, kind="provider", in_scope=True, lines=count)


def _changed(piece: Piece) -> int:
    """Changed lines a piece shows."""
    if piece.window is None:
        return sum(piece.file.hunks[index].changed_lines for index in piece.hunks)
    low, high = piece.window
    return sum(1 for line in piece.file.hunks[piece.hunks[0]].lines[low:high] if line.kind != " ")
