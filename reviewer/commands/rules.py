"""`rules`: the deterministic rules, what each is for and what it may do on its own."""

from __future__ import annotations

import argparse

from reviewer.errors import ExitCode
from reviewer.evidence.rulefile import built_in
from reviewer.world import World


def configure(parser: argparse.ArgumentParser) -> None:
    """One word, as in `rules list`, and a filter."""
    parser.add_argument("action", nargs="?", choices=("list",), default="list", help="list the rules (the default)")
    parser.add_argument("--language", default="", metavar="NAME", help="only rules for this language")


def run(arguments: argparse.Namespace, world: World) -> int:
    """Print a line a rule: id, language, tier, severity and title."""
    rules = [rule for rule in built_in() if arguments.language in ("", rule.language)]
    width = max((len(rule.id) for rule in rules), default=0)
    for rule in sorted(rules, key=lambda rule: rule.id):
        world.stdout.write(
            f"{rule.id:<{width}}  {rule.language:<10}  {rule.tier:<11}  {rule.severity:<8}  {rule.title}\n"
        )
    return int(ExitCode.OK)
