"""What a comment command comes to: the text of our reply, and what is to be remembered. Only `/ask` asks a model."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from reviewer import asking, hazards, state
from reviewer.assemble import plan_for
from reviewer.errors import ExitCode, ProviderError
from reviewer.github.conversation import Conversation, Thread
from reviewer.github.recall import Posted, posted
from reviewer.github.remarks import Said
from reviewer.nouns.finding import Acknowledged, Finding
from reviewer.nouns.memory import Memory
from reviewer.nouns.progress import silent
from reviewer.nouns.source import RawChange
from reviewer.reply import sticky_of
from reviewer.reporters import replies
from reviewer.reporters.replies import Named
from reviewer.reporters.words import Words
from reviewer.settings import Settings
from reviewer.stages import diff, redact, respond, scope
from reviewer.stages.commands import Command, Verb
from reviewer.world import World

_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)


class Answer(NamedTuple):
    """`memory` is the state to keep (None: as it is), `reopen` the id of a thread to open again."""

    text: str
    memory: Memory | None = None
    reopen: str = ""
    code: ExitCode = ExitCode.OK


@dataclass(frozen=True)
class Desk:
    """All that an answer may rest on. `memory` is what we remember of the pull request, people's will included."""

    said: Said
    conversation: Conversation
    memory: Memory
    change: RawChange
    settings: Settings
    options: Mapping[str, Any]
    world: World
    today: str
    began: float
    w: Words

    @property
    def thread(self) -> Thread | None:
        """The thread the comment stands in."""
        if not self.said.thread:
            return None
        numbers = {self.said.id, self.said.thread}
        return next((t for t in self.conversation.threads if any(r.id in numbers for r in t.remarks)), None)

    @property
    def posted(self) -> Posted | None:
        """Our own comment that began that thread, if it is one of ours."""
        thread = self.thread
        return next((one for one in posted(self.conversation).values() if one.thread is thread), None)

    def finding(self, fingerprint: str) -> Finding | None:
        return next((r.finding for r in self.memory.findings if r.finding.fingerprint == fingerprint), None)

    def named(self) -> list[Named]:
        """Every finding people can speak of, acknowledged ones last."""
        found = {r.finding.fingerprint: r.finding.title for r in self.memory.findings}
        found |= {a.fingerprint: a.title for a in self.memory.acknowledged if a.fingerprint not in found}
        return [Named(fingerprint, title) for fingerprint, title in found.items()]


def answer(command: Command, desk: Desk) -> Answer:
    """Follow a command that can be followed (`command.fault` is None)."""
    match command.verb:
        case Verb.ACK:
            return _ack(command, desk)
        case Verb.UNACK:
            return _unack(command, desk)
        case Verb.EXPLAIN:
            return _explain(command, desk)
        case Verb.ASK:
            return _ask(command, desk)
    raise AssertionError(command.verb)


def _meant(command: Command, desk: Desk) -> Named | None:
    """The finding a command is about: the one it names, else the one of the thread it stands in."""
    if command.about:
        found = [one for one in desk.named() if one.fingerprint.startswith(command.about)]
        return found[0] if len(found) == 1 else None
    one = desk.posted
    if one is None:
        return None
    finding = desk.finding(one.mark.fingerprint)
    return Named(one.mark.fingerprint, finding.title if finding else one.mark.hazard)


def _ack(command: Command, desk: Desk) -> Answer:
    one = _meant(command, desk)
    if one is None:
        return Answer(replies.which(command, desk.named(), desk.w))
    finding, at = desk.finding(one.fingerprint), desk.posted
    new = Acknowledged(
        fingerprint=one.fingerprint,
        hazard=finding.hazard if finding else at.mark.hazard if at else "",
        path=finding.path if finding else at.thread.path if at else "",
        title=one.title,
        by=desk.said.author,
        reason=redact.mask(" ".join(command.text.split()))[:500],
        until=command.until,
    )
    kept = _state(desk)
    others = tuple(a for a in kept.acknowledged if a.fingerprint != one.fingerprint)
    return Answer(replies.acknowledged(new, desk.w), replace(kept, acknowledged=(*others, new)))


def _unack(command: Command, desk: Desk) -> Answer:
    one = _meant(command, desk)
    if one is None:
        return Answer(replies.which(command, [Named(a.fingerprint, a.title) for a in desk.memory.acknowledged], desk.w))
    if all(a.fingerprint != one.fingerprint for a in desk.memory.acknowledged):
        return Answer(replies.was_not_acknowledged(one, desk.w))
    kept = _state(desk)
    ours = posted(desk.conversation).get(one.fingerprint)
    closed = ours is not None and ours.thread.resolved and not ours.thread.resolved_by_us
    return Answer(
        replies.unacknowledged(one, ours.thread.remarks[0].objections if ours else (), desk.w),
        replace(kept, acknowledged=tuple(a for a in kept.acknowledged if a.fingerprint != one.fingerprint)),
        reopen=ours.thread.id if ours is not None and closed else "",
    )


def _explain(command: Command, desk: Desk) -> Answer:
    catalogue = {hazard.id: hazard for hazard in hazards.load()}
    if command.about in catalogue:
        return Answer(replies.explained(catalogue[command.about], None, desk.w))
    one = _meant(command, desk)
    finding = desk.finding(one.fingerprint) if one else None
    if one is not None:
        at = desk.posted
        name = finding.hazard if finding else at.mark.hazard if at else ""
        if name in catalogue:
            return Answer(replies.explained(catalogue[name], finding, desk.w))
        if finding is not None:
            return Answer(replies.explained_alone(finding, desk.w))
    if command.about and not re.fullmatch(r"[0-9a-f]{8,16}", command.about):
        close = difflib.get_close_matches(command.about, catalogue, n=3, cutoff=0.4)
        return Answer(replies.unknown_hazard(command.about, close, desk.w))
    return Answer(replies.which(command, desk.named(), desk.w))


def _ask(command: Command, desk: Desk) -> Answer:
    plan = plan_for(
        desk.change, desk.settings, desk.options, desk.world, memory=Memory(), keys=asking.keys_of(desk.world)
    )
    pool = asking.pool_for(plan, desk.settings, desk.options, desk.world, silent, began=desk.began)
    if pool is None:
        return Answer(replies.needs_model(desk.w))
    scoped = scope.divide(
        diff.parse(desk.change.diff),
        plan.scope,
        base=desk.change.base,
        head=desk.change.head,
        leave_out=plan.persona.scope_exclude,
    )
    one, thread = desk.posted, desk.thread
    request = respond.compose(
        command.text,
        plan=plan,
        inside=redact.redact(scoped.inside),
        head=desk.change.head,
        finding=desk.finding(one.mark.fingerprint) if one else None,
        thread=[_HIDDEN.sub("", r.body) for r in thread.remarks if r.id != desk.said.id] if thread else (),
    )
    try:
        said = respond.read(next(iter(pool([request]))))
    except ProviderError as error:
        return Answer(replies.not_answered(error.message, desk.w), code=ExitCode.INCOMPLETE)
    finally:
        pool.close()
    return Answer(replies.answered(said.answer, said.quotes, withdraws=said.withdraws, w=desk.w))


def _state(desk: Desk) -> Memory:
    """What the summary comment carries, without what is read from the threads each time."""
    sticky = sticky_of(desk.conversation)
    return (state.decode(sticky.body, desk.today) if sticky else None) or Memory()
