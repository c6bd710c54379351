"""Reviewing a pull request on GitHub: find it, remember what was said, review, deliver."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from reviewer import deliver
from reviewer.acquire import checkout, settings_for
from reviewer.errors import DeliveryError, ExitCode, UsageError
from reviewer.github import Endpoints, GitHub, GitHubFailure, pull_reference, warm
from reviewer.github.conversation import read as read_conversation
from reviewer.github.pulls import PullRequest, fetch
from reviewer.github.recall import People, recall
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import Review
from reviewer.publish import publish
from reviewer.settings import Settings
from reviewer.sources import source
from reviewer.triggers import reason_to_skip
from reviewer.world import World


def connect(options: Mapping[str, Any], world: World) -> GitHub:
    """A client with the environment's token and addresses. The pull request's own host is used if it was named by URL."""
    environment = world.environment
    threading.Thread(target=warm, name="warm-github", daemon=True).start()
    host = pull_reference(options["pr"], _repository(world)).host if options.get("pr") else ""
    server = environment.get("GITHUB_SERVER_URL", "")
    api = environment.get("GITHUB_API_URL", "")
    if host and not api and host not in ("github.com", "www.github.com"):
        server, api = f"https://{host}", f"https://{host}/api/v3"
    return GitHub(
        environment.get("GITHUB_TOKEN", "").strip(),
        Endpoints.resolve(api, environment.get("GITHUB_GRAPHQL_URL", ""), server),
        ca_bundle=environment.get("REQUESTS_CA_BUNDLE", "") or environment.get("SSL_CERT_FILE", ""),
    )


def pull_of(options: Mapping[str, Any], world: World, client: GitHub) -> PullRequest:
    """The pull request named by option, or the one the Actions event is about."""
    if options.get("pr"):
        return fetch(client, pull_reference(options["pr"], _repository(world)))
    from reviewer.sources.actions_event import read

    environment = world.environment
    trigger = read(Path(environment["GITHUB_EVENT_PATH"]), environment.get("GITHUB_EVENT_NAME", ""), _repository(world))
    return trigger.pull or fetch(client, trigger.reference)


def review_pull_request(
    options: Mapping[str, Any], world: World, *, keys: Mapping[str, str], outputs: Sequence[str], began: float
) -> int:
    """Review a pull request and deliver it as the options say. Returns the exit code."""
    from reviewer.commands.review import ending, review_change

    _needs_token(options, world)
    client = connect(options, world)
    pull = pull_of(options, world, client)
    change = source("pull-request")(pull, client=client, repo=checkout(world))
    settings = settings_for(change, options, world)
    reason = reason_to_skip(pull, change, settings.triggers) if not options.get("pr") else ""
    if reason:
        return _skipped(reason, world)
    memory = Memory()
    # In Actions another job may publish what this one finds: it has to know as much as if it posted itself.
    if options.get("post") or options.get("dry_run") or world.in_actions:
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


def _needs_token(options: Mapping[str, Any], world: World) -> None:
    if options.get("post") and not world.environment.get("GITHUB_TOKEN", "").strip():
        raise UsageError(
            "Posting to a pull request needs GITHUB_TOKEN.",
            "In Actions: env GITHUB_TOKEN: ${{ github.token }} with permissions: pull-requests: write.",
        )


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


def _repository(world: World) -> str:
    return world.environment.get("GITHUB_REPOSITORY", "")


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
