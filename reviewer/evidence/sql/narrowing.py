"""A column's type that becomes narrower: values that stood in it do not fit any more.

What the type was is stated by the migration itself (Alembic's `existing_type`) or by the migration that made the
column, which is looked for in the base tree.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from reviewer.evidence.examined import Examined, Text
from reviewer.evidence.languages import language_of
from reviewer.evidence.sql.operation import Column, Operation, OpKind, Reader
from reviewer.evidence.sql.where import engine_of, is_migration_path

_INTEGERS = {
    "tinyint": 1, "smallint": 2, "int2": 2, "smallinteger": 2, "mediumint": 3, "int": 4, "integer": 4, "int4": 4,
    "serial": 4, "bigint": 8, "int8": 8, "biginteger": 8, "bigserial": 8,
}  # fmt: skip
_TEXTS = {"varchar", "char", "character varying", "character", "nvarchar", "nchar", "string", "unicode", "varchar2"}
_ENDLESS = {"text", "longtext", "mediumtext", "clob", "unicodetext"}
_FRACTIONS = {"numeric", "decimal", "float", "real", "double precision", "double"}
_MOMENTS = {"timestamp", "timestamptz", "datetime", "timestamp with time zone", "timestamp without time zone"}
_TYPE = re.compile(
    r"\s*(?:(?:sa|sqlalchemy|postgresql|mysql|sequelize|datatypes)\.)*(?P<name>[a-z][a-z0-9 ]*?)\s*(?:\((?P<inside>[^)]*)\).*)?$"
)
_KINDS = (".sql", ".py", ".rb", ".ts", ".js", ".mjs", ".cjs")
MOST_FILES = 600
MOST_BYTES = 4_000_000


def lost(was: str, now: str) -> str:  # noqa: PLR0911  one line a family
    """What does not fit into the new type, "" where everything does or where we do not know."""
    (old, old_size), (new, new_size) = parsed(was), parsed(now)
    if old in _TEXTS | _ENDLESS and new in _TEXTS and new_size and new_size[0] < _length(old, old_size):
        return f"values longer than {new_size[0]:.0f} characters"
    if old in _INTEGERS and new in _INTEGERS and _INTEGERS[new] < _INTEGERS[old]:
        return f"numbers beyond the range of {new}"
    if old in _FRACTIONS and new in _INTEGERS:
        return "everything behind the decimal point"
    if {old, new} <= {"numeric", "decimal"} and len(old_size) == len(new_size) == 2:
        if new_size[1] < old_size[1]:
            return f"every digit behind the decimal point beyond {new_size[1]:.0f}"
        if new_size[0] - new_size[1] < old_size[0] - old_size[1]:
            return f"numbers with more than {new_size[0] - new_size[1]:.0f} digits before the point"
    if old in _MOMENTS and new == "date":
        return "the time of day"
    return ""


def _length(name: str, size: tuple[float, ...]) -> float:
    """How long a text may be; 0 where that depends on the database."""
    if name in _ENDLESS:
        return math.inf
    return size[0] if size else 0


def parsed(written: str) -> tuple[str, tuple[float, ...]]:
    """A type as its name and the numbers in its parentheses; "" where it is not one."""
    match = _TYPE.match(written.lower())
    if match is None:
        return "", ()
    numbers = re.findall(r"(?<![\w.])\d+", match["inside"] or "")
    return match["name"].strip(), tuple(float(number) for number in numbers[:2])


class History:
    """What a column's type was, from the migrations of the base tree; they are read at the first question."""

    def __init__(self, examined: Examined, read: Reader) -> None:
        self._examined = examined
        self._read = read
        self._texts: tuple[tuple[str, str], ...] | None = None

    def __call__(self, op: Operation) -> str:
        """The type before `op`, as written; "" where nobody says."""
        if op.was:
            return op.was
        found, engine = "", engine_of(op.path, frozenset())
        for path, source in self._load():
            if op.table not in source or op.name not in source or path == op.path:
                continue
            if engine_of(path, frozenset()) != engine:
                continue  # another database's copy of the schema
            for earlier in self._read(path, Text(source, language_of(path))):
                column = None if earlier.down else _column_of(earlier, op)
                found = (column.stored or column.type or found) if column is not None else found
        return found

    def _load(self) -> tuple[tuple[str, str], ...]:
        if self._texts is None:
            base = self._examined.base
            wanted = sorted(path for path in base.paths() if path.endswith(_KINDS) and is_migration_path(path))
            self._texts = tuple(_bounded(sorted(base.read_many(wanted[-MOST_FILES:]).items())))
        return self._texts


def _column_of(earlier: Operation, op: Operation) -> Column | None:
    """The column as an earlier operation on the same table made it."""
    if earlier.table.lower() != op.table.lower():
        return None
    made = {OpKind.CREATE_TABLE, OpKind.ADD_COLUMN, OpKind.ALTER_TYPE}
    columns = (*earlier.columns, *((earlier.column,) if earlier.column else ())) if earlier.kind in made else ()
    return next((column for column in columns if column.name.lower() == op.name.lower()), None)


def _bounded(contents: Iterable[tuple[str, bytes]]) -> Iterable[tuple[str, str]]:
    size = 0
    for path, data in contents:
        size += len(data)
        if size > MOST_BYTES:
            return
        yield path, data.decode("utf-8", "replace")
