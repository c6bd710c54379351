"""Two versions of an Avro record compared in both directions: can new readers read old data, and old readers new?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reviewer.evidence.contracts.change import ContractChange, Level, Part
from reviewer.evidence.contracts.load import Lines
from reviewer.evidence.contracts.openapi_model import mapping, sequence

MAX_CHARACTERS = 1_000_000
# What a reader of the new type may still read when data was written with the old one (Avro, "Schema Resolution").
_PROMOTIONS = {
    "int": {"long", "float", "double"},
    "long": {"float", "double"},
    "float": {"double"},
    "string": {"bytes"},
    "bytes": {"string"},
}


def diff(base: str, head: str) -> tuple[ContractChange, ...]:
    """Differences of all records and enums by full name; () where either text is no schema. Never raises."""
    old, new = _named(base), _named(head)
    if old is None or new is None:
        return ()
    return tuple(_diff(old, new, Lines(base), Lines(head)))


def _named(text: str) -> Mapping[str, Mapping[str, Any]] | None:
    if not text.strip():
        return {}
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found: dict[str, Mapping[str, Any]] = {}
    waiting, steps = [document], 0
    while waiting and steps < 20_000:
        node = waiting.pop()
        steps += 1
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            if node.get("type") in ("record", "enum", "error") and isinstance(node.get("name"), str):
                found.setdefault(node["name"], node)
            waiting.extend(node.get(key) for key in ("type", "items", "values", "fields", "types"))
    return found


def _diff(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]], before: Lines, after: Lines
) -> Iterator[ContractChange]:
    for name in sorted({*old, *new}):
        was, now = old.get(name), new.get(name)
        subject = f"record {name}"
        if was is None:
            yield ContractChange("record-added", Level.SAFE, subject, "added", verb="added", line=after.find(name))
        elif now is None:
            yield ContractChange(
                "record-removed",
                Level.BREAKING,
                subject,
                "removed",
                verb="removed",
                line=before.find(name),
                in_base=True,
            )
        elif was.get("type") == "enum":
            yield from _symbols(subject, was, now)
        else:
            yield from _fields(subject, was, now)


def _symbols(subject: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[ContractChange]:
    before, after = list(map(str, sequence(was.get("symbols")))), list(map(str, sequence(now.get("symbols"))))
    for symbol in before:
        if symbol not in after:
            level = Level.DANGEROUS if "default" in now else Level.BREAKING
            yield ContractChange(
                "symbol-removed",
                level,
                subject,
                f"symbol `{symbol}` removed: data that holds it cannot be read",
                Part.RESPONSE,
                "removed",
            )
    for symbol in after:
        if symbol not in before:
            level = Level.SAFE if "default" in was else Level.DANGEROUS
            yield ContractChange(
                "symbol-added",
                level,
                subject,
                f"symbol `{symbol}` added: running readers do not know it",
                Part.RESPONSE,
                "added",
            )


def _fields(subject: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[ContractChange]:
    before = {str(mapping(item).get("name")): mapping(item) for item in sequence(was.get("fields"))}
    after = {str(mapping(item).get("name")): mapping(item) for item in sequence(now.get("fields"))}
    renamed = {str(alias): name for name, item in after.items() for alias in sequence(item.get("aliases"))}
    for name, item in before.items():
        if name in after:
            old, new = item.get("type"), after[name].get("type")
            if old != new:
                level = Level.SAFE if _readable(old, new) else Level.BREAKING
                yield ContractChange(
                    "field-type-changed", level, subject, f"`{name}` type {_short(old)} → {_short(new)}", Part.RESPONSE
                )
        elif name not in renamed:
            safe = "default" in item
            detail = f"`{name}` removed" + (
                "" if safe else ": it has no default, so running readers cannot read new data"
            )
            yield ContractChange(
                "field-removed", Level.DANGEROUS if safe else Level.BREAKING, subject, detail, Part.RESPONSE, "removed"
            )
    for name, item in after.items():
        if name not in before and not set(map(str, sequence(item.get("aliases")))) & set(before):
            safe = "default" in item
            detail = f"`{name}` added" + ("" if safe else " without a default: new readers cannot read old data")
            yield ContractChange(
                "field-added", Level.SAFE if safe else Level.BREAKING, subject, detail, Part.REQUEST, "added"
            )


def _readable(old: Any, new: Any) -> bool:
    """Whether data written as `old` can be read as `new`."""
    if isinstance(new, list):
        return all(any(_readable(item, choice) for choice in new) for item in (old if isinstance(old, list) else [old]))
    if isinstance(old, list):
        return False
    return old == new or (isinstance(old, str) and isinstance(new, str) and new in _PROMOTIONS.get(old, set()))


def _short(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= 60 else text[:57] + "…"
