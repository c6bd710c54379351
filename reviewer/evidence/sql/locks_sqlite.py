"""SQLite: one writer at a time for the whole file, and few forms of ALTER TABLE; the rest is a rebuild of the table."""

from __future__ import annotations

from collections.abc import Callable

from reviewer.evidence.sql import sequences
from reviewer.evidence.sql.effect import BY_CODE, FILL_NULLS, MEND_DUPLICATES, MEND_ROWS, Effect, Known
from reviewer.evidence.sql.operation import Default, Operation, OpKind

_LOCK = "database file, while it runs"
_REBUILT = "table rebuild"
_BACKFILL = {
    OpKind.SET_NOT_NULL: FILL_NULLS,
    OpKind.ADD_UNIQUE: MEND_DUPLICATES,
    OpKind.ADD_PRIMARY_KEY: MEND_DUPLICATES,
    OpKind.ADD_FOREIGN_KEY: MEND_ROWS,
    OpKind.ADD_CHECK: MEND_ROWS,
    OpKind.UPDATE: "this is the backfill",
    OpKind.RUN_CODE: BY_CODE,
}
_WORK = {
    OpKind.DROP_COLUMN: "every row written anew",
    OpKind.ADD_INDEX: "full scan",
    OpKind.REINDEX: "rebuild",
    OpKind.UPDATE: "matching rows",
    OpKind.DELETE: "matching rows",
    OpKind.INSERT: "the rows it adds",
    OpKind.TRUNCATE: "every row removed",
    OpKind.RUN_CODE: BY_CODE,
    **dict.fromkeys(
        (
            OpKind.ALTER_TYPE,
            OpKind.SET_NOT_NULL,
            OpKind.DROP_NOT_NULL,
            OpKind.SET_DEFAULT,
            OpKind.DROP_DEFAULT,
            OpKind.ADD_FOREIGN_KEY,
            OpKind.ADD_CHECK,
            OpKind.ADD_UNIQUE,
            OpKind.ADD_PRIMARY_KEY,
            OpKind.DROP_CONSTRAINT,
        ),
        _REBUILT,
    ),
}
_STEPS: dict[OpKind, Callable[[Operation], tuple[str, ...]]] = {
    OpKind.DROP_COLUMN: sequences.drop_column,
    OpKind.DROP_TABLE: sequences.drop_table,
    OpKind.RENAME_COLUMN: lambda op: sequences.expand_contract(op, op.new_name),
}


def sqlite(op: Operation, _known: Known) -> Effect:
    """The effect of an operation; readers go on in WAL mode."""
    if op.kind is OpKind.OTHER:
        rebuilt = op.new_name.startswith("rebuild")
        return Effect(_LOCK, _REBUILT) if rebuilt else Effect("not known", "not known", "not known")
    if op.kind is OpKind.ADD_COLUMN:
        return _add_column(op)
    if op.kind is OpKind.DISABLE_SAFETY:
        return Effect("none")
    steps = _STEPS.get(op.kind)
    backfill = MEND_DUPLICATES if op.kind is OpKind.ADD_INDEX and op.unique else _BACKFILL.get(op.kind, "no")
    work = "every row" if op.whole_table else _WORK.get(op.kind, "none")
    return Effect(_LOCK, work, backfill, "", steps(op) if steps is not None else ())


def _add_column(op: Operation) -> Effect:
    column = op.column
    if column is None:
        return Effect(_LOCK)
    if column.not_null and column.default is Default.NONE and not column.primary_key:
        return Effect(_LOCK, "refused: NOT NULL needs a default", "yes")
    volatile = column.default is Default.VOLATILE
    django = op.tool == "django" and (column.not_null or column.unique or column.default is not Default.NONE)
    backfill = "existing rows get the ORM's default" if column.default is Default.APPLICATION else "no"
    return Effect(_LOCK, _REBUILT if volatile or django else "none", backfill)
