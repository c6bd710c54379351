"""Tables as programs declare them: Prisma, Django, SQLAlchemy, TypeORM, JPA, `schema.rb`, `schema.sql`.

The difference of two declarations is a schema change even where no migration comes with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from reviewer.evidence.examined import Examined, ExaminedFile, Text
from reviewer.evidence.reading import Reading
from reviewer.evidence.sql import rails
from reviewer.evidence.sql.declared_python import python_tables
from reviewer.evidence.sql.declared_text import gorm_tables, jpa_tables, prisma_tables, typeorm_tables
from reviewer.evidence.sql.operation import Column, Operation, OpKind
from reviewer.evidence.sql.table import Table
from reviewer.evidence.sql.where import is_migration_path


class Remodelled(NamedTuple):
    """Whether a file declares tables (as it is, or was if it is gone), and how its declarations differ; migrations
    and files known in part declare nothing that could be compared.
    """

    declares: bool
    operations: tuple[Operation, ...] = ()


def _remodelled(_examined: Examined, file: ExaminedFile) -> Remodelled:
    head = tables_in(file.path, file.head)
    partly = any(text is not None and not text.complete for text in (file.head, file.base))
    if file.head is not None and (file.skipped or partly or is_migration_path(file.path)):
        return Remodelled(bool(head))
    base = tables_in(file.change.old_path or file.path, file.base)
    return Remodelled(bool(base if file.head is None else head), delta(file.path, base, head))


remodelled = Reading("models", _remodelled)


def tables_in(path: str, text: Text | None) -> dict[str, Table]:
    """The tables a file declares, by lower-case name; {} for a file that declares none."""
    if text is None:
        return {}
    source = text.text
    for suffix, probe, reader in _READERS:
        if path.endswith(suffix) and probe in source:
            found = reader(source) if reader is not None else _from_operations(_operations(path, text))
            if found:
                return found
    return {}


def delta(path: str, base: Mapping[str, Table], head: Mapping[str, Table]) -> tuple[Operation, ...]:
    """What turns the base declaration into the head's, as operations marked `inferred`."""
    found: list[Operation] = []
    for key, table in head.items():
        before = base.get(key)
        if before is None:
            columns = tuple(column for column, _ in table.columns.values())
            found.append(Operation(OpKind.CREATE_TABLE, table.name, columns=columns, line=table.line))
        else:
            found.extend(_columns(before, table))
    found.extend(Operation(OpKind.DROP_TABLE, table.name, line=1) for key, table in base.items() if key not in head)
    return tuple(replace(op, path=path, end_line=op.line, tool="model", source="inferred") for op in found)


def _columns(before: Table, after: Table) -> Iterator[Operation]:
    for name, (column, line) in after.columns.items():
        was = before.columns.get(name)
        kind = OpKind.ADD_COLUMN if was is None else _difference(was[0], column)
        if kind is not None:
            yield Operation(kind, after.name, column.name, column=column, line=line)
    for name, (column, _) in before.columns.items():
        if name not in after.columns:
            yield Operation(OpKind.DROP_COLUMN, after.name, column.name, column=column, line=after.line)


def _difference(was: Column, now: Column) -> OpKind | None:
    if was.type and now.type and was.type.lower() != now.type.lower():
        return OpKind.ALTER_TYPE
    if was.not_null != now.not_null:
        return OpKind.SET_NOT_NULL if now.not_null else OpKind.DROP_NOT_NULL
    return None


def _operations(path: str, text: Text) -> tuple[Operation, ...]:
    return rails.read_schema(path, text.root) if path.endswith(".rb") else text.sql


def _from_operations(operations: tuple[Operation, ...]) -> dict[str, Table]:
    found = {}
    for op in operations:
        if op.kind is OpKind.CREATE_TABLE:
            lines = [line.strip().strip('"`,') for line in op.text.split("\n")]
            columns = {column.name.lower(): (column, op.line + _line_of(column.name, lines)) for column in op.columns}
            found[op.table.lower()] = Table(op.table, op.line, columns)
    return found


def _line_of(name: str, lines: list[str]) -> int:
    """How far down a column stands in its statement."""
    starts = re.compile(rf"[\"`\[]?{re.escape(name)}\b|t\.\w+\s+[\":]{re.escape(name)}\b")
    return next((offset for offset, line in enumerate(lines) if starts.match(line)), 0)


_READERS: tuple[tuple[str, str, Callable[[str], dict[str, Table]] | None], ...] = (
    (".prisma", "model ", prisma_tables),
    (".py", "models.", python_tables),
    (".py", "__tablename__", python_tables),
    (".ts", "@Entity", typeorm_tables),
    (".java", "@Entity", jpa_tables),
    (".go", "gorm", gorm_tables),
    ("schema.rb", "create_table", None),
    (".sql", "", None),
)
