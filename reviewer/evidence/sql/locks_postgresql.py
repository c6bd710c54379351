"""PostgreSQL, 11 and later: the lock of each form of ALTER TABLE, and what is done while it is held."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from reviewer.evidence.sql import sequences
from reviewer.evidence.sql.effect import (
    BY_CODE,
    FILL_NULLS,
    MEND_DUPLICATES,
    MEND_ROWS,
    REBUILD,
    RESTATING,
    SWAP,
    Effect,
    Judge,
    Known,
    always,
)
from reviewer.evidence.sql.operation import Default, Operation, OpKind
from reviewer.evidence.sql.widening import Widening, widening

_SHORT = "ACCESS EXCLUSIVE, short"
_ONLINE = "SHARE UPDATE EXCLUSIVE"
_SCAN = "full scan under the lock"
_REWRITE = "table rewrite under the lock"
_NO_DATA = "none (catalog only)"


def _add_column(op: Operation, _known: Known) -> Effect:
    column, table = op.column, op.table
    if column is None:
        return Effect(_SHORT, _NO_DATA)
    if column.default is Default.VOLATILE:
        steps = (
            f"ALTER TABLE {table} ADD COLUMN {column.name} {sequences.sql_type(op)};",
            f"ALTER TABLE {table} ALTER COLUMN {column.name} SET DEFAULT …;",
            f"fill {table}.{column.name} in batches, then add NOT NULL through a validated CHECK",
        )
        return Effect("ACCESS EXCLUSIVE", _REWRITE, "done by the rewrite", "reads and writes", steps)
    if column.not_null and column.default is Default.NONE and not column.primary_key:
        safely = sequences.not_null_steps(table, column.name, sequences.sql_type(op), add=True)
        return Effect(_SHORT, "fails if the table holds rows", "yes", "", safely)
    lock, work = _SHORT, _NO_DATA
    if column.references and column.references.lower() != table.lower():
        lock = f"{_SHORT}; SHARE ROW EXCLUSIVE on {column.references}, short"
    if column.references and column.validated:
        work = _SCAN if column.not_null else "none (new column is empty)"
    if column.unique or column.indexed:
        kind = "unique index" if column.unique else "index"
        lock, work = lock.replace(", short", "", 1), f"{kind} on the column built under the lock"
    backfill = "existing rows get the ORM's default" if column.default is Default.APPLICATION else "no"
    return Effect(lock, work, backfill, "", _index_apart(op) if column.unique or column.indexed else ())


def _index_apart(op: Operation) -> tuple[str, ...]:
    unique = "UNIQUE " if op.column is not None and op.column.unique else ""
    return (
        f"add {op.object} without its index",
        f"CREATE {unique}INDEX CONCURRENTLY … ON {op.table} ({op.name}); -- outside a transaction",
    )


def _set_not_null(op: Operation, known: Known) -> Effect:
    if known.checked:
        return Effect(_SHORT, "none where a validated CHECK proves it, else a full scan")
    steps = sequences.not_null_steps(op.table, op.name)
    return Effect("ACCESS EXCLUSIVE", _SCAN, FILL_NULLS, "reads and writes", steps)


def _add_index(op: Operation, _known: Known) -> Effect:
    backfill = MEND_DUPLICATES if op.unique else "no"
    if op.concurrently:
        return Effect(_ONLINE, "two scans, writes go on", backfill)
    unique = "UNIQUE " if op.unique else ""
    name = op.name if op.name and op.name not in op.keys else "_".join(["idx", op.table, *op.keys[:2]])
    step = f"CREATE {unique}INDEX CONCURRENTLY {name} ON {op.table} ({', '.join(op.keys) or '…'}); -- outside a transaction"
    return Effect("SHARE", _SCAN, backfill, "writes", (step,))


def _drop_index(op: Operation, _known: Known) -> Effect:
    if op.concurrently:
        return Effect(_ONLINE, "waits for running transactions")
    return Effect(_SHORT, _NO_DATA, "no", "", (f"DROP INDEX CONCURRENTLY {op.name}; -- outside a transaction",))


def _add_foreign_key(op: Operation, known: Known) -> Effect:
    lock = "SHARE ROW EXCLUSIVE" + (f", on {op.references} too" if op.references else "")
    if not op.validated:
        return Effect(f"{lock}, short")
    both = f"writes to {op.table}" + (f" and {op.references}" if op.references else "")
    return Effect(lock, _SCAN, "no" if known.new_column else MEND_ROWS, both, _validate_later(op, "FOREIGN KEY"))


def _add_check(op: Operation, _known: Known) -> Effect:
    if not op.validated:
        return Effect(_SHORT)
    return Effect("ACCESS EXCLUSIVE", _SCAN, MEND_ROWS, f"reads and writes of {op.table}", _validate_later(op, "CHECK"))


def _validate_later(op: Operation, what: str) -> tuple[str, ...]:
    name = op.name or f"{op.table}_constraint"
    return (
        f"ALTER TABLE {op.table} ADD CONSTRAINT {name} {what} … NOT VALID;",
        f"ALTER TABLE {op.table} VALIDATE CONSTRAINT {name}; -- in a later transaction",
    )


def _add_unique(op: Operation, _known: Known) -> Effect:
    if op.existing_index:
        return Effect(_SHORT, "none (takes over the index)")
    name = op.name or f"{op.table}_key"
    what = "PRIMARY KEY" if op.kind is OpKind.ADD_PRIMARY_KEY else "UNIQUE"
    steps = (
        f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {op.table} ({', '.join(op.keys) or '…'}); -- outside a transaction",
        f"ALTER TABLE {op.table} ADD CONSTRAINT {name} {what} USING INDEX {name};",
    )
    return Effect("ACCESS EXCLUSIVE", "index built under the lock", MEND_DUPLICATES, "reads and writes", steps)


def _alter_type(op: Operation, known: Known) -> Effect:
    if re.search(r"\bCOLLATE\b", op.text, re.IGNORECASE):
        return Effect("ACCESS EXCLUSIVE", "its indexes are rebuilt under the lock, the rows only if the type changes")
    grows = widening(known.was, op.column)
    if grows is Widening.FREE:
        return Effect(_SHORT, "none (the stored values fit as they are)")
    if grows is Widening.IF_TEXT:
        return Effect(_SHORT, "none if it was a varchar")
    steps = sequences.expand_contract(op, f"{op.name}_new", sequences.sql_type(op))
    work = _REWRITE if known.was or op.tool not in RESTATING else f"{_REWRITE}, unless the type stays as it is"
    return Effect("ACCESS EXCLUSIVE", work, "no", "reads and writes", steps)


def _drop_column(op: Operation, _known: Known) -> Effect:
    return Effect(_SHORT, _NO_DATA, "no", "", sequences.drop_column(op))


def _drop_table(op: Operation, _known: Known) -> Effect:
    return Effect(_SHORT, _NO_DATA, "no", "", sequences.drop_table(op))


def _rename_column(op: Operation, _known: Known) -> Effect:
    return Effect(_SHORT, _NO_DATA, "no", "", sequences.expand_contract(op, op.new_name))


def _rename_table(op: Operation, _known: Known) -> Effect:
    return Effect(_SHORT, _NO_DATA, "no", "", sequences.rename_table(op, atomic=True))


def _rows(op: Operation, _known: Known) -> Effect:
    scope = "every row" if op.whole_table else "matching rows"
    return Effect("ROW EXCLUSIVE, row locks until commit", scope, "this is the backfill", "", sequences.batches(op))


def _reindex(op: Operation, _known: Known) -> Effect:
    if op.concurrently:
        return Effect(_ONLINE, "two scans, writes go on")
    work, wait = "rebuild under the lock", "reads and writes"
    return Effect("ACCESS EXCLUSIVE", work, "no", wait, (f"REINDEX … CONCURRENTLY {op.table};",))


def _other(op: Operation, _known: Known) -> Effect:
    if op.new_name.startswith("rename index"):
        return Effect("SHARE UPDATE EXCLUSIVE on the index, short (before 12: ACCESS EXCLUSIVE)", _NO_DATA)
    if op.new_name.startswith(("rename constraint", "drop trigger")):
        return Effect(_SHORT, _NO_DATA)
    if op.new_name.startswith(("create extension", "drop type", "drop function", "drop sequence")):
        return Effect("none on tables")
    if op.new_name.startswith(("drop view", "drop materialized view")):
        return Effect("ACCESS EXCLUSIVE on the view, short")
    if op.new_name == REBUILD:
        return Effect("ACCESS EXCLUSIVE at the swap", SWAP, "done by the copy", "", sequences.swap(op))
    return Effect("not known", "not known", "not known")


POSTGRESQL: Mapping[OpKind, Judge] = MappingProxyType(
    {
        OpKind.ADD_COLUMN: _add_column,
        OpKind.DROP_COLUMN: _drop_column,
        OpKind.RENAME_COLUMN: _rename_column,
        OpKind.ALTER_TYPE: _alter_type,
        OpKind.SET_NOT_NULL: _set_not_null,
        OpKind.DROP_NOT_NULL: always(_SHORT, _NO_DATA),
        OpKind.SET_DEFAULT: always(_SHORT, _NO_DATA),
        OpKind.DROP_DEFAULT: always(_SHORT, _NO_DATA),
        OpKind.ADD_INDEX: _add_index,
        OpKind.DROP_INDEX: _drop_index,
        OpKind.REINDEX: _reindex,
        OpKind.ADD_FOREIGN_KEY: _add_foreign_key,
        OpKind.ADD_CHECK: _add_check,
        OpKind.ADD_UNIQUE: _add_unique,
        OpKind.ADD_PRIMARY_KEY: _add_unique,
        OpKind.DROP_CONSTRAINT: always(_SHORT, _NO_DATA),
        OpKind.VALIDATE_CONSTRAINT: always(_ONLINE, "full scan, writes go on", MEND_ROWS),
        OpKind.DROP_TABLE: _drop_table,
        OpKind.RENAME_TABLE: _rename_table,
        OpKind.TRUNCATE: always("ACCESS EXCLUSIVE", "every row removed"),
        OpKind.UPDATE: _rows,
        OpKind.DELETE: lambda op, known: _rows(op, known)._replace(backfill="no"),
        OpKind.INSERT: always("ROW EXCLUSIVE", "the rows it adds"),
        OpKind.RUN_CODE: always("row locks until commit", BY_CODE, BY_CODE),
        OpKind.ENUM_VALUE: always("none on tables", "none (a new value cannot be used in the same transaction)"),
        OpKind.DISABLE_SAFETY: always("none"),
        OpKind.OTHER: _other,
    }
)
