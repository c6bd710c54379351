"""Two versions of an OpenAPI or Swagger document compared from a client's side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reviewer.evidence.contracts.change import ContractChange, Level, Part
from reviewer.evidence.contracts.load import Lines, load
from reviewer.evidence.contracts.openapi_model import Operation, Parameter, Spec, read
from reviewer.evidence.contracts.openapi_schema import Comparison, SchemaChange

Told = tuple[str, Level, str]  # kind, level, detail


def parse(text: str) -> Spec | None:
    """The spec a text holds, None if it holds none."""
    return read(load(text)) if text else None


def diff(base: str, head: str) -> tuple[ContractChange, ...]:
    """Every difference a client can see, in the order of the paths; () where either text is no spec. Never raises.

    An added or deleted file is compared with an empty spec: pass "" for the missing side.
    """
    old, new = parse(base), parse(head)
    if (old is None and new is None) or (base and old is None) or (head and new is None):
        return ()
    old, new = old or Spec({}, {}), new or Spec({}, {})
    return tuple(_diff(old, new, Lines(base), Lines(head)))


def _diff(old: Spec, new: Spec, before: Lines, after: Lines) -> Iterator[ContractChange]:
    comparison = Comparison(old, new)
    shared: dict[tuple[SchemaChange, bool], None] = {}
    for key in sorted({*old.operations, *new.operations}, key=lambda key: (key[1], key[0])):
        was, now = old.operations.get(key), new.operations.get(key)
        if now is None:
            assert was is not None
            gone = not any(other[1] == key[1] for other in new.operations)
            yield ContractChange(
                "path-removed" if gone else "operation-removed",
                Level.BREAKING,
                was.name,
                "removed" + (", was deprecated" if was.deprecated else ""),
                verb="removed",
                line=before.find("paths", was.path, was.method),
                in_base=True,
                unstable=was.unstable or was.deprecated,
            )
        elif was is None:
            detail = f"added{'' if now.security is None else ', auth: ' + (', '.join(now.security) or 'none')}"
            line = after.find("paths", now.path, now.method)
            yield ContractChange("operation-added", Level.SAFE, now.name, detail, verb="added", line=line)
        else:
            yield from _operation(was, now, comparison, shared, after)
    yield from _shared(shared, comparison, before, after)


def _operation(
    was: Operation, now: Operation, comparison: Comparison, shared: dict[tuple[SchemaChange, bool], None], after: Lines
) -> Iterator[ContractChange]:
    line = after.find("paths", now.path, now.method)

    def change(kind: str, level: Level, detail: str, part: Part) -> ContractChange:
        return ContractChange(kind, level, now.name, detail, part, line=line, unstable=now.unstable or was.deprecated)

    for kind, level, detail in (*_parameters(was, now), *_bodies(was, now)):
        yield change(kind, level, detail, Part.REQUEST)
    for kind, level, detail in _statuses(was, now):
        yield change(kind, level, detail, Part.RESPONSE)
    if was.security != now.security and not (was.security is None and now.security == ()):
        kind, level, detail = _security(was, now)
        yield change(kind, level, detail, Part.AUTH)
    if now.deprecated and not was.deprecated:
        yield change("deprecated", Level.SAFE, "deprecated", Part.OPERATION)
    for found, request in _schemas(was, now, comparison):
        if found.owner:
            shared[(found, request)] = None
        else:
            detail = f"`{found.field}` {found.detail}" if found.field else found.detail
            yield change(found.kind, found.level, detail, Part.REQUEST if request else Part.RESPONSE)


def _bodies(was: Operation, now: Operation) -> Iterator[Told]:
    if now.body_required and not was.body_required:
        yield "request-body-required", Level.BREAKING, "a body is required now"
    for media in was.body:
        if media not in now.body:
            yield "request-media-type-removed", Level.BREAKING, f"`{media}` no longer accepted"


def _statuses(was: Operation, now: Operation) -> Iterator[Told]:
    for status in was.responses:
        if status not in now.responses:
            level = Level.BREAKING if status.startswith("2") else Level.DANGEROUS
            yield "response-status-removed", level, f"status {status} removed"
    for status in now.responses:
        if status not in was.responses:
            yield "response-status-added", Level.SAFE, f"status {status} added"


def _security(was: Operation, now: Operation) -> Told:
    before, after = ", ".join(was.security or ()) or "none", ", ".join(now.security or ()) or "none"
    if not now.security:
        return "security-removed", Level.BREAKING, f"{before} → none: callable without credentials"
    tighter = not was.security or set(now.security) - set(was.security)
    return "security-changed", Level.BREAKING if tighter else Level.DANGEROUS, f"{before} → {after}"


def _parameters(was: Operation, now: Operation) -> Iterator[Told]:
    before = {(item.name, item.place): item for item in was.parameters if item.place != "path"}
    after = {(item.name, item.place): item for item in now.parameters if item.place != "path"}
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        label = f"{key[1]} parameter `{key[0]}`"
        if new is None:
            yield "parameter-removed", Level.DANGEROUS, f"{label} removed"
        elif old is None:
            level = Level.BREAKING if new.required and not _has_default(new) else Level.SAFE
            yield (
                "required-parameter-added" if level is Level.BREAKING else "parameter-added",
                level,
                f"{label} added{', required' if new.required else ''}",
            )
        elif new.required and not old.required:
            yield "parameter-became-required", Level.BREAKING, f"{label} now required"


def _has_default(parameter: Parameter) -> bool:
    return isinstance(parameter.schema, dict) and "default" in parameter.schema


def _schemas(was: Operation, now: Operation, comparison: Comparison) -> Iterator[tuple[SchemaChange, bool]]:
    """Differences of parameters, bodies and responses, each with whether the client sends it."""
    before = {(item.name, item.place): item for item in was.parameters}
    for item in now.parameters:
        old = before.get((item.name, item.place))
        for found in comparison.compare(old.schema, item.schema, request=True, user=now.name) if old else ():
            named = ".".join(part for part in (item.name, found.field) if part)
            yield (found if found.owner else found._replace(field=named)), True
    for found in _contents(was.body, now.body, comparison, request=True, user=now.name):
        yield found, True
    for status, content in now.responses.items():
        for found in _contents(was.responses.get(status, {}), content, comparison, request=False, user=now.name):
            yield found, False


def _contents(
    was: Mapping[str, Any], now: Mapping[str, Any], comparison: Comparison, *, request: bool, user: str
) -> Iterator[SchemaChange]:
    for media, schema in now.items():
        if media in was:
            yield from comparison.compare(was[media], schema, request=request, user=user)


def _shared(
    found: dict[tuple[SchemaChange, bool], None], comparison: Comparison, before: Lines, after: Lines
) -> Iterator[ContractChange]:
    for change, request in found:
        lines = before if change.removed else after
        keys = [part for part in change.field.replace("[]", "").split(".") if part]
        users = tuple(sorted(comparison.users.get((change.owner, request), {})))
        yield ContractChange(
            change.kind,
            change.level,
            f"schema {change.owner}",
            f"`{change.field}` {change.detail}" if change.field else change.detail,
            Part.REQUEST if request else Part.RESPONSE,
            line=lines.find("schemas", change.owner, *keys),
            in_base=change.removed,
            users=users,
        )
