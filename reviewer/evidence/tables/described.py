"""An operation in a few words, for the schema table."""

from __future__ import annotations

import re

from reviewer.evidence.sql.locks import EDITED
from reviewer.evidence.sql.operation import Column, Default, Operation, OpKind

_MODULE = re.compile(
    r"\b(?:sa|sqlalchemy|postgresql|mysql|sqlmodel\.sql\.sqltypes|Sequelize|DataTypes|types)\.(?=[A-Za-z])"
)
_EMPTY = re.compile(r"\(\)|\([^()]*=[^()]*(?:\([^()]*\))?[^()]*\)")
_LENGTH = re.compile(r"\(length=(\d+)\)")


def type_of(column: Column) -> str:
    """The type as the database has it, or the tool's own word without its module and its options."""
    if column.stored:
        return column.stored
    written = _LENGTH.sub(r"(\1)", _MODULE.sub("", column.type))
    return _EMPTY.sub("", written)


def describe(op: Operation, was: str = "") -> str:
    """The operation in a few words, with type, target and tool where they matter."""
    column = op.column
    if op.kind is OpKind.OTHER:
        return op.new_name or "other"
    text = op.kind.value
    if op.kind is OpKind.CREATE_TABLE:
        text += f" ({len(op.columns)} columns)" if op.columns else ""
    elif op.kind in {OpKind.RENAME_COLUMN, OpKind.RENAME_TABLE}:
        text += f" to {op.new_name}"
    elif op.kind in {OpKind.ADD_INDEX, OpKind.ADD_UNIQUE, OpKind.ADD_PRIMARY_KEY, OpKind.ADD_FOREIGN_KEY}:
        text += f" on ({', '.join(op.keys)})" if op.keys else ""
        text += f" to {op.references}" if op.references else ""
        text += f", on delete {op.on_delete.lower()}" if op.on_delete else ""
    elif column is not None and op.kind in {OpKind.ADD_COLUMN, OpKind.ALTER_TYPE}:
        before = f" {was} →" if was and op.kind is OpKind.ALTER_TYPE else ""
        text += f"{before} {type_of(column)}" if column.type else ""
        text += " not null" if column.not_null and op.kind is OpKind.ADD_COLUMN else ""
        text += _default(column)
    elif op.kind is OpKind.DISABLE_SAFETY:
        text += f": {' '.join(op.text.split())[:60]}"
    elif op.kind is OpKind.ENUM_VALUE:
        text = f"{op.new_name} '{op.name}'"
    marks = [
        ("unique", op.unique and op.kind is OpKind.ADD_INDEX),
        ("concurrently", op.concurrently),
        ("not valid", not op.validated),
    ]
    marks += [
        ("state only", op.state_only),
        ("edited in place", op.tool == EDITED),
        ("every row", op.whole_table),
        ("model changed, no migration in this change", op.tool == "model"),
    ]
    notes = [word for word, holds in marks if holds]
    return text + (f" [{'; '.join(notes)}]" if notes else "")


def _default(column: Column) -> str:
    words = {
        Default.CONSTANT: "constant",
        Default.VOLATILE: "computed for each row",
        Default.APPLICATION: "from the ORM",
    }
    return f", default: {words[column.default]}" if column.default in words else ""
