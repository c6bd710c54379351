"""What an operation does to a live table: lock, work done under it, data to fill, and the safe way.

Static knowledge of PostgreSQL (11 and later) and MySQL 8 (InnoDB). "" stands for an unknown engine, which is
judged as PostgreSQL, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from reviewer.evidence.sql.operation import Default, Operation, OpKind


class Effect(NamedTuple):
    """The columns of the schema table. `blocking` names what waits while it runs, "" if nothing does for long."""

    lock: str
    work: str = "none"
    backfill: str = "no"
    blocking: str = ""
    safe: tuple[str, ...] = ()


_SHORT = "ACCESS EXCLUSIVE, short"
_SCAN = "full scan under the lock"
_REWRITE = "table rewrite under the lock"

Judge = Callable[[Operation], Effect]


def effect(op: Operation, engine: str, *, new_table: bool = False) -> Effect:
    """The effect of `op` on `engine`. A table the same change creates holds no rows and has no readers yet."""
    if new_table or op.state_only or op.kind is OpKind.CREATE_TABLE:
        return Effect("none on existing tables" if not op.state_only else "none (state only)")
    if engine == "sqlite":
        return Effect("database file, while it runs", "table rebuild" if op.kind in _SQLITE_REBUILDS else "none")
    if engine in {"mssql", "oracle", "other"}:
        return Effect("not known for this engine", "not known")
    table = _MYSQL if engine == "mysql" else _POSTGRESQL
    judge = table.get(op.kind)
    return judge(op) if judge is not None else Effect("not known")


def safe_widening(op: Operation) -> bool:
    """A new type PostgreSQL takes without touching a row: text, or varchar without a limit."""
    return (
        op.column is not None
        and re.fullmatch(r"text|(?:character varying|varchar|citext)", op.column.type, re.IGNORECASE) is not None
    )


def sql_type(op: Operation) -> str:
    """The column's type where the statement is SQL; an ORM's own word for it would not run."""
    return op.column.type if op.column is not None and op.tool in {"sql", "typeorm"} else "…"


def _pg_add_column(op: Operation) -> Effect:
    column, table = op.column, op.table
    if column is None:
        return Effect(_SHORT)
    if column.default is Default.VOLATILE:
        steps = (
            f"ALTER TABLE {table} ADD COLUMN {column.name} {sql_type(op)};",
            f"ALTER TABLE {table} ALTER COLUMN {column.name} SET DEFAULT …;",
            f"fill {table}.{column.name} in batches, then add NOT NULL through a validated CHECK",
        )
        return Effect("ACCESS EXCLUSIVE", _REWRITE, "done by the rewrite", "reads and writes", steps)
    if column.not_null and column.default is Default.NONE:
        return Effect(
            _SHORT,
            "fails if the table holds rows",
            "yes",
            "",
            not_null_steps(table, column.name, sql_type(op), add=True),
        )
    if column.references and column.validated:
        return Effect(_SHORT, "none (new column is empty)" if not column.not_null else _SCAN, "no")
    backfill = "existing rows get the ORM's default" if column.default is Default.APPLICATION else "no"
    return Effect(_SHORT, "none", backfill)


def not_null_steps(table: str, column: str, type_: str = "", *, add: bool = False) -> tuple[str, ...]:
    """The sequence that makes a column required without a long lock or a failing release."""
    first = (
        f"ALTER TABLE {table} ADD COLUMN {column} {type_ or '…'};",
        f"release code that writes {table}.{column}",
        f"fill {table}.{column} in batches WHERE {column} IS NULL",
    )
    return (
        *(first if add else (f"fill {table}.{column} in batches WHERE {column} IS NULL",)),
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_not_null CHECK ({column} IS NOT NULL) NOT VALID;",
        f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_{column}_not_null;",
        f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_not_null;",
    )


def _pg_set_not_null(op: Operation) -> Effect:
    return Effect(
        "ACCESS EXCLUSIVE",
        _SCAN,
        "rows with NULL must be filled first",
        "reads and writes",
        not_null_steps(op.table, op.name),
    )


def _pg_add_index(op: Operation) -> Effect:
    if op.concurrently:
        return Effect("SHARE UPDATE EXCLUSIVE", "two scans, writes go on")
    unique = "UNIQUE " if op.unique else ""
    name = op.name or "_".join(["idx", op.table, *op.keys[:2]])
    step = f"CREATE {unique}INDEX CONCURRENTLY {name} ON {op.table} ({', '.join(op.keys) or '…'}); -- outside a transaction"
    return Effect("SHARE", _SCAN, "no", "writes", (step,))


def _pg_drop_index(op: Operation) -> Effect:
    if op.concurrently:
        return Effect("SHARE UPDATE EXCLUSIVE")
    return Effect(_SHORT, "none", "no", "", (f"DROP INDEX CONCURRENTLY {op.name}; -- outside a transaction",))


def _pg_add_constraint(op: Operation) -> Effect:
    lock = "SHARE ROW EXCLUSIVE" if op.kind is OpKind.ADD_FOREIGN_KEY else "ACCESS EXCLUSIVE"
    if not op.validated:
        return Effect(f"{lock}, short")
    both = f"writes to {op.table}" + (f" and {op.references}" if op.references else "")
    what = "FOREIGN KEY" if op.kind is OpKind.ADD_FOREIGN_KEY else "CHECK"
    name = op.name or f"{op.table}_constraint"
    steps = (
        f"ALTER TABLE {op.table} ADD CONSTRAINT {name} {what} … NOT VALID;",
        f"ALTER TABLE {op.table} VALIDATE CONSTRAINT {name}; -- in a later transaction",
    )
    return Effect(lock, _SCAN, "rows that break it must be mended first", both, steps)


def _pg_add_unique(op: Operation) -> Effect:
    if op.existing_index:
        return Effect(_SHORT)
    name = op.name or f"{op.table}_key"
    what = "PRIMARY KEY" if op.kind is OpKind.ADD_PRIMARY_KEY else "UNIQUE"
    steps = (
        f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {op.table} ({', '.join(op.keys) or '…'});",
        f"ALTER TABLE {op.table} ADD CONSTRAINT {name} {what} USING INDEX {name};",
    )
    return Effect(
        "ACCESS EXCLUSIVE", "index built under the lock", "duplicates must be mended first", "reads and writes", steps
    )


def _expand_contract(op: Operation, new: str, type_: str = "") -> tuple[str, ...]:
    return (
        f"add {op.table}.{new}{' ' + type_ if type_ else ''} beside {op.table}.{op.name}",
        "release code that writes both",
        f"fill {new} in batches",
        "release code that reads only the new one",
        f"drop {op.table}.{op.name} in a later release",
    )


def _pg_alter_type(op: Operation) -> Effect:
    if safe_widening(op):
        return Effect(_SHORT, "none if it was a varchar")
    type_ = sql_type(op)
    return Effect("ACCESS EXCLUSIVE", _REWRITE, "no", "reads and writes", _expand_contract(op, f"{op.name}_new", type_))


def _drop_column(op: Operation) -> Effect:
    steps = (
        f"release code that no longer reads or writes {op.table}.{op.name}",
        f"ALTER TABLE {op.table} DROP COLUMN {op.name}; -- in the release after that",
    )
    return Effect(_SHORT, "none", "no", "", steps)


def _drop_table(op: Operation) -> Effect:
    steps = (
        f"release code that no longer uses {op.table}",
        f"keep a copy, then DROP TABLE {op.table}; -- in the release after that",
    )
    return Effect(_SHORT, "none", "no", "", steps)


def _rename_column(op: Operation) -> Effect:
    return Effect(_SHORT, "none", "no", "", _expand_contract(op, op.new_name))


def _rename_table(op: Operation) -> Effect:
    steps = (
        f"ALTER TABLE {op.table} RENAME TO {op.new_name}; CREATE VIEW {op.table} AS SELECT * FROM {op.new_name}; -- one transaction",  # noqa: S608  advice, never run
        f"release code that uses {op.new_name}",
        f"DROP VIEW {op.table}; -- in a later release",
    )
    return Effect(_SHORT, "none", "no", "", steps)


def _rows(op: Operation) -> Effect:
    scope = "every row" if op.whole_table else "matching rows"
    steps = (f"in batches by key: UPDATE {op.table} SET … WHERE id BETWEEN :from AND :to; -- commit after each",)  # noqa: S608  advice, never run
    return Effect(
        "ROW EXCLUSIVE, row locks until commit", scope, "this is the backfill", "", () if op.batched else steps
    )


def _reindex(op: Operation) -> Effect:
    if op.concurrently:
        return Effect("SHARE UPDATE EXCLUSIVE")
    return Effect(
        "ACCESS EXCLUSIVE", "rebuild under the lock", "no", "reads and writes", (f"REINDEX … CONCURRENTLY {op.table};",)
    )


def _always(lock: str, work: str = "none") -> Judge:
    return lambda _op: Effect(lock, work)


_POSTGRESQL: dict[OpKind, Judge] = {
    OpKind.ADD_COLUMN: _pg_add_column,
    OpKind.DROP_COLUMN: _drop_column,
    OpKind.RENAME_COLUMN: _rename_column,
    OpKind.ALTER_TYPE: _pg_alter_type,
    OpKind.SET_NOT_NULL: _pg_set_not_null,
    OpKind.DROP_NOT_NULL: _always(_SHORT),
    OpKind.SET_DEFAULT: _always(_SHORT),
    OpKind.DROP_DEFAULT: _always(_SHORT),
    OpKind.ADD_INDEX: _pg_add_index,
    OpKind.DROP_INDEX: _pg_drop_index,
    OpKind.REINDEX: _reindex,
    OpKind.ADD_FOREIGN_KEY: _pg_add_constraint,
    OpKind.ADD_CHECK: _pg_add_constraint,
    OpKind.ADD_UNIQUE: _pg_add_unique,
    OpKind.ADD_PRIMARY_KEY: _pg_add_unique,
    OpKind.DROP_CONSTRAINT: _always(_SHORT),
    OpKind.VALIDATE_CONSTRAINT: _always("SHARE UPDATE EXCLUSIVE", "full scan, writes go on"),
    OpKind.DROP_TABLE: _drop_table,
    OpKind.RENAME_TABLE: _rename_table,
    OpKind.TRUNCATE: _always("ACCESS EXCLUSIVE", "every row removed"),
    OpKind.UPDATE: _rows,
    OpKind.DELETE: _rows,
    OpKind.INSERT: _always("ROW EXCLUSIVE", "copied rows"),
    OpKind.RUN_CODE: _always("row locks until commit", "depends on the code"),
    OpKind.ENUM_VALUE: _always("none", "none (a new value cannot be used in the same transaction)"),
    OpKind.DISABLE_SAFETY: _always("none", "none"),
}


def _mysql_copy(op: Operation) -> Effect:
    if op.online:
        return Effect("metadata lock, short", "in place, as stated")
    tool = (f"change {op.object} with gh-ost or pt-online-schema-change, or prove ALGORITHM=INPLACE, LOCK=NONE",)
    return Effect("SHARED, for the copy", "table copy, writes wait", "no", "writes", tool)


def _mysql_column(op: Operation) -> Effect:
    column = op.column
    if column is not None and column.not_null and column.default is Default.NONE:
        steps = (
            f"ALTER TABLE {op.table} ADD COLUMN {column.name} {sql_type(op)} NULL;",
            f"release code that writes {op.table}.{column.name}; fill it in batches",
            f"ALTER TABLE {op.table} MODIFY {column.name} {sql_type(op)} NOT NULL;",
        )
        return Effect("metadata lock, short", "existing rows get the type's zero value", "yes", "", steps)
    return Effect("metadata lock, short", "none (instant)")


def _mysql_index(op: Operation) -> Effect:
    del op
    return Effect("metadata lock, short", "scan, writes go on (InnoDB online)")


_MYSQL: dict[OpKind, Judge] = {
    **_POSTGRESQL,
    OpKind.ADD_COLUMN: _mysql_column,
    OpKind.ADD_INDEX: _mysql_index,
    OpKind.DROP_INDEX: _always("metadata lock, short"),
    OpKind.ADD_UNIQUE: _mysql_index,
    OpKind.ADD_FOREIGN_KEY: _mysql_copy,
    OpKind.ADD_CHECK: _mysql_copy,
    OpKind.ALTER_TYPE: _mysql_copy,
    OpKind.SET_NOT_NULL: _mysql_copy,
    OpKind.ADD_PRIMARY_KEY: _mysql_copy,
    OpKind.REINDEX: _mysql_copy,
    OpKind.DROP_COLUMN: lambda op: _drop_column(op)._replace(lock="metadata lock, short"),
    OpKind.RENAME_COLUMN: lambda op: _rename_column(op)._replace(lock="metadata lock, short"),
}
_SQLITE_REBUILDS = frozenset({OpKind.ALTER_TYPE, OpKind.DROP_COLUMN, OpKind.SET_NOT_NULL, OpKind.ADD_FOREIGN_KEY})
