"""`review`, the default command: acquire, plan, review, show, deliver."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from reviewer import asking, deliver, pipeline
from reviewer.acquire import local_change, settings_for
from reviewer.arguments import add_options
from reviewer.assemble import plan_for
from reviewer.errors import ExitCode, UsageError
from reviewer.nouns.memory import Memory
from reviewer.nouns.progress import silent
from reviewer.nouns.review import Review
from reviewer.nouns.source import RawChange
from reviewer.options import REVIEW
from reviewer.providers import resolve, warm
from reviewer.settings import Settings
from reviewer.targets import options_of, target_of
from reviewer.telemetry import exporting
from reviewer.world import World


def configure(parser: argparse.ArgumentParser) -> None:
    """The review command has all options of the table."""
    add_options(parser, REVIEW)


def run(arguments: argparse.Namespace, world: World) -> int:
    """Review one change; returns an exit code of DESIGN section 5. Raises ReviewerError."""
    began = world.now()
    options = options_of(vars(arguments), world)
    outputs = deliver.outputs_of(options, world)
    deliver.check_outputs(outputs)
    target = target_of(options, world)
    keys = asking.keys_of(world)
    if not options.get("dry_run") and not options.get("replay") and world.begun.aside is None:
        warm(resolve(str(options.get("provider", "auto")), [*keys]))
    if target in ("pr", "event"):
        from reviewer.on_github import review_pull_request

        return int(review_pull_request(options, world, keys=keys, outputs=outputs, began=began))
    if options.get("post"):
        raise UsageError("--post needs a pull request.", "Name one with --pr OWNER/REPO#N.")
    change = local_change(options, world)
    settings = settings_for(change, options, world)
    review = review_change(change, settings, options, world, keys=keys, memory=Memory(), began=began)
    if review is None:
        return int(ExitCode.OK)
    deliver.write_outputs(review, outputs, world)
    deliver.show(review, str(options.get("format", "terminal")), options, world)
    if world.in_actions:
        deliver.tell_runner(review, outputs, world)
    return int(ending(review, settings, world))


def review_change(
    change: RawChange,
    settings: Settings,
    options: Mapping[str, Any],
    world: World,
    *,
    keys: Mapping[str, str],
    memory: Memory,
    began: float,
) -> Review | None:
    """Review an acquired change; None for a dry run, which has shown on standard output what it would do."""
    plan = plan_for(change, settings, options, world, memory=memory, keys=keys)
    if options.get("dry_run"):
        from reviewer.dry_run import preview

        world.stdout.write(preview(pipeline.prepare(change, plan, silent), plan, batch=bool(options.get("batch"))))
        return None
    from reviewer.reporters.progress import finished

    with (
        deliver.progress_for(options, world, plan.language) as shown,
        exporting(shown, world.environment, world.say) as progress,
    ):
        pool = asking.pool_for(plan, settings, options, world, progress, began=began)
        try:
            review = pipeline.review(
                change,
                plan,
                pool,
                progress,
                notices=asking.notices_for(plan, settings),
                engine=world.begun.engine or pipeline.at_once,
            )
        finally:
            if pool is not None:
                pool.close()
        progress(finished(review))
    return review


def ending(review: Review, settings: Settings, world: World) -> ExitCode:
    """The exit code: interrupted before all else, then what the review and the settings say."""
    if world.stop.is_set():
        return ExitCode.INTERRUPTED
    fail_on = settings.fail_on or ("high" if world.in_actions else "never")
    return deliver.exit_code(review, fail_on=fail_on, on_incomplete=settings.on_incomplete)
