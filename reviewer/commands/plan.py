"""`plan`: cut a change too large for one job into shards, as the matrix of a CI system takes them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from reviewer.acquire import raw_change, settings_for
from reviewer.arguments import add_options
from reviewer.errors import DeliveryError, ExitCode
from reviewer.options import REVIEW
from reviewer.stages import diff, scope
from reviewer.targets import options_of
from reviewer.world import World

_SHARED = ("range", "staged", "diff", "pr", "repo", "config")
LINES_PER_SHARD = 8_000
MAX_SHARDS = 16


def configure(parser: argparse.ArgumentParser) -> None:
    """The target options of a review, and the size of a shard."""
    add_options(parser, [option for option in REVIEW if option.name in _SHARED])
    parser.add_argument(
        "--lines",
        type=int,
        default=LINES_PER_SHARD,
        metavar="N",
        help=f"changed lines a shard (default: {LINES_PER_SHARD})",
    )
    parser.add_argument(
        "--max-shards", type=int, default=MAX_SHARDS, metavar="N", help=f"never more than this (default: {MAX_SHARDS})"
    )


def run(arguments: argparse.Namespace, world: World) -> int:
    """Print `["1/3", "2/3", "3/3"]`, the values of `--shard`; in Actions it is also the step output `shards`."""
    options = options_of(vars(arguments), world)
    change = raw_change(options, world)
    settings = settings_for(change, options, world)
    scoped = scope.divide(
        diff.parse(change.diff), settings.scope_rules, base=change.base, head=change.head, leave_out=()
    )
    shards = json.dumps(shards_of(scoped.inside.changed_lines, arguments.lines, arguments.max_shards))
    world.stdout.write(shards + "\n")
    if output := world.environment.get("GITHUB_OUTPUT"):
        try:
            with Path(output).open("a", encoding="utf-8") as file:
                file.write(f"shards={shards}\n")
        except OSError as error:
            raise DeliveryError(f"{output} cannot be written: {error.strerror}.") from error
    return int(ExitCode.OK)


def shards_of(changed_lines: int, lines_per_shard: int, most: int) -> list[str]:
    """As many shards as the lines need, at least one and never more than `most`."""
    needed = -(-changed_lines // max(1, lines_per_shard))
    count = max(1, min(needed, most))
    return [f"{number}/{count}" for number in range(1, count + 1)]
