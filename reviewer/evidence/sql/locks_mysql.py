"""MySQL 8 (InnoDB): which changes are instant, which are made in place while writes go on, and which copy the table.

From the manual's "Online DDL Operations". Every form takes the metadata lock exclusively for a moment, and waits for
open transactions on the table to get it.
"""

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
    SWAP,
    Effect,
    Judge,
    Known,
    always,
)
from reviewer.evidence.sql.operation import Default, Operation, OpKind
from reviewer.evidence.sql.widening import Widening, widening

_SHORT = "metadata lock, short"
_INSTANT = "none (instant)"
_METADATA = "none (metadata only)"
_REBUILD = "table rebuilt in place, writes go on"
_SCAN = "scan, writes go on (InnoDB online)"
_WRITES_WAIT = "SHARED, for the copy"
_OTHER_INDEX = re.compile(r"\b(?:FULLTEXT|SPATIAL)\b", re.IGNORECASE)
_CHARACTERS = re.compile(r"\b(?:COLLATE|CHARACTER\s+SET|CHARSET)\b", re.IGNORECASE)


def _copy(op: Operation, _known: Known) -> Effect:
    if op.online:
        return Effect(_SHORT, "in place, as stated")
    tool = (f"change {op.object} with gh-ost or pt-online-schema-change, or prove ALGORITHM=INPLACE, LOCK=NONE",)
    return Effect(_WRITES_WAIT, "table copy, writes wait", "no", "writes", tool)


def _add_column(op: Operation, known: Known) -> Effect:
    column = op.column
    if column is None:
        return Effect(_SHORT, _INSTANT)
    if column.default is Default.VOLATILE:
        return _copy(op, known)._replace(backfill="done by the copy")
    if column.not_null and column.default is Default.NONE and not column.primary_key:
        type_ = sequences.sql_type(op)
        steps = (
            f"ALTER TABLE {op.table} ADD COLUMN {column.name} {type_} NULL;",
            f"release code that writes {op.table}.{column.name}; fill it in batches",
            f"ALTER TABLE {op.table} MODIFY {column.name} {type_} NOT NULL;",
        )
        return Effect(_SHORT, "none (instant); existing rows get the type's zero value", "yes", "", steps)
    backfill = "existing rows get the ORM's default" if column.default is Default.APPLICATION else "no"
    work = f"none (instant), then its index: {_SCAN}" if column.unique or column.indexed else _INSTANT
    return Effect(_SHORT, work, backfill)


def _alter_type(op: Operation, known: Known) -> Effect:
    if op.online:
        return Effect(_SHORT, "in place, as stated")
    text = op.column.type if op.column is not None else ""
    if not _CHARACTERS.search(op.text):
        grows = widening(known.was, op.column, bytes_of_length=True)
        if grows is Widening.FREE:
            return Effect(_SHORT, "none if nothing but the length grows (in place)")
        if grows is Widening.SAME:
            return Effect(_SHORT, f"none, or {_REBUILD}, if NULL or NOT NULL changes")
    found = _copy(op, known)
    if text.lower().startswith("enum"):
        return found._replace(work="table copy, writes wait (instant if values are only added at the end)")
    if known.was or op.online:
        return found
    return found._replace(work="table copy, writes wait, unless the type stays as it is")


def _set_not_null(op: Operation, _known: Known) -> Effect:
    steps = (
        f"release code that writes {op.object}",
        f"fill {op.object} in batches WHERE {op.name} IS NULL",
        f"ALTER TABLE {op.table} MODIFY {op.name} … NOT NULL, ALGORITHM=INPLACE, LOCK=NONE;",
    )
    return Effect(_SHORT, _REBUILD, FILL_NULLS, "", steps)


def _index(op: Operation, _known: Known) -> Effect:
    backfill = MEND_DUPLICATES if op.unique or op.kind is OpKind.ADD_UNIQUE else "no"
    if _OTHER_INDEX.search(op.text):
        return Effect("SHARED, while it is built", "index built, writes wait", backfill, "writes")
    return Effect(_SHORT, _SCAN, backfill)


def _foreign_key(op: Operation, known: Known) -> Effect:
    found = _copy(op, known)
    backfill = "no" if known.new_column else MEND_ROWS
    return found._replace(work=f"{found.work} (in place with foreign_key_checks off)", backfill=backfill)


def _drop_constraint(op: Operation, known: Known) -> Effect:
    return _copy(op, known) if op.name.lower() == "primary key" else Effect(_SHORT, _METADATA)


def _drop_column(op: Operation, _known: Known) -> Effect:
    work = f"none (instant from 8.0.29; before: {_REBUILD})"
    return Effect(_SHORT, work, "no", "", sequences.drop_column(op))


def _rows(op: Operation, _known: Known) -> Effect:
    scope = "every row" if op.whole_table else "matching rows"
    backfill = "no" if op.kind is OpKind.DELETE else "this is the backfill"
    return Effect("row locks until commit", scope, backfill, "", sequences.batches(op))


def _other(op: Operation, _known: Known) -> Effect:
    if op.new_name.startswith("rename index"):
        return Effect(_SHORT, _METADATA)
    if op.new_name == REBUILD:
        return Effect("metadata lock at the swap", SWAP, "done by the copy", "", sequences.swap(op))
    return Effect("not known", "not known", "not known")


MYSQL: Mapping[OpKind, Judge] = MappingProxyType(
    {
        OpKind.ADD_COLUMN: _add_column,
        OpKind.DROP_COLUMN: _drop_column,
        OpKind.RENAME_COLUMN: lambda op, _: Effect(
            _SHORT, _METADATA, "no", "", sequences.expand_contract(op, op.new_name)
        ),
        OpKind.ALTER_TYPE: _alter_type,
        OpKind.SET_NOT_NULL: _set_not_null,
        OpKind.DROP_NOT_NULL: always(_SHORT, _REBUILD),
        OpKind.SET_DEFAULT: always(_SHORT, _INSTANT),
        OpKind.DROP_DEFAULT: always(_SHORT, _INSTANT),
        OpKind.ADD_INDEX: _index,
        OpKind.DROP_INDEX: always(_SHORT, _METADATA),
        OpKind.REINDEX: always(_SHORT, _REBUILD),
        OpKind.ADD_FOREIGN_KEY: _foreign_key,
        OpKind.ADD_CHECK: lambda op, known: _copy(op, known)._replace(backfill=MEND_ROWS),
        OpKind.ADD_UNIQUE: _index,
        OpKind.ADD_PRIMARY_KEY: always(_SHORT, _REBUILD, MEND_DUPLICATES),
        OpKind.DROP_CONSTRAINT: _drop_constraint,
        OpKind.DROP_TABLE: lambda op, _: Effect(_SHORT, "none", "no", "", sequences.drop_table(op)),
        OpKind.RENAME_TABLE: lambda op, _: Effect(
            _SHORT, _METADATA, "no", "", sequences.rename_table(op, atomic=False)
        ),
        OpKind.TRUNCATE: always("metadata lock", "every row removed"),
        OpKind.UPDATE: _rows,
        OpKind.DELETE: _rows,
        OpKind.INSERT: always("row locks until commit", "the rows it adds"),
        OpKind.RUN_CODE: always("row locks until commit", BY_CODE, BY_CODE),
        OpKind.DISABLE_SAFETY: always("none"),
        OpKind.OTHER: _other,
    }
)
