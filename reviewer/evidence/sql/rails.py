"""Rails migrations: the schema DSL of `change`, `up` and `down`, read from the syntax tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.operation import Column, Default, Operation, OpKind

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_TYPES = [
    "string",
    "text",
    "integer",
    "bigint",
    "float",
    "decimal",
    "numeric",
    "datetime",
    "timestamp",
    "timestamptz",
    "time",
    "date",
    "binary",
    "blob",
    "boolean",
    "json",
    "jsonb",
    "uuid",
    "inet",
    "citext",
    "hstore",
    "references",
    "belongs_to",
    "timestamps",
    "column",
    "virtual",
    "enum",
    "primary_key",
]
_BATCHES = re.compile(r"in_batches|find_in_batches|batch|LIMIT", re.IGNORECASE)


@dataclass(frozen=True)
class _Call:
    """A call of the DSL: positional words (symbols and strings, plain) and options as written."""

    node: SgNode
    method: str
    words: tuple[str, ...]
    options: dict[str, str]
    lists: tuple[tuple[str, ...], ...]
    literal: bool = True  # False: the table is named by a variable, and its real name is not to be had

    def word(self, position: int) -> str:
        return self.words[position] if position < len(self.words) else ""

    def option(self, key: str) -> str:
        return self.options.get(key, "")


def looks_like(text: str) -> bool:
    """Whether a Ruby file holds a Rails migration."""
    return "ActiveRecord::Migration" in text or "< Migration[" in text


def read(path: str, text: str, root: SgNode | None) -> tuple[Operation, ...]:
    """The operations of a Rails migration, in order of the file."""
    if root is None:
        return ()
    outside = "disable_ddl_transaction!" in text
    irreversible = "IrreversibleMigration" in text
    found: list[tuple[int, Operation]] = []
    for method in root.find_all(kind="method"):
        name_node = method.field("name")
        name = name_node.text() if name_node else ""
        if name not in {"change", "up", "down", "up_only"}:
            continue
        for node in method.find_all(kind="call"):
            call = _call(node)
            reader = _READERS.get(call.method)
            if reader is None or not _direct(node):
                continue
            stated = partial(
                _stated,
                node=node,
                path=path,
                down=name == "down" or _down_branch(node),
                in_transaction=not outside,
                source="parsed" if call.literal else "inferred",
            )
            found.extend(
                (
                    node.range().start.index,
                    stated(_turned(op, call, name, irreversible=irreversible)),
                )
                for op in reader(call)
            )
    return tuple(op for _, op in sorted(found, key=lambda item: item[0]))


def _turned(op: Operation, call: _Call, method: str, *, irreversible: bool) -> Operation:
    """With what its method says of the way back; `change_column` has none in a `change`, whatever it sets."""
    whole = call.method == "change_column" and method == "change"
    return replace(op, reversible=False if whole else _reversible(op, call, method, irreversible=irreversible))


def _stated(op: Operation, *, node: SgNode, path: str, down: bool, in_transaction: bool, source: str) -> Operation:
    """The operation with what its place in the file says about it."""
    start = node.range().start.line + 1
    return replace(
        op,
        path=path,
        line=op.line or start,
        end_line=op.end_line or (start if op.kind is OpKind.CREATE_TABLE else node.range().end.line + 1),
        text=op.text or node.text(),
        tool="rails",
        down=down,
        assured=_within(node, "safety_assured"),
        in_transaction=in_transaction,
        source=op.source if op.source != "parsed" else source,
    )


def read_schema(path: str, root: SgNode | None) -> tuple[Operation, ...]:
    """The tables of `db/schema.rb`, as create operations."""
    if root is None:
        return ()
    found: list[Operation] = []
    for node in root.find_all(kind="call"):
        call = _call(node)
        if call.method == "create_table":
            found.extend(
                replace(op, path=path, line=node.range().start.line + 1, text=node.text()) for op in _create_table(call)
            )
        elif call.method == "add_index":
            found.extend(replace(op, path=path, line=node.range().start.line + 1) for op in _add_index(call))
    return tuple(found)


def _reversible(op: Operation, call: _Call, method: str, *, irreversible: bool) -> bool | None:
    if irreversible:
        return False
    if op.kind is OpKind.DROP_COLUMN:
        return method == "up" or len(call.words) > 2
    if method != "change" or _within(call.node, "up"):
        return None if op.kind not in _TURNED_ROUND else True
    if op.kind is OpKind.DROP_INDEX:
        return bool(op.keys)
    if op.kind is OpKind.SET_DEFAULT:
        return "from" in call.options and "to" in call.options
    return op.kind in _TURNED_ROUND


# What Rails turns round by itself in a `change`.
_TURNED_ROUND = frozenset(
    {
        OpKind.ADD_COLUMN,
        OpKind.ADD_INDEX,
        OpKind.ADD_FOREIGN_KEY,
        OpKind.ADD_CHECK,
        OpKind.VALIDATE_CONSTRAINT,
        OpKind.SET_NOT_NULL,
        OpKind.DROP_NOT_NULL,
        OpKind.CREATE_TABLE,
        OpKind.RENAME_COLUMN,
        OpKind.RENAME_TABLE,
    }
)


def _call(node: SgNode) -> _Call:
    method_node = node.field("method")
    arguments = node.field("arguments")
    words: list[str] = []
    options: dict[str, str] = {}
    lists: list[tuple[str, ...]] = []
    literal = True
    for item in arguments.children() if arguments else []:
        kind = item.kind()
        if kind == "pair":
            key, value = item.field("key"), item.field("value")
            if key is not None and value is not None:
                options[key.text().strip(":\"' =>")] = value.text()
        elif kind in {"simple_symbol", "string", "delimited_symbol", "constant"}:
            words.append(_plain(item.text()))
        elif kind in {"symbol_array", "string_array", "splat_argument"}:
            lists.append(tuple(re.sub(r"^\*?%[iwIW]?.|.$", "", item.text()).split()))
        elif kind == "array":
            entries = tuple(
                _plain(part.text()) for part in item.children() if part.kind() not in {"[", "]", ",", "comment"}
            )
            lists.append(entries)
        elif kind not in {"(", ")", ","}:
            literal = literal and bool(words)
            words.append(item.text())
    return _Call(node, method_node.text() if method_node else "", tuple(words), options, tuple(lists), literal)


def _plain(text: str) -> str:
    return text.strip(":\"'")


def _direct(node: SgNode) -> bool:
    """A call on the migration itself or on a table block, not on some other object."""
    receiver = node.field("receiver")
    if receiver is None:
        return True
    text = receiver.text()
    method = node.field("method")
    return (method is not None and method.text() in _DATA_METHODS) or text in {
        "self",
        "connection",
        "ActiveRecord::Base.connection",
    }


def _within(node: SgNode, method: str) -> bool:
    return any(
        parent.kind() == "call" and (name := parent.field("method")) is not None and name.text() == method
        for parent in node.ancestors()
    )


def _down_branch(node: SgNode) -> bool:
    """Inside `reversible { |dir| dir.down { … } }`."""
    for parent in node.ancestors():
        if parent.kind() == "call":
            name, receiver = parent.field("method"), parent.field("receiver")
            if name is not None and receiver is not None and name.text() == "down":
                return True
    return False


def _default(options: dict[str, str]) -> Default:
    value = options.get("default", "nil")
    if value == "nil":
        return Default.NONE
    return Default.VOLATILE if value.startswith("->") and re.search(r"uuid|random|clock", value) else Default.CONSTANT


def _options_column(name: str, type_: str, options: dict[str, str], table: str = "") -> Column:
    foreign = options.get("foreign_key", "")
    target = re.search(r"to_table:\s*:?[\"']?(\w+)", foreign)
    references = target[1] if target else (f"{name.removesuffix('_id')}s" if foreign and foreign != "false" else table)
    cascade = re.search(r"on_delete:\s*:(\w+)", foreign)
    return Column(
        name=name,
        type=type_,
        not_null=options.get("null") == "false",
        default=_default(options),
        references=references,
        on_delete=cascade[1].upper().replace("NULLIFY", "SET NULL") if cascade else "",
        validated="validate: false" not in foreign,
        stored=_stored(type_, options),
    )


def _stored(type_: str, options: dict[str, str]) -> str:
    """The type with its size where one is given; "" where the word of Rails says as much."""
    if type_ == "string" and options.get("limit", "").isdigit():
        return f"varchar({options['limit']})"
    if type_ in {"decimal", "numeric"} and options.get("precision", "").isdigit():
        return f"numeric({options['precision']}, {options.get('scale', '0')})"
    if type_ == "integer" and options.get("limit") in {"2", "8"}:
        return "bigint" if options["limit"] == "8" else "smallint"
    return ""


def _create_table(call: _Call) -> Iterator[Operation]:
    columns = []
    block = call.node.field("block")
    for node in block.find_all(kind="call") if block else []:
        inner = _call(node)
        if node.field("receiver") is None or inner.method not in _TYPES or inner.method == "timestamps":
            continue
        type_ = inner.word(1) if inner.method == "column" else inner.method
        names = inner.words[:1] if inner.method == "column" else inner.words
        for name in names:
            relation = inner.method in {"references", "belongs_to"}
            columns.append(
                _options_column(f"{name}_id" if relation else name, "bigint" if relation else type_, inner.options)
            )
    yield Operation(OpKind.CREATE_TABLE, call.word(0), columns=tuple(columns))


def _add_column(call: _Call) -> Iterator[Operation]:
    column = _options_column(call.word(1), call.word(2), call.options)
    yield Operation(OpKind.ADD_COLUMN, call.word(0), column.name, column=column)


def _add_reference(call: _Call) -> Iterator[Operation]:
    table, name = call.word(0), f"{call.word(1)}_id"
    column = _options_column(name, call.option("type").lstrip(":") or "bigint", call.options)
    yield Operation(OpKind.ADD_COLUMN, table, name, column=replace(column, references=""))
    index = call.option("index")
    if index != "false":
        yield Operation(
            OpKind.ADD_INDEX,
            table,
            f"index_{table}_on_{name}",
            keys=(name,),
            concurrently="concurrently" in index,
            unique="unique: true" in index,
        )
    if column.references:
        yield Operation(
            OpKind.ADD_FOREIGN_KEY,
            table,
            f"{table}_{name}",
            keys=(name,),
            references=column.references,
            on_delete=column.on_delete,
            validated=column.validated,
        )


def _remove_column(call: _Call) -> Iterator[Operation]:
    many = (*call.words[1:], *(name for names in call.lists for name in names))
    names = many if call.method == "remove_columns" else call.words[1:2]
    for name in names:
        yield Operation(OpKind.DROP_COLUMN, call.word(0), name, reversible=False)


def _remove_reference(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.DROP_COLUMN, call.word(0), f"{call.word(1)}_id", reversible=False)


def _remove_constraint(call: _Call) -> Iterator[Operation]:
    name = _plain(call.option("name") or call.option("column") or call.option("to_table")) or call.word(1)
    yield Operation(OpKind.DROP_CONSTRAINT, call.word(0), name)


def _timestamps(call: _Call) -> Iterator[Operation]:
    added = call.method == "add_timestamps"
    filled = Default.CONSTANT if call.option("default") else Default.NONE
    for name in ("created_at", "updated_at"):
        column = Column(name, "datetime", not_null=call.option("null") != "true", default=filled)
        yield Operation(
            OpKind.ADD_COLUMN if added else OpKind.DROP_COLUMN, call.word(0), name, column=column if added else None
        )


def _rename_column(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.RENAME_COLUMN, call.word(0), call.word(1), new_name=call.word(2))


def _change_column(call: _Call) -> Iterator[Operation]:
    column = _options_column(call.word(1), call.word(2), call.options)
    yield Operation(OpKind.ALTER_TYPE, call.word(0), call.word(1), column=column)
    if call.option("null") in {"true", "false"}:
        kind = OpKind.SET_NOT_NULL if call.option("null") == "false" else OpKind.DROP_NOT_NULL
        yield Operation(kind, call.word(0), call.word(1))


def _change_null(call: _Call) -> Iterator[Operation]:
    kind = OpKind.SET_NOT_NULL if call.word(2) == "false" else OpKind.DROP_NOT_NULL
    yield Operation(kind, call.word(0), call.word(1))


def _change_default(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.SET_DEFAULT, call.word(0), call.word(1))


def _add_index(call: _Call) -> Iterator[Operation]:
    keys = call.lists[0] if call.lists else call.words[1:2]
    yield Operation(
        OpKind.ADD_INDEX,
        call.word(0),
        _plain(call.option("name")) or f"index_{call.word(0)}_on_{'_and_'.join(keys)}",
        keys=keys,
        unique=call.option("unique") == "true",
        concurrently="concurrently" in call.option("algorithm"),
    )


def _remove_index(call: _Call) -> Iterator[Operation]:
    keys = (call.lists[0] if call.lists else call.words[1:2]) or tuple(re.findall(r"\w+", call.option("column")))
    by_rule = f"index_{call.word(0)}_on_{'_and_'.join(keys)}" if keys else ""
    yield Operation(
        OpKind.DROP_INDEX,
        call.word(0),
        _plain(call.option("name")) or by_rule,
        keys=keys,
        concurrently="concurrently" in call.option("algorithm"),
    )


def _add_foreign_key(call: _Call) -> Iterator[Operation]:
    action = _plain(call.option("on_delete")).upper().replace("NULLIFY", "SET NULL")
    yield Operation(
        OpKind.ADD_FOREIGN_KEY,
        call.word(0),
        _plain(call.option("name")) or f"fk_{call.word(0)}_{call.word(1)}",
        references=call.word(1),
        on_delete=action,
        validated=call.option("validate") != "false",
    )


def _add_check(call: _Call) -> Iterator[Operation]:
    yield Operation(
        OpKind.ADD_CHECK, call.word(0), _plain(call.option("name")), validated=call.option("validate") != "false"
    )


def _validate(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.VALIDATE_CONSTRAINT, call.word(0), call.word(1) or _plain(call.option("name")))


def _drop_table(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.DROP_TABLE, call.word(0), reversible=False)


def _rename_table(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.RENAME_TABLE, call.word(0), new_name=call.word(1))


def _execute(call: _Call) -> Iterator[Operation]:
    arguments = call.node.field("arguments")
    literal = (
        next((item for item in arguments.children() if item.kind() in {"string", "heredoc_beginning", "call"}), None)
        if arguments
        else None
    )
    if literal is None:
        return
    body: SgNode | None = literal
    if literal.kind() != "string":
        heredoc = next(
            (node for parent in call.node.ancestors() for node in parent.children() if node.kind() == "heredoc_body"),
            None,
        )
        body = heredoc or literal
    text = body.text() if body is not None else ""
    if body is not None and body.kind() == "string":
        text = text.strip("\"'")
    elif "\n" in text:
        text = text[: text.rindex("\n")]  # the heredoc's own closing word
    yield from read_all(text, first_line=(body or literal).range().start.line + 1)


def _extension(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.OTHER, call.word(0), new_name="create extension")


def _rows(call: _Call) -> Iterator[Operation]:
    """`Order.update_all(...)`, `Order.find_each { … }`: data moved in a schema migration."""
    receiver = call.node.field("receiver")
    text = receiver.text() if receiver is not None else ""
    model = re.match(r"[A-Z][\w:]*", text)
    if model is None:
        return
    narrowed = re.search(r"\.(?:where|find_by|limit|joins)\b(?!\.not)", text) is not None
    kind = OpKind.DELETE if call.method in {"delete_all", "destroy_all"} else OpKind.UPDATE
    block = call.node.field("block")
    looping = call.method in {"find_each", "each"}
    if looping and (block is None or not re.search(r"\.(?:update\w*|save!?|destroy!?)\b", block.text())):
        return
    batched = _BATCHES.search(text) is not None or _within(call.node, "in_batches")
    whole = not narrowed and (call.method != "each" or ".all" in text)
    start = call.node.range().start.line + 1
    yield Operation(
        kind,
        _table_of(model[0].rpartition("::")[2]),
        whole_table=whole,
        batched=batched,
        source="inferred" if "::" in model[0] else "parsed",  # a module may name its tables otherwise
        line=start,
        end_line=start,
        text=call.node.text(),
    )


def _table_of(model: str) -> str:
    """`LineItem` is `line_items`, as Rails has it (irregular plurals aside)."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", model).lower()
    return f"{snake[:-1]}ies" if re.search(r"[^aeiou]y$", snake) else f"{snake}s"


def _change_table(call: _Call) -> Iterator[Operation]:
    """`change_table :t do |t| t.string :x; t.remove :y end`: each line is a call of its own, without the table's name."""
    table = call.word(0)
    block = call.node.field("block")
    for node in block.find_all(kind="call") if block else []:
        inner = _call(node)
        if node.field("receiver") is None:
            continue
        start = node.range().start.line + 1
        for op in _of_table(table, inner):
            yield replace(op, line=start, end_line=start, text=node.text())


def _of_table(table: str, inner: _Call) -> Iterator[Operation]:
    named = replace(inner, words=(table, *inner.words))
    reader = _IN_CHANGE_TABLE.get(inner.method)
    if reader is not None:
        yield from reader(named)
    elif inner.method == "column":
        yield from _add_column(named)
    elif inner.method == "remove":
        yield from (Operation(OpKind.DROP_COLUMN, table, name, reversible=False) for name in inner.words)
    elif inner.method in _TYPES:
        for name in inner.words:
            yield from _add_column(replace(named, words=(table, name, inner.method)))


_IN_CHANGE_TABLE: dict[str, Callable[[_Call], Iterator[Operation]]] = {
    "references": _add_reference,
    "belongs_to": _add_reference,
    "remove_references": _remove_reference,
    "remove_belongs_to": _remove_reference,
    "rename": _rename_column,
    "change": _change_column,
    "change_null": _change_null,
    "change_default": _change_default,
    "index": _add_index,
    "remove_index": _remove_index,
    "foreign_key": _add_foreign_key,
    "remove_foreign_key": _remove_constraint,
    "check_constraint": _add_check,
    "timestamps": lambda call: _timestamps(replace(call, method="add_timestamps")),
    "remove_timestamps": _timestamps,
}
_DATA_METHODS = frozenset({"update_all", "delete_all", "destroy_all", "find_each", "each"})
_READERS: dict[str, Callable[[_Call], Iterator[Operation]]] = {
    "create_table": _create_table,
    "change_table": _change_table,
    "add_column": _add_column,
    "add_reference": _add_reference,
    "add_belongs_to": _add_reference,
    "remove_column": _remove_column,
    "remove_columns": _remove_column,
    "remove_reference": _remove_reference,
    "rename_column": _rename_column,
    "change_column": _change_column,
    "change_column_null": _change_null,
    "change_column_default": _change_default,
    "add_index": _add_index,
    "remove_index": _remove_index,
    "add_foreign_key": _add_foreign_key,
    "add_check_constraint": _add_check,
    "remove_check_constraint": _remove_constraint,
    "remove_foreign_key": _remove_constraint,
    "add_timestamps": _timestamps,
    "remove_timestamps": _timestamps,
    "validate_foreign_key": _validate,
    "validate_check_constraint": _validate,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
    "execute": _execute,
    "enable_extension": _extension,
    **dict.fromkeys(_DATA_METHODS, _rows),
}
