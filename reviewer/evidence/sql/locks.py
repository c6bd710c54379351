"""What an operation does to a live table: lock, work done under it, data to fill, and the safe way.

Static knowledge of PostgreSQL (11 and later), MySQL 8 (InnoDB) and SQLite, from their manuals. "" stands for an
unknown engine, which is judged as PostgreSQL, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.evidence.sql.effect import Effect, Known
from reviewer.evidence.sql.locks_mysql import MYSQL
from reviewer.evidence.sql.locks_postgresql import POSTGRESQL
from reviewer.evidence.sql.locks_sqlite import sqlite
from reviewer.evidence.sql.operation import Operation, OpKind

NOTHING_KNOWN = Known()
EDITED = "edited"  # the tool of a difference in a CREATE TABLE that an earlier release has run already
_UNJUDGED = frozenset({"mssql", "oracle", "other"})


def effect(op: Operation, engine: str, known: Known = NOTHING_KNOWN) -> Effect:
    """The effect of `op` on `engine`. A table the same change creates holds no rows and has no readers yet."""
    if op.state_only:
        return Effect("none (state only)")
    if op.tool == EDITED:
        return Effect("none: only databases made anew run it")
    if known.new_table or op.kind is OpKind.CREATE_TABLE:
        return Effect(_on_others(op, engine))
    if engine == "sqlite":
        return sqlite(op, known)
    if engine in _UNJUDGED:
        return Effect("not known for this engine", "not known", "not known")
    judge = (MYSQL if engine == "mysql" else POSTGRESQL).get(op.kind)
    return judge(op, known) if judge is not None else Effect("not known", "not known", "not known")


def _on_others(op: Operation, engine: str) -> str:
    """A foreign key of a new table locks the tables it points to, for a moment."""
    targets = _targets(op)
    if not targets or engine not in {"", "postgresql", "mysql"}:
        return "none on existing tables"
    lock = "metadata lock" if engine == "mysql" else "SHARE ROW EXCLUSIVE"
    return f"{lock} on {', '.join(targets)}, short"


def _targets(op: Operation) -> tuple[str, ...]:
    named: Iterable[str] = (op.references, *(column.references for column in op.columns))
    if op.column is not None:
        named = (*named, op.column.references)
    return tuple(dict.fromkeys(name for name in named if name and name.lower() != op.table.lower()))
