"""Every detector and every table of facts: one line each. Modules are imported when the engine runs, not before."""

from __future__ import annotations

from importlib import import_module

from reviewer.evidence.examined import Detector, Detectors, Tables

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


def tables() -> Tables:
    """All tables by the field of `Deliverables` they fill."""
    return {name: _load(spec) for name, spec in TABLES.items()}


def _load(spec: str):  # type: ignore[no-untyped-def]  # noqa: ANN202  a registry line is checked by its test
    module, _, function = spec.partition(":")
    return getattr(import_module(module), function)
