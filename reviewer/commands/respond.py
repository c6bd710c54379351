"""`respond`: answer a comment command from an Actions event. Silence is the answer to everybody who may not command."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from reviewer import deliver
from reviewer.acquire import settings_for
from reviewer.arguments import add_options
from reviewer.errors import DeliveryError, ExitCode, SourceError, UsageError
from reviewer.github import GitHub, GitHubFailure, PullReference
from reviewer.github.remarks import Said
from reviewer.options import REVIEW
from reviewer.sources.actions_event import Trigger
from reviewer.stages.commands import Command, Fault, Verb, parse
from reviewer.targets import checkout, options_of
from reviewer.world import World

EVENTS = ("issue_comment", "pull_request_review_comment")
_OURS = "<!-- design-reviewer:"
_NOT = ("range", "staged", "diff", "pr", "repo", "shard", "post", "dry-run", "full")


class Heard(NamedTuple):
    """A command from somebody who may give it. `client` speaks to GitHub."""

    client: GitHub
    reference: PullReference
    said: Said
    command: Command


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of a review, without those that the comment decides."""
    add_options(parser, [option for option in REVIEW if option.name not in _NOT])


def run(arguments: argparse.Namespace, world: World) -> int:
    """Answer the event's comment. Returns 0 where there is nothing to answer, and says why in the log."""
    began, today = world.now(), datetime.now(UTC).date().isoformat()
    options = {**options_of(vars(arguments), world), "post": True, "dry_run": False, "full": False}
    trigger = _trigger(world)
    why = deaf(trigger)
    if why:
        return _silent(why, world)
    if not world.environment.get("GITHUB_TOKEN", "").strip():
        raise UsageError("Answering needs GITHUB_TOKEN.", "In Actions: permissions: pull-requests: write.")
    return _hear(trigger, {**options, "pr": ""}, world, today=today, began=began)


def deaf(trigger: Trigger) -> str:
    """Why an event needs no answer, from the event alone, or an empty string."""
    if trigger.action != "created":
        return f"the comment was {trigger.action or 'not created'}, not created"
    if not trigger.comment_id:
        return "the event is about no comment"
    if trigger.comment_body and not trigger.comment_body.startswith("/"):
        return "the comment does not begin with a command"
    return ""


def unheard(trigger: Trigger, said: Said, command: Command | None) -> str:
    """Why a comment, as it stands now, is not followed, or an empty string."""
    if said.bot:
        return f"{said.author or 'its author'} is a bot"
    if _OURS in said.body:
        return "the comment is one of ours"
    if trigger.comment_body and _text(trigger.comment_body) != _text(said.body):
        return "the comment was edited after it triggered this run"
    if said.updated_at > max(trigger.comment_updated_at, said.created_at):
        return "the comment was edited after it triggered this run"
    return "" if command is not None else "the comment does not begin with a command"


def _hear(trigger: Trigger, options: Mapping[str, Any], world: World, *, today: str, began: float) -> int:
    from reviewer.arriving import connect
    from reviewer.github import remarks
    from reviewer.github.recall import People

    client = connect(options, world)
    reference = trigger.reference
    try:
        said = remarks.fetch(client, reference, trigger.comment_id, in_thread=trigger.comment_in_thread)
        command = parse(said.body, today) if said is not None else None
        why = unheard(trigger, said, command) if said is not None else "the comment is gone"
        if said is not None and not why and not People(client, reference).may_write(said.author):
            why = f"{said.author} has no write permission"
    except GitHubFailure as failure:
        raise SourceError(f"the comment cannot be read: {failure.message}", failure.hint) from failure
    if said is None or command is None or why:
        return _silent(why, world)
    heard = Heard(client, reference, said, command)
    if command.verb is Verb.REVIEW and command.fault is None:
        return _review(heard, options, world, began=began)
    return _answer(heard, options, world, today=today, began=began)


def _review(heard: Heard, options: Mapping[str, Any], world: World, *, began: float) -> int:
    from reviewer import asking, reply
    from reviewer.on_github import review_pull_request

    reference = heard.reference
    try:
        reply.notice(reply.Line(heard.client, reference, "", heard.said))
    except DeliveryError as error:
        world.say(f"! The command could not be marked as seen: {error.message}")
    options = {**options, "pr": f"{reference.repository}#{reference.number}", "full": heard.command.full}
    outputs = deliver.outputs_of(options, world)
    deliver.check_outputs(outputs)
    return review_pull_request(options, world, keys=asking.keys_of(world), outputs=outputs, began=began)


def _answer(heard: Heard, options: Mapping[str, Any], world: World, *, today: str, began: float) -> int:
    from reviewer import answers, reply
    from reviewer.github.pulls import fetch
    from reviewer.github.recall import People, recall
    from reviewer.reporters import replies
    from reviewer.reporters.words import words
    from reviewer.sources.github_pr import load
    from reviewer.stages.language import detect

    client, reference, said, command = heard
    change = load(fetch(client, reference), client=client, repo=checkout(world))
    settings = settings_for(change, options, world)
    w = words(detect(change.text) if settings.language == "auto" else settings.language)
    line = reply.Line(client, reference, settings.identity, said)
    try:
        conversation = line.look()
        memory = recall(conversation, People(client, reference), today)
    except GitHubFailure as failure:
        raise SourceError(f"the conversation cannot be read: {failure.message}", failure.hint) from failure
    if reply.is_answered(conversation, said):
        return _silent("it has been answered", world)
    if command.fault is not None:
        if command.fault is Fault.UNKNOWN and reply.has_told_usage(conversation):
            return _silent(f"/{command.word} is no command of ours, and the commands were explained before", world)
        reply.answer(line, replies.wrong(command, w), usage=True)
        return int(ExitCode.OK)
    desk = answers.Desk(said, conversation, memory, change, settings, options, world, today, began, w)
    done = answers.answer(command, desk)
    if done.memory is not None:
        reply.keep(line, done.memory, conversation, w("reply.not-yet"))
    if done.reopen:
        reply.reopen(line, done.reopen)
    reply.answer(line, done.text)
    world.say(f"Answered /{command.word} of {said.author}.")
    return int(done.code)


def _trigger(world: World) -> Trigger:
    """The event. Raises UsageError where there is none that a command could be in."""
    from reviewer.sources.actions_event import read

    environment = world.environment
    event, path = environment.get("GITHUB_EVENT_NAME", ""), environment.get("GITHUB_EVENT_PATH", "")
    if event not in EVENTS or not path:
        raise UsageError(f"respond answers {' and '.join(EVENTS)} events.", "Run it in a workflow on one of them.")
    return read(Path(path), event, environment.get("GITHUB_REPOSITORY", ""))


def _silent(why: str, world: World) -> int:
    world.say(f"Not answered: {why}.")
    return int(ExitCode.OK)


def _text(body: str) -> str:
    return body.replace("\r\n", "\n").rstrip()
