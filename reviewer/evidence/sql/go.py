"""Migrations that are Go functions: SQL in `Exec` calls (goose, bun, plain `database/sql`), xorm's `Sync`, gorm's migrator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.operation import Column, Operation, OpKind
from reviewer.evidence.sql.where import is_migration_path

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_LOOKS = re.compile(
    r"goose\.AddMigration|xormigrate|gormigrate|\*xorm\.(?:Session|Engine)|migrate\.Migration|\*sql\.Tx\b|\*sqlx\.(?:DB|Tx)|\*gorm\.DB|\*bun\.DB|\bExec(?:Context)?\("
)
_NAMED = re.compile(r"(?:^|/)migrat(?:ions?|e|or)\w*\.go$|(?:^|/)(?:migrations?|upgrades?)/[^/]+\.go$", re.IGNORECASE)
_STATEMENT = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:CREATE|ALTER|DROP|UPDATE|DELETE|INSERT|TRUNCATE|RENAME|WITH|PRAGMA)\s", re.IGNORECASE
)
_RUNS = re.compile(r"(?:^|\.)(?:Must)?(?:Exec|Execute|Query|Raw|NamedExec|ExecSQL)(?:Context|er)?$|[eE]xec\w*$")
_DOWN = re.compile(r"^(?:down|Down|rollback|Rollback)(?![a-z])|_down$|Down$")
_LITERALS = frozenset({"interpreted_string_literal", "raw_string_literal"})
MOST_LITERALS = 3_000


def looks_like(path: str, text: str) -> bool:
    """Whether a Go file is a migration: by its name or folder, and by what it calls."""
    if path.endswith("_test.go") or not (_NAMED.search(path) or is_migration_path(path)):
        return False
    return _LOOKS.search(text) is not None


def read(path: str, text: str, root: SgNode | None) -> tuple[Operation, ...]:
    """The operations of a file, in order."""
    if root is None:
        return ()
    found = [*_literals(root, text), *_calls(root, text)]
    tool = "goose" if "goose." in text else "gorm" if "gorm" in text else "xorm" if "xorm" in text else "go"
    return tuple(replace(op, path=path, tool=tool) for op in sorted(found, key=lambda op: (op.line, op.end_line)))


def _literals(root: SgNode, text: str) -> Iterator[Operation]:
    nodes = [node for kind in sorted(_LITERALS) for node in root.find_all(kind=kind)]
    for node in nodes[:MOST_LITERALS]:
        start = node.range().start.index
        continued = text[max(0, start - 40) : start].rstrip().endswith("+")  # told with what it is added to
        if continued or not _STATEMENT.match(node.text()[1:]) or not _runs(node):
            continue
        sql, whole = _joined(node)
        down = _is_down(node)
        first = whole.range().start.line + 1
        for op in read_all(sql, first_line=first):
            yield replace(op, down=down, source="parsed" if whole is node else "inferred")


def _joined(node: SgNode) -> tuple[str, SgNode]:
    """A literal with what is added to it: what is no literal becomes a name. And the expression it all stands in."""
    whole = node
    for parent in node.ancestors():
        if parent.kind() != "binary_expression":
            break
        whole = parent
    if whole is node:
        return _unquoted(node), node
    return _flat(whole, 0), whole


def _flat(node: SgNode, depth: int) -> str:
    if node.kind() in _LITERALS:
        return _unquoted(node)
    if node.kind() != "binary_expression" or depth > 200:
        return "x" + "\n" * node.text().count("\n")
    left, right = node.field("left"), node.field("right")
    between = node.range().end.line - node.range().start.line
    text = (_flat(left, depth + 1) if left else "") + (_flat(right, depth + 1) if right else "")
    return text + "\n" * max(0, between - text.count("\n")) if depth == 0 else text


def _unquoted(node: SgNode) -> str:
    text = node.text()[1:-1]
    return text if node.kind() == "raw_string_literal" else text.replace('\\"', '"').replace("\\n", " ")


def _runs(node: SgNode) -> bool:
    """The literal is run, or bound to a name: `tx.Exec("…")`, `query := "…"`, an entry of a list of statements."""
    above = (parent for parent in node.ancestors() if parent.kind() != "binary_expression")
    for depth, parent in enumerate(above):
        kind = parent.kind()
        if kind == "call_expression":
            function = parent.field("function")
            return function is not None and _RUNS.search(function.text()) is not None
        if kind in {"short_var_declaration", "assignment_statement", "var_spec", "const_spec", "keyed_element"}:
            return True
        if kind in {"composite_literal", "literal_value"}:
            return True
        if depth > 6:
            return False
    return False


def _is_down(node: SgNode) -> bool:
    for parent in node.ancestors():
        if parent.kind() in {"function_declaration", "method_declaration"}:
            name = parent.field("name")
            return name is not None and _DOWN.search(name.text()) is not None
        if parent.kind() == "keyed_element" and _DOWN.match(parent.text().partition(":")[0].strip()):
            return True
    return False


_DROPS = re.compile(r"(?:^|\.)[dD]ropTableColumns?$")


def _calls(root: SgNode, text: str) -> Iterator[Operation]:
    for node in root.find_all(kind="call_expression"):
        function, arguments = node.field("function"), node.field("arguments")
        if function is None or arguments is None:
            continue
        name = function.text().rpartition(".")[2]
        items = [item.text() for item in arguments.children() if item.is_named() and item.kind() != "comment"]
        start, end = node.range().start.line + 1, node.range().end.line + 1
        for op in _called(name, function.text(), items, node, text):
            yield replace(
                op,
                line=op.line or start,
                end_line=op.end_line or end,
                text=op.text or node.text(),
                source="inferred",
                down=_is_down(node),
            )


def _called(name: str, whole: str, items: list[str], node: SgNode, text: str) -> Iterator[Operation]:
    if re.search(r"[sS]ync2?$|^AutoMigrate$", name):
        for item in items:
            if re.fullmatch(r"&?[\w.]+\{\s*\}|new\([\w.]+\)", item):
                yield from _synced(item, node, text)
    elif _DROPS.search(whole):
        table, *columns = [match[1] for item in items if (match := re.fullmatch(r"[\"`](\w+)[\"`]", item))] or [""]
        for column in columns:
            yield Operation(OpKind.DROP_COLUMN, table, column, reversible=False)
    elif "igrator()" in whole or (name.startswith("Drop") and name.endswith("Table")):
        yield from () if items and _of_any_type(items[0], node) else _migrator(name, items)


def _migrator(name: str, items: list[str]) -> Iterator[Operation]:
    """gorm's `tx.Migrator().AddColumn(&Order{}, "note")`, and xorm's `x.DropTable("orders")`."""
    kind = _MIGRATOR.get(name)
    if kind is None or not items:
        return
    names = [item.strip('"`') for item in items[1:]]
    first = (
        items[0].strip('"`')
        if items[0][:1] in '"`'
        else _table(re.sub(r"[&{}()]|\bnew\b", "", items[0]).rpartition(".")[2])
    )
    column = Column(names[0]) if names and kind in {OpKind.ADD_COLUMN, OpKind.ALTER_TYPE} else None
    yield Operation(
        kind,
        first,
        _snake(names[0]) if names else "",
        new_name=_snake(names[1]) if len(names) > 1 else "",
        column=column,
    )


def _of_any_type(item: str, node: SgNode) -> bool:
    """Whether the model is of a type parameter (`func Fold[T any]`): which table that is, its callers say."""
    scope = next((parent.text() for parent in node.ancestors() if parent.kind() == "function_declaration"), "")
    name = item.lstrip("&")
    parameters = re.match(r"func\s+\w+\[([^\]]+)\]", scope)
    declared = re.search(rf"\bvar\s+{re.escape(name)}\s+(\w+)\b|\b{re.escape(name)}\s*:=\s*(?:new\()?(\w+)\b", scope)
    return bool(parameters and declared and re.search(rf"\b{declared[1] or declared[2]}\b", parameters[1]))


_MIGRATOR = {
    "AddColumn": OpKind.ADD_COLUMN,
    "DropColumn": OpKind.DROP_COLUMN,
    "RenameColumn": OpKind.RENAME_COLUMN,
    "AlterColumn": OpKind.ALTER_TYPE,
    "CreateIndex": OpKind.ADD_INDEX,
    "DropIndex": OpKind.DROP_INDEX,
    "CreateTable": OpKind.CREATE_TABLE,
    "DropTable": OpKind.DROP_TABLE,
    "RenameTable": OpKind.RENAME_TABLE,
    "CreateConstraint": OpKind.ADD_CHECK,
    "DropConstraint": OpKind.DROP_CONSTRAINT,
}
_STRUCT = r"\btype\s+{name}\s+struct\s*\{{\n(?P<body>.*?)^[ \t]*\}}"
_FIELD = re.compile(r"^\s*(?P<name>[A-Z]\w*)\s+(?P<type>[\w.*\[\]]+)(?:\s+`(?P<tag>[^`]*)`)?")


def _synced(item: str, node: SgNode, text: str) -> Iterator[Operation]:
    """`Sync(new(orders))`: the columns of a struct that stands in this file, new ones as far as can be told."""
    name = re.sub(r"[&{}()]|\bnew\b", "", item).strip()
    match = None
    if re.fullmatch(r"\w+", name):
        scope = next((parent.text() for parent in node.ancestors() if parent.kind() in _FUNCTIONS), "")
        pattern = re.compile(_STRUCT.format(name=name), re.MULTILINE | re.DOTALL)
        match = pattern.search(scope) or pattern.search(text)
    named = re.search(
        rf"func\s*\(\s*\w*\s*\*?{re.escape(name)}\)\s*TableName\(\)\s*string\s*\{{\s*return\s*\"(\w+)\"", text
    )
    table = named[1] if named else _table(name.rpartition(".")[2])
    if match is None:
        yield Operation(
            OpKind.OTHER, table, new_name="synchronised with its model: tables, columns and indexes are added"
        )
        return
    columns = [column for line in match["body"].split("\n") if (column := _field(line)) is not None]
    whole = re.search(r"\b(?:create|new)\w*[ _-]?tables?\b|\badd\w*[ _-]tables?\b", text, re.IGNORECASE)
    if whole is not None or ("*" not in name and len(columns) > 8):
        yield Operation(OpKind.CREATE_TABLE, table, columns=tuple(columns))
        return
    for column in columns:
        if not column.primary_key:
            yield Operation(OpKind.ADD_COLUMN, table, column.name, column=column)


_FUNCTIONS = frozenset({"func_literal", "function_declaration", "method_declaration"})


def _field(line: str) -> Column | None:
    match = _FIELD.match(line)
    tag = match["tag"] or "" if match else ""
    if match is None or 'xorm:"-"' in tag or 'gorm:"-"' in tag:
        return None
    quoted = re.search(r"xorm:\"[^\"]*?'(\w+)'|column:(\w+)", tag)
    words = re.search(r"xorm:\"([^\"]*)\"", tag)
    return Column(
        (quoted[1] or quoted[2]) if quoted else _snake(match["name"]),
        match["type"],
        not_null=re.search(r"(?i)\bnot null\b", tag) is not None,
        primary_key=bool(words and re.search(r"\bpk\b", words[1])) or "primaryKey" in tag or "primary_key" in tag,
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _table(name: str) -> str:
    """The table of a struct: a lower-case name is taken as it is (migrations name their structs so)."""
    return name if name == name.lower() else _snake(name)
