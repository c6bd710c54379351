"""The repository: its configuration, its persona, and the event if a workflow started us."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reviewer import hazards, personas, resources
from reviewer.checkup import Check, State
from reviewer.errors import ReviewerError
from reviewer.evidence.rulefile import built_in
from reviewer.settings import CONFIG_PATH, Settings, load
from reviewer.sources.actions_event import read
from reviewer.world import World


class Configured(NamedTuple):
    """The settings as they would hold (defaults where the file is broken), and what there is to say about them."""

    settings: Settings
    checks: tuple[Check, ...]


def configuration(root: Path, options: Mapping[str, Any], world: World) -> Configured:
    """The file as it lies in the work tree; a review reads it from the base commit."""
    name = str(options.get("config") or CONFIG_PATH)
    path = root / name
    data = path.read_bytes() if path.is_file() else None
    try:
        settings = load(data, name, world.environment, options)
    except ReviewerError as error:
        return Configured(Settings.model_validate({}), (Check("configuration", State.FAIL, error.message, error.hint),))
    if data is None and "config" in options:
        return Configured(settings, (Check("configuration", State.FAIL, f"{name} is not there", "Check the path."),))
    found = f"{name} is valid" if data is not None else f"no {name}: defaults hold"
    return Configured(settings, (Check("configuration", State.OK, found), *_unknown_ids(settings)))


def persona(settings: Settings, root: Path) -> Check:
    folder = resources.prompts() / "personas"
    packaged = settings.persona in personas.names(folder)
    try:
        loaded = personas.load(
            settings.persona if packaged else str(root / settings.persona), folder, settings.language
        )
    except ReviewerError as error:
        return Check("persona", State.FAIL, error.message, error.hint)
    return Check("persona", State.OK, f"{loaded.name}, {len(loaded.body):,} characters, sha256 {loaded.sha256[:12]}")


def event(world: World) -> Check:
    """What started us. Outside of Actions that is a person, and nothing is wrong with it."""
    environment = world.environment
    if not world.in_actions:
        return Check("event", State.OK, "not in GitHub Actions: name the change with --range, --diff, --pr, ...")
    path = environment.get("GITHUB_EVENT_PATH", "")
    if not path:
        return Check("event", State.FAIL, "GITHUB_EVENT_PATH is not set", "Pass --pr, or run on a pull request event.")
    try:
        trigger = read(Path(path), environment.get("GITHUB_EVENT_NAME", ""), environment.get("GITHUB_REPOSITORY", ""))
    except ReviewerError as error:
        return Check("event", State.FAIL, error.message, error.hint)
    return Check("event", State.OK, f"{trigger.event} on {trigger.reference.repository}#{trigger.reference.number}")


def _unknown_ids(settings: Settings) -> Iterator[Check]:
    """Switches for hazards and rules that do not exist: they would do nothing, silently."""
    known = {hazard.id for hazard in hazards.load()} | {rule.id for rule in built_in()}
    for name in (*settings.hazards, *settings.rules):
        if name not in known and not settings.rules_folder:
            close = difflib.get_close_matches(name, known, n=1)
            mend = (
                f"Did you mean {close[0]!r}?" if close else "List them: design-reviewer explain, design-reviewer rules."
            )
            yield Check("configuration", State.WARN, f"there is no hazard or rule {name!r}", mend)
