"""Safe ways: the steps that spare a live table a long lock, and the running release a failure. Advice, never run."""

from __future__ import annotations

from reviewer.evidence.sql.operation import Operation


def sql_type(op: Operation) -> str:
    """The column's type where the statement is SQL; an ORM's own word for it would not run."""
    if op.column is None:
        return "…"
    return op.column.stored or (op.column.type if op.tool in {"sql", "typeorm"} else "…")


def not_null_steps(table: str, column: str, type_: str = "", *, add: bool = False) -> tuple[str, ...]:
    """The sequence that makes a column required without a long lock or a failing release (PostgreSQL)."""
    first = (
        f"ALTER TABLE {table} ADD COLUMN {column} {type_ or '…'};",
        f"release code that writes {table}.{column}",
        f"fill {table}.{column} in batches WHERE {column} IS NULL",
    )
    return (
        *(first if add else first[1:]),
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_not_null CHECK ({column} IS NOT NULL) NOT VALID;",
        f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_{column}_not_null;",
        f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_not_null;",
    )


def expand_contract(op: Operation, new: str, type_: str = "") -> tuple[str, ...]:
    """A second column beside the first, and two releases."""
    return (
        f"add {op.table}.{new}{' ' + type_ if type_ not in {'', '…'} else ''} beside {op.table}.{op.name}",
        "release code that writes both",
        f"fill {new} in batches",
        "release code that reads only the new one",
        f"drop {op.table}.{op.name} in a later release",
    )


def drop_column(op: Operation) -> tuple[str, ...]:
    """First the code, then the column."""
    return (
        f"release code that no longer reads or writes {op.table}.{op.name}",
        f"ALTER TABLE {op.table} DROP COLUMN {op.name}; -- in the release after that",
    )


def drop_table(op: Operation) -> tuple[str, ...]:
    """First the code, then a copy, then the table."""
    return (
        f"release code that no longer uses {op.table}",
        f"keep a copy, then DROP TABLE {op.table}; -- in the release after that",
    )


def rename_table(op: Operation, *, atomic: bool) -> tuple[str, ...]:
    """A view under the old name for as long as the running release needs it; `atomic`: DDL can share a transaction."""
    together = " -- one transaction" if atomic else ""
    return (
        f"ALTER TABLE {op.table} RENAME TO {op.new_name}; CREATE VIEW {op.table} AS SELECT * FROM {op.new_name};{together}",  # noqa: S608  advice, never run
        f"release code that uses {op.new_name}",
        f"DROP VIEW {op.table}; -- in a later release",
    )


def batches(op: Operation) -> tuple[str, ...]:
    """An update in pieces; () where it already is one."""
    if op.batched:
        return ()
    verb = f"DELETE FROM {op.table}" if op.kind.value.startswith("delete") else f"UPDATE {op.table} SET …"  # noqa: S608  advice, never run
    return (f"in batches by key: {verb} WHERE id BETWEEN :from AND :to; -- commit after each",)


def swap(op: Operation) -> tuple[str, ...]:
    """A table that is copied and swapped: writers wait, or what they write is copied, too."""
    return (
        f"stop writers of {op.table}, or alter it in place",
        f"keep the old {op.table} under another name until the new one has proven itself",
    )
