"""`doctor`: check everything a review needs, and say how to mend what is wrong. Works without a key."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

from reviewer import __version__
from reviewer.arguments import add_options
from reviewer.asking import keys_of
from reviewer.checkup import Check, State, hub, machine, model, repository
from reviewer.errors import ExitCode
from reviewer.options import REVIEW
from reviewer.targets import options_of
from reviewer.world import World

_SHARED = ("repo", "provider", "model", "base-url", "context-tokens", "persona", "language", "config")
_WIDTH = 14


def configure(parser: argparse.ArgumentParser) -> None:
    """The options that choose what a review would use, and whether the model may be called."""
    parser.add_argument(
        "--online", action="store_true", default=False, help="make one call of a few tokens to the model"
    )
    add_options(parser, [option for option in REVIEW if option.name in _SHARED])


def run(arguments: argparse.Namespace, world: World) -> int:
    """Print a line a check. Exit 0 if nothing failed (warnings are no failures), else 2."""
    world.stdout.write(f"Design Reviewer {__version__}\n")
    states = []
    for check in _all(arguments, world):
        world.stdout.write(line(check))
        world.stdout.flush()
        states.append(check.state)
    failed, warned = states.count(State.FAIL), states.count(State.WARN)
    world.stdout.write(f"{len(states) - failed - warned} ok, {warned} to look at, {failed} wrong\n")
    return int(ExitCode.USAGE if failed else ExitCode.OK)


def line(check: Check) -> str:
    """`ok    Python         3.11.9`, and below it what to do."""
    mend = f"{'':6}{'':{_WIDTH}}-> {check.mend}\n" if check.mend else ""
    return f"{check.state:<6}{check.name:<{_WIDTH}}{check.found}\n{mend}"


def _all(arguments: argparse.Namespace, world: World) -> Iterator[Check]:
    options = options_of({name: value for name, value in vars(arguments).items() if name != "online"}, world)
    root = world.cwd / str(options.get("repo", ""))
    yield from machine.checks(root)
    settings, found = repository.configuration(root, options, world)
    yield from found
    yield repository.persona(settings, root)
    today = datetime.now(UTC).date()
    yield from model.checks(settings, keys_of(world), world, today, online=arguments.online)
    yield from hub.checks(root, world)
    yield repository.event(world)
