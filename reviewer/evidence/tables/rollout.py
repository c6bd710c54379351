"""Two columns of the schema table: does the release that runs meanwhile keep working, and does the change go back?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reviewer.evidence.sql.django import IDLE
from reviewer.evidence.sql.effect import REBUILD
from reviewer.evidence.sql.judged import Setting
from reviewer.evidence.sql.narrowing import lost
from reviewer.evidence.sql.operation import Column, Default, Operation, OpKind
from reviewer.evidence.sql.widening import Widening, widening

_GOES = frozenset({OpKind.DROP_COLUMN, OpKind.DROP_TABLE, OpKind.RENAME_COLUMN, OpKind.RENAME_TABLE})
_SAFE = {
    OpKind.SET_NOT_NULL: "only if it always writes the column",
    OpKind.DROP_NOT_NULL: "only if it can read NULL, once NULL is written",
    OpKind.ALTER_TYPE: "only if it can read and write the new type",
    OpKind.ADD_UNIQUE: "only if it never writes duplicates",
    OpKind.ADD_PRIMARY_KEY: "only if it never writes duplicates",
    OpKind.ADD_CHECK: "only if it never breaks the check",
    OpKind.ADD_FOREIGN_KEY: "only if it never writes orphans",
    OpKind.DROP_DEFAULT: "only if it always writes the column",
    OpKind.ENUM_VALUE: "only if it can read a value it does not know",
    OpKind.UPDATE: "only if it can work with the new values",
    OpKind.DELETE: "only if it does not need those rows",
    OpKind.TRUNCATE: "the rows are gone",
    OpKind.RUN_CODE: "not known: it depends on the code",
    OpKind.OTHER: "not known",
}
_LACKS = "no: its INSERTs lack the column"


class Added(NamedTuple):
    """The columns the change adds, by (table, column) in lower case: the running release knows none of them."""

    columns: Mapping[tuple[str, str], Column]

    def column(self, op: Operation, name: str) -> Column | None:
        return self.columns.get((op.table.lower(), name.lower()))

    def all_of(self, op: Operation) -> bool:
        """Whether every column the operation is about is added by the change."""
        names = op.keys or ((op.name,) if op.name else ())
        return bool(names) and all(self.column(op, name) is not None for name in names)


def old_code_safe(op: Operation, setting: Setting, added: Added, was: str, *, new_table: bool) -> str:  # noqa: PLR0911  one line a kind
    """Whether the release that runs while this migrates keeps working."""
    if new_table or op.state_only or op.kind is OpKind.CREATE_TABLE:
        return "yes"
    if op.kind in _GOES:
        return _without(op, setting)
    if op.kind is OpKind.ADD_COLUMN:
        return _with_column(op.column)
    if op.kind is OpKind.ADD_INDEX:
        return _SAFE[OpKind.ADD_UNIQUE] if op.unique and not added.all_of(op) else "yes"
    if op.kind in {OpKind.SET_NOT_NULL, OpKind.DROP_DEFAULT}:
        column = added.column(op, op.name)
        if column is not None:
            return _required(op, column)
    if op.kind in {OpKind.ADD_FOREIGN_KEY, OpKind.ADD_UNIQUE, OpKind.UPDATE, OpKind.DROP_NOT_NULL} and added.all_of(op):
        return "yes: it does not know the column"
    if op.kind is OpKind.ALTER_TYPE and widening(was, op.column) is Widening.FREE:
        return "yes: what it reads and writes still fits"
    if op.kind is OpKind.OTHER:
        return _of_other(op)
    return _SAFE.get(op.kind, "yes")


def _of_other(op: Operation) -> str:
    if op.new_name.startswith(("rename index", "create extension")):
        return "yes"
    if op.new_name == REBUILD:
        return "yes, as far as the columns it names stay"
    return "only if it no longer uses it" if op.new_name.startswith("drop ") else "not known"


def _without(op: Operation, setting: Setting) -> str:
    usage = setting.usage(op)
    if usage.referenced is None:
        return "not known: no base tree to look in"
    if usage.referenced:
        return f"no: base code names it at {', '.join(usage.places)}"
    return "yes as far as seen: base code does not name it"


def _with_column(column: Column | None) -> str:
    if column is None or not column.not_null or column.primary_key:
        return "yes"
    if column.default is Default.NONE:
        return _LACKS
    if column.default is Default.APPLICATION:
        return f"{_LACKS}, the database keeps no default"
    return "yes"


def _required(op: Operation, column: Column) -> str:
    """A column that becomes required, or loses its default, in the change that adds it."""
    if op.kind is OpKind.SET_NOT_NULL:
        return "yes" if column.default in {Default.CONSTANT, Default.VOLATILE} else _LACKS
    return f"{_LACKS}, and its default is gone" if column.not_null else "yes"


def reversible(op: Operation, added: Added, was: str, *, back: bool) -> str:  # noqa: PLR0911  one line a kind
    """Whether the change goes back, by a stated way or by hand, and what does not come back with it."""
    stated = bool(op.reversible or back) and op.reversible is not False
    if op.kind in {OpKind.DROP_COLUMN, OpKind.DROP_TABLE}:
        return "structure only, the data is lost" if back or op.tool in {"django", "model"} else "no: the data is lost"
    if op.kind in {OpKind.TRUNCATE, OpKind.DELETE}:
        return "no: the data is lost"
    if op.kind is OpKind.ENUM_VALUE:
        return "no: enum values cannot be removed" if op.new_name.startswith("add") else _by_hand(stated=stated)
    if op.kind is OpKind.UPDATE and not added.all_of(op):
        return "only what its way back restores" if stated else "no: the old values are overwritten"
    if op.kind is OpKind.RUN_CODE:
        if op.new_name == IDLE:
            return "the way back does nothing: what the code did stays"
        return "as far as its way back goes" if stated else "no way back is stated"
    if op.state_only:
        return "yes"
    told = _by_hand(stated=stated)
    if op.kind is OpKind.DROP_NOT_NULL:
        return f"{told}; while no row holds NULL"
    if op.kind is OpKind.ALTER_TYPE and was and op.column is not None:
        gone = lost(op.column.stored or op.column.type, was)
        return f"{told}; {gone} do not fit then" if gone else told
    return told


def _by_hand(*, stated: bool) -> str:
    return "yes" if stated else "by hand: no way back is stated"
