"""`publish review.json …`: post a finished review, or the shards of one, with a write token and no model."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reviewer import deliver, report_file
from reviewer.arguments import add_options
from reviewer.errors import SourceError, UsageError
from reviewer.nouns.review import Review, TargetKind
from reviewer.options import REVIEW
from reviewer.world import World

_SHARED = ("config", "format", "output", "dry-run", "check-run", "max-findings", "fail-on", "on-incomplete", "verbose")
MAX_REPORTS = 256


def configure(parser: argparse.ArgumentParser) -> None:
    """Reports, the pull request they must be about, and how to end."""
    parser.add_argument("reports", nargs="+", metavar="review.json", help="reports of one review, or of its shards")
    parser.add_argument(
        "--pr", metavar="PR", help="the pull request the reports must be about: OWNER/REPO#N or its URL"
    )
    add_options(parser, [option for option in REVIEW if option.name in _SHARED])


def run(arguments: argparse.Namespace, world: World) -> int:
    """Publish; the reports are taken as hostile input. Returns the exit code of the whole review."""
    from reviewer import on_github
    from reviewer.arriving import connect
    from reviewer.commands.review import ending
    from reviewer.settings import load
    from reviewer.stages.join import join
    from reviewer.targets import options_of

    given = {name: value for name, value in vars(arguments).items() if name != "reports"}
    options = {**options_of({}, world), **given}
    reports = [report_file.read(world.cwd / name) for name in arguments.reports[:MAX_REPORTS]]
    review = join(reports)
    check_target(review, options, world)
    outputs = deliver.outputs_of(options, world)
    deliver.check_outputs(outputs)
    settings = load(None, "", world.environment, options)
    if options.get("dry_run"):
        deliver.show(review, str(options.get("format", "terminal")), options, world)
        return int(ending(review, settings, world))
    client = connect({**options, "pr": pull_name(review)}, world)
    deliver.write_outputs(review, outputs, world)
    posted = on_github.deliver_to_pull_request(review, client, settings, world)
    deliver.show(review, str(options.get("format", "terminal")), options, world)
    if world.in_actions:
        deliver.tell_runner(review, outputs, world)
        if not posted:
            deliver.annotate(review, world)
    return int(ending(review, settings, world))


def pull_name(review: Review) -> str:
    return f"{review.target.repository}#{review.target.number}"


def check_target(review: Review, options: Mapping[str, Any], world: World) -> None:
    """Refuse a report that is not about the pull request it may speak on.

    An artifact of a fork's job can claim anything. It must be about this repository, about `--pr` if that is given,
    and, where the run of another workflow triggered us, about the very commit that run was for.
    """
    from reviewer.github import pull_reference

    target = review.target
    if target.kind is not TargetKind.PULL_REQUEST:
        raise UsageError("The report is not about a pull request.", "Only reviews of pull requests can be published.")
    repository = world.environment.get("GITHUB_REPOSITORY", "")
    if world.in_actions and target.repository.lower() != repository.lower():
        raise SourceError(f"The report is about {pull_name(review)}, not about {repository}.", "It was not published.")
    if options.get("pr"):
        named = pull_reference(str(options["pr"]), repository)
        if (named.repository.lower(), named.number) != (target.repository.lower(), target.number):
            raise SourceError(
                f"The report is about {pull_name(review)}, not about {named.repository}#{named.number}.",
                "It was not published.",
            )
    commit = _triggering_commit(world)
    if commit and commit != target.head_sha:
        raise SourceError(
            f"The report is about commit {target.head_sha[:12]}, the triggering run was for {commit[:12]}.",
            "It was not published.",
        )


def _triggering_commit(world: World) -> str:
    """`workflow_run.head_sha` of the event, or nothing for other events. Raises SourceError if it cannot be read."""
    if world.environment.get("GITHUB_EVENT_NAME") != "workflow_run":
        return ""
    try:
        payload = json.loads(Path(world.environment["GITHUB_EVENT_PATH"]).read_bytes())
        return str(payload["workflow_run"]["head_sha"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError("The workflow_run event cannot be read.", "GITHUB_EVENT_PATH names it.") from error
