"""Liquibase changelogs in XML, YAML and JSON as schema operations. Nothing is included, evaluated or expanded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reviewer.evidence.contracts.load import too_deep
from reviewer.evidence.sql.columns import column_names
from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.operation import Column, Default, Operation, OpKind

MOST_NODES = 50_000


@dataclass
class Node:
    """An element of a changelog, whichever language it is written in."""

    name: str
    line: int
    end: int = 0
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def get(self, *names: str) -> str:
        """The first of several attributes that is there."""
        return next((self.attributes[name] for name in names if self.attributes.get(name)), "")

    def child(self, name: str) -> Node | None:
        return next((item for item in self.children if item.name == name), None)


def looks_like(text: str) -> bool:
    """Whether a text is a changelog."""
    return "databaseChangeLog" in text


def read(path: str, text: str) -> tuple[Operation, ...]:
    """The operations of a changelog, in order; () where it cannot be read."""
    roots = _xml(text) if text.lstrip()[:1] == "<" else _yaml(text)
    found: list[Operation] = []
    for changeset in (item for root in roots for item in root.children if item.name == "changeSet"):
        stated = changeset.child("rollback") is not None
        plain = changeset.get("runInTransaction") == "false"
        for change in _changes(changeset):
            reader = _READERS.get(change.name)
            back = stated or change.name in _UNDOES_ITSELF
            made = reader(change) if reader is not None else iter(())
            engine = _engine(change.get("dbms") or changeset.get("dbms"))
            placed = (_placed(op, change, path, back=back, in_transaction=not plain) for op in made)
            found.extend(replace(op, engine=engine) for op in placed)
    return tuple(found)


def _engine(dbms: str) -> str:
    """The one engine a changeset is for, "" where it is for several or does not say."""
    names = {_DATABASES.get(name.strip().lower(), "other") for name in dbms.split(",") if name.strip()}
    return next(iter(names)) if len(names) == 1 and "!" not in dbms else ""


_DATABASES = {"mysql": "mysql", "mariadb": "mysql", "postgresql": "postgresql", "sqlite": "sqlite", "mssql": "mssql",
              "oracle": "oracle", "all": ""}  # fmt: skip


def _placed(op: Operation, change: Node, path: str, *, back: bool, in_transaction: bool) -> Operation:
    return replace(
        op,
        path=path,
        line=op.line or change.line,
        end_line=max(op.end_line, change.end, change.line),
        text=op.text or " ".join([change.name, *change.attributes.values()]),
        tool="liquibase",
        in_transaction=in_transaction,
        reversible=back,
    )


def _changes(changeset: Node) -> list[Node]:
    """The changes of a changeset: its elements, or in YAML what `changes` lists."""
    listed = changeset.child("changes")
    return listed.children if listed is not None else changeset.children


_UNDOES_ITSELF = frozenset(
    "createTable addColumn createIndex addForeignKeyConstraint addUniqueConstraint addPrimaryKey addNotNullConstraint "
    "dropNotNullConstraint renameColumn renameTable addDefaultValue createSequence createView".split()
)
_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[\w:.-]+)(?P<attributes>(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<empty>/?)>"
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}


def _plain(written: str) -> str:
    return re.sub(r"&(?:lt|gt|quot|apos|amp);", lambda match: _ENTITIES[match[0]], written)


def _xml(text: str) -> list[Node]:
    """Elements by their tags alone: no document type, no entity, nothing from outside is ever looked at."""
    blank = re.sub(
        r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!DOCTYPE[^>]*(?:>|\Z)",
        lambda m: re.sub(r"[^\n]", " ", m[0]),
        text,
        flags=re.DOTALL,
    )
    blank = blank.replace("<![CDATA[", " " * 9).replace("]]>", "   ")
    root = Node("", 1)
    stack = [root]
    line, position, count = 1, 0, 0
    inside = 0
    for match in _TAG.finditer(blank):
        count += 1
        if count > MOST_NODES or len(stack) > 100:
            break
        line += blank.count("\n", position, match.start())
        position = match.start()
        name = match["name"].rpartition(":")[2]
        if match["close"]:
            if len(stack) > 1 and stack[-1].name == name:
                closed = stack.pop()
                closed.end = line
                closed.text = _plain(blank[inside : match.start()]) if not closed.children else ""
            continue
        pairs = {
            item[1].rpartition(":")[2]: _plain(item[2] or item[3] or "")
            for item in _ATTRIBUTE.finditer(match["attributes"])
        }
        node = Node(name, line, line + match[0].count("\n"), pairs)
        stack[-1].children.append(node)
        if not match["empty"]:
            stack.append(node)
            inside = match.end()
    return root.children


def _yaml(text: str) -> list[Node]:
    """The same from YAML or JSON, with the lines of its nodes."""
    import yaml

    if too_deep(text) or len(text) > 1_000_000:
        return []
    try:
        document = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    budget = [MOST_NODES]
    root = Node("databaseChangeLog", 1)
    for key, value in _pairs(document):
        if key == "databaseChangeLog":
            root.children = list(_items(value, budget))
    return [root]


def _pairs(node: object) -> Iterator[tuple[str, object]]:
    for pair in getattr(node, "value", None) or [] if getattr(node, "id", "") == "mapping" else []:
        key = getattr(pair[0], "value", "")
        if isinstance(key, str):
            yield key, pair[1]


def _items(node: object, budget: list[int]) -> Iterator[Node]:
    """A list of `- name: {…}` as elements."""
    for item in getattr(node, "value", None) or [] if getattr(node, "id", "") == "sequence" else []:
        for key, value in _pairs(item):
            yield _element(key, value, item, budget)


def _element(name: str, value: object, at: object, budget: list[int]) -> Node:
    start, end = getattr(at, "start_mark", None), getattr(value, "end_mark", None)
    line = start.line + 1 if start is not None else 1
    last = max(line, end.line if end is not None else line)
    made = Node(name, line, last)
    budget[0] -= 1
    if budget[0] < 0:
        return made
    kind = getattr(value, "id", "")
    if kind == "scalar":
        made.text = str(getattr(value, "value", ""))
    elif kind == "sequence":
        made.children = list(_items(value, budget))
    for key, inner in _pairs(value):
        if getattr(inner, "id", "") == "scalar":
            made.attributes[key] = str(getattr(inner, "value", ""))
        elif key == "changes":
            made.children.append(_element(key, inner, inner, budget))
        elif getattr(inner, "id", "") == "sequence":
            made.children.extend(_items(inner, budget))
        else:
            made.children.append(_element(key, inner, inner, budget))
    return made


def _column(node: Node) -> Column:
    constraints = node.child("constraints") or Node("", 0)
    computed = node.get("defaultValueComputed")
    filled = next((value for key, value in node.attributes.items() if key.startswith("defaultValue")), "")
    volatile = re.search(r"random|uuid|nextval", computed + node.get("defaultValueSequenceNext"), re.IGNORECASE)
    primary = constraints.get("primaryKey") == "true"
    target = re.match(r"\s*([\w.\"`]+)\s*\(", constraints.get("references"))
    return Column(
        node.get("name"),
        node.get("type"),
        not_null=constraints.get("nullable") == "false" or primary,
        default=Default.VOLATILE
        if volatile or node.get("autoIncrement") == "true"
        else Default.CONSTANT
        if filled
        else Default.NONE,
        primary_key=primary,
        references=constraints.get("referencedTableName") or (target[1].rpartition(".")[2] if target else ""),
        on_delete="CASCADE" if constraints.get("deleteCascade") == "true" else "",
        unique=constraints.get("unique") == "true",
    )


def _columns(node: Node) -> list[Node]:
    return [item for item in node.children if item.name == "column"]


def _create_table(node: Node) -> Iterator[Operation]:
    yield Operation(OpKind.CREATE_TABLE, node.get("tableName"), columns=tuple(map(_column, _columns(node))))


def _add_column(node: Node) -> Iterator[Operation]:
    for item in _columns(node):
        column = _column(item)
        yield Operation(
            OpKind.ADD_COLUMN, node.get("tableName"), column.name, column=column, line=item.line, end_line=item.end,
            references=column.references, on_delete=column.on_delete,
        )  # fmt: skip


def _drop_column(node: Node) -> Iterator[Operation]:
    for name in [node.get("columnName"), *(item.get("name") for item in _columns(node))]:
        if name:
            yield Operation(OpKind.DROP_COLUMN, node.get("tableName"), name)


def _keys(written: str) -> tuple[str, ...]:
    return column_names(written) if written else ()


def _foreign_key(node: Node) -> Iterator[Operation]:
    cascade = "CASCADE" if node.get("deleteCascade") == "true" else node.get("onDelete").upper()
    yield Operation(
        OpKind.ADD_FOREIGN_KEY, node.get("baseTableName"), node.get("constraintName"),
        keys=_keys(node.get("baseColumnNames")), references=node.get("referencedTableName"), on_delete=cascade,
        validated=node.get("validate") != "false",
    )  # fmt: skip


def _index(node: Node) -> Iterator[Operation]:
    keys = tuple(item.get("name") for item in _columns(node))
    unique = node.get("unique") == "true"
    yield Operation(OpKind.ADD_INDEX, node.get("tableName"), node.get("indexName"), keys=keys, unique=unique)


def _key(kind: OpKind) -> Callable[[Node], Iterator[Operation]]:
    def reader(node: Node) -> Iterator[Operation]:
        keys = _keys(node.get("columnNames"))
        yield Operation(
            kind, node.get("tableName"), node.get("constraintName"), keys=keys, unique=kind is OpKind.ADD_UNIQUE
        )

    return reader


def _named(kind: OpKind, *names: str) -> Callable[[Node], Iterator[Operation]]:
    """An operation on `tableName` whose object stands in one of several attributes."""

    def reader(node: Node) -> Iterator[Operation]:
        table = node.get("tableName", "baseTableName", "oldTableName")
        new = node.get("newColumnName", "newTableName")
        type_ = node.get("newDataType")
        column = Column(node.get("columnName"), type_) if type_ else None
        yield Operation(kind, table, node.get(*names) if names else "", new_name=new, column=column)

    return reader


def _sql(node: Node) -> Iterator[Operation]:
    yield from read_all(node.text or node.get("sql"), first_line=node.line)


def _rows(kind: OpKind) -> Callable[[Node], Iterator[Operation]]:
    def reader(node: Node) -> Iterator[Operation]:
        narrowed = node.child("where") is not None or bool(node.get("where"))
        yield Operation(kind, node.get("tableName"), whole_table=not narrowed and kind is not OpKind.INSERT)

    return reader


_READERS: Mapping[str, Callable[[Node], Iterator[Operation]]] = {
    "createTable": _create_table,
    "addColumn": _add_column,
    "dropColumn": _drop_column,
    "dropTable": _named(OpKind.DROP_TABLE),
    "renameTable": _named(OpKind.RENAME_TABLE),
    "renameColumn": _named(OpKind.RENAME_COLUMN, "oldColumnName"),
    "modifyDataType": _named(OpKind.ALTER_TYPE, "columnName"),
    "addNotNullConstraint": _named(OpKind.SET_NOT_NULL, "columnName"),
    "dropNotNullConstraint": _named(OpKind.DROP_NOT_NULL, "columnName"),
    "addDefaultValue": _named(OpKind.SET_DEFAULT, "columnName"),
    "dropDefaultValue": _named(OpKind.DROP_DEFAULT, "columnName"),
    "createIndex": _index,
    "dropIndex": _named(OpKind.DROP_INDEX, "indexName"),
    "addForeignKeyConstraint": _foreign_key,
    "dropForeignKeyConstraint": _named(OpKind.DROP_CONSTRAINT, "constraintName"),
    "dropUniqueConstraint": _named(OpKind.DROP_CONSTRAINT, "constraintName"),
    "dropPrimaryKey": _named(OpKind.DROP_CONSTRAINT, "constraintName"),
    "addUniqueConstraint": _key(OpKind.ADD_UNIQUE),
    "addPrimaryKey": _key(OpKind.ADD_PRIMARY_KEY),
    "update": _rows(OpKind.UPDATE),
    "delete": _rows(OpKind.DELETE),
    "insert": _rows(OpKind.INSERT),
    "loadData": _rows(OpKind.INSERT),
    "sql": _sql,
}
