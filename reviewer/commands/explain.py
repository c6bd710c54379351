"""`explain HAZARD`: what can go wrong, how it shows, what makes it no defect, what to do."""

from __future__ import annotations

import argparse
import difflib
import textwrap

from reviewer import hazards
from reviewer.errors import ExitCode, UsageError
from reviewer.nouns.hazard import Hazard
from reviewer.world import World


def configure(parser: argparse.ArgumentParser) -> None:
    """One name; without it, all names."""
    parser.add_argument("name", nargs="?", default="", help="a hazard's id; left out, all are listed")


def run(arguments: argparse.Namespace, world: World) -> int:
    """Print one hazard, or the list. Raises UsageError for an unknown one, with the nearest known."""
    catalogue = {hazard.id: hazard for hazard in hazards.load()}
    name = arguments.name.strip()
    if not name:
        width = max(map(len, catalogue))
        listed = (f"{hazard.id:<{width}}  {hazard.severity:<8}  {hazard.title}" for hazard in catalogue.values())
        world.stdout.write("\n".join(listed) + "\n")
        return int(ExitCode.OK)
    if name not in catalogue:
        close = difflib.get_close_matches(name, catalogue, n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(close)}?" if close else "`explain` alone lists them all."
        raise UsageError(f"There is no hazard {name!r}.", hint)
    world.stdout.write(describe(catalogue[name]))
    return int(ExitCode.OK)


def describe(hazard: Hazard) -> str:
    """A hazard as a page of plain text, 80 columns wide."""
    parts = [
        f"{hazard.title}\n{hazard.id} · {hazard.category} · {hazard.severity} by default",
        _filled("What happens", hazard.scenario),
        _listed("How it shows in a diff", hazard.shows),
        _listed("What makes it no defect", hazard.refuted_by),
        _filled("What to do", hazard.recommendation),
    ]
    if hazard.ask:
        parts.append(_filled("Ask yourself", hazard.ask))
    if hazard.references:
        parts.append(_listed("Read more", hazard.references))
    return "\n\n".join(parts) + "\n"


def _filled(title: str, text: str) -> str:
    return f"{title}:\n{textwrap.fill(text, 78, initial_indent='  ', subsequent_indent='  ', break_on_hyphens=False)}"


def _listed(title: str, items: tuple[str, ...]) -> str:
    lines = (
        textwrap.fill(item, 78, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False)
        for item in items
    )
    return f"{title}:\n" + "\n".join(lines)
