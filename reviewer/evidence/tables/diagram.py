"""Mermaid sources for the tables: entities of a schema change, and the steps of a request to a guarded route."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from reviewer.evidence.routes.route import Route
from reviewer.evidence.sql.operation import Column, Operation, OpKind

MOST_ENTITIES = 12
MOST_COLUMNS = 16


def er_diagram(operations: Iterable[Operation]) -> str:
    """The touched tables with the columns the change names, and their references; "" where there is nothing to draw."""
    entities: dict[str, dict[str, str]] = {}
    relations: dict[str, None] = {}
    for op in operations:
        if (
            op.down
            or not op.table
            or op.kind in {OpKind.OTHER, OpKind.UPDATE, OpKind.DELETE, OpKind.INSERT, OpKind.RUN_CODE}
        ):
            continue
        entity = entities.setdefault(_word(op.table), {})
        for column in op.columns:
            entity.setdefault(_word(column.name), _attribute(column, ""))
            _relate(relations, op.table, column.references, column.name)
        if op.column is not None and op.kind in {OpKind.ADD_COLUMN, OpKind.ALTER_TYPE}:
            entity[_word(op.column.name)] = _attribute(op.column, "new" if op.kind is OpKind.ADD_COLUMN else "new type")
            _relate(relations, op.table, op.column.references, op.column.name)
        elif op.kind is OpKind.DROP_COLUMN:
            entity[_word(op.name)] = f'dropped {_word(op.name)} "dropped"'
        elif op.kind is OpKind.RENAME_COLUMN:
            entity[_word(op.name)] = f'renamed {_word(op.name)} "now {_word(op.new_name)}"'
        elif op.kind is OpKind.ADD_FOREIGN_KEY:
            _relate(relations, op.table, op.references, ", ".join(op.keys) or op.name)
    if not any(entities.values()) and not relations:
        return ""
    lines = ["erDiagram"]
    for name, columns in list(entities.items())[:MOST_ENTITIES]:
        lines.append(f"    {name} {{")
        lines.extend(f"        {text}" for text in list(columns.values())[:MOST_COLUMNS])
        lines.append("    }")
    lines.extend(f"    {relation}" for relation in list(relations)[:MOST_ENTITIES])
    return "\n".join(lines)


def _attribute(column: Column, note: str) -> str:
    key = " PK" if column.primary_key else " FK" if column.references else ""
    comment = ", ".join(
        part for part in (note, "not null" if column.not_null and not column.primary_key else "") if part
    )
    return f"{_word(column.type) or 'unknown'} {_word(column.name)}{key}" + (f' "{comment}"' if comment else "")


def _relate(relations: dict[str, None], table: str, parent: str, label: str) -> None:
    if parent:
        relations[f'{_word(parent)} ||--o{{ {_word(table)} : "{re.sub(r"[^A-Za-z0-9_, ]", "_", label)[:60]}"'] = None


@lru_cache(maxsize=4096)
def _word(text: str) -> str:
    """A name Mermaid takes: a letter first, then letters, digits and underscores."""
    plain = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")[:40]
    return plain if not plain[:1].isdigit() else f"t_{plain}"


def guard_sequence(before: Route, after: Route) -> str:
    """A sequence of the guards a request passes now, with those it no longer passes as notes."""
    lines = ["sequenceDiagram", "    participant C as Caller"]
    names = list(dict.fromkeys([*before.guards, *after.guards]))[:8]
    marks = {guard: f"G{number}" for number, guard in enumerate(names, 1)}
    lines += [f"    participant {mark} as {_label(guard)}" for guard, mark in marks.items()]
    lines.append(f"    participant H as {_label(after.name)}")
    at = "C"
    for guard in after.guards:
        if guard in marks:
            lines.append(f"    {at}->>{marks[guard]}: {'new guard' if guard not in before.guards else 'guard'}")
            at = marks[guard]
    lines.append(f"    {at}->>H: handle")
    lines += [
        f"    Note over {marks[guard]}: no longer passed"
        for guard in before.guards
        if guard not in after.guards and guard in marks
    ]
    return "\n".join(lines)


def _label(text: str) -> str:
    """Text Mermaid shows as it is: no separators of its own grammar."""
    return re.sub(r"[^\w /.()@{}-]", " ", text, flags=re.ASCII).strip()[:50] or "unnamed"
