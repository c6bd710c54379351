"""Migrations in TypeScript and JavaScript: TypeORM query runners, knex schema builders, Sequelize interfaces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.operation import Column, Default, Operation, OpKind

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_LOOKS = re.compile(r"QueryRunner|queryRunner|\bknex\b|queryInterface|QueryInterface|\bKysely\b|\bdb\.\w+\(|\.addSql\(")
_OUTSIDE = re.compile(
    r"transaction\s*[:=]\s*(?:false|[\"']none)|\bcommitTransaction\(|isTransactional\(\)[^{]*\{\s*return false"
)
_COLUMN_TYPES = frozenset(
    [
        "increments",
        "bigIncrements",
        "integer",
        "tinyint",
        "smallint",
        "bigint",
        "bigInteger",
        "text",
        "string",
        "float",
        "double",
        "decimal",
        "boolean",
        "date",
        "datetime",
        "dateTime",
        "timestamps",
        "timestampTz",
        "mediumint",
        "inet",
        "geometry",
        "time",
        "timestamp",
        "binary",
        "enum",
        "enu",
        "json",
        "jsonb",
        "uuid",
        "specificType",
    ]
)


@dataclass(frozen=True)
class _Call:
    node: SgNode
    owner: str  # what the method is called on, as written
    method: str
    arguments: tuple[SgNode, ...]

    def text(self, position: int) -> str:
        """A string argument without its quotes, "" if it is none."""
        return literal(self.arguments[position]) if position < len(self.arguments) else ""

    def raw(self, position: int) -> str:
        return self.arguments[position].text() if position < len(self.arguments) else ""


def looks_like(text: str) -> bool:
    """Whether a JavaScript or TypeScript file is a migration of a tool we know."""
    return _LOOKS.search(text) is not None and re.search(r"\bup\b", text) is not None


def read(path: str, text: str, root: SgNode | None) -> tuple[Operation, ...]:
    """The operations of a migration, in order of the file."""
    if root is None:
        return ()
    outside = _OUTSIDE.search(text) is not None
    tool = _tool(text)
    reversible = re.search(r"\bdown\b[^{]*\{\s*\}", text) is None and "down" in text
    found: list[Operation] = []
    for node in root.find_all(kind="call_expression"):
        call = _call(node)
        if call is None:
            continue
        reader = _READERS.get(call.method)
        if reader is None:
            continue
        down = _direction(node) == "down"
        start, end = node.range().start.line + 1, node.range().end.line + 1
        found.extend(
            replace(
                op,
                path=path,
                line=op.line or start,
                end_line=op.end_line or end,
                text=op.text or node.text(),
                tool=tool,
                down=down,
                # Sequelize opens no transaction by itself: a statement takes part in the one that it is handed
                in_transaction=re.search(r"\btransaction\b", node.text()) is not None
                if tool == "sequelize"
                else not outside,
                reversible=False if not reversible else op.reversible,
            )
            for op in reader(call)
        )
    return tuple(dict.fromkeys(sorted(found, key=lambda op: (op.line, op.end_line))))


def _tool(text: str) -> str:
    if "ueryRunner" in text:
        return "typeorm"
    if "ueryInterface" in text:
        return "sequelize"
    return (
        "knex"
        if "knex" in text
        else "db-migrate"
        if "db.runSql" in text
        else "mikro-orm"
        if "addSql" in text
        else "knex"
    )


def _call(node: SgNode) -> _Call | None:
    function, arguments = node.field("function"), node.field("arguments")
    if function is None or function.kind() != "member_expression":
        return None
    owner, method = function.field("object"), function.field("property")
    if owner is None or method is None:
        return None
    items = (
        tuple(item for item in arguments.children() if item.is_named() and item.kind() != "comment")
        if arguments
        else ()
    )
    return _Call(node, owner.text(), method.text(), items)


def literal(node: SgNode) -> str:
    """A string or template literal without quotes; substitutions become a name."""
    if node.kind() == "binary_expression":
        parts = [literal(part) for part in node.children() if part.is_named()]
        return "".join(parts)
    if node.kind() not in {"string", "template_string"}:
        return ""
    return re.sub(r"\$\{[^}]*\}", "x", node.text()[1:-1]).replace("\\`", "`")


def _direction(node: SgNode) -> str:
    for parent in node.ancestors():
        if parent.kind() in {"method_definition", "function_declaration", "pair"}:
            name = parent.field("name") or parent.field("key")
            if name is not None and name.text() in {"up", "down"}:
                return name.text()
        if parent.kind() in {"assignment_expression", "variable_declarator"}:
            target = parent.field("left") or parent.field("name")
            if target is not None and target.text().rpartition(".")[2] in {"up", "down"}:
                return target.text().rpartition(".")[2]
    return "up"


def _sql(call: _Call) -> Iterator[Operation]:
    if not call.arguments:
        return
    text = literal(call.arguments[0])
    if text:
        yield from read_all(text, first_line=call.arguments[0].range().start.line + 1)


def _flag(text: str, key: str) -> bool | None:
    match = re.search(rf"\b{key}\s*:\s*(true|false)", text)
    return None if match is None else match[1] == "true"


def _object_column(name: str, text: str) -> Column:
    """`{ type: …, allowNull: false, defaultValue: … }` or TypeORM's `new TableColumn({...})`."""
    null = _flag(text, "allowNull")
    nullable = _flag(text, "isNullable") if null is None else null
    typeorm = "TableColumn" in text
    type_ = re.search(r"\btype\s*:\s*([^,}\n]+)", text)
    has_default = re.search(r"\b(?:defaultValue|default)\s*:\s*(?!null|undefined)", text) is not None
    target = re.search(r"\b(?:model|tableName)\s*:\s*['\"](\w+)", text)
    cascade = re.search(r"onDelete\s*:\s*['\"]([\w ]+)", text)
    return Column(
        name,
        type_[1].strip().strip("'\"") if type_ else "",
        not_null=nullable is False or (typeorm and nullable is None),
        default=Default.CONSTANT if has_default else Default.NONE,
        primary_key="primaryKey: true" in text or "isPrimary: true" in text,
        references=target[1] if target else "",
        on_delete=cascade[1].upper() if cascade else "",
    )


def _add_column(call: _Call) -> Iterator[Operation]:
    if "ueryInterface" in call.owner:
        name, body = call.text(1), call.raw(2)
    elif "ueryRunner" in call.owner:
        body = call.raw(1)
        match = re.search(r"\bname\s*:\s*['\"`](\w+)", body)
        name = match[1] if match else ""
    else:
        return
    column = _object_column(name, body)
    yield Operation(
        OpKind.ADD_COLUMN, call.text(0), name, column=column, references=column.references, on_delete=column.on_delete
    )


def _remove_column(call: _Call) -> Iterator[Operation]:
    if re.search(r"ueryInterface|ueryRunner", call.owner):
        yield Operation(OpKind.DROP_COLUMN, call.text(0), call.text(1), reversible=False)
        return
    table = knex_table(call.node)
    if table:
        for position in range(len(call.arguments)):
            yield Operation(OpKind.DROP_COLUMN, table, call.text(position), reversible=False)


def _rename_column(call: _Call) -> Iterator[Operation]:
    if re.search(r"ueryInterface|ueryRunner", call.owner):
        yield Operation(OpKind.RENAME_COLUMN, call.text(0), call.text(1), new_name=call.text(2))
    elif table := knex_table(call.node):
        yield Operation(OpKind.RENAME_COLUMN, table, call.text(0), new_name=call.text(1))


def _change_column(call: _Call) -> Iterator[Operation]:
    if "ueryInterface" in call.owner:
        yield Operation(OpKind.ALTER_TYPE, call.text(0), call.text(1), column=_object_column(call.text(1), call.raw(2)))


def _add_index(call: _Call) -> Iterator[Operation]:
    if "ueryInterface" in call.owner:
        body = " ".join(argument.text() for argument in call.arguments[1:])
        keys = tuple(re.findall(r"['\"](\w+)['\"]", call.raw(1) if call.raw(1).startswith("[") else body))
        yield Operation(
            OpKind.ADD_INDEX,
            call.text(0),
            "_".join(keys[:2]),
            keys=keys,
            unique="unique: true" in body,
            concurrently="concurrently: true" in body,
        )
    elif "ueryRunner" in call.owner:
        body = call.raw(1)
        columns = re.search(r"columnNames\s*:\s*\[([^\]]*)\]", body)
        keys = tuple(re.findall(r"['\"`](\w+)", columns[1])) if columns else ()
        yield Operation(
            OpKind.ADD_INDEX, call.text(0), "_".join(keys[:2]), keys=keys, unique=_flag(body, "isUnique") is True
        )


def _remove_index(call: _Call) -> Iterator[Operation]:
    if re.search(r"ueryInterface|ueryRunner", call.owner):
        keys = tuple(re.findall(r"['\"](\w+)['\"]", call.raw(1))) if call.raw(1).startswith("[") else ()
        name = call.text(1) or "_".join(keys[:2])
        yield Operation(
            OpKind.DROP_INDEX, call.text(0), name, keys=keys, concurrently="concurrently: true" in call.raw(2)
        )
    elif table := knex_table(call.node):
        keys = tuple(re.findall(r"['\"`](\w+)", call.raw(0)))
        yield Operation(OpKind.DROP_INDEX, table, call.text(1) or "_".join(keys), keys=keys)


def _drop_table(call: _Call) -> Iterator[Operation]:
    if re.search(r"ueryInterface|ueryRunner|schema", call.owner):
        yield Operation(OpKind.DROP_TABLE, call.text(0), reversible=False)


def _create_table(call: _Call) -> Iterator[Operation]:
    if not re.search(r"ueryInterface|ueryRunner|schema", call.owner):
        return
    name = call.text(0)
    if not name:
        match = re.search(r"\bname\s*:\s*['\"`](\w+)", call.raw(0))
        name = match[1] if match else ""
    stated = list(_knex_columns(call.node, name))
    columns = [op.column for op in stated if op.column is not None]
    if not columns and len(call.arguments) > 1 and call.arguments[1].kind() == "object":
        columns = list(_listed_columns(call.arguments[1]))
    start = call.node.range().start.line + 1
    yield Operation(OpKind.CREATE_TABLE, name, columns=tuple(columns), end_line=start)
    yield from (op for op in stated if op.column is None)


def _listed_columns(body: SgNode) -> Iterator[Column]:
    """Sequelize's `{ id: { type: …, primaryKey: true }, … }`."""
    for item in body.children():
        key, value = item.field("key"), item.field("value")
        if item.kind() == "pair" and key is not None and value is not None:
            yield _object_column(key.text().strip("'\""), value.text())


def _rename_table(call: _Call) -> Iterator[Operation]:
    if re.search(r"ueryInterface|ueryRunner|schema", call.owner):
        yield Operation(OpKind.RENAME_TABLE, call.text(0), new_name=call.text(1))


def knex_table(node: SgNode, builders: frozenset[str] = frozenset({"table", "alterTable"})) -> str:
    """The table of the schema builder a call stands in."""
    for parent in node.ancestors():
        if parent.kind() == "call_expression":
            call = _call(parent)
            if call is not None and call.method in builders and "schema" in call.owner:
                return call.text(0)
    return ""


def _alter_table(call: _Call) -> Iterator[Operation]:
    """knex `alterTable(t, table => { table.string('x').notNullable(); table.index([...]) })`."""
    if "schema" not in call.owner or not call.text(0):
        return
    yield from _knex_columns(call.node, call.text(0))


def _knex_columns(node: SgNode, table: str) -> Iterator[Operation]:
    inside = node.field("arguments")  # of this call alone: what it is chained to has tables of its own
    for statement in inside.find_all(kind="expression_statement") if inside is not None else []:
        start, end = statement.range().start.line + 1, statement.range().end.line + 1
        for op in _knex_statement(table, statement.text()):
            yield replace(op, line=start, end_line=end, text=statement.text())


def _knex_statement(table: str, text: str) -> Iterator[Operation]:
    """`table.string('x').notNullable().index()` and its like."""
    match = re.match(r"\w+\s*\.\s*(\w+)\s*\(\s*(\[[^\]]*\]|['\"`]\w+['\"`]|)", text)
    if match is None or (not match[2] and match[1] not in _NAMELESS):
        return
    names = tuple(re.findall(r"['\"`](\w+)", match[2]))
    if match[1] == "timestamps":
        for name in ("created_at", "updated_at"):
            yield Operation(OpKind.ADD_COLUMN, table, name, column=Column(name, "timestamp"))
    elif match[1] in _COLUMN_TYPES:
        made = _knex_column(table, match[1], names[0] if names else "id", text)
        yield made
        own = re.search(r"\.(index|unique)\(", text)
        if own is not None and made.kind is OpKind.ADD_COLUMN:
            yield Operation(OpKind.ADD_INDEX, table, made.name, keys=(made.name,), unique=own[1] == "unique")
    elif match[1] in {"index", "unique"}:
        yield Operation(OpKind.ADD_INDEX, table, "_".join(names), keys=names, unique=match[1] == "unique")
    elif match[1] == "foreign":
        target = re.search(r"inTable\(\s*['\"`](\w+)", text)
        yield Operation(
            OpKind.ADD_FOREIGN_KEY, table, "_".join(names), keys=names, references=target[1] if target else ""
        )
    elif match[1] in {"setNullable", "dropNullable"}:
        kind = OpKind.SET_NOT_NULL if match[1] == "dropNullable" else OpKind.DROP_NOT_NULL
        yield Operation(kind, table, names[0])


_NAMELESS = frozenset({"increments", "bigIncrements", "timestamps"})


def _knex_column(table: str, type_: str, name: str, text: str) -> Operation:
    target = re.search(r"(?:inTable\(\s*['\"`](\w+)|references\(\s*['\"`](\w+)\.)", text)
    cascade = re.search(r"onDelete\(\s*['\"`]([\w ]+)", text)
    column = Column(
        name,
        type_,
        not_null=".notNullable()" in text,
        default=Default.CONSTANT if ".defaultTo(" in text else Default.NONE,
        primary_key=".primary()" in text or type_.lower().endswith("increments"),
        references=(target[1] or target[2]) if target else "",
        on_delete=cascade[1].upper() if cascade else "",
    )
    if ".alter(" in text:
        return Operation(OpKind.ALTER_TYPE, table, name, column=column)
    return Operation(
        OpKind.ADD_COLUMN, table, name, column=column, references=column.references, on_delete=column.on_delete
    )


_READERS: dict[str, Callable[[_Call], Iterator[Operation]]] = {
    "query": _sql,
    "runSql": _sql,
    "addSql": _sql,
    "removeIndex": _remove_index,
    "dropIndex": _remove_index,
    "raw": _sql,
    "addColumn": _add_column,
    "removeColumn": _remove_column,
    "dropColumn": _remove_column,
    "dropColumns": _remove_column,
    "renameColumn": _rename_column,
    "changeColumn": _change_column,
    "addIndex": _add_index,
    "createIndex": _add_index,
    "dropTable": _drop_table,
    "dropTableIfExists": _drop_table,
    "createTable": _create_table,
    "renameTable": _rename_table,
    "alterTable": _alter_table,
    "table": _alter_table,
}
