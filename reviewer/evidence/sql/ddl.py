"""One SQL statement into schema operations: a small reader for the DDL of PostgreSQL, MySQL, SQLite and SQL Server.

It reads clauses, not a grammar, so that an exotic clause costs one operation and never the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from reviewer.evidence.sql.columns import ID, column_names, definition, name_of, references_of, split_commas
from reviewer.evidence.sql.operation import Default, Operation, OpKind
from reviewer.evidence.sql.split import Statement, split

NAME = rf"{ID}(?:\s*\.\s*{ID})*"
_IF = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
_FLAGS = re.IGNORECASE | re.DOTALL

_CREATE_TABLE = re.compile(
    rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?P<temp>(?:GLOBAL\s+|LOCAL\s+)?TEMP(?:ORARY)?\s+)?(?:UNLOGGED\s+)?TABLE\s+{_IF}(?P<table>{NAME})\s*(?P<body>.*)",
    _FLAGS,
)
_ALTER_TABLE = re.compile(
    rf"ALTER\s+(?:FOREIGN\s+)?TABLE\s+{_IF}(?:ONLY\s+)?(?P<table>{NAME})\s+\*?\s*(?P<body>.*)", _FLAGS
)
_CREATE_INDEX = re.compile(
    rf"CREATE\s+(?P<unique>UNIQUE\s+)?(?:(?:FULLTEXT|SPATIAL|CLUSTERED|NONCLUSTERED)\s+)*INDEX\s+(?P<conc>CONCURRENTLY\s+)?{_IF}(?P<name>(?!ON\b){NAME})?\s*ON\s+(?:ONLY\s+)?(?P<table>{NAME})(?P<rest>.*)",
    _FLAGS,
)
_DROP = re.compile(
    rf"DROP\s+(?P<what>TABLE|INDEX|TYPE|VIEW|MATERIALIZED\s+VIEW|SCHEMA|DATABASE|SEQUENCE|TRIGGER|FUNCTION)\s+(?P<conc>CONCURRENTLY\s+)?{_IF}(?P<names>{NAME}(?:\s*,\s*{NAME})*)(?P<rest>.*)",
    _FLAGS,
)
_FOREIGN_KEY = re.compile(
    rf"\s*(?:CONSTRAINT\s+{ID}\s+)?FOREIGN\s+KEY\s*(?:{ID}\s*)?\((?P<keys>[^)]+)\)(?P<rest>.*)", _FLAGS
)
_ONLINE = re.compile(r"ALGORITHM\s*=?\s*(?:INPLACE|INSTANT)|LOCK\s*=?\s*NONE", re.IGNORECASE)
_ACTION = re.compile(
    r"(?:ADD|DROP|ALTER|RENAME|MODIFY|CHANGE|VALIDATE|SET|DISABLE|ENABLE|ALGORITHM|LOCK|OWNER|ATTACH|DETACH|CONVERT)\b",
    re.IGNORECASE,
)
_ADD = re.compile(r"ADD\b", re.IGNORECASE)
_RENAME_TABLE = re.compile(rf"RENAME\s+TABLE\s+(?P<table>{NAME})\s+TO\s+(?P<new>{NAME})", _FLAGS)
_RENAME_INDEX = re.compile(rf"ALTER\s+INDEX\s+{_IF}(?P<name>{NAME})\s+RENAME\s+TO\s+(?P<new>{NAME})", _FLAGS)
_TRUNCATE = re.compile(rf"TRUNCATE\s+(?:TABLE\s+)?(?:ONLY\s+)?(?P<table>{NAME})", _FLAGS)
_REBUILD = re.compile(
    rf"(?:REINDEX\s+(?:\([^)]*\)\s*)?(?:TABLE|INDEX|SCHEMA|DATABASE|SYSTEM)\s+(?P<conc>CONCURRENTLY\s+)?|VACUUM\s+\(?\s*FULL\)?\s+|CLUSTER\s+)(?P<table>{NAME})?",
    _FLAGS,
)
_UPDATE = re.compile(rf"UPDATE\s+(?:ONLY\s+)?(?P<table>{NAME})\s.*?\bSET\b", _FLAGS)
_DELETE = re.compile(rf"DELETE\s+FROM\s+(?:ONLY\s+)?(?P<table>{NAME})", _FLAGS)
_DELETE_FROM = re.compile(rf"DELETE\s+(?P<table>{NAME})\s+FROM\s+(?P<rest>.*)", _FLAGS)
_WITH = re.compile(r"WITH\s+(?:RECURSIVE\s+)?.*", _FLAGS)
_INSERT = re.compile(rf"(?:INSERT|REPLACE)\s+INTO\s+(?P<table>{NAME})(?P<rest>.*)", _FLAGS)
_ENUM = re.compile(rf"ALTER\s+TYPE\s+(?P<table>{NAME})\s+(?P<verb>ADD|RENAME)\s+VALUE\b(?P<rest>.*)", _FLAGS)
_DO = re.compile(r"DO\s+(?:LANGUAGE\s+\w+\s+)?(?P<body>'.*)", _FLAGS)
_BLOCK_WORDS = re.compile(
    r"^(?:\s*(?:BEGIN(?!\s+(?:TRAN|WORK))|EXCEPTION\s+WHEN.*?THEN|ELSE|IF\b.*?\bTHEN|DECLARE))+\s+", _FLAGS
)
_SAFEGUARD = re.compile(
    r"(?P<foreign>SET\s+(?:GLOBAL\s+|SESSION\s+|@@\w*\.?)?FOREIGN_KEY_CHECKS\s*=\s*(?:0|OFF))"
    r"|(?P<replica>SET\s+(?:SESSION\s+|LOCAL\s+)?SESSION_REPLICATION_ROLE\s*(?:=|TO)\s*'?REPLICA\b)"
    r"|(?P<pragma>PRAGMA\s+(?:SYNCHRONOUS\s*=\s*(?:OFF|0)|FOREIGN_KEYS\s*=\s*(?:OFF|0)))"
    r"|(?P<fsync>(?:ALTER\s+SYSTEM\s+)?SET\s+(?:SESSION\s+|LOCAL\s+)?(?:FSYNC|SYNCHRONOUS_COMMIT|FULL_PAGE_WRITES)\s*(?:=|TO)\s*'?OFF\b)"
    r"|(?P<dirty>SET\s+(?:SESSION\s+|GLOBAL\s+)?TRANSACTION\s+ISOLATION\s+LEVEL\s+READ\s+UNCOMMITTED)",
    _FLAGS,
)

Reader = Callable[[re.Match[str], Statement], Iterator[Operation]]


def read(statement: Statement, path: str = "", tool: str = "sql") -> tuple[Operation, ...]:
    """The operations of one statement, () where it changes nothing we know of. Never raises."""
    operations: list[Operation] = []
    for pattern, reader in _READERS:
        match = pattern.match(statement.text if pattern is _SAFEGUARD else statement.bare)
        if match is not None:
            operations.extend(reader(match, statement))
            break
    return tuple(
        op.but(
            path=path,
            tool=tool,
            line=op.line or statement.line,
            end_line=op.end_line or statement.end_line,
            text=op.text or statement.text,
            down=op.down or statement.down,
            assured=op.assured or statement.assured,
            in_transaction=op.in_transaction and statement.in_transaction,
        )
        for op in operations
    )


def read_all(sql: str, path: str = "", *, first_line: int = 1, tool: str = "sql") -> tuple[Operation, ...]:
    """The operations of a whole SQL text, in order."""
    found = tuple(op for statement in split(sql, first_line) for op in read(statement, path, tool))
    if not any(op.kind is OpKind.DISABLE_SAFETY for op in found):
        return found
    return tuple(replace(op, reversible=_switched_on_again(op, sql)) for op in found)


_ON_AGAIN = re.compile(
    r"FOREIGN_KEY_CHECKS\s*=\s*(?:1|ON|@\w+)|FOREIGN_KEYS\s*=\s*(?:1|ON|TRUE)|SESSION_REPLICATION_ROLE\s*(?:=|TO)\s*'?(?:ORIGIN|DEFAULT)"
    r"|SYNCHRONOUS\s*=\s*(?:NORMAL|FULL|EXTRA|1|2|3)|SYNCHRONOUS_COMMIT\s*(?:=|TO)\s*'?(?:ON|DEFAULT)|ENABLE\s+TRIGGER\b",
    re.IGNORECASE,
)


def _switched_on_again(op: Operation, sql: str) -> bool | None:
    """Of a safeguard that is switched off: whether the same script switches it on again, further down."""
    if op.kind is not OpKind.DISABLE_SAFETY:
        return op.reversible
    return _ON_AGAIN.search(sql, sql.find(op.text) + len(op.text)) is not None


def _create_table(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    table, body = name_of(match["table"]), match["body"]
    if match["temp"]:
        return
    parts = split_commas(_inside(body)) if body.startswith("(") else ()
    columns = [column for part in parts if (column := definition(part.text)) is not None]
    targets = dict(_keys(part.text for part in parts))
    pointing = (replace(column, references=column.references or targets.get(column.name, "")) for column in columns)
    yield Operation(OpKind.CREATE_TABLE, table, columns=tuple(pointing), text=statement.text)


def _keys(parts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The first column and the target of each `FOREIGN KEY (…) REFERENCES …` of a table."""
    for part in parts:
        match = _FOREIGN_KEY.match(part)
        if match is not None:
            yield column_names(match["keys"])[0], references_of(match["rest"])


def _alter_table(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    from reviewer.evidence.sql.alter import read_action

    table = name_of(match["table"])
    start = match.start("body")
    parts = split_commas(match["body"])
    online = _ONLINE.search(match["body"])
    previous = ""
    for part in parts:
        offset = start + part.offset
        line = statement.line + statement.bare.count("\n", 0, offset)
        text = part.text
        if previous and _ACTION.match(text) is None:
            text = f"{previous} {text}"  # Oracle and SQL Server: ADD a int, b int
        previous = "ADD" if _ADD.match(text) else ""
        for op in read_action(table, text):
            yield op.but(
                line=line,
                end_line=line + part.text.count("\n"),
                online=online is not None,
                text=f"ALTER TABLE {table} {part.text}",
            )


def _create_index(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    rest = match["rest"]
    keys = column_names(_inside(rest[rest.index("(") :])) if "(" in rest else ()
    yield Operation(
        OpKind.ADD_INDEX,
        name_of(match["table"]),
        name_of(match["name"] or ""),
        keys=keys,
        unique=bool(match["unique"]),
        concurrently=bool(match["conc"]),
        online=re.search(r"ALGORITHM\s*=?\s*INPLACE|LOCK\s*=?\s*NONE|ONLINE\s*=\s*ON", rest, re.IGNORECASE) is not None,
        text=statement.text,
    )


def _drop(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    what = " ".join(match["what"].upper().split())
    for name in match["names"].split(","):
        plain = name_of(name)
        if what == "TABLE":
            yield Operation(OpKind.DROP_TABLE, plain, reversible=False)
        elif what == "INDEX":
            on = re.match(rf"\s*ON\s+(?P<table>{NAME})", match["rest"], re.IGNORECASE)
            table = name_of(on["table"]) if on else ""
            yield Operation(OpKind.DROP_INDEX, table, plain, concurrently=bool(match["conc"]))
        else:
            yield Operation(OpKind.OTHER, plain, text=statement.text, name="", new_name=f"drop {what.lower()}")


def _rename_table(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    yield Operation(OpKind.RENAME_TABLE, name_of(match["table"]), new_name=name_of(match["new"]), text=statement.text)


def _rename_index(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    said = f"rename index to {name_of(match['new'])}"
    yield Operation(OpKind.OTHER, "", name_of(match["name"]), new_name=said, text=statement.text)


def _truncate(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    yield Operation(OpKind.TRUNCATE, name_of(match["table"]), reversible=False, text=statement.text)


def _rebuild(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    yield Operation(
        OpKind.REINDEX, name_of(match["table"] or ""), concurrently=bool(match["conc"]), text=statement.text
    )


def _update(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    yield Operation(
        OpKind.UPDATE,
        name_of(match["table"]),
        whole_table=not _narrowed(statement.bare),
        keys=column_names(re.sub(r"=.*", "", statement.bare[match.end() :], flags=_FLAGS)),
        text=statement.text,
    )


def _delete(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    whole = not _narrowed(statement.bare)
    yield Operation(OpKind.DELETE, name_of(match["table"]), whole_table=whole, reversible=False, text=statement.text)


def _delete_from(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    """MySQL's `DELETE o FROM orders o JOIN …`: the name before FROM is an alias as a rule."""
    alias = name_of(match["table"])
    named = re.search(rf"(?P<table>{NAME})\s+(?:AS\s+)?{re.escape(alias)}\b", match["rest"], _FLAGS)
    table = name_of(named["table"]) if named and named["table"].upper() not in {"JOIN", "FROM"} else alias
    yield Operation(
        OpKind.DELETE, table, whole_table=not _narrowed(statement.bare), reversible=False, text=statement.text
    )


def _with(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    """The statement after the common table expressions."""
    depth = 0
    for mark in re.finditer(r"[()]|\b(?:UPDATE|DELETE|INSERT)\b", match[0], re.IGNORECASE):
        if mark[0] in "()":
            depth += 1 if mark[0] == "(" else -1
        elif depth == 0:
            cut = match.start() + mark.start()
            skipped = statement.line + statement.bare.count("\n", 0, cut)
            inner = statement._replace(text=statement.text[cut:], bare=statement.bare[cut:], line=skipped)
            yield from read(inner)
            return


def _insert(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    if re.search(r"\bSELECT\b", match["rest"], re.IGNORECASE):
        yield Operation(OpKind.INSERT, name_of(match["table"]), text=statement.text)


def _enum(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    verb = match["verb"].lower()
    value = re.search(r"'([^']*)'", statement.text)
    yield Operation(
        OpKind.ENUM_VALUE,
        name_of(match["table"]),
        value[1] if value else "",
        new_name=f"{verb} value",
        reversible=False,
        text=statement.text,
    )


def _do(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    """A DO block holds statements of its own (drizzle writes its foreign keys that way)."""
    start = statement.text.find("$", match.start("body"))
    body = re.sub(r"^\$\w*\$|\$\w*\$\s*;?\s*$", lambda tag: " " * len(tag[0]), statement.text[start:])
    line = statement.line + statement.text.count("\n", 0, start)
    for inner in split(body, line):
        lead = _BLOCK_WORDS.match(inner.bare)
        cut = lead.end() if lead else 0
        shifted = inner._replace(
            text=inner.text[cut:], bare=inner.bare[cut:], line=inner.line + inner.bare.count("\n", 0, cut)
        )
        yield from read(shifted)


def _safeguard(match: re.Match[str], statement: Statement) -> Iterator[Operation]:
    yield Operation(OpKind.DISABLE_SAFETY, name=match.lastgroup or "", text=statement.text)


def _narrowed(bare: str) -> bool:
    return re.search(r"\b(?:WHERE|LIMIT|JOIN|USING|FROM\s+\S+\s*,|TOP)\b", _after_verb(bare), re.IGNORECASE) is not None


def _after_verb(bare: str) -> str:
    """Without the FROM that belongs to DELETE itself."""
    return re.sub(r"^DELETE\s+FROM", "DELETE", bare, flags=re.IGNORECASE)


def _inside(text: str) -> str:
    """What the first parenthesis holds."""
    depth = 0
    for position, char in enumerate(text):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return text[1:position]
    return text[1:]


_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_CREATE_TABLE, _create_table),
    (_ALTER_TABLE, _alter_table),
    (_CREATE_INDEX, _create_index),
    (_DROP, _drop),
    (_RENAME_TABLE, _rename_table),
    (_RENAME_INDEX, _rename_index),
    (_TRUNCATE, _truncate),
    (_REBUILD, _rebuild),
    (_UPDATE, _update),
    (_DELETE, _delete),
    (_DELETE_FROM, _delete_from),
    (_WITH, _with),
    (_INSERT, _insert),
    (_ENUM, _enum),
    (_DO, _do),
    (_SAFEGUARD, _safeguard),
)

__all__ = ["NAME", "Default", "read", "read_all"]
