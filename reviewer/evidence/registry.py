"""Every reading, detector and table of facts: one line each. Modules are imported when the engine runs, not before."""

from __future__ import annotations

from importlib import import_module

from reviewer.evidence.examined import Detector, Detectors, ExaminedFile, Tables
from reviewer.evidence.reading import Reading
from reviewer.nouns.changeset import FileChange

# name -> "module:function", a Detector: (Examined) -> DetectorResult. The order does not matter: signals are sorted.
DETECTORS: dict[str, str] = {
    "rules": "reviewer.evidence.rulepack:detect",
    "safeguards": "reviewer.evidence.safeguards:detect",
    "siblings": "reviewer.evidence.siblings:detect",
    "clients": "reviewer.evidence.clients:detect",
    "secrets": "reviewer.evidence.leaked:detect",
    "hidden": "reviewer.evidence.hidden:detect",
    "sarif": "reviewer.evidence.sarif:detect",
    "sql": "reviewer.evidence.sql.detect:detect",
    "contracts": "reviewer.evidence.contracts.detect:detect",
}

# name -> "module:reading", a Reading of a file in scope: what one file says by itself.
READINGS: dict[str, str] = {
    "rules": "reviewer.evidence.rulepack:searched",
    "safeguards": "reviewer.evidence.safeguards:losses",
    "routes": "reviewer.evidence.routes.read:stated",
    "calls": "reviewer.evidence.routes.calls:gained",
    "fields": "reviewer.evidence.routes.fields:changed_fields",
    "operations": "reviewer.evidence.sql.read:stated",
    "literals": "reviewer.evidence.sql.detect:literals",
    "models": "reviewer.evidence.sql.models:remodelled",
    "settings": "reviewer.evidence.tables.performance:settings",
}

# name -> "module:reading", a Reading of any changed file, in scope or not, by its changed lines alone.
LINE_READINGS: dict[str, str] = {
    "secrets": "reviewer.evidence.leaked:added",
    "hidden": "reviewer.evidence.hidden:unseen",
}

# field of Deliverables -> "module:function", a Table: (Examined, numbered signals) -> Deliverable.
TABLES: dict[str, str] = {
    "api_contract": "reviewer.evidence.tables.api:table",
    "schema": "reviewer.evidence.tables.schema:table",
    "authorization": "reviewer.evidence.tables.authorization:table",
    "performance": "reviewer.evidence.tables.performance:table",
}


def detector(name: str) -> Detector:
    """One detector; its modules are imported now."""
    found: Detector = _load(DETECTORS[name])
    return found


def detectors() -> Detectors:
    """All detectors by name."""
    return {name: _load(spec) for name, spec in DETECTORS.items()}


def readings() -> tuple[Reading[ExaminedFile, object], ...]:
    """All that a file in scope says by itself."""
    return tuple(_load(spec) for spec in READINGS.values())


def line_readings() -> tuple[Reading[FileChange, object], ...]:
    """All that the changed lines of any file say by themselves."""
    return tuple(_load(spec) for spec in LINE_READINGS.values())


def tables() -> Tables:
    """All tables by the field of `Deliverables` they fill."""
    return {name: _load(spec) for name, spec in TABLES.items()}


def _load(spec: str):  # type: ignore[no-untyped-def]  # noqa: ANN202  a registry line is checked by its test
    module, _, function = spec.partition(":")
    return getattr(import_module(module), function)
