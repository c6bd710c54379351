"""Two schemas compared from a client's side: what it may send, and what it can rely on getting back.

A shared schema is compared once a direction; the operations that use it are collected, so that one change of
`Order` is one difference and not thirty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from reviewer.evidence.contracts.change import Level
from reviewer.evidence.contracts.openapi_model import Spec, mapping, sequence

MAX_VISITS = 20_000
MAX_DEPTH = 30


class SchemaChange(NamedTuple):
    """A difference inside a schema: where it is (the shared schema's name or the operation), and in which field."""

    kind: str
    level: Level
    owner: str  # `Order`, or "" where the schema is inline
    field: str
    detail: str
    removed: bool = False


class Comparison:
    """Compares the schemas of two specs; one value for a whole diff, because it remembers what it has seen."""

    def __init__(self, base: Spec, head: Spec) -> None:
        self._base = base
        self._head = head
        self._seen: dict[tuple[str, str, bool], None] = {}
        self._visits = 0
        self.users: dict[tuple[str, bool], dict[str, None]] = {}

    def compare(self, before: Any, after: Any, *, request: bool, user: str) -> Iterator[SchemaChange]:
        """Differences of the schema of one request or response."""
        yield from self._compare(before, after, request=request, owner="", field="", user=user, depth=0)

    def _compare(
        self, before: Any, after: Any, *, request: bool, owner: str, field: str, user: str, depth: int
    ) -> Iterator[SchemaChange]:
        self._visits += 1
        if before == after and "$ref" not in str(before)[:2000]:
            return
        if depth > MAX_DEPTH or self._visits > MAX_VISITS:
            return
        old, old_ref = self._base.resolve(_unwrapped(before))
        new, new_ref = self._head.resolve(_unwrapped(after))
        if old_ref or new_ref:
            name = (new_ref or old_ref).rpartition("/")[2]
            self.users.setdefault((name, request), {})[user] = None
            key = (old_ref, new_ref, request)
            if old_ref and new_ref:
                if key in self._seen:
                    return
                self._seen[key] = None
                owner, field = name, ""
        old, new = _merged(self._base, old), _merged(self._head, new)
        say = _speaker(owner, field)
        yield from _types(old, new, say, request=request)
        yield from _enums(old, new, say, request=request)
        yield from _bounds(old, new, say, request=request)
        yield from _properties(old, new, owner, field, request=request)
        for name, then, now in _children(old, new, field):
            yield from self._compare(then, now, request=request, owner=owner, field=name, user=user, depth=depth + 1)


Say = Callable[..., SchemaChange]


def _speaker(owner: str, field: str) -> Say:
    def say(kind: str, level: Level, detail: str, *, removed: bool = False) -> SchemaChange:
        return SchemaChange(kind, level, owner, field, detail, removed)

    return say


def _unwrapped(schema: Any) -> Any:
    """`{allOf: [{$ref: X}], description: …}` is X: generators write it so to hang a description on a reference."""
    parts = sequence(mapping(schema).get("allOf"))
    alone = len(parts) == 1 and not {"properties", "required", "type"} & set(mapping(schema))
    return parts[0] if alone else schema


def _merged(spec: Spec, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """`allOf` folded into one schema, two levels deep (deeper ones add nothing clients see in practice)."""
    parts = sequence(schema.get("allOf"))[:20]
    if not parts:
        return schema
    merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    properties: dict[str, Any] = dict(mapping(schema.get("properties")))
    required: list[Any] = list(sequence(schema.get("required")))
    for part in parts:
        inner, _ = spec.resolve(part)
        for nested in (inner, *(spec.resolve(item)[0] for item in sequence(inner.get("allOf"))[:20])):
            properties.update(mapping(nested.get("properties")))
            required.extend(sequence(nested.get("required")))
            for key in ("type", "enum", "items"):
                if key in nested:
                    merged.setdefault(key, nested[key])
    return {**merged, "properties": properties, "required": required}


def _type_set(schema: Mapping[str, Any]) -> frozenset[str]:
    value = schema.get("type")
    names = {str(item) for item in value} if isinstance(value, list) else {value} if isinstance(value, str) else set()
    if schema.get("nullable") is True:
        names.add("null")
    return frozenset(names)


def _types(old: Mapping[str, Any], new: Mapping[str, Any], say: Say, *, request: bool) -> Iterator[SchemaChange]:
    was, now = _type_set(old), _type_set(new)
    if was and now and was != now:
        covers = now | ({"integer"} if "number" in now else set())
        covered = was | ({"integer"} if "number" in was else set())
        fine = was <= covers if request else now <= covered
        detail = f"type {_list(was)} → {_list(now)}"
        kind = ("request" if request else "response") + "-type-changed"
        yield say(kind, Level.SAFE if fine else Level.BREAKING, detail)
    elif old.get("format") != new.get("format") and old.get("format") and new.get("format"):
        yield say("format-changed", Level.DANGEROUS, f"format {old['format']} → {new['format']}")


def _enums(old: Mapping[str, Any], new: Mapping[str, Any], say: Say, *, request: bool) -> Iterator[SchemaChange]:
    was, now = sequence(old.get("enum")), sequence(new.get("enum"))
    if request and now and not was:
        yield say("request-enum-narrowed", Level.BREAKING, f"only {_list(map(str, now))} accepted now")
        return
    if not was or not now:
        return
    gone = [str(item) for item in was if item not in now]
    fresh = [str(item) for item in now if item not in was]
    if gone:
        yield say(
            "enum-value-removed",
            Level.BREAKING if request else Level.DANGEROUS,
            f"enum value {_list(gone)} removed",
            removed=True,
        )
    if fresh:
        yield say("enum-value-added", Level.SAFE if request else Level.DANGEROUS, f"enum value {_list(fresh)} added")


_LOWER = ("minimum", "minLength", "minItems", "exclusiveMinimum")
_UPPER = ("maximum", "maxLength", "maxItems", "exclusiveMaximum")


def _bounds(old: Mapping[str, Any], new: Mapping[str, Any], say: Say, *, request: bool) -> Iterator[SchemaChange]:
    if not request:
        return
    for key in (*_LOWER, *_UPPER):
        was, now = old.get(key), new.get(key)
        if not isinstance(now, int | float) or was == now:
            continue
        tighter = not isinstance(was, int | float) or (now > was if key in _LOWER else now < was)
        if tighter and not (key in _LOWER and now == 0):
            yield say(
                "request-bound-tightened",
                Level.BREAKING if _number(was) else Level.DANGEROUS,
                f"{key} {'not set' if was is None else was} → {now}",
            )
    if new.get("pattern") and old.get("pattern") != new.get("pattern"):
        yield say("request-pattern-changed", Level.DANGEROUS, "pattern changed")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _properties(
    old: Mapping[str, Any], new: Mapping[str, Any], owner: str, field: str, *, request: bool
) -> Iterator[SchemaChange]:
    was, now = mapping(old.get("properties")), mapping(new.get("properties"))
    must, must_now = set(map(str, sequence(old.get("required")))), set(map(str, sequence(new.get("required"))))
    skip = "readOnly" if request else "writeOnly"
    for name in sorted({*map(str, was), *map(str, now)}):
        say = _speaker(owner, f"{field}.{name}".lstrip("."))
        before, after = mapping(was.get(name)), mapping(now.get(name))
        if before.get(skip) is True or after.get(skip) is True:
            continue
        if name not in now:
            yield say(
                f"{'request' if request else 'response'}-property-removed",
                Level.DANGEROUS if request else Level.BREAKING,
                "removed",
                removed=True,
            )
        elif name not in was:
            required = name in must_now and "default" not in after
            level = Level.BREAKING if request and required else Level.SAFE
            yield say(
                "required-request-property-added" if level is Level.BREAKING else "property-added",
                level,
                "added, required" if required else "added",
            )
        elif request and name in must_now - must and "default" not in after:
            yield say("request-property-became-required", Level.BREAKING, "now required")
        elif not request and name in must - must_now:
            yield say("response-property-became-optional", Level.BREAKING, "no longer always present")
    if request and new.get("additionalProperties") is False and old.get("additionalProperties", True) is not False:
        yield _speaker(owner, field)("request-closed", Level.DANGEROUS, "unknown fields are refused now")


def _children(old: Mapping[str, Any], new: Mapping[str, Any], field: str) -> Iterator[tuple[str, Any, Any]]:
    was, now = mapping(old.get("properties")), mapping(new.get("properties"))
    for name in was:
        if name in now:
            yield f"{field}.{name}".lstrip("."), was[name], now[name]
    if "items" in old and "items" in new:
        yield f"{field}[]", old["items"], new["items"]
    if isinstance(old.get("additionalProperties"), dict) and isinstance(new.get("additionalProperties"), dict):
        yield f"{field}.*".lstrip("."), old["additionalProperties"], new["additionalProperties"]
    for key in ("oneOf", "anyOf"):
        for before, after in zip(sequence(old.get(key)), sequence(new.get(key)), strict=False):
            if mapping(before).get("$ref") == mapping(after).get("$ref"):
                yield field, before, after


def _list(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
