"""What an `AlterField` changes: it states the field as it becomes, so the app's earlier migrations are played through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from reviewer.evidence.examined import Examined
from reviewer.evidence.sql import django
from reviewer.evidence.sql.operation import Column, Default, Operation, OpKind

ALTER_FIELD = "alter field"
MOST_FILES = 400
MOST_BYTES = 4_000_000
Fields = dict[tuple[str, str], Column]


class FieldHistory:
    """The fields of an app just before an operation; each app's migrations are read at the first question about it."""

    def __init__(self, examined: Examined) -> None:
        self._examined = examined
        self._read: dict[str, tuple[tuple[str, tuple[Operation, ...]], ...]] = {}

    def altered(self, op: Operation) -> tuple[Operation, ...]:
        """What `op` does to the database, one operation each; `op` itself where the field before is not known."""
        if op.column is None or op.new_name != ALTER_FIELD:
            return (op,)
        before = self._before(op)
        return (op,) if before is None else tuple(_differences(op, before, op.column))

    def _before(self, op: Operation) -> Column | None:
        fields: Fields = {}
        for path, operations in self._app(str(PurePosixPath(op.path).parent)):
            if path > op.path:
                break
            for earlier in operations:
                if path == op.path and earlier.line >= op.line:
                    break
                _play(fields, earlier)
        return fields.get((op.table, op.name))

    def _app(self, folder: str) -> tuple[tuple[str, tuple[Operation, ...]], ...]:
        if folder not in self._read:
            tree = self._examined.head
            inside = (path for path in tree.paths() if str(PurePosixPath(path).parent) == folder)
            wanted = sorted(path for path in inside if re.match(r"\d+\w*\.py$", PurePosixPath(path).name))
            size, found = 0, []
            for path, data in sorted(tree.read_many(wanted[-MOST_FILES:]).items()):
                size += len(data)
                if size > MOST_BYTES:
                    break
                found.append((path, django.read(path, data.decode("utf-8", "replace"))))
            self._read[folder] = tuple(found)
        return self._read[folder]


def _play(fields: Fields, op: Operation) -> None:
    if op.kind is OpKind.CREATE_TABLE:
        fields.update({(op.table, column.name): column for column in op.columns})
    elif op.column is not None and (op.kind is OpKind.ADD_COLUMN or op.new_name == ALTER_FIELD):
        fields[(op.table, op.name)] = op.column
    elif op.kind is OpKind.RENAME_COLUMN:
        for old, new in ((op.name, op.new_name), (f"{op.name}_id", f"{op.new_name}_id")):
            if (op.table, old) in fields:
                fields[(op.table, new)] = replace(fields.pop((op.table, old)), name=new)
    elif op.kind is OpKind.RENAME_TABLE:
        for table, name in [key for key in fields if key[0] == op.table]:
            fields[(op.new_name, name)] = fields.pop((table, name))


def _differences(op: Operation, was: Column, now: Column) -> Iterator[Operation]:
    found = list(_changes(op, was, now))
    yield from found
    if not found:
        yield replace(op, new_name="alter field: nothing changes in the database", state_only=True)


def _changes(op: Operation, was: Column, now: Column) -> Iterable[Operation]:
    if was.stored != now.stored:
        yield replace(op, kind=OpKind.ALTER_TYPE, new_name="", was=was.stored)
    if now.not_null and not was.not_null:
        yield replace(op, kind=OpKind.SET_NOT_NULL, new_name="")
    if was.not_null and not now.not_null:
        yield replace(op, kind=OpKind.DROP_NOT_NULL, new_name="")
    if (was.default in _KEPT) != (now.default in _KEPT):
        kind = OpKind.SET_DEFAULT if now.default in _KEPT else OpKind.DROP_DEFAULT
        yield replace(op, kind=kind, new_name="")
    if now.unique and not was.unique and not now.primary_key:
        yield replace(op, kind=OpKind.ADD_UNIQUE, new_name="", keys=(op.name,), unique=True)
    if was.unique and not now.unique:
        yield replace(op, kind=OpKind.DROP_CONSTRAINT, new_name="")
    if (now.indexed and not now.unique) != (was.indexed and not was.unique):
        kind = OpKind.ADD_INDEX if now.indexed and not now.unique else OpKind.DROP_INDEX
        yield replace(op, kind=kind, new_name="", keys=(op.name,))


_KEPT = frozenset({Default.CONSTANT, Default.VOLATILE})
