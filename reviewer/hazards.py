"""The hazard catalogue, read from prompts/hazards/: one YAML file per category, checked as it is read."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from reviewer.errors import UsageError
from reviewer.nouns.finding import Category, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.resources import prompts

_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_REQUIRED = frozenset({"id", "title", "severity", "scenario", "shows", "refuted_by", "recommendation"})
_KNOWN = _REQUIRED | {"references", "applies_to", "ask"}


def load(folder: Path | None = None) -> tuple[Hazard, ...]:
    """All hazards in the order of the files. Raises UsageError for an entry that breaks the catalogue's rules.

    The package's own are read once a process: planning needs them, and so does a report in SARIF.
    """
    return _own() if folder is None else _checked(folder)


@cache
def _own() -> tuple[Hazard, ...]:
    return _checked(prompts() / "hazards")


def _checked(folder: Path) -> tuple[Hazard, ...]:
    hazards = tuple(hazard for path in sorted(folder.glob("*.yml")) for hazard in _read(path))
    seen: set[str] = set()
    for hazard in hazards:
        if hazard.id in seen:
            raise UsageError(f"hazard {hazard.id} is in the catalogue twice", f"look in {folder}")
        seen.add(hazard.id)
    if not hazards:
        raise UsageError(f"no hazards in {folder}", "the installation is incomplete: install the package again")
    return hazards


def _read(path: Path) -> list[Hazard]:
    """One file: the category is the file's name."""
    import yaml

    # libyaml is an order of magnitude faster; wheels have it, an odd platform may not.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        entries = yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506 - both loaders are the safe ones
    except yaml.YAMLError as error:
        raise UsageError(f"{path.name} is not YAML: {error}") from error
    if path.stem not in set(Category) or not isinstance(entries, list):
        raise UsageError(f"{path.name} must be a list of hazards, named after their category")
    return [_hazard(entry, Category(path.stem), path.name) for entry in entries]


def _hazard(entry: object, category: Category, where: str) -> Hazard:
    if not isinstance(entry, dict) or not entry.keys() >= _REQUIRED or not entry.keys() <= _KNOWN:
        raise UsageError(f"{where}: a hazard needs {', '.join(sorted(_REQUIRED))}, not {entry!r:.200}")
    identifier = str(entry["id"])
    if not _ID.match(identifier):
        raise UsageError(f"{where}: {identifier!r} is no hazard id", "use small letters, digits and single dashes")
    if entry["severity"] not in set(Severity):
        raise UsageError(f"{where}: {identifier} has no such severity: {entry['severity']!r}")
    return Hazard(
        id=identifier,
        title=_text(entry["title"]),
        category=category,
        severity=Severity(entry["severity"]),
        scenario=_text(entry["scenario"]),
        shows=_texts(entry["shows"], identifier),
        refuted_by=_texts(entry["refuted_by"], identifier),
        recommendation=_text(entry["recommendation"]),
        references=_texts(entry.get("references", []), identifier),
        applies_to=_texts(entry.get("applies_to", ["any"]), identifier),
        ask=_text(entry.get("ask", "")),
    )


def _text(value: object) -> str:
    return str(value).strip()


def _texts(value: object, identifier: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str | int) for item in value):
        raise UsageError(f"hazard {identifier}: shows, refuted_by, references and applies_to are lists of text")
    return tuple(_text(item) for item in value)
