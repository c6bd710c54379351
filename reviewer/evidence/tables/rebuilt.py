"""SQLite's way to alter a table, told as what it does: a copy under another name, filled, and put in the old one's place.

CREATE TABLE new_t (…); INSERT INTO new_t (…) SELECT … FROM t; DROP TABLE t; ALTER TABLE new_t RENAME TO t
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from reviewer.evidence.sql.columns import column_names, split_commas
from reviewer.evidence.sql.effect import REBUILD
from reviewer.evidence.sql.operation import Operation, OpKind


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
    computed = _computed(create.table, stated)
    for column in create.columns:
        if column.name in computed:
            yield replace(
                create, kind=OpKind.ADD_COLUMN, table=table, name=column.name, column=column, columns=(), new_name=""
            )


def _computed(copy: str, stated: tuple[Operation, ...]) -> frozenset[str]:
    """The columns of the copy that hold nothing of the column of their name; none where the statement lists none."""
    created = next((op for op in stated if op.kind is OpKind.CREATE_TABLE and op.table == copy), None)
    fillings = [op for op in stated if op.kind is OpKind.INSERT and op.table == copy]
    parts = [match for op in fillings if (match := _FILLING.match(op.text)) is not None]
    if created is None or not parts or len(parts) != len(fillings):
        return frozenset()
    kept: set[str] = set()
    for match in parts:
        names = column_names(match["columns"])
        values = [part.text for part in split_commas(match["values"])]
        kept.update(name for name, value in zip(names, values, strict=False) if _speaks_of(name, value))
    return frozenset(column.name for column in created.columns if column.name not in kept)


_FILLING = re.compile(
    r"\s*INSERT\s+INTO\s+\S+?\s*\((?P<columns>[^)]*)\)\s*SELECT\s(?P<values>.*?)\sFROM\s", re.IGNORECASE | re.DOTALL
)


def _speaks_of(name: str, value: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", re.sub(r"'[^']*'", "", value), re.IGNORECASE) is not None
