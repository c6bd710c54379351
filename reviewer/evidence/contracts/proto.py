"""Two versions of a `.proto` file compared: what breaks on the wire, and what breaks in JSON and in source only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.evidence.contracts.change import ContractChange, Level, Part
from reviewer.evidence.contracts.proto_model import Enum, Field, Message, ProtoFile, Rpc, parse

# Types that read each other's bytes (protobuf language guide, "Updating a message type").
_WIRE_GROUPS = (
    frozenset({"int32", "uint32", "int64", "uint64", "bool"}),
    frozenset({"sint32", "sint64"}),
    frozenset({"string", "bytes"}),
    frozenset({"fixed32", "sfixed32"}),
    frozenset({"fixed64", "sfixed64"}),
)
_SCALARS = frozenset({"double", "float"}.union(*_WIRE_GROUPS))
_UNSTABLE = re.compile(r"(?:^|\.)v\d+(?:p\d+)?(?:alpha|beta)\d*(?:\.|$)|(?:^|\.)(?:internal|test|testing)(?:\.|$)")


def diff(base: str, head: str) -> tuple[ContractChange, ...]:
    """Every difference a client can see; pass "" for a side where the file does not exist. Never raises."""
    old, new = parse(base), parse(head)
    unstable = _UNSTABLE.search(old.package or new.package) is not None
    found = [*_messages(old, new), *_enums(old, new), *_services(old, new)]
    if old.package and new.package and old.package != new.package:
        detail = f"package {old.package} → {new.package}: every full name changes"
        found.append(ContractChange("package-changed", Level.BREAKING, f"package {old.package}", detail))
    return tuple(_marked(change, unstable=unstable) for change in found)


def _marked(change: ContractChange, *, unstable: bool) -> ContractChange:
    from dataclasses import replace

    return replace(change, unstable=True) if unstable else change


def _messages(old: ProtoFile, new: ProtoFile) -> Iterator[ContractChange]:
    for name, was in old.messages.items():
        now = new.messages.get(name)
        if now is None:
            yield ContractChange(
                "message-removed",
                Level.BREAKING,
                f"message {name}",
                "removed",
                verb="removed",
                line=was.line,
                in_base=True,
            )
        else:
            yield from _fields(was, now)
    for name, now in new.messages.items():
        if name not in old.messages:
            yield ContractChange("message-added", Level.SAFE, f"message {name}", "added", verb="added", line=now.line)


def _fields(was: Message, now: Message) -> Iterator[ContractChange]:
    subject = f"message {was.name}"
    before, after = {item.number: item for item in was.fields}, {item.number: item for item in now.fields}
    names_after = {item.name: item for item in now.fields}
    for number, old in before.items():
        new = after.get(number)
        if new is not None:
            yield from _field(subject, old, new)
            continue
        moved = names_after.get(old.name)
        if moved is not None:
            detail = (
                f"`{old.name}` moved from number {number} to {moved.number}: old and new binaries read different fields"
            )
            yield ContractChange(
                "field-number-changed", Level.BREAKING, subject, detail, Part.RESPONSE, line=moved.line
            )
            continue
        kept = now.reserves(number, old.name)
        detail = f"`{old.name} = {number}` removed" + ("" if kept else ", its number not reserved")
        level = Level.DANGEROUS if kept else Level.BREAKING
        yield ContractChange(
            "field-removed",
            level,
            subject,
            detail,
            Part.RESPONSE,
            "removed",
            old.line,
            in_base=True,
            unstable=old.deprecated and kept,
        )
    for number, new in after.items():
        if number in before:
            continue
        if was.reserves(number, new.name):
            detail = f"`{new.name} = {number}` takes a reserved number or name"
            yield ContractChange("reserved-number-reused", Level.BREAKING, subject, detail, Part.REQUEST, line=new.line)
        elif not any(item.name == new.name for item in was.fields):
            required = new.label == "required"
            level = Level.BREAKING if required else Level.SAFE
            detail = f"`{new.name} = {number}` added" + (", required" if required else "")
            yield ContractChange("field-added", level, subject, detail, Part.REQUEST, "added", new.line)


def _field(subject: str, old: Field, new: Field) -> Iterator[ContractChange]:
    if old.name != new.name:
        same = old.type == new.type
        detail = f"number {old.number}: `{old.name}` → `{new.name}`" + ("" if same else f", {old.type} → {new.type}")
        kind = "field-renamed" if same else "field-number-reused"
        if same:
            detail += " (wire safe, breaks JSON and generated code)"
        yield ContractChange(
            kind, Level.DANGEROUS if same else Level.BREAKING, subject, detail, Part.RESPONSE, line=new.line
        )
        return
    if old.type != new.type:
        moved = old.type.rpartition(".")[2] == new.type.rpartition(".")[2]  # the same message in another package
        compatible = moved or any(old.type in group and new.type in group for group in _WIRE_GROUPS)
        detail = f"`{old.name}` {old.type} → {new.type}"
        level = Level.DANGEROUS if compatible else Level.BREAKING
        scalar = bool({old.type, new.type} & _SCALARS)
        kind = "field-type-changed" if scalar else "field-message-changed"  # which may be a message with a new name
        yield ContractChange(kind, level, subject, detail, Part.RESPONSE, line=new.line)
    if old.label != new.label and {old.label, new.label} != {"", "optional"}:
        detail = f"`{old.name}` {old.label or 'singular'} → {new.label or 'singular'}"
        yield ContractChange("field-cardinality-changed", Level.BREAKING, subject, detail, Part.RESPONSE, line=new.line)
    if old.oneof != new.oneof:
        detail = f"`{old.name}` moved {'into' if new.oneof else 'out of'} oneof `{new.oneof or old.oneof}`"
        yield ContractChange("field-oneof-changed", Level.DANGEROUS, subject, detail, Part.REQUEST, line=new.line)


def _enums(old: ProtoFile, new: ProtoFile) -> Iterator[ContractChange]:
    for name, was in old.enums.items():
        now = new.enums.get(name)
        if now is None:
            yield ContractChange(
                "enum-removed", Level.BREAKING, f"enum {name}", "removed", verb="removed", line=was.line, in_base=True
            )
        else:
            yield from _values(was, now)


def _values(was: Enum, now: Enum) -> Iterator[ContractChange]:
    subject = f"enum {was.name}"
    numbers = {number: name for name, (number, _) in now.values.items()}
    for name, (number, line) in was.values.items():
        if name in now.values:
            if now.values[name][0] != number:
                detail = f"`{name}` {number} → {now.values[name][0]}"
                yield ContractChange(
                    "enum-number-changed", Level.BREAKING, subject, detail, Part.RESPONSE, line=now.values[name][1]
                )
        elif number in numbers:
            detail = f"`{name}` → `{numbers[number]}` (wire safe, breaks JSON and generated code)"
            yield ContractChange(
                "enum-value-renamed",
                Level.DANGEROUS,
                subject,
                detail,
                Part.RESPONSE,
                line=now.values[numbers[number]][1],
            )
        else:
            kept = str(number) in now.reserved or name in now.reserved
            detail = f"`{name} = {number}` removed" + ("" if kept else ", not reserved")
            level = Level.DANGEROUS if kept else Level.BREAKING
            yield ContractChange(
                "enum-value-removed", level, subject, detail, Part.RESPONSE, "removed", line, in_base=True
            )
    for name, (number, line) in now.values.items():
        if name not in was.values and number not in {value for value, _ in was.values.values()}:
            yield ContractChange(
                "enum-value-added", Level.DANGEROUS, subject, f"`{name} = {number}` added", Part.RESPONSE, "added", line
            )


def _services(old: ProtoFile, new: ProtoFile) -> Iterator[ContractChange]:
    for name, was in old.services.items():
        now = new.services.get(name)
        if now is None:
            line = old.service_lines.get(name, 1)
            yield ContractChange(
                "service-removed", Level.BREAKING, f"service {name}", "removed", verb="removed", line=line, in_base=True
            )
            continue
        for method, before in was.items():
            yield from _rpc(f"rpc {name}.{method}", before, now.get(method))
    for name, now in new.services.items():
        for method, rpc in now.items():
            if method not in old.services.get(name, {}):
                detail = f"added: {rpc.request} → {rpc.response}"
                yield ContractChange(
                    "rpc-added", Level.SAFE, f"rpc {name}.{method}", detail, verb="added", line=rpc.line
                )


def _rpc(subject: str, was: Rpc, now: Rpc | None) -> Iterator[ContractChange]:
    if now is None:
        yield ContractChange(
            "rpc-removed", Level.BREAKING, subject, "removed", verb="removed", line=was.line, in_base=True
        )
        return
    for part, before, after in ((Part.REQUEST, was.request, now.request), (Part.RESPONSE, was.response, now.response)):
        if before != after:
            yield ContractChange(
                f"rpc-{part.value}-changed", Level.BREAKING, subject, f"{before} → {after}", part, line=now.line
            )
