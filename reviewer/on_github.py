"""Reviewing a pull request on GitHub: remember what was said, review, deliver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from reviewer import deliver
from reviewer.acquire import settings_for
from reviewer.arriving import arrive, remembers
from reviewer.errors import DeliveryError, ExitCode
from reviewer.github import GitHub, GitHubFailure
from reviewer.github.conversation import read as read_conversation
from reviewer.github.pulls import PullRequest
from reviewer.github.recall import People, recall
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import Review
from reviewer.publish import publish
from reviewer.settings import Settings
from reviewer.triggers import reason_to_skip
from reviewer.world import World


def review_pull_request(
    options: Mapping[str, Any], world: World, *, keys: Mapping[str, str], outputs: Sequence[str], began: float
) -> int:
    """Review a pull request and deliver it as the options say. Returns the exit code."""
    from reviewer.commands.review import ending, review_change

    coming = world.begun.arriving
    client, pull, change = coming.result() if coming is not None else arrive(options, world)
    settings = settings_for(change, options, world)
    reason = reason_to_skip(pull, change, settings.triggers) if not options.get("pr") else ""
    if reason:
        return _skipped(reason, world)
    memory = Memory()
    if remembers(options, world):
        before = _before(client, pull, settings)
        if before.overtaken:
            return _skipped("it has a newer commit, whose own run will review it.", world)
        memory, change = before.memory, replace(change, notices=(*change.notices, *before.notices))
    if options.get("shard", "1/1") != "1/1":
        # A shard sees some of the files: what it does not see is not fixed. People's will counts all the same.
        memory = Memory(acknowledged=memory.acknowledged)
    review = review_change(change, settings, options, world, keys=keys, memory=memory, began=began)
    if review is None:
        return int(ExitCode.OK)
    deliver.write_outputs(review, outputs, world)
    posted = _post(review, client, settings, options, world)
    deliver.show(review, str(options.get("format", "terminal")), options, world)
    if world.in_actions:
        deliver.tell_runner(review, outputs, world)
        if not posted.done:
            deliver.annotate(review, world)
    if posted.error is not None:
        raise posted.error
    return int(ending(review, settings, world))


class _Posted(NamedTuple):
    """Whether the pull request shows the review. An error waits here until the review has been shown elsewhere."""

    done: bool
    error: DeliveryError | None = None


def _post(review: Review, client: GitHub, settings: Settings, options: Mapping[str, Any], world: World) -> _Posted:
    if not options.get("post") or world.stop.is_set():
        return _Posted(done=False)
    try:
        return _Posted(done=deliver_to_pull_request(review, client, settings, world))
    except DeliveryError as error:
        return _Posted(done=False, error=error)


class _Before(NamedTuple):
    """What earlier runs left on the pull request. `overtaken`: it has moved on since this run was started."""

    memory: Memory
    notices: tuple[str, ...] = ()
    overtaken: bool = False


def _before(client: GitHub, pull: PullRequest, settings: Settings) -> _Before:
    """Read it. If that fails all is reviewed again; posting looks for itself at what is there already."""
    try:
        conversation = read_conversation(client, pull.reference, settings.identity)
        memory = recall(conversation, People(client, pull.reference), _today())
    except GitHubFailure as failure:
        return _Before(Memory(), (f"Earlier comments could not be read ({failure.message}): everything was reviewed.",))
    return _Before(memory, overtaken=conversation.head_sha not in ("", pull.head_sha))


def deliver_to_pull_request(review: Review, client: GitHub, settings: Settings, world: World) -> bool:
    """Post it, say what became of it, and return whether the pull request shows it. Raises DeliveryError.

    Where the token may only read that is an error, except in Actions: annotations and job summary carry it there.
    """
    delivery = publish(
        review,
        client,
        today=_today(),
        identity=settings.identity,
        max_findings=settings.max_findings,
        check_run=settings.check_run,
        fail_on=settings.fail_on or ("high" if world.in_actions else "never"),
    )
    for notice in delivery.notices:
        world.say(f"! {notice}")
    if delivery.read_only and not world.in_actions:
        raise DeliveryError(
            "The review could not be posted: the token may only read.",
            "Give it pull-requests: write, or publish review.json from a job that has it.",
        )
    return not delivery.read_only


def _skipped(reason: str, world: World) -> int:
    """A pull request the configuration leaves out: said in the log, and no green tick that could be taken for a review."""
    world.say(f"Not reviewed: {reason}")
    if world.in_actions:
        from reviewer.reporters.sanitise import workflow

        world.stdout.write(f"::notice title=Design Reviewer::{workflow(f'Not reviewed: {reason}')}\n")
        deliver.tell_skipped(reason, world)
    return int(ExitCode.OK)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
