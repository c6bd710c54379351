"""What was asked for: options from flags and environment, and the target they name. Free of heavy imports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reviewer.errors import UsageError
from reviewer.options import REVIEW
from reviewer.world import World

TARGETS = ("range", "staged", "diff", "pr")


def options_of(flags: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Flags over environment (action inputs), each in its option's type; what nobody gave is absent."""
    given: dict[str, Any] = {}
    kinds = {option.dest: option.kind for option in REVIEW}
    for name, text in _from_environment(world.environment).items():
        value = _typed(name, kinds[name], text)
        if value is not False:
            given[name] = value
    return {**given, **flags}


def _typed(name: str, kind: str, text: str) -> object:
    if kind == "flag":
        if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise UsageError(f"{name.replace('_', '-')}: {text!r} is neither true nor false.", "Write true or false.")
        return text.lower() in ("true", "1", "yes")
    if kind == "many":
        return text.split()
    try:
        return {"int": int, "float": float}.get(kind, str)(text)
    except ValueError as error:
        raise UsageError(f"{name.replace('_', '-')}: {text!r} is not a number.", "Write digits only.") from error


def checkout(world: World) -> Path:
    """The folder where the repository may be checked out."""
    return Path(world.environment.get("GITHUB_WORKSPACE", "") or world.cwd)


def target_of(options: Mapping[str, Any], world: World) -> str:
    """Which target is meant: one of TARGETS, `event` (in Actions, where none is given) or `work-tree`."""
    named = [name for name in TARGETS if options.get(name)]
    if len(named) > 1:
        raise UsageError(f"There are {len(named)} targets: {', '.join('--' + name for name in named)}.", "Give one.")
    if named:
        return named[0]
    return "event" if world.in_actions and world.environment.get("GITHUB_EVENT_PATH") else "work-tree"


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Options that are no settings, as the Action hands them over (`DESIGN_REVIEWER_PR`, …); empty ones left out."""
    return {
        option.dest: value for option in REVIEW if option.action and (value := environment.get(option.env, "").strip())
    }
