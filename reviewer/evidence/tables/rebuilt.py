"""SQLite's way to alter a table, told as what it does: a copy under another name, filled, and put in the old one's place.

CREATE TABLE new_t (…); INSERT INTO new_t (…) SELECT … FROM t; DROP TABLE t; ALTER TABLE new_t RENAME TO t
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from reviewer.evidence.sql.columns import column_names
from reviewer.evidence.sql.operation import Operation, OpKind

REBUILD = "rebuild table: copied under another name, then put in its place"


def folded(operations: Iterable[Operation]) -> Iterator[Operation]:
    """The operations of one file, in order, with each swap told as one rebuild and the columns it adds."""
    stated = tuple(operations)
    swaps = {op.table: op for op in stated if op.kind is OpKind.RENAME_TABLE and _swapped(op, stated)}
    originals = {op.new_name for op in swaps.values()}
    told: set[tuple[str, ...]] = set()
    for op in stated:
        if op.table in swaps and op.kind is OpKind.CREATE_TABLE:
            for part in _rebuilt(op, swaps[op.table].new_name, stated):
                if (part.table, part.name) not in told:
                    told.add((part.table, part.name))
                    yield part
        elif op.table in swaps or (op.table in originals and op.kind is OpKind.DROP_TABLE):
            continue
        else:
            yield op


def _swapped(rename: Operation, stated: tuple[Operation, ...]) -> bool:
    kinds = {(op.kind, op.table) for op in stated}
    copy, old = rename.table, rename.new_name
    wanted = {(OpKind.CREATE_TABLE, copy), (OpKind.INSERT, copy), (OpKind.DROP_TABLE, old)}
    return copy != old and wanted <= kinds


def _rebuilt(create: Operation, table: str, stated: tuple[Operation, ...]) -> Iterator[Operation]:
    yield replace(
        create, kind=OpKind.OTHER, table=table, name="", columns=(), new_name=REBUILD, reversible=create.reversible
    )
    filled = _filled(create.table, stated)
    for column in create.columns:
        if filled and column.name not in filled:
            yield replace(
                create, kind=OpKind.ADD_COLUMN, table=table, name=column.name, column=column, columns=(), new_name=""
            )


def _filled(copy: str, stated: tuple[Operation, ...]) -> frozenset[str]:
    """The columns that are filled from the old table; empty where the statement does not list them."""
    names: set[str] = set()
    for op in stated:
        if op.kind is OpKind.INSERT and op.table == copy:
            match = re.match(r"\s*INSERT\s+INTO\s+\S+?\s*\((?P<columns>[^)]*)\)\s*SELECT", op.text, re.IGNORECASE)
            names.update(column_names(match["columns"]) if match else ())
    return frozenset(names)
