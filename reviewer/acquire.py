"""From options to a raw change: which source is meant, and what a change's own repository says about reviewing it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reviewer.errors import UsageError
from reviewer.nouns.source import RawChange
from reviewer.options import REVIEW
from reviewer.settings import CONFIG_PATH, Settings, load
from reviewer.sources import source
from reviewer.targets import checkout, target_of
from reviewer.world import World


def local_change(options: Mapping[str, Any], world: World) -> RawChange:
    """The change of a local target: a diff, a range, the index, or (none given) the work tree.

    Raises UsageError for more than one target, SourceError where it cannot be read.
    """
    repo = Path(options.get("repo") or world.cwd)
    if "diff" in options:
        return _raw(source("diff")(options["diff"], stdin=world.stdin, repo=repo if options.get("repo") else None))
    if "range" in options:
        return _raw(source("range")(options["range"], repo=repo))
    return _raw(source("staged" if options.get("staged") else "work-tree")(repo=repo))


def raw_change(options: Mapping[str, Any], world: World) -> RawChange:
    """The change any target names, local or on GitHub."""
    if target_of(options, world) in ("pr", "event"):
        from reviewer.arriving import arrive

        return arrive(options, world).change
    return local_change(options, world)


def _raw(change: object) -> RawChange:
    assert isinstance(change, RawChange)
    return change


def settings_for(change: RawChange, options: Mapping[str, Any], world: World) -> Settings:
    """The settings that hold for a change: its base commit's file, environment and flags.

    A file named by flag is the caller's own and read from disk; one named by environment belongs to the
    repository, so it is read from the base commit, never from the pull request.
    """
    name = options.get("config") or CONFIG_PATH
    data = own_file(name, options, "config", change, world) if "config" in options else change.base.read(CONFIG_PATH)
    return load(data, str(name), world.environment, options)


def own_file(name: str, flags: Mapping[str, Any], option: str, change: RawChange, world: World) -> bytes:
    """A file an option names. From the command line: local. From an action input: the base commit's.

    In Actions the work tree is the pull request's, so a relative path there must not be read from disk; an absolute
    path is the workflow author's own choice. Raises UsageError where there is none.
    """
    path = Path(name)
    by_input = world.in_actions and flags.get(option) == world.environment.get(_env(option), "").strip()
    if by_input and not path.is_absolute():
        data = change.base.read(path.as_posix().removeprefix("./"))
        if data is None:
            raise UsageError(
                f"{option}: the base commit has no file {name}.",
                "It is read from the base, never from the pull request.",
            )
        return data
    root = checkout(world) if world.in_actions else world.cwd
    try:
        return (root / path).read_bytes()
    except OSError as error:
        raise UsageError(f"{option}: {name} cannot be read: {error.strerror}.", "Check the path.") from error


def _env(option: str) -> str:
    return next(item.env for item in REVIEW if item.name == option)
