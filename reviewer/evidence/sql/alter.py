"""One action of an ALTER TABLE as operations: what each verb of the dialects means."""

from __future__ import annotations

import re
from collections.abc import Callable

from reviewer.evidence.sql.columns import (
    ID,
    column_names,
    default_of,
    definition,
    name_of,
    on_delete_of,
    references_of,
    split_commas,
)
from reviewer.evidence.sql.operation import Column, Default, Operation, OpKind

_FLAGS = re.IGNORECASE | re.DOTALL
_IF = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
Maker = Callable[[str, re.Match[str]], tuple[Operation, ...]]


def read_action(table: str, text: str) -> tuple[Operation, ...]:
    """The operations of `text`, e.g. `ADD COLUMN c int`, on `table`; () where we do not know the verb."""
    for pattern, make in _ACTIONS:
        match = pattern.match(text)
        if match is not None:
            return make(table, match)
    return ()


def _add_constraint(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    rest = match["rest"]
    name = name_of(match["name"] or "")
    what = " ".join(match["what"].upper().split())
    keys = column_names(rest[rest.index("(") + 1 : rest.index(")")]) if re.search(r"\(.*\)", rest, re.DOTALL) else ()
    validated = re.search(r"\bNOT\s+VALID\b|\bNOCHECK\b", rest, re.IGNORECASE) is None
    using = re.search(r"\bUSING\s+INDEX\b", rest, re.IGNORECASE) is not None
    if what == "FOREIGN KEY":
        kind = OpKind.ADD_FOREIGN_KEY
    elif what.startswith("CHECK"):
        kind, keys = OpKind.ADD_CHECK, ()
    elif what == "PRIMARY KEY":
        kind = OpKind.ADD_PRIMARY_KEY
    else:
        kind = OpKind.ADD_UNIQUE
    return (
        Operation(
            kind,
            table,
            name or "_".join(keys),
            keys=keys,
            validated=validated,
            existing_index=using,
            unique=kind in (OpKind.ADD_UNIQUE, OpKind.ADD_PRIMARY_KEY),
            references=references_of(rest),
            on_delete=on_delete_of(rest),
        ),
    )


def _add_index(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    keys = column_names(match["keys"])
    unique = bool(match["unique"])
    return (
        Operation(OpKind.ADD_INDEX, table, name_of(match["name"] or "") or "_".join(keys), keys=keys, unique=unique),
    )


def add_column(table: str, column: Column) -> Operation:
    """ADD COLUMN as an operation."""
    return Operation(
        OpKind.ADD_COLUMN, table, column.name, column=column, references=column.references, on_delete=column.on_delete
    )


def _add_column(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    body = match["rest"].strip()
    if body.startswith("(") and body.endswith(")"):
        columns = [definition(part.text) for part in split_commas(body[1:-1])]
    else:
        columns = [definition(body)]
    return tuple(add_column(table, column) for column in columns if column is not None)


def _drop_column(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    return (Operation(OpKind.DROP_COLUMN, table, name_of(match["name"]), reversible=False),)


def _drop_constraint(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    return (Operation(OpKind.DROP_CONSTRAINT, table, name_of(match["name"] or "") or "primary key"),)


def _drop_index(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    return (Operation(OpKind.DROP_INDEX, table, name_of(match["name"])),)


def _rename_column(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    return (Operation(OpKind.RENAME_COLUMN, table, name_of(match["name"]), new_name=name_of(match["new"])),)


def _rename_part(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    what = "constraint" if match["what"].upper() == "CONSTRAINT" else "index"
    said = f"rename {what} to {name_of(match['new'])}"
    return (Operation(OpKind.OTHER, table, name_of(match["name"]), new_name=said, reversible=None),)


def _rename_table(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    return (Operation(OpKind.RENAME_TABLE, table, new_name=name_of(match["new"])),)


def _set_not_null(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    kind = OpKind.SET_NOT_NULL if match["verb"].upper() == "SET" else OpKind.DROP_NOT_NULL
    return (Operation(kind, table, name_of(match["name"])),)


def _set_default(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    kind = OpKind.SET_DEFAULT if match["verb"].upper() == "SET" else OpKind.DROP_DEFAULT
    return (Operation(kind, table, name_of(match["name"])),)


def _alter_type(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    rest = match["rest"]
    not_null = re.search(r"\bNOT\s+NULL\b", rest, re.IGNORECASE) is not None
    written = re.split(
        r"\b(?:USING|NOT\s+NULL|NULL|DEFAULT|COLLATE|COMMENT|AFTER|FIRST)\b", rest, maxsplit=1, flags=re.IGNORECASE
    )[0]
    column = Column(name_of(match["name"]), " ".join(written.split()), not_null=not_null, default=default_of(rest))
    return (Operation(OpKind.ALTER_TYPE, table, column.name, column=column),)


def _change(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    """MySQL CHANGE old new type: a rename, a new type, or both."""
    old, new = name_of(match["name"]), name_of(match["new"])
    operations = _alter_type(table, match)
    if old != new:
        return (Operation(OpKind.RENAME_COLUMN, table, old, new_name=new), *operations)
    return operations


def _validate(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    return (Operation(OpKind.VALIDATE_CONSTRAINT, table, name_of(match["name"])),)


def _disable(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    del match
    return (Operation(OpKind.DISABLE_SAFETY, table, "triggers"),)


def _nothing(table: str, match: re.Match[str]) -> tuple[Operation, ...]:
    del table, match
    return ()


def _action(pattern: str, make: Maker) -> tuple[re.Pattern[str], Maker]:
    return re.compile(pattern, _FLAGS), make


_ACTIONS: tuple[tuple[re.Pattern[str], Maker], ...] = (
    _action(
        rf"(?:WITH\s+(?:NO)?CHECK\s+)?ADD\s+(?:CONSTRAINT\s+{_IF}(?P<name>(?!(?:FOREIGN|UNIQUE|CHECK|PRIMARY)\b){ID})?\s*)?(?P<what>FOREIGN\s+KEY|UNIQUE(?!\s+(?:KEY|INDEX))|CHECK|PRIMARY\s+KEY|EXCLUDE)\b(?P<rest>.*)",
        _add_constraint,
    ),
    _action(
        rf"ADD\s+(?P<unique>UNIQUE\s+)?(?:FULLTEXT\s+|SPATIAL\s+)?(?:INDEX|KEY)\s+{_IF}(?P<name>{ID})?\s*(?:USING\s+\w+\s*)?\((?P<keys>.*)\)",
        _add_index,
    ),
    _action(rf"ADD\s+(?:COLUMN\s+)?{_IF}(?P<rest>[\"`\[(A-Za-z_].*)", _add_column),
    _action(rf"DROP\s+(?:CONSTRAINT|FOREIGN\s+KEY|CHECK)\s+{_IF}(?P<name>{ID})", _drop_constraint),
    _action(r"DROP\s+PRIMARY\s+KEY(?P<name>)", _drop_constraint),
    _action(rf"DROP\s+(?:INDEX|KEY)\s+{_IF}(?P<name>{ID})", _drop_index),
    _action(r"DROP\s+(?:PARTITION|SUBPARTITION)\b", _nothing),
    _action(rf"DROP\s+(?:COLUMN\s+)?{_IF}(?P<name>{ID})", _drop_column),
    _action(rf"RENAME\s+(?P<what>CONSTRAINT|INDEX|KEY)\s+(?P<name>{ID})\s+TO\s+(?P<new>{ID})", _rename_part),
    _action(r"RENAME\s+(?:CONSTRAINT|INDEX|KEY)\b", _nothing),
    _action(rf"RENAME\s+(?:TO|AS)\s+(?P<new>{ID})", _rename_table),
    _action(rf"RENAME\s+(?:COLUMN\s+)?(?P<name>{ID})\s+TO\s+(?P<new>{ID})", _rename_column),
    _action(rf"ALTER\s+(?:COLUMN\s+)?(?P<name>{ID})\s+(?P<verb>SET|DROP)\s+NOT\s+NULL", _set_not_null),
    _action(rf"ALTER\s+(?:COLUMN\s+)?(?P<name>{ID})\s+(?P<verb>SET|DROP)\s+DEFAULT", _set_default),
    _action(rf"ALTER\s+(?:COLUMN\s+)?(?P<name>{ID})\s+(?:SET\s+DATA\s+)?TYPE\s+(?P<rest>.*)", _alter_type),
    _action(r"ALTER\s+(?:INDEX|CONSTRAINT|CHECK)\b", _nothing),
    _action(rf"ALTER\s+(?:COLUMN\s+)?{ID}\s+(?:SET|ADD|DROP|RESET)\b", _nothing),
    _action(rf"ALTER\s+COLUMN\s+(?P<name>{ID})\s+(?P<rest>.*)", _alter_type),
    _action(rf"MODIFY\s+(?:COLUMN\s+)?{_IF}\(?(?P<name>{ID})\s+(?P<rest>.*)", _alter_type),
    _action(rf"CHANGE\s+(?:COLUMN\s+)?{_IF}(?P<name>{ID})\s+(?P<new>{ID})\s+(?P<rest>.*)", _change),
    _action(rf"VALIDATE\s+CONSTRAINT\s+(?P<name>{ID})", _validate),
    _action(r"DISABLE\s+TRIGGER\s+(?:ALL|USER)\b|NOCHECK\s+CONSTRAINT\b", _disable),
)

__all__ = ["Default", "add_column", "read_action"]
